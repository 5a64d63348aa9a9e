/*
 * The gateway's orders and counted shifts out of the journal, as a reconciliation takes them
 * (reconcile/pay_orders.h). Texts live as long as the call, as its contract says.
 */
#ifndef REPORT_ORDERS_H
#define REPORT_ORDERS_H

#include "daemon/reconcile/matching.h"
#include "daemon/report/report.h"

/* Orders with money in these days before and after the period, in the zone's local time. Borrows
 * both. */
struct report_orders {
    struct report_source *source;
    const struct civil_zone *zone;
    struct report_period period;
};
struct pay_order_source report_orders(struct report_orders *orders);

/* Shifts that were closed in the period; the caller frees with report_shifts_free(). */
bool report_shifts(struct report_orders *orders, struct cash_count **ret, uint32_t *ret_count,
                   struct err *err);
void report_shifts_free(struct cash_count *counts, uint32_t count);

#endif
