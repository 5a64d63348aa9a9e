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

/* Use of a limit, as far as it matters: beyond the limit all is alike, and without one nothing. */
static int64_t used(int64_t use, int64_t limit)
{
    return limit == TARIFF_NONE ? 0 : least(use, limit);
}

/* The state without what only grows, its moments counted from `at_s`: equal ones go on alike. */
static struct tariff_state phase(const struct tariff_course *course,
                                 const struct tariff_state *state, int64_t at_s)
{
    struct tariff_state p = *state;
    bool endless = course->part->cycle == TARIFF_CYCLE_STAY;

    p.cycle_from_s = endless ? 0 : state->cycle_from_s - at_s;
    p.cycle_to_s = 0; /* follows from where it began */
    p.cycle_number = least(state->cycle_number, course->part->nth);
    p.in_stay.fen = 0;
    p.in_stay.units = used(state->in_stay.units, course->stay.of[TARIFF_CAP_UNITS]);
    p.in_stay.seconds = used(state->in_stay.seconds, course->stay.of[TARIFF_CAP_SECONDS]);
    p.in_cycle.fen = endless ? 0 : state->in_cycle.fen;
    p.in_cycle.units = used(state->in_cycle.units, course->cycle.of[TARIFF_CAP_UNITS]);
    p.in_cycle.seconds = used(state->in_cycle.seconds, course->cycle.of[TARIFF_CAP_SECONDS]);
    p.window_from_s = 0;
    if (state->window && state->window->continuous) /* it began at no moment */
        p.in_window = (struct tariff_sum){0};
    else if (state->window)
        p.window_from_s = state->window_from_s - at_s;
    p.clock_s = least(state->clock_s, course->part->longest_to_s);
    p.step = state->unit_left_s ? state->step : NULL;
    return p;
}

static bool same_phase(const struct tariff_course *course)
{
    struct tariff_state now = phase(course, &course->state, course->at_s);
    struct tariff_state before = phase(course, &course->mark, course->mark_s);

    return memcmp(&now, &before, sizeof now) == 0; /* words of eight bytes, none between them */
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
    if (state->window_from_s != INT64_MIN)
        state->window_from_s += on_s;
    course->at_s += on_s;
}

void tariff_repeat(struct tariff_course *course)
{
    int64_t times = course->mark_s != INT64_MIN && same_phase(course) ? periods_ahead(course) : 0;

    if (times > 0)
        jump(course, times);
    course->mark = course->state;
    course->mark_s = course->at_s;
    course->boundary_s = course->at_s + course->period_s;
}
