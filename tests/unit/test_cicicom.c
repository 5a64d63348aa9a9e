/* Cicicom S-LG-I3: frames that are text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/frame_bench.h"

/* "K13.55-05.5" and its like. */
static struct heard say(const char *text)
{
    char hex[64] = "";

    for (size_t i = 0; text[i]; i++)
        snprintf(hex + 2 * i, sizeof hex - 2 * i, "%02x", (unsigned)(unsigned char)text[i]);
    return hear("cicicom/s-lg-i3", -1, hex);
}

static void negative_temperatures_are_read(void **state)
{
    (void)state;
    struct report report = say("K13.55-05.5").report;

    assert_int_equal(report.temperature_decidegrees, -55);
    assert_int_equal(report.battery_mv, 3550);
    assert_true(report.occupied[0]);
}

static void a_malfunction_carries_no_state(void **state)
{
    (void)state;
    assert_int_equal(say("E3.55abc").report.states, 0);
    assert_int_equal(say("E3.55abc").report.event, EVENT_SENSOR_ERROR);
    assert_int_equal(say("E3.55ab").refused, REFUSED_LENGTH);
}

static void text_that_is_not_a_frame_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum refusal refused;
    } cases[] = {
        {"", REFUSED_LENGTH},
        {"C", REFUSED_LENGTH},
        {"C2", REFUSED_RANGE},
        {"Cx", REFUSED_INTEGRITY},
        {"C01", REFUSED_LENGTH},
        {"X1", REFUSED_KIND},
        {"K03.5", REFUSED_LENGTH},
        {"K03.55+22.", REFUSED_LENGTH},
        {"K0a.55+22.0", REFUSED_INTEGRITY},
        {"K03.55*22.0", REFUSED_INTEGRITY},
        {"K03.55+22.0x", REFUSED_LENGTH},
        {"R03.66+30.0", REFUSED_LENGTH},
        {"R03.66+30.0V", REFUSED_LENGTH},
        {"R03.66+30.0V1.4.", REFUSED_LENGTH},
        {"R03.66+30.0V1.4.0", REFUSED_NOT},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(say(cases[i].text).refused, cases[i].refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(negative_temperatures_are_read),
        cmocka_unit_test(a_malfunction_carries_no_state),
        cmocka_unit_test(text_that_is_not_a_frame_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
