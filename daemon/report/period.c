/* Business days and months. See period.h. */
#include "daemon/report/period.h"

#include <stdio.h>
#include <string.h>

static utc_ms begins(const struct report_clock *clock, int32_t day)
{
    return (utc_ms){civil_utc_s(clock->zone, day, clock->cut_s) * 1000};
}

struct report_period period_days(const struct report_clock *clock, int32_t first, int32_t days)
{
    return (struct report_period){first, days, begins(clock, first), begins(clock, first + days)};
}

int32_t period_day_of(const struct report_clock *clock, utc_ms at)
{
    int64_t second = at.ms / 1000 - (at.ms % 1000 < 0);
    int32_t day = civil_day(civil_local_s(clock->zone, second));

    return at.ms < begins(clock, day).ms ? day - 1 : day;
}

bool period_month_parse(const char *text, int32_t *ret_first, int32_t *ret_days)
{
    char day[CIVIL_DATE_TEXT];
    int32_t first;

    if (strlen(text) != strlen("2024-03"))
        return false;
    snprintf(day, sizeof day, "%s-01", text);
    if (!civil_date_parse(day, &first))
        return false;
    struct civil_date next = civil_date(first);
    next.year += next.month == 12;
    next.month = next.month == 12 ? 1 : next.month + 1;
    *ret_first = first;
    *ret_days = civil_days(next) - first;
    return true;
}
