/* Back-off: full jitter within the exponential limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/core/backoff.h"

static void the_limit_doubles_up_to_the_maximum(void **state)
{
    static const struct {
        uint32_t attempt;
        uint64_t limit_ms;
    } rows[] = {{0, 100},   {1, 200},   {4, 1600},  {5, 3000},    {61, 3000},
                {62, 3000}, {63, 3000}, {64, 3000}, {1000, 3000}, {UINT32_MAX, 3000}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(backoff_ms(100, 3000, rows[i].attempt, rows[i].limit_ms),
                         rows[i].limit_ms);
        assert_int_equal(backoff_ms(100, 3000, rows[i].attempt, rows[i].limit_ms + 1), 0);
    }
    assert_int_equal(backoff_ms(5000, 3000, 0, 3001), 0);
}

static void the_delay_is_spread_over_the_whole_range(void **state)
{
    unsigned seed = 7;
    int hits[4] = {0};

    (void)state;
    print_message("seed %u\n", seed);
    for (int i = 0; i < 40000; i++) {
        uint64_t random = ((uint64_t)rand_r(&seed) << 31) ^ (uint64_t)rand_r(&seed);
        int64_t delay_ms = backoff_ms(1000, 60000, 2, random);
        assert_in_range(delay_ms, 0, 4000);
        hits[delay_ms * 4 / 4001]++;
    }
    for (int i = 0; i < 4; i++)
        assert_in_range(hits[i], 9500, 10500);
}

static void a_wait_that_was_asked_for_is_kept(void **state)
{
    (void)state;
    assert_int_equal(backoff_after_ms(120000, 100, 3000, 0, 0), 120000);
    assert_int_equal(backoff_after_ms(120000, 100, 3000, 0, 100), 120100);
    assert_int_equal(backoff_after_ms(0, 100, 3000, 0, 100), 100);
    assert_int_equal(backoff_after_ms(INT64_MAX, 100, 3000, 9, 3000), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_limit_doubles_up_to_the_maximum),
        cmocka_unit_test(the_delay_is_spread_over_the_whole_range),
        cmocka_unit_test(a_wait_that_was_asked_for_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
