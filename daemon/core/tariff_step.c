/*
 * §9 Steps: the clock moves on and charges. A unit begins where the last one ended; it counts as
 * soon as its rounding says so: after its first second (up), its last (down), or the first beyond
 * the tail. A unit ends with its step. Limits of time and units (§10 to §12) stop the charging
 * inside a window, and time that is not charged does not move the clock.
 */
#include "daemon/core/tariff_course.h"

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t room(int64_t limit, int64_t used)
{
    return limit == TARIFF_NONE ? INT64_MAX : limit - used;
}

static int64_t seconds_left(const struct tariff_course *course)
{
    const struct tariff_state *state = &course->state;
    int64_t left = room(state->window->cap_s, state->in_window.seconds);

    left = least(left, room(course->cycle.of[TARIFF_CAP_SECONDS], state->in_cycle.seconds));
    return least(left, room(course->stay.of[TARIFF_CAP_SECONDS], state->in_stay.seconds));
}

static int64_t units_left(const struct tariff_course *course, const struct tariff_step *step)
{
    const struct tariff_state *state = &course->state;
    int64_t left = room(state->window->cap_units, state->in_window.units);

    left = least(left, room(course->cycle.of[TARIFF_CAP_UNITS], state->in_cycle.units));
    left = least(left, room(course->stay.of[TARIFF_CAP_UNITS], state->in_stay.units));
    return step->max_units ? least(left, step->max_units - state->counted[step->counted]) : left;
}

/* §8 #36: steps ascend and the last is open, so there is one. */
static const struct tariff_step *step_at(const struct tariff_window *window, int64_t clock_s)
{
    const struct tariff_step *step = window->steps;

    while (step->to_s && clock_s >= step->to_s)
        step++;
    return step;
}

static void charge(struct tariff_course *course, const struct tariff_step *step, int64_t units,
                   struct tariff_span span)
{
    struct tariff_state *state = &course->state;
    int64_t granted = least(units, units_left(course, step));

    if (granted < units)
        tariff_note_amount(course, TARIFF_NOTE_FULL, span, 0, granted);
    if (granted <= 0)
        return;
    state->in_window.units += granted;
    state->in_cycle.units += granted;
    state->in_stay.units += granted;
    if (step->max_units)
        state->counted[step->counted] += granted;
    state->in_window.fen += granted * step->price_fen;
    tariff_note_amount(course, step->unit_s ? TARIFF_NOTE_UNITS : TARIFF_NOTE_FLAT, span,
                       granted * step->price_fen, granted);
}

/* A flat step is charged when the clock enters it, once a clock, or once a stay. */
static void charge_flat(struct tariff_course *course, const struct tariff_step *step,
                        struct tariff_span span)
{
    uint64_t *done = step->once_a_stay ? &course->state.stay_flats : &course->state.flats;
    uint64_t bit = UINT64_C(1) << step->flat;

    if (*done & bit)
        return;
    *done |= bit;
    charge(course, step, 1, span);
}

/* How many seconds of a begun unit do not yet count. */
static int64_t tolerance_s(const struct tariff_step *step)
{
    switch (step->round) {
    case TARIFF_ROUND_DOWN:
        return step->unit_s - 1;
    case TARIFF_ROUND_TAIL:
        return step->tail_s;
    default:
        return 0;
    }
}

/* Goes on with the unit that has begun; returns the seconds used. */
static int64_t go_on(struct tariff_course *course, int64_t seconds, int64_t at_s)
{
    struct tariff_state *state = &course->state;
    int64_t used = least(seconds, state->unit_left_s);

    state->unit_left_s -= used;
    if (state->unit_wait_s > used) {
        state->unit_wait_s -= used;
    } else if (state->unit_wait_s) {
        state->unit_wait_s = 0;
        charge(course, state->step, 1, (struct tariff_span){at_s, at_s + used});
    }
    return used;
}

/* Begins with the step that the clock stands in; returns the seconds used. */
static int64_t begin(struct tariff_course *course, int64_t seconds, int64_t at_s)
{
    struct tariff_state *state = &course->state;
    const struct tariff_step *step = step_at(state->window, state->clock_s);
    int64_t left = step->to_s ? step->to_s - state->clock_s : INT64_MAX;
    int64_t used = least(seconds, left);

    state->step = step;
    if (step->unit_s == 0) {
        charge_flat(course, step, (struct tariff_span){at_s, at_s + used});
        return used;
    }
    int64_t whole = used / step->unit_s;
    if (whole > 0) {
        used = whole * step->unit_s;
        charge(course, step, whole, (struct tariff_span){at_s, at_s + used});
        return used;
    }
    state->unit_left_s = least(step->unit_s, left);
    state->unit_wait_s = tolerance_s(step) + 1;
    return go_on(course, used, at_s);
}

void tariff_step_on(struct tariff_course *course, int64_t seconds)
{
    struct tariff_state *state = &course->state;
    int64_t at_s = course->at_s;

    while (seconds > 0) {
        int64_t take = least(seconds, seconds_left(course));

        if (take <= 0) {
            tariff_note_amount(course, TARIFF_NOTE_FULL, (struct tariff_span){at_s, at_s + seconds},
                               0, 0);
            return;
        }
        int64_t used = state->unit_left_s ? go_on(course, take, at_s) : begin(course, take, at_s);
        state->clock_s += used;
        state->in_window.seconds += used;
        state->in_cycle.seconds += used;
        state->in_stay.seconds += used;
        at_s += used;
        seconds -= used;
    }
}
