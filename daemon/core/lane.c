/* The face of a lane: what goes in is put into words of the tables. See lane.h. Pure. */
#include "daemon/core/lane.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/lane_inside.h"

enum { FIRST_ANSWER_MS = 3000 };

static const char *const states[LANE_STATES] = {
    "IDLE",          "PRESENT",  "NO_PLATE",  "DECIDE",       "DENIED",      "WAIT_PAY",
    "WAIT_OPERATOR", "OPENING",  "OPEN_WAIT", "PASSING",      "PASSED",      "CLOSING",
    "BACKOUT",       "TAILGATE", "WRONG_WAY", "LOOP_SUSPECT", "STUCK_UNDER", "OPEN_FAIL",
    "CLOSE_FAIL",    "FAULT",    "HELD_OPEN", "EVACUATE",     "COMMS_LOST",  "RESYNC"};
const struct words lane_state_words = WORDS(states);

struct lane *lane_create(const struct site_plan *plan, uint32_t index,
                         const struct lane_hooks *hooks, struct ident *ident)
{
    assert(index < plan->lanes_count);
    struct lane *lane = memory_new(1, sizeof *lane);

    lane->plan = plan;
    lane->is = &plan->lanes[index];
    lane->index = index;
    lane->hooks = *hooks;
    lane->ident = ident;
    lane->state = LANE_RESYNC;
    lane->silent_start = true;
    lane->loops[LANE_ON_PRESENCE].wired = lane->is->wiring & LANE_HAS_PRESENCE;
    lane->loops[LANE_ON_CLOSING].wired = lane->is->wiring & LANE_HAS_CLOSING;
    lane->ends = lane->clear_since = lane->candidate_until = lane->asks_again = MONO_NEVER;
    return lane;
}

void lane_destroy(struct lane *lane)
{
    free(lane);
}

/* Who acts when no person does. */
static void by_itself(struct lane *lane, enum lane_cause cause, const char *who, const char *why)
{
    lane->by = (struct lane_act){.cause = cause};
    text_copy(lane->by.actor, sizeof lane->by.actor, who);
    text_copy(lane->by.reason, sizeof lane->by.reason, why);
}

static bool on(const struct boom *b, enum boom_input input)
{
    return b->inputs & b->wired & input;
}

/* A press is shorter than the boom's way: it is remembered until the boom is down again. */
static void sense_button(struct lane *lane)
{
    if (on(&lane->barrier, BOOM_BUTTON))
        lane->pressed = true;
    else if (lane_watch_closed(lane) && !(lane->is->wiring & LANE_HAS_COUNTER))
        lane->pressed = false;
}

static void sense_fire(struct lane *lane, struct now now)
{
    if (!on(&lane->barrier, BOOM_EMERGENCY) || lane->evacuating)
        return;
    by_itself(lane, CAUSE_EVACUATION, "fire input", "the fire input is on");
    lane_step_fire(lane, LANE_FIRE, now);
}

/* Seen to move: the limit switches are believed again. */
static void sense_boom(struct lane *lane, const struct boom *was, struct now now)
{
    const struct boom *is = &lane->barrier;
    bool known = is->quality == BOOM_OBSERVED && (lane->is->wiring & LANE_HAS_LIMITS);
    bool before = was->quality == BOOM_OBSERVED && was->state == is->state;
    bool broken = is->state == BOOM_FAULT || on(is, BOOM_ARM_DETACHED);

    if (known && lane->limits_suspect && is->state == BOOM_OPEN)
        lane->limits_suspect = false;
    if (broken || lane->state == LANE_FAULT)
        lane_step_fire(lane, broken ? LANE_TROUBLE : LANE_WELL, now);
    lane_command_boom(lane, now);
    if (!before && lane_watch_open(lane)) {
        lane_step_fire(lane, LANE_UP, now);
        lane->was_up = true;
    }
    if (!before && lane_watch_closed(lane)) {
        lane_step_fire(lane, LANE_DOWN, now);
        lane->was_up = false;
    }
}

/* The first answers take a moment; a start is no silence. */
static bool waited_for_it(const struct lane *lane, struct now now)
{
    return mono_reached(now.mono, mono_after(lane->started, FIRST_ANSWER_MS));
}

void lane_sense(struct lane *lane, const struct boom *barrier, struct now now)
{
    struct boom was = lane->barrier;

    if (barrier->quality == BOOM_STALE) {
        lane->barrier = *barrier;
        lane->silent_start = true;
        if (lane->heard || (lane->state == LANE_RESYNC && waited_for_it(lane, now)))
            lane_step_fire(lane, LANE_LOST, now);
        lane->heard = false;
        lane_tick(lane, now);
        return;
    }
    if (!lane->heard) {
        was.quality = BOOM_STALE;
        lane->retries = 0; /* what was told before may not have reached it */
        if (lane->evacuating)
            lane->ends = now.mono;
    }
    lane->barrier = *barrier;
    lane->heard = true;
    lane_step_fire(lane, LANE_HEARD, now);
    lane_loops_feed(lane, barrier, now);
    sense_fire(lane, now);
    sense_button(lane);
    lane_watch_counter(lane, now);
    sense_boom(lane, &was, now);
    lane_tick(lane, now);
}

/* A plate that is known to be another's tells nothing of the vehicle that is here. */
static bool same_vehicle(const struct lane *lane, const struct lane_read *read)
{
    const char *front = lane->front.vehicle.read.plate, *under = lane->under.vehicle.read.plate;

    return !read->plate[0] || (!front[0] && !under[0]) || !strcmp(read->plate, front) ||
           !strcmp(read->plate, under);
}

void lane_read(struct lane *lane, const struct lane_read *read, struct now now)
{
    lane_tick(lane, now);
    if (read->turned_back && same_vehicle(lane, read)) {
        lane->turned = true;
        lane_step_fire(lane, LANE_TURNED, now);
    } else if (read->passed) {
        if (lane->front.vehicle.id[0] && !lane_loops_believed(lane, LANE_ON_CLOSING)) {
            lane->front.vehicle.read.passed = true;
            lane_passage_of_front(lane, now);
            lane_step_fire(lane, LANE_WENT, now);
        }
    } else if (!read->turned_back) {
        lane_loops_seen(lane);
        lane_vehicle_read(lane, read, now);
    }
    lane_tick(lane, now);
}

void lane_camera(struct lane *lane, bool online, struct now now)
{
    lane->camera_lost = !online;
    lane_tick(lane, now);
}

bool lane_decide(struct lane *lane, const struct lane_decision *decision, struct now now)
{
    lane_tick(lane, now);
    bool taken = lane_vehicle_decide(lane, decision, now);
    lane_tick(lane, now);
    return taken;
}

void lane_told(struct lane *lane, const char *command, enum boom_progress progress, utc_ms at,
               struct now now)
{
    lane_command_told(lane, command, progress, at, now);
    lane_tick(lane, now);
}

bool lane_still_wants(const struct lane *lane, const struct lane_order *order, struct now now)
{
    const struct lane_story *s = lane_command_find(lane, order->command);
    const struct lane_approach *f = &lane->front;
    const uint32_t opens = LANE_BIT(OPENING) | LANE_BIT(OPEN_WAIT) | LANE_BIT(PASSING) |
                           LANE_BIT(HELD) | LANE_BIT(EVACUATE);

    if (!s || lane_command_sent(lane, (int)(s - lane->stories)) ||
        mono_reached(now.mono, order->until))
        return false;
    switch (order->action) {
    case LANE_OPEN:
        if (!lane_step_in(lane, opens))
            return false;
        return !s->vehicle[0] || (!strcmp(s->vehicle, f->vehicle.id) && f->vehicle.present);
    case LANE_CLOSE:
        return lane_step_in(lane, LANE_BIT(CLOSING)) && !lane_loops_under(lane);
    case LANE_HOLD:
        return lane_step_in(lane, LANE_BIT(HELD));
    case LANE_RELEASE:
        return !lane->held && !lane->evacuating;
    default:
        return true;
    }
}

bool lane_may_be_open(const struct lane *lane)
{
    const uint32_t unknown = LANE_BIT(RESYNC) | LANE_BIT(COMMS_LOST) | LANE_BIT(FAULT);

    if (!lane_watch_has_boom(lane) || lane_watch_closed(lane))
        return lane->open_cause != CAUSE_NONE && lane_watch_has_boom(lane);
    return lane_watch_limits(lane) || lane->open_cause != CAUSE_NONE || lane->held ||
           lane->evacuating || lane_step_in(lane, unknown);
}

void lane_tick(struct lane *lane, struct now now)
{
    lane_loops_settle(lane, now);
    lane_loops_judge(lane, now);
    lane_vehicle_time(lane, now);
    if (mono_reached(now.mono, lane->candidate_until)) {
        lane->candidate_until = MONO_NEVER;
        lane_loops_read_alone(lane);
    }
    lane_step_time(lane, now);
    lane_command_time(lane, now);
    lane_watch_mode(lane, now);
}

mono_ms lane_next(const struct lane *lane)
{
    mono_ms next = mono_earlier(lane->ends, lane->asks_again);

    if (lane->held)
        next = mono_earlier(next, lane->held_ends);
    next = mono_earlier(next, lane_loops_next(lane));
    next = mono_earlier(next, lane_vehicle_next(lane));
    return mono_earlier(next, lane_command_next(lane));
}

enum lane_mode lane_mode(const struct lane *lane)
{
    return lane->told_mode;
}

void lane_view(const struct lane *lane, struct lane_view *ret)
{
    bool waiting = lane->state == LANE_IDLE && lane->front.vehicle.id[0];

    *ret = (struct lane_view){
        .state = waiting ? lane->front.phase : lane->state,
        .mode = lane->told_mode,
        .since = lane->since,
        .until = lane->held ? lane->held_until : (utc_ms){0},
        .vehicle = lane->front.vehicle,
        .barrier = lane->barrier,
        .suspect = lane_watch_suspect(lane),
        .passages_in = lane->passages[LANE_IN],
        .passages_out = lane->passages[LANE_OUT],
        .openings = lane->openings,
        .unasked = lane->unasked,
    };
    text_copy(ret->trouble, sizeof ret->trouble, lane_watch_trouble(lane));
}
