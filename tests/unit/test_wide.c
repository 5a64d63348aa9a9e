/* Whole numbers of 128 bits, against the compiler's own where it has them, and money made of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "daemon/core/money.h"
#include "daemon/core/random.h"
#include "daemon/core/wide.h"

static void sums_pass_64_bits_and_come_back(void **state)
{
    struct wide top = wide_of(INT64_MAX), square = wide_times(top, INT64_MAX);
    int64_t rest;

    (void)state;
    assert_int_equal(wide_sign(square), 1);
    assert_true(wide_number(wide_divide(square, INT64_MAX, &rest)) == INT64_MAX);
    assert_true(rest == 0);
    struct wide more = wide_plus(square, wide_of(5));
    assert_true(wide_number(wide_divide(more, INT64_MAX, &rest)) == INT64_MAX);
    assert_true(rest == 5);
    assert_int_equal(wide_sign(wide_minus(square, more)), -1);
    assert_int_equal(wide_sign(wide_minus(square, square)), 0);
    struct wide below = wide_times(more, -1);
    assert_true(wide_number(wide_divide(below, INT64_MAX, &rest)) == -INT64_MAX);
    assert_true(rest == -5);
    assert_true(wide_number(wide_times(wide_of(INT64_MIN), 1)) == INT64_MIN);
}

static void money_is_rounded_only_where_it_is_told_to(void **state)
{
    struct money third = money_times(money_of(100), 1, 3);
    struct money big = money_times(money_of(INT64_MAX / 4), 999999999999LL, 1000000000000LL);
    int64_t rest;

    (void)state;
    assert_int_equal(money_round(third, 1, MONEY_DOWN), 33);
    assert_int_equal(money_round(third, 1, MONEY_HALF_UP), 33);
    assert_int_equal(money_round(third, 1, MONEY_UP), 34);
    assert_int_equal(money_round(money_times(money_of(5), 1, 2), 1, MONEY_HALF_UP), 3);
    assert_int_equal(money_round(money_of(150), 100, MONEY_HALF_UP), 200);
    assert_int_equal(money_round(money_of(149), 100, MONEY_HALF_UP), 100);
    assert_int_equal(money_round(money_of(300), 100, MONEY_UP), 300);
    assert_int_equal(money_compare(money_plus(third, money_plus(third, third)), money_of(100)), 0);
    assert_int_equal(money_compare(money_minus(money_of(0), third), money_of(-33)), -1);
    assert_int_equal(money_whole(money_minus(money_of(0), third), &rest), -33);
    assert_int_equal(rest, -1);
    assert_int_equal(money_compare(big, money_of(INT64_MAX / 4)), -1);
    assert_true(money_round(big, 1, MONEY_UP) < INT64_MAX / 4);
}

#ifdef __SIZEOF_INT128__
enum { PAIRS = 200000 };

static __int128 own(struct wide a)
{
    return (__int128)((unsigned __int128)(uint64_t)a.high << 64 | a.low);
}

/* Of all lengths, so that each way through is taken. */
static int64_t any(uint64_t *random)
{
    return (int64_t)random_next(random) >> (random_next(random) % 64);
}

static void any_two_numbers_give_what_the_compiler_gives(void **state)
{
    uint64_t random = 20261122;

    (void)state;
    printf("seed %llu\n", (unsigned long long)random);
    for (int i = 0; i < PAIRS; i++) {
        int64_t x = any(&random), y = any(&random), z = any(&random), rest;
        int64_t part = z == INT64_MIN || z == 0 ? 1 : z < 0 ? -z : z;
        struct wide a = wide_times(wide_of(x), y), b = wide_times(wide_of(y), z);

        assert_true(own(a) == (__int128)x * y);
        assert_true(own(wide_plus(a, b)) == own(a) + own(b));
        assert_true(own(wide_minus(a, wide_of(z))) == own(a) - z);
        assert_true(own(wide_divide(a, part, &rest)) == own(a) / part);
        assert_true(rest == (int64_t)(own(a) % part));
        assert_int_equal(wide_sign(a), (own(a) > 0) - (own(a) < 0));
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_pass_64_bits_and_come_back),
        cmocka_unit_test(money_is_rounded_only_where_it_is_told_to),
#ifdef __SIZEOF_INT128__
        cmocka_unit_test(any_two_numbers_give_what_the_compiler_gives),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
