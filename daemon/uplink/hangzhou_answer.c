/*
 * What the platforms of the Hangzhou family answer, {"resultCode":200,"msg"}, and their calls: a
 * form or an object with `cipher` and `sign`. Hangzhou: ciphered with the platform's private key,
 * signed MD5withRSA over the cipher; of a payment's result `payStatus`, `billID`, `actualPay` and
 * `orderCode` are known. Qingdao's calls are in no source: the mirror of ours, ciphered with our
 * public key, signed SHA1withRSA.
 */
#include <ctype.h>
#include <string.h>

#include "daemon/base/crypto_rsa.h"
#include "daemon/uplink/city_call.h"
#include "daemon/uplink/hangzhou.h"

enum { ANSWER_MAX = 64 * 1024, CIPHER_MAX = 8 * 1024, PLAIN_MAX = 4 * 1024 };

/* 200 is the only code that is public: any other is a failure, with its reason in `msg`. */
const struct city_code hangzhou_codes[] = {
    {200, ADAPTER_DELIVERED, "success"},
    {0, ADAPTER_RETRY, NULL},
};

void hangzhou_read(const struct adapter_reply *reply, struct city_said *ret)
{
    struct json *answer = json_read(reply->body, reply->size, ANSWER_MAX, NULL);

    *ret = (struct city_said){.code = -1};
    ret->parsed = city_call_number(json_member(answer, "resultCode"), &ret->code);
    text_copy(ret->message, sizeof ret->message, json_text(json_member(answer, "msg"), ""));
    json_release(answer);
}

/* ---- calls ---- */

struct sealed {
    const struct hangzhou_profile *profile;
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

static bool is_of(const struct uplink_lot *lot, const void *arg)
{
    const struct sealed *sealed = arg;

    return lot->platform_key &&
           crypto_verify(lot->platform_key, (enum crypto_digest)sealed->profile->digest,
                         sealed->cipher, strlen(sealed->cipher), sealed->sign);
}

/* The applied bill's id is the stay's. */
static bool read_result(const struct json *result, struct city_order *ret, struct err *err)
{
    const char *bill = json_text(json_member(result, "billID"), "");
    const char *order = json_text(json_member(result, "orderCode"), "");
    int64_t status = 0, amount = 0;

    if (!city_call_number(json_member(result, "payStatus"), &status) || status != 1)
        return err_set(err, "payStatus is not 1: nothing was paid");
    if (!city_key_valid(bill) || strlen(bill) >= sizeof ret->stay)
        return err_set(err, "billID is none of ours");
    if (strlen(order) >= sizeof ret->transaction)
        return err_set(err, "orderCode is too long");
    if (!city_call_number(json_member(result, "actualPay"), &amount) || amount < 0 ||
        amount > CITY_CALL_FEE_MAX)
        return err_set(err, "actualPay is no amount in fen");
    ret->act = PLATFORM_PAID;
    ret->channel = CHANNEL_WALLET;
    ret->amount_fen = amount;
    text_copy(ret->id, sizeof ret->id, *order ? order : bill);
    text_copy(ret->stay, sizeof ret->stay, bill);
    text_copy(ret->transaction, sizeof ret->transaction, order);
    return true;
}

static bool read_business(const struct adapter_context *context, const struct sealed *sealed,
                          const struct json *business, struct city_order *ret, struct err *err)
{
    static const struct city_call_words words = {"parkingCode", "plateNo", "gateNo"};
    const struct city_signature signature = {is_of, sealed};
    const char *code = json_text(json_member(business, words.lot), "");
    utc_ms sent = {0};

    city_call_time(json_text(json_member(business, "uploadTime"), ""), &sent);
    if (!city_call_lot(context, &signature, code, &ret->lot, err))
        return false;
    return city_call_is_payment(business)
               ? read_result(business, ret, err)
               : city_call_read(context, &words, business, sent, ret, err);
}

/* The plaintext, by the key of a lot that has one that fits: NULL when none has. */
static struct json *open_sealed(const struct adapter_context *context, const struct sealed *sealed)
{
    struct json *document = NULL;
    char bytes[PLAIN_MAX];
    struct text plain;

    for (uint32_t i = 0; i < context->settings->lots_count && !document; i++) {
        const struct uplink_lot *lot = &context->settings->lots[i];

        text_init(&plain, bytes, sizeof bytes);
        if (is_of(lot, sealed) &&
            (sealed->profile->for_all
                 ? crypto_open_private(lot->key, sealed->cipher, &plain, NULL)
                 : crypto_open_public(lot->platform_key, sealed->cipher, &plain, NULL)))
            document = json_read(plain.bytes, plain.used, PLAIN_MAX, NULL);
    }
    return document;
}

bool hangzhou_receive(const struct adapter_context *context, const struct city_call *call,
                      struct city_order *ret, bool *ret_signed, struct err *err)
{
    struct sealed sealed = {.profile = hangzhou_profile(context)};
    struct city_order order = {.lot = NULL};
    struct json *document, *inner = NULL;

    *ret_signed = read_sealed(call, &sealed) &&
                  city_call_signer(context, &(struct city_signature){is_of, &sealed});
    if (!*ret_signed)
        return err_set(err, "the signature is not the platform's");
    document = open_sealed(context, &sealed);
    if (!document)
        return err_set(err, "the cipher holds no JSON");
    const struct json *business = json_member(document, "data");
    const char *quoted = json_text(business, NULL);
    if (quoted)
        business = inner = json_read(quoted, strlen(quoted), PLAIN_MAX, NULL);
    bool done = read_business(context, &sealed, business ? business : document, &order, err);
    json_release(inner);
    json_release(document);
    if (done)
        *ret = order;
    return done;
}

void hangzhou_answer(const char *why, struct text *out)
{
    text_append(out, "{", 1);
    text_json_int(out, "resultCode", why ? 500 : 200);
    text_json_pair(out, "msg", why ? why : "success");
    text_append(out, "}", 1);
}
