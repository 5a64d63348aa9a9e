/* Bosch TPS110: what its six ports say, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/frame_bench.h"

static void only_bit_0_says_whether_a_bay_is_occupied(void **state)
{
    (void)state;
    assert_true(hear("bosch/tps110", 1, "03").report.occupied[0]);
    assert_false(hear("bosch/tps110", 1, "80").report.occupied[0]);
}

static void a_heartbeat_may_lack_its_temperature(void **state)
{
    (void)state;
    assert_int_equal(hear("bosch/tps110", 2, "01").report.temperature_decidegrees, REPORT_NONE);
    assert_int_equal(hear("bosch/tps110", 2, "01ff").report.temperature_decidegrees, -10);
}

static void the_firmware_bytes_decide_what_a_reset_cause_means(void **state)
{
    (void)state;
    static const struct {
        const char *device, *hex, *cause;
    } cases[] = {
        {"bosch/tps110", "000000000000000000000000001d020400", "other"},
        {"bosch/tps110", "0000000000000000000000000027020400", "external_pin"},
        {"bosch/tps110", "0000000000000000000000000027020500", "lockup"},
        {"bosch/tps110", "0000000000000000000000000027020600", "brownout"},
        {"bosch/tps110", "0000000000000000000000000027020700", "other"},
        {"bosch/tps110", "0000000000000000000000000100000600", "brownout"},
        {"bosch/tps110", "000000000000000000000000001d020700", "unknown"},
        {"bosch/tps110", "00000000000000000000000000270200ff", "unknown"},
        {"bosch/tps110@fw0.29", "0000000000000000000000000027020400", "other"},
        {"bosch/tps110@fw0.39", "000000000000000000000000001d020400", "external_pin"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(hear(cases[i].device, 3, cases[i].hex).report.reset_cause,
                            cases[i].cause);
}

static void a_usage_frame_has_the_size_of_its_item(void **state)
{
    (void)state;
    assert_int_equal(hear("bosch/tps110", 5, "0500010203000405").refused, REFUSED_NOT);
    assert_int_equal(hear("bosch/tps110", 5, "05000102030004").refused, REFUSED_LENGTH);
    assert_int_equal(hear("bosch/tps110", 5, "0700000001").refused, REFUSED_KIND);
}

static void empty_short_and_foreign_frames_are_refused(void **state)
{
    (void)state;
    for (int32_t port = 1; port <= 6; port++)
        assert_int_equal(hear("bosch/tps110", port, "").refused, REFUSED_LENGTH);
    assert_int_equal(hear("bosch/tps110", 3, "00000000000000000000000000270205").refused,
                     REFUSED_LENGTH);
    assert_int_equal(hear("bosch/tps110", 1, "0101010101").refused, REFUSED_LENGTH);
    assert_int_equal(hear("bosch/tps110", 7, "01").report.event, EVENT_UNKNOWN_PORT);
    assert_int_equal(hear("bosch/tps110", -1, "01").refused, REFUSED_KIND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_bit_0_says_whether_a_bay_is_occupied),
        cmocka_unit_test(a_heartbeat_may_lack_its_temperature),
        cmocka_unit_test(the_firmware_bytes_decide_what_a_reset_cause_means),
        cmocka_unit_test(a_usage_frame_has_the_size_of_its_item),
        cmocka_unit_test(empty_short_and_foreign_frames_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
