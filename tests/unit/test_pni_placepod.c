/* PNI PlacePod: records in any order, several states, counts, answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/frame_bench.h"

static void several_states_of_one_frame_stay_in_order(void **state)
{
    (void)state;
    struct report report = hear("pni/placepod", 2, "156601156600156601").report;

    assert_int_equal(report.states, 3);
    assert_true(report.occupied[0]);
    assert_false(report.occupied[1]);
    assert_true(report.occupied[2]);
}

static void the_last_state_says_what_the_frame_was_sent_for(void **state)
{
    (void)state;
    assert_int_equal(hear("pni/placepod", 2, "376601156600").report.event, EVENT_STATUS_CHANGE);
    assert_int_equal(hear("pni/placepod", 2, "156600376600").report.event, EVENT_HEARTBEAT);
    assert_int_equal(hear("pni/placepod", 2, "156601050001").report.event, EVENT_STATUS_CHANGE);
}

static void a_count_of_128_means_that_the_device_begins_anew(void **state)
{
    (void)state;
    struct report report = hear("pni/placepod", 2, "210080").report;

    assert_true(report.count_reset);
    assert_int_equal(report.count, 0);
    assert_int_equal(hear("pni/placepod", 2, "21007f").report.count, 127);
    assert_int_equal(hear("pni/placepod", 2, "210081").refused, REFUSED_RANGE);
}

static void answers_to_commands_carry_their_value(void **state)
{
    (void)state;
    assert_int_equal(hear("pni/placepod", 2, "010101").report.acknowledged, 1);
    assert_int_equal(hear("pni/placepod", 2, "010100").report.acknowledged, 0);
    assert_int_equal(hear("pni/placepod", 2, "3f0001").report.event, EVENT_REBOOT_ACK);
}

static void a_record_cut_short_refuses_the_frame(void **state)
{
    (void)state;
    assert_int_equal(hear("pni/placepod", 2, "15660102670a").refused, REFUSED_LENGTH);
    assert_int_equal(hear("pni/placepod", 2, "1566").refused, REFUSED_LENGTH);
    assert_int_equal(hear("pni/placepod", 2, "156602").refused, REFUSED_RANGE);
    assert_int_equal(hear("pni/placepod", 2, "15aa01").refused, REFUSED_KIND);
    assert_int_equal(hear("pni/placepod", 2, "700001").refused, REFUSED_KIND);
}

static void an_empty_frame_is_a_start(void **state)
{
    (void)state;
    assert_int_equal(hear("pni/placepod", 2, "").report.event, EVENT_STARTUP);
    assert_int_equal(hear("pni/placepod", 2, "").report.states, 0);
}

static void negative_temperatures_are_read(void **state)
{
    (void)state;
    assert_int_equal(hear("pni/placepod", 2, "0267ff9c").report.temperature_decidegrees, -100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_states_of_one_frame_stay_in_order),
        cmocka_unit_test(the_last_state_says_what_the_frame_was_sent_for),
        cmocka_unit_test(a_count_of_128_means_that_the_device_begins_anew),
        cmocka_unit_test(answers_to_commands_carry_their_value),
        cmocka_unit_test(a_record_cut_short_refuses_the_frame),
        cmocka_unit_test(an_empty_frame_is_a_start),
        cmocka_unit_test(negative_temperatures_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
