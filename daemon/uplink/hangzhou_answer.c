/*
 * What the platforms of the Hangzhou family answer, {"resultCode":200,"msg"}, and the results of
 * payments that they send: a form or an object with `cipher` and `sign`, ciphered with the
 * platform's private key, signed MD5withRSA over the cipher. Of the plaintext, `payStatus`,
 * `billID`, `actualPay` and `orderCode` are known.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/crypto_rsa.h"
#include "daemon/base/json.h"
#include "daemon/uplink/hangzhou.h"

enum { ANSWER_MAX = 64 * 1024, CIPHER_MAX = 8 * 1024, PLAIN_MAX = 4 * 1024, FEE_MAX = 1000000000 };

/* 200 is the only code that is public: any other is a failure, with its reason in `msg`. */
const struct city_code hangzhou_codes[] = {
    {200, ADAPTER_DELIVERED, "success"},
    {0, ADAPTER_RETRY, NULL},
};

/* A number, or a text of digits. */
static bool read_number(const struct json *value, int64_t *ret)
{
    const char *text = json_text(value, NULL);
    char *end;

    if (json_kind(value) == JSON_KIND_INT) {
        *ret = json_int(value, 0);
        return true;
    }
    if (!text || !isdigit((unsigned char)*text) || strlen(text) > 15)
        return false;
    int64_t number = strtoll(text, &end, 10);
    if (*end)
        return false;
    *ret = number;
    return true;
}

void hangzhou_read(const struct adapter_reply *reply, struct city_said *ret)
{
    struct json *answer = json_read(reply->body, reply->size, ANSWER_MAX, NULL);

    *ret = (struct city_said){.code = -1};
    ret->parsed = read_number(json_member(answer, "resultCode"), &ret->code);
    text_copy(ret->message, sizeof ret->message, json_text(json_member(answer, "msg"), ""));
    json_release(answer);
}

/* ---- a payment's result ---- */

struct sealed {
    char cipher[CIPHER_MAX], sign[CIPHER_MAX];
};

static int hex(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* The value of a form's field, decoded; false when it is not there, broken, or too long. */
static bool form_field(const char *form, size_t size, const char *name, char ret[CIPHER_MAX])
{
    size_t length = strlen(name), at = 0, used = 0;

    while (at < size && (size - at <= length || memcmp(form + at, name, length) != 0 ||
                         form[at + length] != '=')) {
        const char *next = memchr(form + at, '&', size - at);
        at = next ? (size_t)(next - form) + 1 : size;
    }
    if (at >= size)
        return false;
    for (at += length + 1; at < size && form[at] != '&'; at++) {
        char c = form[at] == '+' ? ' ' : form[at];
        if (c == '%') {
            if (size - at < 3 || hex(form[at + 1]) < 0 || hex(form[at + 2]) < 0)
                return false;
            c = (char)(hex(form[at + 1]) * 16 + hex(form[at + 2]));
            at += 2;
        }
        if (used == CIPHER_MAX - 1 || !c)
            return false;
        ret[used++] = c;
    }
    ret[used] = '\0';
    return true;
}

static bool object_field(const struct json *object, const char *name, char ret[CIPHER_MAX])
{
    const char *text = json_text(json_member(object, name), NULL);

    if (!text || strlen(text) >= CIPHER_MAX)
        return false;
    text_copy(ret, CIPHER_MAX, text);
    return true;
}

static bool read_sealed(const struct city_call *call, struct sealed *ret)
{
    struct json *object = json_read(call->body, call->size, 2 * CIPHER_MAX + 1024, NULL);
    bool found = object ? object_field(object, "cipher", ret->cipher) &&
                              object_field(object, "sign", ret->sign)
                        : form_field(call->body, call->size, "cipher", ret->cipher) &&
                              form_field(call->body, call->size, "sign", ret->sign);

    json_release(object);
    return found;
}

/* Which of the platform's keys signed it: lots may have one each. */
static const struct uplink_lot *signer(const struct adapter_context *context,
                                       const struct sealed *sealed)
{
    for (uint32_t i = 0; i < context->settings->lots_count; i++) {
        const struct uplink_lot *lot = &context->settings->lots[i];
        if (lot->platform_key && crypto_verify(lot->platform_key, CRYPTO_MD5, sealed->cipher,
                                               strlen(sealed->cipher), sealed->sign))
            return lot;
    }
    return NULL;
}

/* The applied bill's id is the stay's. */
static bool read_result(const struct json *result, struct city_order *ret, struct err *err)
{
    const char *bill = json_text(json_member(result, "billID"), "");
    const char *order = json_text(json_member(result, "orderCode"), "");
    int64_t status = 0, amount = 0;

    if (!read_number(json_member(result, "payStatus"), &status) || status != 1)
        return err_set(err, "payStatus is not 1: nothing was paid");
    if (!city_key_valid(bill) || strlen(bill) >= sizeof ret->stay)
        return err_set(err, "billID is none of ours");
    if (strlen(order) >= sizeof ret->transaction)
        return err_set(err, "orderCode is too long");
    if (!read_number(json_member(result, "actualPay"), &amount) || amount < 0 || amount > FEE_MAX)
        return err_set(err, "actualPay is no amount in fen");
    ret->act = PLATFORM_PAID;
    ret->channel = CHANNEL_WALLET;
    ret->amount_fen = amount;
    text_copy(ret->id, sizeof ret->id, *order ? order : bill);
    text_copy(ret->stay, sizeof ret->stay, bill);
    text_copy(ret->transaction, sizeof ret->transaction, order);
    return true;
}

static bool read_plain(const struct text *plain, struct city_order *ret, struct err *err)
{
    struct json *document = json_read(plain->bytes, plain->used, PLAIN_MAX, err), *inner = NULL;
    const struct json *result = json_member(document, "data");
    const char *quoted = json_text(result, NULL);

    if (!document)
        return false;
    if (quoted)
        result = inner = json_read(quoted, strlen(quoted), PLAIN_MAX, NULL);
    bool done = read_result(result ? result : document, ret, err);
    json_release(inner);
    json_release(document);
    return done;
}

bool hangzhou_receive(const struct adapter_context *context, const struct city_call *call,
                      struct city_order *ret, struct err *err)
{
    struct city_order order = {.act = PLATFORM_PAID};
    struct sealed sealed;
    char bytes[PLAIN_MAX];
    struct text plain;

    if (!read_sealed(call, &sealed))
        return err_set(err, "neither a form nor an object with cipher and sign");
    order.lot = signer(context, &sealed);
    if (!order.lot)
        return err_set(err, "the signature is not the platform's");
    text_init(&plain, bytes, sizeof bytes);
    if (!crypto_open_public(order.lot->platform_key, sealed.cipher, &plain, err) ||
        !read_plain(&plain, &order, err))
        return false;
    *ret = order;
    return true;
}

void hangzhou_answer(const struct adapter_context *context, const struct city_order *order,
                     const char *why, struct text *out)
{
    (void)context;
    (void)order;
    text_append(out, "{", 1);
    text_json_int(out, "resultCode", why ? 500 : 200);
    text_json_pair(out, "msg", why ? why : "success");
    text_append(out, "}", 1);
}
