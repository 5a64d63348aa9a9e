/*
 * A month of six lots and 2,000 bays from a seed, with misread plates, tailgates, openings by hand
 * and unasked, refunds, drawers that were miscounted, lost callbacks, and whatever else can differ
 * between gateway and channels. The figures of every day, lot by lot, and of the month must be what
 * the slow book says, to the fen and the second, and every check line 0; every planted fault must
 * be found in its class, none invented; the audit must find no fault. Usage:
 * simulate_month [SEED [DAYS [CARS_A_DAY [DATABASE]]]]; a DATABASE that is named is kept.
 */
/* long: a simulation and its comparison are read together */
#include <inttypes.h>
#include <time.h>

#include "daemon/base/zone.h"
#include "daemon/report/prove.h"
#include "tests/simulate/month_cars.h"
#include "tests/simulate/month_evening.h"

enum { SEED = 20261122 };

struct check {
    struct month *month;
    struct report_source *source;
    struct report_clock clock;
    uint32_t compared, wrong;
};

static void same(struct check *check, const char *what, const char *lot, int64_t got,
                 int64_t expected)
{
    check->compared++;
    if (got != expected && check->wrong++ < 40)
        printf("%s of lot %s: %" PRId64 ", the book says %" PRId64 "\n", what, lot, got, expected);
}

static void compare_volumes(struct check *check, const struct report_figures *f,
                            const struct month_book *b)
{
    same(check, "entries", f->lot, figure_sum(f, FIGURE_ENTRIES), b->entries);
    same(check, "exits", f->lot, figure_sum(f, FIGURE_EXITS), b->exits);
    same(check, "opened", f->lot, figure_sum(f, FIGURE_OPENED), b->opened);
    same(check, "closed", f->lot, figure_sum(f, FIGURE_CLOSED), b->closed);
    same(check, "present", f->lot, figure_sum(f, FIGURE_PRESENT_END), b->present_end);
    same(check, "no entry", f->lot, f->values[FIGURE_ENTRY_MISSING][0], b->entry_missing);
    same(check, "no exit", f->lot, f->values[FIGURE_EXIT_MISSING][0], b->by_hand);
    same(check, "tailgates", f->lot, f->values[FIGURE_PASSAGES][PASSAGE_TAILGATE], b->tailgates);
    same(check, "stayed", f->lot, f->values[FIGURE_AVERAGE_STAY][0], b->stayed_s);
    same(check, "bays", f->lot, f->values[FIGURE_UTILISATION][0], b->bays_ms / 1000);
    for (int i = 0; i < OUTCOMES; i++)
        same(check, "outcome", f->lot, f->values[FIGURE_OUTCOMES][i], b->outcomes[i]);
    for (int i = 0; i < CAUSES; i++)
        same(check, "openings", f->lot, f->values[FIGURE_OPENINGS][i], b->openings[i]);
}

static void compare_money(struct check *check, const struct report_figures *f,
                          const struct month_book *b)
{
    const struct {
        enum figure figure;
        int64_t fen;
    } sums[] = {
        {FIGURE_RECEIVABLE, b->receivable},
        {FIGURE_RELIEF_PASS, b->relief_pass},
        {FIGURE_RELIEF_CLASS, b->relief_class},
        {FIGURE_RELIEF_COUPON, b->relief_coupon},
        {FIGURE_RELIEF_OTHER, b->relief_other},
        {FIGURE_PAYABLE, b->payable},
        {FIGURE_SETTLED, b->settled},
        {FIGURE_PREPAID_END, b->prepaid_end},
        {FIGURE_ARREARS_OPENED, b->arrears_opened},
        {FIGURE_ARREARS_COLLECTED, b->arrears_collected},
        {FIGURE_ARREARS_END, b->arrears_end},
        {FIGURE_REFUNDS_AFTER, b->refunds_after},
    };

    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        same(check, figure_row(sums[i].figure)->key, f->lot, f->values[sums[i].figure][0],
             sums[i].fen);
    for (int c = 0; c < PAY_CHANNELS; c++) {
        same(check, "received", f->lot, f->values[FIGURE_RECEIVED][c], b->received[c]);
        same(check, "refunds", f->lot, f->values[FIGURE_REFUNDS][c], b->refunds[c]);
    }
    for (enum figure figure = FIGURE_CHECK_PRESENT; figure <= FIGURE_CHECK_ARREARS; figure++)
        same(check, figure_row(figure)->key, f->lot, f->values[figure][0], 0);
}

/* Adds up the books of some days; balances are those of the last. */
static void sum(const struct month_book *books, int32_t days, struct month_book *ret)
{
    int64_t *to = (int64_t *)ret;

    memset(ret, 0, sizeof *ret);
    for (int32_t day = 0; day < days; day++)
        for (size_t i = 0; i < sizeof *ret / sizeof *to; i++)
            to[i] += ((const int64_t *)&books[day])[i];
    ret->present_end = books[days - 1].present_end;
    ret->prepaid_end = books[days - 1].prepaid_end;
    ret->arrears_end = books[days - 1].arrears_end;
}

static void compare(struct check *check, int32_t first, int32_t days)
{
    int32_t begin = civil_day((check->month->begin_ms + ZONE_MS) / 1000);
    struct report_ask ask = {.period = period_days(&check->clock, begin + first, days),
                             .zone = check->clock.zone};
    struct month_book all = {0}, book;
    struct timespec then, now;
    struct err err;

    ask.until = ask.period.to;
    clock_gettime(CLOCK_MONOTONIC, &then);
    struct report *report = report_make(check->source, &ask, &err);
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!report)
        month_die(err.text);
    if (days > 1 || first == check->month->days / 2)
        printf("days %d: %lld records, %.0f ms\n", days, (long long)report->all.records,
               (double)(now.tv_sec - then.tv_sec) * 1e3 +
                   (double)(now.tv_nsec - then.tv_nsec) / 1e6);
    same(check, "lots", "", report->lots_count, MONTH_LOTS);
    for (uint32_t lot = 0; lot < report->lots_count; lot++) {
        sum(&check->month->books[lot][first], days, &book);
        compare_volumes(check, &report->lots[lot], &book);
        compare_money(check, &report->lots[lot], &book);
        for (size_t i = 0; i < sizeof all / sizeof(int64_t); i++)
            ((int64_t *)&all)[i] += ((const int64_t *)&book)[i];
    }
    compare_volumes(check, &report->all, &all);
    compare_money(check, &report->all, &all);
    report_destroy(report);
}

static uint32_t run(struct month *month, const char *path, const struct civil_zone *zone)
{
    struct check check = {.month = month, .clock = {.zone = zone}};
    struct err err;

    check.source = report_open(path, &err);
    if (!check.source)
        month_die(err.text);
    for (int32_t day = 0; day < month->days; day++)
        compare(&check, day, 1);
    compare(&check, 0, month->days < 30 ? month->days : 30);
    printf("%u figures compared, %u wrong\n", check.compared, check.wrong);
    report_close(check.source);
    return check.wrong;
}

static void tell_breach(void *arg, const struct audit_finding *finding)
{
    (void)arg;
    if (!finding->good)
        printf("audit: %s: %s\n", finding->name, finding->text);
}

static uint32_t audit(const char *path)
{
    size_t breaches = 0;
    struct err err;

    if (!audit_run(path, tell_breach, NULL, &breaches, &err) ||
        !report_prove(path, tell_breach, NULL, &breaches, &err))
        month_die(err.text);
    printf("audit: %zu breaches\n", breaches);
    return (uint32_t)breaches;
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : SEED;
    int32_t days = argc > 2 ? atoi(argv[2]) : 6;
    uint32_t cars = argc > 3 ? (uint32_t)atoi(argv[3]) : 1000;
    char folder[] = "/tmp/parkd-month-XXXXXX", path[512];
    struct err err;
    struct zone *zone = zone_open(ZONE_FOLDER, "Asia/Shanghai", &err);

    if (!zone || days < 1 || days >= MONTH_DAYS || !mkdtemp(folder))
        month_die("1 to 399 days");
    snprintf(path, sizeof path, "%s/parkd.db", folder);
    if (argc > 4)
        snprintf(path, sizeof path, "%s", argv[4]);
    struct month *month = month_create(seed, path, MONTH_FIRST_DAY, days);
    struct evening *evening = evening_create(month, path, zone_civil(zone));
    for (int32_t day = 0; day < days; day++) {
        month_day(month, day, cars);
        evening_work(evening, day);
    }
    month_end(month);
    printf("seed %llu: %u cars, %llu records, %u rows of statements, %u faults of money\n",
           (unsigned long long)seed, month->cars_count, (unsigned long long)month->records,
           month->bank->lines, month->bank->planted_count);
    evening_tell(evening);
    printf("%u comparisons of evenings, %u wrong\n", evening->compared, evening->wrong);
    uint32_t wrong = evening->wrong + run(month, path, zone_civil(zone)) + audit(path);
    evening_destroy(evening);
    month_destroy(month);
    zone_close(zone);
    if (argc <= 4)
        unlink(path);
    rmdir(folder);
    return wrong ? 1 : 0;
}
