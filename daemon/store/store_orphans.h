/*
 * What orphan.h pairs, as the file holds it: a lot's open stays, its departures without an entry,
 * and the changes of its bays. For readers of the file (parkctl).
 */
#ifndef STORE_STORE_ORPHANS_H
#define STORE_STORE_ORPHANS_H

#include "daemon/core/orphan.h"
#include "daemon/store/store.h"

enum { STORE_WITNESSES = 20000 };

/* The newest of each, up to the bounds; `witnesses` has room for STORE_WITNESSES and is borrowed by
 * `ret` afterwards. */
bool store_orphans(struct store *store, const char *lot, struct orphans *ret,
                   struct orphan_witness *witnesses, struct err *err);

/* Lots that have stays, by their ids. */
typedef void store_lot_fn(void *arg, const char *lot);
bool store_stay_lots(struct store *store, store_lot_fn *fn, void *arg, struct err *err);

#endif
