/*
 * Who passed: what the edges of both loops mean. A vehicle that drives the lane's way is on the
 * presence loop, then on both, then (its tail has left the first) on the closing loop alone; it has
 * passed on the trailing edge of the closing loop. One that leaves the closing loop while it never
 * left the presence loop went back. One that comes from the far side drives against the lane. This
 * goes on in every state of the boom, so that no passage depends on what the boom was told. Pure.
 */
#include "daemon/core/lane_inside.h"

#include <string.h>

enum { DOUBTS = 3, ALONE = 3, OPENS_ALONE = 4, CYCLES_STUCK = 2 };

static bool believed(const struct lane *lane, int loop)
{
    return lane_loops_believed(lane, loop);
}

bool lane_passage_blind(const struct lane *lane)
{
    return !believed(lane, LANE_ON_PRESENCE) && !believed(lane, LANE_ON_CLOSING);
}

/* As far as is known nothing hinders it from passing. */
bool lane_passage_up(const struct lane *lane)
{
    return lane->open_command[0] || lane->held || lane->evacuating || !lane_watch_has_boom(lane);
}

static enum passage_evidence evidence(const struct lane *lane)
{
    bool p = believed(lane, LANE_ON_PRESENCE), c = believed(lane, LANE_ON_CLOSING);

    if (p && c && !lane_loops_noisy(lane))
        return EVIDENCE_LOOPS;
    if (lane->under.vehicle.read.passed)
        return EVIDENCE_CAMERA;
    if (p || c)
        return EVIDENCE_ONE;
    return lane_watch_limits(lane) ? EVIDENCE_LIMITS : EVIDENCE_TIME;
}

/* On whose authority: that of the state, of its own decision, of whoever opened the boom. */
static enum lane_cause authority(struct lane *lane, const struct lane_approach *of,
                                 enum passage_kind *kind)
{
    if (lane->evacuating)
        return CAUSE_EVACUATION;
    if (lane->held)
        return CAUSE_HELD;
    if (of->vehicle.id[0] && of->phase == LANE_OPENING)
        return of->decision.cause;
    if (lane->permits > 0) {
        lane->permits--;
        return lane->open_cause;
    }
    if (lane->open_cause != CAUSE_NONE && lane_watch_has_boom(lane))
        *kind = PASSAGE_TAILGATE;
    return CAUSE_NONE;
}

static void remember(struct lane *lane, const char *plate, struct now now)
{
    if (!plate[0])
        return;
    text_copy(lane->last_plate, sizeof lane->last_plate, plate);
    lane->last_plate_until = mono_after(now.mono, lane->is->times.pair);
}

static void describe(const struct lane_approach *of, struct record_passage *r)
{
    const struct lane_read *read = &of->vehicle.read;
    const char *plate = of->decision.plate[0] ? of->decision.plate : read->plate;

    text_copy(r->plate, sizeof r->plate, plate);
    text_copy(r->stay, sizeof r->stay, of->decision.stay);
    r->colour = read->colour;
    r->class = read->class;
}

static void commit(struct lane *lane, enum lane_direction direction, struct now at)
{
    struct record_passage r = {.lane = lane->index, .direction = direction, .vehicles = 1};

    r.kind = direction == lane->is->direction ? PASSAGE_ORDINARY : PASSAGE_WRONG_WAY;
    r.evidence = evidence(lane);
    if (r.kind == PASSAGE_ORDINARY) {
        r.cause = authority(lane, &lane->under, &r.kind);
        describe(&lane->under, &r);
        remember(lane, r.plate, at);
        if (r.kind == PASSAGE_ORDINARY && r.cause != CAUSE_NONE)
            text_copy(r.command, sizeof r.command, lane->open_command);
        lane_command_passed(lane, at.utc, at);
    }
    if (!lane_watch_closed(lane)) /* no car drives through a boom that is down */
        lane_loops_seen(lane);
    ident_next(lane->ident, at.utc, r.passage);
    lane->passages[direction]++;
    memset(&lane->under, 0, sizeof lane->under);
    lane->hooks.passed(lane->hooks.arg, lane->index, &r, at.utc);
}

/* The vehicle in front is the one that passes. */
void lane_passage_of_front(struct lane *lane, struct now now)
{
    lane->under = lane->front;
    lane_vehicle_forget(lane, true);
    commit(lane, lane->is->direction, now);
}

/* A presence loop that stays on while one after the other goes over the closing loop is stuck. */
static void doubt(struct lane *lane, struct now at)
{
    memset(&lane->under, 0, sizeof lane->under);
    if (++lane->doubts < DOUBTS)
        return;
    lane_loops_doubt(lane, LANE_ON_PRESENCE, "presence loop stuck on");
    for (; lane->doubts > 0; lane->doubts--)
        commit(lane, lane->is->direction, at);
}

static void passes(struct lane *lane, struct now at, struct now now)
{
    lane->doubts = 0;
    if (lane->front_is_under)
        lane_vehicle_forget(lane, true);
    commit(lane, lane->is->direction, at);
    lane_step_fire(lane, LANE_WENT, now);
}

static void passes_against(struct lane *lane, struct now at, struct now now)
{
    enum lane_direction back = lane->is->direction == LANE_IN ? LANE_OUT : LANE_IN;

    commit(lane, back, at);
    lane_step_fire(lane, LANE_AGAINST, now);
}

/* Only the closing loop moved, and again and again: the other one sees nothing any more. */
static void alone(struct lane *lane)
{
    if (++lane->pulses_alone >= ALONE)
        lane_loops_doubt(lane, LANE_ON_PRESENCE, "presence loop sees nothing");
}

static void off_closing(struct lane *lane, struct now at, struct now now)
{
    bool p = lane->loops[LANE_ON_PRESENCE].on;
    bool went_back = lane->turned && p;
    bool from_far = lane->began == LANE_FAR || (lane->began == LANE_UNTOLD && lane->rose) ||
                    (lane->began == LANE_UNSEEN && lane->rose && !lane->forward_hint);

    if (!believed(lane, LANE_ON_CLOSING))
        return;
    if (!believed(lane, LANE_ON_PRESENCE)) {
        passes(lane, at, now);
    } else if (from_far && lane->rose && p) {
        passes_against(lane, at, now);
    } else if (from_far) {
        alone(lane);
        lane_step_fire(lane, LANE_BACKED, now);
    } else if (lane->fell && !went_back) {
        passes(lane, at, now);
    } else {
        doubt(lane, at);
        lane_step_fire(lane, LANE_BACKED, now);
    }
    lane->against = lane->against && p;
    lane->front_is_under = false;
}

static void on_closing(struct lane *lane, struct now at, struct now now)
{
    bool p = lane->loops[LANE_ON_PRESENCE].on, trusted = believed(lane, LANE_ON_PRESENCE);
    bool just_left = at.mono.ms - lane->left_presence.ms < lane->is->times.back;

    lane->opens_alone = 0;
    lane->cycles_stuck = 0;
    lane->left_presence = (mono_ms){INT64_MIN / 2};
    lane->began = p || just_left ? LANE_NEAR : trusted ? LANE_FAR : LANE_UNTOLD;
    lane->fell = !p;
    lane->rose = lane->turned = false;
    lane->front_is_under = lane->front.vehicle.id[0] && lane->began != LANE_FAR;
    if (lane->front_is_under)
        lane->under = lane->front;
    if (lane->front_is_under && trusted && !p) { /* shorter than the way from loop to loop */
        lane_vehicle_forget(lane, true);
        lane->front_is_under = false;
    }
    lane_step_fire(lane, LANE_UNDER, now);
}

static void on_presence(struct lane *lane, struct now at, struct now now)
{
    struct lane_approach *front = &lane->front;

    lane->reads_alone = lane->pulses_alone = 0;
    if (lane->loops[LANE_ON_CLOSING].on && believed(lane, LANE_ON_CLOSING)) {
        lane->rose = true;
        lane->against = lane->began == LANE_FAR || lane->began == LANE_UNTOLD;
        if (lane->against)
            return;
    }
    if (front->vehicle.id[0] && !front->vehicle.present && !believed(lane, LANE_ON_CLOSING) &&
        front->left_up)
        lane_passage_left(lane, now);                     /* the next one tells that it went on */
    if (front->vehicle.id[0] && front->vehicle.present) { /* read while no loop was believed */
        bool its = front->used || at.utc.ms - front->vehicle.since.ms <= lane->is->times.pair;
        if (its)
            return;
    }
    if (front->vehicle.id[0] && !front->vehicle.present &&
        at.mono.ms - front->left_at.ms <= lane->is->times.back) {
        front->vehicle.present = true; /* it flickered: a high trailer, a short step back */
        front->left_at = MONO_NEVER;
        return;
    }
    if (front->vehicle.id[0])
        lane_vehicle_forget(lane, false);
    lane_step_fire(lane, LANE_ARRIVES, now);
}

/* The closing loop stays on whatever comes and goes. What had left the presence loop for it is
 * through. */
void lane_passage_distrust(struct lane *lane, struct now now)
{
    bool through = lane->loops[LANE_ON_CLOSING].on && lane->fell &&
                   (lane->began == LANE_NEAR || lane->began == LANE_UNTOLD);

    lane_loops_doubt(lane, LANE_ON_CLOSING, "closing loop stuck on");
    if (through)
        passes(lane, now, now);
    memset(&lane->under, 0, sizeof lane->under);
    lane->front_is_under = lane->against = false;
    if (lane->loops[LANE_ON_PRESENCE].on && !lane->front.vehicle.id[0] &&
        believed(lane, LANE_ON_PRESENCE))
        lane_step_fire(lane, LANE_ARRIVES, now);
}

static void off_presence(struct lane *lane, struct now at, struct now now)
{
    bool under = lane->loops[LANE_ON_CLOSING].on && believed(lane, LANE_ON_CLOSING);

    if (!under)
        lane->left_presence = at.mono;
    if (under && lane->began == LANE_UNSEEN)
        lane->began = LANE_NEAR; /* one against the lane leaves the closing loop first */
    if (under && lane->front_is_under) {
        lane->fell = true; /* it is under the boom only */
        lane->front_is_under = false;
        lane_vehicle_forget(lane, true);
        return;
    }
    lane->fell = lane->fell || under;
    if (!under)
        lane->doubts = 0;
    if (lane->against && !under) {
        lane->against = false;
        return;
    }
    if (lane->state == LANE_STUCK_UNDER && ++lane->cycles_stuck >= CYCLES_STUCK)
        lane_passage_distrust(lane, now);
    lane->front.vehicle.present = false;
    lane->front.left_at = at.mono;
    lane->front.left_up = lane_passage_up(lane);
    lane_step_fire(lane, LANE_LEAVES, now);
}

void lane_passage_edge(struct lane *lane, int loop, struct now at, struct now now)
{
    static void (*const edges[LANE_LOOPS][2])(struct lane *, struct now, struct now) = {
        [LANE_ON_PRESENCE] = {off_presence, on_presence},
        [LANE_ON_CLOSING] = {off_closing, on_closing},
    };

    edges[loop][lane->loops[loop].on](lane, at, now);
}

/* The loops as they are found at the start, or when the barrier answers again. */
void lane_passage_seen_first(struct lane *lane, struct now now)
{
    bool p = lane->loops[LANE_ON_PRESENCE].on;

    lane->began = LANE_UNSEEN;
    lane->fell = !p;
    lane->rose = lane->turned = lane->against = lane->front_is_under = false;
    lane->doubts = 0;
    lane->left_presence = (mono_ms){INT64_MIN / 2};
    memset(&lane->under, 0, sizeof lane->under);
    if (lane->front.vehicle.id[0] && believed(lane, LANE_ON_PRESENCE))
        lane_vehicle_forget(lane, false); /* nobody saw whether it stayed */
    if (p && believed(lane, LANE_ON_PRESENCE))
        lane_step_fire(lane, LANE_ARRIVES, now);
    if (p && lane->loops[LANE_ON_CLOSING].on) {
        lane->front_is_under = true;
        lane->under = lane->front;
    }
}

/* It left the presence loop and did not return. Where nothing under the boom tells, it went through
 * if the boom was up; else it went back. Opens without anything on the closing loop, one after the
 * other, tell that the closing loop is dead. */
void lane_passage_left(struct lane *lane, struct now now)
{
    bool up = lane->front.left_up;

    if (lane->front.used && believed(lane, LANE_ON_CLOSING) && ++lane->opens_alone >= OPENS_ALONE)
        lane_loops_doubt(lane, LANE_ON_CLOSING, "closing loop sees nothing");
    if (!believed(lane, LANE_ON_CLOSING) && up && !lane->turned) {
        lane_passage_of_front(lane, now);
        lane_step_fire(lane, LANE_WENT, now);
        return;
    }
    lane_step_fire(lane, LANE_GONE, now);
}
