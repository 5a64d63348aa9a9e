/*
 * The gateway's orders and counted shifts from files, for a gateway that cannot be asked. Orders:
 * {"order_no","paid_at","channel","payable_fen","paid_fen","refund_fen","channel_txn","status",
 * "operator","shift"} and, where they are known, "stay" and "refunded_at". Shifts: {"operator",
 * "shift","counted_fen","float_fen","dropped_fen"}, or "counted": how many pieces of each
 * denomination in fen.
 */
#ifndef RECONCILE_ORDER_FILE_H
#define RECONCILE_ORDER_FILE_H

#include "daemon/core/civil.h"
#include "daemon/reconcile/matching.h"

struct order_file {
    const char *path;
    const struct civil_zone *zone; /* of the channels' days */
};

/* Borrows the file. */
struct pay_order_source order_file_source(struct order_file *file);

struct shift_file; /* the counts of one file */

struct shift_file *shift_file_read(const char *path, struct err *err);
void shift_file_release(struct shift_file *shifts); /* takes NULL */
const struct cash_count *shift_file_counts(const struct shift_file *shifts, uint32_t *ret_count);

#endif
