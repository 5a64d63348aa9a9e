/* Nwave NPS310 and NPS405: durations, battery limits, revisions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/frame_bench.h"

static void the_duration_of_the_state_before_is_unpacked(void **state)
{
    (void)state;
    static const struct {
        int code, minutes, error;
    } cases[] = {{0, 0, 0},     {89, 89, 0},    {90, 90, 4},    {91, 95, 4},
                 {119, 235, 4}, {120, 240, 59}, {126, 600, 59}, {127, 660, REPORT_NONE}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char hex[3];
        snprintf(hex, sizeof hex, "%02x", cases[i].code << 1 | 1);
        struct report report = hear("nwave/nps405", 1, hex).report;
        assert_true(report.occupied[0]);
        assert_int_equal(report.previous_minutes, cases[i].minutes);
        assert_int_equal(report.previous_error_minutes, cases[i].error);
    }
}

static void an_older_decoder_had_the_state_in_bit_7(void **state)
{
    (void)state;
    struct report report = hear("nwave/nps405@bit7", 1, "ca").report;

    assert_true(report.occupied[0]);
    assert_int_equal(report.previous_minutes, 74);
    assert_false(hear("nwave/nps405@bit0", 1, "ca").report.occupied[0]);
}

static void a_cold_battery_is_judged_by_a_lower_limit(void **state)
{
    (void)state;
    /* 2.900 V = 64h; e1 = -5.5 °C, e2 = -5.0 °C */
    assert_int_equal(hear("nwave/nps405", 2, "0064e1").report.battery, BATTERY_OK);
    assert_int_equal(hear("nwave/nps405", 2, "0064e2").report.battery, BATTERY_LOW);
    assert_int_equal(hear("nwave/nps405", 2, "0063e2").report.battery, BATTERY_CRITICAL);
    assert_int_equal(hear("nwave/nps405", 2, "004ae1").report.battery, BATTERY_CRITICAL);
}

static void a_tag_without_the_state_bit_says_nothing_of_the_bay(void **state)
{
    (void)state;
    struct heard heard = hear("nwave/nps405", 10, "000a0b0c0d");

    assert_int_equal(heard.refused, REFUSED_NOT);
    assert_int_equal(heard.report.states, 0);
    assert_int_equal(hear("nwave/nps405", 10, "010a0b0c").refused, REFUSED_LENGTH);
}

static void the_two_models_number_their_reset_causes_differently(void **state)
{
    (void)state;
    assert_string_equal(hear("nwave/nps310sm", 3, "0200010401").report.reset_cause, "brownout");
    assert_string_equal(hear("nwave/nps405", 3, "0200010601").report.reset_cause, "brownout");
    assert_string_equal(hear("nwave/nps405", 3, "0200010001").report.reset_cause, "rejoin");
    assert_string_equal(hear("nwave/nps405", 3, "0200010401").report.reset_cause, "unknown");
}

static void empty_short_and_foreign_frames_are_refused(void **state)
{
    (void)state;
    for (int32_t port = 0; port <= 10; port++) {
        assert_int_not_equal(hear("nwave/nps405", port, "").refused, REFUSED_NOT);
        assert_int_not_equal(hear("nwave/nps310sm", port, "").refused, REFUSED_NOT);
    }
    assert_int_equal(hear("nwave/nps405", 2, "00d3").refused, REFUSED_LENGTH);
    assert_int_equal(hear("nwave/nps405", 1, "0000000000").refused, REFUSED_LENGTH);
    assert_int_equal(hear("nwave/nps310sm", 10, "d1201f345678").report.event, EVENT_UNKNOWN_PORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_duration_of_the_state_before_is_unpacked),
        cmocka_unit_test(an_older_decoder_had_the_state_in_bit_7),
        cmocka_unit_test(a_cold_battery_is_judged_by_a_lower_limit),
        cmocka_unit_test(a_tag_without_the_state_bit_says_nothing_of_the_bay),
        cmocka_unit_test(the_two_models_number_their_reset_causes_differently),
        cmocka_unit_test(empty_short_and_foreign_frames_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
