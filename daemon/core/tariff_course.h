/*
 * Inside the evaluator: the state of one walk through cycles, windows and steps (§7 to §12). Only
 * tariff_run.c, tariff_step.c and tariff_repeat.c include this.
 */
#ifndef CORE_TARIFF_COURSE_H
#define CORE_TARIFF_COURSE_H

#include "daemon/core/tariff_run.h"

/* What the evaluator remembers while it walks. */
struct tariff_sum {
    int64_t fen, units, seconds;
};

struct tariff_state {
    const struct tariff_window *window; /* the one entered; NULL in a gap */
    int64_t window_from_s;
    int64_t cycle_from_s, cycle_to_s;
    int64_t cycle_number;
    struct tariff_sum in_window, in_cycle, in_stay;
    int64_t clock_s;
    const struct tariff_step *step;  /* of the unit that has begun */
    int64_t unit_left_s;             /* until it ends; 0: none has begun */
    int64_t unit_wait_s;             /* until it counts; 0: it has counted */
    uint64_t flats, stay_flats;      /* those charged */
    int64_t counted[TARIFF_COUNTED]; /* units charged of steps that limit them */
};

/* §11, §12. The limits in force for this class in this cycle; TARIFF_NONE. */
struct tariff_limits {
    int64_t of[TARIFF_CAP_FULL + 1];
};

struct tariff_course {
    const struct tariff_job *job;
    const struct tariff_part *part;
    struct tariff_walk walk;
    int64_t at_s, end_s;
    int64_t anchor_s;
    struct tariff_limits cycle, stay;
    struct tariff_state state;
    struct tariff_state mark; /* the state one period ago */
    int64_t mark_s;           /* when that was; INT64_MIN: no mark yet */
    int64_t period_s;
    int64_t boundary_s; /* when the next period ends; INT64_MAX: not worth a look */
};

/* §9. Moves the clock on by `seconds` within the window entered, and charges. */
void tariff_step_on(struct tariff_course *course, int64_t seconds);

/* At the end of a period: when the state is what it was a period ago and the days ahead follow the
 * week, takes all whole periods ahead at once. */
void tariff_repeat_start(struct tariff_course *course);
void tariff_repeat(struct tariff_course *course);

/* Adds a note about [from, to). */
void tariff_note_amount(const struct tariff_course *course, enum tariff_note_kind kind,
                        struct tariff_span span, int64_t fen, int64_t a);

#endif
