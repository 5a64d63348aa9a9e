/* Hashes and random bytes from libcrypto. */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_SIZE = 32, HASH_HEX_SIZE = 65 };

struct hash {
    uint8_t bytes[HASH_SIZE];
};

struct crypto_part {
    const void *bytes;
    size_t size;
};

/* SHA-256 over the parts in order. */
struct hash crypto_sha256(const struct crypto_part *parts, size_t count);

/* The same over bytes that come one after another. The end frees it. */
struct crypto_stream;
struct crypto_stream *crypto_stream_begin(void);
void crypto_stream_add(struct crypto_stream *stream, const void *bytes, size_t size);
struct hash crypto_stream_end(struct crypto_stream *stream);

/* Lower-case hex of `size` bytes and a NUL; `hex` holds 2 * size + 1. Returns `hex`. */
char *crypto_hex(const uint8_t *bytes, size_t size, char *hex);

/* From the kernel; ends the process when there is none. */
void crypto_random(void *bytes, size_t size);

#endif
