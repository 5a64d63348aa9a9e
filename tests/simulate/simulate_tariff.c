/*
 * The tariff evaluator against a second one that lives through each stay second by second
 * (slow_tariff.h), over the shipped tariffs and over random ones that have passed the proof; and
 * what must hold for every stay: no fee is negative, a longer stay does not cost less unless the
 * tariff says that it may, the trace adds up to the fee, a step of the clock never raises it.
 *
 *   simulate_tariff [SEED [STAYS [TARIFFS [DAYS]]]]   (1, 40000, 400, 40)
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/zone.h"
#include "daemon/config/tariff_library.h"
#include "tests/simulate/random_tariff.h"
#include "tests/simulate/slow_tariff.h"

enum { SHIPPED_MAX = 200, TOLD_MAX = 5 };

struct run {
    struct seeded random;
    struct tariff_library *library;
    const struct tariff_book *shipped[SHIPPED_MAX];
    uint32_t shipped_count;
    struct zone *zones[4];
    int64_t long_days;
    uint64_t stays, failed;
};

static void tell(struct run *run, const char *what, const struct tariff_book *book,
                 const struct tariff_stay *stay, int64_t fast, int64_t slow)
{
    char entry[CIVIL_TEXT], exit[CIVIL_TEXT];

    if (run->failed++ < TOLD_MAX)
        printf("FAILED %s: %s %s to %s %s: %lld, and %lld (stay %llu)\n", what,
               book->versions[0]->id, civil_text(book->zone, stay->entry_s, entry),
               civil_text(book->zone, stay->exit_s, exit), vehicle_name(stay->class),
               (long long)fast, (long long)slow, (unsigned long long)run->stays);
}

static int64_t fee_of(const struct tariff_book *book, const struct tariff_stay *stay)
{
    struct tariff_fee fee = {.fen = INT64_MIN};

    tariff_price(book, stay, NULL, &fee);
    return fee.fen;
}

static void check_properties(struct run *run, const struct tariff_book *book,
                             const struct tariff_stay *stay, int64_t fen)
{
    static struct tariff_trace trace;
    struct tariff_fee fee;
    struct money sum = money_of(0);
    int64_t rest;
    struct tariff_stay other = *stay;

    if (fen < 0)
        tell(run, "negative", book, stay, fen, 0);
    if (tariff_price(book, stay, &trace, &fee) != TARIFF_PRICED || fee.fen != fen)
        tell(run, "differs with a trace", book, stay, fee.fen, fen);
    for (uint32_t i = 0; i < trace.count; i++)
        sum = money_plus(sum, trace.notes[i].adds);
    if (money_compare(sum, money_of(fen)) != 0)
        tell(run, "trace does not add up", book, stay, money_whole(sum, &rest), fen);
    other.exit_s += seeded_between(&run->random, 1, 90000);
    if (!book->versions[0]->may_fall && fee_of(book, &other) < fen)
        tell(run, "falls", book, &other, fee_of(book, &other), fen);
    other = *stay;
    other.clock_step_s = seeded_between(&run->random, -9000, 9001);
    other.exit_s += other.clock_step_s; /* as the stepped clock writes it */
    if (other.exit_s >= other.entry_s && fee_of(book, &other) > fen)
        tell(run, "a step of the clock raises it", book, &other, fee_of(book, &other), fen);
}

static void check(struct run *run, const struct tariff_book *book)
{
    struct random_stay random;
    int64_t year_s = 366 * 86400LL, from_s = 1672531200 + 3600; /* 2023 to 2026 */

    random_stay(&run->random, &random, from_s, from_s + 3 * year_s, run->long_days);
    int64_t fast = fee_of(book, &random.stay), slow = slow_fee(book, &random.stay);
    run->stays++;
    if (fast != slow)
        tell(run, "the second evaluator disagrees", book, &random.stay, fast, slow);
    check_properties(run, book, &random.stay, fast);
}

static void open_shipped(struct run *run)
{
    glob_t found = {.gl_pathc = 0};
    struct err err;

    glob("config/tariffs/*.conf", 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc && run->shipped_count < SHIPPED_MAX; i++) {
        char id[64];

        if (sscanf(found.gl_pathv[i], "config/tariffs/%63[^/]", id) != 1)
            continue;
        *strrchr(id, '.') = '\0';
        const struct tariff_book *book = tariff_library_book(run->library, id, &err);
        if (book)
            run->shipped[run->shipped_count++] = book;
        else
            printf("FAILED %s\n", err.text), run->failed++;
    }
    globfree(&found);
}

static const struct tariff_calendar *some_calendar(void)
{
    static const int32_t holidays[] = {19723, 19724, 19750, 19751, 19752, 20000, 20001};
    static const int32_t workdays[] = {19726, 19754, 20006};
    static const int32_t years[] = {2023, 2024};
    static const struct tariff_calendar calendar = {holidays, workdays, 7, 3, years, 2};

    return &calendar;
}

static void run_random_tariffs(struct run *run, uint64_t tariffs, uint64_t stays)
{
    static struct random_tariff random;

    for (uint64_t i = 0; i < tariffs; i++) {
        const struct tariff *version = &random.tariff;
        struct tariff_book book = {.versions = &version,
                                   .versions_count = 1,
                                   .zone = zone_civil(run->zones[seeded_below(&run->random, 4)]),
                                   .calendar = some_calendar()};

        random_tariff(&run->random, &random);
        for (uint64_t n = 0; n < stays; n++)
            check(run, &book);
    }
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"Asia/Shanghai", "Europe/Berlin", "America/St_Johns",
                                        "Australia/Lord_Howe"};
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t stays = argc > 2 ? strtoull(argv[2], NULL, 10) : 40000;
    uint64_t tariffs = argc > 3 ? strtoull(argv[3], NULL, 10) : 400;
    static struct run run;
    struct err err;

    run.random = seeded_from(seed);
    run.long_days = argc > 4 ? strtoll(argv[4], NULL, 10) : 40;
    run.library = tariff_library_create("config/tariffs", "config/calendars");
    for (int i = 0; i < 4; i++) {
        run.zones[i] = zone_open(ZONE_FOLDER, names[i], &err);
        if (!run.zones[i]) {
            printf("%s\n0 passed, 1 failed\n", err.text);
            return 1;
        }
    }
    open_shipped(&run);
    /* Half of the stays over the shipped tariffs, half over random ones. */
    for (uint64_t i = 0; i < stays / 2; i++)
        check(&run, run.shipped[i % run.shipped_count]);
    run_random_tariffs(&run, tariffs, stays / 2 / (tariffs ? tariffs : 1));
    for (int i = 0; i < 4; i++)
        zone_close(run.zones[i]);
    tariff_library_destroy(run.library);
    printf("seed %llu: %llu stays over %u shipped and %llu random tariffs\n",
           (unsigned long long)seed, (unsigned long long)run.stays, run.shipped_count,
           (unsigned long long)tariffs);
    printf("%llu passed, %llu failed\n", (unsigned long long)(run.stays - (run.failed ? 1 : 0)),
           (unsigned long long)run.failed);
    return run.failed ? 1 : 0;
}
