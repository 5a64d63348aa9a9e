/*
 * §7 to §12: a stretch of a stay is cut at the cycles (§7) and windows (§8) that it touches; in
 * each piece the steps charge (§9); what a window, then a cycle, then the stay has come to is
 * capped as each closes (§10, §11, §12). Nothing is done by the minute; whole periods that repeat
 * are taken at once (tariff_repeat.c).
 */
#include "daemon/core/tariff_course.h"

#include <string.h>

void tariff_note_amount(const struct tariff_course *course, enum tariff_note_kind kind,
                        struct tariff_span span, int64_t fen, int64_t a)
{
    if (!course->job->trace)
        return;
    tariff_trace_add(course->job->trace, &(struct tariff_note){
                                             .kind = kind,
                                             .from_s = span.from_s,
                                             .to_s = span.to_s,
                                             .a = a,
                                             .adds = money_of(fen),
                                             .window = course->state.window,
                                             .step = course->state.step,
                                         });
}

static struct tariff_limits limits(const struct tariff_course *course, enum tariff_cap_per per,
                                   int64_t number)
{
    const struct tariff_part *part = course->part;
    struct tariff_limits found;

    for (int of = 0; of <= TARIFF_CAP_FULL; of++)
        found.of[of] = TARIFF_NONE;
    for (uint32_t i = 0; i < part->caps_count; i++) {
        const struct tariff_cap *cap = &part->caps[i];

        if (cap->per == per && (cap->classes & VEHICLE_BIT(course->job->class)) &&
            number >= cap->first && (cap->last == 0 || number <= cap->last))
            found.of[cap->of] = cap->value;
    }
    return found;
}

/* Cuts `sum` to `limit`; returns what is left of it. */
static int64_t cut(const struct tariff_course *course, int64_t fen, int64_t limit,
                   enum tariff_note_kind kind)
{
    if (limit == TARIFF_NONE || fen <= limit)
        return fen;
    tariff_note_amount(course, kind, (struct tariff_span){course->at_s, course->at_s}, limit - fen,
                       limit);
    return limit;
}

/* §10 */
static void window_close(struct tariff_course *course)
{
    struct tariff_state *state = &course->state;

    if (state->window)
        state->in_cycle.fen +=
            cut(course, state->in_window.fen, state->window->cap_fen, TARIFF_NOTE_CAP_WINDOW);
    state->in_window = (struct tariff_sum){0};
    state->window = NULL;
}

/* §11 */
static void cycle_close(struct tariff_course *course)
{
    struct tariff_state *state = &course->state;
    int64_t whole = course->cycle.of[TARIFF_CAP_FULL];

    window_close(course);
    int64_t fen = state->in_cycle.fen;
    if (whole != TARIFF_NONE && course->at_s == state->cycle_to_s) {
        tariff_note_amount(course, TARIFF_NOTE_WHOLE_CYCLE,
                           (struct tariff_span){state->cycle_from_s, state->cycle_to_s},
                           whole - fen, whole);
        fen = whole;
    }
    state->in_stay.fen +=
        cut(course, fen, course->cycle.of[TARIFF_CAP_MONEY], TARIFF_NOTE_CAP_CYCLE);
    state->in_cycle = (struct tariff_sum){0};
}

static void unit_reset(struct tariff_state *state)
{
    state->unit_left_s = state->unit_wait_s = 0;
}

static void clock_reset(struct tariff_state *state)
{
    state->clock_s = 0;
    state->flats = 0;
    memset(state->counted, 0, sizeof state->counted);
    unit_reset(state);
}

/* When the cycle that holds `at_s` ends. */
static int64_t cycle_end(struct tariff_course *course, int64_t at_s)
{
    const struct tariff_part *part = course->part;

    switch (part->cycle) {
    case TARIFF_CYCLE_ROLLING:
        return course->anchor_s + ((at_s - course->anchor_s) / part->cycle_s + 1) * part->cycle_s;
    case TARIFF_CYCLE_DAY: {
        int32_t day = tariff_walk_day(&course->walk, at_s);
        int64_t reset_s = tariff_walk_utc(&course->walk, day, part->reset_s);

        return reset_s > at_s ? reset_s : tariff_walk_utc(&course->walk, day + 1, part->reset_s);
    }
    default:
        return INT64_MAX;
    }
}

/* §7 */
static void cycle_open(struct tariff_course *course)
{
    struct tariff_state *state = &course->state;

    state->cycle_number++;
    state->cycle_from_s = course->at_s;
    state->cycle_to_s = cycle_end(course, course->at_s);
    if (state->cycle_number <= course->part->nth)
        course->cycle = limits(course, TARIFF_PER_CYCLE, state->cycle_number);
    if (course->part->clock != TARIFF_CLOCK_STAY)
        clock_reset(state);
    if (state->cycle_number > 1)
        tariff_note_amount(course, TARIFF_NOTE_CYCLE,
                           (struct tariff_span){course->at_s, course->at_s}, 0,
                           state->cycle_number);
}

static void cycle_next(struct tariff_course *course)
{
    cycle_close(course);
    cycle_open(course);
}

static void window_open(struct tariff_course *course, const struct tariff_segment *segment)
{
    struct tariff_state *state = &course->state;

    if (state->window == segment->window && state->window_from_s == segment->from_s)
        return;
    window_close(course);
    if (course->part->cycle == TARIFF_CYCLE_WINDOW && state->in_stay.seconds > 0)
        cycle_next(course);
    state->window = segment->window;
    state->window_from_s = segment->from_s;
    if (course->part->clock == TARIFF_CLOCK_WINDOW)
        clock_reset(state);
    else if (course->part->straddle == TARIFF_SPLIT)
        unit_reset(state);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void piece(struct tariff_course *course)
{
    struct tariff_segment segment;

    tariff_walk_at(&course->walk, course->at_s, &segment);
    int64_t until_s = least(least(segment.until_s, course->end_s),
                            least(course->state.cycle_to_s, course->boundary_s));
    if (segment.window) {
        window_open(course, &segment);
        tariff_step_on(course, until_s - course->at_s);
    } else {
        window_close(course);
        tariff_note_amount(course, TARIFF_NOTE_GAP, (struct tariff_span){course->at_s, until_s}, 0,
                           course->part->gap_closed);
    }
    course->at_s = until_s;
}

int64_t tariff_run(const struct tariff_job *job, const struct tariff_part *part,
                   struct tariff_span stretch, int64_t anchor_s)
{
    struct tariff_course course = {
        .job = job,
        .part = part,
        .at_s = stretch.from_s,
        .end_s = stretch.to_s,
        .anchor_s = part->anchor == TARIFF_FROM_ENTRY ? anchor_s : stretch.from_s,
    };

    tariff_walk_start(&course.walk, job->book, part, job->class, stretch.from_s);
    course.stay = limits(&course, TARIFF_PER_STAY, 1);
    tariff_repeat_start(&course);
    cycle_open(&course);
    while (course.at_s < course.end_s) {
        if (course.at_s == course.state.cycle_to_s)
            cycle_next(&course);
        if (course.at_s == course.boundary_s)
            tariff_repeat(&course);
        else
            piece(&course);
    }
    cycle_close(&course);
    return cut(&course, course.state.in_stay.fen, course.stay.of[TARIFF_CAP_MONEY],
               TARIFF_NOTE_CAP_STAY);
}
