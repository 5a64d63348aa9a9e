/* Keyed hashes and sealed texts. See crypto_keyed.h. */
#include "daemon/base/crypto_keyed.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "daemon/base/memory.h"

struct hash crypto_hmac(const struct key *key, const struct crypto_part *parts, size_t count)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
    struct hash hash;
    size_t size = 0;

    bool good = context && EVP_MAC_init(context, key->bytes, sizeof key->bytes, params);
    for (size_t i = 0; i < count; i++)
        good = good && EVP_MAC_update(context, parts[i].bytes, parts[i].size);
    if (!good || !EVP_MAC_final(context, hash.bytes, &size, sizeof hash.bytes))
        memory_out(); /* HMAC is in every libcrypto; its memory may not be */
    assert(size == HASH_SIZE);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return hash;
}

struct key crypto_derive(const struct key *key, const char *word)
{
    struct hash hash = crypto_hmac(key, &(struct crypto_part){word, strlen(word)}, 1);
    struct key derived;

    memcpy(derived.bytes, hash.bytes, sizeof derived.bytes);
    crypto_wipe(&hash, sizeof hash);
    return derived;
}

static EVP_CIPHER_CTX *begin(const struct key *key, const uint8_t *nonce, int sealing)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

    if (!context ||
        !EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key->bytes, nonce, sealing))
        memory_out(); /* so is AES */
    return context;
}

size_t crypto_seal(const struct key *key, const struct crypto_part *text,
                   const struct crypto_part *bound, uint8_t *sealed)
{
    int size = 0, done = 0;

    crypto_random(sealed, CRYPTO_NONCE_SIZE);
    EVP_CIPHER_CTX *context = begin(key, sealed, 1);
    uint8_t *out = sealed + CRYPTO_NONCE_SIZE;
    if (!EVP_EncryptUpdate(context, NULL, &done, bound->bytes, (int)bound->size) ||
        !EVP_EncryptUpdate(context, out, &size, text->bytes, (int)text->size) ||
        !EVP_EncryptFinal_ex(context, out + size, &done) ||
        !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, CRYPTO_TAG_SIZE, out + text->size))
        memory_out(); /* else something would lie there that nobody can open */
    assert((size_t)(size + done) == text->size);
    EVP_CIPHER_CTX_free(context);
    return text->size + CRYPTO_SEAL_OVERHEAD;
}

bool crypto_open(const struct key *key, const struct crypto_part *sealed,
                 const struct crypto_part *bound, void *ret, size_t *ret_size)
{
    uint8_t tag[CRYPTO_TAG_SIZE];
    int size = 0, done = 0;

    if (sealed->size < CRYPTO_SEAL_OVERHEAD || sealed->size > INT32_MAX)
        return false;
    const uint8_t *in = sealed->bytes;
    size_t length = sealed->size - CRYPTO_SEAL_OVERHEAD;
    memcpy(tag, in + sealed->size - sizeof tag, sizeof tag);
    EVP_CIPHER_CTX *context = begin(key, in, 0);
    if (!EVP_DecryptUpdate(context, NULL, &done, bound->bytes, (int)bound->size) ||
        !EVP_DecryptUpdate(context, ret, &size, in + CRYPTO_NONCE_SIZE, (int)length) ||
        !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, sizeof tag, tag))
        memory_out(); /* which is not yet to say that it is another key's */
    bool good = EVP_DecryptFinal_ex(context, (uint8_t *)ret + size, &done) > 0;
    EVP_CIPHER_CTX_free(context);
    if (good)
        *ret_size = length;
    else
        crypto_wipe(ret, length);
    return good;
}

bool crypto_unhex(const char *hex, uint8_t *ret, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    if (strlen(hex) != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        const char *high = strchr(digits, hex[2 * i]), *low = strchr(digits, hex[2 * i + 1]);

        if (!high || !low)
            return false;
        ret[i] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return true;
}

void crypto_wipe(void *bytes, size_t size)
{
    OPENSSL_cleanse(bytes, size);
}
