/*
 * The bays' history replayed: each change must begin where the one before ended, and the counts of
 * each zone and lot must add up after every record. Inside of daemon/store only.
 */
#ifndef STORE_AUDIT_BAYS_H
#define STORE_AUDIT_BAYS_H

#include "daemon/store/sql.h"

struct audit_bays {
    uint64_t changes, bays, zones, lots;
    uint64_t broken; /* changes that do not begin where the one before ended (rule 4) */
    uint64_t first_broken;
    uint64_t uneven; /* records after which a count was wrong (rule 2) */
    uint64_t first_uneven;
};

/* In the caller's snapshot, with the projections shadowed and brought up to the head. False when
 * the records cannot be read. */
bool audit_bays(struct sql *sql, struct audit_bays *ret, struct err *err);

#endif
