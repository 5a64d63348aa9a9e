/*
 * Retention by class: each kind of record goes with one class, by name; a kind that no class names
 * would leave with the journal, and one that two name would stay for the longer of them. Kinds are
 * those of record_kinds.c, all of them, so that a new one is asked for here.
 */
#include "tests/unit/store_world.h"

#include "daemon/store/inside.h"
#include "tests/unit/any_record.h"

/* The class whose days hold a kind (parkd.conf(5), keep_bays_days and so on). */
static const enum store_class classes[RECORD_KINDS] = {
    [RECORD_GATEWAY] = STORE_BAYS,       [RECORD_BAY_CHANGED] = STORE_BAYS,
    [RECORD_BAY_HEALTH] = STORE_BAYS,    [RECORD_DEVICE_HEALTH] = STORE_BAYS,
    [RECORD_CLOCK_STEP] = STORE_BAYS,    [RECORD_OPERATOR] = STORE_BAYS,
    [RECORD_LOSS] = STORE_BAYS,          [RECORD_BAY_AMENDED] = STORE_BAYS,
    [RECORD_PLATE_READ] = STORE_LANES,   [RECORD_DECISION] = STORE_LANES,
    [RECORD_COMMAND] = STORE_LANES,      [RECORD_OUTCOME] = STORE_LANES,
    [RECORD_PASSAGE] = STORE_LANES,      [RECORD_LANE] = STORE_LANES,
    [RECORD_OPENING] = STORE_LANES,      [RECORD_OCCUPANCY] = STORE_LANES,
    [RECORD_SHARING] = STORE_LANES,      [RECORD_STAY_OPENED] = STORE_MONEY,
    [RECORD_STAY_AMENDED] = STORE_MONEY, [RECORD_STAY_CLOSED] = STORE_MONEY,
    [RECORD_ORDER] = STORE_MONEY,        [RECORD_PAYMENT] = STORE_MONEY,
    [RECORD_REFUND] = STORE_MONEY,       [RECORD_COUPON] = STORE_MONEY,
    [RECORD_LIST] = STORE_MONEY,         [RECORD_SHIFT] = STORE_MONEY,
    [RECORD_PLATFORM] = STORE_MONEY,     [RECORD_DAY_CHECK] = STORE_MONEY,
    [RECORD_REPORT] = STORE_MONEY,       [RECORD_DIFFERENCE] = STORE_MONEY,
    [RECORD_RETENTION] = STORE_MONEY,    [RECORD_SEAL] = STORE_MONEY,
};

/* The time that a class is kept in this test, the others not at all; -1: each is. */
static void keep(struct store *store, int class)
{
    int64_t days[STORE_CLASSES];

    for (int i = 0; i < STORE_CLASSES; i++)
        days[i] = class < 0 || i == class ? 36500 : 0;
    store_keep(store, days);
}

/* A record of each kind, and one behind them, as the head is never removed. */
static void one_of_each_kind(struct world *world, struct store *store)
{
    for (enum record_kind kind = 0; kind < RECORD_KINDS; kind++) {
        struct record record;

        any_record_longest(&record, kind, 'x');
        world_add(world, record);
    }
    world_bay_change(world);
    world_commit(world, store);
}

static void remove_from_the_journal(struct world *world, struct store *store)
{
    const utc_ms now = {world->at_ms + 1000};
    struct record record;
    struct err err;

    if (!store_prune(store, now, now, 1000, &record, &err))
        fail_msg("%s", err.text);
    assert_true(record.retention.count > 0);
}

static int64_t held(struct store *store, enum record_kind kind)
{
    char question[128];
    struct err err;
    int64_t count;

    snprintf(question, sizeof question, "SELECT count(*) FROM held WHERE kind = '%s' AND seq <= %d",
             record_kind_name(kind), RECORD_KINDS);
    assert_true(sql_number(store->sql, question, &count, &err));
    return count;
}

static void each_kind_stays_as_long_as_its_class_and_no_other_says(void **state)
{
    (void)state;
    for (int class = 0; class < STORE_CLASSES; class ++) {
        struct world *world = world_create(1 + (uint64_t) class);
        struct store *store = world_open(world, STORE_WRITE);
        struct err err;

        keep(store, -1);
        one_of_each_kind(world, store);
        remove_from_the_journal(world, store);
        for (enum record_kind kind = 0; kind < RECORD_KINDS; kind++)
            if (held(store, kind) != 1)
                fail_msg("\"%s\" is of no class and goes with the journal", record_kind_name(kind));
        assert_true(sql_run(store->sql, "UPDATE held SET stands = 0", &err));
        keep(store, class);
        world_bay_change(world);
        world_commit(world, store);
        remove_from_the_journal(world, store);
        for (enum record_kind kind = 0; kind < RECORD_KINDS; kind++)
            if (held(store, kind) != ((int)classes[kind] == class))
                fail_msg("\"%s\" is %skept by class %d", record_kind_name(kind),
                         held(store, kind) ? "" : "not ", class);
        store_close(store);
        world_destroy(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_stays_as_long_as_its_class_and_no_other_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
