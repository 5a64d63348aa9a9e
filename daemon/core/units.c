/*
 * RFC 3339 text of a UTC time, both ways. Pure; any thread. Dates are counted in years that begin
 * on 1 March, so that the leap day is the last of its year and month lengths follow one formula.
 */
#include "daemon/core/units.h"

#include <string.h>

static const int64_t day_ms = 86400000;
static const int64_t first_ms = -62167219200000; /* 0000-01-01T00:00:00.000Z */
static const int64_t last_ms = 253402300799999;  /* 9999-12-31T23:59:59.999Z */

struct date {
    int64_t year;
    int month, day; /* from 1 */
};

/* Days of the 400-year cycle, and from 0000-03-01 to 1970-01-01. */
enum { CYCLE_DAYS = 146097, EPOCH_DAYS = 719468 };

static int64_t days_of(struct date date)
{
    int64_t year = date.year - (date.month <= 2 ? 1 : 0);
    int64_t cycle = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_cycle = year - cycle * 400;
    int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int64_t leap_days = year_of_cycle / 4 - year_of_cycle / 100;
    return cycle * CYCLE_DAYS + year_of_cycle * 365 + leap_days + day_of_year - EPOCH_DAYS;
}

static struct date date_of(int64_t days)
{
    days += EPOCH_DAYS;
    int64_t cycle = (days >= 0 ? days : days - (CYCLE_DAYS - 1)) / CYCLE_DAYS;
    int64_t day = days - cycle * CYCLE_DAYS;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */

    return (struct date){.year = cycle * 400 + year + (month >= 10 ? 1 : 0),
                         .month = (int)(month < 10 ? month + 3 : month - 9),
                         .day = (int)(day_of_year - (153 * month + 2) / 5 + 1)};
}

/* Writes `value` in `digits` places and `then`; returns where the next goes. */
static char *put(char *at, int64_t value, int digits, char then)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    at[digits] = then;
    return at + digits + 1;
}

char *utc_text(utc_ms at, char text[UTC_TEXT_SIZE])
{
    int64_t ms = at.ms < first_ms ? first_ms : at.ms > last_ms ? last_ms : at.ms;
    int64_t days = (ms - first_ms) / day_ms + first_ms / day_ms;
    int64_t of_day = ms - days * day_ms;
    struct date date = date_of(days);

    char *to = put(text, date.year, 4, '-');
    to = put(to, date.month, 2, '-');
    to = put(to, date.day, 2, 'T');
    to = put(to, of_day / 3600000, 2, ':');
    to = put(to, of_day / 60000 % 60, 2, ':');
    to = put(to, of_day / 1000 % 60, 2, '.');
    to = put(to, of_day % 1000, 3, 'Z');
    *to = '\0';
    return text;
}

/* Reads exactly `digits` digits of at most `max`, followed by `then` (not read over when NUL). */
static bool take(const char **at, int digits, int max, char then, int *ret)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    if (value > max || (then && (*at)[digits] != then))
        return false;
    *at += digits + (then ? 1 : 0);
    *ret = value;
    return true;
}

static bool take_fraction(const char **at, int64_t *ret_ms)
{
    static const int weight[] = {100, 10, 1};
    int64_t ms = 0;
    int digits = 0;

    if (**at == '.') {
        for (++*at; **at >= '0' && **at <= '9'; ++*at, digits++)
            ms += digits < 3 ? (**at - '0') * weight[digits] : 0;
        if (digits > 9)
            return false;
    }
    *ret_ms = ms;
    return true;
}

static bool take_zone(const char **at, int64_t *ret_ms)
{
    int hours = 0, minutes = 0;
    char sign = **at;

    if (sign == 'Z') {
        ++*at;
        *ret_ms = 0;
        return true;
    }
    if (sign != '+' && sign != '-')
        return false;
    ++*at;
    if (!take(at, 2, 23, ':', &hours) || !take(at, 2, 59, '\0', &minutes))
        return false;
    *ret_ms = (hours * 60 + minutes) * (sign == '+' ? 60000 : -60000);
    return true;
}

bool utc_parse(const char *text, utc_ms *ret)
{
    int year, month, day, hour, minute, second;
    int64_t fraction_ms, zone_ms;
    const char *at = text;

    if (!take(&at, 4, 9999, '-', &year) || !take(&at, 2, 12, '-', &month) ||
        !take(&at, 2, 31, 'T', &day) || !take(&at, 2, 23, ':', &hour) ||
        !take(&at, 2, 59, ':', &minute) || !take(&at, 2, 59, '\0', &second) ||
        !take_fraction(&at, &fraction_ms) || !take_zone(&at, &zone_ms) || *at)
        return false;

    /* A day that its month has not comes back from the calendar as another one. */
    int64_t days = days_of((struct date){year, month, day});
    struct date check = date_of(days);
    if (check.year != year || check.month != month || check.day != day)
        return false;

    ret->ms = days * day_ms + ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + fraction_ms -
              zone_ms;
    return true;
}
