/*
 * Hours of a lot: whether a moment lies within them. A holiday counts as a holiday only, a working
 * day put in for one as a Monday. Hours belong to the day on which they begin. Pure.
 */
#ifndef CORE_LOT_HOURS_H
#define CORE_LOT_HOURS_H

#include "daemon/core/lot_policy.h"
#include "daemon/core/tariff.h"
#include "daemon/core/units.h"

enum { LOT_HOLIDAY_BIT = 0x80, LOT_DAY_MIN = 1440 };

/* A moment as hours see it. */
struct lot_day {
    uint8_t today, yesterday; /* bits, as lot_hours.days */
    int32_t minute;           /* of the local day */
};

/* `calendar` NULL: no day is a holiday. */
struct lot_day lot_hours_day(const struct civil_zone *zone, const struct tariff_calendar *calendar,
                             utc_ms at);

/* Whole minutes until the hours end, the current one included; 0: `day` is outside. */
int32_t lot_hours_left(const struct lot_hours *hours, const struct lot_day *day);

#endif
