/*
 * What Xuzhou's platform is told of each record: tables of fields and which of them, in which
 * order. A row a field, rows in ascending order of their names. The traps are numbered in xuzhou.c.
 */
#include <string.h>

#include "daemon/uplink/city_fields.h"
#include "daemon/uplink/xuzhou.h"

enum { NOTE_MAX = 100 /* of a correction's reason */ };

#define NONE CITY_NO_CODE

/* Trap 1. */
static const int16_t colours[PLATE_COLOURS] = {
    [PLATE_COLOUR_UNKNOWN] = 0, [PLATE_BLUE] = 1,  [PLATE_YELLOW] = 2,
    [PLATE_WHITE] = 4,          [PLATE_BLACK] = 3, [PLATE_GREEN] = 5,
    [PLATE_YELLOW_GREEN] = 0,   [PLATE_RED] = 0,   [PLATE_ORANGE] = 0,
};
/* payType: 1 cash, 2 Alipay, 3 WeChat, 4 UnionPay. */
static const int16_t channels[PAY_CHANNELS] = {
    [CHANNEL_CASH] = 1,   [CHANNEL_WECHAT] = 3, [CHANNEL_ALIPAY] = 2,    [CHANNEL_UNIONPAY] = 4,
    [CHANNEL_ETC] = NONE, [CHANNEL_CARD] = 4,   [CHANNEL_WALLET] = NONE, [CHANNEL_OTHER] = NONE,
};
/* orderClose: 1 free, 2 paid, 3 unpaid. */
static const int16_t outcomes[OUTCOMES] = {
    [OUTCOME_PAID] = 2,     [OUTCOME_FREE] = 1,   [OUTCOME_PASS] = 1,    [OUTCOME_EXEMPT] = 1,
    [OUTCOME_RELEASED] = 1, [OUTCOME_UNPAID] = 3, [OUTCOME_VOID] = NONE,
};
static const int16_t one[] = {1}, two[] = {2}, three[] = {3};

/* ---- values of its own ---- */

/* Trap 4: `word` is _0 or _1. */
bool xuzhou_image_id(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    char bytes[IDENT_SIZE + 8];
    struct text id;

    if (!*fact->stay)
        return true;
    text_init(&id, bytes, sizeof bytes);
    text_add(&id, "%s%s", fact->stay, field->word);
    return city_fields_key(out, field->name, bytes, err);
}

static bool appkey(const struct city_fact *fact, const struct city_field *field, struct text *out,
                   struct err *err)
{
    (void)err;
    text_json_pair(out, field->name, fact->lot->account);
    return true;
}

static bool berth(const struct city_fact *fact, const struct city_field *field, struct text *out,
                  struct err *err)
{
    if (!fact->bay)
        return err_set(err, "the bay of the stay is not known");
    text_json_pair(out, field->name, city_place(fact->context, fact->bay));
    return true;
}

/* We serve no pictures: the platform is sent them under their imageId. Where somebody else serves
 * them, that is how they are named there. */
static bool address(const struct city_fact *fact, const struct city_field *field, struct text *out,
                    struct err *err)
{
    const char *base = fact->context->settings->picture_url;
    char bytes[2 * RECORD_PHRASE];
    struct text url;

    text_init(&url, bytes, sizeof bytes);
    if (base)
        text_add(&url, "%s%s%s.jpg", base, fact->stay, field->word);
    text_json_pair(out, field->name, bytes);
    return !url.overflow || err_set(err, "picture_url is too long");
}

/* A bay's arrival has no stay; its record is the order. */
static bool order_no(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    return city_fields_key(out, field->name, *fact->stay ? fact->stay : fact->id, err);
}

static bool outcome(const struct city_fact *fact, const struct city_field *field, struct text *out,
                    struct err *err)
{
    enum stay_outcome of = fact->record->stay_closed.outcome;

    return city_fields_code(out, field, (int)of, words_name(&stay_outcome_words, (int)of), err);
}

static bool plate_was(const struct city_fact *fact, const struct city_field *field,
                      struct text *out, struct err *err)
{
    const char *was = fact->record->stay_amended.plate_was;

    (void)err;
    text_json_pair(out, field->name, *was ? was : field->word);
    return true;
}

/* What is to be put right, in words: the operation has no field for it. */
static bool correction(const struct city_fact *fact, const struct city_field *field,
                       struct text *out, struct err *err)
{
    char bytes[NOTE_MAX], time[CITY_TIME];
    struct text note;

    (void)err;
    text_init(&note, bytes, sizeof bytes);
    text_add(&note, "%s%s", field->word, city_fields_time(fact->entered, time));
    text_json_pair(out, field->name, bytes);
    return true;
}

/* ---- bills and payments ---- */

static const struct record_order *order(const struct city_fact *fact)
{
    return &fact->record->order;
}

static bool bill_id(const struct city_fact *fact, const struct city_field *field, struct text *out,
                    struct err *err)
{
    return city_fields_key(out, field->name, order(fact)->order, err);
}

/* Of the two times as they are told, without their milliseconds. */
static bool minutes(const struct city_fact *fact, const struct city_field *field, struct text *out,
                    struct err *err)
{
    int64_t seconds = fact->record->at.ms / 1000 - fact->entered.ms / 1000;

    (void)err;
    text_json_int(out, field->name, seconds > 0 ? seconds / 60 : 0);
    return true;
}

static bool relief(const struct city_fact *fact, const struct city_field *field, struct text *out,
                   struct err *err)
{
    const struct money_chain *money = fact->money;

    return city_fields_money(out, field->name, money->receivable_fen - money->payable_fen, err);
}

static bool due(const struct city_fact *fact, const struct city_field *field, struct text *out,
                struct err *err)
{
    return city_fields_money(out, field->name, order(fact)->due_fen, err);
}

static bool due_status(const struct city_fact *fact, const struct city_field *field,
                       struct text *out, struct err *err)
{
    (void)err;
    text_json_int(out, field->name, order(fact)->due_fen == 0);
    return true;
}

static bool payment_amount(const struct city_fact *fact, const struct city_field *field,
                           struct text *out, struct err *err)
{
    return city_fields_money(out, field->name, fact->record->payment.receivable_fen, err);
}

static bool payment_relief(const struct city_fact *fact, const struct city_field *field,
                           struct text *out, struct err *err)
{
    const struct record_payment *paid = &fact->record->payment;

    return city_fields_money(out, field->name, paid->receivable_fen - paid->payable_fen, err);
}

/* ---- operations: rows in ascending order of their names ---- */

#define PLATE                                          \
    {                                                  \
        "plateNo", city_field_plate, NULL, "无牌车" \
    } /* not in any source */
#define COLOUR                                   \
    {                                            \
        "plateColor", city_field_colour, colours \
    }
#define LOT                        \
    {                              \
        "parkCode", city_field_lot \
    }
#define TIME                      \
    {                             \
        "time", city_field_now_ms \
    }
#define KEY              \
    {                    \
        "appkey", appkey \
    }
#define DONE                          \
    {                                 \
        "actTime", city_field_at_time \
    }
#define ACT(codes)                        \
    {                                     \
        "actType", city_field_code, codes \
    }
#define FIELDS(...)             \
    (const struct city_field[]) \
    {                           \
        __VA_ARGS__,            \
        {                       \
            NULL                \
        }                       \
    }

static const struct xuzhou_operation outer_in = {
    "/api/outer/postOuterCarPassInData",
    FIELDS(DONE, ACT(one), KEY, {"deviceCode", city_field_entrance},
           {"imageId", xuzhou_image_id, NULL, "_0"}, {"orderNo", order_no}, LOT,
           {"picUrl", address, NULL, "_0"}, COLOUR, PLATE, TIME)};
static const struct xuzhou_operation outer_out = {
    "/api/outer/postOuterCarPassOutData",
    FIELDS(DONE, ACT(two), KEY, {"deviceCode", city_field_exit},
           {"imageId", xuzhou_image_id, NULL, "_1"}, LOT, COLOUR, PLATE, TIME)};
static const struct xuzhou_operation inner_in = {
    "/api/inner/postInnerCarPassInData",
    FIELDS(DONE, ACT(one), KEY, {"berthNo", berth}, {"imageId", xuzhou_image_id, NULL, "_0"},
           {"orderNo", order_no}, LOT, COLOUR, PLATE, TIME)};
static const struct xuzhou_operation inner_out = {
    "/api/inner/postInnerCarPassOutData",
    FIELDS(DONE, ACT(two), KEY, {"berthNo", berth}, LOT, PLATE, TIME)};
static const struct xuzhou_operation closed = {
    "/api/pos/orderClose", FIELDS(DONE, KEY, {"orderNo", order_no}, LOT, {"thirdOrderNo", order_no},
                                  TIME, {"type", outcome, outcomes})};
static const struct xuzhou_operation bill = {
    "/api/outer/postOuterCarPrePassOutData",
    FIELDS(KEY, {"billId", bill_id}, {"costTime", city_field_at_time},
           {"enterTime", city_field_in_time}, {"freeMoney", relief}, {"orderNo", order_no}, LOT,
           {"parkPeriodTime", minutes}, {"payMoney", due}, {"payStatus", due_status}, PLATE,
           {"preMoney", city_field_received}, TIME, {"totalCost", city_field_receivable})};
static const struct xuzhou_operation paid = {
    "/api/upload/payBillInfo",
    FIELDS({"amount", payment_amount}, KEY, {"carNo", city_field_plate, NULL, "无牌车"},
           {"discount", payment_relief}, {"entryTime", city_field_in_time}, LOT,
           {"payAmount", city_field_received}, {"payTime", city_field_at_time},
           {"payType", city_field_channel, channels}, TIME)};
static const struct xuzhou_operation plate_changed = {
    "/api/outer/postModifyCarNo",
    FIELDS(KEY, {"oldPlateNo", plate_was, NULL, "无牌车"}, LOT, PLATE, TIME)};
#define HANDLE(words, codes)                                                                      \
    {                                                                                             \
        "/api/exce/orderExceHandle",                                                              \
            FIELDS(KEY, {"desc", correction, NULL, words}, LOT, {"thirdOrderNo", order_no}, TIME, \
                   {"type", city_field_code, codes})                                              \
    }
static const struct xuzhou_operation entry_corrected = HANDLE("入场时间更正为", one);
static const struct xuzhou_operation exit_reverted = HANDLE("出场撤销，入场时间", two);
static const struct xuzhou_operation voided = HANDLE("误识别作废，入场时间", three);
const struct xuzhou_operation xuzhou_berths = {"/api/outer/postPlaceData",
                                               FIELDS(KEY, {"createTime", city_field_now_time}, LOT,
                                                      {"reducePlaceCount", city_field_free}, TIME,
                                                      {"totalPlaceCount", city_field_total})};

/* ---- which operations a record is told by, in order ---- */

/* Trap 6. */
static struct xuzhou_told of_bay(const struct adapter_context *context, const struct record *record,
                                 const struct lot_plan *lot)
{
    enum bay_state from = record->bay_changed.from, to = record->bay_changed.to;
    int told = context->berths ? context->berths[record->bay_changed.bay] : (int)CITY_BERTH_UNSURE;
    bool came = from == BAY_FREE || told == CITY_BERTH_LEFT;
    bool left = told == CITY_BERTH_TAKEN || (told == CITY_BERTH_UNSURE && from == BAY_OCCUPIED);

    if (!lot->on_street || lot->policy.stays != STAYS_NONE)
        return (struct xuzhou_told){.count = 0};
    if (to == BAY_OCCUPIED)
        return (struct xuzhou_told){{&inner_in}, came};
    if (to == BAY_FREE)
        return (struct xuzhou_told){{&inner_out}, left};
    return (struct xuzhou_told){.count = 0};
}

static struct xuzhou_told of_exit(const struct record *record, bool street)
{
    if (record->stay_closed.outcome == OUTCOME_VOID)
        return (struct xuzhou_told){{&voided}, 1};
    return (struct xuzhou_told){{street ? &inner_out : &outer_out, &closed}, 2};
}

static struct xuzhou_told of_amendment(const struct record *record)
{
    switch (record->stay_amended.change) {
    case STAY_PLATE:
        return (struct xuzhou_told){{&plate_changed}, 1};
    case STAY_ENTRY:
        return (struct xuzhou_told){{&entry_corrected}, 1};
    case STAY_REVERTED:
        return (struct xuzhou_told){{&exit_reverted}, 1};
    default:
        return (struct xuzhou_told){.count = 0};
    }
}

struct xuzhou_told xuzhou_told(const struct adapter_context *context, const struct city_item *item)
{
    const struct record *record = item->record;
    const struct lot_plan *lot = &context->plan->lots[item->lot->lot];

    switch (record->kind) {
    case RECORD_STAY_OPENED:
        return (struct xuzhou_told){{lot->on_street ? &inner_in : &outer_in}, 1};
    case RECORD_STAY_CLOSED:
        return of_exit(record, lot->on_street);
    case RECORD_STAY_AMENDED:
        return of_amendment(record);
    case RECORD_ORDER:
        return (struct xuzhou_told){{&bill}, !lot->on_street && !record->order.final};
    case RECORD_PAYMENT:
        return (struct xuzhou_told){{&paid},
                                    record->payment.channel != CHANNEL_WALLET}; /* trap 5 */
    case RECORD_BAY_CHANGED:
        return of_bay(context, record, lot);
    default:
        return (struct xuzhou_told){.count = 0};
    }
}
