/* Whole numbers of 128 bits. See wide.h. */
#include "daemon/core/wide.h"

#include <assert.h>
#include <stdbool.h>

static bool fits(struct wide a)
{
    return a.high == ((int64_t)a.low < 0 ? -1 : 0);
}

struct wide wide_of(int64_t number)
{
    return (struct wide){(uint64_t)number, number < 0 ? -1 : 0};
}

struct wide wide_plus(struct wide a, struct wide b)
{
    uint64_t low = a.low + b.low;

    return (struct wide){low, (int64_t)((uint64_t)a.high + (uint64_t)b.high + (low < a.low))};
}

static struct wide negative(struct wide a)
{
    return wide_plus((struct wide){~a.low, ~a.high}, wide_of(1));
}

struct wide wide_minus(struct wide a, struct wide b)
{
    return wide_plus(a, negative(b));
}

/* The whole product of two numbers without sign, by halves of 32 bits. */
static struct wide product(uint64_t a, uint64_t b)
{
    uint64_t a_low = (uint32_t)a, a_high = a >> 32, b_low = (uint32_t)b, b_high = b >> 32;
    uint64_t low = a_low * b_low, one = a_high * b_low, other = a_low * b_high;
    uint64_t middle = (low >> 32) + (uint32_t)one + (uint32_t)other;

    return (struct wide){middle << 32 | (uint32_t)low,
                         (int64_t)(a_high * b_high + (one >> 32) + (other >> 32) + (middle >> 32))};
}

struct wide wide_times(struct wide a, int64_t number)
{
    int64_t plain;

    if (fits(a) && !__builtin_mul_overflow((int64_t)a.low, number, &plain))
        return wide_of(plain);
    bool below = number < 0;
    uint64_t times = below ? -(uint64_t)number : (uint64_t)number;
    struct wide result = product(a.low, times);
    result.high = (int64_t)((uint64_t)result.high + (uint64_t)a.high * times);
    return below ? negative(result) : result;
}

/* As on paper, a bit at a time. The rest stays below `part`, so that doubling it loses nothing. */
static struct wide divide_slowly(struct wide a, uint64_t part, uint64_t *ret_rest)
{
    struct wide result = {0, 0};
    uint64_t rest = 0;

    for (int bit = 127; bit >= 0; bit--) {
        uint64_t half = bit >= 64 ? (uint64_t)a.high : a.low;

        rest = rest << 1 | (half >> (bit % 64) & 1);
        result = wide_plus(result, result);
        if (rest >= part) {
            rest -= part;
            result.low |= 1;
        }
    }
    *ret_rest = rest;
    return result;
}

struct wide wide_divide(struct wide a, int64_t part, int64_t *ret_rest)
{
    uint64_t rest;

    assert(part > 0);
    if (fits(a)) {
        *ret_rest = (int64_t)a.low % part;
        return wide_of((int64_t)a.low / part);
    }
    bool below = a.high < 0;
    struct wide result = divide_slowly(below ? negative(a) : a, (uint64_t)part, &rest);
    *ret_rest = below ? -(int64_t)rest : (int64_t)rest;
    return below ? negative(result) : result;
}

int wide_sign(struct wide a)
{
    return a.high < 0 ? -1 : (a.high | (int64_t)a.low) != 0;
}

int64_t wide_number(struct wide a)
{
    return (int64_t)a.low;
}
