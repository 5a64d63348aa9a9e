/*
 * The form in which the Hangzhou family is told anything: accessID, cipher, sign. The plaintext is
 * cut into blocks of the key's size less 11 bytes wherever that falls, also within a character.
 * Hangzhou: cipher with our private key, MD5withRSA; Qingdao: with the platform's public key,
 * SHA1withRSA. The signature is over the Base64 of the cipher.
 */
#include <string.h>

#include "daemon/base/crypto_rsa.h"
#include "daemon/base/crypto_text.h"
#include "daemon/uplink/hangzhou.h"
#include "daemon/uplink/wire.h"

enum { SIGNATURE_MAX = 1400, PIECE = 3 * 1024 };

static bool too_long(const struct text *body, struct err *err)
{
    return err_set(err, "the request is longer than %zu bytes", body->size);
}

/* A form would read + as a space, and = and / mean something in it. */
static bool special(char c)
{
    return c == '+' || c == '/' || c == '=';
}

/* Percent-encodes Base64 from `from` to the end of the text, in place. */
static bool encode_base64(struct text *body, size_t from)
{
    size_t more = 0;

    for (size_t i = from; i < body->used; i++)
        more += special(body->bytes[i]) ? 2 : 0;
    if (more >= body->size - body->used)
        return false;
    char *to = body->bytes + body->used + more;
    *to = '\0';
    for (size_t i = body->used; i-- > from;) {
        char c = body->bytes[i];
        if (special(c)) {
            to -= 3;
            memcpy(to, c == '+' ? "%2B" : c == '/' ? "%2F" : "%3D", 3);
        } else {
            *--to = c;
        }
    }
    body->used += more;
    return true;
}

/* The plaintext waits at the end of the body while its cipher grows in front of it. */
static bool add_cipher(const struct hangzhou_profile *profile, const struct uplink_lot *lot,
                       struct text *body, size_t plain, struct err *err)
{
    const struct crypto_key *key = profile->for_all ? lot->platform_key : lot->key;
    const char *from = body->bytes + body->size - 1 - plain;
    size_t block = crypto_key_bits(key) / 8;
    size_t sealed = (plain / (block - 11) + 1) * block;
    size_t room = body->size - 1 - body->used;

    if (room < plain || room - plain < (sealed + 2) / 3 * 4)
        return too_long(body, err);
    return profile->for_all ? crypto_seal_public(key, from, plain, body, err)
                            : crypto_seal_private(key, from, plain, body, err);
}

bool hangzhou_seal(const struct hangzhou_profile *profile, const struct uplink_lot *lot,
                   struct text *body, struct err *err)
{
    char bytes[SIGNATURE_MAX];
    struct text sign;
    size_t plain = body->used;

    if (body->overflow)
        return too_long(body, err);
    memmove(body->bytes + body->size - 1 - plain, body->bytes, plain);
    body->used = 0;
    text_add(body, "accessID=");
    wire_segment(body, lot->account);
    text_add(body, "&cipher=");
    size_t cipher = body->used;
    if (cipher >= body->size - 1 - plain)
        return too_long(body, err);
    text_init(&sign, bytes, sizeof bytes);
    if (!add_cipher(profile, lot, body, plain, err) ||
        !crypto_sign(lot->key, (enum crypto_digest)profile->digest, body->bytes + cipher,
                     body->used - cipher, &sign, err))
        return false;
    if (!encode_base64(body, cipher))
        return too_long(body, err);
    text_add(body, "&sign=");
    wire_segment(body, sign.bytes);
    return !body->overflow || too_long(body, err);
}

void hangzhou_file(struct text *body, const void *jpeg, size_t size)
{
    size_t from;

    text_add(body, "&file=");
    from = body->used;
    crypto_base64(body, jpeg, size);
    if (!body->overflow && !encode_base64(body, from))
        body->overflow = true;
}
