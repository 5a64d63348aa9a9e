/* Milesight EM400-MUD and EM310-UDL: items, alarms, the NB-IoT header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/frame_bench.h"

static void nothing_measured_is_a_fault_and_no_distance_is_none(void **state)
{
    (void)state;
    assert_non_null(hear("milesight/em400-mud", 85, "0482ffff").report.fault);
    assert_non_null(hear("milesight/em400-mud", 85, "04820000").report.fault);
    assert_null(hear("milesight/em400-mud", 85, "04820100").report.fault);
    assert_int_equal(hear("milesight/em400-mud", 85, "01755c").report.distance_mm, REPORT_NONE);
}

static void the_models_have_different_channels(void **state)
{
    (void)state;
    assert_int_equal(hear("milesight/em310-udl", 85, "03820001").report.distance_mm, 256);
    assert_int_equal(hear("milesight/em400-mud", 85, "03820001").refused, REFUSED_KIND);
}

static void a_joining_device_tells_of_itself(void **state)
{
    (void)state;
    assert_int_equal(
        hear("milesight/em400-mud", 85, "ff0bffff0101ff166713a12345670000ff090100ff0a0101ff0f00")
            .report.event,
        EVENT_DEVICE_INFO);
    assert_int_equal(hear("milesight/em400-mud", 85, "fe02b004").report.event, EVENT_CONFIG_REPORT);
    assert_int_equal(hear("milesight/em400-mud", 85, "fe99b004").refused, REFUSED_KIND);
    assert_int_equal(hear("milesight/em400-mud", 85, "fe16b004").refused, REFUSED_KIND);
}

static void an_item_cut_short_refuses_the_frame(void **state)
{
    (void)state;
    assert_int_equal(hear("milesight/em400-mud", 85, "01755c036701").refused, REFUSED_LENGTH);
    assert_int_equal(hear("milesight/em400-mud", 85, "01755c03").refused, REFUSED_LENGTH);
    assert_int_equal(hear("milesight/em400-mud", 85, "").refused, REFUSED_LENGTH);
    assert_int_equal(hear("milesight/em400-mud", 85, "0175ff").refused, REFUSED_RANGE);
}

static void an_item_of_newer_firmware_ends_the_reading(void **state)
{
    (void)state;
    assert_int_equal(hear("milesight/em400-mud", 85, "0482440820aa01").report.distance_mm, 2116);
    assert_int_equal(hear("milesight/em400-mud", 85, "20aa0104824408").refused, REFUSED_KIND);
}

static void the_header_of_nb_iot_must_agree_with_the_frame(void **state)
{
    (void)state;
    char hex[] = "020001005f00000001303130313031313036373439443139303534363930303331383638353038303"
                 "634383037333530343630303433323234323133313130383938363034313231303232373030363238"
                 "353709000e01756403670b0104823b01050001";

    assert_int_equal(hear("milesight/em400-mud", -1, hex).report.distance_mm, 315);
    hex[9] = 'e';
    assert_int_equal(hear("milesight/em400-mud", -1, hex).refused, REFUSED_INTEGRITY);
    hex[100] = '\0';
    assert_int_equal(hear("milesight/em400-mud", -1, hex).refused, REFUSED_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_measured_is_a_fault_and_no_distance_is_none),
        cmocka_unit_test(the_models_have_different_channels),
        cmocka_unit_test(a_joining_device_tells_of_itself),
        cmocka_unit_test(an_item_cut_short_refuses_the_frame),
        cmocka_unit_test(an_item_of_newer_firmware_ends_the_reading),
        cmocka_unit_test(the_header_of_nb_iot_must_agree_with_the_frame),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
