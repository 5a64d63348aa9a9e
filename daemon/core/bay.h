/* long: the rules stand where every reader of the machine looks first */
/*
 * The state machine of one bay: what its readings and its silence make of it. Pure; memory is the
 * caller's. Rules (tests and manual use the same numbers):
 *
 *  B1 A reading says free, occupied or fault. A bay that was never heard is unknown.
 *  B2 Debounce: a known bay changes once the other state has been sensed for the debounce of that
 *     direction without a contrary reading (0: at once). The change is dated at the first of these
 *     readings, never before the change that it follows.
 *  B3 Return: a bay that is unknown by B1, B4 or B5 takes the sensed state at once.
 *  B4 Silence: not heard for longer than its limit, it is unknown from the limit on. A debounce
 *     under way is forgotten.
 *  B5 Fault: unknown at once. A debounce under way is forgotten.
 *  B6 Flapping: a turn is a reading unlike the one before, whether or not B2 lets it through. With
 *     more turns than the lot's limit in an hour (the current five minutes of the clock and the
 *     eleven before) the bay is flapping until half the limit or fewer are left.
 *  B7 Stuck occupied: occupied for the limit. Ends when the bay becomes free.
 *  B8 Stuck free: free for the limit, and meanwhile the lot had its turnover of arrivals per bay.
 *     Ends when the bay becomes occupied.
 *     The clocks of B7 and B8 start anew when the bay returns by B3 or B10; neither rule begins
 *     while the bay is unknown by B1, B4 or B5.
 *  B9 Where suspect counts as unknown, a bay under B6, B7 or B8 is unknown.
 *  B10 Out of service goes before all. The sensed state goes on underneath and shows on return.
 *     Meanwhile no bay is suspect, and on return B6 to B8 start from nothing: a person has looked.
 *  B11 A change is told once: when what B1 to B10 make of the bay differs from what was told last.
 */
#ifndef CORE_BAY_H
#define CORE_BAY_H

#include "daemon/core/bay_state.h"
#include "daemon/core/plan.h"
#include "daemon/core/reading.h"
#include "daemon/core/units.h"

/* What the bays of one lot share. */
struct bay_lot {
    const struct bay_rules *rules;
    uint32_t bays;
    uint64_t arrivals; /* bays in service that a car came to; for B8 */
};

enum { BAY_TURN_SLOTS = 12 };

struct bay {
    struct bay_lot *lot;
    int64_t silence_ms;
    mono_ms heard;
    enum sensed last : 8;    /* newest reading */
    enum sensed settled : 8; /* after B2: free, occupied, or nothing yet */
    enum bay_state told : 8; /* B11 */
    bool silent;             /* never heard, or not within its limit */
    bool out_of_service;
    uint8_t conditions;      /* bits of enum bay_condition */
    mono_ms told_at;         /* date of what was told last */
    mono_ms first;           /* first reading of the state under debounce */
    mono_ms still;           /* start of the clock of B7 and B8 */
    uint64_t arrivals_still; /* lot->arrivals at that time */
    int64_t slot;            /* the five minutes of the newest turn count */
    uint16_t turns[BAY_TURN_SLOTS];
};

void bay_init(struct bay *bay, struct bay_lot *lot, int64_t silence_ms);

/* As last recorded; counts as heard now. A state that is not sensed leaves it never heard. */
void bay_restore(struct bay *bay, enum bay_state state, mono_ms since, unsigned conditions,
                 mono_ms now);

/* The debounce's end, MONO_NEVER when none is under way. */
mono_ms bay_deadline(const struct bay *bay);

/* Takes the earliest step of B2 or B4 that is due; false when none is. `ret_at`: its date. */
bool bay_due(struct bay *bay, mono_ms now, mono_ms *ret_at);

/* A reading, after all that is due (B1 to B3, B5; counts for B6). */
void bay_sense(struct bay *bay, enum sensed sensed, mono_ms now);

/* Judges B6 to B8; the bits of `conditions` that changed. */
unsigned bay_judge(struct bay *bay, mono_ms now);

/* B10. False when it is so already. */
bool bay_serve(struct bay *bay, bool out_of_service, mono_ms now);

/* A change to be told (B11). */
struct bay_change {
    enum bay_state from, to;
    enum bay_reason reason;
    mono_ms at;
};

/* What has changed since it was last told, dated `at` and caused by `cause`; false when nothing. */
bool bay_tell(struct bay *bay, mono_ms at, enum bay_reason cause, struct bay_change *ret);

/* Not heard for longer than its limit, and not yet called silent for it. */
static inline bool bay_overdue(const struct bay *bay, mono_ms now)
{
    return now.ms - bay->heard.ms > bay->silence_ms && bay->silence_ms && !bay->silent;
}

/* The usual case, kept cheap: the same again, nothing under way. True when that was all. */
static inline bool bay_repeats(struct bay *bay, enum sensed sensed, mono_ms now)
{
    if (sensed != bay->last || sensed != bay->settled || bay->silent || bay_overdue(bay, now))
        return false;
    bay->heard = now;
    return true;
}

#endif
