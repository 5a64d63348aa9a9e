/*
 * §8 Windows: which one a moment lies in. A window occurs on each day of its kind, from its time of
 * that day to its end there or on the next day; of several the highest priority holds. The kind is
 * that of the day on which it begins. Times of day become moments by civil_utc_s(); far from a
 * change of the clocks that is one subtraction.
 */
#include "daemon/core/tariff_walk.h"

enum { MARGIN_S = 3 * CIVIL_DAY_S };

/* The first place in `days` whose day is not before `day`. */
static uint32_t place(const int32_t *days, uint32_t count, int32_t day)
{
    uint32_t low = 0, high = count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (days[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool any_between(const int32_t *days, uint32_t count, int32_t from, int32_t to)
{
    uint32_t first = place(days, count, from);

    return first < count && days[first] <= to;
}

enum tariff_day tariff_day(const struct tariff_calendar *calendar, int32_t day)
{
    if (any_between(calendar->holidays, calendar->holidays_count, day, day))
        return TARIFF_HOLIDAY;
    if (any_between(calendar->workdays, calendar->workdays_count, day, day))
        return TARIFF_MAKEUP;
    return (enum tariff_day)civil_weekday(day);
}

void tariff_walk_start(struct tariff_walk *walk, const struct tariff_book *book,
                       const struct tariff_part *part, enum vehicle_class class, int64_t at_s)
{
    *walk = (struct tariff_walk){.part = part,
                                 .zone = book->zone,
                                 .calendar = book->calendar,
                                 .class = class,
                                 .span = civil_span(book->zone, at_s)};
}

static int64_t local(struct tariff_walk *walk, int64_t at_s)
{
    if (at_s < walk->span.from_s || at_s >= walk->span.until_s)
        walk->span = civil_span(walk->zone, at_s);
    return at_s + walk->span.offset_s;
}

int32_t tariff_walk_day(struct tariff_walk *walk, int64_t at_s)
{
    return civil_day(local(walk, at_s));
}

int64_t tariff_walk_utc(struct tariff_walk *walk, int32_t day, int32_t second_of_day)
{
    int64_t at_s = (int64_t)day * CIVIL_DAY_S + second_of_day - walk->span.offset_s;
    bool calm = (walk->span.from_s == INT64_MIN || at_s - MARGIN_S > walk->span.from_s) &&
                (walk->span.until_s == INT64_MAX || at_s + MARGIN_S < walk->span.until_s);

    return calm ? at_s : civil_utc_s(walk->zone, day, second_of_day);
}

static bool holds_on(const struct tariff_walk *walk, const struct tariff_window *window,
                     int32_t day)
{
    if (window->first_day <= window->last_day &&
        (day < window->first_day || day > window->last_day))
        return false;
    return window->days == TARIFF_DAYS_ALL ||
           (window->days & TARIFF_DAY_BIT(tariff_day(walk->calendar, day)));
}

/* What a look at all windows has found so far. */
struct search {
    int64_t at_s;
    const struct tariff_window *best;
    int64_t from_s, until_s;
    int64_t next_s; /* the first beginning after `at_s` of a window that could take over */
};

static void consider(struct tariff_walk *walk, struct search *found,
                     const struct tariff_window *window, int32_t day)
{
    bool over_midnight = window->to_s <= window->from_s;
    int64_t from_s = tariff_walk_utc(walk, day, window->from_s);

    if (!holds_on(walk, window, day))
        return;
    if (from_s > found->at_s) {
        if (from_s < found->next_s)
            found->next_s = from_s;
        return;
    }
    int64_t until_s = tariff_walk_utc(walk, day + over_midnight, window->to_s);
    if (until_s > found->at_s && (!found->best || window->priority > found->best->priority)) {
        found->best = window;
        found->from_s = from_s;
        found->until_s = until_s;
    }
}

/* All windows of the class, on the day before (for those over midnight) and on the day. */
static void look(struct tariff_walk *walk, struct search *found, int32_t day)
{
    uint32_t left = walk->part->windows_of[walk->class];

    while (left) {
        const struct tariff_window *window = &walk->part->windows[__builtin_ctz(left)];

        left &= left - 1;
        if (window->to_s <= window->from_s)
            consider(walk, found, window, day - 1);
        consider(walk, found, window, day);
    }
}

void tariff_walk_at(struct tariff_walk *walk, int64_t at_s, struct tariff_segment *ret)
{
    int32_t day = civil_day(local(walk, at_s));
    struct search found = {.at_s = at_s, .next_s = tariff_walk_utc(walk, day + 1, 0)};

    look(walk, &found, day);
    if (!found.best) {
        *ret = (struct tariff_segment){NULL, INT64_MIN, found.next_s};
        return;
    }
    if (walk->part->priorities && found.next_s < found.until_s)
        found.until_s = found.next_s;
    bool charged = found.best->kind == TARIFF_CHARGED || found.best->kind == TARIFF_OVERSTAY;
    *ret = (struct tariff_segment){
        .window = charged ? found.best : NULL,
        .from_s = found.best->continuous ? INT64_MIN : found.from_s,
        .until_s = found.until_s,
    };
}

/* Whether the dates of any window begin or end between these days. */
static bool dates_between(const struct tariff_part *part, int32_t from, int32_t to)
{
    for (uint32_t i = 0; i < part->windows_count; i++) {
        const struct tariff_window *window = &part->windows[i];

        if (window->first_day <= window->last_day && window->first_day <= to &&
            window->last_day >= from)
            return true;
    }
    return false;
}

bool tariff_walk_regular(struct tariff_walk *walk, int64_t from_s, int64_t to_s)
{
    int32_t first = civil_day(local(walk, from_s)) - 1;
    int32_t last = civil_day(to_s + walk->span.offset_s) + 1;
    const struct tariff_calendar *calendar = walk->calendar;

    if ((walk->span.from_s != INT64_MIN && from_s - MARGIN_S < walk->span.from_s) ||
        (walk->span.until_s != INT64_MAX && to_s + MARGIN_S > walk->span.until_s))
        return false;
    if (walk->part->every_day[walk->class])
        return true;
    return !any_between(calendar->holidays, calendar->holidays_count, first, last) &&
           !any_between(calendar->workdays, calendar->workdays_count, first, last) &&
           !dates_between(walk->part, first, last);
}
