/* long: two profiles of one protocol, field by field */
/*
 * The parking platform of Hangzhou's City Brain (便捷泊车, version 2) and of Qingdao, which speaks
 * the same with other keys, documented in parkd-hangzhou(7). Known from four clients that agree;
 * the official text is not public. POST of a form, see hangzhou_seal.c. Traps (tests use the same
 * numbers):
 *
 *   1. The uid is the stay's: entry, exit, bills and pictures carry the same.
 *   2. White is 3 and black is 4; yellow-green is told as green.
 *   3. Local times without a zone are UTC+8; money is fen.
 *   4. Counts of bays go with every entry and exit, as of the moment of sending.
 *   5. Who left without paying becomes a bill of the platform's (applyPayment), after the exit.
 *   6. A stay that was none (void) has been told as an entry, and there is no word to take it back:
 *      it leaves for nothing, or it would stand there for ever.
 */
#include "daemon/uplink/hangzhou.h"

#include "daemon/base/crypto_rsa.h"
#include "daemon/base/crypto_text.h"
#include "daemon/uplink/city_fields.h"

enum {
    BUSINESS_MAX = 2048,
    PHOTO_MAX = 512 * 1024,
    BODY_MAX = 2048 * 1024,      /* a picture's plaintext and, in front of it, its cipher */
    HEARTBEAT_MS = 9 * 60 * 1000 /* one each 10 minutes is asked for; it may have to go again */
};

#define NONE CITY_NO_CODE

/* Trap 2. A colour that no camera told goes by the class of vehicle. */
static const int16_t colours[PLATE_COLOURS] = {
    [PLATE_COLOUR_UNKNOWN] = NONE,
    [PLATE_BLUE] = 1,
    [PLATE_YELLOW] = 2,
    [PLATE_WHITE] = 3,
    [PLATE_BLACK] = 4,
    [PLATE_GREEN] = 5,
    [PLATE_YELLOW_GREEN] = 5,
    [PLATE_RED] = NONE,
    [PLATE_ORANGE] = NONE,
};
/* 1 small, 2 medium, 3 large. */
static const int16_t sizes[VEHICLE_CLASSES] = {
    [VEHICLE_SMALL] = 1,     [VEHICLE_MEDIUM] = 2,   [VEHICLE_LARGE] = 3,  [VEHICLE_NEV] = 1,
    [VEHICLE_NEV_LARGE] = 3, [VEHICLE_DISABLED] = 1, [VEHICLE_DIESEL] = 1, [VEHICLE_MOTORCYCLE] = 1,
    [VEHICLE_POLICE] = 1,    [VEHICLE_MILITARY] = 1, [VEHICLE_FIRE] = 3,   [VEHICLE_AMBULANCE] = 2,
    [VEHICLE_RESCUE] = 3,
};
static const int16_t kinds[STAY_KINDS] = {
    [STAY_TEMPORARY] = 1, [STAY_PASS] = 2, [STAY_SHARED] = 3, [STAY_EXEMPT] = 4};
/* paidType: 1 cash, 2 citizen-card wallet, 3 Alipay, 4 WeChat, 5 UnionPay, 10 ETC. */
static const int16_t channels[PAY_CHANNELS] = {
    [CHANNEL_CASH] = 1, [CHANNEL_WECHAT] = 4, [CHANNEL_ALIPAY] = 3, [CHANNEL_UNIONPAY] = 5,
    [CHANNEL_ETC] = 10, [CHANNEL_CARD] = 5,   [CHANNEL_WALLET] = 2, [CHANNEL_OTHER] = NONE,
};
/* payType: 102 prepaid inside, 103 at the gate, 104 arrears; 101 is "leave first, pay later". */
static const int16_t whens[PAY_WHENS] = {
    [PAID_INSIDE] = 102, [PAID_AT_EXIT] = 103, [PAID_AFTER] = 104};
enum { PAID_LATER = 101 };

static bool operator_code(const struct city_fact *fact, const struct city_field *field,
                          struct text *out, struct err *err)
{
    (void)err;
    if (fact->context->settings->operator_code)
        text_json_pair(out, field->name, fact->context->settings->operator_code);
    return true;
}

static const struct record_payment *payment(const struct city_fact *fact)
{
    return &fact->record->payment;
}

static bool payment_id(const struct city_fact *fact, const struct city_field *field,
                       struct text *out, struct err *err)
{
    return city_fields_key(out, field->name, payment(fact)->payment, err);
}

static bool payment_receivable(const struct city_fact *fact, const struct city_field *field,
                               struct text *out, struct err *err)
{
    return city_fields_money(out, field->name, payment(fact)->receivable_fen, err);
}

static bool payment_payable(const struct city_fact *fact, const struct city_field *field,
                            struct text *out, struct err *err)
{
    return city_fields_money(out, field->name, payment(fact)->payable_fen, err);
}

static bool billed(const struct city_fact *fact, const struct city_field *field, struct text *out,
                   struct err *err)
{
    utc_ms at = payment(fact)->billed.ms ? payment(fact)->billed : fact->record->at;
    char text[CITY_TIME];

    (void)err;
    text_json_pair(out, field->name, city_fields_time(at, text));
    return true;
}

static bool pay_type(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    bool later = payment(fact)->when == PAID_AFTER && fact->channel == CHANNEL_WALLET;

    (void)err;
    text_json_int(out, field->name, later ? PAID_LATER : whens[payment(fact)->when]);
    return true;
}

/* 1: through the platform itself. */
static bool bill_way(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    (void)err;
    text_json_int(out, field->name, fact->channel == CHANNEL_WALLET);
    return true;
}

static int64_t owed_fen(const struct record_stay_closed *closed)
{
    return closed->money.payable_fen - closed->received_fen;
}

static bool owed(const struct city_fact *fact, const struct city_field *field, struct text *out,
                 struct err *err)
{
    return city_fields_money(out, field->name, owed_fen(&fact->record->stay_closed), err);
}

/* ---- operations ---- */

#define PLATE                                                              \
    {"plateNo", city_field_plate, NULL, "无牌车"}, /* not in any source */ \
    {                                                                      \
        "plateColor", city_field_colour, colours                           \
    }
#define VEHICLE                                  \
    PLATE, {"carType", city_field_class, sizes}, \
    {                                            \
        "parkingType", city_field_kind, kinds    \
    }
#define BERTHS                                                              \
    {"totalBerthNum", city_field_total}, {"openBerthNum", city_field_open}, \
    {                                                                       \
        "freeBerthNum", city_field_free                                     \
    }
#define LOT                           \
    {                                 \
        "parkingCode", city_field_lot \
    }
#define UID                    \
    {                          \
        "uid", city_field_stay \
    } /* trap 1 */
#define SENT                              \
    {                                     \
        "uploadTime", city_field_now_time \
    }

static const int16_t zero[] = {0}, one[] = {1};

static const struct city_field car_in[] = {
    UID,    {"arriveID", city_field_record},    VEHICLE,
    LOT,    {"entryNum", city_field_entrance},  {"operatorCode", operator_code},
    BERTHS, {"arriveTime", city_field_in_time}, SENT,
    {NULL}};
#define CAR_OUT                                                                               \
    UID, {"endID", city_field_record}, VEHICLE, LOT, {"operatorCode", operator_code}, BERTHS, \
        {"arriveTime", city_field_in_time}, {"endTime", city_field_out_time},                 \
        {"entryNum", city_field_entrance}, {"outNum", city_field_exit}, SENT

static const struct city_field car_out[] = {CAR_OUT, {NULL}};
static const struct city_field car_out_charged[] = {
    CAR_OUT, {"chargeFee", city_field_receivable}, {"shouldPay", city_field_payable}, {NULL}};
static const struct city_field bill[] = {UID,
                                         PLATE,
                                         LOT,
                                         {"arriveTime", city_field_in_time},
                                         {"endTime", city_field_out_time},
                                         {"billID", city_field_stay},
                                         {"billTime", city_field_out_time},
                                         {"shouldPay", owed},
                                         {"payStatus", city_field_code, zero},
                                         {"carStock", city_field_code, one},
                                         {NULL}};
static const struct city_field paid[] = {{"billID", payment_id},
                                         UID,
                                         {"plateNo", city_field_plate, NULL, "无牌车"},
                                         LOT,
                                         {"chargeFee", payment_receivable},
                                         {"shouldPay", payment_payable},
                                         {"actualPay", city_field_received},
                                         {"billTime", billed},
                                         {"dealTime", city_field_at_time},
                                         {"paidType", city_field_channel, channels},
                                         {"payType", pay_type},
                                         {"billWay", bill_way},
                                         SENT,
                                         {NULL}};
static const struct city_field berths[] = {LOT, BERTHS, SENT, {NULL}};
static const struct city_field alive[] = {LOT, SENT, {NULL}};
static const struct city_field picture[] = {LOT, UID, {"photoID", city_field_record}, SENT, {NULL}};

/* ---- requests ---- */

static const struct hangzhou_profile hangzhou = {.digest = CRYPTO_MD5};
static const struct hangzhou_profile qingdao = {
    .quoted = true, .for_all = true, .digest = CRYPTO_SHA1, .file_aside = true};

static bool is_qingdao(const struct adapter_context *context)
{
    return context->settings->adapter == &adapter_qingdao;
}

const struct hangzhou_profile *hangzhou_profile(const struct adapter_context *context)
{
    return is_qingdao(context) ? &qingdao : &hangzhou;
}

/* The plaintext: {"data":…}. */
static bool write_plain(const struct city_fact *fact, const struct city_field *fields,
                        struct text *out, struct err *err)
{
    char bytes[BUSINESS_MAX];
    struct text business;

    text_init(&business, bytes, sizeof bytes);
    if (!city_fact_write(fields, fact, &business, err))
        return false;
    if (business.overflow)
        return err_set(err, "the record is longer than %zu bytes", sizeof bytes);
    text_add(out, "{\"data\":");
    if (hangzhou_profile(fact->context)->quoted)
        text_json_string(out, bytes);
    else
        text_append(out, bytes, business.used);
    text_append(out, "}", 1);
    return true;
}

/* Paths of Hangzhou's version 2; Qingdao's stand right below the configured address. */
static bool finish(const struct city_fact *fact, const char *path, struct adapter_request *ret,
                   struct err *err)
{
    ret->method = "POST";
    text_add(&ret->target, "%s",
             is_qingdao(fact->context) ? path + (sizeof "/api/v2/cp" - 1) : path);
    text_add(&ret->headers, "Content-Type: application/x-www-form-urlencoded; charset=utf-8\n");
    return hangzhou_seal(hangzhou_profile(fact->context), fact->lot, &ret->body, err);
}

static bool send(const struct city_fact *fact, const char *path, const struct city_field *fields,
                 struct adapter_request *ret, struct err *err)
{
    return write_plain(fact, fields, &ret->body, err) && finish(fact, path, ret, err);
}

/* Trap 5. */
static uint32_t steps(const struct adapter_context *context, const struct city_item *item)
{
    const struct record *record = item->record;

    switch (record->kind) {
    case RECORD_STAY_OPENED:
        return 1;
    case RECORD_STAY_CLOSED:
        return !is_qingdao(context) && record->stay_closed.outcome == OUTCOME_UNPAID &&
                       owed_fen(&record->stay_closed) > 0
                   ? 2
                   : 1;
    case RECORD_PAYMENT:
        return !is_qingdao(context);
    default:
        return 0;
    }
}

static bool encode_exit(const struct city_fact *fact, uint32_t step, struct adapter_request *ret,
                        struct err *err)
{
    if (step == 1)
        return send(fact, "/api/v2/cp/applyPayment", bill, ret, err);
    return send(fact, "/api/v2/cp/uploadCarOutData",
                is_qingdao(fact->context) ? car_out_charged : car_out, ret, err);
}

static bool encode_record(const struct adapter_context *context, const struct city_item *item,
                          uint32_t step, struct adapter_request *ret, struct err *err)
{
    struct city_fact fact;

    if (!city_fact(context, item, &fact, err))
        return false;
    if (item->record->kind == RECORD_STAY_OPENED)
        return send(&fact, "/api/v2/cp/uploadCarInData", car_in, ret, err);
    if (item->record->kind == RECORD_STAY_CLOSED)
        return encode_exit(&fact, step, ret, err);
    return send(&fact, "/api/v2/cp/uploadPayRecord", paid, ret, err);
}

static bool encode_heartbeat(const struct adapter_context *context, const struct uplink_lot *lot,
                             struct adapter_request *ret, struct err *err)
{
    struct city_fact fact = city_fact_lot(context, lot);

    return send(&fact,
                is_qingdao(context) ? "/api/v2/cp/uploadHeartbeat" : "/api/v2/tcjg/uploadHeartbeat",
                alive, ret, err);
}

static bool encode_vacancy(const struct adapter_context *context, const struct uplink_lot *lot,
                           struct adapter_request *ret, struct err *err)
{
    struct city_fact fact = city_fact_lot(context, lot);

    return send(&fact, "/api/v2/cp/uploadParkingState", berths, ret, err);
}

static void add_picture(const struct city_photo *photo, bool with_file, struct text *out)
{
    char time[CITY_TIME];

    text_json_pair(out, "time", city_fields_time(photo->at, time));
    text_json_int(out, "type", photo->exit ? 2 : 1);
    text_add(out, ",\"name\":\"%s.jpg\"", photo->id);
    if (!with_file)
        return;
    text_add(out, ",\"file\":\"");
    crypto_base64(out, photo->jpeg, photo->size);
    text_add(out, "\"");
}

static bool write_photo(const struct city_fact *fact, const struct city_photo *photo,
                        struct text *out, struct err *err)
{
    char bytes[BUSINESS_MAX];
    struct text business;
    bool quoted = hangzhou_profile(fact->context)->quoted;

    text_init(&business, bytes, sizeof bytes);
    struct text *to = quoted ? &business : out;
    text_add(out, "{\"data\":");
    if (!city_fact_write(picture, fact, to, err))
        return false;
    to->used--; /* goes on with the object that is closed already */
    add_picture(photo, !quoted, to);
    text_add(to, "}");
    if (quoted)
        text_json_string(out, bytes);
    text_add(out, "}");
    return true;
}

static bool encode_photo(const struct adapter_context *context, const struct city_photo *photo,
                         struct adapter_request *ret, struct err *err)
{
    struct city_fact fact = city_fact_photo(context, photo);

    if (photo->size > PHOTO_MAX)
        return err_set(err, "a picture of %zu bytes; the platform takes %d", photo->size,
                       (int)PHOTO_MAX);
    if (!write_photo(&fact, photo, &ret->body, err) ||
        !finish(&fact, "/api/v2/cp/uploadPhoto", ret, err))
        return false;
    if (hangzhou_profile(context)->file_aside)
        hangzhou_file(&ret->body, photo->jpeg, photo->size);
    return !ret->body.overflow ||
           err_set(err, "the request is longer than %zu bytes", ret->body.size);
}

#define CITY(its_kinds, its_needs)                                                        \
    {                                                                                     \
        .kinds = (its_kinds), .heartbeat_ms = HEARTBEAT_MS, .codes = hangzhou_codes,      \
        .needs = (its_needs), .steps = steps, .record = encode_record, .counting = true,  \
        .heartbeat = encode_heartbeat, .vacancy = encode_vacancy, .photo_max = PHOTO_MAX, \
        .photo = encode_photo, .read = hangzhou_read, .receive = hangzhou_receive,        \
        .answer = hangzhou_answer, .call_needs = platform_key,                            \
    }

static const char *const platform_key[] = {"platform_key_file", NULL};
static const char *const own_key[] = {"account", "key_file", NULL};
static const char *const both_keys[] = {"account", "key_file", "platform_key_file", NULL};

static const struct city city_hangzhou =
    CITY(1u << RECORD_STAY_OPENED | 1u << RECORD_STAY_CLOSED | 1u << RECORD_PAYMENT, own_key);
static const struct city city_qingdao =
    CITY(1u << RECORD_STAY_OPENED | 1u << RECORD_STAY_CLOSED, both_keys);

#define ADAPTER(its_name, its_city)                                                         \
    {                                                                                       \
        .name = (its_name), .transport = ADAPTER_HTTP, .keys = (const char *const[]){NULL}, \
        .body_max = BODY_MAX, .city = &(its_city)                                           \
    }

const struct adapter adapter_hangzhou = ADAPTER("hangzhou", city_hangzhou);
const struct adapter adapter_qingdao = ADAPTER("qingdao", city_qingdao);
