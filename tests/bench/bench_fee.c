/*
 * Fees a second on one core: every worked stay of tests/captures/tariffs.jsonl under its shipped
 * tariff, each fee compared with what was worked out. Then the same arrivals with stays of one day
 * and of thirty, in minutes thirty times as much, to see what the cost grows with.
 *
 * Usage: bench_fee   (in the top folder of the tree). Prints "fees", "day", "month": each a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/config/tariff_library.h"
#include "daemon/core/units.h"

enum { STAYS_MAX = 500, LINE_SIZE = 65536, DAY_S = 86400, LEAST_US = 700000 };

struct job {
    struct tariff_book book;
    struct tariff_calendar dates; /* of stays that say which day is a holiday */
    int32_t holiday;
    struct tariff_stay stay;
    int64_t fee_fen;
};

static void die(const char *id, const char *why)
{
    fprintf(stderr, "bench_fee: %s: %s\n", id, why);
    exit(1);
}

static int64_t moment(const struct json *line, const char *key)
{
    utc_ms at = {0};

    if (!utc_parse(json_text(json_member(line, key), ""), &at))
        die(key, "is no time");
    return at.ms / 1000;
}

static void take(struct tariff_library *library, const struct json *line, struct job *job)
{
    const struct json *holidays = json_member(json_member(line, "calendar"), "holidays");
    struct err err;
    const struct tariff_book *book =
        tariff_library_book(library, json_text(json_member(line, "tariff"), ""), &err);

    if (!book)
        die("tariff", err.text);
    job->book = *book;
    job->stay =
        (struct tariff_stay){.entry_s = moment(line, "entry"), .exit_s = moment(line, "exit")};
    job->fee_fen = json_int(json_member(line, "fee_fen"), -1);
    if (!vehicle_parse(json_text(json_member(line, "vehicle"), ""), &job->stay.class))
        die("vehicle", "is not known");
    if (json_size(holidays) == 1 &&
        civil_date_parse(json_text(json_item(holidays, 0), ""), &job->holiday)) {
        job->dates = (struct tariff_calendar){.holidays = &job->holiday, .holidays_count = 1};
        job->book.calendar = &job->dates;
    }
}

static int read_jobs(struct tariff_library *library, struct job *jobs)
{
    static char bytes[LINE_SIZE];
    FILE *in = fopen("tests/captures/tariffs.jsonl", "re");
    struct err err;
    int count = 0;

    if (!in)
        die("tests/captures/tariffs.jsonl", "cannot be read; run it in the top folder");
    while (count < STAYS_MAX && fgets(bytes, sizeof bytes, in)) {
        struct json *line = json_read(bytes, strlen(bytes), sizeof bytes, &err);
        if (!line)
            die("tests/captures/tariffs.jsonl", err.text);
        take(library, line, &jobs[count++]);
        json_release(line);
    }
    fclose(in);
    return count;
}

/* `length_s` 0: as worked out, and then the fee must be as well. */
static void measure(const char *name, const struct job *jobs, int count, int64_t length_s)
{
    int64_t start_us = clock_mono_us(), took_us, fees = 0;

    do {
        for (int i = 0; i < count; i++) {
            struct tariff_stay stay = jobs[i].stay;
            struct tariff_fee fee;
            if (length_s)
                stay.exit_s = stay.entry_s + length_s;
            if (tariff_price(&jobs[i].book, &stay, NULL, &fee) != TARIFF_PRICED ||
                (!length_s && fee.fen != jobs[i].fee_fen))
                die(name, "a fee is not as worked out");
        }
        fees += count;
        took_us = clock_mono_us() - start_us;
    } while (took_us < LEAST_US);
    printf("%s %.0f\n", name, (double)fees * 1e6 / (double)took_us);
}

int main(void)
{
    static struct job jobs[STAYS_MAX];
    struct tariff_library *library = tariff_library_create("config/tariffs", "config/calendars");
    int count = read_jobs(library, jobs);

    measure("fees", jobs, count, 0);
    measure("day", jobs, count, DAY_S);
    measure("month", jobs, count, 30 * DAY_S);
    tariff_library_destroy(library);
    return 0;
}
