/*
 * Bounds of the store: so many reads of plates are looked at after a start, and so many records
 * stand under one seal.
 */
#include "tests/unit/store_world.h"

#include "daemon/store/store_worker.h"

enum { SEALED = 8192, BATCH = 64 };

struct reads {
    size_t count;
    uint64_t first; /* seq */
};

static bool on_row(void *arg, const struct store_row *row)
{
    struct reads *reads = arg;

    if (row->kind != RECORD_PLATE_READ)
        return true;
    if (!reads->count++)
        reads->first = row->seq;
    return true;
}

static void after_a_start_the_newest_reads_are_looked_at_and_no_more(void **state)
{
    enum { MORE = 100 };
    struct world *world = world_create(1);
    struct store *store = world_open(world, STORE_WRITE);
    struct reads reads = {0};
    struct err err;

    (void)state;
    for (int n = 0; n < STORE_READS + MORE; n++) {
        world_add(world, (struct record){.kind = RECORD_PLATE_READ,
                                         .plate_read = {.event = "event", .plate = "苏A12345"}});
        if (world->count == BATCH)
            world_commit(world, store);
    }
    world_commit(world, store);
    const uint64_t head = world_head(store);
    assert_true(store_standing(store, (utc_ms){0}, on_row, &reads, &err));
    assert_int_equal(reads.count, STORE_READS);
    assert_int_equal(reads.first, head - STORE_READS + 1);
    store_close(store);
    world_destroy(world);
}

struct bench {
    struct loop *loop;
    struct store_worker *worker;
    uint64_t records, seals, sealed_at;
};

static void on_committed(void *arg, const struct store_row *rows, const struct record *records,
                         size_t count)
{
    struct bench *bench = arg;

    (void)records;
    for (size_t i = 0; i < count; i++) {
        bench->records += rows[i].kind != RECORD_SEAL;
        if (rows[i].kind == RECORD_SEAL && !bench->seals++)
            bench->sealed_at = bench->records;
    }
    if (bench->seals || bench->records < SEALED)
        loop_stop(bench->loop, 0);
}

static void too_late(void *arg)
{
    (void)arg;
    fail_msg("no seal has come");
}

/* The hour has not gone by. */
static void a_seal_is_made_when_as_many_records_stand_as_one_covers(void **state)
{
    struct world *world = world_create(2);
    const struct store_settings settings = {.path = world->path, .batch_records = BATCH};
    struct bench bench = {0};
    const struct store_hooks hooks = {.arg = &bench, .committed = on_committed};
    struct err err;

    (void)state;
    bench.loop = loop_create(&err);
    struct loop_timer *guard = loop_timer(bench.loop, too_late, NULL);
    bench.worker =
        store_worker_create(world_open(world, STORE_WRITE), &settings, bench.loop, &hooks, &err);
    loop_timer_after(guard, 60000);
    for (uint64_t n = 0; !bench.seals; n++) {
        assert_true(n <= SEALED + 2 * BATCH);
        world_bay_change(world);
        store_worker_add(bench.worker, &world->records[0], world->rows[0].body,
                         world->rows[0].body_size);
        world->count = 0;
        if (n % BATCH == BATCH - 1)
            assert_int_equal(loop_run(bench.loop, &err), 0);
    }
    assert_in_range(bench.sealed_at, SEALED, SEALED + BATCH);
    store_worker_destroy(bench.worker);
    loop_timer_destroy(guard);
    loop_destroy(bench.loop);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_a_start_the_newest_reads_are_looked_at_and_no_more),
        cmocka_unit_test(a_seal_is_made_when_as_many_records_stand_as_one_covers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
