/* Tekzitel TEKZIPARK: flags, beacons, debug frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/frame_bench.h"

static void a_reset_goes_before_a_keepalive(void **state)
{
    (void)state;
    assert_int_equal(hear("tekzitel/tekzipark", 1, "ab190a").report.event, EVENT_STARTUP);
    assert_int_equal(hear("tekzitel/tekzipark", 1, "a9190a").report.event, EVENT_HEARTBEAT);
    assert_int_equal(hear("tekzitel/tekzipark", 1, "a8190a").report.event, EVENT_STATUS_CHANGE);
}

static void beacons_come_in_pairs_of_bytes(void **state)
{
    (void)state;
    assert_int_equal(hear("tekzitel/tekzipark", 1, "ac1905c2").refused, REFUSED_NOT);
    assert_int_equal(hear("tekzitel/tekzipark", 1, "ac1905c21234").refused, REFUSED_NOT);
    assert_int_equal(hear("tekzitel/tekzipark", 1, "ac1905c212").refused, REFUSED_LENGTH);
}

static void a_debug_frame_shows_field_and_baseline(void **state)
{
    (void)state;
    struct report report = hear("tekzitel/tekzipark", 2, "88190a10f008050a0f010020").report;

    assert_int_equal(report.field[1], -16);
    assert_int_equal(report.field_base[2], 15);
    assert_non_null(report.fault);
    assert_int_equal(report.battery, BATTERY_LOW);
}

static void empty_short_and_foreign_frames_are_refused(void **state)
{
    (void)state;
    assert_int_equal(hear("tekzitel/tekzipark", 1, "").refused, REFUSED_LENGTH);
    assert_int_equal(hear("tekzitel/tekzipark", 1, "a819").refused, REFUSED_LENGTH);
    assert_int_equal(hear("tekzitel/tekzipark", 2, "a81905").refused, REFUSED_LENGTH);
    assert_int_equal(hear("tekzitel/tekzipark", 3, "a81905").report.event, EVENT_UNKNOWN_PORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reset_goes_before_a_keepalive),
        cmocka_unit_test(beacons_come_in_pairs_of_bytes),
        cmocka_unit_test(a_debug_frame_shows_field_and_baseline),
        cmocka_unit_test(empty_short_and_foreign_frames_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
