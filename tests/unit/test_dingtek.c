/* Dingtek DO200, DO201, DO202: frames that check themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/frame_bench.h"

static const char data[] = "800031021706b4001001610010fff6fff08b2d00010081";

static void a_frame_must_carry_its_own_length_head_and_tail(void **state)
{
    (void)state;
    assert_int_equal(hear("dingtek/do201", 3, data).refused, REFUSED_NOT);
    static const char *const broken[] = {
        "810031021706b4001001610010fff6fff08b2d00010081",
        "800031021606b4001001610010fff6fff08b2d00010081",
        "800031021706b4001001610010fff6fff08b2d00010080",
        "800131021706b4001001610010fff6fff08b2d00010081",
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_int_equal(hear("dingtek/do201", 3, broken[i]).refused, REFUSED_INTEGRITY);
}

static void a_frame_of_another_model_is_refused(void **state)
{
    (void)state;
    assert_int_equal(hear("dingtek/do202", 3, data).refused, REFUSED_KIND);
    assert_int_equal(hear("dingtek/do200", 3, data).refused, REFUSED_LENGTH);
}

static void a_command_unknown_is_refused(void **state)
{
    (void)state;
    assert_int_equal(
        hear("dingtek/do201", 3, "800031051706b4001001610010fff6fff08b2d00010081").refused,
        REFUSED_KIND);
}

static void parameters_carry_no_state(void **state)
{
    (void)state;
    assert_int_equal(hear("dingtek/do200", 3, "8000020311000b18020a05a0003c000081").report.states,
                     0);
    assert_int_equal(hear("dingtek/do201", 3, "80003103100201a80f50ffff0a000081").report.event,
                     EVENT_CONFIG_REPORT);
}

static void a_battery_alarm_is_a_low_battery(void **state)
{
    (void)state;
    assert_int_equal(hear("dingtek/do201", 3, data).report.battery, BATTERY_OK);
    assert_int_equal(
        hear("dingtek/do201", 3, "800031021700fa1111012dfe00004d04b0e26300050081").report.battery,
        BATTERY_LOW);
}

static void other_ports_are_refused_and_no_port_is_not(void **state)
{
    (void)state;
    assert_int_equal(hear("dingtek/do201", 2, data).report.event, EVENT_UNKNOWN_PORT);
    assert_int_equal(hear("dingtek/do201", -1, data).refused, REFUSED_NOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_must_carry_its_own_length_head_and_tail),
        cmocka_unit_test(a_frame_of_another_model_is_refused),
        cmocka_unit_test(a_command_unknown_is_refused),
        cmocka_unit_test(parameters_carry_no_state),
        cmocka_unit_test(a_battery_alarm_is_a_low_battery),
        cmocka_unit_test(other_ports_are_refused_and_no_port_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
