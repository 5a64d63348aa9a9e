/* The order of a sensor's messages: one test a rule of sensor.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/core/sensor.h"

static const int64_t minute_ms = 60000, day_ms = 86400000;
static const bool free_[] = {false}, occupied[] = {true}, came_and_went[] = {true, false};

static struct sensor_message message(int64_t counter, int64_t minute, const bool *states)
{
    return (struct sensor_message){.session = 7,
                                   .counter = counter,
                                   .at = {day_ms + minute * minute_ms},
                                   .change = true,
                                   .occupied = states,
                                   .states = states ? 1 : 0,
                                   .previous_ms = -1};
}

static struct sensor_outcome hear(struct sensor *sensor, struct sensor_message m)
{
    struct sensor_outcome outcome;

    sensor_hear(sensor, &m, &outcome);
    return outcome;
}

static void s1_the_same_again_is_an_echo(void **state)
{
    (void)state;
    struct sensor sensor;

    sensor_init(&sensor);
    assert_int_equal(hear(&sensor, message(5, 0, occupied)).verdict, SENSOR_NEWS);
    assert_int_equal(hear(&sensor, message(5, 0, occupied)).verdict, SENSOR_ECHO);
    hear(&sensor, message(6, 1, free_));
    assert_int_equal(hear(&sensor, message(5, 0, occupied)).verdict, SENSOR_ECHO);
    assert_false(sensor.occupied);
}

static void s1_without_counters_the_time_tells_an_echo(void **state)
{
    (void)state;
    struct sensor sensor;

    sensor_init(&sensor);
    hear(&sensor, message(-1, 5, occupied));
    assert_int_equal(hear(&sensor, message(-1, 5, occupied)).verdict, SENSOR_ECHO);
    assert_int_equal(hear(&sensor, message(-1, 4, free_)).verdict, SENSOR_LATE);
    assert_true(sensor.occupied);
}

static void s2_several_states_of_a_message_are_told_in_order(void **state)
{
    (void)state;
    struct sensor sensor;
    struct sensor_message m = message(5, 0, came_and_went);

    sensor_init(&sensor);
    m.states = 2;
    struct sensor_outcome outcome = hear(&sensor, m);
    assert_int_equal(outcome.steps_count, 2);
    assert_int_equal(outcome.steps[0].sensed, SENSED_OCCUPIED);
    assert_int_equal(outcome.steps[1].sensed, SENSED_FREE);
    assert_false(outcome.steps[1].inferred);
}

static void s3_a_late_message_does_not_touch_the_present(void **state)
{
    (void)state;
    struct sensor sensor;

    sensor_init(&sensor);
    hear(&sensor, message(5, 0, free_));
    assert_int_equal(hear(&sensor, message(7, 2, free_)).missed, 1);
    struct sensor_outcome outcome = hear(&sensor, message(6, 1, occupied));
    assert_int_equal(outcome.verdict, SENSOR_LATE);
    assert_int_equal(outcome.steps_count, 0);
    assert_false(sensor.occupied);
}

static void s4_another_session_counts_anew(void **state)
{
    (void)state;
    struct sensor sensor;
    struct sensor_message joined = message(0, 10, occupied);

    sensor_init(&sensor);
    hear(&sensor, message(500, 0, free_));
    joined.session = 8;
    struct sensor_outcome outcome = hear(&sensor, joined);
    assert_int_equal(outcome.verdict, SENSOR_NEWS);
    assert_true(outcome.new_epoch);
    assert_true(sensor.occupied);
    assert_int_equal(hear(&sensor, message(501, 9, free_)).verdict, SENSOR_LATE);
    assert_true(sensor.occupied);
}

static void s4_a_start_with_a_low_counter_counts_anew(void **state)
{
    (void)state;
    struct sensor sensor;
    struct sensor_message start = message(0, 1, occupied);

    sensor_init(&sensor);
    hear(&sensor, message(3, 0, free_));
    start.startup = true;
    assert_true(hear(&sensor, start).new_epoch);
    assert_int_equal(hear(&sensor, start).verdict, SENSOR_ECHO);
    assert_int_equal(hear(&sensor, message(1, 2, free_)).verdict, SENSOR_NEWS);
}

static void s4_a_counter_that_stays_low_counts_anew(void **state)
{
    (void)state;
    struct sensor sensor;

    sensor_init(&sensor);
    hear(&sensor, message(40, 0, free_));
    assert_int_equal(hear(&sensor, message(1, 20, occupied)).verdict, SENSOR_LATE);
    assert_true(hear(&sensor, message(2, 21, occupied)).new_epoch);
    assert_true(hear(&sensor, message(2, 21 + 11, free_)).new_epoch); /* heard long ago */
    assert_true(hear(&sensor, message(500, 21 + 12, occupied)).verdict == SENSOR_NEWS);
    assert_true(hear(&sensor, message(3, 21 + 23, occupied)).new_epoch); /* too old to be late */
    assert_true(sensor.occupied);
    assert_true(hear(&sensor, message(0, 21 + 23 + 61, free_)).new_epoch);
}

static void s4_a_high_counter_from_before_the_epoch_is_late(void **state)
{
    (void)state;
    struct sensor sensor;
    struct sensor_message start = message(0, 10, occupied);

    sensor_init(&sensor);
    hear(&sensor, message(40, 0, free_));
    start.startup = true;
    assert_true(hear(&sensor, start).new_epoch);
    assert_int_equal(hear(&sensor, message(41, 9, free_)).verdict, SENSOR_LATE);
    assert_true(sensor.occupied);
    assert_int_equal(hear(&sensor, message(1, 11, occupied)).verdict, SENSOR_NEWS);
}

static void s5_what_was_recorded_before_our_start_is_not_news(void **state)
{
    (void)state;
    struct sensor sensor;

    sensor_restore(&sensor, false, message(0, 10, NULL).at);
    assert_int_equal(hear(&sensor, message(4, 9, occupied)).verdict, SENSOR_LATE);
    assert_int_equal(hear(&sensor, message(5, 10, free_)).verdict, SENSOR_ECHO);
    assert_int_equal(hear(&sensor, message(6, 11, occupied)).verdict, SENSOR_NEWS);
}

static void s6_a_heartbeat_that_differs_is_adopted_and_marked(void **state)
{
    (void)state;
    struct sensor sensor;
    struct sensor_message heartbeat = message(7, 30, occupied);

    sensor_init(&sensor);
    hear(&sensor, message(5, 0, free_));
    heartbeat.change = false;
    struct sensor_outcome outcome = hear(&sensor, heartbeat);
    assert_int_equal(outcome.steps_count, 1);
    assert_true(outcome.steps[0].inferred);
    assert_int_equal(outcome.missed, 1);
}

static void s7_the_same_state_again_reveals_the_opposite_between(void **state)
{
    (void)state;
    struct sensor sensor;
    struct sensor_message again = message(7, 60, occupied);

    sensor_init(&sensor);
    hear(&sensor, message(5, 0, occupied));
    again.previous_ms = 25 * minute_ms;
    struct sensor_outcome outcome = hear(&sensor, again);
    assert_int_equal(outcome.steps_count, 2);
    assert_int_equal(outcome.steps[0].sensed, SENSED_FREE);
    assert_int_equal(outcome.steps[0].at.ms, message(0, 35, NULL).at.ms);
    assert_true(outcome.steps[0].inferred);
    assert_int_equal(outcome.steps[1].sensed, SENSED_OCCUPIED);
    assert_false(outcome.steps[1].inferred);
}

static void s7_no_missing_counter_no_lost_message(void **state)
{
    (void)state;
    struct sensor sensor;
    struct sensor_message again = message(6, 60, occupied);

    sensor_init(&sensor);
    hear(&sensor, message(5, 0, occupied));
    again.previous_ms = 25 * minute_ms;
    assert_int_equal(hear(&sensor, again).steps_count, 1);
}

static void s7_a_state_that_began_too_late_reveals_two_lost_messages(void **state)
{
    (void)state;
    struct sensor sensor;
    struct sensor_message m = message(8, 100, occupied);

    sensor_init(&sensor);
    hear(&sensor, message(5, 0, free_));
    m.previous_ms = 30 * minute_ms;
    struct sensor_outcome outcome = hear(&sensor, m);
    assert_int_equal(outcome.steps_count, 3);
    assert_int_equal(outcome.steps[0].sensed, SENSED_OCCUPIED);
    assert_int_equal(outcome.steps[1].sensed, SENSED_FREE);
    assert_int_equal(outcome.steps[1].at.ms, message(0, 70, NULL).at.ms);
}

static void s8_a_late_stay_is_reported_for_the_record_once(void **state)
{
    (void)state;
    struct sensor sensor;

    sensor_init(&sensor);
    hear(&sensor, message(5, 0, free_));
    hear(&sensor, message(7, 20, free_));
    struct sensor_outcome outcome = hear(&sensor, message(6, 10, occupied));
    assert_true(outcome.amends);
    assert_int_equal(outcome.amended, SENSED_OCCUPIED);
    assert_int_equal(outcome.from.ms, message(0, 10, NULL).at.ms);
    assert_int_equal(outcome.until.ms, message(0, 20, NULL).at.ms);
    assert_int_equal(hear(&sensor, message(6, 10, occupied)).verdict, SENSOR_ECHO);
}

static void s8_what_was_inferred_already_is_not_reported_again(void **state)
{
    (void)state;
    struct sensor sensor;
    struct sensor_message again = message(7, 20, free_);

    sensor_init(&sensor);
    hear(&sensor, message(5, 0, free_));
    again.previous_ms = 10 * minute_ms;
    assert_int_equal(hear(&sensor, again).steps_count, 2);
    assert_false(hear(&sensor, message(6, 10, occupied)).amends);
}

static void s9_a_retained_message_is_told_as_of_its_own_time(void **state)
{
    (void)state;
    struct sensor sensor;
    struct sensor_message m = message(9, 3, occupied);

    sensor_restore(&sensor, false, message(0, 0, NULL).at);
    m.retained = true;
    struct sensor_outcome outcome = hear(&sensor, m);
    assert_true(outcome.steps[0].inferred);
    assert_int_equal(outcome.steps[0].at.ms, m.at.ms);
    assert_int_equal(hear(&sensor, m).verdict, SENSOR_ECHO);
}

static void a_distance_turns_only_beyond_its_hysteresis(void **state)
{
    (void)state;
    assert_true(sensor_near(1499, 1500, 200, false));
    assert_false(sensor_near(1600, 1500, 200, false));
    assert_true(sensor_near(1600, 1500, 200, true));
    assert_false(sensor_near(1700, 1500, 200, true));
}

static void a_count_wraps_after_127(void **state)
{
    (void)state;
    assert_int_equal(sensor_count_delta(5, 5), 0);
    assert_int_equal(sensor_count_delta(5, 8), 3);
    assert_int_equal(sensor_count_delta(126, 1), 3);
}

/* A start is believed where its counter is low, or after longer than a message is repeated. */
static void s4_a_start_is_one_only_after_what_was_heard_last(void **state)
{
    static const struct {
        int64_t newest, counter, minute;
        bool epoch;
    } rows[] = {{100, 3, 1, true},    {100, 3, 0, false},    {100, 3, -1, false},
                {300, 100, 1, false}, {300, 100, 10, false}, {300, 100, 11, true},
                {100, 90, 11, true}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sensor sensor;
        struct sensor_message start = message(rows[i].counter, rows[i].minute, occupied);

        sensor_init(&sensor);
        hear(&sensor, message(rows[i].newest, 0, free_));
        start.startup = true;
        struct sensor_outcome outcome = hear(&sensor, start);
        if (outcome.new_epoch != rows[i].epoch)
            fail_msg("row %zu", i);
        assert_int_equal(sensor.occupied, rows[i].epoch);
    }
}

static void s4_a_session_that_is_over_does_not_come_back(void **state)
{
    struct sensor sensor;
    struct sensor_message joined = message(0, 10, occupied), other = message(1, 5, free_);
    struct sensor_message again = message(501, 11, free_);

    (void)state;
    sensor_init(&sensor);
    hear(&sensor, message(500, 0, free_));
    joined.session = 8;
    hear(&sensor, joined);
    other.session = 9; /* of a third session, from before the join */
    assert_int_equal(hear(&sensor, other).verdict, SENSOR_LATE);
    assert_int_equal(hear(&sensor, message(501, 10, free_)).verdict, SENSOR_LATE);
    assert_true(sensor.occupied);
    assert_true(hear(&sensor, again).new_epoch); /* it joined the first network again */
    assert_false(sensor.occupied);
}

/* What lies between two that are known is for the record; its own time only where it fits. */
static void s8_a_late_stay_amends_only_what_lies_around_it(void **state)
{
    static const struct {
        int64_t counter, minute;
        const bool *states;
        bool amends;
        int64_t from_minute;
    } rows[] = {{6, 10, occupied, true, 10}, {6, 10, free_, false, 0},   {6, 0, occupied, true, 5},
                {6, 20, occupied, true, 20}, {6, 25, occupied, true, 5}, {6, 10, NULL, false, 0},
                {4, 10, occupied, false, 0}, {8, 21, occupied, false, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sensor sensor;
        struct sensor_outcome outcome;

        sensor_init(&sensor);
        hear(&sensor, message(3, 0, occupied));
        hear(&sensor, message(5, 5, free_));
        hear(&sensor, message(7, 20, free_));
        hear(&sensor, message(9, 30, NULL)); /* which says nothing of the bay */
        outcome = hear(&sensor, message(rows[i].counter, rows[i].minute, rows[i].states));
        assert_int_equal(outcome.verdict, SENSOR_LATE);
        if (outcome.amends != rows[i].amends)
            fail_msg("row %zu", i);
        if (outcome.amends && outcome.from.ms != message(0, rows[i].from_minute, NULL).at.ms)
            fail_msg("row %zu: from %lld", i, (long long)(outcome.from.ms - day_ms) / minute_ms);
        assert_false(sensor.occupied);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s1_the_same_again_is_an_echo),
        cmocka_unit_test(s1_without_counters_the_time_tells_an_echo),
        cmocka_unit_test(s2_several_states_of_a_message_are_told_in_order),
        cmocka_unit_test(s3_a_late_message_does_not_touch_the_present),
        cmocka_unit_test(s4_another_session_counts_anew),
        cmocka_unit_test(s4_a_start_with_a_low_counter_counts_anew),
        cmocka_unit_test(s4_a_counter_that_stays_low_counts_anew),
        cmocka_unit_test(s4_a_high_counter_from_before_the_epoch_is_late),
        cmocka_unit_test(s5_what_was_recorded_before_our_start_is_not_news),
        cmocka_unit_test(s6_a_heartbeat_that_differs_is_adopted_and_marked),
        cmocka_unit_test(s7_the_same_state_again_reveals_the_opposite_between),
        cmocka_unit_test(s7_no_missing_counter_no_lost_message),
        cmocka_unit_test(s7_a_state_that_began_too_late_reveals_two_lost_messages),
        cmocka_unit_test(s8_a_late_stay_is_reported_for_the_record_once),
        cmocka_unit_test(s8_what_was_inferred_already_is_not_reported_again),
        cmocka_unit_test(s4_a_start_is_one_only_after_what_was_heard_last),
        cmocka_unit_test(s4_a_session_that_is_over_does_not_come_back),
        cmocka_unit_test(s8_a_late_stay_amends_only_what_lies_around_it),
        cmocka_unit_test(s9_a_retained_message_is_told_as_of_its_own_time),
        cmocka_unit_test(a_distance_turns_only_beyond_its_hysteresis),
        cmocka_unit_test(a_count_wraps_after_127),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
