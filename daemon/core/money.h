/*
 * Money while it is being worked out: a rational number of minor units. Nothing is rounded before
 * the one place that the tariff names. Pure.
 */
#ifndef CORE_MONEY_H
#define CORE_MONEY_H

#include <stdint.h>

#include "daemon/core/wide.h"

/* `number` / `part` minor units; `part` > 0. Wide enough for any fee of a tariff that has passed
 * its proof: a factor of thousandths, three reliefs and four coupons of hundredths make parts of
 * at most 10^17, and amounts stay below 2^63. */
struct money {
    struct wide number;
    int64_t part;
};

enum money_mode { MONEY_HALF_UP, MONEY_UP, MONEY_DOWN };

struct money money_of(int64_t fen);
struct money money_times(struct money m, int64_t number, int64_t part); /* part > 0 */
struct money money_plus(struct money a, struct money b);
struct money money_minus(struct money a, struct money b);
int money_compare(struct money a, struct money b); /* below, at or above 0 as a is to b */

/* The whole minor units in it, towards 0, and how many parts are left. */
int64_t money_whole(struct money m, int64_t *ret_rest);

/* To a whole multiple of `step` minor units (> 0); of amounts from 0 up. */
int64_t money_round(struct money m, int64_t step, enum money_mode mode);

#endif
