/*
 * The seals of the chain (rule 13). Without the root key: that each stands where it says, that the
 * epochs go on, and that the key file, where it can be read, holds the key that the newest commits
 * to. With it: that each is the seal of what is there. Inside of daemon/store only.
 */
#ifndef STORE_AUDIT_SEAL_H
#define STORE_AUDIT_SEAL_H

#include "daemon/base/crypto_keyed.h"
#include "daemon/store/audit.h"
#include "daemon/store/sql.h"

/* `root` may be NULL. One finding; `breaches` counts it when it is not good. */
void audit_seal(struct sql *sql, const char *database, const struct key *root, audit_finding_fn *fn,
                void *arg, size_t *breaches);

/* That the journal still has what the platforms acknowledged. Likewise. */
void audit_acknowledged(struct sql *sql, const char *database, audit_finding_fn *fn, void *arg,
                        size_t *breaches);

#endif
