/* Calls of cities' platforms. See city_call.h. */
#include "daemon/uplink/city_call.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/civil.h"

enum {
    GOOD_MS = 5 * 60 * 1000,
    OPEN_GOOD_MS = 10 * 1000,   /* whoever stands there now is meant */
    AHEAD_MS = 5 * 60 * 1000,   /* clocks differ */
    CHINA_MS = 8 * 3600 * 1000, /* local times carry no zone */
    DIGITS_MAX = 15
};

/* One call under way. */
struct reading {
    const struct adapter_context *context;
    const struct city_call_words *words;
    const struct json *business;
    struct city_order *order;
};

/* ---- values ---- */

bool city_call_number(const struct json *value, int64_t *ret)
{
    const char *text = json_text(value, NULL);
    char *end;

    if (json_kind(value) == JSON_KIND_INT) {
        *ret = json_int(value, 0);
        return true;
    }
    if (!text || !isdigit((unsigned char)*text) || strlen(text) > DIGITS_MAX)
        return false;
    int64_t number = strtoll(text, &end, 10);
    if (*end)
        return false;
    *ret = number;
    return true;
}

bool city_call_time(const char *text, utc_ms *ret)
{
    char date[CIVIL_DATE_TEXT];
    int hour, minute, second, end = 0;
    int32_t day;

    if (strlen(text) != strlen("2026-11-22 11:02:06") || text[CIVIL_DATE_TEXT - 1] != ' ')
        return false;
    text_copy(date, sizeof date, text);
    if (!civil_date_parse(date, &day) || strspn(text + CIVIL_DATE_TEXT, "0123456789:") != 8 ||
        sscanf(text + CIVIL_DATE_TEXT, "%2d:%2d:%2d%n", &hour, &minute, &second, &end) != 3 ||
        end != 8 || hour > 23 || minute > 59 || second > 59)
        return false;
    ret->ms = ((int64_t)day * CIVIL_DAY_S + hour * 3600 + minute * 60 + second) * 1000 - CHINA_MS;
    return true;
}

bool city_call_id(const struct json *business, struct city_order *ret, struct err *err)
{
    const char *id = json_text(json_member(business, "callId"), "");

    if (!city_key_valid(id))
        return err_set(err, "callId is missing, or is not 1 to 32 of 0-9 A-Z a-z _ -");
    text_copy(ret->id, sizeof ret->id, id);
    return true;
}

/* Not there: 0, which means open. */
static bool read_moment(const struct reading *r, const char *name, utc_ms *ret, struct err *err)
{
    const struct json *value = json_member(r->business, name);
    int64_t ms = 0;

    if (json_kind(value) == JSON_KIND_NONE)
        return true;
    if (r->words->epoch && city_call_number(value, &ms) && ms > 0) {
        ret->ms = ms;
        return true;
    }
    return (!r->words->epoch && city_call_time(json_text(value, ""), ret)) ||
           err_set(err, "%s is no moment as the platform writes them", name);
}

static bool read_plate(const struct reading *r, struct err *err)
{
    const char *raw = json_text(json_member(r->business, r->words->plate), "");

    return (plate_normal(raw, r->order->plate) &&
            plate_plausible(r->order->plate, PLATE_COLOUR_UNKNOWN)) ||
           err_set(err, "%s is no plate", r->words->plate);
}

/* 1 on, 0 off. */
static bool read_status(const struct reading *r, struct err *err)
{
    int64_t status = -1;

    if (!city_call_number(json_member(r->business, "status"), &status) || status < 0 || status > 1)
        return err_set(err, "status is neither 0 nor 1");
    r->order->act = status ? PLATFORM_LIST_ADD : PLATFORM_LIST_REMOVE;
    return true;
}

static bool read_words(const struct reading *r, const char *name, struct err *err)
{
    const char *words = json_text(json_member(r->business, name), "");

    if (strlen(words) >= sizeof r->order->note)
        return err_set(err, "%s is longer than %zu bytes", name, sizeof r->order->note - 1);
    text_copy(r->order->note, sizeof r->order->note, words);
    return true;
}

/* ---- operations ---- */

static bool read_list(const struct reading *r, struct err *err)
{
    const char *name = json_text(json_member(r->business, "listType"), "");
    int list = LIST_KINDS;

    if (!words_parse(&list_kind_words, name, &list) || list == PLATES_LOCKED)
        return err_set(err, "listType is none of pass, exempt, blocked");
    r->order->list = (enum list_kind)list;
    return read_status(r, err) && read_plate(r, err) &&
           read_moment(r, "validStartDate", &r->order->from, err) &&
           read_moment(r, "validEndDate", &r->order->until, err) && read_words(r, "reason", err);
}

static bool read_lock(const struct reading *r, struct err *err)
{
    r->order->list = PLATES_LOCKED;
    return read_status(r, err) && read_plate(r, err) && read_words(r, "reason", err);
}

/* The lane by the platform's name of it. */
static bool read_open(const struct reading *r, struct err *err)
{
    const char *code = json_text(json_member(r->business, r->words->lane), "");
    const struct site_plan *plan = r->context->plan;
    uint32_t lane = 0;

    while (lane < plan->lanes_count &&
           strcmp(city_place(r->context, plan->lanes[lane].id), code) != 0)
        lane++;
    if (lane == plan->lanes_count)
        return err_set(err, "%s names no lane of ours", r->words->lane);
    if (plan->lanes[lane].lot != r->order->lot->lot)
        return err_set(err, "%s names a lane of another lot", r->words->lane);
    r->order->act = PLATFORM_OPEN;
    text_copy(r->order->lane, sizeof r->order->lane, plan->lanes[lane].id);
    return read_words(r, "reason", err);
}

static bool read_tariff(const struct reading *r, struct err *err)
{
    r->order->act = PLATFORM_TARIFF;
    return read_words(r, "notice", err) &&
           (*r->order->note || err_set(err, "notice is empty; nothing is told"));
}

static const struct operation {
    const char *name;
    int64_t good_ms;
    bool (*read)(const struct reading *r, struct err *err);
} operations[] = {{"list", GOOD_MS, read_list},
                  {"lock", GOOD_MS, read_lock},
                  {"open", OPEN_GOOD_MS, read_open},
                  {"tariff", GOOD_MS, read_tariff}};

static const char *operation_of(const struct json *business)
{
    return json_text(json_member(business, "operation"), "paid");
}

bool city_call_is_payment(const struct json *business)
{
    return strcmp(operation_of(business), "paid") == 0;
}

/* The platform's clock tells the age; the order is measured with ours. */
static bool judge_time(const struct adapter_context *context, utc_ms sent, int64_t good_ms,
                       struct city_order *ret, struct err *err)
{
    int64_t age_ms = context->platform_now.ms - sent.ms;

    if (sent.ms <= 0)
        return err_set(err, "it does not say when it was sent");
    if (age_ms < -AHEAD_MS)
        return err_set(err, "it was sent later than now");
    ret->not_after.ms = context->now.ms - (age_ms > 0 ? age_ms : 0) + good_ms;
    return true;
}

bool city_call_read(const struct adapter_context *context, const struct city_call_words *words,
                    const struct json *business, utc_ms sent, struct city_order *ret,
                    struct err *err)
{
    const struct reading r = {context, words, business, ret};

    const struct operation *operation = NULL;

    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, operation_of(business)) == 0)
            operation = &operations[i];
    if (!operation)
        return err_set(err, "there is no such operation; there are paid, list, lock, open, tariff");
    if (!ret->lot)
        return err_set(err, "%s is missing: for which lot?", words->lot);
    text_copy(ret->actor, sizeof ret->actor, json_text(json_member(business, "actor"), ""));
    return city_call_id(business, ret, err) &&
           judge_time(context, sent, operation->good_ms, ret, err) && operation->read(&r, err);
}

/* ---- whose it is ---- */

const struct uplink_lot *city_call_signer(const struct adapter_context *context,
                                          const struct city_signature *signature)
{
    const struct uplink_settings *settings = context->settings;

    for (uint32_t i = 0; i < settings->lots_count; i++)
        if (signature->is_of(&settings->lots[i], signature->arg))
            return &settings->lots[i];
    return NULL;
}

bool city_call_lot(const struct adapter_context *context, const struct city_signature *signature,
                   const char *code, const struct uplink_lot **ret, struct err *err)
{
    const struct uplink_settings *settings = context->settings;
    const struct uplink_lot *found = NULL;
    uint32_t count = 0;

    for (uint32_t i = 0; i < settings->lots_count; i++) {
        const struct uplink_lot *lot = &settings->lots[i];

        if ((*code && strcmp(lot->code, code) != 0) || !signature->is_of(lot, signature->arg))
            continue;
        found = lot;
        count++;
    }
    if (!count)
        return err_set(err, "it is not for a lot of ours");
    *ret = count == 1 ? found : NULL;
    return true;
}
