/* The rules C1 to C6 of counter.h. Virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/core/counter.h"

static struct counter counter;
static struct counter_passage passage;

static bool hear_report(uint32_t side, uint32_t count, bool reset, bool missed, int64_t at_ms)
{
    const struct counter_report report = {
        .count = count, .reset = reset, .missed = missed, .at = {{at_ms}, {1795316400000 + at_ms}}};

    return counter_hear(&counter, side, &report, &passage);
}

static bool hear(uint32_t side, uint32_t count, int64_t at_ms)
{
    return hear_report(side, count, false, false, at_ms);
}

static bool tick(int64_t at_ms)
{
    return counter_tick(&counter, (mono_ms){at_ms}, &passage);
}

static void the_first_count_is_where_counting_begins(void **state)
{
    (void)state;
    counter_init(&counter, COUNTER_IN, false);
    assert_false(hear(0, 57, 1000)); /* C2 */
    assert_true(hear(0, 58, 2000));
    assert_int_equal(passage.vehicles, 1);
    assert_int_equal(passage.way, COUNTER_IN);
    assert_int_equal(passage.quality, COUNTER_EXACT);
    assert_false(hear(0, 58, 3000)); /* a heartbeat */
}

static void the_wrap_loses_nothing(void **state)
{
    (void)state;
    counter_init(&counter, COUNTER_OUT, false);
    counter_restore(&counter, 0, 126);
    assert_true(hear(0, 1, 1000)); /* C1: 127, 0, 1 */
    assert_int_equal(passage.vehicles, 3);
    assert_int_equal(passage.way, COUNTER_OUT);
}

static void a_counter_that_began_anew_says_so_with_the_next_passage(void **state)
{
    (void)state;
    counter_init(&counter, COUNTER_IN, false);
    counter_restore(&counter, 0, 90);
    assert_false(hear_report(0, 0, true, false, 1000)); /* C3 */
    assert_true(hear(0, 2, 2000));
    assert_int_equal(passage.vehicles, 2);
    assert_int_equal(passage.quality, COUNTER_RESET);
    assert_true(hear(0, 3, 3000));
    assert_int_equal(passage.quality, COUNTER_EXACT);
}

static void missing_reports_leave_the_number_exact_and_say_gap(void **state)
{
    (void)state;
    counter_init(&counter, COUNTER_IN, false);
    counter_restore(&counter, 0, 10);
    assert_true(hear_report(0, 14, false, true, 1000)); /* C4 */
    assert_int_equal(passage.vehicles, 4);
    assert_int_equal(passage.quality, COUNTER_GAP);
}

static void a_pair_counts_the_larger_of_the_two(void **state)
{
    (void)state;
    counter_init(&counter, COUNTER_IN, true);
    counter_restore(&counter, 0, 0);
    counter_restore(&counter, 1, 100);
    assert_false(hear(0, 2, 1000)); /* C5: waits */
    assert_true(hear(1, 103, 4000));
    assert_int_equal(passage.vehicles, 3);
    assert_int_equal(passage.at.mono.ms, 4000);
    assert_int_equal(counter.sides[0].misses + counter.sides[1].misses, 0);
}

static void a_silent_partner_is_waited_for_and_remembered(void **state)
{
    (void)state;
    counter_init(&counter, COUNTER_IN, true);
    counter_restore(&counter, 0, 0);
    counter_restore(&counter, 1, 0);
    assert_false(hear(0, 1, 1000));
    assert_false(tick(1000 + COUNTER_PAIR_MS - 1));
    assert_true(tick(1000 + COUNTER_PAIR_MS));
    assert_int_equal(passage.vehicles, 1);
    assert_int_equal(counter.sides[1].misses, 1);
    assert_false(tick(99000));
}

static void who_reports_first_tells_the_direction(void **state)
{
    (void)state;
    counter_init(&counter, COUNTER_BOTH, true);
    counter_restore(&counter, 0, 5);
    counter_restore(&counter, 1, 5);
    hear(0, 6, 1000);
    assert_true(hear(1, 6, 1800)); /* C6 */
    assert_int_equal(passage.way, COUNTER_IN);
    hear(1, 7, 5000);
    assert_true(hear(0, 7, 5600));
    assert_int_equal(passage.way, COUNTER_OUT);
    hear(0, 8, 9000);
    assert_true(tick(9000 + COUNTER_PAIR_MS));
    assert_int_equal(passage.way, COUNTER_BOTH); /* nobody knows */
    hear(0, 9, 30000);
    assert_true(hear(1, 8, 30000));
    assert_int_equal(passage.way, COUNTER_BOTH); /* both at once */
}

static void what_a_partner_told_alone_is_not_told_again(void **state)
{
    (void)state;
    counter_init(&counter, COUNTER_IN, true);
    counter_restore(&counter, 0, 0);
    counter_restore(&counter, 1, 0);
    hear(0, 1, 1000);
    assert_true(tick(20000)); /* the back's report is lost */
    hear(0, 2, 30000);
    assert_true(hear_report(1, 2, false, true, 31000));
    assert_int_equal(passage.vehicles, 1);
    hear(0, 3, 50000);
    assert_true(tick(70000)); /* this time the back did not see it */
    hear(1, 3, 80000);
    assert_true(tick(99000)); /* and now the front */
    assert_int_equal(passage.vehicles, 1);
}

/* Any walk of a counter with losses is counted whole as long as fewer than 128 lie between. */
static void a_long_day_is_counted_whole(void **state)
{
    (void)state;
    uint32_t random = 20261122, truth = 0, told = 0, total = 0;

    counter_init(&counter, COUNTER_IN, false);
    counter_restore(&counter, 0, 0);
    for (int i = 0; i < 20000; i++) {
        random = random * 1664525 + 1013904223;
        truth += random >> 30;
        if (random >> 24 & 1)
            continue; /* lost on the way */
        if (hear(0, truth % 128, i))
            told += passage.vehicles;
        total = truth;
    }
    assert_int_equal(told, total);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_count_is_where_counting_begins),
        cmocka_unit_test(the_wrap_loses_nothing),
        cmocka_unit_test(a_counter_that_began_anew_says_so_with_the_next_passage),
        cmocka_unit_test(missing_reports_leave_the_number_exact_and_say_gap),
        cmocka_unit_test(a_pair_counts_the_larger_of_the_two),
        cmocka_unit_test(a_silent_partner_is_waited_for_and_remembered),
        cmocka_unit_test(who_reports_first_tells_the_direction),
        cmocka_unit_test(what_a_partner_told_alone_is_not_told_again),
        cmocka_unit_test(a_long_day_is_counted_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
