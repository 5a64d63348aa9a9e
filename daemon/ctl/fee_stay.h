/*
 * A stay as JSON, for pricing: {"tariff":…,"entry":…,"exit":…,"vehicle":…} with times in ISO 8601,
 * and optional "history", "calendar", "payments", "passes", "coupons", "also", "clock_step_s".
 */
#ifndef CTL_FEE_STAY_H
#define CTL_FEE_STAY_H

#include "daemon/base/json.h"
#include "daemon/core/tariff.h"
#include "daemon/core/units.h"

enum { FEE_LIST_MAX = 366, FEE_DAYS_MAX = 8192 };

/* What a struct tariff_stay borrows; one after another, by one thread. */
struct fee_stay {
    struct tariff_stay stay;
    struct tariff_earlier earlier[FEE_LIST_MAX];
    struct tariff_payment payments[FEE_LIST_MAX];
    struct tariff_span passes[FEE_LIST_MAX];
    struct tariff_coupon coupons[FEE_LIST_MAX];
    bool own_dates; /* the line brings dates of its own */
    int32_t holidays[FEE_LIST_MAX], workdays[FEE_LIST_MAX];
    uint32_t holidays_count, workdays_count;
};

/* "2024-03-13T10:00:00+08:00" in UTC seconds; parts of a second are cut. */
bool fee_stay_time(const char *text, int64_t *ret_s);

/* Everything but the tariff; false with err ("entry is no time"). */
bool fee_stay_read(const struct json *line, struct fee_stay *ret, struct err *err);

/* The dates of the line on top of `base`; borrows both. `days` holds what is put together. */
struct fee_days {
    int32_t holidays[FEE_DAYS_MAX], workdays[FEE_DAYS_MAX];
    struct tariff_calendar calendar;
};
void fee_stay_calendar(const struct fee_stay *stay, const struct tariff_calendar *base,
                       struct fee_days *ret);

#endif
