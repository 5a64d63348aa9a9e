/* What a stride of the projections costs: it reads what it is about, and never the whole journal,
 * which would make a commit slower with each year. SQLite's own plan is asked. */
#include "tests/unit/store_world.h"

#include "daemon/store/projections_stay.h"
#include "daemon/store/sql.h"

/* Steps of a plan that read all of the journal, or make a copy of a view or an index over it. */
static const char *const whole[] = {"SCAN journal", "MATERIALIZE grounds", "MATERIALIZE facts",
                                    "AUTOMATIC"};

static void look(struct sql *sql, const char *text)
{
    char explain[16384];
    struct err err;
    enum sql_step step;

    assert_true(snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", text) <
                (int)sizeof explain);
    struct statement *plan = sql_prepare(sql, explain, &err);
    assert_non_null(plan);
    while ((step = sql_step(plan, &err)) == SQL_ROW)
        for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
            if (strstr(sql_text(plan, 3, NULL), whole[i]))
                fail_msg("%.60s…: %s", text, sql_text(plan, 3, NULL));
    assert_int_equal(step, SQL_END);
    sql_finalize(plan);
}

static void a_stride_never_reads_the_whole_journal(void **state)
{
    struct world *world = world_create(1);
    struct err err;

    (void)state;
    store_close(world_open(world, STORE_WRITE));
    struct sql *sql = sql_open(world->path, SQL_READ, &err);
    assert_non_null(sql);
    look(sql, projection_latest);
    look(sql, projection_stay_fact);
    look(sql, projection_finished);
    look(sql, projection_stay);
    look(sql, projection_standing);
    sql_close(sql);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stride_never_reads_the_whole_journal),
    };

    return cmocka_run_group_tests_name("store strides", tests, NULL, NULL);
}
