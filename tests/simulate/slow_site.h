/*
 * A second opinion on the rules of daemon/core/bay.h, written to be obvious and not to be fast: a
 * bay is a run of equal readings on top of what was settled before that run, and its state at a
 * moment is worked out from these. Shares no code with the core but the words and the rules' data.
 */
/* long: one model, read as a whole */
#ifndef SIMULATE_SLOW_SITE_H
#define SIMULATE_SLOW_SITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "daemon/core/plan.h"
#include "daemon/core/record.h"
#include "daemon/core/site.h"

enum { SLOW_NONE = -1 };

struct slow_lot {
    const struct bay_rules *rules;
    int64_t bays, arrivals;
};

struct slow_bay {
    struct slow_lot *lot;
    int64_t silence_ms; /* every bay has a limit here */
    /* The run of equal readings, and what was settled and known when it began. */
    int reading; /* an enum sensed, or SLOW_NONE */
    int64_t began, heard;
    int before;
    bool known_before;
    /* What was noticed last. */
    int settled;
    bool known, silent, out;
    int64_t clock_ms, clock_arrivals;
    unsigned suspect;
    int64_t *turns; /* when the reading turned, all of them */
    size_t turns_count;
    enum bay_state face;
    uint64_t changes;
};

/* What is settled at `t`, and whether the bay is known then. */
static inline int slow_settled(const struct slow_bay *b, int64_t t, bool *ret_known)
{
    bool silent = t - b->heard > b->silence_ms;
    int64_t end = silent ? b->heard + b->silence_ms : t;
    int64_t debounce_ms = b->reading == SENSED_OCCUPIED ? b->lot->rules->debounce_occupied_ms
                                                        : b->lot->rules->debounce_free_ms;

    *ret_known = b->reading != SLOW_NONE && b->reading != SENSED_FAULT && !silent;
    if (b->reading == SLOW_NONE || b->reading == SENSED_FAULT)
        return b->before;
    return !b->known_before || end - b->began >= debounce_ms ? b->reading : b->before;
}

static inline void slow_init(struct slow_bay *b, struct slow_lot *lot, int64_t silence_ms)
{
    *b = (struct slow_bay){.lot = lot,
                           .silence_ms = silence_ms,
                           .reading = SLOW_NONE,
                           .before = SLOW_NONE,
                           .settled = SLOW_NONE,
                           .silent = true};
    lot->bays++;
}

static inline unsigned slow_suspicions(const struct slow_bay *b, int64_t now)
{
    const struct bay_rules *rules = b->lot->rules;
    int64_t recent = 0, age_ms = now - b->clock_ms;
    int64_t arrivals = b->lot->arrivals - b->clock_arrivals;
    unsigned found = 0;

    if (b->out)
        return 0;
    for (size_t i = b->turns_count; i > 0 && b->turns[i - 1] / 300000 > now / 300000 - 12; i--)
        recent++;
    if (rules->flapping_per_hour &&
        (recent > rules->flapping_per_hour ||
         (b->suspect & BAY_FLAPPING && recent > rules->flapping_per_hour / 2)))
        found |= BAY_FLAPPING;
    if (!b->known)
        return found | (b->suspect & (BAY_STUCK_OCCUPIED | BAY_STUCK_FREE));
    if (b->settled == SENSED_OCCUPIED && rules->stuck_occupied_ms &&
        (b->suspect & BAY_STUCK_OCCUPIED || age_ms >= rules->stuck_occupied_ms))
        found |= BAY_STUCK_OCCUPIED;
    if (b->settled == SENSED_FREE && rules->stuck_free_ms &&
        (b->suspect & BAY_STUCK_FREE ||
         (age_ms >= rules->stuck_free_ms && arrivals >= rules->stuck_turnover * b->lot->bays)))
        found |= BAY_STUCK_FREE;
    return found;
}

/* Looks at the bay: notices what became of it by `t`, judges it at `now`, counts a change. */
static inline void slow_look(struct slow_bay *b, int64_t t, int64_t now)
{
    bool known;
    int settled = slow_settled(b, t, &known);

    if (settled != b->settled || (known && !b->known)) {
        b->lot->arrivals +=
            b->settled == SENSED_FREE && settled == SENSED_OCCUPIED && !b->out ? 1 : 0;
        b->clock_ms = b->known ? b->began : t;
        b->clock_arrivals = b->lot->arrivals;
    }
    b->settled = settled;
    b->known = known;
    b->suspect = slow_suspicions(b, now);

    enum bay_state face = settled == SENSED_OCCUPIED ? BAY_OCCUPIED : BAY_FREE;
    if (!known || (b->suspect && b->lot->rules->suspect_is_unknown))
        face = BAY_UNKNOWN;
    if (b->out)
        face = BAY_OUT_OF_SERVICE;
    b->changes += face != b->face ? 1 : 0;
    b->face = face;
}

static inline int64_t slow_debounced(const struct slow_bay *b)
{
    const struct bay_rules *rules = b->lot->rules;

    return b->began +
           (b->reading == SENSED_OCCUPIED ? rules->debounce_occupied_ms : rules->debounce_free_ms);
}

/* Looks at each moment up to `now` at which the bay may have changed by itself. */
static inline void slow_pass(struct slow_bay *b, int64_t now)
{
    bool debouncing = b->known && b->reading != b->settled;
    int64_t debounced = slow_debounced(b);

    if (debouncing && debounced <= now && debounced <= b->heard + b->silence_ms)
        slow_look(b, debounced, now);
    if (!b->silent && now > b->heard + b->silence_ms) {
        b->silent = true;
        slow_look(b, now, now);
    }
}

/* The bay whose debounce ended first, of those that ended by now; NULL when there is none. */
static inline struct slow_bay *slow_first_debounced(struct slow_bay *bays, int count, int64_t now)
{
    struct slow_bay *first = NULL;

    for (struct slow_bay *b = bays; b < bays + count; b++) {
        if (!b->known || b->reading == b->settled || slow_debounced(b) > now)
            continue;
        if (!first || slow_debounced(b) < slow_debounced(first))
            first = b;
    }
    return first;
}

static inline void slow_hear(struct slow_bay *b, int reading, int64_t now)
{
    bool known;

    slow_pass(b, now);
    int settled = slow_settled(b, now, &known);
    b->silent = false;
    if (known && b->reading == reading && settled == reading) {
        b->heard = now;
        return;
    }
    if (b->reading != SLOW_NONE && b->reading != reading) {
        if ((b->turns_count & (b->turns_count + 1)) == 0)
            b->turns = realloc(b->turns, 2 * (b->turns_count + 1) * sizeof *b->turns);
        b->turns[b->turns_count++] = now;
    }
    if (b->reading != reading || !known) {
        b->before = settled;
        b->known_before = known;
        b->reading = reading;
        b->began = now;
    }
    b->heard = now;
    slow_look(b, now, now);
}

static inline void slow_serve(struct slow_bay *b, bool out, int64_t now)
{
    slow_pass(b, now);
    if (b->out == out)
        return;
    b->out = out;
    b->turns_count = 0;
    b->clock_ms = now;
    b->clock_arrivals = b->lot->arrivals;
    slow_look(b, now, now);
}

#endif
