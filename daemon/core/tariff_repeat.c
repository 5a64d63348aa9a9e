/*
 * Why a stay of ten years costs no more work than one of a week. All that the price ahead depends
 * on is the state, the time of the day or week, and the calendar. So when the state at the end of a
 * period (a day where all days are alike, else a week) is what it was at its beginning, and no date
 * of the calendar and no change of the clocks lies ahead, each further period adds the same: they
 * are taken in one multiplication. Sums that only grow are left out of the comparison and
 * multiplied; limits on them are compared.
 */
#include "daemon/core/tariff_course.h"

#include <string.h>

void tariff_repeat_start(struct tariff_course *course)
{
    int64_t days = course->part->every_day[course->job->class] ? 1 : CIVIL_WEEK_DAYS;

    course->period_s = days * CIVIL_DAY_S;
    course->mark_s = INT64_MIN;
    course->boundary_s = (course->end_s - course->at_s) / course->period_s < 3
                             ? INT64_MAX
                             : course->at_s + course->period_s;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool same_use(int64_t now, int64_t before, int64_t limit)
{
    return limit == TARIFF_NONE || least(now, limit) == least(before, limit);
}

static bool same_cycle(const struct tariff_course *course)
{
    const struct tariff_state *now = &course->state, *before = &course->mark;
    bool whole_stay = course->part->cycle == TARIFF_CYCLE_STAY;

    return (whole_stay || (now->cycle_from_s - course->period_s == before->cycle_from_s &&
                           now->in_cycle.fen == before->in_cycle.fen)) &&
           least(now->cycle_number, course->part->nth) ==
               least(before->cycle_number, course->part->nth) &&
           same_use(now->in_cycle.units, before->in_cycle.units,
                    course->cycle.of[TARIFF_CAP_UNITS]) &&
           same_use(now->in_cycle.seconds, before->in_cycle.seconds,
                    course->cycle.of[TARIFF_CAP_SECONDS]);
}

static bool same_window(const struct tariff_course *course)
{
    const struct tariff_state *now = &course->state, *before = &course->mark;

    if (now->window != before->window)
        return false;
    if (!now->window || now->window->continuous)
        return true;
    return now->window_from_s - course->period_s == before->window_from_s &&
           now->in_window.fen == before->in_window.fen &&
           now->in_window.units == before->in_window.units &&
           now->in_window.seconds == before->in_window.seconds;
}

static bool same_state(const struct tariff_course *course)
{
    const struct tariff_state *now = &course->state, *before = &course->mark;
    int64_t longest_s = course->part->longest_to_s;

    return same_cycle(course) && same_window(course) &&
           least(now->clock_s, longest_s) == least(before->clock_s, longest_s) &&
           now->unit_left_s == before->unit_left_s && now->unit_wait_s == before->unit_wait_s &&
           (now->unit_left_s == 0 || now->step == before->step) && now->flats == before->flats &&
           now->stay_flats == before->stay_flats &&
           memcmp(now->counted, before->counted, sizeof now->counted) == 0 &&
           same_use(now->in_stay.units, before->in_stay.units, course->stay.of[TARIFF_CAP_UNITS]) &&
           same_use(now->in_stay.seconds, before->in_stay.seconds,
                    course->stay.of[TARIFF_CAP_SECONDS]);
}

/* How many periods from now on follow the week like the last one, by halving: 0 when none. */
static int64_t periods_ahead(struct tariff_course *course)
{
    int64_t low = 0, high = (course->end_s - course->at_s) / course->period_s;

    while (low < high) {
        int64_t middle = high - (high - low) / 2;

        if (tariff_walk_regular(&course->walk, course->mark_s,
                                course->at_s + middle * course->period_s))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static void multiply(struct tariff_sum *sum, const struct tariff_sum *before, int64_t times)
{
    sum->fen += (sum->fen - before->fen) * times;
    sum->units += (sum->units - before->units) * times;
    sum->seconds += (sum->seconds - before->seconds) * times;
}

static void jump(struct tariff_course *course, int64_t times)
{
    struct tariff_state *state = &course->state;
    const struct tariff_state *before = &course->mark;
    int64_t on_s = times * course->period_s;
    int64_t fen = (state->in_stay.fen - before->in_stay.fen) +
                  (state->in_cycle.fen - before->in_cycle.fen) +
                  (state->in_window.fen - before->in_window.fen);

    tariff_note_amount(course, TARIFF_NOTE_REPEAT,
                       (struct tariff_span){course->at_s, course->at_s + on_s}, fen * times, times);
    multiply(&state->in_stay, &before->in_stay, times);
    multiply(&state->in_cycle, &before->in_cycle, times);
    multiply(&state->in_window, &before->in_window, times);
    state->cycle_number += (state->cycle_number - before->cycle_number) * times;
    state->cycle_from_s += on_s;
    if (state->cycle_to_s != INT64_MAX)
        state->cycle_to_s += on_s;
    if (state->window && !state->window->continuous)
        state->window_from_s += on_s;
    course->at_s += on_s;
}

void tariff_repeat(struct tariff_course *course)
{
    int64_t times = course->mark_s != INT64_MIN && same_state(course) ? periods_ahead(course) : 0;

    if (times > 0)
        jump(course, times);
    course->mark = course->state;
    course->mark_s = course->at_s;
    course->boundary_s = course->at_s + course->period_s;
}
