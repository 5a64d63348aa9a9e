/*
 * The stretch of time that a report is about: a business day begins at its cut time in the site's
 * zone and ends where the next begins, be it 23 or 25 hours long; a month is its business days.
 * Pure.
 */
#ifndef REPORT_PERIOD_H
#define REPORT_PERIOD_H

#include "daemon/core/civil.h"
#include "daemon/core/units.h"

struct report_clock {
    const struct civil_zone *zone;
    int32_t cut_s; /* of the day: the business day begins then */
};

struct report_period {
    int32_t first_day, days; /* business days since 1970-01-01 */
    utc_ms from, to;         /* from ≤ t < to */
};

struct report_period period_days(const struct report_clock *clock, int32_t first, int32_t days);
int32_t period_day_of(const struct report_clock *clock, utc_ms at); /* the business day of `at` */

/* "2024-03" : its first day and how many it has; false when it is no month. */
bool period_month_parse(const char *text, int32_t *ret_first, int32_t *ret_days);

#endif
