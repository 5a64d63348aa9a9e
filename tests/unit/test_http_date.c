/* The moment that a server dates its answer with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/uplink/http_date.h"

static void each_form_of_the_standard_is_one_moment(void **state)
{
    /* RFC 9110, 5.6.7: the three forms of one moment. */
    static const char *const texts[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(http_date_read(texts[i]).ms, INT64_C(784111777000));
}

static void a_moment_beyond_32_bits_of_seconds_is_kept(void **state)
{
    (void)state;
    assert_int_equal(http_date_read("Tue, 19 Jan 2038 03:14:08 GMT").ms, INT64_C(2147483648000));
    assert_int_equal(http_date_read("Sun, 07 Feb 2106 06:28:16 GMT").ms, INT64_C(4294967296000));
}

static void what_is_no_date_is_not_said(void **state)
{
    static const char *const texts[] = {
        "",
        "0",
        "Sun, 06 Nov 1994",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT and more",
        "Sun, 06 Nov 1994 08:49:37 CST",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT",
        "2026-11-22T08:00:00Z",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(http_date_read(texts[i]).ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_of_the_standard_is_one_moment),
        cmocka_unit_test(a_moment_beyond_32_bits_of_seconds_is_kept),
        cmocka_unit_test(what_is_no_date_is_not_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
