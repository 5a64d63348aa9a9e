/*
 * What the gateway itself holds of a day: its orders with what was paid and given back, and the
 * counted cash of its shifts. Where they come from is behind struct pay_order_source.
 */
#ifndef RECONCILE_PAY_ORDERS_H
#define RECONCILE_PAY_ORDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"

enum pay_order_status {
    PAY_ORDER_OPEN,
    PAY_ORDER_PAID,
    PAY_ORDER_REFUNDED,
    PAY_ORDER_VOID,
    PAY_ORDER_STATUSES
};

#define PAY_ORDER_NO_TIME INT64_MIN

/* Texts are "" where nothing is known. Times are local to the site, as those of statements. */
struct pay_order {
    const char *number;            /* the merchant's order number: the key */
    const char *transaction;       /* the channel's number, where it is known */
    const char *channel;           /* "wechat", "alipay", "cash", … */
    const char *stay;              /* id of the stay; two orders may be tries for one */
    const char *operator, * shift; /* of cash */
    enum pay_order_status status;
    int64_t payable_fen, paid_fen, refund_fen;
    int64_t paid_local_s, refunded_local_s; /* PAY_ORDER_NO_TIME: not said */
};

/* Each order with its texts borrowed for the call; false stops. */
typedef bool pay_order_fn(void *arg, const struct pay_order *order, struct err *err);

struct pay_order_source {
    bool (*each)(void *arg, pay_order_fn *fn, void *fn_arg, struct err *err);
    void *arg;
};

/* Sorted by number, each once. Texts live as long as the list. */
struct pay_orders {
    struct texts *texts;
    struct pay_order *items;
    uint32_t count, room;
};

/* All of the source; NULL with err. */
struct pay_orders *pay_orders_collect(const struct pay_order_source *source, struct err *err);
void pay_orders_destroy(struct pay_orders *orders); /* takes NULL */

const struct pay_order *pay_orders_find(const struct pay_orders *orders, const char *number);

/* "PAID"; false when it is no status. */
bool pay_order_status_parse(const char *word, enum pay_order_status *ret);

#endif
