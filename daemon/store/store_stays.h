/*
 * Stays for people: which there are, and every record about one. For readers of the file (parkctl);
 * the daemon has its own in memory.
 */
#ifndef STORE_STORE_STAYS_H
#define STORE_STORE_STAYS_H

#include "daemon/store/store.h"

/* One stay, as its records say; texts are borrowed for the call. */
struct store_stay {
    const char *id, *lot, *bay, *plate, *class, *kind;
    const char *state; /* "open", or the outcome */
    utc_ms entered, left;
    bool open;
    int64_t receivable_fen, relief_fen, payable_fen, received_fen, refunded_fen, owes_fen;
};
typedef bool store_stay_fn(void *arg, const struct store_stay *stay); /* false stops */

/* Newest entry first. Each filter may be NULL: of this lot, this plate, this state; "owes" are
 * those with arrears. */
struct store_stay_filter {
    const char *lot, *plate, *state;
};
bool store_stays(struct store *store, const struct store_stay_filter *filter, store_stay_fn *fn,
                 void *arg, struct err *err);

/* Every record about the stay, in order. */
bool store_stay_records(struct store *store, const char *stay, store_row_fn *fn, void *arg,
                        struct err *err);

#endif
