/*
 * The platform of Hefei, strictly: POST /os-park/ospark/open/api/v2/OPERATION with a signed
 * envelope. Written from the published pages and SDK. It answers the same fact again with 4002, an
 * envelope whose time is more than five minutes off with 1006.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/city_rules.h"
#include "tests/parksim/city_seal.h"
#include "tests/parksim/sim.h"

enum { EXPIRED_MS = 300000, DAY_MS = 86400000 };
enum { SUCCESS = 8888, BAD_TYPE = 1002, NOT_FOUND = 1004, EXPIRED = 1006, NO_RIGHT = 1012 };
enum { BAD_SIGN = 1013, DUPLICATE = 4002, NO_LOT = 4007 };

#define LOT                      \
    {                            \
        "osStoreCode", RULE_TEXT \
    }
#define VEHICLE                                                      \
    LOT, {"carPlate", RULE_TEXT}, {"carPlateColor", RULE_INT, 1, 6}, \
    {                                                                \
        "orderId", RULE_KEY                                          \
    }
#define RULES(...)             \
    (const struct city_rule[]) \
    {                          \
        __VA_ARGS__,           \
        {                      \
            NULL               \
        }                      \
    }

/* One request on its way. */
struct call {
    struct city_book *book;
    const struct book_lot *lot;
    const json_t *data;
    char what[RULE_WHAT]; /* that is wrong */
};

/* Returns the code; `ret_data` may be set to a new reference. */
typedef int take_fn(struct call *call, json_t **ret_data);

static int wrong(struct call *call, const char *what)
{
    snprintf(call->what, sizeof call->what, "%s", what);
    return BAD_TYPE;
}

static int answer_of(enum book_taken taken)
{
    static const int codes[] = {[BOOK_NEW] = SUCCESS,
                                [BOOK_AGAIN] = DUPLICATE,
                                [BOOK_OTHER] = DUPLICATE,
                                [BOOK_EARLY] = SUCCESS};
    return codes[taken];
}

static int take_heartbeat(struct call *call, json_t **ret_data)
{
    char text[64];

    city_book_beat(call->book, call->lot);
    snprintf(text, sizeof text, "{ \"serverTime\": %lld }",
             (long long)city_book_now_ms(call->book));
    *ret_data = json_string(text); /* as in the page's example; the SDK's is an object */
    return SUCCESS;
}

static int take_surplus(struct call *call, json_t **ret_data)
{
    (void)ret_data;
    city_book_counts(call->book, call->lot, city_rules_int(call->data, "total"),
                     city_rules_int(call->data, "surplus"));
    return SUCCESS;
}

static int take_entry(struct call *call, json_t **ret_data)
{
    (void)ret_data;
    return answer_of(city_book_entry(call->book, call->lot, city_rules_text(call->data, "orderId"),
                                     city_rules_int(call->data, "inTime"), call->data));
}

static int take_exit(struct call *call, json_t **ret_data)
{
    int64_t in = city_rules_int(call->data, "inTime"), out = city_rules_int(call->data, "outTime");

    (void)ret_data;
    if (out < in || city_rules_int(call->data, "duration") != (out - in) / 1000)
        return wrong(call, "duration is not the seconds from inTime to outTime");
    if (city_rules_int(call->data, "parkType") != 1 &&
        !json_object_get(call->data, "parkDiscountTime"))
        return wrong(call, "parkDiscountTime is missing beside this parkType");
    if (city_rules_int(call->data, "payType") == 1 && city_rules_int(call->data, "payAmount") > 0)
        return wrong(call, "payType is free, and something was paid");
    return answer_of(city_book_exit(call->book, call->lot, city_rules_text(call->data, "orderId"),
                                    out, call->data));
}

static int take_image(struct call *call, json_t **ret_data)
{
    static const struct city_rule jpeg[] = {{"content", RULE_JPEG, 0, 300 * 1024}, {NULL}};
    const char *stay = city_rules_text(call->data, "orderId");
    char key[64];
    json_t *content = json_pack("{sO}", "content", json_object_get(call->data, "content"));
    bool good =
        city_rules_int(call->data, "imageType") == 1 || city_rules_check(content, jpeg, call->what);

    (void)ret_data;
    json_decref(content);
    if (!good)
        return wrong(call, "content is no Base64 of a JPEG of at most 300 K");
    snprintf(key, sizeof key, "%s/%lld", stay, (long long)city_rules_int(call->data, "source"));
    return answer_of(city_book_other(call->book, call->lot, "picture", key, stay, call->data));
}

/* The day of the call in milliseconds, in China's time. */
static int64_t day_of(const struct call *call)
{
    json_t *at = json_pack("{ss+}", "at", city_rules_text(call->data, "checkDate"), " 00:00:00");
    int64_t ms = city_rules_time(at, "at");

    json_decref(at);
    return ms;
}

static int take_check(struct call *call, json_t **ret_data)
{
    int64_t from = day_of(call);
    size_t in = city_book_each(call->book, call->lot, false, from, from + DAY_MS, NULL, NULL);
    size_t out = city_book_each(call->book, call->lot, true, from, from + DAY_MS, NULL, NULL);

    *ret_data =
        json_pack("{sb,sb}", "driveInFlag", in != (size_t)city_rules_int(call->data, "driveInNum"),
                  "driveOutFlag", out != (size_t)city_rules_int(call->data, "driveOutNum"));
    const char *const names[] = {"driveInFlag", "driveOutFlag"};
    for (size_t i = 0; i < 2; i++)
        json_object_set_new(*ret_data, names[i],
                            json_integer(json_is_true(json_object_get(*ret_data, names[i]))));
    return SUCCESS;
}

static void add_id(void *arg, const char *stay)
{
    json_array_append_new(arg, json_string(stay));
}

static int take_list(struct call *call, json_t **ret_data)
{
    int64_t from = day_of(call);
    json_t *ids = json_array();

    city_book_each(call->book, call->lot, city_rules_int(call->data, "type") == 1, from,
                   from + DAY_MS, add_id, ids);
    *ret_data = json_pack("{so}", "orderIdList", ids);
    return SUCCESS;
}

static const struct operation {
    const char *name;
    take_fn *take;
    const struct city_rule *rules;
} operations[] = {
    {"uploadHeartbeat", take_heartbeat, RULES(LOT, {"uploadTime", RULE_MILLIS})},
    {"uploadSurplus", take_surplus, RULES(LOT, {"total", RULE_COUNT}, {"surplus", RULE_COUNT})},
    {"uploadDriveIn", take_entry,
     RULES(VEHICLE, {"inTime", RULE_MILLIS}, {"inChannel", RULE_TEXT})},
    {"uploadDriveOut", take_exit,
     RULES(VEHICLE, {"inTime", RULE_MILLIS}, {"outTime", RULE_MILLIS},
           {"duration", RULE_INT, 0, 1000000000}, {"parkType", RULE_INT, 1, 3},
           {"billingAmount", RULE_MONEY}, {"payAmount", RULE_MONEY}, {"payType", RULE_INT, -1, 3},
           {"inChannel", RULE_TEXT}, {"outChannel", RULE_TEXT},
           {"cardRecordId", RULE_INT, 0, INT64_MAX, true},
           {"parkDiscountTime", RULE_INT, 0, 1000000000, true})},
    {"uploadImage", take_image,
     RULES(VEHICLE, {"content", RULE_TEXT}, {"source", RULE_INT, 1, 4},
           {"imageType", RULE_INT, 1, 2})},
    {"uploadCheckRecord", take_check,
     RULES(LOT, {"checkDate", RULE_DATE}, {"driveInNum", RULE_COUNT}, {"driveOutNum", RULE_COUNT})},
    {"uploadUID", take_list, RULES(LOT, {"checkDate", RULE_DATE}, {"type", RULE_INT, 0, 1})},
};

static const char base[] = "/os-park/ospark/open/api/v2/";

static const struct operation *operation_of(const char *path)
{
    size_t head = sizeof base - 1;

    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strncmp(path, base, head) == 0 && strcmp(path + head, operations[i].name) == 0)
            return &operations[i];
    return NULL;
}

static const struct city_rule envelope_rules[] = {
    {"access_id", RULE_TEXT}, {"sign_type", RULE_TEXT}, {"time_stamp", RULE_MILLIS},
    {"data", RULE_TEXT},      {"sign", RULE_TEXT},      {NULL}};

/* SHA256withRSA over access_id + data + sign_type + time_stamp. */
static bool is_signed(const struct book_lot *lot, const json_t *envelope)
{
    const char *account = city_rules_text(envelope, "access_id");
    const char *data = city_rules_text(envelope, "data");
    size_t size = strlen(account) + strlen(data) + 32;
    char *text = sim_alloc(size, 1);
    int used = snprintf(text, size, "%s%sRSA2%lld", account, data,
                        (long long)city_rules_int(envelope, "time_stamp"));
    bool good = lot->key && city_seal_verify(lot->key, "SHA256", text, (size_t)used,
                                             city_rules_text(envelope, "sign"));

    free(text);
    return good;
}

static int check_envelope(struct call *call, const json_t *envelope)
{
    int64_t off = city_rules_int(envelope, "time_stamp") - city_book_now_ms(call->book);

    if (!city_rules_check(envelope, envelope_rules, call->what))
        return BAD_TYPE;
    call->lot = city_book_account(call->book, "hefei", city_rules_text(envelope, "access_id"));
    if (!call->lot)
        return snprintf(call->what, RULE_WHAT, "access_id is not registered"), NO_RIGHT;
    if (strcmp(city_rules_text(envelope, "sign_type"), "RSA2") != 0)
        return wrong(call, "sign_type is not RSA2");
    if (!is_signed(call->lot, envelope))
        return snprintf(call->what, RULE_WHAT, "the signature is wrong"), BAD_SIGN;
    return off > EXPIRED_MS || off < -EXPIRED_MS ? EXPIRED : SUCCESS;
}

static json_t *open_data(const json_t *envelope, char what[RULE_WHAT])
{
    const char *data = city_rules_text(envelope, "data");
    size_t size = 0;
    unsigned char *bytes = city_seal_base64(data, strlen(data), &size);

    if (!bytes) {
        snprintf(what, RULE_WHAT, "data is no Base64");
        return NULL;
    }
    json_t *object = city_rules_read((const char *)bytes, size, what);
    free(bytes);
    return object;
}

/* The lot that the business data names, of the account that signed. */
static int take(struct call *call, const char *path, json_t **ret_data)
{
    const struct operation *operation = operation_of(path);
    const char *code = city_rules_text(call->data, "osStoreCode");
    const struct book_lot *lot = city_book_lot(call->book, "hefei", code);

    if (!operation)
        return snprintf(call->what, RULE_WHAT, "no such operation"), NOT_FOUND;
    if (!city_rules_check(call->data, operation->rules, call->what))
        return BAD_TYPE;
    if (!lot || strcmp(lot->account ? lot->account : "", call->lot->account) != 0)
        return snprintf(call->what, RULE_WHAT, "osStoreCode is no lot of the account"), NO_LOT;
    call->lot = lot;
    return operation->take(call, ret_data);
}

static struct city_answer receive(struct city_book *book, const struct city_request *request)
{
    struct call call = {.book = book};
    json_t *data = NULL, *answer = NULL;
    json_t *envelope = city_rules_read(request->body, request->body_size, call.what);
    int code = envelope ? check_envelope(&call, envelope) : BAD_TYPE;

    if (code == SUCCESS) {
        data = open_data(envelope, call.what);
        call.data = data;
        code = data ? take(&call, request->path, &answer) : BAD_TYPE;
    }
    if (call.what[0])
        city_book_breach(book, call.lot, call.what, request->path);
    json_t *whole =
        json_pack("{si,ss,so,sn}", "code", code, "msg", code == SUCCESS ? "success" : call.what,
                  "data", answer ? answer : json_object(), "error");
    struct city_answer ret = {200, "application/json", json_dumps(whole, JSON_COMPACT)};
    json_decref(whole);
    json_decref(data);
    json_decref(envelope);
    return ret;
}

const struct city_receiver city_hefei = {"hefei", "/os-park/", receive};
