/*
 * A stay as the evaluator sees it: when, what kind of vehicle, and all else that bears on its
 * price. Plain data of the caller.
 */
#ifndef CORE_TARIFF_STAY_H
#define CORE_TARIFF_STAY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/vehicle.h"

enum { TARIFF_COUPONS = 4 }; /* of one stay */

enum tariff_coupon_kind { TARIFF_COUPON_TIME, TARIFF_COUPON_PERCENT, TARIFF_COUPON_AMOUNT };

struct tariff_coupon {
    enum tariff_coupon_kind kind;
    int64_t value; /* seconds, percent off, minor units off */
};

/* A span: of a pass; [from_s, to_s). */
struct tariff_span {
    int64_t from_s, to_s;
};

struct tariff_payment {
    int64_t at_s, fen;
};

/* An earlier stay of the same plate at the same lot. */
struct tariff_earlier {
    int64_t entry_s, exit_s;
    int64_t fen; /* what it cost, for a shared maximum */
};

/* Times are UTC seconds. Arrays are borrowed, ascending in time. */
struct tariff_stay {
    int64_t entry_s, exit_s;
    bool entry_missing;
    int64_t clock_step_s; /* the wall clock was moved by this much between entry and exit */
    enum vehicle_class class;
    uint32_t also; /* further classes that free time and relief may come from */
    const struct tariff_span *passes;
    const struct tariff_payment *payments;
    const struct tariff_coupon *coupons;
    const struct tariff_earlier *earlier;
    uint32_t passes_count, payments_count, coupons_count, earlier_count;
};

#endif
