/* Hashes and random bytes; one of the files that include OpenSSL. See crypto.h. */
#include "daemon/base/crypto.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/random.h>

#include "daemon/base/log.h"
#include "daemon/base/memory.h"

struct crypto_stream {
    EVP_MD_CTX *context;
};

struct crypto_stream *crypto_stream_begin(void)
{
    struct crypto_stream *stream = memory_new(1, sizeof *stream);

    stream->context = EVP_MD_CTX_new();
    if (!stream->context || !EVP_DigestInit_ex(stream->context, EVP_sha256(), NULL))
        memory_out(); /* SHA-256 is in every libcrypto; its memory may not be */
    return stream;
}

void crypto_stream_add(struct crypto_stream *stream, const void *bytes, size_t size)
{
    EVP_DigestUpdate(stream->context, bytes, size);
}

struct hash crypto_stream_end(struct crypto_stream *stream)
{
    struct hash hash;
    unsigned size = 0;

    EVP_DigestFinal_ex(stream->context, hash.bytes, &size);
    assert(size == HASH_SIZE);
    EVP_MD_CTX_free(stream->context);
    free(stream);
    return hash;
}

struct hash crypto_sha256(const struct crypto_part *parts, size_t count)
{
    struct hash hash;
    unsigned size = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (!context || !EVP_DigestInit_ex(context, EVP_sha256(), NULL))
        memory_out(); /* as above */
    for (size_t i = 0; i < count; i++)
        EVP_DigestUpdate(context, parts[i].bytes, parts[i].size);
    EVP_DigestFinal_ex(context, hash.bytes, &size);
    assert(size == HASH_SIZE);
    EVP_MD_CTX_free(context);
    return hash;
}

char *crypto_hex(const uint8_t *bytes, size_t size, char *hex)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * size] = '\0';
    return hex;
}

void crypto_random(void *bytes, size_t size)
{
    if (getrandom(bytes, size, 0) != (ssize_t)size) {
        log_error("random: the kernel gives no random bytes; nothing can be signed or named");
        abort();
    }
}
