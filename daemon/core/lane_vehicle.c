/*
 * The vehicle in front of the boom: its read, the question who it is, the answer and how long that
 * lives. A decision names one approach and dies with it. Pure.
 */
#include "daemon/core/lane_inside.h"

#include <string.h>

bool lane_vehicle_allowed(const struct lane *lane, struct now now)
{
    const struct lane_approach *f = &lane->front;

    return f->vehicle.id[0] && f->vehicle.present && f->phase == LANE_OPENING && !f->used &&
           !mono_reached(now.mono, f->decided_until);
}

void lane_vehicle_forget(struct lane *lane, bool passed)
{
    struct lane_approach was = lane->front;

    memset(&lane->front, 0, sizeof lane->front);
    if (was.vehicle.id[0] && !passed)
        lane->hooks.gone(lane->hooks.arg, lane->index, &was.vehicle);
}

static bool decides(const struct lane *lane, const struct lane_read *read)
{
    return read->confidence < 0 || (uint32_t)read->confidence >= lane->is->min_confidence;
}

void lane_vehicle_arrive(struct lane *lane, struct now now)
{
    struct lane_approach *f = &lane->front;
    const struct lane_times *times = &lane->is->times;
    bool camera = (lane->is->wiring & LANE_HAS_CAMERA) && !lane->camera_lost;

    memset(f, 0, sizeof *f);
    if (!lane->loops[LANE_ON_CLOSING].on)
        lane->turned = false;
    ident_next(lane->ident, now.utc, f->vehicle.id);
    f->vehicle.present = true;
    f->vehicle.since = now.utc;
    f->phase = LANE_PRESENT;
    f->left_at = f->decided_until = MONO_NEVER;
    f->phase_ends = mono_after(now.mono, camera ? times->ident : times->ask);
    f->trigger_at = camera ? mono_after(now.mono, times->ask) : MONO_NEVER;
    if (lane->candidate_until.ms == MONO_NEVER.ms)
        return;
    lane->candidate_until = MONO_NEVER;
    lane_vehicle_read(lane, &lane->candidate, now);
}

/* Who is it? An earlier answer is void. */
void lane_vehicle_ask(struct lane *lane, struct now now)
{
    struct lane_approach *f = &lane->front;

    memset(&f->decision, 0, sizeof f->decision);
    f->used = false;
    f->decided_until = MONO_NEVER;
    f->phase_ends = lane_loops_believed(lane, LANE_ON_PRESENCE)
                        ? MONO_NEVER
                        : mono_after(now.mono, lane->is->times.loop_stuck);
    if (f->vehicle.id[0] && !lane->out_of_service)
        lane->hooks.ask(lane->hooks.arg, lane->index, &f->vehicle);
}

static bool same(const char *a, const char *b)
{
    return a[0] && !strcmp(a, b);
}

/* Nobody is on the presence loop. */
static void read_of_nobody(struct lane *lane, const struct lane_read *read, struct now now)
{
    struct lane_approach *under = &lane->under;
    bool late = lane->loops[LANE_ON_CLOSING].on && !under->vehicle.has_read;
    bool again =
        same(read->plate, under->vehicle.read.plate) ||
        (same(read->plate, lane->last_plate) && !mono_reached(now.mono, lane->last_plate_until));

    if (again)
        return;
    if (late) { /* of the one that drives on already: it decides nothing any more */
        under->vehicle.read = *read;
        under->vehicle.has_read = true;
        return;
    }
    lane->candidate = *read;
    lane->candidate_until = mono_after(now.mono, lane->is->times.pair);
    if (!lane_loops_believed(lane, LANE_ON_PRESENCE))
        lane_step_fire(lane, LANE_ARRIVES, now);
}

/* Where no loop tells of presence, another plate is another vehicle: the one before has gone, or,
 * where nothing tells of passing either, has passed if it was let through. */
static bool another(struct lane *lane, const struct lane_read *read, struct now now)
{
    struct lane_approach *f = &lane->front;

    if (lane_loops_believed(lane, LANE_ON_PRESENCE) || !f->vehicle.has_read ||
        same(read->plate, f->vehicle.read.plate) || (f->used && !lane_passage_blind(lane)))
        return false;
    if (f->used && lane_passage_up(lane)) {
        lane_passage_of_front(lane, now);
        lane_step_fire(lane, LANE_WENT, now);
        return true;
    }
    lane_vehicle_forget(lane, false);
    return true;
}

static bool better(const struct lane_approach *f, const struct lane_read *read)
{
    return !f->vehicle.has_read || read->confidence > f->vehicle.read.confidence ||
           !f->vehicle.read.plate[0];
}

void lane_vehicle_read(struct lane *lane, const struct lane_read *read, struct now now)
{
    struct lane_approach *f = &lane->front;

    if (!f->vehicle.id[0] || another(lane, read, now)) {
        read_of_nobody(lane, read, now);
        return;
    }
    bool differs = !f->vehicle.has_read || strcmp(read->plate, f->vehicle.read.plate) != 0;
    if (f->used || !better(f, read))
        return;
    f->vehicle.read = *read;
    f->vehicle.has_read = true;
    f->trigger_at = MONO_NEVER;
    if (differs && decides(lane, read))
        lane_step_fire(lane, LANE_READS, now);
}

bool lane_vehicle_decide(struct lane *lane, const struct lane_decision *d, struct now now)
{
    static const enum lane_event events[DECISIONS] = {
        [DECISION_ALLOW] = LANE_ALLOWS,
        [DECISION_DENY] = LANE_DENIES,
        [DECISION_ASK] = LANE_ASKS,
        [DECISION_PAY] = LANE_WANTS_PAY,
    };
    struct lane_approach *f = &lane->front;

    if (!f->vehicle.id[0] || strcmp(d->vehicle, f->vehicle.id) != 0 || !f->vehicle.present ||
        f->used || lane->out_of_service)
        return false;
    f->decision = *d;
    f->decided_until =
        d->verdict == DECISION_ALLOW ? mono_after(now.mono, lane->is->times.decision) : MONO_NEVER;
    lane_step_fire(lane, events[d->verdict], now);
    return true;
}

/* Left alone too long: the camera is asked, then there is no plate; a decision dies of age. */
void lane_vehicle_time(struct lane *lane, struct now now)
{
    struct lane_approach *f = &lane->front;

    if (!f->vehicle.id[0])
        return;
    if (mono_reached(now.mono, f->trigger_at)) {
        f->trigger_at = MONO_NEVER;
        lane->hooks.trigger(lane->hooks.arg, lane->index);
    }
    if (mono_reached(now.mono, f->decided_until) && !f->used) {
        f->phase = LANE_DECIDE;
        lane_vehicle_ask(lane, now);
    }
    if (mono_reached(now.mono, f->phase_ends)) {
        f->phase_ends = MONO_NEVER;
        lane_step_fire(lane, f->phase == LANE_PRESENT ? LANE_TIME : LANE_LEAVES, now);
    }
    bool waits = !f->vehicle.present && f->vehicle.id[0];
    if (waits && mono_reached(now.mono, mono_after(f->left_at, lane->is->times.back)))
        lane_passage_left(lane, now);
}

mono_ms lane_vehicle_next(const struct lane *lane)
{
    const struct lane_approach *f = &lane->front;

    if (!f->vehicle.id[0])
        return lane->candidate_until;
    mono_ms next = mono_earlier(f->phase_ends, f->trigger_at);
    if (!f->used)
        next = mono_earlier(next, f->decided_until);
    if (!f->vehicle.present)
        next = mono_earlier(next, mono_after(f->left_at, lane->is->times.back));
    return mono_earlier(next, lane->candidate_until);
}
