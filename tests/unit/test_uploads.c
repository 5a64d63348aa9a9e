/* How many records a platform accepted in time: counted as they are accepted, by lot and quarter of
 * an hour; what was not counted is not known, and not zero. */
#include "tests/unit/store_world.h"

#include "daemon/base/clock.h"
#include "daemon/report/report.h"
#include "daemon/store/sql.h"

enum { LATE = 10, FRESH = 12, QUARTER_MS = 900000 };

static void pass(struct world *world, struct store *store, uint32_t lane, int count)
{
    struct record record = {.kind = RECORD_PASSAGE, .passage = {.lane = lane, .vehicles = 1}};

    for (int i = 0; i < count; i++) {
        snprintf(record.passage.passage, sizeof record.passage.passage, "P%u-%zu", lane,
                 world->count);
        world_add(world, record);
    }
    world_commit(world, store);
}

static void save(struct store *store, struct outbox_progress progress)
{
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    struct err err;

    strcpy(progress.uplink, "city");
    progress.kinds = UINT32_C(1) << RECORD_PASSAGE;
    progress.since = 1;
    if (!store_commit(store, &batch, &err))
        fail_msg("%s", err.text);
}

struct ratios {
    int64_t complete[2], timely[2], lot_a[2];
};

/* Of the stretch of quarters around the world's time. */
static struct ratios ask(const struct world *world)
{
    int64_t quarter = world->at_ms / QUARTER_MS * QUARTER_MS;
    struct report_ask ask = {
        .period = {.days = 1, .from = {quarter - 4 * QUARTER_MS}, .to = {quarter + 4 * QUARTER_MS}},
        .zone = &civil_utc};
    struct ratios ratios;
    struct err err;

    ask.until = ask.period.to;
    struct report_source *source = report_open(world->path, &err);
    assert_non_null(source);
    struct report *report = report_make(source, &ask, &err);
    assert_non_null(report);
    memcpy(ratios.complete, report->all.values[FIGURE_COMPLETE], sizeof ratios.complete);
    memcpy(ratios.timely, report->all.values[FIGURE_TIMELY], sizeof ratios.timely);
    memcpy(ratios.lot_a, report->lots[0].values[FIGURE_TIMELY], sizeof ratios.lot_a);
    report_destroy(report);
    report_close(source);
    return ratios;
}

/* Late ones of lot A, then fresh ones of lot B. */
static struct world *begin(struct store **ret)
{
    struct world *world = world_create(1);

    *ret = world_open(world, STORE_WRITE);
    save(*ret, (struct outbox_progress){.through = 0});
    world->at_ms = clock_utc().ms - 60000;
    pass(world, *ret, 0, LATE);
    world->at_ms = clock_utc().ms;
    pass(world, *ret, 2, FRESH);
    return world;
}

static void what_was_accepted_in_time_is_counted(void **state)
{
    struct store *store;
    struct world *world = begin(&store);
    struct ratios ratios;

    (void)state;
    save(store, (struct outbox_progress){.through = LATE + FRESH, .delivered = LATE + FRESH});
    store_close(store);
    ratios = ask(world);
    assert_int_equal(ratios.complete[0], LATE + FRESH);
    assert_int_equal(ratios.complete[1], LATE + FRESH);
    assert_int_equal(ratios.timely[0], FRESH);
    assert_int_equal(ratios.timely[1], LATE + FRESH);
    assert_int_equal(ratios.lot_a[0], 0);
    assert_int_equal(ratios.lot_a[1], LATE);
    world_destroy(world);
}

static void what_stood_aside_counts_when_it_is_accepted(void **state)
{
    struct outbox_mark mark = {.seq = LATE + 1, .state = OUTBOX_RETRY, .attempts = 1};
    struct outbox_progress progress = {
        .through = LATE + FRESH, .delivered = LATE + FRESH - 1, .marks = &mark, .marks_count = 1};
    struct store *store;
    struct world *world = begin(&store);
    struct ratios ratios;

    (void)state;
    save(store, progress);
    ratios = ask(world);
    assert_int_equal(ratios.complete[0], LATE + FRESH - 1);
    assert_int_equal(ratios.timely[0], FRESH - 1);
    mark.state = OUTBOX_DELIVERED;
    progress.delivered++;
    save(store, progress);
    store_close(store);
    ratios = ask(world);
    assert_int_equal(ratios.complete[0], LATE + FRESH);
    assert_int_equal(ratios.timely[0], FRESH);
    world_destroy(world);
}

static void what_nobody_counted_is_not_known(void **state)
{
    struct store *store;
    struct world *world = begin(&store);
    struct ratios ratios;
    struct err err;

    (void)state;
    save(store, (struct outbox_progress){.through = LATE + FRESH, .delivered = LATE + FRESH});
    store_close(store);
    struct sql *sql = sql_open(world->path, SQL_WRITE, &err);
    assert_true(sql_run(sql, "DELETE FROM upload WHERE lot = 'A'", &err)); /* as of before */
    sql_close(sql);
    ratios = ask(world);
    assert_int_equal(ratios.complete[0], LATE + FRESH);
    assert_true(ratios.timely[0] == REPORT_UNKNOWN && ratios.timely[1] == REPORT_UNKNOWN);
    assert_true(ratios.lot_a[0] == REPORT_UNKNOWN);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_accepted_in_time_is_counted),
        cmocka_unit_test(what_stood_aside_counts_when_it_is_accepted),
        cmocka_unit_test(what_nobody_counted_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
