/* Lists behind the figures, as new as the journal. */
#include "tests/unit/yard_world.h"

#include "daemon/report/lists.h"

enum { THINGS = 200, A_BATCH = 20 };

struct sums {
    uint32_t rows;
    int64_t owes_fen;
};

static bool on_row(void *arg, const struct list_cell *cells, uint32_t count)
{
    struct sums *sums = arg;

    assert_int_equal(count, 9);
    sums->rows++;
    sums->owes_fen += cells[7].number;
    return true;
}

static struct sums ask(const struct world *world)
{
    const struct report_period ever = {.days = 1, .to = {INT64_MAX / 2}};
    struct sums sums = {0}, again = {0};
    struct err err;
    struct report_source *source = report_open(world->path, &err);

    assert_non_null(source);
    assert_true(list_run(source, LIST_ARREARS, &ever, NULL, on_row, &sums, &err));
    assert_true(list_run(source, LIST_ARREARS, &ever, NULL, on_row, &again, &err));
    assert_memory_equal(&sums, &again, sizeof sums);
    report_close(source);
    return sums;
}

/* The stays of the file follow the journal in strides of 1,000 records; at the end they are all
 * there. */
static void a_fresh_debt_stands_among_the_arrears(void **state)
{
    struct yard_world *yard = calloc(1, sizeof *yard);

    (void)state;
    yard->world = world_create(20261122);
    struct store *store = world_open(yard->world, STORE_WRITE);
    for (int i = 0; i < THINGS; i++) {
        yard_happen(yard);
        if (i % A_BATCH == A_BATCH - 1)
            world_commit(yard->world, store);
    }

    struct sums fresh = ask(yard->world);
    store_close(store);
    struct sums settled = ask(yard->world);
    assert_true(fresh.rows > 0);
    assert_int_equal(fresh.rows, settled.rows);
    assert_int_equal(fresh.owes_fen, settled.owes_fen);
    world_destroy(yard->world);
    free(yard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_debt_stands_among_the_arrears),
    };

    return cmocka_run_group_tests_name("report lists", tests, NULL, NULL);
}
