/*
 * What people do at a lane: a table of operations, each with what must be so first. Evacuation
 * beats everything and only a person ends it. Pure.
 */
#include "daemon/core/lane_inside.h"

#include <assert.h>
#include <string.h>

static const char *evacuation(const struct lane *lane, const struct lane_act *act, struct now now)
{
    (void)act;
    (void)now;
    return lane->evacuating ? "the lane is evacuated: its barrier is up until a person ends that"
                            : NULL;
}

static const char *no_boom(const struct lane *lane, const struct lane_act *act, struct now now)
{
    (void)act;
    (void)now;
    return lane_watch_has_boom(lane) ? NULL : "the lane has no barrier";
}

static const char *works(const struct lane *lane, const struct lane_act *act, struct now now)
{
    const char *why = no_boom(lane, act, now);

    if (why)
        return why;
    why = evacuation(lane, act, now);
    if (why)
        return why;
    if (lane_step_in(lane, LANE_BIT(COMMS_LOST)))
        return "the barrier does not answer";
    return lane_step_in(lane, LANE_BIT(FAULT)) ? "the barrier reports a fault" : NULL;
}

static const char *may_open(const struct lane *lane, const struct lane_act *act, struct now now)
{
    const char *why = works(lane, act, now);

    if (why)
        return why;
    if (!act->reason[0])
        return "a reason is needed";
    bool lets = !lane->hooks.may_open || lane->hooks.may_open(lane->hooks.arg, lane->index);
    return lets ? NULL : "the lane opposite is open";
}

static const char *may_force(const struct lane *lane, const struct lane_act *act, struct now now)
{
    return lane->held ? "the lane is held open already" : may_open(lane, act, now);
}

static const char *may_hold(const struct lane *lane, const struct lane_act *act, struct now now)
{
    if (act->until.ms <= now.utc.ms)
        return "a hold needs an end in the future";
    return may_open(lane, act, now);
}

static const char *is_held(const struct lane *lane, const struct lane_act *act, struct now now)
{
    (void)act;
    (void)now;
    return lane->held ? NULL : "the lane is not held";
}

static const char *may_close(const struct lane *lane, const struct lane_act *act, struct now now)
{
    const char *why = works(lane, act, now);

    if (why)
        return why;
    if (lane->held)
        return "the lane is held open; release it";
    if (!(lane->is->wiring & LANE_HAS_BARRIER))
        return "the camera opens this barrier, it closes by itself";
    return lane_loops_under(lane) ? "something is under the boom" : NULL;
}

static const char *may_reset(const struct lane *lane, const struct lane_act *act, struct now now)
{
    const uint32_t failed =
        LANE_BIT(STUCK_UNDER) | LANE_BIT(OPEN_FAIL) | LANE_BIT(CLOSE_FAIL) | LANE_BIT(FAULT);

    (void)act;
    (void)now;
    return lane_step_in(lane, failed) ? NULL : "the lane has nothing to reset";
}

static const char *evacuated(const struct lane *lane, const struct lane_act *act, struct now now)
{
    bool fire = lane->barrier.inputs & lane->barrier.wired & BOOM_EMERGENCY;

    (void)now;
    if (!lane->evacuating)
        return "the lane is not evacuated";
    if (!act->actor[0])
        return "only a person ends an evacuation";
    return fire && lane->heard ? "the fire input is still on" : NULL;
}

static void hold(struct lane *lane, const struct lane_act *act, struct now now)
{
    lane->held = true;
    lane->held_by = *act;
    lane->held_until = act->until;
    lane->held_ends = mono_after(now.mono, act->until.ms - now.utc.ms);
}

static void leave_service(struct lane *lane, const struct lane_act *act, struct now now)
{
    lane->out_of_service = act->operation == LANE_DO_OUT_OF_SERVICE;
    lane->out_by = *act;
    lane_watch_service(lane, now);
}

/* Whoever waits is asked about now. */
static void return_to_service(struct lane *lane, const struct lane_act *act, struct now now)
{
    leave_service(lane, act, now);
    if (lane->front.vehicle.id[0] && !lane->front.used)
        lane_vehicle_ask(lane, now);
}

static void end_evacuation(struct lane *lane, const struct lane_act *act, struct now now)
{
    (void)act;
    (void)now;
    lane->evacuating = false;
}

static const struct {
    const char *(*why_not)(const struct lane *lane, const struct lane_act *act, struct now now);
    void (*first)(struct lane *lane, const struct lane_act *act, struct now now);
    enum lane_event event; /* LANE_EVENTS: none */
} operations[LANE_OPERATIONS] = {
    [LANE_DO_OPEN] = {may_force, NULL, LANE_FORCES},
    [LANE_DO_HOLD] = {may_hold, hold, LANE_HOLDS},
    [LANE_DO_RELEASE] = {is_held, NULL, LANE_LETS_GO},
    [LANE_DO_CLOSE] = {may_close, NULL, LANE_SHUTS},
    [LANE_DO_RESET] = {may_reset, NULL, LANE_RESETS},
    [LANE_DO_OUT_OF_SERVICE] = {evacuation, leave_service, LANE_EVENTS},
    [LANE_DO_IN_SERVICE] = {evacuation, return_to_service, LANE_EVENTS},
    [LANE_DO_EVACUATE] = {NULL, NULL, LANE_FIRE},
    [LANE_DO_EVACUATION_ENDS] = {evacuated, end_evacuation, LANE_FIRE_ENDS},
};

bool lane_may(struct lane *lane, const struct lane_act *act, struct now now, const char **ret_why)
{
    assert(act->operation < LANE_OPERATIONS);
    lane_tick(lane, now);
    const char *why = operations[act->operation].why_not
                          ? operations[act->operation].why_not(lane, act, now)
                          : NULL;
    if (why)
        *ret_why = why;
    return !why;
}

bool lane_act(struct lane *lane, const struct lane_act *act, struct now now, const char **ret_why)
{
    if (!lane_may(lane, act, now, ret_why))
        return false;
    lane->by = *act;
    if (operations[act->operation].first)
        operations[act->operation].first(lane, act, now);
    lane_step_fire(lane, operations[act->operation].event, now);
    lane_tick(lane, now);
    return true;
}
