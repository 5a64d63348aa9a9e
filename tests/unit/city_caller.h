/* long: one envelope after another */
/*
 * A city's platform that calls: a business object in the envelope of each, signed with the keys of
 * tests/unit/city. Shared by test_city_call.c and the seeds of the fuzz targets.
 */
#ifndef UNIT_CITY_CALLER_H
#define UNIT_CITY_CALLER_H

#include <inttypes.h>

#include "daemon/uplink/xuzhou.h"
#include "tests/unit/city_bench.h"

enum { CALLER_BODY = 16 * 1024 };

struct city_caller {
    const struct city_bench *b;
    char body[CALLER_BODY], token[MD5_HEX_SIZE];
    bool as_object; /* of Hangzhou's family: an object, not a form */
    int64_t at_ms;  /* of signing, where the envelope tells it */
};

static inline void caller_hefei(struct city_caller *c, const char *business)
{
    char data[CALLER_BODY], text[CALLER_BODY], sign[1024];
    struct text base64, signed_text, sign_text, out;

    text_init(&base64, data, sizeof data);
    crypto_base64(&base64, business, strlen(business));
    text_init(&signed_text, text, sizeof text);
    text_add(&signed_text, "%s%sRSA2%" PRId64, c->b->lots[0].account, data, c->at_ms);
    text_init(&sign_text, sign, sizeof sign);
    crypto_sign(c->b->platform_private, CRYPTO_SHA256, text, signed_text.used, &sign_text, NULL);
    text_init(&out, c->body, sizeof c->body);
    text_add(&out, "{\"access_id\":\"%s\",\"sign_type\":\"RSA2\",\"time_stamp\":%" PRId64,
             c->b->lots[0].account, c->at_ms);
    text_json_pair(&out, "data", data);
    text_json_pair(&out, "sign", sign);
    text_add(&out, "}");
}

static inline void caller_form(struct text *out, const char *value)
{
    for (const char *c = value; *c; c++)
        text_add(out, strchr("+/=", *c) ? "%%%02X" : "%c", *c);
}

/* The plaintext as it is; Qingdao's is ciphered with our public key. */
static inline void caller_hangzhou(struct city_caller *c, const char *plain)
{
    bool qingdao = c->b->settings.adapter == &adapter_qingdao;
    char cipher[CALLER_BODY], sign[1024], own[2048];
    struct text cipher_text, sign_text, own_text, out;

    text_init(&cipher_text, cipher, sizeof cipher);
    text_init(&sign_text, sign, sizeof sign);
    text_init(&own_text, own, sizeof own);
    crypto_key_public_text(c->b->own_1024, &own_text, NULL);
    struct crypto_key *ours = crypto_key_public(own, own_text.used, NULL);
    if (qingdao)
        crypto_seal_public(ours, plain, strlen(plain), &cipher_text, NULL);
    else
        crypto_seal_private(c->b->platform_private, plain, strlen(plain), &cipher_text, NULL);
    crypto_key_free(ours);
    crypto_sign(c->b->platform_private, qingdao ? CRYPTO_SHA1 : CRYPTO_MD5, cipher,
                cipher_text.used, &sign_text, NULL);
    text_init(&out, c->body, sizeof c->body);
    if (c->as_object) {
        text_add(&out, "{\"cipher\":\"%s\",\"sign\":\"%s\"}", cipher, sign);
        return;
    }
    text_add(&out, "accessID=dev&cipher=");
    caller_form(&out, cipher);
    text_add(&out, "&sign=");
    caller_form(&out, sign);
}

/* The body as it is, with its members in ascending order; the token stands in the query. */
static inline void caller_xuzhou(struct city_caller *c, const char *uri, const char *body)
{
    char bytes[CALLER_BODY];
    struct text text;

    text_init(&text, bytes, sizeof bytes);
    text_add(&text, "%s", body);
    xuzhou_token(uri, c->b->lots[0].secret, &text, c->token, NULL);
    text_copy(c->body, sizeof c->body, body);
}

#endif
