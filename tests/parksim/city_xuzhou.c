/*
 * The platform of Xuzhou, strictly: POST URI?token=MD5(URI + members in ascending order + secret).
 * Written from the one public client, whose comments quote the specification. A lot's exit names no
 * order: it is held as a fact of its own, and the order's end is what orderClose tells.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/city_rules.h"
#include "tests/parksim/city_seal.h"
#include "tests/parksim/sim.h"

/* One request on its way. */
struct call {
    struct city_book *book;
    const struct book_lot *lot;
    const json_t *data;
    const json_t *fact; /* without the time of sending */
    char what[RULE_WHAT];
};

typedef void take_fn(struct call *call);

static const char *const attempt[] = {"time", NULL};

static const char *text(const struct call *call, const char *name)
{
    return city_rules_text(call->data, name);
}

static void wrong(struct call *call, const char *what)
{
    snprintf(call->what, sizeof call->what, "%s", what);
}

static void hold(struct call *call, const char *kind, const char *key, const char *stay)
{
    city_book_other(call->book, call->lot, kind, key, stay, call->fact);
}

/* ---- what is taken ---- */

static void take_entry(struct call *call)
{
    city_book_entry(call->book, call->lot, text(call, "orderNo"),
                    city_rules_time(call->data, "actTime"), call->fact);
}

static void take_outer_exit(struct call *call)
{
    char key[160];

    if (!*text(call, "picUrl") && !*text(call, "imageId")) {
        wrong(call, "neither picUrl nor imageId");
        return;
    }
    snprintf(key, sizeof key, "%s %s %s", text(call, "plateNo"), text(call, "actTime"),
             text(call, "imageId"));
    hold(call, "exit", key, "");
}

static void take_inner_exit(struct call *call)
{
    char key[160];

    snprintf(key, sizeof key, "%s %s", text(call, "berthNo"), text(call, "actTime"));
    hold(call, "exit", key, "");
}

static void take_close(struct call *call)
{
    city_book_exit(call->book, call->lot, text(call, "orderNo"),
                   city_rules_time(call->data, "actTime"), call->fact);
}

static void take_bill(struct call *call)
{
    int64_t ms = city_rules_time(call->data, "costTime") - city_rules_time(call->data, "enterTime");
    int64_t left = city_rules_int(call->data, "totalCost") -
                   city_rules_int(call->data, "freeMoney") - city_rules_int(call->data, "preMoney");

    if (ms < 0 || ms / 60000 != city_rules_int(call->data, "parkPeriodTime"))
        wrong(call, "parkPeriodTime is not the minutes from enterTime to costTime");
    else if (left != city_rules_int(call->data, "payMoney"))
        wrong(call, "totalCost - freeMoney - preMoney is not payMoney");
    else
        hold(call, "bill", text(call, "billId"), text(call, "orderNo"));
}

static void take_counts(struct call *call)
{
    city_book_counts(call->book, call->lot, city_rules_int(call->data, "totalPlaceCount"),
                     city_rules_int(call->data, "reducePlaceCount"));
}

static void take_picture(struct call *call)
{
    hold(call, "picture", text(call, "imageId"), "");
}

static void take_payment(struct call *call)
{
    char key[160]; /* the protocol has none: cars without a plate are told apart by this alone */

    snprintf(key, sizeof key, "%s %s %s %lld", text(call, "carNo"), text(call, "entryTime"),
             text(call, "payTime"), (long long)city_rules_int(call->data, "payType"));
    hold(call, "payment", key, "");
}

static void take_plate(struct call *call)
{
    char key[160];

    if (strcmp(text(call, "oldPlateNo"), text(call, "plateNo")) == 0) {
        wrong(call, "the plate does not change");
        return;
    }
    snprintf(key, sizeof key, "%s %s", text(call, "oldPlateNo"), text(call, "plateNo"));
    hold(call, "plate", key, "");
}

static void take_correction(struct call *call)
{
    char key[RULE_WHAT * 3];

    snprintf(key, sizeof key, "%s %lld %s", text(call, "thirdOrderNo"),
             (long long)city_rules_int(call->data, "type"), text(call, "desc"));
    hold(call, "correction", key, text(call, "thirdOrderNo"));
}

/* Told each day: nothing of it is counted. */
static void take_device(struct call *call)
{
    (void)call;
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
#define SENT                \
    {"appkey", RULE_TEXT},  \
    {                       \
        "time", RULE_MILLIS \
    }
#define LOT                   \
    SENT,                     \
    {                         \
        "parkCode", RULE_TEXT \
    }
#define ACT(n)                    \
    {"actTime", RULE_TIME},       \
    {                             \
        "actType", RULE_INT, n, n \
    }
#define COLOUR                       \
    {                                \
        "plateColor", RULE_INT, 0, 5 \
    }
#define PLATE                \
    {                        \
        "plateNo", RULE_TEXT \
    }
#define OPTIONAL 0, 0, true

static const struct operation {
    const char *uri;
    take_fn *take;
    const struct city_rule *rules;
} operations[] = {
    {"/api/outer/postOuterCarPassInData", take_entry,
     RULES(LOT, ACT(1), COLOUR, PLATE, {"orderNo", RULE_KEY}, {"deviceCode", RULE_TEXT},
           {"picUrl", RULE_ANY}, {"imageId", RULE_KEY, OPTIONAL})},
    {"/api/outer/postOuterCarPrePassOutData", take_bill,
     RULES(LOT, PLATE, {"orderNo", RULE_KEY}, {"billId", RULE_KEY}, {"enterTime", RULE_TIME},
           {"costTime", RULE_TIME}, {"parkPeriodTime", RULE_COUNT}, {"payStatus", RULE_INT, 0, 1},
           {"totalCost", RULE_MONEY}, {"freeMoney", RULE_MONEY}, {"preMoney", RULE_MONEY},
           {"payMoney", RULE_MONEY})},
    {"/api/outer/postOuterCarPassOutData", take_outer_exit,
     RULES(LOT, ACT(2), COLOUR, PLATE, {"picUrl", RULE_TEXT, OPTIONAL},
           {"imageId", RULE_KEY, OPTIONAL}, {"deviceCode", RULE_TEXT, OPTIONAL},
           {"district", RULE_TEXT, OPTIONAL}, {"parkName", RULE_TEXT, OPTIONAL})},
    {"/api/outer/postParkDevice", take_device,
     RULES(LOT, {"postType", RULE_INT, 1, 2}, {"deviceSN", RULE_TEXT})},
    {"/api/outer/postPlaceData", take_counts,
     RULES(LOT, {"createTime", RULE_TIME}, {"totalPlaceCount", RULE_COUNT},
           {"reducePlaceCount", RULE_INT, 0, 1000000, true})},
    {"/api/outer/postPic", take_picture,
     RULES(SENT, {"imageId", RULE_KEY}, {"parkType", RULE_INT, 1, 2},
           {"file", RULE_JPEG, 0, 3 * 1024 * 1024}, {"picTime", RULE_TIME, OPTIONAL},
           {"type", RULE_INT, 0, 1, true}, {"name", RULE_TEXT, OPTIONAL})},
    {"/api/upload/payBillInfo", take_payment,
     RULES(LOT, {"carNo", RULE_TEXT}, {"entryTime", RULE_TIME}, {"amount", RULE_MONEY},
           {"payAmount", RULE_MONEY}, {"discount", RULE_MONEY}, {"payType", RULE_INT, 1, 4},
           {"payTime", RULE_TIME})},
    {"/api/outer/postModifyCarNo", take_plate, RULES(LOT, PLATE, {"oldPlateNo", RULE_TEXT})},
    {"/api/inner/postInnerCarPassInData", take_entry,
     RULES(LOT, ACT(1), PLATE, {"orderNo", RULE_KEY}, {"berthNo", RULE_TEXT},
           {"plateColor", RULE_INT, 0, 5, true}, {"picUrl", RULE_TEXT, OPTIONAL},
           {"imageId", RULE_KEY, OPTIONAL})},
    {"/api/inner/postInnerCarPassOutData", take_inner_exit,
     RULES(LOT, ACT(2), PLATE, {"berthNo", RULE_TEXT})},
    {"/api/pos/orderClose", take_close,
     RULES(LOT, {"actTime", RULE_TIME}, {"type", RULE_INT, 1, 3}, {"orderNo", RULE_KEY},
           {"thirdOrderNo", RULE_KEY})},
    {"/api/exce/orderExceHandle", take_correction,
     RULES(LOT, {"type", RULE_INT, 1, 3}, {"thirdOrderNo", RULE_KEY}, {"desc", RULE_TEXT, 0, 100})},
};

static const struct operation *operation_of(const char *uri)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(uri, operations[i].uri) == 0)
            return &operations[i];
    return NULL;
}

/* ---- the token ---- */

static bool has_token(const struct book_lot *lot, const struct city_request *request,
                      const json_t *data)
{
    char *members = json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS);
    size_t size = strlen(request->path) + strlen(members) + strlen(lot->secret) + 1;
    char *whole = sim_alloc(size, 1);
    char token[33];

    snprintf(whole, size, "%s%s%s", request->path, members, lot->secret);
    city_seal_md5(whole, size - 1, token);
    free(whole);
    free(members);
    return request->token && strcmp(request->token, token) == 0;
}

/* Pictures name no lot: they are the account's. */
static bool find_lot(struct call *call)
{
    const char *code = text(call, "parkCode");
    const struct book_lot *lot = city_book_account(call->book, "xuzhou", text(call, "appkey"));

    if (!lot || !lot->secret) {
        wrong(call, "appkey is not registered");
        return false;
    }
    call->lot = lot;
    if (!*code)
        return true;
    lot = city_book_lot(call->book, "xuzhou", code);
    if (!lot || strcmp(lot->account ? lot->account : "", call->lot->account) != 0) {
        wrong(call, "parkCode is no lot of the account");
        return false;
    }
    call->lot = lot;
    return true;
}

static void take(struct call *call, const struct city_request *request)
{
    const struct operation *operation = operation_of(request->path);

    if (!operation)
        wrong(call, "no such operation");
    else if (!find_lot(call))
        return;
    else if (!has_token(call->lot, request, call->data))
        wrong(call, "the token is wrong");
    else if (city_rules_check(call->data, operation->rules, call->what))
        operation->take(call);
}

static struct city_answer receive(struct city_book *book, const struct city_request *request)
{
    struct call call = {.book = book};
    json_t *data = city_rules_read(request->body, request->body_size, call.what);
    json_t *fact = data ? city_rules_fact(data, attempt) : NULL;

    if (data) {
        call.data = data;
        call.fact = fact;
        take(&call, request);
    }
    if (call.what[0])
        city_book_breach(book, call.lot, call.what, request->path);
    json_t *whole = json_pack("{si,ss,s{si}}", "code", call.what[0] ? -1 : 0, "msg",
                              call.what[0] ? call.what : "success", "data", "IsWhiteCar", 0);
    struct city_answer ret = {200, "application/json", json_dumps(whole, JSON_COMPACT)};
    json_decref(whole);
    json_decref(fact);
    json_decref(data);
    return ret;
}

const struct city_receiver city_xuzhou = {"xuzhou", "/api/", receive};
