/*
 * Each uplink's delivery state in the file: a watermark and the exceptions to it. Inside of
 * daemon/store only.
 */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include "daemon/store/row.h"
#include "daemon/store/sql.h"

struct delivery; /* the prepared statements */

struct delivery *delivery_create(struct sql *sql, struct err *err);
void delivery_destroy(struct delivery *delivery); /* takes NULL */

/* In the caller's transaction. Counts what was accepted, and of it what is so, durably, within ten
 * seconds of its time. */
bool delivery_save(struct delivery *delivery, const struct outbox_progress *progress,
                   struct err *err);

/* `ret_known` false, and nothing else set, when there is no such uplink. The caller frees
 * `ret->marks`. */
bool delivery_load(struct sql *sql, const char *uplink, struct outbox_progress *ret,
                   bool *ret_known, struct err *err);

/* Each uplink, in the order of their names. */
bool delivery_each(struct sql *sql, store_uplink_fn *fn, void *arg, struct err *err);

/* How many records it has not delivered, pending or set aside, and the time of the oldest. */
bool delivery_undelivered(struct sql *sql, const char *uplink, uint64_t *ret, utc_ms *ret_from,
                          struct err *err);

/* The newest record that every uplink has come past; INT64_MAX without uplinks. */
bool delivery_floor(struct sql *sql, int64_t *ret, struct err *err);

/* Counts what was due up to `through`, which is about to be pruned; how long the uploads of such
 * days took is forgotten. */
bool delivery_count(struct sql *sql, uint64_t through, struct err *err);

/* Where an uplink (column `kinds`) takes a record (column `kind`); for the audit as well. */
#define DELIVERY_TAKES "instr(',' || kinds || ',', ',' || kind || ',') > 0"

#endif
