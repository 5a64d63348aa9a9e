/* Two stays of one vehicle become one, and what cannot be one vehicle is refused; which stay a
 * ticket is of. */
#include "tests/unit/stays_bench.h"

/* A stay that was made at the exit, of a vehicle that nobody saw come in. */
static const char *orphan_exit(struct bench *b, uint32_t lot, int64_t minutes)
{
    static char ids[8][IDENT_SIZE];
    static uint32_t next;
    struct stay_arrival arrival = {.lot = lot,
                                   .bay = PLAN_NONE,
                                   .lane = 1,
                                   .plate = "粤A0000B",
                                   .entry_missing = true,
                                   .at = bench_at(minutes)};
    char *id = ids[next++ % 8];

    b->tariff.tariffs[0].missing = TARIFF_MISSING_FIRST_STEP;
    stays_arrive(b->stays, &arrival, bench_sink(b), id);
    return id;
}

static bool pair(struct bench *b, const char *entry, const char *exit, int64_t minutes)
{
    struct stay_pairing pairing = {.actor = "li", .reason = "one vehicle", .at = bench_at(minutes)};

    text_copy(pairing.entry, sizeof pairing.entry, entry);
    text_copy(pairing.exit, sizeof pairing.exit, exit);
    return stays_pair(b->stays, &pairing, bench_sink(b), &b->why);
}

static void the_entry_goes_on_and_ends_when_the_vehicle_left(void **state)
{
    struct bench *b = *state;
    const char *entry = bench_arrive(b, "粤A00008", 0), *exit = orphan_exit(b, LOT_A, 90);

    bench_leave(b, exit, 90);
    assert_true(pair(b, entry, exit, 200));
    assert_int_equal(stays_find(b->stays, entry)->left.ms, bench_at(90).ms);
    assert_int_equal(stay_arrears(stays_find(b->stays, entry)), 200);
    assert_int_equal(stays_find(b->stays, exit)->outcome, OUTCOME_VOID);
    assert_int_equal(stay_arrears(stays_find(b->stays, exit)), 0);
    bench_rebuild(b);
    assert_int_equal(stay_arrears(stays_find(b->stays, entry)), 200);
}

static void the_exit_goes_on_where_the_money_is_its(void **state)
{
    struct bench *b = *state;
    const char *entry = bench_arrive(b, "粤A00008", 0), *exit = orphan_exit(b, LOT_A, 90);

    bench_leave(b, exit, 90);
    bench_pay(b, exit, 100, "wx1", 95);
    assert_true(pair(b, entry, exit, 200));
    assert_int_equal(stays_find(b->stays, entry)->outcome, OUTCOME_VOID);
    assert_int_equal(stays_find(b->stays, exit)->entered.ms, bench_at(0).ms);
    assert_int_equal(stays_find(b->stays, exit)->left.ms, bench_at(90).ms);
    assert_int_equal(stay_arrears(stays_find(b->stays, exit)), 100);
}

static void money_of_the_entry_stays_with_it(void **state)
{
    struct bench *b = *state;
    const char *entry = bench_arrive(b, "粤A00008", 0), *exit = orphan_exit(b, LOT_A, 90);

    bench_pay(b, entry, 200, "wx1", 80);
    bench_leave(b, exit, 90);
    assert_true(pair(b, entry, exit, 200));
    assert_int_equal(stays_find(b->stays, entry)->outcome, OUTCOME_PAID);
    assert_int_equal(stay_arrears(stays_find(b->stays, entry)), 0);
}

static void stays_that_are_not_known_or_of_two_lots_are_no_pair(void **state)
{
    struct bench *b = *state;
    const char *entry = bench_arrive(b, "粤A00008", 0), *exit = orphan_exit(b, LOT_B, 90);

    bench_leave(b, exit, 90);
    assert_false(pair(b, "none", exit, 200));
    assert_false(pair(b, entry, "none", 200));
    assert_false(pair(b, entry, exit, 200));
    assert_string_equal(b->why, "both stays must be known, and of one lot");
}

static void only_an_open_entry_and_an_exit_that_left_are_a_pair(void **state)
{
    struct bench *b = *state;
    const char *entry = bench_arrive(b, "粤A00008", 0), *exit = orphan_exit(b, LOT_A, 90);

    assert_false(pair(b, entry, exit, 200));
    bench_leave(b, exit, 90);
    bench_leave(b, entry, 91);
    assert_false(pair(b, entry, exit, 200));
    assert_string_equal(b->why,
                        "the first is the stay that never ended, the other the one that left");
}

static void an_exit_with_an_entry_of_its_own_or_a_void_one_is_no_pair(void **state)
{
    struct bench *b = *state;
    const char *entry = bench_arrive(b, "粤A00008", 0), *whole = bench_arrive(b, "粤A0000B", 1);
    const char *exit = orphan_exit(b, LOT_A, 90);

    bench_leave(b, whole, 90);
    assert_false(pair(b, entry, whole, 200));
    bench_force(b, exit, 90, OUTCOME_VOID);
    assert_false(pair(b, entry, exit, 200));
    assert_string_equal(b->why, "the other has an entry of its own, or is void");
}

static void nobody_left_before_he_came(void **state)
{
    struct bench *b = *state;
    const char *entry = bench_arrive(b, "粤A00008", 100), *exit = orphan_exit(b, LOT_A, 90);

    bench_leave(b, exit, 90);
    assert_false(pair(b, entry, exit, 200));
    assert_string_equal(b->why, "it left before the first one came");
}

static void money_of_both_must_be_put_right_first(void **state)
{
    struct bench *b = *state;
    const char *entry = bench_arrive(b, "粤A00008", 0), *exit = orphan_exit(b, LOT_A, 90);
    uint32_t count;

    bench_leave(b, exit, 90);
    bench_pay(b, entry, 100, "wx1", 91);
    assert_true(bench_pay(b, exit, 100, "wx2", 92));
    count = b->count;
    assert_false(pair(b, entry, exit, 200));
    assert_string_equal(b->why, "both have had money; give that of one back first");
    assert_int_equal(b->count, count);
}

static void stays_of_two_lots_are_no_account_of_one_vehicle(void **state)
{
    struct bench *b = *state;
    struct stay_arrival arrival = {.lot = LOT_B, .bay = PLAN_NONE, .lane = PLAN_NONE};
    struct record_stay_amended change = {.change = STAY_MERGED};

    stays_arrive(b->stays, &arrival, bench_sink(b), change.other);
    assert_false(bench_amend(b, bench_arrive(b, "粤A00003", 0), 10, change));
    assert_string_equal(b->why, "the other stay is not known in this lot; name it");
}

static const char *arrive_with(struct bench *b, uint32_t lot, const char *ticket, int64_t minutes)
{
    static char ids[8][IDENT_SIZE];
    static uint32_t next;
    struct stay_arrival arrival = {
        .lot = lot, .bay = PLAN_NONE, .lane = PLAN_NONE, .at = bench_at(minutes)};
    char *id = ids[next++ % 8];

    text_copy(arrival.ticket, sizeof arrival.ticket, ticket);
    stays_arrive(b->stays, &arrival, bench_sink(b), id);
    return id;
}

static void a_ticket_is_that_of_the_newest_open_stay_that_was_given_it(void **state)
{
    struct bench *b = *state;
    const char *first = arrive_with(b, LOT_A, "T-1", 0), *second = arrive_with(b, LOT_A, "T-1", 1);

    assert_null(stays_by_ticket(b->stays, "T-2"));
    assert_null(stays_by_ticket(b->stays, "")); /* nor is a stay without one that of no ticket */
    arrive_with(b, LOT_A, "", 2);
    assert_null(stays_by_ticket(b->stays, ""));
    assert_string_equal(stays_by_ticket(b->stays, "T-1")->id, second);
    bench_rebuild(b);
    assert_string_equal(stays_by_ticket(b->stays, "T-1")->id, second);
    assert_true(bench_amend(
        b, first, 5, (struct record_stay_amended){.change = STAY_PLATE, .plate = "粤A00009"}));
    assert_string_equal(stays_by_ticket(b->stays, "T-1")->id, second); /* though it was last put */
    bench_leave(b, second, 10);
    assert_string_equal(stays_by_ticket(b->stays, "T-1")->id, first);
    bench_leave(b, first, 10);
    assert_null(stays_by_ticket(b->stays, "T-1"));
}

/* More than an index has chains: of each only its own is told. */
static void many_tickets_are_told_apart(void **state)
{
    enum { MANY = 24 };
    struct bench *b = *state;
    char ids[MANY][IDENT_SIZE], ticket[16];

    for (int i = 0; i < MANY; i++) {
        snprintf(ticket, sizeof ticket, "T-%d", i);
        text_copy(ids[i], IDENT_SIZE, arrive_with(b, LOT_A, ticket, i));
    }
    for (int i = 0; i < 10 * MANY; i++) {
        snprintf(ticket, sizeof ticket, "T-%d", i);
        const struct stay *stay = stays_by_ticket(b->stays, ticket);
        assert_int_equal(stay != NULL, i < MANY);
        if (stay)
            assert_string_equal(stay->id, ids[i]);
    }
}

static void a_ticket_is_good_in_its_lot_and_so_is_the_id_of_a_stay(void **state)
{
    struct bench *b = *state;
    const char *id = arrive_with(b, LOT_A, "T-1", 0);

    assert_string_equal(stays_of_ticket(b->stays, LOT_A, "T-1")->id, id);
    assert_string_equal(stays_of_ticket(b->stays, LOT_A, id)->id, id);
    assert_null(stays_of_ticket(b->stays, LOT_B, "T-1"));
    assert_null(stays_of_ticket(b->stays, LOT_A, "T-2"));
    bench_leave(b, id, 10);
    assert_null(stays_of_ticket(b->stays, LOT_A, id));
}

#define T(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_entry_goes_on_and_ends_when_the_vehicle_left),
        T(the_exit_goes_on_where_the_money_is_its),
        T(money_of_the_entry_stays_with_it),
        T(stays_that_are_not_known_or_of_two_lots_are_no_pair),
        T(only_an_open_entry_and_an_exit_that_left_are_a_pair),
        T(an_exit_with_an_entry_of_its_own_or_a_void_one_is_no_pair),
        T(nobody_left_before_he_came),
        T(money_of_both_must_be_put_right_first),
        T(a_ticket_is_that_of_the_newest_open_stay_that_was_given_it),
        T(many_tickets_are_told_apart),
        T(a_ticket_is_good_in_its_lot_and_so_is_the_id_of_a_stay),
        T(stays_of_two_lots_are_no_account_of_one_vehicle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
