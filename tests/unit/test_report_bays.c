/* How bays were on a day of long ago: told from what is near, whatever came later, and the same for
 * ever. Journals are laid into the file as rows, for they are long. */
#include "tests/unit/store_world.h"

#include "daemon/core/civil.h"
#include "daemon/report/report.h"
#include "daemon/store/projections.h"
#include "daemon/store/schema.h"

enum {
    BUSY = 6,     /* bays that change all the time */
    STILL = BUSY, /* stands from the first records on to the last */
    EDGE,         /* stands, and changes as far behind the day's begin as is looked at */
    FAR,          /* first heard in the last record but one */
    BAYS,
    STEP_MS = 6000, /* from one record to the next */
    DAY_BEGINS = 5600,
    DAY_RECORDS = 14400,
    EDGE_AT = DAY_BEGINS + PROJECTIONS_STOOD - 1000,
    RECORDS = 140000,
    STRIDE_MAX = 5000
};

struct lot {
    struct world *world;
    struct sql *sql;
    struct statement *insert;
    uint64_t seq, projected;
    int64_t at_ms;
    enum bay_state states[BAYS];
};

static void run(struct lot *lot, const char *text)
{
    struct err err;

    if (!sql_run(lot->sql, text, &err))
        fail_msg("%s: %s", text, err.text);
}

static int64_t number(struct lot *lot, const char *text)
{
    struct err err;
    int64_t value = 0;

    if (!sql_number(lot->sql, text, &value, &err))
        fail_msg("%s: %s", text, err.text);
    return value;
}

static void put(struct lot *lot, int bay, enum bay_state to)
{
    char body[256];
    struct err err;

    snprintf(body, sizeof body,
             "{\"type\":\"bay_changed\",\"lot\":\"A\",\"zone\":\"A1\",\"bay\":\"A-%03d\","
             "\"from\":\"%s\",\"to\":\"%s\",\"reason\":\"reading\"}",
             bay, bay_state_name(lot->states[bay]), bay_state_name(to));
    lot->states[bay] = to;
    sql_bind_int(lot->insert, 1, (int64_t)++lot->seq);
    sql_bind_int(lot->insert, 2, lot->at_ms);
    sql_bind_text(lot->insert, 3, body, strlen(body));
    assert_true(sql_do(lot->insert, &err));
    lot->at_ms += STEP_MS;
}

static void turn(struct lot *lot, int bay)
{
    put(lot, bay, lot->states[bay] == BAY_OCCUPIED ? BAY_FREE : BAY_OCCUPIED);
}

static void live(struct lot *lot, uint32_t records)
{
    while (records-- > 0)
        turn(lot, (int)world_random(lot->world, BUSY));
}

static void project(struct lot *lot)
{
    struct err err;

    while (lot->projected < lot->seq) {
        uint64_t to = lot->projected + 1 + world_random(lot->world, STRIDE_MAX);

        to = to < lot->seq ? to : lot->seq;
        assert_true(projections_advance(lot->sql, lot->projected + 1, to, &err));
        lot->projected = to;
    }
    run(lot, "UPDATE meta SET projected = (SELECT max(seq) FROM journal)");
}

/* Busy bays; with `others` those that stand, too, and in the end one that nobody had heard of. */
static struct lot *lot_create(uint64_t seed, bool others)
{
    struct lot *lot = calloc(1, sizeof *lot);
    struct err err;

    lot->world = world_create(seed);
    lot->at_ms = lot->world->at_ms;
    lot->sql = sql_open(lot->world->path, SQL_WRITE, &err);
    assert_non_null(lot->sql);
    assert_true(schema_migrate(lot->sql, lot->world->path, &err));
    lot->insert =
        sql_prepare(lot->sql, "INSERT INTO journal VALUES(?1, ?2, 'bay_changed', ?3, x'00')", &err);
    assert_non_null(lot->insert);
    run(lot, "BEGIN");
    if (others) {
        put(lot, STILL, BAY_OCCUPIED);
        put(lot, EDGE, BAY_OCCUPIED);
    }
    live(lot, EDGE_AT - (uint32_t)lot->seq - 1);
    if (others)
        turn(lot, EDGE);
    live(lot, RECORDS - (uint32_t)lot->seq);
    if (others) {
        put(lot, FAR, BAY_OCCUPIED);
        turn(lot, STILL);
    }
    project(lot);
    run(lot, "COMMIT");
    return lot;
}

static void lot_destroy(struct lot *lot)
{
    sql_finalize(lot->insert);
    sql_close(lot->sql);
    world_destroy(lot->world);
    free(lot);
}

/* The day as the records up to `through` tell it. */
static void day(struct lot *lot, uint64_t through, struct report_figures *ret)
{
    int64_t from = lot->world->at_ms + (int64_t)DAY_BEGINS * STEP_MS;
    int64_t to = from + (int64_t)DAY_RECORDS * STEP_MS;
    struct report_ask ask = {.period = {.days = 1, .from = {from}, .to = {to}},
                             .zone = &civil_utc,
                             .until = {to},
                             .through = through};
    struct err err;

    struct report_source *source = report_open(lot->world->path, &err);
    assert_non_null(source);
    struct report *report = report_make(source, &ask, &err);
    assert_non_null(report);
    *ret = report->all;
    report_destroy(report);
    report_close(source);
}

static void assert_same(struct lot *lot, uint64_t through, const struct report_figures *then)
{
    struct report_figures now;

    day(lot, through, &now);
    assert_memory_equal(&now, then, sizeof now);
}

static void a_bay_that_stands_for_long_counts_as_its_next_change_says(void **state)
{
    struct lot *lot = lot_create(1, true);
    struct report_figures figures;

    (void)state;
    day(lot, 0, &figures);
    assert_int_equal(figures.bays, BUSY + 2); /* not the one that was first heard later */
    assert_int_equal(figures.values[FIGURE_UTILISATION][1],
                     (BUSY + 2) * DAY_RECORDS * STEP_MS / 1000);
    assert_true(figures.values[FIGURE_UTILISATION][0] > 2 * DAY_RECORDS * STEP_MS / 1000);
    lot_destroy(lot);
}

/* What lies far behind is made to tell another story, which nobody hears. */
static void a_day_is_told_without_reading_what_came_long_after(void **state)
{
    struct lot *lot = lot_create(2, true);
    struct report_figures figures;

    (void)state;
    day(lot, 0, &figures);
    run(lot, "UPDATE journal SET at_ms = 0, body = replace(body, 'A-000', 'A-006') WHERE seq "
             "BETWEEN 80000 AND 139000");
    assert_same(lot, 0, &figures);
    lot_destroy(lot);
}

/* The day is closed, and then the clock is wrong for a while. */
static void a_clock_that_goes_back_later_changes_nothing_of_a_closed_day(void **state)
{
    struct lot *lot = lot_create(6, false);
    struct report_figures figures;
    uint64_t through = DAY_BEGINS + DAY_RECORDS + 1000;
    int64_t right_ms = lot->at_ms;

    (void)state;
    day(lot, through, &figures);
    run(lot, "BEGIN");
    lot->at_ms = lot->world->at_ms;
    live(lot, RECORDS / 4);
    lot->at_ms = right_ms;
    live(lot, DAY_RECORDS);
    project(lot);
    run(lot, "COMMIT");
    assert_same(lot, through, &figures);
    lot_destroy(lot);
}

/* Computed anew at one go, all projections are what strides have made of them. */
static void assert_projected(struct lot *lot)
{
    int64_t rows, differ;
    struct err err;
    struct sql *reader = sql_open(lot->world->path, SQL_READ, &err);

    assert_non_null(reader);
    assert_true(sql_run(reader, "BEGIN", &err));
    assert_true(projections_shadow(reader, &err));
    assert_true(projections_advance(reader, 0, lot->seq, &err));
    assert_true(projections_differ(reader, &rows, &differ, &err));
    assert_int_equal(differ, 0);
    sql_close(reader);
}

/* As the store prunes, but for the record that tells of it. */
static void prune(struct lot *lot, uint64_t through)
{
    char text[512];
    struct err err;

    assert_true(projections_forget(lot->sql, through, &err));
    snprintf(
        text, sizeof text,
        "INSERT OR REPLACE INTO held SELECT journal.*, x'00', 1 FROM wanted CROSS JOIN journal "
        "USING(seq) WHERE wanted.seq <= %1$llu;DELETE FROM journal WHERE seq <= %1$llu;"
        "UPDATE meta SET anchor_seq = %1$llu",
        (unsigned long long)through);
    run(lot, text);
}

static void what_stood_still_is_the_same_by_strides_at_one_go_and_when_pruned(void **state)
{
    struct lot *lot = lot_create(4, true);
    struct report_figures figures;

    (void)state;
    assert_int_equal(number(lot, "SELECT count(*) FROM bay_stood"), 3);
    assert_int_equal(number(lot, "SELECT min(seq) FROM bay_stood"), EDGE_AT);
    assert_projected(lot);
    day(lot, 0, &figures);
    prune(lot, DAY_BEGINS - 100);
    assert_int_equal(number(lot, "SELECT min(seq) FROM bay_stood"), RECORDS + 1);
    assert_projected(lot);
    assert_same(lot, 0, &figures);
    prune(lot, RECORDS + 1 - PROJECTIONS_STOOD);
    assert_int_equal(number(lot, "SELECT min(seq) FROM bay_stood"), RECORDS + 2);
    assert_projected(lot);
    lot_destroy(lot);
}

static void a_file_of_schema_6_learns_what_stood_still(void **state)
{
    struct lot *lot = lot_create(5, true);
    struct report_figures figures;
    struct err err;

    (void)state;
    day(lot, 0, &figures);
    run(lot, "DROP TRIGGER bay_first; DROP TRIGGER bay_again; DROP TABLE bay_stood;"
             "PRAGMA user_version = 6");
    assert_true(schema_migrate(lot->sql, lot->world->path, &err));
    assert_int_equal(number(lot, "SELECT count(*) FROM bay_stood"), 3);
    assert_projected(lot);
    assert_same(lot, 0, &figures);
    lot_destroy(lot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bay_that_stands_for_long_counts_as_its_next_change_says),
        cmocka_unit_test(a_day_is_told_without_reading_what_came_long_after),
        cmocka_unit_test(a_clock_that_goes_back_later_changes_nothing_of_a_closed_day),
        cmocka_unit_test(what_stood_still_is_the_same_by_strides_at_one_go_and_when_pruned),
        cmocka_unit_test(a_file_of_schema_6_learns_what_stood_still),
    };

    return cmocka_run_group_tests_name("bays of a day of long ago", tests, NULL, NULL);
}
