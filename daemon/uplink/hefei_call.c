/* Calls of Hefei's platform. See hefei_call.h. */
#include "daemon/uplink/hefei_call.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/base/crypto_rsa.h"
#include "daemon/base/crypto_text.h"
#include "daemon/uplink/city_call.h"

enum { CALL_MAX = 16 * 1024, DATA_MAX = 8 * 1024, SIGNED_MAX = DATA_MAX + 256 };
enum { SUCCESS = 8888, FAILURE = 0 };

/* payType as in uploadDriveOut: 0 cash, 2 Alipay, 3 WeChat; else it came through the platform. */
static const enum pay_channel channels[] = {CHANNEL_CASH, CHANNEL_WALLET, CHANNEL_ALIPAY,
                                            CHANNEL_WECHAT};

struct envelope {
    const char *access_id, *sign_type, *data, *sign;
    int64_t time_stamp;
};

static struct envelope read_envelope(const struct json *document)
{
    return (struct envelope){
        .access_id = json_text(json_member(document, "access_id"), ""),
        .sign_type = json_text(json_member(document, "sign_type"), ""),
        .data = json_text(json_member(document, "data"), ""),
        .sign = json_text(json_member(document, "sign"), ""),
        .time_stamp = json_int(json_member(document, "time_stamp"), 0),
    };
}

/* SHA256withRSA over access_id + data + sign_type + time_stamp. */
static bool is_of(const struct uplink_lot *lot, const void *arg)
{
    const struct envelope *e = arg;
    char bytes[SIGNED_MAX];
    struct text text;

    if (!lot->platform_key || !lot->account || strcmp(lot->account, e->access_id) != 0 ||
        strcmp(e->sign_type, "RSA2") != 0)
        return false;
    text_init(&text, bytes, sizeof bytes);
    text_add(&text, "%s%s%s%" PRId64, e->access_id, e->data, e->sign_type, e->time_stamp);
    return !text.overflow &&
           crypto_verify(lot->platform_key, CRYPTO_SHA256, bytes, text.used, e->sign);
}

static bool read_payment(const struct json *business, struct city_order *ret, struct err *err)
{
    const char *stay = json_text(json_member(business, "orderId"), "");
    int64_t amount = -1, type = -1;

    if (!city_key_valid(stay) || strlen(stay) >= sizeof ret->stay)
        return err_set(err, "orderId is none of ours");
    if (!city_call_number(json_member(business, "payAmount"), &amount) || amount < 0 ||
        amount > CITY_CALL_FEE_MAX)
        return err_set(err, "payAmount is no amount in fen");
    type = json_int(json_member(business, "payType"), -1);
    ret->act = PLATFORM_PAID;
    ret->channel = type >= 0 && type <= 3 ? channels[type] : CHANNEL_WALLET;
    ret->amount_fen = amount;
    text_copy(ret->stay, sizeof ret->stay, stay);
    if (!city_call_id(business, ret, err))
        return false;
    text_copy(ret->transaction, sizeof ret->transaction, ret->id);
    return true;
}

static bool read_business(const struct adapter_context *context, const struct envelope *envelope,
                          struct city_order *ret, struct err *err)
{
    static const struct city_call_words words = {"osStoreCode", "carPlate", "channel", true};
    const struct city_signature signature = {is_of, envelope};
    char plain[DATA_MAX];
    struct json *business = NULL;
    size_t size;
    bool done = false;

    if (crypto_base64_decode(envelope->data, strlen(envelope->data), plain, sizeof plain, &size))
        business = json_read(plain, size, sizeof plain, NULL);
    if (!business)
        return err_set(err, "data is no Base64 of JSON");
    if (city_call_lot(context, &signature, json_text(json_member(business, words.lot), ""),
                      &ret->lot, err))
        done = city_call_is_payment(business)
                   ? read_payment(business, ret, err)
                   : city_call_read(context, &words, business, (utc_ms){envelope->time_stamp}, ret,
                                    err);
    json_release(business);
    return done;
}

bool hefei_receive(const struct adapter_context *context, const struct city_call *call,
                   struct city_order *ret, bool *ret_signed, struct err *err)
{
    struct city_order order = {.lot = NULL};
    struct json *document = json_read(call->body, call->size, CALL_MAX, NULL);
    const struct envelope envelope = read_envelope(document);

    *ret_signed = city_call_signer(context, &(struct city_signature){is_of, &envelope});
    bool done = *ret_signed ? read_business(context, &envelope, &order, err)
                            : err_set(err, "the signature is not the platform's");
    json_release(document);
    if (done)
        *ret = order;
    return done;
}

void hefei_answer(const char *why, struct text *out)
{
    text_append(out, "{", 1);
    text_json_int(out, "code", why ? FAILURE : SUCCESS);
    text_json_pair(out, "msg", why ? why : "success");
    text_add(out, ",\"data\":{}}");
}
