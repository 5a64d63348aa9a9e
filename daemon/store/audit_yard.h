/*
 * The rules of lanes, stays and money (DESIGN section 6, rules 6 to 12), each proved by questions
 * to the journal that must find nothing. Inside of daemon/store only.
 */
#ifndef STORE_AUDIT_YARD_H
#define STORE_AUDIT_YARD_H

#include "daemon/store/audit.h"
#include "daemon/store/sql.h"

/* In the caller's snapshot, with the projections shadowed and brought up to the head. One finding a
 * rule; those that are not good are counted on `breaches`. */
void audit_yard(struct sql *sql, audit_finding_fn *fn, void *arg, size_t *breaches);

#endif
