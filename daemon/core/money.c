/* Rational money. See money.h. */
#include "daemon/core/money.h"

#include <assert.h>

static int64_t common(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* In lowest terms, so that parts stay small however often one multiplies. */
static struct money lowest(struct money m)
{
    __int128 positive = m.number < 0 ? -m.number : m.number;
    int64_t divisor = common(m.part, (int64_t)(positive % m.part));

    return (struct money){m.number / divisor, m.part / divisor};
}

struct money money_of(int64_t fen)
{
    return (struct money){fen, 1};
}

struct money money_times(struct money m, int64_t number, int64_t part)
{
    assert(part > 0);
    return lowest((struct money){m.number * number, m.part * part});
}

struct money money_plus(struct money a, struct money b)
{
    int64_t divisor = common(a.part, b.part);

    return lowest((struct money){a.number * (b.part / divisor) + b.number * (a.part / divisor),
                                 a.part / divisor * b.part});
}

struct money money_minus(struct money a, struct money b)
{
    return money_plus(a, (struct money){-b.number, b.part});
}

int money_compare(struct money a, struct money b)
{
    __int128 difference = a.number * b.part - b.number * a.part;

    return (difference > 0) - (difference < 0);
}

int64_t money_round(struct money m, int64_t step, enum money_mode mode)
{
    __int128 whole = (__int128)m.part * step; /* one step */
    __int128 add[] = {[MONEY_HALF_UP] = whole, [MONEY_UP] = 2 * whole - 2, [MONEY_DOWN] = 0};

    assert(m.number >= 0 && step > 0);
    return (int64_t)((2 * m.number + add[mode]) / (2 * whole) * step);
}
