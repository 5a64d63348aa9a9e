/*
 * How fast fees are worked out: the mix of tests/captures/tariffs.jsonl on one core, and how the
 * cost grows with the length of a stay. Prints one line a figure; exit 1 below the budget (500,000
 * fees a second; a year at most ten times an hour).
 *
 *   bench_tariff [SECONDS]   (2)
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/base/json.h"
#include "daemon/config/tariff_library.h"
#include "daemon/core/units.h"

enum { LINES_MAX = 1000, LINE_MAX_SIZE = 65536, BUDGET = 500000, BATCH = 20000, GROWTH_MAX = 10 };

struct line {
    const struct tariff_book *book;
    struct tariff_stay stay;
};

static double now_s(void)
{
    struct timespec at;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

static int64_t seconds_of(const struct json *line, const char *key)
{
    utc_ms at = {0};

    utc_parse(json_text(json_member(line, key), ""), &at);
    return at.ms / 1000;
}

static uint32_t read_lines(struct tariff_library *library, struct line *lines)
{
    FILE *in = fopen("tests/captures/tariffs.jsonl", "re");
    static char bytes[LINE_MAX_SIZE];
    uint32_t count = 0;
    struct err err;

    while (in && count < LINES_MAX && fgets(bytes, sizeof bytes, in)) {
        size_t size = 0;
        while (bytes[size])
            size++;
        struct json *line = json_read(bytes, size, sizeof bytes, &err);
        const struct tariff_book *book =
            tariff_library_book(library, json_text(json_member(line, "tariff"), ""), &err);
        if (book) {
            lines[count] = (struct line){book, {.entry_s = seconds_of(line, "entry")}};
            lines[count].stay.exit_s = seconds_of(line, "exit");
            vehicle_parse(json_text(json_member(line, "vehicle"), ""), &lines[count].stay.class);
            count++;
        }
        json_release(line);
    }
    if (in)
        fclose(in);
    return count;
}

/* Fees a second over these lines for about `seconds`. */
static double rate(const struct line *lines, uint32_t count, double seconds, int64_t *sum)
{
    double from = now_s(), spent = 0;
    uint64_t fees = 0;

    while (spent < seconds) {
        for (uint32_t i = 0; i < BATCH; i++, fees++) {
            struct tariff_fee fee = {.fen = 0};
            const struct line *line = &lines[fees % count];

            tariff_price(line->book, &line->stay, NULL, &fee);
            *sum += fee.fen;
        }
        spent = now_s() - from;
    }
    return (double)fees / spent;
}

static double rate_of_length(struct tariff_library *library, const char *id, int64_t length_s,
                             double seconds, int64_t *sum)
{
    struct err err;
    struct line line = {tariff_library_book(library, id, &err), {.entry_s = 1710300000}};

    line.stay.exit_s = line.stay.entry_s + length_s;
    return line.book ? rate(&line, 1, seconds, sum) : 0;
}

int main(int argc, char **argv)
{
    static const char *const ids[] = {"taicang-qingyang",          "jp-20min-200-max1500",
                                      "wuxi-arterial-core",        "rugao-ninghai88",
                                      "nanjing-lishui-xingzhuang", "suzhou-wuzhong-road"};
    static struct line lines[LINES_MAX];
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 2;
    struct tariff_library *library = tariff_library_create("config/tariffs", "config/calendars");
    uint32_t count = read_lines(library, lines);
    int64_t sum = 0;
    bool met = count > 0;

    if (count > 0) {
        double fees = rate(lines, count, seconds, &sum);
        printf("fees, mix of %u stays: %.0f a second (budget %d)\n", count, fees, BUDGET);
        met = fees >= BUDGET;
    }
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        static const int64_t lengths_s[] = {3600, 86400, 30 * 86400, 365 * 86400, 3650 * 86400LL};
        double us[5];

        for (size_t n = 0; n < 5; n++)
            us[n] = 1e6 / rate_of_length(library, ids[i], lengths_s[n], seconds / 10, &sum);
        printf(
            "%s: 1 h %.2f us, 1 day %.2f us, 30 days %.2f us, 1 year %.2f us, 10 years %.2f us\n",
            ids[i], us[0], us[1], us[2], us[3], us[4]);
        met = met && us[3] <= GROWTH_MAX * us[0] + 5;
    }
    tariff_library_destroy(library);
    printf("%s (checksum %lld)\n", met ? "budget met" : "BUDGET MISSED", (long long)sum);
    return met ? 0 : 1;
}
