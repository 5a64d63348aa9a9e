/*
 * Civil time. See civil.h. The day number comes from counting years from March, so that the leap
 * day is the last of its year, in eras of 400 years, which are all 146,097 days long.
 */
#include "daemon/core/civil.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    ERA_YEARS = 400,
    ERA_DAYS = 146097,
    EPOCH_DAYS = 719468, /* from 0000-03-01 to 1970-01-01 */
    YEAR_MAX = 9999
};

static const int32_t utc_offset[] = {0};
const struct civil_zone civil_utc = {.at_s = NULL, .offset_s = utc_offset, .count = 0};

static int64_t divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int32_t civil_days(struct civil_date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = divide_down(year, ERA_YEARS);
    int64_t of_era = year - era * ERA_YEARS;
    int64_t of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;

    return (int32_t)(era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
                     EPOCH_DAYS);
}

struct civil_date civil_date(int32_t days)
{
    int64_t from_march = (int64_t)days + EPOCH_DAYS;
    int64_t era = divide_down(from_march, ERA_DAYS);
    int64_t of_era = from_march - era * ERA_DAYS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* 0 is March */
    bool next = month >= 10;

    return (struct civil_date){
        .year = (int32_t)(year + era * ERA_YEARS + next),
        .month = (int32_t)(next ? month - 9 : month + 3),
        .day = (int32_t)(of_year - (153 * month + 2) / 5 + 1),
    };
}

int civil_weekday(int32_t days)
{
    int64_t since_monday = (int64_t)days + 3; /* 1970-01-01 was a Thursday */

    return (int)(since_monday - divide_down(since_monday, CIVIL_WEEK_DAYS) * CIVIL_WEEK_DAYS);
}

static struct civil_span span_number(const struct civil_zone *zone, size_t number)
{
    return (struct civil_span){
        .from_s = number == 0 ? INT64_MIN : zone->at_s[number - 1],
        .until_s = number == zone->count ? INT64_MAX : zone->at_s[number],
        .offset_s = zone->offset_s[number],
    };
}

/* How many of the zone's changes lie at or before `utc_s`. */
static size_t changes_until(const struct civil_zone *zone, int64_t utc_s)
{
    size_t low = 0, high = zone->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->at_s[middle] <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct civil_span civil_span(const struct civil_zone *zone, int64_t utc_s)
{
    return span_number(zone, changes_until(zone, utc_s));
}

int64_t civil_utc_s(const struct civil_zone *zone, int32_t day, int32_t second_of_day)
{
    int64_t local_s = (int64_t)day * CIVIL_DAY_S + second_of_day;
    /* No offset exceeds a day, so this span is the right one or an earlier. */
    size_t number = changes_until(zone, local_s - CIVIL_DAY_S);

    for (;; number++) {
        struct civil_span span = span_number(zone, number);
        int64_t utc_s = local_s - span.offset_s;

        if (utc_s < span.until_s)
            return utc_s > span.from_s ? utc_s : span.from_s;
    }
}

int64_t civil_local_s(const struct civil_zone *zone, int64_t utc_s)
{
    return utc_s + civil_span(zone, utc_s).offset_s;
}

int32_t civil_day(int64_t local_s)
{
    return (int32_t)divide_down(local_s, CIVIL_DAY_S);
}

int32_t civil_second_of_day(int64_t local_s)
{
    return (int32_t)(local_s - divide_down(local_s, CIVIL_DAY_S) * CIVIL_DAY_S);
}

/* Reads text that looks like `picture`, where each '0' stands for a digit; -1 where it does not. */
static int64_t digits(const char *text, const char *picture)
{
    int64_t value = 0;

    for (; *picture; picture++, text++) {
        if (*picture != '0' && *text != *picture)
            return -1;
        if (*picture != '0')
            continue;
        if (*text < '0' || *text > '9')
            return -1;
        value = value * 10 + (*text - '0');
    }
    return *text ? -1 : value;
}

bool civil_date_parse(const char *text, int32_t *ret_days)
{
    int64_t number = digits(text, "0000-00-00");

    if (number < 0)
        return false;
    struct civil_date date = {(int32_t)(number / 10000), (int32_t)(number / 100 % 100),
                              (int32_t)(number % 100)};
    if (date.month < 1 || date.month > 12 || date.day < 1)
        return false;
    struct civil_date back = civil_date(civil_days(date));
    if (back.month != date.month) /* beyond the end of its month */
        return false;
    *ret_days = civil_days(date);
    return true;
}

static struct civil_date shown(int32_t days)
{
    struct civil_date date = civil_date(days);

    if (date.year < 0)
        date.year = 0;
    if (date.year > YEAR_MAX)
        date.year = YEAR_MAX;
    return date;
}

char *civil_date_text(int32_t days, char text[CIVIL_DATE_TEXT])
{
    struct civil_date date = shown(days);

    snprintf(text, CIVIL_DATE_TEXT, "%04d-%02d-%02d", date.year, date.month, date.day);
    return text;
}

bool civil_time_parse(const char *text, int32_t *ret_s)
{
    int64_t number = digits(text, "00:00");

    if (number < 0 || number > 2400 || number % 100 > 59)
        return false;
    *ret_s = (int32_t)(number / 100 * 3600 + number % 100 * 60);
    return true;
}

char *civil_text(const struct civil_zone *zone, int64_t utc_s, char text[CIVIL_TEXT])
{
    int32_t offset_s = civil_span(zone, utc_s).offset_s;
    int32_t distance_min = (offset_s < 0 ? -offset_s : offset_s) / 60;
    int32_t second = civil_second_of_day(utc_s + offset_s);
    struct civil_date date = shown(civil_day(utc_s + offset_s));

    snprintf(text, CIVIL_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", date.year, date.month,
             date.day, second / 3600, second / 60 % 60, second % 60, offset_s < 0 ? '-' : '+',
             distance_min / 60, distance_min % 60);
    return text;
}
