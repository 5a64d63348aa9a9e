/* long: what may be found, each with its meaning */
/*
 * The gateway's orders of a day against the channels' statements: what agrees, and every difference
 * once, in one class. Pure but for the list that it makes; the result borrows texts from the orders
 * and bills.
 */
#ifndef RECONCILE_MATCHING_H
#define RECONCILE_MATCHING_H

#include "daemon/core/record_report.h"
#include "daemon/reconcile/bills.h"
#include "daemon/reconcile/pay_orders.h"

enum { MATCHING_DAYS_BEFORE = 1, MATCHING_DAYS_AFTER = 7, MATCHING_EDGE_S = 600 };

#define MATCHING_NO_AMOUNT RECORD_NO_AMOUNT

struct difference {
    enum difference_class class;
    enum difference_state state;
    bool of_refund;                   /* about what was given back for an order, not its payment */
    const char *channel;              /* "cash" of a shift */
    const char *order;                /* ours; "": none. Of a shift: the operator */
    const char *channel_order;        /* the channel's; of a shift: its name */
    const char *transaction, *refund; /* the channel's numbers */
    int64_t gateway_fen, channel_fen; /* MATCHING_NO_AMOUNT: no such side */
    int64_t at_risk_fen;              /* 0 once it is resolved */
    int64_t at_local_s;
    int32_t age_days;
    const char *why; /* constant words: what to do, or what has closed it */
};

/* What a shift has in its drawer. */
struct cash_count {
    const char *operator, * shift;
    int64_t counted_fen, float_fen, dropped_fen; /* found, put in before, taken out meanwhile */
    bool booked;        /* the gateway kept account of the drawer itself: */
    int64_t system_fen; /* what came and went in the shift, be it of orders of other days */
};

struct matching_input {
    int32_t day;
    int64_t now_local_s; /* ages are counted to here */
    const struct pay_orders *orders;
    const struct bills *bills;
    const struct cash_count *counts; /* NULL: shifts were not counted */
    uint32_t counts_count;
};

/* A payment that agrees though a coupon paid a part of it. */
struct matching_coupon {
    const struct pay_order *order;
    const struct statement_line *line;
};

struct matching_shift {
    const char *operator, * shift;
    uint32_t orders;
    int64_t system_fen, counted_fen; /* MATCHING_NO_AMOUNT: not counted */
};

/* receivable − refunds − fee = expected; against what the account did. */
struct matching_settlement {
    const char *channel;
    int64_t receivable_fen, refunds_fen, fee_mfen, expected_mfen;
    bool proved; /* there is a statement of the account */
    int64_t moved_mfen, other_mfen;
    uint32_t checked_orders;
    int64_t checked_fen;
};

struct matching_sum {
    uint32_t count, open;
    int64_t fen, at_risk_fen;
};

struct matching;

/* NULL with err when the statements are not those of the day. */
struct matching *matching_run(const struct matching_input *input, struct err *err);
void matching_destroy(struct matching *match); /* takes NULL */

/* Sorted by channel, class, order and time; matched orders by number; shifts by operator. */
const struct difference *matching_differences(const struct matching *match, uint32_t *ret_count);
const struct pay_order *const *matching_matched(const struct matching *match, uint32_t *ret_count);
const struct matching_coupon *matching_coupons(const struct matching *match, uint32_t *ret_count);
const struct matching_shift *matching_shifts(const struct matching *match, uint32_t *ret_count);
const struct matching_settlement *matching_settlements(const struct matching *match,
                                                       uint32_t *ret_count);
/* An earlier run knows it otherwise (a person has resolved it): state, risk and why are those. */
void matching_settle(struct matching *match, uint32_t index, const struct difference *known);
struct matching_sum matching_sum(const struct matching *match, enum difference_class class);

/* Orders of the day whose channel gave no statement: they are in no class. */
uint32_t matching_unchecked(const struct matching *match, int64_t *ret_fen);

const char *difference_class_text(enum difference_class class); /* "amount_mismatch" */
const char *difference_state_text(enum difference_state state); /* "OPEN" */

#endif
