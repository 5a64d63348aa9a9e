/* Inside the evaluator: §8, windows and local days. Only tariff*.c include this. */
#ifndef CORE_TARIFF_WALK_H
#define CORE_TARIFF_WALK_H

#include "daemon/core/tariff.h"

/* §8. What is needed to say which window a moment lies in. */
struct tariff_walk {
    const struct tariff_part *part;
    const struct civil_zone *zone;
    const struct tariff_calendar *calendar;
    enum vehicle_class class;
    struct civil_span span; /* the zone's stretch around the last moment asked for */
};

/* A stretch within one window, or outside all. */
struct tariff_segment {
    const struct tariff_window *window; /* NULL: a gap, or a window that is free or closed */
    int64_t from_s;                     /* when this occurrence of the window began */
    int64_t until_s;
};

void tariff_walk_start(struct tariff_walk *walk, const struct tariff_book *book,
                       const struct tariff_part *part, enum vehicle_class class, int64_t at_s);
void tariff_walk_at(struct tariff_walk *walk, int64_t at_s, struct tariff_segment *ret);

/* The local day of a moment, and when a local time of day comes. */
int32_t tariff_walk_day(struct tariff_walk *walk, int64_t at_s);
int64_t tariff_walk_utc(struct tariff_walk *walk, int32_t day, int32_t second_of_day);

/* True when all days from the one before `from_s` to the one after `to_s` follow the week: no date
 * of the calendar, no window of its own dates, no change of the clocks. */
bool tariff_walk_regular(struct tariff_walk *walk, int64_t from_s, int64_t to_s);

#endif
