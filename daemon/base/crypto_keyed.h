/*
 * What is done with a key: keyed hashes (HMAC-SHA-256) and sealed texts (AES-256-GCM), from
 * libcrypto. Keys are 32 bytes and the caller's to wipe. Pure but for the random nonce; any thread.
 */
#ifndef BASE_CRYPTO_KEYED_H
#define BASE_CRYPTO_KEYED_H

#include <stdbool.h>

#include "daemon/base/crypto.h"

enum {
    KEY_SIZE = 32,
    CRYPTO_NONCE_SIZE = 12,
    CRYPTO_TAG_SIZE = 16,
    CRYPTO_SEAL_OVERHEAD = CRYPTO_NONCE_SIZE + CRYPTO_TAG_SIZE
};

struct key {
    uint8_t bytes[KEY_SIZE];
};

/* HMAC-SHA-256 over the parts in order. */
struct hash crypto_hmac(const struct key *key, const struct crypto_part *parts, size_t count);

/* Another key out of this one, for the purpose that `word` names; the way back is not known. */
struct key crypto_derive(const struct key *key, const char *word);

/* nonce ‖ text ‖ tag into `sealed`, which holds size + CRYPTO_SEAL_OVERHEAD; returns that size.
 * `bound` is not in it, and the same is needed to open it. */
size_t crypto_seal(const struct key *key, const struct crypto_part *text,
                   const struct crypto_part *bound, uint8_t *sealed);
/* Into `ret`, which holds sealed->size; false when key, `bound` or a byte is another. */
bool crypto_open(const struct key *key, const struct crypto_part *sealed,
                 const struct crypto_part *bound, void *ret, size_t *ret_size);

/* Hex into `size` bytes; false unless `hex` is just 2 * size digits. */
bool crypto_unhex(const char *hex, uint8_t *ret, size_t size);

/* Overwrites in a way that no compiler leaves out. */
void crypto_wipe(void *bytes, size_t size);

#endif
