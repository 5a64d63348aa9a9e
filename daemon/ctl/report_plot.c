/* Plots as SVG. See report_plot.h. Sizes are in the plot's own units, scaled by the page. */
#include "daemon/ctl/report_plot.h"

#include <inttypes.h>

#include "daemon/core/civil.h"
#include "daemon/core/decimal.h"
#include "daemon/core/stay_words.h"
#include "daemon/ctl/report_text.h"

enum { WIDTH = 480, HEIGHT = 204, LEFT = 46, RIGHT = 20, TOP = 22, BOTTOM = 24, YUAN_FEN = 100 };
enum { PLOT_WIDTH = WIDTH - LEFT - RIGHT, PLOT_HEIGHT = HEIGHT - TOP - BOTTOM, TICKS = 4 };

/* A plot that is being drawn: where a value and a place lie. */
struct plot {
    FILE *file;
    enum words_language language;
    double most;
};

static const char *say(const struct plot *plot, const char *english, const char *chinese)
{
    return plot->language == WORDS_CHINESE ? chinese : english;
}

static double x_at(double part)
{
    return LEFT + part * PLOT_WIDTH;
}

static double y_at(const struct plot *plot, double value)
{
    return TOP + PLOT_HEIGHT * (1 - value / plot->most);
}

/* The next 1, 2 or 5 times a power of ten, so that the axis has round numbers. */
static double round_up(double most)
{
    static const double steps[] = {1, 2, 4, 5, 8, 10};
    double power = 1;

    while (power * 10 < most)
        power *= 10;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] * power >= most)
            return steps[i] * power;
    return most;
}

static void begin(struct plot *plot, double most, const char *title)
{
    FILE *file = plot->file;

    plot->most = round_up(most < TICKS ? TICKS : most);
    fprintf(file, "<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\">",
            title, WIDTH, HEIGHT);
    for (int i = 0; i <= TICKS; i++) {
        double value = plot->most * i / TICKS;

        fprintf(file, "<path class=\"g\" d=\"M%d %.1fH%d\"/>", LEFT, y_at(plot, value),
                WIDTH - RIGHT);
        fprintf(file, "<text x=\"%d\" y=\"%.1f\" class=\"r\">%.0f</text>", LEFT - 4,
                y_at(plot, value) + 3, value);
    }
}

static void hours(const struct plot *plot)
{
    for (int hour = 0; hour <= REPORT_HOURS; hour += 4)
        fprintf(plot->file, "<text x=\"%.1f\" y=\"%d\" class=\"m\">%02d:00</text>",
                x_at(hour / (double)REPORT_HOURS), HEIGHT - 8, hour);
}

static void end(const struct plot *plot)
{
    fputs("</svg></figure>\n", plot->file);
}

static void legend(const struct plot *plot, int place, const char *class, const char *text)
{
    fprintf(plot->file,
            "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"9\" height=\"9\"/>"
            "<text x=\"%d\" y=\"%d\">%s</text>",
            class, LEFT + 6 + 130 * place, 2, LEFT + 19 + 130 * place, 10, text);
}

static double mean(int64_t sum_ms, int64_t covered_ms)
{
    return covered_ms > 0 ? (double)sum_ms / (double)covered_ms : 0;
}

static void line(const struct plot *plot, const char *class, const int64_t *sums,
                 const int64_t *covered)
{
    fprintf(plot->file, "<polyline class=\"%s\" points=\"", class);
    for (int i = 0; i < REPORT_QUARTERS; i++)
        if (covered[i])
            fprintf(plot->file, "%.1f,%.1f ", x_at((i + 0.5) / REPORT_QUARTERS),
                    y_at(plot, mean(sums[i], covered[i])));
    fputs("\"/>", plot->file);
}

static void plot_occupancy(struct plot *plot, const struct report_figures *figures)
{
    double most = (double)figures->bays;

    for (int i = 0; i < REPORT_QUARTERS; i++)
        if (mean(figures->present_ms[i], figures->covered_ms[i]) > most)
            most = mean(figures->present_ms[i], figures->covered_ms[i]);
    begin(plot, most, say(plot, "Occupancy over the day", "全天占用曲线"));
    if (figures->bays) {
        fprintf(plot->file, "<path class=\"c\" d=\"M%d %.1fH%d\"/>", LEFT,
                y_at(plot, (double)figures->bays), WIDTH - RIGHT);
        line(plot, "l2", figures->bays_ms, figures->covered_ms);
        legend(plot, 1, "b2", say(plot, "bays occupied", "占用泊位"));
        legend(plot, 2, "bc", say(plot, "bays in service", "可用泊位"));
    }
    line(plot, "l1", figures->present_ms, figures->covered_ms);
    legend(plot, 0, "b1", say(plot, "vehicles present", "在场车辆"));
    hours(plot);
    end(plot);
}

static void bar(const struct plot *plot, const char *class, double from, double to, double value)
{
    if (value > 0)
        fprintf(plot->file,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", class,
                x_at(from), y_at(plot, value), (to - from) * PLOT_WIDTH,
                TOP + PLOT_HEIGHT - y_at(plot, value));
}

static void plot_flow(struct plot *plot, const struct report_figures *figures)
{
    double most = 0;

    for (int i = 0; i < REPORT_HOURS; i++) {
        most = (double)figures->entries[i] > most ? (double)figures->entries[i] : most;
        most = (double)figures->exits[i] > most ? (double)figures->exits[i] : most;
    }
    begin(plot, most, say(plot, "Entries and exits by hour", "分时驶入与驶出"));
    for (int i = 0; i < REPORT_HOURS; i++) {
        bar(plot, "b1", (i + 0.1) / REPORT_HOURS, (i + 0.48) / REPORT_HOURS,
            (double)figures->entries[i]);
        bar(plot, "b2", (i + 0.52) / REPORT_HOURS, (i + 0.9) / REPORT_HOURS,
            (double)figures->exits[i]);
    }
    legend(plot, 0, "b1", report_label(plot->language, "volumes", "entries"));
    legend(plot, 1, "b2", report_label(plot->language, "volumes", "exits"));
    hours(plot);
    end(plot);
}

static void plot_money(struct plot *plot, const struct report_figures *figures)
{
    const int64_t *received = figures->values[FIGURE_RECEIVED];
    const int64_t *refunds = figures->values[FIGURE_REFUNDS];
    double most = 0;

    for (int c = 0; c < PAY_CHANNELS; c++)
        most = (double)received[c] / YUAN_FEN > most ? (double)received[c] / YUAN_FEN : most;
    begin(plot, most, say(plot, "Money by channel, yuan", "分渠道收款（元）"));
    for (int c = 0; c < PAY_CHANNELS; c++) {
        bar(plot, "b1", (c + 0.15) / PAY_CHANNELS, (c + 0.6) / PAY_CHANNELS,
            (double)received[c] / YUAN_FEN);
        bar(plot, "b3", (c + 0.62) / PAY_CHANNELS, (c + 0.85) / PAY_CHANNELS,
            (double)refunds[c] / YUAN_FEN);
        fprintf(plot->file, "<text x=\"%.1f\" y=\"%d\" class=\"m s\">%s</text>",
                x_at((c + 0.5) / PAY_CHANNELS), HEIGHT - 8,
                report_word(plot->language, words_name(&pay_channel_words, c)));
    }
    legend(plot, 1, "b1", say(plot, "received", "实收"));
    legend(plot, 2, "b3", say(plot, "refunds", "退款"));
    end(plot);
}

static void plot_lengths(struct plot *plot, const struct report_figures *figures)
{
    double most = 0;

    for (int i = 0; i < REPORT_LENGTHS; i++)
        most = (double)figures->lengths[i] > most ? (double)figures->lengths[i] : most;
    begin(plot, most, say(plot, "How long vehicles stayed", "停放时长分布"));
    for (int i = 0; i < REPORT_LENGTHS; i++) {
        int32_t minutes = report_length_minutes[i];

        bar(plot, "b1", (i + 0.1) / REPORT_LENGTHS, (i + 0.9) / REPORT_LENGTHS,
            (double)figures->lengths[i]);
        fprintf(plot->file, "<text x=\"%.1f\" y=\"%d\" class=\"m\">≥%d%s</text>",
                x_at((i + 0.5) / REPORT_LENGTHS), HEIGHT - 8, minutes < 60 ? minutes : minutes / 60,
                minutes < 60 ? "′" : " h");
    }
    end(plot);
}

/* Darker where more vehicles are; hours that the period does not have stay white. */
static void plot_heat(struct plot *plot, const struct report_figures *figures)
{
    static const char *const days[2][CIVIL_WEEK_DAYS] = {
        {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
        {"周一", "周二", "周三", "周四", "周五", "周六", "周日"}};
    double most = 1;

    for (int day = 0; day < CIVIL_WEEK_DAYS; day++)
        for (int hour = 0; hour < REPORT_HOURS; hour++) {
            double value = mean(figures->heat_ms[day][hour], figures->heat_covered_ms[day][hour]);
            most = value > most ? value : most;
        }
    fprintf(plot->file,
            "<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\">",
            say(plot, "Vehicles present by hour and weekday", "分时分日在场热力图"), WIDTH, HEIGHT);
    for (int day = 0; day < CIVIL_WEEK_DAYS; day++) {
        fprintf(plot->file, "<text x=\"%d\" y=\"%d\" class=\"r\">%s</text>", LEFT - 4,
                TOP + 15 + 22 * day, days[plot->language == WORDS_CHINESE][day]);
        for (int hour = 0; hour < REPORT_HOURS; hour++) {
            int64_t covered_ms = figures->heat_covered_ms[day][hour];
            double value = mean(figures->heat_ms[day][hour], covered_ms);

            fprintf(plot->file,
                    "<rect class=\"h\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"21\" "
                    "fill-opacity=\"%.3f\"><title>%.1f</title></rect>",
                    x_at(hour / (double)REPORT_HOURS), TOP + 22 * day,
                    PLOT_WIDTH / (double)REPORT_HOURS - 1,
                    covered_ms ? 0.06 + 0.94 * value / most : 0, value);
        }
    }
    hours(plot);
    end(plot);
}

void report_plots(const struct report_figures *figures, enum words_language language, FILE *file)
{
    struct plot plot = {.file = file, .language = language};

    fputs("<div class=\"plots\">\n", file);
    plot_occupancy(&plot, figures);
    plot_flow(&plot, figures);
    plot_money(&plot, figures);
    plot_lengths(&plot, figures);
    plot_heat(&plot, figures);
    fputs("</div>\n", file);
}
