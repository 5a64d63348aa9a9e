/* Back-off: full jitter within the exponential limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/core/backoff.h"
#include "daemon/core/random.h"

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

/* The first of the series from 0 and from 1 as its authors' reference program gives them. */
static void spread_numbers_are_those_of_splitmix64(void **state)
{
    uint64_t from_0 = 0, from_1 = 1;

    (void)state;
    assert_true(random_next(&from_0) == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(random_next(&from_0) == UINT64_C(0x6e789e6aa1b965f4));
    assert_true(random_next(&from_1) == UINT64_C(0x910a2dec89025cc1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread_numbers_are_those_of_splitmix64),
        cmocka_unit_test(the_limit_doubles_up_to_the_maximum),
        cmocka_unit_test(the_delay_is_spread_over_the_whole_range),
        cmocka_unit_test(a_wait_that_was_asked_for_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
