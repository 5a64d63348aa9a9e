/*
 * Hefei's parking platform (停宜慧 open platform, pages "os-park" of 2023-06-13 and the Java SDK
 * tyhOS/parking-upload-sdk), documented in parkd-hefei(7): POST {url}/os-park/ospark/open/api/v2/
 * OPERATION with {"access_id","sign_type":"RSA2","time_stamp","data","sign"}; `data` is the Base64
 * of the business JSON, `sign` = Base64(SHA256withRSA(access_id + data + sign_type + time_stamp)).
 * Traps (tests use the same numbers):
 *
 *   1. White is 3 and black is 4; yellow-green has its own code, 6.
 *   2. Times are milliseconds of the epoch, durations seconds, money fen.
 *   3. A vehicle without a plate is 无牌车.
 *   4. A stay that is not temporary tells how many seconds its kind has taken off: all of them,
 *      because one that has something to pay is told as temporary.
 *   5. Free (1) is what had nothing to pay; who had, and left without, paid "otherwise" (-1).
 *   6. A stay that was none (void) has been told as an entry, and there is no word to take it back:
 *      it leaves for nothing, or it would stand there for ever.
 */
#include <string.h>

#include "daemon/base/crypto_rsa.h"
#include "daemon/base/crypto_text.h"
#include "daemon/uplink/city_fields.h"
#include "daemon/uplink/hefei_answer.h"
#include "daemon/uplink/hefei_call.h"

enum {
    BUSINESS_MAX = 2048,
    SIGNATURE_MAX = 1400, /* Base64 of 8192 bits */
    PHOTO_MAX = 300 * 1024,
    /* A picture is in Base64 twice; its business JSON waits behind the request while it is put into
     * it. */
    BODY_MAX = 1200 * 1024,
    HEARTBEAT_MS = 4 * 60 * 1000, /* "at least every 5 minutes" */
    CHECK_UNTIL_MIN = 4 * 60      /* "work after 04:00 is not counted" */
};

#define NONE CITY_NO_CODE

/* Trap 1. A colour that no camera told goes by the class of vehicle. */
static const int16_t colours[PLATE_COLOURS] = {
    [PLATE_COLOUR_UNKNOWN] = NONE,
    [PLATE_BLUE] = 1,
    [PLATE_YELLOW] = 2,
    [PLATE_WHITE] = 3,
    [PLATE_BLACK] = 4,
    [PLATE_GREEN] = 5,
    [PLATE_YELLOW_GREEN] = 6,
    [PLATE_RED] = NONE,
    [PLATE_ORANGE] = NONE,
};
/* 1 temporary, 2 monthly, 3 special: internal cars and those on lists. */
static const int16_t kinds[STAY_KINDS] = {
    [STAY_TEMPORARY] = 1, [STAY_PASS] = 2, [STAY_SHARED] = 1, [STAY_EXEMPT] = 3};
static const int16_t channels[PAY_CHANNELS] = {
    [CHANNEL_CASH] = 0, [CHANNEL_WECHAT] = 3, [CHANNEL_ALIPAY] = 2,  [CHANNEL_UNIONPAY] = -1,
    [CHANNEL_ETC] = -1, [CHANNEL_CARD] = -1,  [CHANNEL_WALLET] = -1, [CHANNEL_OTHER] = -1,
};
enum { PAID_FREE = 1, PAID_OTHERWISE = -1, KIND_TEMPORARY = 1 };

/* ---- what an exit tells beside the plain fields ---- */

static int64_t duration_s(const struct city_fact *fact)
{
    int64_t ms = fact->left.ms - fact->entered.ms;

    return ms > 0 ? ms / 1000 : 0;
}

/* Trap 4. */
static int kind_of(const struct city_fact *fact)
{
    return fact->money->payable_fen > 0 ? KIND_TEMPORARY : kinds[fact->kind];
}

static bool duration(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    (void)err;
    text_json_int(out, field->name, duration_s(fact));
    return true;
}

static bool kind(const struct city_fact *fact, const struct city_field *field, struct text *out,
                 struct err *err)
{
    (void)err;
    text_json_int(out, field->name, kind_of(fact));
    return true;
}

static bool discount(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    return kind_of(fact) == KIND_TEMPORARY || duration(fact, field, out, err);
}

/* Trap 5. */
static bool pay_type(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    if (fact->received_fen > 0 && fact->channel != PAY_CHANNELS)
        return city_field_channel(fact, field, out, err);
    bool was_free = fact->money->payable_fen == 0 && fact->received_fen == 0;
    text_json_int(out, field->name, was_free ? PAID_FREE : PAID_OTHERWISE);
    return true;
}

/* ---- operations ---- */

#define VEHICLE                                                                                   \
    {"osStoreCode", city_field_lot}, {"carPlate", city_field_plate, NULL, "无牌车"}, /* trap 3 */ \
        {"carPlateColor", city_field_colour, colours},                                            \
    {                                                                                             \
        "orderId", city_field_stay                                                                \
    }

static const struct city_field entry[] = {
    VEHICLE, {"inTime", city_field_in_ms}, {"inChannel", city_field_entrance}, {NULL}};
static const struct city_field leaving[] = {VEHICLE,
                                            {"inTime", city_field_in_ms},
                                            {"outTime", city_field_out_ms},
                                            {"duration", duration},
                                            {"parkType", kind},
                                            {"parkDiscountTime", discount},
                                            {"billingAmount", city_field_receivable},
                                            {"payAmount", city_field_received},
                                            {"payType", pay_type, channels},
                                            {"inChannel", city_field_entrance},
                                            {"outChannel", city_field_exit},
                                            {NULL}};
static const struct city_field alive[] = {
    {"osStoreCode", city_field_lot}, {"uploadTime", city_field_now_ms}, {NULL}};
static const struct city_field surplus[] = {{"osStoreCode", city_field_lot},
                                            {"total", city_field_total},
                                            {"surplus", city_field_free},
                                            {NULL}};
static const struct city_field picture[] = {VEHICLE, {NULL}};
static const struct city_field of_lot[] = {{"osStoreCode", city_field_lot}, {NULL}};

/* ---- the envelope ---- */

/* Base64 of what waits at the end of the body, in front of it. */
static bool add_data(struct text *body, size_t business)
{
    size_t room = body->size - 1 - body->used;

    if (room < business || room - business < (business + 2) / 3 * 4)
        return false;
    crypto_base64(body, body->bytes + body->size - 1 - business, business);
    return true;
}

/* The body holds the business JSON; it becomes the envelope. What is signed stands in its place for
 * a moment, so that a picture needs no further memory. */
static bool seal(const struct adapter_context *context, const struct uplink_lot *lot,
                 struct text *body, struct err *err)
{
    char bytes[SIGNATURE_MAX];
    struct text sign;
    size_t business = body->used, prefix = strlen(lot->account);

    memmove(body->bytes + body->size - 1 - business, body->bytes, business);
    body->used = 0;
    text_add(body, "%s", lot->account);
    if (body->overflow || !add_data(body, business))
        return err_set(err, "the request is longer than %zu bytes", body->size);
    size_t data = body->used - prefix;
    text_add(body, "RSA2%lld", (long long)context->platform_now.ms);
    text_init(&sign, bytes, sizeof bytes);
    if (!crypto_sign(lot->key, CRYPTO_SHA256, body->bytes, body->used, &sign, err))
        return false;

    static const char head[] = "{\"data\":\"";
    enum { HEAD = sizeof head - 1 };
    if (HEAD + data >= body->size)
        return err_set(err, "the request is longer than %zu bytes", body->size);
    memmove(body->bytes + HEAD, body->bytes + prefix, data);
    memcpy(body->bytes, head, HEAD);
    body->used = HEAD + data;
    text_append(body, "\"", 1);
    text_json_pair(body, "access_id", lot->account);
    text_json_pair(body, "sign_type", "RSA2");
    text_json_int(body, "time_stamp", context->platform_now.ms);
    text_json_pair(body, "sign", sign.bytes);
    text_append(body, "}", 1);
    return !body->overflow || err_set(err, "the request is longer than %zu bytes", body->size);
}

static bool finish(const struct city_fact *fact, const char *operation, struct adapter_request *ret,
                   struct err *err)
{
    ret->method = "POST";
    text_add(&ret->target, "/os-park/ospark/open/api/v2/%s", operation);
    text_add(&ret->headers, "Content-Type: application/json; charset=utf-8\n");
    return seal(fact->context, fact->lot, &ret->body, err);
}

static bool send(const struct city_fact *fact, const char *operation,
                 const struct city_field *fields, struct adapter_request *ret, struct err *err)
{
    return city_fact_write(fields, fact, &ret->body, err) && finish(fact, operation, ret, err);
}

/* Goes on with an object that is closed already. */
static void reopen(struct text *body)
{
    body->used--;
}

/* ---- requests ---- */

static uint32_t steps(const struct adapter_context *context, const struct city_item *item)
{
    (void)context;
    return item->record->kind == RECORD_STAY_OPENED || item->record->kind == RECORD_STAY_CLOSED;
}

static bool encode_record(const struct adapter_context *context, const struct city_item *item,
                          uint32_t step, struct adapter_request *ret, struct err *err)
{
    struct city_fact fact;

    (void)step;
    if (!city_fact(context, item, &fact, err))
        return false;
    if (item->record->kind == RECORD_STAY_OPENED)
        return send(&fact, "uploadDriveIn", entry, ret, err);
    return send(&fact, "uploadDriveOut", leaving, ret, err);
}

static bool encode_heartbeat(const struct adapter_context *context, const struct uplink_lot *lot,
                             struct adapter_request *ret, struct err *err)
{
    struct city_fact fact = city_fact_lot(context, lot);

    return send(&fact, "uploadHeartbeat", alive, ret, err);
}

static bool encode_vacancy(const struct adapter_context *context, const struct uplink_lot *lot,
                           struct adapter_request *ret, struct err *err)
{
    struct city_fact fact = city_fact_lot(context, lot);

    return send(&fact, "uploadSurplus", surplus, ret, err);
}

/* Sources 1 drive-in and 2 drive-out; imageType 2: Base64. */
static bool encode_photo(const struct adapter_context *context, const struct city_photo *photo,
                         struct adapter_request *ret, struct err *err)
{
    struct city_fact fact = city_fact_photo(context, photo);

    if (photo->size > PHOTO_MAX)
        return err_set(err, "a picture of %zu bytes; the platform takes %d", photo->size,
                       (int)PHOTO_MAX);
    if (!city_fact_write(picture, &fact, &ret->body, err))
        return false;
    reopen(&ret->body);
    text_json_int(&ret->body, "source", photo->exit ? 2 : 1);
    text_json_int(&ret->body, "imageType", 2);
    text_add(&ret->body, ",\"content\":\"");
    crypto_base64(&ret->body, photo->jpeg, photo->size);
    text_add(&ret->body, "\"}");
    return finish(&fact, "uploadImage", ret, err);
}

static bool encode_check(const struct adapter_context *context, const struct city_day *day,
                         enum city_check what, struct adapter_request *ret, struct err *err)
{
    struct city_fact fact = city_fact_lot(context, day->lot);

    if (!city_fact_write(of_lot, &fact, &ret->body, err))
        return false;
    reopen(&ret->body);
    text_json_pair(&ret->body, "checkDate", day->date);
    if (what == CITY_COUNTS) {
        text_json_int(&ret->body, "driveInNum", day->entries);
        text_json_int(&ret->body, "driveOutNum", day->exits);
    } else {
        text_json_int(&ret->body, "type", what == CITY_EXITS);
    }
    text_add(&ret->body, "}");
    return finish(&fact, what == CITY_COUNTS ? "uploadCheckRecord" : "uploadUID", ret, err);
}

static const struct city city = {
    .kinds = 1u << RECORD_STAY_OPENED | 1u << RECORD_STAY_CLOSED,
    .heartbeat_ms = HEARTBEAT_MS,
    .codes = hefei_codes,
    .needs = (const char *const[]){"account", "key_file", NULL},
    .steps = steps,
    .record = encode_record,
    .heartbeat = encode_heartbeat,
    .vacancy = encode_vacancy,
    .photo_max = PHOTO_MAX,
    .photo = encode_photo,
    .read = hefei_answer_read,
    .check_from_min = 0,
    .check_to_min = CHECK_UNTIL_MIN,
    .check = encode_check,
    .checked = hefei_answer_checked,
    .call_needs = (const char *const[]){"platform_key_file", NULL},
    .receive = hefei_receive,
    .answer = hefei_answer,
};

const struct adapter adapter_hefei = {
    .name = "hefei",
    .transport = ADAPTER_HTTP,
    .keys = (const char *const[]){NULL},
    .body_max = BODY_MAX,
    .city = &city,
};
