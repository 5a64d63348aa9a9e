/* The curve of a fee against time as an SVG image: two days in steps of five minutes. See fee.h. */
#include <stdio.h>

#include "daemon/core/text.h"
#include "daemon/ctl/fee.h"

enum {
    SPAN_MIN = 2 * 24 * 60,
    PACE_MIN = 5,
    POINTS = SPAN_MIN / PACE_MIN + 1,
    WIDTH = 760,
    HEIGHT = 400,
    LEFT = 70,
    TOP = 40,
    GRID_HOURS = 6
};

struct curve {
    const struct tariff *tariff;
    int64_t fen[POINTS];
    int64_t most_fen;
};

static void take_points(const struct tariff_book *book, struct tariff_stay stay,
                        struct curve *curve)
{
    for (int i = 0; i < POINTS; i++) {
        struct tariff_fee fee = {.fen = 0};

        stay.exit_s = stay.entry_s + (int64_t)i * PACE_MIN * 60;
        tariff_price(book, &stay, NULL, &fee);
        curve->fen[i] = fee.fen;
        if (fee.fen > curve->most_fen)
            curve->most_fen = fee.fen;
    }
}

static int x_of(int minute)
{
    return LEFT + minute * WIDTH / SPAN_MIN;
}

static int y_of(const struct curve *curve, int64_t fen)
{
    return TOP + HEIGHT - (int)(fen * HEIGHT / curve->most_fen);
}

static void draw_grid(const struct curve *curve)
{
    for (int hour = 0; hour <= SPAN_MIN / 60; hour += GRID_HOURS)
        printf("<path d=\"M%d %dV%d\" class=\"g\"/><text x=\"%d\" y=\"%d\">%d h</text>\n",
               x_of(hour * 60), TOP, TOP + HEIGHT, x_of(hour * 60), TOP + HEIGHT + 18, hour);
    for (int part = 0; part <= 4; part++) {
        int64_t fen = curve->most_fen * part / 4;
        char bytes[64];
        struct text out;

        text_init(&out, bytes, sizeof bytes);
        tariff_trace_money(money_of(fen), curve->tariff->exponent, &out);
        printf("<path d=\"M%d %dH%d\" class=\"g\"/><text x=\"4\" y=\"%d\">%s</text>\n", LEFT,
               y_of(curve, fen), LEFT + WIDTH, y_of(curve, fen) + 4, bytes);
    }
}

void fee_curve(const struct tariff_book *book, enum vehicle_class class, int64_t entry_s)
{
    struct curve curve = {.tariff = book->versions[book->versions_count - 1], .most_fen = 1};
    char from[CIVIL_TEXT];

    take_points(book, (struct tariff_stay){.entry_s = entry_s, .class = class}, &curve);
    printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\">\n"
           "<style>text{font:12px sans-serif}.g{stroke:#ddd;fill:none}.f{stroke:#06c;"
           "stroke-width:2;fill:none}</style>\n<text x=\"%d\" y=\"20\">%s, %s, %s, %s</text>\n",
           LEFT + WIDTH + 30, TOP + HEIGHT + 30, LEFT, curve.tariff->id, vehicle_name(class),
           civil_text(book->zone, entry_s, from), curve.tariff->currency);
    draw_grid(&curve);
    printf("<path class=\"f\" d=\"M%d %d", x_of(0), y_of(&curve, curve.fen[0]));
    for (int i = 1; i < POINTS; i++)
        printf("H%dV%d", x_of(i * PACE_MIN), y_of(&curve, curve.fen[i]));
    puts("\"/>\n</svg>");
}
