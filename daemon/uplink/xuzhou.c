/*
 * Xuzhou's platform (市交控一级平台), documented in parkd-xuzhou(7); known from one client whose
 * comments quote the specification. POST {url}URI?token=MD5(URI + body + secret), the body a
 * compact JSON object with its keys in ascending order: the rows of each operation stand in the
 * order in which they are sent. Traps (tests use the same numbers):
 *
 *   1. Black is 3 and white is 4, against Hefei and Hangzhou; what has no code is 0, "other".
 *   2. Local times without a zone are UTC+8, durations minutes, money fen.
 *   3. On-street lots are told by bay (inner…), the others by lane (outer…).
 *   4. A picture's imageId is the stay's, with _0 for in and _1 for out, as its type.
 *   5. What was paid through the platform is not told to it again.
 *   6. A bay on the street that has no stays of its own: its changes are arrivals and departures,
 *      told in turn. One that the platform was told is taken, or that it was never told of, is not
 *      taken once more when its sensor was not heard in between; so with one that was left.
 */
#include "daemon/uplink/xuzhou.h"

#include <ctype.h>

#include "daemon/uplink/city_fields.h"

enum {
    PHOTO_MAX = 2 * 1024 * 1024, /* 3 M as Base64 */
    BODY_MAX = 3 * 1024 * 1024,
    DAY_MS = 24 * 3600 * 1000
};

/* ---- requests ---- */

bool xuzhou_finish(const struct adapter_context *context, const struct uplink_lot *lot,
                   const char *uri, struct adapter_request *ret, struct err *err)
{
    char token[MD5_HEX_SIZE];

    if (!xuzhou_token(uri, lot->secret, &ret->body, token, err))
        return false;
    for (char *c = token; context->settings->token_upper && *c; c++)
        *c = (char)toupper((unsigned char)*c);
    ret->method = "POST";
    text_add(&ret->target, "%s?token=%s", uri, token);
    text_add(&ret->headers, "Content-Type: application/json; charset=utf-8\n");
    return true;
}

static bool send(const struct city_fact *fact, const struct xuzhou_operation *operation,
                 struct adapter_request *ret, struct err *err)
{
    return city_fact_write(operation->fields, fact, &ret->body, err) &&
           xuzhou_finish(fact->context, fact->lot, operation->uri, ret, err);
}

static uint32_t steps(const struct adapter_context *context, const struct city_item *item)
{
    return xuzhou_told(context, item).count;
}

static bool encode_record(const struct adapter_context *context, const struct city_item *item,
                          uint32_t step, struct adapter_request *ret, struct err *err)
{
    struct xuzhou_told by = xuzhou_told(context, item);
    struct city_fact fact;

    if (step >= by.count)
        return err_set(err, "the platform is not told of this");
    return city_fact(context, item, &fact, err) && send(&fact, by.steps[step], ret, err);
}

static bool encode_vacancy(const struct adapter_context *context, const struct uplink_lot *lot,
                           struct adapter_request *ret, struct err *err)
{
    struct city_fact fact = city_fact_lot(context, lot);

    return send(&fact, &xuzhou_berths, ret, err);
}

/* parkType 1 on-road, 2 off-road; type as in trap 4. Members in ascending order. */
static bool encode_photo(const struct adapter_context *context, const struct city_photo *photo,
                         struct adapter_request *ret, struct err *err)
{
    struct city_fact fact = city_fact_photo(context, photo);
    const struct city_field id = {"imageId", xuzhou_image_id, NULL, photo->exit ? "_1" : "_0"};
    char time[CITY_TIME];

    if (photo->size > PHOTO_MAX)
        return err_set(err, "a picture of %zu bytes; the platform takes %d", photo->size,
                       (int)PHOTO_MAX);
    text_append(&ret->body, "{", 1);
    text_json_pair(&ret->body, "appkey", photo->lot->account);
    text_add(&ret->body, ",\"file\":\"");
    crypto_base64(&ret->body, photo->jpeg, photo->size);
    text_append(&ret->body, "\"", 1);
    if (!xuzhou_image_id(&fact, &id, &ret->body, err))
        return false;
    text_json_pair(&ret->body, "name", photo->id);
    text_json_int(&ret->body, "parkType", context->plan->lots[photo->lot->lot].on_street ? 1 : 2);
    text_json_pair(&ret->body, "picTime", city_fields_time(photo->at, time));
    text_json_int(&ret->body, "time", context->platform_now.ms);
    text_json_int(&ret->body, "type", photo->exit);
    text_append(&ret->body, "}", 1);
    return xuzhou_finish(context, photo->lot, "/api/outer/postPic", ret, err);
}

static const struct city city = {
    .kinds = 1u << RECORD_STAY_OPENED | 1u << RECORD_STAY_CLOSED | 1u << RECORD_STAY_AMENDED |
             1u << RECORD_ORDER | 1u << RECORD_PAYMENT | 1u << RECORD_BAY_CHANGED,
    .codes = xuzhou_codes,
    .needs = (const char *const[]){"account", "secret_file", NULL},
    .steps = steps,
    .record = encode_record,
    .heartbeat_ms = DAY_MS,
    .heartbeat = xuzhou_daily,
    .setup_steps = xuzhou_setup_steps,
    .setup = xuzhou_setup,
    .vacancy = encode_vacancy,
    .photo_max = PHOTO_MAX,
    .photo = encode_photo,
    .read = xuzhou_read,
    .receive = xuzhou_receive,
    .answer = xuzhou_answer,
};

const struct adapter adapter_xuzhou = {
    .name = "xuzhou",
    .transport = ADAPTER_HTTP,
    .keys = (const char *const[]){"token_case", "picture_url", NULL},
    .body_max = BODY_MAX,
    .city = &city,
};
