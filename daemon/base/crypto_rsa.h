/*
 * RSA as the city platforms use it, over libcrypto: signatures (PKCS#1 v1.5), and texts that are
 * cut into blocks and put into Base64. The block size follows the key. Keys are read once and only
 * read from then on; any thread.
 */
#ifndef BASE_CRYPTO_RSA_H
#define BASE_CRYPTO_RSA_H

#include "daemon/base/err.h"
#include "daemon/core/text.h"

enum crypto_digest { CRYPTO_SHA256, CRYPTO_SHA1, CRYPTO_MD5 };

struct crypto_key;

/* From PEM, or from the Base64 of PKCS#8 (private) or SubjectPublicKeyInfo (public) without its
 * armour, as the platforms hand keys out. NULL with err; the bytes are not kept. */
struct crypto_key *crypto_key_private(const char *bytes, size_t size, struct err *err);
struct crypto_key *crypto_key_public(const char *bytes, size_t size, struct err *err);
void crypto_key_free(struct crypto_key *key); /* takes NULL */
unsigned crypto_key_bits(const struct crypto_key *key);

/* A new pair as PEM: PKCS#8 and SubjectPublicKeyInfo. */
bool crypto_key_make(unsigned bits, struct text *ret_private, struct text *ret_public,
                     struct err *err);
/* The public half: one line of Base64 without armour, as platforms want it in their forms. */
bool crypto_key_public_text(const struct crypto_key *key, struct text *out, struct err *err);

/* Appends the Base64 of the signature. The same key and bytes give the same signature. */
bool crypto_sign(const struct crypto_key *key, enum crypto_digest digest, const void *bytes,
                 size_t size, struct text *out, struct err *err);
/* True when `signature`, Base64, is that of the bytes. */
bool crypto_verify(const struct crypto_key *key, enum crypto_digest digest, const void *bytes,
                   size_t size, const char *signature);

/* Appends the Base64 of the joined blocks. */
bool crypto_seal_private(const struct crypto_key *key, const void *bytes, size_t size,
                         struct text *out, struct err *err); /* type 1: the same each time */
bool crypto_seal_public(const struct crypto_key *key, const void *bytes, size_t size,
                        struct text *out, struct err *err); /* type 2: random padding */
/* Appends the text of sealed blocks: of ours with our private key sealed for us, or of the
 * platform's with its public key. `sealed` is Base64. */
bool crypto_open_private(const struct crypto_key *key, const char *sealed, struct text *out,
                         struct err *err);
bool crypto_open_public(const struct crypto_key *key, const char *sealed, struct text *out,
                        struct err *err);

#endif
