/*
 * The ratchet: a secret that is replaced by one that follows from it, and from which the way back
 * is not known. Who takes the gateway finds the present secret and can seal nothing that an older
 * one has sealed; who was given the root at the installation can follow all of them. Pure. Inside
 * of daemon/store and its tests only.
 *
 *   secret(0)     = HMAC(root, "parkd chain")
 *   secret(e + 1) = HMAC(secret(e), "parkd ratchet")
 *   seal(e)       = HMAC(HMAC(secret(e), "parkd seal"), e ‖ seq ‖ hash(seq)), 64-bit big-endian
 *   commitment(e) = SHA-256("parkd commitment" ‖ e ‖ HMAC(secret(e), "parkd seal"))
 */
#ifndef STORE_RATCHET_H
#define STORE_RATCHET_H

#include "daemon/base/crypto_keyed.h"
#include "daemon/store/chain.h"

struct ratchet {
    uint64_t epoch;
    struct key secret;
};

struct ratchet ratchet_begin(const struct key *root);
/* Overwrites the present secret by the next. */
void ratchet_step(struct ratchet *ratchet);

/* Seals the chain from its beginning to `at` with the present secret. */
struct hash ratchet_seal(const struct ratchet *ratchet, const struct chain *at);
/* What may be told of the present secret before it is used, so that it cannot be another later. */
struct hash ratchet_commitment(const struct ratchet *ratchet);

#endif
