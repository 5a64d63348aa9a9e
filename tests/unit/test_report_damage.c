/* A database that has lost a table or view: what asks for it says so, and nothing else suffers. */
#include "tests/unit/yard_world.h"

#include "daemon/base/zone.h"
#include "daemon/report/closed.h"
#include "daemon/report/differences.h"
#include "daemon/report/evidence.h"
#include "daemon/report/lists.h"
#include "daemon/report/orders.h"
#include "daemon/report/prove_differences.h"
#include "daemon/report/report.h"
#include "daemon/store/sql.h"

enum { THINGS = 60, OBJECTS = 64, NAME = 64 };

struct asked {
    uint32_t calls, failed;
};

/* What fails says why. */
static void note(struct asked *asked, bool good, struct err *err)
{
    asked->calls++;
    asked->failed += !good;
    if (!good)
        assert_true(err->text[0]);
    err->text[0] = '\0';
}

static bool on_record(void *arg, const struct evidence_record *record)
{
    (void)arg, (void)record;
    return true;
}

static void on_picture(void *arg, const struct evidence_picture *picture)
{
    (void)arg, (void)picture;
}

static void on_upload(void *arg, uint64_t seq, const char *uplink, const char *state,
                      const char *reason)
{
    (void)arg, (void)seq, (void)uplink, (void)state, (void)reason;
}

static bool on_row(void *arg, const struct list_cell *cells, uint32_t count)
{
    (void)arg, (void)cells, (void)count;
    return true;
}

static void on_finding(void *arg, const struct audit_finding *finding)
{
    (void)arg, (void)finding;
}

static void ask_report(struct report_source *source, struct asked *asked)
{
    const struct report_ask ask = {.period = {.days = 1, .to = {INT64_C(4000000000000)}},
                                   .zone = &civil_utc,
                                   .until = {INT64_C(1800000000000)}};
    struct err err = {.text = ""};
    struct report *report = report_make(source, &ask, &err);

    note(asked, report, &err);
    report_destroy(report);
    for (int list = 0; list < REPORT_LISTS; list++)
        note(asked, list_run(source, (enum report_list)list, &ask.period, NULL, on_row, NULL, &err),
             &err);
}

static void ask_evidence(struct report_source *source, struct asked *asked)
{
    struct record_difference *differences = NULL;
    struct err err = {.text = ""};
    uint32_t count = 0;
    bool holds = false;

    note(asked, evidence_records(source, "S000000", on_record, NULL, &err), &err);
    note(asked, evidence_pictures(source, "S000000", on_picture, NULL, &err), &err);
    note(asked, evidence_uploads(source, "S000000", on_upload, NULL, &err), &err);
    note(asked, evidence_holds(source, 2, &holds, &err), &err);
    note(asked, report_differences(source, &differences, &count, &err), &err);
    free(differences);
}

static bool on_order(void *arg, const struct pay_order *order, struct err *err)
{
    (void)arg, (void)order, (void)err;
    return true;
}

static void ask_money(struct report_source *source, struct asked *asked)
{
    struct report_orders orders = {.source = source,
                                   .zone = &civil_utc,
                                   .period = {.days = 1, .to = {INT64_C(4000000000000)}}};
    const struct pay_order_source from = report_orders(&orders);
    struct report_closed *closed = NULL;
    struct cash_count *counts = NULL;
    struct err err = {.text = ""};
    uint32_t count = 0;

    note(asked, from.each(from.arg, on_order, NULL, &err), &err);
    bool good = report_shifts(&orders, &counts, &count, &err);
    note(asked, good, &err);
    if (good)
        report_shifts_free(counts, count);
    note(asked, report_closed_all(source, &closed, &count, &err), &err);
    free(closed);
}

/* All that is asked of a file. */
static struct asked ask_all(const char *path)
{
    struct asked asked = {0};
    struct err err = {.text = ""};
    size_t breaches = 0;
    struct report_source *source = report_open(path, &err);

    note(&asked, source, &err);
    note(&asked, prove_differences(path, on_finding, NULL, &breaches, &err), &err);
    if (source) {
        ask_report(source, &asked);
        ask_evidence(source, &asked);
        ask_money(source, &asked);
    }
    report_close(source);
    return asked;
}

static void run(const char *path, const char *text)
{
    struct err err;
    struct sql *sql = sql_open(path, SQL_WRITE, &err);

    assert_non_null(sql);
    if (!sql_run(sql, text, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
}

static uint32_t objects_of(const char *path, char ret[OBJECTS][NAME])
{
    struct err err;
    struct sql *sql = sql_open(path, SQL_WRITE, &err);
    uint32_t count = 0;

    assert_non_null(sql);
    struct statement *query = sql_prepare(sql,
                                          "SELECT upper(type) || ' ' || name FROM sqlite_master "
                                          "WHERE type IN ('table', 'view') AND name NOT LIKE "
                                          "'sqlite_%' ORDER BY name",
                                          &err);
    assert_non_null(query);
    while (count < OBJECTS && sql_step(query, &err) == SQL_ROW)
        text_copy(ret[count++], NAME, sql_text(query, 0, NULL));
    sql_finalize(query);
    sql_close(sql);
    return count;
}

static void copy_file(const char *from, const char *to)
{
    char command[256];

    snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
    assert_int_equal(system(command), 0);
}

static void what_is_gone_is_told_by_whoever_asks_for_it(void **state)
{
    struct yard_world *yard = calloc(1, sizeof *yard);
    static char objects[OBJECTS][NAME];
    char path[128], text[128];
    uint32_t missed = 0;

    (void)state;
    yard->world = world_create(20261122);
    struct store *store = world_open(yard->world, STORE_WRITE);
    for (int i = 0; i < THINGS; i++) {
        yard_happen(yard);
        world_commit(yard->world, store);
    }
    store_close(store);
    snprintf(path, sizeof path, "%s/damaged.db", yard->world->folder);
    struct asked whole = ask_all(yard->world->path);
    assert_int_equal(whole.failed, 0);
    uint32_t count = objects_of(yard->world->path, objects);
    assert_in_range(count, 8, OBJECTS - 1);
    for (uint32_t i = 0; i < count; i++) {
        copy_file(yard->world->path, path);
        snprintf(text, sizeof text, "PRAGMA foreign_keys = OFF; DROP %s", objects[i]);
        run(path, text);
        struct asked asked = ask_all(path);
        missed += asked.failed > 0;
        if (!strcmp(objects[i], "TABLE journal"))
            assert_true(asked.failed > 0);
    }
    printf("%u of %u tables and views are asked for\n", missed, count);
    assert_in_range(missed, 4, count);
    world_destroy(yard->world);
    free(yard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_gone_is_told_by_whoever_asks_for_it),
    };

    return cmocka_run_group_tests_name("report damage", tests, NULL, NULL);
}
