/* Rational money. See money.h. */
#include "daemon/core/money.h"

#include <assert.h>
#include <stdbool.h>

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
static struct money lowest(struct wide number, int64_t part)
{
    int64_t rest;

    wide_divide(number, part, &rest);
    int64_t divisor = common(part, rest < 0 ? -rest : rest);
    return (struct money){wide_divide(number, divisor, &rest), part / divisor};
}

struct money money_of(int64_t fen)
{
    return (struct money){wide_of(fen), 1};
}

struct money money_times(struct money m, int64_t number, int64_t part)
{
    assert(part > 0);
    return lowest(wide_times(m.number, number), m.part * part);
}

struct money money_plus(struct money a, struct money b)
{
    int64_t divisor = common(a.part, b.part);

    return lowest(
        wide_plus(wide_times(a.number, b.part / divisor), wide_times(b.number, a.part / divisor)),
        a.part / divisor * b.part);
}

struct money money_minus(struct money a, struct money b)
{
    return money_plus(a, (struct money){wide_minus(wide_of(0), b.number), b.part});
}

int money_compare(struct money a, struct money b)
{
    return wide_sign(wide_minus(wide_times(a.number, b.part), wide_times(b.number, a.part)));
}

int64_t money_whole(struct money m, int64_t *ret_rest)
{
    return wide_number(wide_divide(m.number, m.part, ret_rest));
}

int64_t money_round(struct money m, int64_t step, enum money_mode mode)
{
    int64_t parts, units = money_whole(m, &parts);

    assert(wide_sign(m.number) >= 0 && step > 0);
    /* How far it is past a whole multiple, and the same from the next one, in parts. */
    struct wide past = wide_plus(wide_times(wide_of(m.part), units % step), wide_of(parts));
    struct wide left = wide_minus(wide_times(wide_of(m.part), step), past);
    bool up = mode == MONEY_UP ? wide_sign(past) > 0
                               : mode == MONEY_HALF_UP && wide_sign(wide_minus(past, left)) >= 0;
    return (units / step + up) * step;
}
