/* Signatures and ciphers, the platform's side. See city_seal.h. */
#include "tests/parksim/city_seal.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/sim.h"

static int digit(char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

unsigned char *city_seal_base64(const char *text, size_t length, size_t *ret_size)
{
    size_t padding = length && text[length - 1] == '=';
    if (padding && text[length - 2] == '=')
        padding = 2;
    if (length == 0 || length % 4)
        return NULL;
    unsigned char *bytes = sim_alloc(length / 4 * 3, 1);
    for (size_t i = 0; i < length; i++) {
        int value = i >= length - padding ? 0 : digit(text[i]);
        if (value < 0) {
            free(bytes);
            return NULL;
        }
        for (int bit = 0; bit < 6; bit++) {
            size_t at = i * 6 + (size_t)bit;
            bytes[at / 8] |= (unsigned char)((value >> (5 - bit) & 1) << (7 - at % 8));
        }
    }
    *ret_size = length / 4 * 3 - padding;
    return bytes;
}

static EVP_PKEY *read_key(const char *pem, bool private_key)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = private_key ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL)
                                : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return key;
}

bool city_seal_verify(const char *public_key, const char *digest, const char *bytes, size_t size,
                      const char *signature)
{
    size_t signed_size;
    unsigned char *raw = city_seal_base64(signature, strlen(signature), &signed_size);
    EVP_PKEY *key = read_key(public_key, false);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = raw && key &&
                EVP_DigestVerifyInit(context, NULL, EVP_get_digestbyname(digest), NULL, key) > 0 &&
                EVP_DigestVerify(context, raw, signed_size, (const unsigned char *)bytes, size) > 0;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    free(raw);
    return good;
}

/* One block; the number of bytes that it held, or -1. */
static int open_block(EVP_PKEY *key, bool private_key, const unsigned char *block, size_t size,
                      unsigned char *out)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    size_t opened = size;
    bool good;

    if (private_key)
        good = EVP_PKEY_decrypt_init(context) > 0 &&
               EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
               EVP_PKEY_decrypt(context, out, &opened, block, size) > 0;
    else
        good = EVP_PKEY_verify_recover_init(context) > 0 &&
               EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
               EVP_PKEY_verify_recover(context, out, &opened, block, size) > 0;
    EVP_PKEY_CTX_free(context);
    return good ? (int)opened : -1;
}

char *city_seal_open(const char *pem, bool private_key, const char *cipher)
{
    size_t size = 0, used = 0;
    unsigned char *raw = city_seal_base64(cipher, strlen(cipher), &size);
    EVP_PKEY *key = pem ? read_key(pem, private_key) : NULL;
    size_t block = key ? (size_t)EVP_PKEY_size(key) : 1;
    bool good = raw && key && size % block == 0;
    unsigned char *plain = sim_alloc(size + block + 1, 1);

    for (size_t at = 0; good && at < size; at += block) {
        int opened = open_block(key, private_key, raw + at, block, plain + used);
        good = opened >= 0;
        used += good ? (size_t)opened : 0;
    }
    EVP_PKEY_free(key);
    free(raw);
    plain[used] = '\0';
    if (good)
        return (char *)plain;
    free(plain);
    return NULL;
}

void city_seal_md5(const char *bytes, size_t size, char ret[33])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    EVP_Digest(bytes, size, digest, NULL, EVP_md5(), NULL);
    for (int i = 0; i < 16; i++)
        snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}
