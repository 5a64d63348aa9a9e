/* Closed reports are proved: those of which the records are there by making them again, those whose
 * records were pruned by what binds them; what moves on afterwards is in no digest. */
#include "tests/unit/yard_world.h"

#include "daemon/base/zone.h"
#include "daemon/core/closing.h"
#include "daemon/report/closed.h"
#include "daemon/report/fees.h"
#include "daemon/report/prove.h"
#include "daemon/store/sql.h"

enum { DAYS = 3, THINGS = 300, A_BATCH = 20 };

/* Three business days of as long as it took, each closed once it was over. */
struct days {
    struct yard_world yard;
    struct closing closing;
    int64_t from_ms[DAYS + 1];
};

static void begin(struct days *days)
{
    days->from_ms[0] = days->yard.world->at_ms;
    /* Each device says how it is before the first day begins. */
    for (uint32_t i = 0; i < WORLD_DEVICES; i++)
        world_add(days->yard.world,
                  (struct record){.kind = RECORD_DEVICE_HEALTH,
                                  .device_health = {i, DEVICE_ONLINE, "answers"}});
}

/* As parkctl and the daemon do it: the day is closed, or supplemented when it was closed before. */
static void report_day(struct days *days, int day, struct store *store)
{
    struct world *world = days->yard.world;
    struct report_ask ask = {
        .period = {.days = 1, .from = {days->from_ms[day]}, .to = {days->from_ms[day + 1]}},
        .zone = &civil_utc,
        .until = {days->from_ms[day + 1]}};
    struct record record = {.kind = RECORD_REPORT};
    int32_t fee_ppm[PAY_CHANNELS];
    struct err err;
    const char *why;

    struct report_source *source = report_open(world->path, &err);
    assert_non_null(source);
    assert_true(fees_read(NULL, fee_ppm, &err));
    ask.fee_ppm = fee_ppm;
    struct report *report = report_make(source, &ask, &err);
    assert_non_null(report);
    record.report.from = ask.period.from;
    record.report.to = ask.period.to;
    record.report.through = (int64_t)report->through;
    snprintf(record.report.day, sizeof record.report.day, "2026-11-%02d", 20 + day);
    strcpy(record.report.zone, "UTC");
    report_digest(report, record.report.digest);
    report_sums(&report->all, record.report.sums);
    report_destroy(report);
    report_close(source);
    assert_true(closing_report(&days->closing, (utc_ms){world->at_ms}, &record.report, &why));
    closing_apply(&days->closing, &record);
    world_add(world, record);
    world_commit(world, store);
}

static void close_day(struct days *days, int day, struct store *store)
{
    world_commit(days->yard.world, store);
    days->from_ms[day + 1] = days->yard.world->at_ms;
    report_day(days, day, store);
}

static struct days *live(uint64_t seed)
{
    struct days *days = calloc(1, sizeof *days);

    days->yard.world = world_create(seed);
    struct store *store = world_open(days->yard.world, STORE_WRITE);
    begin(days);
    for (int day = 0; day < DAYS; day++) {
        for (int i = 0; i < THINGS; i++) {
            yard_happen(&days->yard);
            if (i % A_BATCH == A_BATCH - 1)
                world_commit(days->yard.world, store);
        }
        close_day(days, day, store);
    }
    store_close(store);
    return days;
}

static void destroy(struct days *days)
{
    world_destroy(days->yard.world);
    free(days);
}

/* What happened before the beginning of a day goes. */
static void prune(struct days *days, int day)
{
    struct store *store = world_open(days->yard.world, STORE_WRITE);
    utc_ms before = {days->from_ms[day]}, now = {days->yard.world->at_ms};
    struct record record = {.retention.count = 1};
    struct err err;

    while (record.retention.count)
        assert_true(store_prune(store, before, now, 200, &record, &err));
    store_close(store);
}

struct found {
    char text[ERR_TEXT_SIZE]; /* the last */
};

static void keep(void *arg, const struct audit_finding *finding)
{
    text_copy(((struct found *)arg)->text, ERR_TEXT_SIZE, finding->text);
}

static size_t prove(const struct days *days, struct found *ret)
{
    size_t breaches = 0;
    struct err err;

    if (!report_prove(days->yard.world->path, keep, ret, &breaches, &err))
        fail_msg("%s", err.text);
    printf("%s\n", ret->text);
    return breaches;
}

static void meddle(const struct days *days, const char *text)
{
    struct err err;
    struct sql *sql = sql_open(days->yard.world->path, SQL_WRITE, &err);

    assert_non_null(sql);
    if (!sql_run(sql, text, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
}

static void closed_days_give_their_digests_again(void **state)
{
    struct days *days = live(1);
    struct found found;

    (void)state;
    assert_int_equal(prove(days, &found), 0);
    assert_non_null(strstr(found.text, "3 closed: 3 give"));
    destroy(days);
}

static void a_day_behind_the_pruned_ones_is_proved_by_its_records(void **state)
{
    struct days *days = live(2);
    struct found found;

    (void)state;
    prune(days, 2);
    assert_int_equal(prove(days, &found), 0);
    assert_non_null(strstr(found.text, "1 their sums, 2 lie before"));
    meddle(days, "UPDATE journal SET body = json_set(body, '$.amount_fen', 7) WHERE seq = (SELECT "
                 "max(seq) FROM journal WHERE kind = 'payment' AND seq < (SELECT max(seq) FROM "
                 "journal WHERE kind = 'report'))");
    assert_int_equal(prove(days, &found), 1);
    assert_non_null(strstr(found.text, "report 3 of 2026-11-22"));
    destroy(days);
}

static void a_changed_report_is_noticed_though_its_records_are_gone(void **state)
{
    static const char *const changes[] = {
        "json_set(body, '$.number', 7)",
        "json_set(body, '$.digest', replace(body->>'digest', '0', '1'))",
        "json_set(body, '$.event', 'supplement')",
        "json_set(body, '$.sums', '1,2')",
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct days *days = live(3 + i);
        struct found found;
        char text[256];

        prune(days, 2);
        snprintf(text, sizeof text,
                 "UPDATE held SET body = %s WHERE kind = 'report' AND body->>'number' = 1",
                 changes[i]);
        meddle(days, text);
        assert_int_not_equal(prove(days, &found), 0);
        destroy(days);
    }
}

static void numbers_go_on_behind_what_was_pruned(void **state)
{
    struct days *days = live(8);
    struct store *store = world_open(days->yard.world, STORE_WRITE);
    struct found found;

    (void)state;
    report_day(days, 0, store); /* supplements */
    report_day(days, 1, store);
    report_day(days, 0, store);
    days->from_ms[2] = days->yard.world->at_ms;
    store_close(store);
    prune(days, 2);
    assert_int_equal(prove(days, &found), 0);
    assert_non_null(strstr(found.text, "6 closed"));
    destroy(days);
}

static void what_is_delivered_later_changes_no_digest(void **state)
{
    struct days *days = live(9);
    struct found found;

    (void)state;
    meddle(days, "INSERT INTO uplink(name, kinds, since, through, delivered, "
                 "base_seq, base_due) VALUES('city', 'payment', 1, 100000, 0, 0, 0)");
    assert_int_equal(prove(days, &found), 0);
    destroy(days);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_days_give_their_digests_again),
        cmocka_unit_test(a_day_behind_the_pruned_ones_is_proved_by_its_records),
        cmocka_unit_test(a_changed_report_is_noticed_though_its_records_are_gone),
        cmocka_unit_test(numbers_go_on_behind_what_was_pruned),
        cmocka_unit_test(what_is_delivered_later_changes_no_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
