/* The rules of bay.h, one function or one condition each. Pure; runs where its caller runs. */
#include "daemon/core/bay.h"

#include <assert.h>
#include <string.h>

static const int64_t turn_slot_ms = 300000;

void bay_init(struct bay *bay, struct bay_lot *lot, int64_t silence_ms)
{
    *bay = (struct bay){.lot = lot,
                        .silence_ms = silence_ms,
                        .last = SENSED_NOTHING,
                        .settled = SENSED_NOTHING,
                        .told = BAY_UNKNOWN,
                        .silent = true,
                        .told_at = {INT64_MIN}};
}

/* Known by B1, B4 and B5. */
static bool known(const struct bay *bay)
{
    return !bay->silent && bay->last != SENSED_FAULT;
}

static int64_t debounce_ms(const struct bay *bay, enum sensed to)
{
    const struct bay_rules *rules = bay->lot->rules;

    return to == SENSED_OCCUPIED ? rules->debounce_occupied_ms : rules->debounce_free_ms;
}

static void start_clock(struct bay *bay, mono_ms at)
{
    bay->still = at;
    bay->arrivals_still = bay->lot->arrivals;
}

static void settle(struct bay *bay, enum sensed to, mono_ms at)
{
    if (bay->settled == SENSED_FREE && to == SENSED_OCCUPIED && !bay->out_of_service)
        bay->lot->arrivals++;
    bay->settled = to;
    start_clock(bay, at);
}

/* B6: moves the counts on to the slot of `now`; slots passed over had no turns. */
static uint16_t *turn_slot(struct bay *bay, mono_ms now)
{
    int64_t slot = now.ms / turn_slot_ms;

    if (slot - bay->slot >= BAY_TURN_SLOTS) {
        memset(bay->turns, 0, sizeof bay->turns);
        bay->slot = slot;
    }
    while (bay->slot < slot)
        bay->turns[++bay->slot % BAY_TURN_SLOTS] = 0;
    return &bay->turns[slot % BAY_TURN_SLOTS];
}

static void count_turn(struct bay *bay, mono_ms now)
{
    uint16_t *turns = turn_slot(bay, now);

    if (*turns < UINT16_MAX)
        ++*turns;
}

void bay_restore(struct bay *bay, enum bay_state state, mono_ms since, unsigned conditions,
                 mono_ms now)
{
    assert(state < BAY_STATES && conditions < BAY_CONDITIONS_END);
    bay->told = state;
    bay->told_at = since;
    bay->out_of_service = state == BAY_OUT_OF_SERVICE;
    bay->conditions = (uint8_t)conditions;
    bay->heard = now;
    if (state == BAY_FREE || state == BAY_OCCUPIED) {
        bay->settled = state == BAY_FREE ? SENSED_FREE : SENSED_OCCUPIED;
        bay->last = bay->settled;
        bay->silent = false;
    }
    start_clock(bay, since);
    /* The turns themselves are forgotten: a flapping bay has an hour to prove itself. */
    if (conditions & BAY_FLAPPING)
        *turn_slot(bay, now) = (uint16_t)bay->lot->rules->flapping_per_hour;
}

mono_ms bay_deadline(const struct bay *bay)
{
    if (!known(bay) || bay->last == bay->settled)
        return MONO_NEVER;
    return mono_after(bay->first, debounce_ms(bay, bay->last));
}

bool bay_due(struct bay *bay, mono_ms now, mono_ms *ret_at)
{
    mono_ms deadline = bay_deadline(bay);
    mono_ms limit = bay_overdue(bay, now) ? mono_after(bay->heard, bay->silence_ms) : MONO_NEVER;

    if (mono_reached(now, deadline) && deadline.ms <= limit.ms) {
        settle(bay, bay->last, bay->first); /* B2 */
        *ret_at = bay->first;
        return true;
    }
    if (limit.ms != MONO_NEVER.ms) {
        bay->silent = true; /* B4 */
        *ret_at = limit;
        return true;
    }
    return false;
}

void bay_sense(struct bay *bay, enum sensed sensed, mono_ms now)
{
    assert(sensed < SENSED_NOTHING);
    bool was_known = known(bay);
    bool turned = bay->last != SENSED_NOTHING && bay->last != sensed;

    if (turned)
        count_turn(bay, now);
    bay->last = sensed;
    bay->heard = now;
    bay->silent = false;
    if (sensed == SENSED_FAULT)
        return; /* B5, by known() */
    if (!was_known || (sensed != bay->settled && debounce_ms(bay, sensed) == 0))
        settle(bay, sensed, now); /* B3, B2 */
    else if (turned)
        bay->first = now;
}

static bool flapping(struct bay *bay, mono_ms now)
{
    int32_t limit = bay->lot->rules->flapping_per_hour;
    int32_t turns = 0;

    turn_slot(bay, now);
    for (int i = 0; i < BAY_TURN_SLOTS; i++)
        turns += bay->turns[i];
    return turns > (bay->conditions & BAY_FLAPPING ? limit / 2 : limit);
}

/* B7 and B8: begins when `due`, goes on until the bay settles elsewhere. */
static bool stuck(const struct bay *bay, enum bay_condition condition, enum sensed in, bool due)
{
    bool already = bay->conditions & condition;

    return known(bay) ? bay->settled == in && (due || already) : already;
}

/* What makes a bay in service suspect. */
static unsigned suspicions(struct bay *bay, mono_ms now)
{
    const struct bay_rules *rules = bay->lot->rules;
    int64_t age_ms = now.ms - bay->still.ms;
    uint64_t arrivals = bay->lot->arrivals - bay->arrivals_still;
    bool turnover = arrivals >= (uint64_t)rules->stuck_turnover * bay->lot->bays;
    unsigned found = 0;

    if (rules->flapping_per_hour && flapping(bay, now))
        found |= BAY_FLAPPING;
    if (rules->stuck_occupied_ms &&
        stuck(bay, BAY_STUCK_OCCUPIED, SENSED_OCCUPIED, age_ms >= rules->stuck_occupied_ms))
        found |= BAY_STUCK_OCCUPIED;
    if (rules->stuck_free_ms &&
        stuck(bay, BAY_STUCK_FREE, SENSED_FREE, age_ms >= rules->stuck_free_ms && turnover))
        found |= BAY_STUCK_FREE;
    return found;
}

unsigned bay_judge(struct bay *bay, mono_ms now)
{
    unsigned before = bay->conditions;

    bay->conditions = bay->out_of_service ? 0 : (uint8_t)suspicions(bay, now); /* B10 */
    return before ^ bay->conditions;
}

bool bay_serve(struct bay *bay, bool out_of_service, mono_ms now)
{
    if (bay->out_of_service == out_of_service)
        return false;
    bay->out_of_service = out_of_service;
    memset(bay->turns, 0, sizeof bay->turns);
    start_clock(bay, now);
    return true;
}

/* The first of these that applies decides. */
static enum bay_state face(const struct bay *bay, enum bay_reason *ret_reason)
{
    bool suspect = bay->conditions && bay->lot->rules->suspect_is_unknown;

    if (bay->out_of_service) { /* B10 */
        *ret_reason = BAY_BY_OPERATOR;
        return BAY_OUT_OF_SERVICE;
    }
    if (bay->silent) { /* B1, B4 */
        *ret_reason = BAY_BY_SILENCE;
        return BAY_UNKNOWN;
    }
    if (bay->last == SENSED_FAULT || suspect) { /* B5, B9 */
        *ret_reason = bay->last == SENSED_FAULT ? BAY_BY_FAULT : BAY_BY_SUSPICION;
        return BAY_UNKNOWN;
    }
    *ret_reason = BAY_BY_READING;
    return bay->settled == SENSED_OCCUPIED ? BAY_OCCUPIED : BAY_FREE;
}

bool bay_tell(struct bay *bay, mono_ms at, enum bay_reason cause, struct bay_change *ret)
{
    enum bay_reason reason;
    enum bay_state to = face(bay, &reason);

    if (to == bay->told)
        return false;
    /* A known state is told by what brought it about; an operator's act is always his. */
    if (reason == BAY_BY_READING || cause == BAY_BY_OPERATOR)
        reason = cause;
    bay->told_at.ms = at.ms > bay->told_at.ms ? at.ms : bay->told_at.ms; /* B2 */
    *ret = (struct bay_change){.from = bay->told, .to = to, .reason = reason, .at = bay->told_at};
    bay->told = to;
    return true;
}
