/*
 * The platforms of Hangzhou and Qingdao, strictly: forms with accessID, cipher and sign. Written
 * from what their public clients agree on. The two differ in paths, keys, digest, in whether the
 * business data is an object or a text, and in where a picture stands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/city_rules.h"
#include "tests/parksim/city_seal.h"
#include "tests/parksim/sim.h"

enum { PICTURE_MAX = 512 * 1024 };

struct profile {
    const char *name, *digest;
    bool quoted, platform_opens, file_aside;
    const struct operation *operations;
};

/* One request on its way. */
struct call {
    struct city_book *book;
    const struct book_lot *lot;
    const struct profile *profile;
    const json_t *data;
    const json_t *fact; /* without what is another in each attempt */
    char what[RULE_WHAT];
};

struct operation {
    const char *path; /* NULL ends */
    bool (*take)(struct call *call);
    const struct city_rule *rules;
};

static const char *const attempt[] = {"uploadTime", "totalBerthNum", "openBerthNum", "freeBerthNum",
                                      NULL};

/* ---- what is taken ---- */

static const char *uid(const struct call *call)
{
    return city_rules_text(call->data, "uid");
}

static bool take_counts(struct call *call)
{
    int64_t total = city_rules_int(call->data, "totalBerthNum");
    int64_t open = city_rules_int(call->data, "openBerthNum");
    int64_t free_berths = city_rules_int(call->data, "freeBerthNum");

    if (free_berths > open || open > total) {
        snprintf(call->what, RULE_WHAT, "freeBerthNum <= openBerthNum <= totalBerthNum is broken");
        return false;
    }
    city_book_counts(call->book, call->lot, total, free_berths);
    return true;
}

static bool take_entry(struct call *call)
{
    city_book_entry(call->book, call->lot, uid(call), city_rules_time(call->data, "arriveTime"),
                    call->fact);
    return take_counts(call);
}

static bool take_exit(struct call *call)
{
    int64_t out = city_rules_time(call->data, "endTime");

    if (out < city_rules_time(call->data, "arriveTime")) {
        snprintf(call->what, RULE_WHAT, "endTime is before arriveTime");
        return false;
    }
    city_book_exit(call->book, call->lot, uid(call), out, call->fact);
    return take_counts(call);
}

static bool take_beat(struct call *call)
{
    city_book_beat(call->book, call->lot);
    return true;
}

static bool take_photo(struct call *call)
{
    city_book_other(call->book, call->lot, "picture", city_rules_text(call->data, "photoID"),
                    uid(call), call->fact);
    return true;
}

static bool take_payment(struct call *call)
{
    city_book_other(call->book, call->lot, "payment", city_rules_text(call->data, "billID"),
                    uid(call), call->fact);
    return true;
}

static bool take_bill(struct call *call)
{
    city_book_other(call->book, call->lot, "bill", city_rules_text(call->data, "billID"), uid(call),
                    call->fact);
    return true;
}

/* ---- operations ---- */

#define RULES(...)             \
    (const struct city_rule[]) \
    {                          \
        __VA_ARGS__,           \
        {                      \
            NULL               \
        }                      \
    }
#define LOT                      \
    {                            \
        "parkingCode", RULE_TEXT \
    }
#define SENT                    \
    {                           \
        "uploadTime", RULE_TIME \
    }
#define PLATE                        \
    {"plateNo", RULE_TEXT},          \
    {                                \
        "plateColor", RULE_INT, 1, 5 \
    }
#define BERTHS                                                   \
    {"totalBerthNum", RULE_COUNT}, {"openBerthNum", RULE_COUNT}, \
    {                                                            \
        "freeBerthNum", RULE_COUNT                               \
    }
#define VISIT                                                                            \
    LOT, {"uid", RULE_KEY}, PLATE, {"carType", RULE_INT, 1, 3}, {"entryNum", RULE_TEXT}, \
        {"arriveTime", RULE_TIME}, {"parkingType", RULE_INT, 1, 4}, BERTHS, SENT,        \
        {"gateNo", RULE_TEXT, 0, 0, true},                                               \
    {                                                                                    \
        "operatorCode", RULE_TEXT, 0, 0, true                                            \
    }
#define EXIT                                            \
    VISIT, {"endID", RULE_KEY}, {"endTime", RULE_TIME}, \
    {                                                   \
        "outNum", RULE_TEXT                             \
    }
#define PHOTO                                                                                     \
    LOT, {"uid", RULE_KEY}, {"photoID", RULE_KEY}, {"time", RULE_TIME}, {"type", RULE_INT, 1, 2}, \
        {"name", RULE_TEXT}, SENT

static const struct operation of_hangzhou[] = {
    {"/api/v2/cp/uploadCarInData", take_entry, RULES(VISIT, {"arriveID", RULE_KEY})},
    {"/api/v2/cp/uploadCarOutData", take_exit, RULES(EXIT)},
    {"/api/v2/cp/uploadParkingState", take_counts, RULES(LOT, BERTHS, SENT)},
    {"/api/v2/tcjg/uploadHeartbeat", take_beat, RULES(LOT, SENT)},
    {"/api/v2/cp/uploadPhoto", take_photo, RULES(PHOTO, {"file", RULE_JPEG, 0, PICTURE_MAX})},
    {"/api/v2/cp/uploadPayRecord", take_payment,
     RULES(LOT, {"billID", RULE_KEY}, {"uid", RULE_KEY}, {"plateNo", RULE_TEXT},
           {"chargeFee", RULE_MONEY}, {"shouldPay", RULE_MONEY}, {"actualPay", RULE_MONEY},
           {"billTime", RULE_TIME}, {"dealTime", RULE_TIME}, {"paidType", RULE_INT, 1, 10},
           {"payType", RULE_INT, 101, 104}, {"billWay", RULE_INT, 0, 1}, SENT)},
    {"/api/v2/cp/applyPayment", take_bill,
     RULES(LOT, {"uid", RULE_KEY}, PLATE, {"arriveTime", RULE_TIME}, {"endTime", RULE_TIME},
           {"billID", RULE_KEY}, {"billTime", RULE_TIME}, {"shouldPay", RULE_MONEY},
           {"payStatus", RULE_INT, 0, 0}, {"carStock", RULE_INT, 1, 1})},
    {NULL, NULL, NULL},
};

static const struct operation of_qingdao[] = {
    {"/uploadCarInData", take_entry, RULES(VISIT, {"arriveID", RULE_KEY})},
    {"/uploadCarOutData", take_exit,
     RULES(EXIT, {"chargeFee", RULE_MONEY}, {"shouldPay", RULE_MONEY})},
    {"/uploadParkingState", take_counts, RULES(LOT, BERTHS, SENT)},
    {"/uploadHeartbeat", take_beat, RULES(LOT, SENT)},
    {"/uploadPhoto", take_photo, RULES(PHOTO)},
    {NULL, NULL, NULL},
};

static const struct profile hangzhou = {
    .name = "hangzhou", .digest = "MD5", .operations = of_hangzhou};
static const struct profile qingdao = {.name = "qingdao",
                                       .digest = "SHA1",
                                       .quoted = true,
                                       .platform_opens = true,
                                       .file_aside = true,
                                       .operations = of_qingdao};

/* ---- the form ---- */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The form as an object of texts; NULL when it is broken or names a field twice. */
static json_t *read_form(const char *body, size_t size)
{
    json_t *form = json_object();
    char *text = sim_alloc(size + 1, 1), *name = text, *value = NULL;
    size_t used = 0;
    bool good = size > 0;

    for (size_t i = 0; good && i <= size; i++) {
        if (i == size || body[i] == '&') {
            text[used++] = '\0';
            good = value && !json_object_get(form, name) &&
                   json_object_set_new(form, name, json_string(value)) == 0;
            name = text + used;
            value = NULL;
        } else if (body[i] == '=' && !value) {
            text[used++] = '\0';
            value = text + used;
        } else if (body[i] == '%') {
            good = size - i > 2 && hex(body[i + 1]) >= 0 && hex(body[i + 2]) >= 0;
            if (good)
                text[used++] = (char)(hex(body[i + 1]) * 16 + hex(body[i + 2]));
            i += 2;
        } else {
            text[used++] = body[i] == '+' ? ' ' : body[i];
        }
    }
    free(text);
    if (good)
        return form;
    json_decref(form);
    return NULL;
}

static bool check_form(struct call *call, const json_t *form, bool is_photo)
{
    static const struct city_rule plain[] = {
        {"accessID", RULE_TEXT}, {"cipher", RULE_TEXT}, {"sign", RULE_TEXT}, {NULL}};
    static const struct city_rule with_file[] = {{"accessID", RULE_TEXT},
                                                 {"cipher", RULE_TEXT},
                                                 {"sign", RULE_TEXT},
                                                 {"file", RULE_JPEG, 0, PICTURE_MAX},
                                                 {NULL}};
    const char *cipher = city_rules_text(form, "cipher");

    if (!city_rules_check(form, is_photo && call->profile->file_aside ? with_file : plain,
                          call->what))
        return false;
    call->lot =
        city_book_account(call->book, call->profile->name, city_rules_text(form, "accessID"));
    if (!call->lot)
        snprintf(call->what, RULE_WHAT, "accessID is not registered");
    else if (!call->lot->key || !city_seal_verify(call->lot->key, call->profile->digest, cipher,
                                                  strlen(cipher), city_rules_text(form, "sign")))
        snprintf(call->what, RULE_WHAT, "the signature is wrong");
    return call->what[0] == '\0';
}

/* The business data under the cipher: new reference, or NULL with `what`. */
static json_t *open_data(struct call *call, const json_t *form)
{
    bool platform = call->profile->platform_opens;
    char *plain = city_seal_open(platform ? call->lot->platform_key : call->lot->key, platform,
                                 city_rules_text(form, "cipher"));
    json_t *document = plain ? city_rules_read(plain, strlen(plain), call->what) : NULL;
    json_t *data = json_object_get(document, "data");
    const char *text = json_string_value(data);

    if (!plain)
        snprintf(call->what, RULE_WHAT, "the cipher does not open");
    else if (document && (json_object_size(document) != 1 || !data ||
                          (call->profile->quoted ? !text : !json_is_object(data))))
        snprintf(call->what, RULE_WHAT, "the plaintext is not {\"data\":...} of the right form");
    json_t *ret = NULL;
    if (!call->what[0])
        ret = text ? city_rules_read(text, strlen(text), call->what) : json_incref(data);
    json_decref(document);
    free(plain);
    return ret;
}

static void take(struct call *call, const struct operation *operation)
{
    const char *code = city_rules_text(call->data, "parkingCode");
    const struct book_lot *lot = city_book_lot(call->book, call->profile->name, code);

    if (!city_rules_check(call->data, operation->rules, call->what))
        return;
    if (!lot || strcmp(lot->account ? lot->account : "", call->lot->account) != 0) {
        snprintf(call->what, RULE_WHAT, "parkingCode is no lot of the account");
        return;
    }
    call->lot = lot;
    operation->take(call);
}

static const struct operation *operation_of(const struct profile *profile, const char *path)
{
    const struct operation *operation = profile->operations;

    while (operation->path && strcmp(operation->path, path) != 0)
        operation++;
    return operation->path ? operation : NULL;
}

static struct city_answer answer(const struct profile *profile, struct city_book *book,
                                 const struct city_request *request)
{
    struct call call = {.book = book, .profile = profile};
    const struct operation *operation = operation_of(profile, request->path);
    json_t *form = read_form(request->body, request->body_size);
    json_t *data = NULL, *fact = NULL;

    if (!operation || !form)
        snprintf(call.what, RULE_WHAT, operation ? "the body is no form" : "no such operation");
    else if (check_form(&call, form, operation->take == take_photo))
        data = open_data(&call, form);
    if (data) {
        fact = city_rules_fact(data, attempt);
        call.data = data;
        call.fact = fact;
        take(&call, operation);
    }
    if (call.what[0])
        city_book_breach(book, call.lot, call.what, request->path);
    json_t *whole = json_pack("{si,ss}", "resultCode", call.what[0] ? 500 : 200, "msg",
                              call.what[0] ? call.what : "success");
    struct city_answer ret = {200, "application/json", json_dumps(whole, JSON_COMPACT)};
    json_decref(whole);
    json_decref(fact);
    json_decref(data);
    json_decref(form);
    return ret;
}

static struct city_answer receive_hangzhou(struct city_book *book,
                                           const struct city_request *request)
{
    return answer(&hangzhou, book, request);
}

static struct city_answer receive_qingdao(struct city_book *book,
                                          const struct city_request *request)
{
    return answer(&qingdao, book, request);
}

const struct city_receiver city_hangzhou = {"hangzhou", "/api/v2/", receive_hangzhou};
const struct city_receiver city_qingdao = {"qingdao", "/upload", receive_qingdao};
