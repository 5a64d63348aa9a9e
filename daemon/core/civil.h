/*
 * Civil time: dates of the Gregorian calendar, and a time zone as a table of values
 * (daemon/base/zone fills one from the zone files). Seconds and days count from 1970-01-01, UTC or
 * local as the name says. Pure; no clock, no environment, never the process's own zone.
 */
#ifndef CORE_CIVIL_H
#define CORE_CIVIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CIVIL_DAY_S = 86400, CIVIL_WEEK_DAYS = 7, CIVIL_DATE_TEXT = 11, CIVIL_TEXT = 26 };

struct civil_date {
    int32_t year;
    int32_t month; /* 1 to 12 */
    int32_t day;   /* 1 to 31 */
};

/* A zone: from `at_s[i]` on, local time is UTC plus `offset_s[i + 1]`; before the first, plus
 * `offset_s[0]`. `at_s` ascends. Borrowed: whoever filled it in owns it. */
struct civil_zone {
    const int64_t *at_s;
    const int32_t *offset_s; /* one more than `at_s` */
    size_t count;
};

/* A stretch of time with one offset; `from_s` ≤ t < `until_s`. */
struct civil_span {
    int64_t from_s, until_s;
    int32_t offset_s;
};

/* The zone whose local time is UTC. */
extern const struct civil_zone civil_utc;

int32_t civil_days(struct civil_date date); /* the date must exist */
struct civil_date civil_date(int32_t days);
int civil_weekday(int32_t days); /* 0 Monday to 6 Sunday */

struct civil_span civil_span(const struct civil_zone *zone, int64_t utc_s);

/* The first moment at which the zone's clocks show this time of this day or a later one: a time
 * that occurs twice is the earlier, a time that is left out is the moment of the change. */
int64_t civil_utc_s(const struct civil_zone *zone, int32_t day, int32_t second_of_day);

int64_t civil_local_s(const struct civil_zone *zone, int64_t utc_s);
int32_t civil_day(int64_t local_s);           /* rounds towards the past */
int32_t civil_second_of_day(int64_t local_s); /* 0 to 86399 */

/* "2024-02-29", years 0000 to 9999; false, with `ret` untouched, when there is no such date. */
bool civil_date_parse(const char *text, int32_t *ret_days);
char *civil_date_text(int32_t days, char text[CIVIL_DATE_TEXT]); /* year clamped to 0000 to 9999 */

/* "hh:mm" from 00:00 to 24:00, in seconds. */
bool civil_time_parse(const char *text, int32_t *ret_s);

/* "2024-02-29T10:00:00+08:00" in the zone's local time; returns `text`. */
char *civil_text(const struct civil_zone *zone, int64_t utc_s, char text[CIVIL_TEXT]);

#endif
