/* Stays from JSON. What others wrote, so everything is looked at; see fee_stay.h. */
#include "daemon/ctl/fee_stay.h"

#include <stdlib.h>
#include <string.h>

enum { SECOND_MS = 1000, MINUTE_S = 60, FEN_MAX = 1000000000 };

bool fee_stay_time(const char *text, int64_t *ret_s)
{
    utc_ms at;

    if (!text || !utc_parse(text, &at))
        return false;
    *ret_s = at.ms / SECOND_MS - (at.ms % SECOND_MS < 0);
    return true;
}

/* One end of a span: a member of an object, or an item of an array. */
static bool read_end(const struct json *from, const char *key, size_t index, int64_t *ret_s)
{
    const struct json *value =
        json_kind(from) == JSON_KIND_ARRAY ? json_item(from, index) : json_member(from, key);

    return fee_stay_time(json_text(value, NULL), ret_s);
}

/* The size of an optional list; false when there is something else or too much. */
static bool list_size(const struct json *line, const char *key, uint32_t *ret, struct err *err)
{
    const struct json *list = json_member(line, key);
    enum json_kind kind = json_kind(list);

    *ret = (uint32_t)json_size(list);
    if (kind != JSON_KIND_NONE && kind != JSON_KIND_NULL && kind != JSON_KIND_ARRAY)
        return err_set(err, "%s is no list", key);
    if (json_size(list) > FEE_LIST_MAX)
        return err_set(err, "%s has more than %d items", key, FEE_LIST_MAX);
    return true;
}

static bool read_history(const struct json *line, struct fee_stay *ret, struct err *err)
{
    const struct json *list = json_member(line, "history");

    if (!list_size(line, "history", &ret->stay.earlier_count, err))
        return false;
    for (uint32_t i = 0; i < ret->stay.earlier_count; i++) {
        const struct json *item = json_item(list, i);
        struct tariff_earlier *earlier = &ret->earlier[i];

        if (json_kind(item) == JSON_KIND_TEXT) {
            if (!fee_stay_time(json_text(item, NULL), &earlier->entry_s))
                return err_set(err, "history: item %u is no time", i + 1);
        } else if (!read_end(item, "entry", 0, &earlier->entry_s)) {
            return err_set(err, "history: item %u has no entry", i + 1);
        }
        earlier->exit_s = earlier->entry_s;
        read_end(item, "exit", 1, &earlier->exit_s);
        earlier->fen = json_int(json_member(item, "fee_fen"), 0);
    }
    ret->stay.earlier = ret->earlier;
    return true;
}

static bool read_payments(const struct json *line, struct fee_stay *ret, struct err *err)
{
    const struct json *list = json_member(line, "payments");

    if (!list_size(line, "payments", &ret->stay.payments_count, err))
        return false;
    for (uint32_t i = 0; i < ret->stay.payments_count; i++) {
        struct tariff_payment *payment = &ret->payments[i];

        payment->fen = json_int(json_member(json_item(list, i), "fen"), -1);
        if (!read_end(json_item(list, i), "at", 0, &payment->at_s) || payment->fen < 0 ||
            payment->fen > FEN_MAX || (i > 0 && payment->at_s < payment[-1].at_s))
            return err_set(err,
                           "payments: item %u needs \"at\", not before the last one, and "
                           "\"fen\"",
                           i + 1);
    }
    ret->stay.payments = ret->payments;
    return true;
}

static bool read_passes(const struct json *line, struct fee_stay *ret, struct err *err)
{
    const struct json *list = json_member(line, "passes");

    if (!list_size(line, "passes", &ret->stay.passes_count, err))
        return false;
    for (uint32_t i = 0; i < ret->stay.passes_count; i++) {
        struct tariff_span *pass = &ret->passes[i];

        if (!read_end(json_item(list, i), "from", 0, &pass->from_s) ||
            !read_end(json_item(list, i), "to", 1, &pass->to_s) || pass->to_s < pass->from_s ||
            (i > 0 && pass->from_s < pass[-1].from_s))
            return err_set(err, "passes: item %u needs \"from\" and \"to\", ascending", i + 1);
    }
    ret->stay.passes = ret->passes;
    return true;
}

static bool read_coupons(const struct json *line, struct fee_stay *ret, struct err *err)
{
    static const struct {
        const char *key;
        enum tariff_coupon_kind kind;
        int64_t max, scale;
    } kinds[] = {
        {"minutes", TARIFF_COUPON_TIME, 527040, MINUTE_S},
        {"percent", TARIFF_COUPON_PERCENT, 100, 1},
        {"fen", TARIFF_COUPON_AMOUNT, FEN_MAX, 1},
    };
    const struct json *list = json_member(line, "coupons");

    if (!list_size(line, "coupons", &ret->stay.coupons_count, err))
        return false;
    for (uint32_t i = 0; i < ret->stay.coupons_count; i++) {
        bool found = false;

        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            int64_t value = json_int(json_member(json_item(list, i), kinds[k].key), -1);

            if (value < 0 || value > kinds[k].max)
                continue;
            ret->coupons[i] = (struct tariff_coupon){kinds[k].kind, value * kinds[k].scale};
            found = true;
        }
        if (!found)
            return err_set(err, "coupons: item %u needs minutes, percent or fen", i + 1);
    }
    ret->stay.coupons = ret->coupons;
    return true;
}

static bool read_dates(const struct json *calendar, const char *key, int32_t *days,
                       uint32_t *ret_count, struct err *err)
{
    const struct json *list = json_member(calendar, key);

    if (!list_size(calendar, key, ret_count, err))
        return false;
    for (uint32_t i = 0; i < *ret_count; i++)
        if (!civil_date_parse(json_text(json_item(list, i), ""), &days[i]))
            return err_set(err, "calendar: %s: item %u is no date", key, i + 1);
    return true;
}

static bool read_classes(const struct json *line, struct fee_stay *ret, struct err *err)
{
    const char *name = json_text(json_member(line, "vehicle"), "small");
    const struct json *also = json_member(line, "also");

    if (!vehicle_parse(name, &ret->stay.class))
        return err_set(err, "vehicle \"%.40s\" is not known", name);
    for (size_t i = 0; i < json_size(also); i++) {
        enum vehicle_class class;

        name = json_text(json_item(also, i), "");
        if (!vehicle_parse(name, &class))
            return err_set(err, "also: vehicle \"%.40s\" is not known", name);
        ret->stay.also |= VEHICLE_BIT(class);
    }
    return true;
}

bool fee_stay_read(const struct json *line, struct fee_stay *ret, struct err *err)
{
    const struct json *calendar = json_member(line, "calendar");
    const char *entry = json_text(json_member(line, "entry"), NULL);

    ret->stay = (struct tariff_stay){.entry_missing = !entry};
    ret->own_dates = calendar != NULL;
    if (entry && !fee_stay_time(entry, &ret->stay.entry_s))
        return err_set(err, "entry is no time; allowed: such as 2024-03-13T10:00:00+08:00");
    if (!fee_stay_time(json_text(json_member(line, "exit"), NULL), &ret->stay.exit_s))
        return err_set(err, "exit is no time; allowed: such as 2024-03-13T10:00:00+08:00");
    if (!entry)
        ret->stay.entry_s = ret->stay.exit_s;
    ret->stay.clock_step_s = json_int(json_member(line, "clock_step_s"), 0);
    if (ret->stay.clock_step_s < -INT32_MAX || ret->stay.clock_step_s > INT32_MAX)
        return err_set(err, "clock_step_s is out of range");
    return read_classes(line, ret, err) && read_history(line, ret, err) &&
           read_payments(line, ret, err) && read_passes(line, ret, err) &&
           read_coupons(line, ret, err) &&
           read_dates(calendar, "holidays", ret->holidays, &ret->holidays_count, err) &&
           read_dates(calendar, "workdays", ret->workdays, &ret->workdays_count, err);
}

/* Civil days, in any order. */
struct fee_dates {
    const int32_t *days;
    uint32_t count;
};

static bool among(struct fee_dates dates, int32_t day)
{
    for (uint32_t i = 0; i < dates.count; i++)
        if (dates.days[i] == day)
            return true;
    return false;
}

static int by_day(const void *a, const void *b)
{
    const int32_t *one = a, *other = b;

    return (*one > *other) - (*one < *other);
}

/* `base` without those of `not_these`, with those of `more`; sorted, each once. */
static uint32_t put_together(struct fee_dates base, struct fee_dates not_these,
                             struct fee_dates more, int32_t ret[FEE_DAYS_MAX])
{
    uint32_t count = 0, unique = 0;

    for (uint32_t i = 0; i < base.count && count + more.count < FEE_DAYS_MAX; i++)
        if (!among(not_these, base.days[i]))
            ret[count++] = base.days[i];
    for (uint32_t i = 0; i < more.count; i++)
        ret[count++] = more.days[i];
    qsort(ret, count, sizeof *ret, by_day);
    for (uint32_t i = 0; i < count; i++)
        if (i == 0 || ret[i] != ret[unique - 1])
            ret[unique++] = ret[i];
    return unique;
}

void fee_stay_calendar(const struct fee_stay *stay, const struct tariff_calendar *base,
                       struct fee_days *ret)
{
    struct fee_dates off = {stay->holidays, stay->holidays_count};
    struct fee_dates worked = {stay->workdays, stay->workdays_count};

    ret->calendar = *base;
    ret->calendar.holidays = ret->holidays;
    ret->calendar.workdays = ret->workdays;
    ret->calendar.holidays_count = put_together(
        (struct fee_dates){base->holidays, base->holidays_count}, worked, off, ret->holidays);
    ret->calendar.workdays_count = put_together(
        (struct fee_dates){base->workdays, base->workdays_count}, off, worked, ret->workdays);
}
