/* What the files of the matcher share: one channel's lines beside the gateway's orders. */
#ifndef RECONCILE_MATCHING_INSIDE_H
#define RECONCILE_MATCHING_INSIDE_H

#include "daemon/reconcile/matching.h"

/* One line of a trade bill of the day or its neighbours. */
struct item {
    const struct statement_line *line;
    int32_t day;
    const struct pay_order *order; /* of its number; NULL: the gateway has none */
    bool stands;                   /* it is the payment of `order` */
    int64_t refunded_fen;          /* of a payment that does not stand: given back since */
    bool used;                     /* a refund that has found what it belongs to */
};

/* What the lines say of one order; beside orders->items. */
struct claim {
    struct item *payment;
    struct item *refund; /* the first */
    int64_t refund_today_fen, refund_near_fen;
};

struct side {
    struct matching *match;
    const struct matching_input *input;
    const char *channel;
    struct item *items; /* by order number, time, line */
    uint32_t count;
    struct item **by_transaction; /* payments */
    uint32_t payments;
    struct claim *claims;
    bool has_before, has_after; /* a bill of the day before, of a day after */
};

/* Grows `*items` by one zeroed item of `size`; returns it. */
void *matching_add(void *items, uint32_t *count, size_t size);

struct difference *matching_difference(struct matching *match, const struct difference *difference);
void matching_note_matched(struct matching *match, const struct pay_order *order);
void matching_note_coupon(struct matching *match, struct matching_coupon coupon);
struct matching_settlement *matching_new_settlement(struct matching *match, const char *channel);
struct matching_shift *matching_new_shift(struct matching *match);

bool matching_is_paid(const struct pay_order *order);
bool matching_is_of(const struct pay_order *order,
                    const struct side *side); /* its channel is this one */

/* Whether a time is so near an end of the day that a bill not given may hold it. */
bool matching_is_near_edge(const struct side *side, int64_t at_local_s);

void matching_payments(struct side *side);   /* matching_payments.c */
void matching_refunds(struct side *side);    /* matching_refunds.c */
void matching_fees(struct side *side);       /* matching_settlement.c */
void matching_settlement(struct side *side); /* matching_settlement.c */
void matching_cash(struct matching *match,
                   const struct matching_input *input); /* matching_cash.c */

#endif
