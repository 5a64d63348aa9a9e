/*
 * What is observed of the boom and of the lane's health: end positions, the operation counter, the
 * mode that is recorded, the words for trouble. Pure.
 */
#include "daemon/core/lane_inside.h"

#include <string.h>

enum { COUNTED_MOST = 32, COUNTED_MS = 3600000 };

bool lane_watch_has_boom(const struct lane *lane)
{
    return lane->is->wiring & (LANE_HAS_BARRIER | LANE_CAMERA_PULSES);
}

bool lane_watch_limits(const struct lane *lane)
{
    return (lane->is->wiring & LANE_HAS_LIMITS) && !lane->limits_suspect;
}

static bool seen(const struct lane *lane, enum boom_state state)
{
    const struct boom *b = &lane->barrier;

    return lane->heard && lane_watch_limits(lane) && b->quality == BOOM_OBSERVED &&
           b->state == state;
}

bool lane_watch_closed(const struct lane *lane)
{
    return seen(lane, BOOM_CLOSED);
}

bool lane_watch_open(const struct lane *lane)
{
    return seen(lane, BOOM_OPEN);
}

static void record_opening(struct lane *lane, uint32_t openings, struct now now)
{
    struct record r = {.kind = RECORD_OPENING, .at = now.utc};

    r.opening.lane = lane->index;
    r.opening.cause = lane->pressed ? CAUSE_BUTTON : CAUSE_UNASKED;
    r.opening.openings = openings;
    r.opening.counter = lane->barrier.operations;
    lane->unasked += openings;
    lane->counted = 0;
    lane->hooks.records.put(lane->hooks.records.arg, &r);
}

/* A command whose move the counter does not hold yet. */
static bool moves_now(const struct lane *lane)
{
    return lane->stories[LANE_STORY_OPEN].running || lane->stories[LANE_STORY_CLOSE].running;
}

/* The counter is recorded again now and then, so that a start finds the commands since. */
static void record_counter(struct lane *lane, struct now now)
{
    bool due = lane->counted >= COUNTED_MOST || mono_reached(now.mono, lane->counted_until);

    if (lane->counted > 0 && due && !moves_now(lane))
        record_opening(lane, 0, now);
}

/* Opened and closed are one operation each (CAME FA01323M4A, 40105), looked at when the boom is
 * down. Each command of the gateway moves it once at most; of what is left two make an opening that
 * nobody asked for, as one does that the gateway closed. */
void lane_watch_counter(struct lane *lane, struct now now)
{
    uint64_t operations = lane->barrier.operations;

    if (!lane->barrier.counts || !(lane->is->wiring & LANE_HAS_COUNTER))
        return;
    if (!lane->has_operations || operations < lane->operations) {
        lane->operations = operations;
        lane->has_operations = true;
        record_opening(lane, 0, now);
        return;
    }
    if (!lane_watch_closed(lane))
        return;
    uint64_t moved = operations - lane->operations;
    uint64_t own = lane->own_moves < moved ? lane->own_moves : moved;
    if (lane->counted == 0)
        lane->counted_until = mono_after(now.mono, COUNTED_MS);
    lane->operations = operations;
    lane->own_moves -= (uint32_t)own;
    if (own > 0 && lane->stories[LANE_STORY_OPEN].running)
        lane->own_late = false; /* it came */
    lane->counted += (uint32_t)own;
    if (moved > own)
        record_opening(lane, (uint32_t)((moved - own + 1) / 2), now);
    else
        record_counter(lane, now);
    lane->pressed = lane->pressed && moved == 0;
}

/* Up since before the start, or on its way then: it was told to, for one vehicle. */
static bool explained(struct lane *lane, struct now now)
{
    if (!lane->past_open[0] || mono_reached(now.mono, lane->past_until))
        return false;
    lane->open_cause = lane->past_cause;
    text_copy(lane->open_command, sizeof lane->open_command, lane->past_open);
    lane->permits = 1;
    lane->past_open[0] = '\0';
    return true;
}

void lane_watch_explain(struct lane *lane, struct now now)
{
    explained(lane, now);
}

/* The boom came up and nobody had asked: a button or a remote control. */
void lane_watch_opened(struct lane *lane, struct now now)
{
    if (explained(lane, now))
        return;
    lane->open_cause = lane->pressed ? CAUSE_BUTTON : CAUSE_UNASKED;
    lane->permits = 1;
    if (!lane->barrier.counts || !(lane->is->wiring & LANE_HAS_COUNTER))
        record_opening(lane, 1, now);
}

unsigned lane_watch_suspect(const struct lane *lane)
{
    unsigned suspect = 0;

    if (lane->loops[LANE_ON_PRESENCE].suspect || lane->loops[LANE_ON_PRESENCE].noisy)
        suspect |= LANE_HAS_PRESENCE;
    if (lane->loops[LANE_ON_CLOSING].suspect || lane->loops[LANE_ON_CLOSING].noisy)
        suspect |= LANE_HAS_CLOSING;
    if (lane->limits_suspect)
        suspect |= LANE_HAS_LIMITS;
    if (lane->camera_lost)
        suspect |= LANE_HAS_CAMERA;
    return suspect & lane->is->wiring;
}

const char *lane_watch_trouble(const struct lane *lane)
{
    static const char *const of_state[LANE_STATES] = {
        [LANE_STUCK_UNDER] = "something stands under the boom; clear it, then reset the lane",
        [LANE_OPEN_FAIL] = "the boom did not open; look at the barrier, then reset the lane",
        [LANE_CLOSE_FAIL] = "the boom did not close; look at the barrier, then reset the lane",
        [LANE_FAULT] = "the barrier reports a fault; put it right",
        [LANE_COMMS_LOST] = "the barrier does not answer; look at its line",
    };

    if (of_state[lane->state])
        return of_state[lane->state];
    if (lane->state == LANE_EVACUATE && lane->retries >= LANE_EVACUATION_TRIES)
        return "the boom reads closed in an evacuation; open it by hand";
    if (lane->state == LANE_RESYNC && lane_watch_open(lane) &&
        !lane_loops_believed(lane, LANE_ON_CLOSING))
        return "the boom is up after a start and nothing tells what is under it; close or hold";
    for (int i = 0; i < LANE_LOOPS; i++)
        if (lane->loops[i].suspect)
            return lane->loops[i].why;
    if (lane_loops_noisy(lane))
        return lane->loops[LANE_ON_CLOSING].noisy ? "closing loop chatters; look at its detector"
                                                  : "presence loop chatters; look at its detector";
    if (lane->limits_suspect)
        return "the limit switches do not show the boom's way; look at them";
    return lane->camera_lost && (lane->is->wiring & LANE_HAS_CAMERA)
               ? "the camera does not answer; look at its line"
               : "";
}

static enum lane_mode mode(const struct lane *lane)
{
    const uint32_t failed =
        1u << LANE_STUCK_UNDER | 1u << LANE_OPEN_FAIL | 1u << LANE_CLOSE_FAIL | 1u << LANE_FAULT;

    if (lane->evacuating)
        return LANE_EVACUATING;
    if (lane->held)
        return LANE_HELD_OPEN;
    if (lane->state == LANE_COMMS_LOST)
        return LANE_SILENT;
    if (lane->out_of_service || (failed >> lane->state & 1))
        return LANE_OUT_OF_SERVICE;
    return lane_watch_suspect(lane) ? LANE_DEGRADED : LANE_IN_SERVICE;
}

static void record_mode(struct lane *lane, enum lane_mode is, const struct lane_act *by,
                        struct now now)
{
    struct record r = {.kind = RECORD_LANE, .at = now.utc};

    lane->told_mode = is;
    lane->told_until = is == LANE_HELD_OPEN ? lane->held_until : (utc_ms){0};
    lane->told_out = lane->out_of_service;
    r.lane.lane = lane->index;
    r.lane.mode = is;
    r.lane.until = lane->told_until;
    text_copy(r.lane.reason, sizeof r.lane.reason, by ? by->reason : lane_watch_trouble(lane));
    text_copy(r.lane.actor, sizeof r.lane.actor, by ? by->actor : "");
    lane->hooks.records.put(lane->hooks.records.arg, &r);
}

/* A person's modes carry who and why; the others what is wrong. */
void lane_watch_mode(struct lane *lane, struct now now)
{
    enum lane_mode is = mode(lane);
    utc_ms until = is == LANE_HELD_OPEN ? lane->held_until : (utc_ms){0};
    const struct lane_act *by = is == LANE_EVACUATING                               ? &lane->by
                                : is == LANE_HELD_OPEN                              ? &lane->held_by
                                : is == LANE_OUT_OF_SERVICE && lane->out_of_service ? &lane->out_by
                                                                                    : NULL;

    if (is != lane->told_mode || until.ms != lane->told_until.ms)
        record_mode(lane, is, by, now);
}

/* Behind a mode that hides it the records tell it all the same: a start knows only them. */
void lane_watch_service(struct lane *lane, struct now now)
{
    enum lane_mode is = mode(lane);

    if (lane->out_of_service == lane->told_out)
        return;
    if (is == LANE_OUT_OF_SERVICE && !lane->out_of_service) { /* it has failed besides */
        record_mode(lane, is, NULL, now);
        return;
    }
    record_mode(lane, lane->out_of_service ? LANE_OUT_OF_SERVICE : LANE_IN_SERVICE, &lane->out_by,
                now);
}
