/* Hours of a lot. See lot_hours.h. */
#include "daemon/core/lot_hours.h"

static uint8_t bit_of(const struct tariff_calendar *calendar, int32_t day)
{
    static const struct tariff_calendar none = {0};
    enum tariff_day kind = tariff_day(calendar ? calendar : &none, day);

    if (kind == TARIFF_HOLIDAY)
        return LOT_HOLIDAY_BIT;
    return (uint8_t)TARIFF_DAY_BIT(kind == TARIFF_MAKEUP ? TARIFF_MONDAY : kind);
}

struct lot_day lot_hours_day(const struct civil_zone *zone, const struct tariff_calendar *calendar,
                             utc_ms at)
{
    int64_t at_s = at.ms / 1000 - (at.ms % 1000 < 0);
    int64_t local_s = civil_local_s(zone, at_s);
    int32_t day = civil_day(local_s);

    return (struct lot_day){.today = bit_of(calendar, day),
                            .yesterday = bit_of(calendar, day - 1),
                            .minute = civil_second_of_day(local_s) / 60};
}

int32_t lot_hours_left(const struct lot_hours *hours, const struct lot_day *day)
{
    int32_t to_min = hours->to_min > hours->from_min ? hours->to_min : hours->to_min + LOT_DAY_MIN;
    int32_t minute = day->minute + LOT_DAY_MIN;

    if (hours->days & day->today && day->minute >= hours->from_min && day->minute < to_min)
        return to_min - day->minute;
    if (hours->days & day->yesterday && minute < to_min)
        return to_min - minute;
    return 0;
}
