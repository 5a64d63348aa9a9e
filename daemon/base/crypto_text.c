/* Base64 and MD5; one of the files that include OpenSSL. See crypto_text.h. */
#include "daemon/base/crypto_text.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

#include "daemon/base/crypto.h"
#include "daemon/base/memory.h"

void crypto_base64(struct text *out, const void *bytes, size_t size)
{
    const unsigned char *from = bytes;
    unsigned char block[65]; /* of 48 bytes, and a NUL */

    for (size_t at = 0; at < size; at += 48) {
        size_t piece = size - at < 48 ? size - at : 48;
        int written = EVP_EncodeBlock(block, from + at, (int)piece);

        text_append(out, (const char *)block, (size_t)written);
    }
}

/* Three bytes at most; -1: no Base64 (is_plain). `=` stands at the end only. */
static int decode_four(const char *four, bool last, unsigned char ret[3])
{
    int padding = four[3] != '=' ? 0 : four[2] == '=' ? 2 : 1;

    if (memchr(four, '=', (size_t)(4 - padding)) || (padding && !last))
        return -1;
    int written = EVP_DecodeBlock(ret, (const unsigned char *)four, 4);
    assert(written == 3); /* each is of the alphabet */
    return written - padding;
}

static bool is_plain(const char *base64, size_t size)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

    for (size_t i = 0; i < size; i++)
        if (!base64[i] || !strchr(alphabet, base64[i]))
            return false;
    return size % 4 == 0;
}

bool crypto_base64_decode(const char *base64, size_t size, void *ret, size_t room, size_t *ret_size)
{
    size_t used = 0;

    if (!is_plain(base64, size))
        return false;
    for (size_t at = 0; at < size; at += 4) {
        unsigned char bytes[3];
        int count = decode_four(base64 + at, at + 4 == size, bytes);

        if (count < 0 || room - used < (size_t)count)
            return false;
        memcpy((unsigned char *)ret + used, bytes, (size_t)count);
        used += (size_t)count;
    }
    *ret_size = used;
    return true;
}

char *crypto_md5(const void *bytes, size_t size, char hex[MD5_HEX_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;

    if (!EVP_Digest(bytes, size, digest, &length, EVP_md5(), NULL))
        memory_out(); /* MD5 is in every libcrypto; its memory may not be */
    assert(length == MD5_SIZE);
    return crypto_hex(digest, MD5_SIZE, hex);
}
