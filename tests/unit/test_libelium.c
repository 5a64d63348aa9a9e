/* Libelium: two generations whose frames look alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/frame_bench.h"

static void the_generation_is_not_told_by_the_frame(void **state)
{
    (void)state;
    /* type 3: an error in the first generation, a downlink's echo in the second */
    assert_int_equal(hear("libelium/parking-v1", -1, "0300000000000000000000").report.event,
                     EVENT_SENSOR_ERROR);
    assert_int_equal(hear("libelium/smart-parking-v2", -1, "0300000000000000000000").report.event,
                     EVENT_CONFIG_DOWNLINK);
}

static void firmware_1_has_frames_of_12_bytes(void **state)
{
    (void)state;
    const char *start = "0400003f34b909173f600fc2";

    assert_int_equal(hear("libelium/parking-v1@fw1", -1, start).report.battery_mv, 4034);
    assert_int_equal(hear("libelium/parking-v1@fw1", -1, start).report.field_base[0], 13497);
    assert_int_equal(hear("libelium/parking-v1", -1, start).refused, REFUSED_LENGTH);
    assert_int_equal(hear("libelium/parking-v1@fw1", -1, "80041e01ad109393ee00c7").refused,
                     REFUSED_LENGTH);
}

static void axes_and_battery_are_read_from_their_places(void **state)
{
    (void)state;
    struct report report = hear("libelium/parking-v1", -1, "80041e01ad109393ee00c7").report;

    assert_int_equal(report.field[0], 429);
    assert_int_equal(report.field[2], -27666);
    assert_int_equal(report.battery_mv, 3596);
    assert_int_equal(report.frame_counter, 4);
}

static void a_failing_axis_is_named(void **state)
{
    (void)state;
    assert_non_null(hear("libelium/parking-v1", -1, "0303071e01921085853ac6").report.fault);
    assert_null(hear("libelium/parking-v1", -1, "0303001e01921085853ac6").report.fault);
}

static void unknown_types_and_lengths_are_refused(void **state)
{
    (void)state;
    assert_int_equal(hear("libelium/parking-v1", -1, "090a00001f00c60561ed91").report.event,
                     EVENT_UNKNOWN_FRAME_TYPE);
    assert_int_equal(hear("libelium/parking-v1", -1, "").refused, REFUSED_LENGTH);
    assert_int_equal(hear("libelium/smart-parking-v2", -1, "80").refused, REFUSED_LENGTH);
}

static void a_low_battery_is_a_flag(void **state)
{
    (void)state;
    assert_int_equal(hear("libelium/smart-parking-v2", -1, "4000000000000000000000").report.battery,
                     BATTERY_LOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generation_is_not_told_by_the_frame),
        cmocka_unit_test(firmware_1_has_frames_of_12_bytes),
        cmocka_unit_test(axes_and_battery_are_read_from_their_places),
        cmocka_unit_test(a_failing_axis_is_named),
        cmocka_unit_test(unknown_types_and_lengths_are_refused),
        cmocka_unit_test(a_low_battery_is_a_flag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
