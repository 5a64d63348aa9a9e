/* Stays that come from bays: road sections and open lots. */
#include "tests/unit/stays_bench.h"

static void changes(struct bench *b, uint32_t bay, enum bay_state to, int64_t minutes)
{
    struct record record = {
        .kind = RECORD_BAY_CHANGED, .at = bench_at(minutes), .bay_changed = {.bay = bay, .to = to}};

    bench_put(b, &record);
    stays_bay(b->stays, &record, bench_sink(b));
}

static void amends(struct bench *b, uint32_t bay, enum bay_state state, int64_t from, int64_t until)
{
    struct record record = {.kind = RECORD_BAY_AMENDED,
                            .at = bench_at(from),
                            .bay_amended = {.bay = bay, .state = state, .until = bench_at(until)}};

    bench_put(b, &record);
    stays_bay(b->stays, &record, bench_sink(b));
}

static const struct record_stay_closed *last_closed(struct bench *b)
{
    return &bench_last(b, RECORD_STAY_CLOSED)->stay_closed;
}

static void a_vehicle_on_a_bay_is_a_stay_until_it_leaves(void **state)
{
    struct bench *b = *state;

    changes(b, B_001, BAY_OCCUPIED, 0);
    const struct record_stay_opened *opened = &bench_last(b, RECORD_STAY_OPENED)->stay_opened;
    assert_int_equal(opened->bay, B_001);
    assert_int_equal(opened->lot, LOT_B);
    assert_non_null(stays_on_bay(b->stays, B_001));
    bench_rebuild(b);
    changes(b, B_001, BAY_FREE, 90);
    assert_int_equal(last_closed(b)->outcome, OUTCOME_UNPAID);
    assert_int_equal(last_closed(b)->money.payable_fen, 200);
    assert_null(stays_on_bay(b->stays, B_001));
    changes(b, B_001, BAY_FREE, 95);
    bench_last(b, RECORD_BAY_CHANGED);
}

static void a_bay_of_a_lot_with_lanes_makes_no_stay(void **state)
{
    struct bench *b = *state;
    struct record other = {.kind = RECORD_GATEWAY};

    changes(b, A_001, BAY_OCCUPIED, 0);
    bench_last(b, RECORD_BAY_CHANGED);
    stays_bay(b->stays, &other, bench_sink(b));
    assert_int_equal(b->count, 1);
}

static void silence_splits_no_stay(void **state)
{
    struct bench *b = *state;

    changes(b, B_001, BAY_OCCUPIED, 0);
    changes(b, B_001, BAY_UNKNOWN, 30);
    changes(b, B_001, BAY_OCCUPIED, 60);
    bench_last(b, RECORD_BAY_CHANGED);
    changes(b, B_001, BAY_OUT_OF_SERVICE, 70);
    changes(b, B_001, BAY_UNKNOWN, 75);
    changes(b, B_001, BAY_OCCUPIED, 80);
    bench_last(b, RECORD_BAY_CHANGED);
    changes(b, B_001, BAY_FREE, 170);
    assert_int_equal(last_closed(b)->money.payable_fen, 300);
}

static void what_is_not_proved_is_not_charged(void **state)
{
    struct bench *b = *state;

    changes(b, B_001, BAY_OCCUPIED, 0);
    changes(b, B_001, BAY_UNKNOWN, 50);
    changes(b, B_001, BAY_OUT_OF_SERVICE, 55);
    bench_rebuild(b);
    changes(b, B_001, BAY_FREE, 500);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->at.ms, bench_at(50).ms);
    assert_int_equal(last_closed(b)->money.payable_fen, 100);
    changes(b, B_001, BAY_OCCUPIED, 600); /* the doubt of then is over */
    changes(b, B_001, BAY_FREE, 640);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->at.ms, bench_at(640).ms);
}

static void a_flicker_is_no_parking(void **state)
{
    struct bench *b = *state;

    b->site.lots[LOT_B].policy.bay_settle_ms = 2 * MINUTE_MS;
    changes(b, B_001, BAY_OCCUPIED, 0);
    changes(b, B_001, BAY_FREE, 1);
    assert_int_equal(last_closed(b)->outcome, OUTCOME_VOID);
    changes(b, B_001, BAY_OCCUPIED, 10);
    changes(b, B_001, BAY_FREE, 12);
    assert_int_equal(last_closed(b)->outcome, OUTCOME_UNPAID);
}

static void late_word_that_the_bay_was_free_makes_two_stays_of_one(void **state)
{
    struct bench *b = *state;

    changes(b, B_001, BAY_OCCUPIED, 0);
    amends(b, B_001, BAY_FREE, 60, 70);
    const struct stay *stay = stays_on_bay(b->stays, B_001);
    assert_int_equal(stay->entered.ms, bench_at(70).ms);
    changes(b, B_001, BAY_FREE, 130);
    assert_int_equal(last_closed(b)->money.payable_fen, 100);
    amends(b, B_001, BAY_FREE, 90, 100); /* within the one that has left */
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->at.ms, bench_at(130).ms);
    assert_int_equal(last_closed(b)->entered.ms, bench_at(100).ms);
    assert_int_equal(stays_find(b->stays, stay->id)->left.ms, bench_at(90).ms);
    amends(b, B_001, BAY_FREE, 120, 130); /* it left sooner than was told */
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->at.ms, bench_at(120).ms);
    assert_null(stays_on_bay(b->stays, B_001));
    amends(b, B_001, BAY_FREE, 300, 310);
    bench_last(b, RECORD_BAY_AMENDED);
}

static void late_word_about_what_was_no_parking_changes_nothing(void **state)
{
    struct bench *b = *state;

    amends(b, B_001, BAY_FREE, 0, 5); /* nobody was there yet */
    bench_last(b, RECORD_BAY_AMENDED);
    b->site.lots[LOT_B].policy.bay_settle_ms = 20 * MINUTE_MS;
    changes(b, B_001, BAY_OCCUPIED, 10);
    changes(b, B_001, BAY_FREE, 20);
    assert_int_equal(last_closed(b)->outcome, OUTCOME_VOID);
    amends(b, B_001, BAY_FREE, 12, 15);
    bench_last(b, RECORD_BAY_AMENDED);
    amends(b, B_001, BAY_FREE, 30, 40); /* after it had gone */
    bench_last(b, RECORD_BAY_AMENDED);
    amends(b, B_001, BAY_FREE, 6, 8); /* before it came */
    bench_last(b, RECORD_BAY_AMENDED);
}

static void late_word_that_the_bay_was_occupied_makes_a_stay(void **state)
{
    struct bench *b = *state;

    amends(b, B_001, BAY_OCCUPIED, 0, 60);
    assert_int_equal(last_closed(b)->money.payable_fen, 100);
    amends(b, B_001, BAY_OCCUPIED, 10, 20); /* known already */
    bench_last(b, RECORD_BAY_AMENDED);
    changes(b, B_001, BAY_OCCUPIED, 100);
    amends(b, B_001, BAY_OCCUPIED, 90, 100);
    assert_int_equal(stays_on_bay(b->stays, B_001)->entered.ms, bench_at(90).ms);
    amends(b, B_001, BAY_OCCUPIED, 90, 95);
    bench_last(b, RECORD_BAY_AMENDED);
    amends(b, B_001, BAY_OCCUPIED, 95, 99);
    bench_last(b, RECORD_BAY_AMENDED);
    amends(b, B_001, BAY_OCCUPIED, 70, 80); /* before another one came */
    assert_int_equal(stays_on_bay(b->stays, B_001)->entered.ms, bench_at(90).ms);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->at.ms, bench_at(80).ms);
    amends(b, B_001, BAY_OCCUPIED, 300, 200); /* ends before it begins */
    bench_last(b, RECORD_BAY_AMENDED);
}

#define T(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_vehicle_on_a_bay_is_a_stay_until_it_leaves),
        T(a_bay_of_a_lot_with_lanes_makes_no_stay),
        T(silence_splits_no_stay),
        T(what_is_not_proved_is_not_charged),
        T(a_flicker_is_no_parking),
        T(late_word_that_the_bay_was_free_makes_two_stays_of_one),
        T(late_word_about_what_was_no_parking_changes_nothing),
        T(late_word_that_the_bay_was_occupied_makes_a_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
