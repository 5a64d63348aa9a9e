/* RSA for city platforms; one of the files that include OpenSSL. See crypto_rsa.h. */
#include "daemon/base/crypto_rsa.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/crypto_text.h"
#include "daemon/base/memory.h"

enum {
    KEY_BYTES_MAX = 8192,
    BLOCK_MAX = 1024, /* of a key of 8192 bits */
    PADDING = 11,     /* of PKCS#1 v1.5: a block holds so many bytes less */
    BITS_MIN = 1024,  /* what the Hangzhou family hands out */
    BITS_MAX = 8192
};

struct crypto_key {
    EVP_PKEY *pkey;
};

/* ---- keys ---- */

static struct crypto_key *take_key(EVP_PKEY *pkey, struct err *err)
{
    if (!pkey || EVP_PKEY_base_id(pkey) != EVP_PKEY_RSA || EVP_PKEY_bits(pkey) < BITS_MIN ||
        EVP_PKEY_bits(pkey) > BITS_MAX) {
        err_set(err, "no RSA key of %d to %d bits, as PEM or as its Base64", BITS_MIN, BITS_MAX);
        EVP_PKEY_free(pkey);
        return NULL;
    }
    struct crypto_key *key = memory_new(1, sizeof *key);
    key->pkey = pkey;
    return key;
}

/* Base64 in any number of lines. The number of bytes; 0: it is none. */
static size_t bare(const char *bytes, size_t size, unsigned char ret[KEY_BYTES_MAX])
{
    char *joined = memory_new(size + 1, 1);
    size_t used = 0, decoded = 0;

    for (size_t i = 0; i < size; i++)
        if (!strchr(" \t\r\n", bytes[i]))
            joined[used++] = bytes[i];
    if (!crypto_base64_decode(joined, used, ret, KEY_BYTES_MAX, &decoded))
        decoded = 0;
    OPENSSL_cleanse(joined, used);
    free(joined);
    return decoded;
}

/* A password would be asked for on the terminal otherwise. */
static int no_password(char *buffer, int size, int writing, void *arg)
{
    (void)buffer, (void)size, (void)writing, (void)arg;
    return 0;
}

typedef EVP_PKEY *pem_fn(BIO *bio, EVP_PKEY **key, pem_password_cb *password, void *arg);

static EVP_PKEY *from_pem(const char *bytes, size_t size, pem_fn *read)
{
    BIO *bio = size <= KEY_BYTES_MAX * 2 ? BIO_new_mem_buf(bytes, (int)size) : NULL;
    EVP_PKEY *pkey = bio ? read(bio, NULL, no_password, NULL) : NULL;

    BIO_free(bio);
    return pkey;
}

struct crypto_key *crypto_key_private(const char *bytes, size_t size, struct err *err)
{
    EVP_PKEY *pkey = from_pem(bytes, size, PEM_read_bio_PrivateKey);
    unsigned char der[KEY_BYTES_MAX];
    const unsigned char *at = der;

    if (!pkey) {
        size_t length = bare(bytes, size, der);
        pkey = length ? d2i_AutoPrivateKey(NULL, &at, (long)length) : NULL;
        OPENSSL_cleanse(der, sizeof der);
    }
    return take_key(pkey, err);
}

struct crypto_key *crypto_key_public(const char *bytes, size_t size, struct err *err)
{
    EVP_PKEY *pkey = from_pem(bytes, size, PEM_read_bio_PUBKEY);
    unsigned char der[KEY_BYTES_MAX];
    const unsigned char *at = der;

    if (!pkey) {
        size_t length = bare(bytes, size, der);
        pkey = length ? d2i_PUBKEY(NULL, &at, (long)length) : NULL;
    }
    return take_key(pkey, err);
}

void crypto_key_free(struct crypto_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

unsigned crypto_key_bits(const struct crypto_key *key)
{
    return (unsigned)EVP_PKEY_bits(key->pkey);
}

static void append_bio(BIO *bio, struct text *out)
{
    char *bytes = NULL;
    long size = BIO_get_mem_data(bio, &bytes);

    if (size > 0)
        text_append(out, bytes, (size_t)size);
    BIO_free(bio);
}

bool crypto_key_make(unsigned bits, struct text *ret_private, struct text *ret_public,
                     struct err *err)
{
    EVP_PKEY *pkey = EVP_RSA_gen(bits);
    BIO *secret = BIO_new(BIO_s_secmem()), *open = BIO_new(BIO_s_mem());
    bool ok = pkey && secret && open &&
              PEM_write_bio_PKCS8PrivateKey(secret, pkey, NULL, NULL, 0, NULL, NULL) &&
              PEM_write_bio_PUBKEY(open, pkey);

    append_bio(secret, ret_private);
    append_bio(open, ret_public);
    EVP_PKEY_free(pkey);
    return ok || err_set(err, "libcrypto made no RSA key of %u bits", bits);
}

bool crypto_key_public_text(const struct crypto_key *key, struct text *out, struct err *err)
{
    unsigned char *der = NULL;
    int size = i2d_PUBKEY(key->pkey, &der);

    if (size <= 0)
        return err_set(err, "the key has no public half");
    crypto_base64(out, der, (size_t)size);
    OPENSSL_free(der);
    return true;
}

/* ---- signatures ---- */

static const EVP_MD *digest_of(enum crypto_digest digest)
{
    static const EVP_MD *(*const digests[])(void) = {
        [CRYPTO_SHA256] = EVP_sha256, [CRYPTO_SHA1] = EVP_sha1, [CRYPTO_MD5] = EVP_md5};

    return digests[digest]();
}

bool crypto_sign(const struct crypto_key *key, enum crypto_digest digest, const void *bytes,
                 size_t size, struct text *out, struct err *err)
{
    unsigned char signature[BLOCK_MAX];
    size_t length = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context &&
              EVP_DigestSignInit(context, NULL, digest_of(digest), NULL, key->pkey) > 0 &&
              EVP_DigestSign(context, signature, &length, bytes, size) > 0;

    EVP_MD_CTX_free(context);
    if (!ok)
        return err_set(err, "the key does not sign; is it the private one?");
    crypto_base64(out, signature, length);
    return true;
}

bool crypto_verify(const struct crypto_key *key, enum crypto_digest digest, const void *bytes,
                   size_t size, const char *signature)
{
    unsigned char given[BLOCK_MAX];
    size_t length;

    if (!crypto_base64_decode(signature, strlen(signature), given, sizeof given, &length))
        return false;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context &&
              EVP_DigestVerifyInit(context, NULL, digest_of(digest), NULL, key->pkey) > 0 &&
              EVP_DigestVerify(context, given, length, bytes, size) == 1;
    EVP_MD_CTX_free(context);
    return ok;
}

/* ---- blocks ---- */

typedef int init_fn(EVP_PKEY_CTX *context);
typedef int block_fn(EVP_PKEY_CTX *context, unsigned char *to, size_t *to_size,
                     const unsigned char *from, size_t from_size);

/* One way over blocks. Without a digest a signature is the type 1 block of the bytes themselves,
 * and its recovery opens it (RFC 8017 section 8.2). */
static const struct way {
    init_fn *init;
    block_fn *block;
    const char *fault;
} seal_private = {EVP_PKEY_sign_init, EVP_PKEY_sign, "the key does not seal; is it private?"},
  seal_public = {EVP_PKEY_encrypt_init, EVP_PKEY_encrypt, "the key does not seal"},
  open_private = {EVP_PKEY_decrypt_init, EVP_PKEY_decrypt, "not sealed for this key"},
  open_public = {EVP_PKEY_verify_recover_init, EVP_PKEY_verify_recover, "not sealed by this key"};

static EVP_PKEY_CTX *begin(const struct crypto_key *key, const struct way *way)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pkey, NULL);

    if (context && way->init(context) > 0 &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0)
        return context;
    EVP_PKEY_CTX_free(context);
    return NULL;
}

/* What of `from` each step takes. */
struct pieces {
    const unsigned char *from;
    size_t size, step;
};

static bool each_block(const struct crypto_key *key, const struct way *way, struct pieces pieces,
                       struct text *out, struct err *err)
{
    EVP_PKEY_CTX *context = begin(key, way);
    bool ok = context != NULL;

    for (size_t at = 0; ok && at < pieces.size; at += pieces.step) {
        size_t piece = pieces.size - at < pieces.step ? pieces.size - at : pieces.step;
        unsigned char block[BLOCK_MAX];
        size_t length = sizeof block;

        ok = way->block(context, block, &length, pieces.from + at, piece) > 0;
        if (ok)
            text_append(out, (const char *)block, length);
    }
    EVP_PKEY_CTX_free(context);
    return ok || err_set(err, "%s", way->fault);
}

static bool seal(const struct crypto_key *key, const struct way *way, struct pieces pieces,
                 struct text *out, struct err *err)
{
    size_t block = (size_t)EVP_PKEY_size(key->pkey);
    size_t room = (pieces.size / (block - PADDING) + 1) * block + 1;
    char *bytes = memory_new(room, 1);
    struct text joined;

    pieces.step = block - PADDING;
    text_init(&joined, bytes, room);
    bool ok = each_block(key, way, pieces, &joined, err);
    if (ok)
        crypto_base64(out, joined.bytes, joined.used);
    free(bytes);
    return ok;
}

static bool open_sealed(const struct crypto_key *key, const struct way *way, const char *sealed,
                        struct text *out, struct err *err)
{
    size_t length = strlen(sealed), size = 0, block = (size_t)EVP_PKEY_size(key->pkey);
    unsigned char *bytes = memory_new(length + 1, 1);
    bool ok = crypto_base64_decode(sealed, length, bytes, length + 1, &size) && size > 0 &&
              size % block == 0;

    if (!ok)
        err_set(err, "no Base64 of whole blocks of %zu bytes", block);
    ok = ok && each_block(key, way, (struct pieces){bytes, size, block}, out, err);
    free(bytes);
    return ok;
}

bool crypto_seal_private(const struct crypto_key *key, const void *bytes, size_t size,
                         struct text *out, struct err *err)
{
    return seal(key, &seal_private, (struct pieces){bytes, size, 0}, out, err);
}

bool crypto_seal_public(const struct crypto_key *key, const void *bytes, size_t size,
                        struct text *out, struct err *err)
{
    return seal(key, &seal_public, (struct pieces){bytes, size, 0}, out, err);
}

bool crypto_open_private(const struct crypto_key *key, const char *sealed, struct text *out,
                         struct err *err)
{
    return open_sealed(key, &open_private, sealed, out, err);
}

bool crypto_open_public(const struct crypto_key *key, const char *sealed, struct text *out,
                        struct err *err)
{
    return open_sealed(key, &open_public, sealed, out, err);
}
