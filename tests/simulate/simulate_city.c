/*
 * A month of a site towards the platforms of Hefei, Hangzhou, Qingdao and Xuzhou at once, over bad
 * lines, from a seed (city_line.h), with the traffic of city_site.h. In process and in virtual
 * time. At the end each platform holds every record that it is told of once, in order of each stay,
 * and every day has its verdict where the platform compares days; while it was there entries and
 * exits arrived within 10 s, heartbeats within the city's limit, and fresh vacancy was not behind
 * the backlog.
 * Usage: simulate_city [SEED [DAYS [CARS a day and lot]]]
 */
#include "tests/simulate/city_line.h"

/* Paced so that what three days have left behind takes hours, with much happening meanwhile. */
static const struct line_platform platforms[] = {
    {"hefei", "{\"code\":4029,\"msg\":\"too many requests\",\"data\":null}", 5 * MINUTE, 0.2},
    {"hangzhou", "{\"resultCode\":500,\"msg\":\"busy\"}", 10 * MINUTE, 0.2},
    {"qingdao", "{\"resultCode\":\"503\",\"msg\":\"busy\"}", 10 * MINUTE, 0.1},
    {"xuzhou", "{\"code\":-1,\"msg\":\"busy\",\"data\":null}", 0, 0.2},
};
enum { PLATFORMS = sizeof platforms / sizeof *platforms };

struct world {
    struct city_site site;
    struct city_book *book;
    struct line lines[PLATFORMS];
    uint32_t failed;
};

static void fail(struct world *w, const struct line *l, const char *what)
{
    printf("FAILED %s: %s\n", l->platform->name, what);
    w->failed++;
}

static void on_row(void *arg, const struct store_row *row, uint32_t lot)
{
    struct world *w = arg;

    (void)lot;
    for (int i = 0; i < PLATFORMS; i++)
        line_row(&w->lines[i], row);
}

static void on_count(void *arg, uint32_t lot)
{
    struct world *w = arg;

    for (int i = 0; i < PLATFORMS; i++)
        line_count(&w->lines[i], lot);
}

static int64_t book_now(void *arg)
{
    return ((struct world *)arg)->site.now;
}

static void on_late(void *arg, const struct book_lot *lot, const char *stay, int64_t at_ms)
{
    struct world *w = arg;

    for (int i = 0; i < PLATFORMS; i++)
        if (strcmp(platforms[i].name, lot->platform) == 0)
            line_late(&w->lines[i], stay, at_ms);
}

static void make_world(struct world *w, uint64_t seed, int64_t days, int cars_a_day)
{
    json_t *registered = json_object();

    site_make(&w->site, seed, days, cars_a_day);
    w->site.on_row = on_row;
    w->site.on_count = on_count;
    w->site.arg = w;
    for (uint32_t i = 0; i < PLATFORMS; i++) {
        line_make(&w->lines[i], &platforms[i], &w->site, seed, i);
        line_register(&w->lines[i], registered);
    }
    w->book = city_book_create(registered, (struct book_clock){book_now, w});
    json_decref(registered);
    city_book_skew(w->book, 7000); /* their clocks are not ours */
    city_book_when_late(w->book, on_late, w);
    for (uint32_t i = 0; i < PLATFORMS; i++)
        line_start(&w->lines[i], w->book, seed + i);
}

static void step(struct world *w)
{
    struct city_site *s = &w->site;
    int64_t next = site_next(s);

    for (int i = 0; i < PLATFORMS; i++) {
        int64_t own = line_next(&w->lines[i]);
        next = own < next ? own : next;
    }
    s->now = next > s->now ? next : s->now + 1;
    site_drive(s);
    for (int i = 0; i < PLATFORMS; i++) {
        line_deliver(&w->lines[i]);
        line_pump(&w->lines[i]);
        line_lose(&w->lines[i]);
    }
}

/* ---- the judge ---- */

/* What a platform has to hold of a lot, by the notes of its protocol. */
static void expect(const struct line *l, uint32_t lot, json_t *ret)
{
    const struct city_tally *t = &l->site->tally[lot];
    bool xuzhou = strcmp(l->platform->name, "xuzhou") == 0;
    bool hangzhou = strcmp(l->platform->name, "hangzhou") == 0;
    bool stays = lot != SENSED;
    const struct {
        const char *name;
        uint64_t count;
    } rows[] = {
        {"entries", stays || xuzhou ? t->entries : 0},
        {"exits", stays ? t->exits : 0},
        {"exit", xuzhou ? t->exits : 0},
        {"payment", hangzhou ? t->payments
                    : xuzhou ? t->told_payments
                             : 0},
        {"bill", hangzhou ? t->unpaid
                 : xuzhou ? t->bills
                          : 0},
        {"plate", xuzhou ? t->plates : 0},
        {"correction", xuzhou ? t->corrections : 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        json_object_set_new(ret, rows[i].name, json_integer((json_int_t)rows[i].count));
}

static int64_t held_count(const json_t *held, const char *name)
{
    const json_t *value = json_object_get(held, name);

    return json_integer_value(value ? value
                                    : json_object_get(json_object_get(held, "others"), name));
}

/* Every record once: as many as there were, each under its own key. */
static void judge_lot(struct world *w, struct line *l, const json_t *held)
{
    const char *code = json_string_value(json_object_get(held, "code"));
    json_t *expected = json_object(), *value;
    const char *name;

    for (uint32_t i = 0; i < LOTS; i++)
        if (strcmp(l->told[i].code, code) == 0)
            expect(l, l->told[i].lot, expected);
    printf("  %s:", code);
    json_object_foreach(expected, name, value)
    {
        int64_t has = held_count(held, name), needs = json_integer_value(value);
        if (has || needs)
            printf(" %s %" PRId64, name, has);
        if (has != needs) {
            printf(" of %" PRId64, needs);
            w->failed++;
        }
    }
    printf("\n");
    json_decref(expected);
}

static void judge_times(struct world *w, struct line *l)
{
    int64_t p95 = samples_p95(&l->ages), drain_p95 = samples_p95(&l->drain_ages);

    printf(
        "  later than 10 s: %" PRIu64 " of what it was away for or lost, %" PRIu64
        " others; heartbeat gap %.0f s; vacancy p95 %.2f s, worst %.2f s of %zu, while a backlog "
        "drains p95 %.2f s of %zu\n",
        l->late - l->late_unexcused, l->late_unexcused, (double)l->beat_gap / 1000,
        (double)p95 / 1000, l->ages.count ? (double)l->ages.ms[l->ages.count - 1] / 1000 : 0,
        l->ages.count, (double)drain_p95 / 1000, l->drain_ages.count);
    if (l->late_unexcused)
        fail(w, l, "an entry or exit came late though the platform was there");
    if (l->beat_gap > l->platform->beat_limit)
        fail(w, l, "a heartbeat came late");
    if (p95 > 5000 || drain_p95 > 5000)
        fail(w, l, "fresh vacancy was behind");
}

static void judge(struct world *w, struct line *l, int64_t days)
{
    struct outbox_counts counts;
    json_t *status = city_book_status(w->book), *lot;
    uint64_t faults = 0;
    size_t i;

    outbox_counts(l->outbox, &counts);
    for (int fault = 1; fault <= FAULT_REFUSED; fault++)
        faults += l->faults[fault];
    printf("%s: %" PRIu64 " requests, %" PRIu64 " met a fault, %" PRIu64
           " lost there; days balanced %u, sent again %u, differ %u\n",
           l->platform->name, l->requests, faults, l->lost, l->verdicts[DAY_BALANCED],
           l->verdicts[DAY_RESENT], l->verdicts[DAY_DIFFERS]);
    json_array_foreach(json_object_get(status, "lots"), i,
                       lot) if (strcmp(json_string_value(json_object_get(lot, "platform")),
                                       l->platform->name) == 0) judge_lot(w, l, lot);
    judge_times(w, l);
    if (counts.pending || counts.dead || counts.delivered != l->due)
        fail(w, l, "the outbox does not balance");
    if (l->settings.adapter->city->check &&
        (l->verdicts[DAY_DIFFERS] ||
         l->verdicts[DAY_BALANCED] + l->verdicts[DAY_RESENT] < (uint32_t)(LOTS * (days - 1))))
        fail(w, l, "a day differs, or has no verdict");
    json_decref(status);
}

static void judge_all(struct world *w, int64_t days)
{
    json_t *status = city_book_status(w->book);

    for (int i = 0; i < PLATFORMS; i++)
        judge(w, &w->lines[i], days);
    if (json_integer_value(json_object_get(status, "breaches_count"))) {
        json_dumpf(json_object_get(status, "breaches"), stdout, JSON_INDENT(1));
        printf("\nFAILED the platforms saw breaches\n");
        w->failed++;
    }
    json_decref(status);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 20261122;
    int64_t days = argc > 2 ? atoll(argv[2]) : 30;
    int cars = argc > 3 ? atoi(argv[3]) : 60;
    struct world *w = memory_new(1, sizeof *w);
    int64_t told = 0;

    printf("seed %" PRIu64 ", %" PRId64 " days\n", seed, days);
    make_world(w, seed, days, cars);
    while (w->site.now < w->site.end + day_ms) {
        step(w);
        for (int i = 0; i < PLATFORMS && w->site.now - told > 1000; i++)
            line_persist(&w->lines[i]);
        told = w->site.now;
    }
    judge_all(w, days);
    printf("%s\n", w->failed ? "failed" : "passed");
    return w->failed > 0;
}
