/*
 * Lanes and stays in the gateway: what barriers say goes to the yard, what the yard orders goes to
 * barriers once its record is durable (rule 8). An order waits here between the two; it is asked
 * for once more before it leaves, because its vehicle may have gone (rule 7).
 *
 * Two exceptions leave before the disk has them: evacuation, and cars that a lot lets out although
 * the disk fails. Their records follow as soon as it takes them.
 */
#include "daemon/gateway_lanes.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include "daemon/base/crypto.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_cameras.h"
#include "sensors/lane/barrier.h"

enum { ORDERS_MAX = 4 * LANES_MAX, US_PER_MS = 1000 };

/* An order between the yard and the wire. */
struct order {
    struct lane_order order;
    uint32_t lane;
    uint64_t after; /* leaves when so many records are durable */
    uint64_t wire;  /* id of the bus command; 0: not sent yet */
};

struct gateway_lanes {
    struct order orders[ORDERS_MAX]; /* oldest first */
    uint32_t count;
    uint64_t wire; /* the last id */
};

/* 1. From the field to the yard. */

static const enum boom_state states[BARRIER_STATES] = {
    [BARRIER_UNKNOWN] = BOOM_UNKNOWN, [BARRIER_CLOSED] = BOOM_CLOSED,
    [BARRIER_OPENING] = BOOM_OPENING, [BARRIER_OPEN] = BOOM_OPEN,
    [BARRIER_CLOSING] = BOOM_CLOSING, [BARRIER_STOPPED] = BOOM_STOPPED,
    [BARRIER_FAULT] = BOOM_FAULT,
};
static const enum boom_hold holds[BARRIER_HOLDS] = {
    [BARRIER_NOT_HELD] = BOOM_HOLD_NONE,
    [BARRIER_HELD_OPEN] = BOOM_HELD_OPEN,
    [BARRIER_HELD_CLOSED] = BOOM_HELD_CLOSED,
    [BARRIER_DEVICE_LOCKED] = BOOM_LOCKED,
};
static const enum boom_quality qualities[BARRIER_QUALITIES] = {
    [BARRIER_UNOBSERVABLE] = BOOM_UNOBSERVABLE,
    [BARRIER_OBSERVED] = BOOM_OBSERVED,
    [BARRIER_INFERRED] = BOOM_INFERRED,
    [BARRIER_STALE] = BOOM_STALE,
};
static const unsigned inputs[BARRIER_INPUTS] = {
    [BARRIER_PRESENCE_LOOP] = BOOM_PRESENCE,
    [BARRIER_CLOSING_LOOP] = BOOM_CLOSING_LOOP,
    [BARRIER_PHOTOCELL] = BOOM_PHOTOCELL,
    [BARRIER_LIMIT_OPEN] = BOOM_LIMIT_OPEN,
    [BARRIER_LIMIT_CLOSED] = BOOM_LIMIT_CLOSED,
    [BARRIER_EMERGENCY] = BOOM_EMERGENCY,
    [BARRIER_ARM_DETACHED] = BOOM_ARM_DETACHED,
    [BARRIER_DOOR_OPEN] = BOOM_DOOR_OPEN,
    [BARRIER_BUTTON] = BOOM_BUTTON,
};

/* An input that was not heard lately makes the whole boom stale, and something may stand under it:
 * nothing closes on what is not known. */
static void take_inputs(const struct barrier *from, struct boom *ret)
{
    const unsigned under = BOOM_CLOSING_LOOP | BOOM_PHOTOCELL;

    for (int i = 0; i < BARRIER_INPUTS; i++) {
        bool unknown = from->inputs[i] == SIGNAL_UNKNOWN;

        if (from->inputs[i] != SIGNAL_NOT_WIRED)
            ret->wired |= inputs[i];
        if (from->inputs[i] == SIGNAL_ON || (unknown && inputs[i] & under))
            ret->inputs |= inputs[i];
        if (unknown)
            ret->quality = BOOM_STALE;
    }
}

/* What a driver decoded, as the lanes see it. */
static struct boom boom_of(const struct barrier *from)
{
    struct boom boom = {
        .state = states[from->state],
        .position = from->position_percent,
        .hold = holds[from->hold],
        .quality = qualities[from->quality],
        .operations = from->operations,
        .counts = from->has_operations,
        .error = from->error_code,
        .at = from->heard,
    };

    take_inputs(from, &boom);
    text_copy(boom.error_text, sizeof boom.error_text, from->ready ? from->error : from->not_ready);
    return boom;
}

void gateway_on_barrier(void *arg, uint32_t barrier, const struct barrier *now)
{
    struct gateway *g = arg;
    struct boom boom = boom_of(now);

    for (uint32_t lane = 0; lane < g->config->plan.lanes_count; lane++)
        if (g->config->plan.lanes[lane].barrier == barrier)
            yard_sense(g->yard, lane, &boom, gateway_now(g));
}

/* 2. What became of an order on the wire. */

static const enum boom_progress progresses[COMMAND_OUTCOMES] = {
    [COMMAND_ACCEPTED] = BOOM_TOLD_ACCEPTED,
    [COMMAND_REFUSED] = BOOM_TOLD_REFUSED,
    [COMMAND_UNKNOWN] = BOOM_TOLD_UNKNOWN,
    [COMMAND_NOT_SENT] = BOOM_TOLD_NOTHING,
};

/* A moment of the bus's clock, as the world counts. */
static utc_ms wire_time(struct gateway *g, int64_t us)
{
    struct now now = gateway_now(g);

    return (utc_ms){now.utc.ms - (now.mono.ms - us / US_PER_MS)};
}

static void remove_order(struct gateway_lanes *lanes, uint32_t n)
{
    memmove(&lanes->orders[n], &lanes->orders[n + 1],
            (--lanes->count - n) * sizeof lanes->orders[0]);
}

static void tell(struct gateway *g, const struct order *order, enum boom_progress progress,
                 utc_ms at)
{
    yard_told(g->yard, order->lane, order->order.command, progress, at, gateway_now(g));
}

void gateway_on_barrier_result(void *arg, uint32_t barrier, const struct bus_result *result)
{
    struct gateway *g = arg;
    struct gateway_lanes *lanes = g->lanes;
    uint32_t n = 0;

    (void)barrier;
    while (n < lanes->count && lanes->orders[n].wire != result->command.id)
        n++;
    if (n == lanes->count)
        return;
    crash_point("after_coil");
    struct order order = lanes->orders[n];

    remove_order(lanes, n);
    if (result->written_us)
        tell(g, &order, BOOM_TOLD_SENT, wire_time(g, result->written_us));
    tell(g, &order, progresses[result->outcome],
         result->answered_us ? wire_time(g, result->answered_us) : gateway_now(g).utc);
}

/* 3. From the yard to the wire. */

static const enum barrier_action actions[LANE_ACTIONS] = {
    [LANE_OPEN] = BARRIER_DO_OPEN,       [LANE_CLOSE] = BARRIER_DO_CLOSE,
    [LANE_STOP] = BARRIER_DO_STOP,       [LANE_HOLD] = BARRIER_DO_HOLD,
    [LANE_RELEASE] = BARRIER_DO_RELEASE,
};

/* A board that cannot hold is opened, and the lane sends no CLOSE while it is held; one that holds
 * nothing is released without being told. */
static bool action_for(const struct barrier_map *map, enum lane_action wanted,
                       enum barrier_action *ret)
{
    *ret = actions[wanted];
    if (wanted == LANE_HOLD && !barrier_can(map, BARRIER_DO_HOLD))
        *ret = BARRIER_DO_OPEN;
    return barrier_can(map, *ret);
}

/* False: it is over, and the lane has been told. Otherwise it stays, on the wire or not yet. */
static bool send_order(struct gateway *g, struct order *order)
{
    const struct lane_plan *lane = &g->config->plan.lanes[order->lane];
    bool camera = lane->wiring & LANE_CAMERA_PULSES;
    struct err err;

    if ((lane->barrier == PLAN_NONE && !camera) ||
        !yard_still_wants(g->yard, order->lane, &order->order, gateway_now(g))) {
        tell(g, order, BOOM_TOLD_NOTHING, gateway_now(g).utc);
        return false;
    }
    if (lane->barrier == PLAN_NONE)
        return !gateway_cameras_order(g, order->lane, &order->order);
    const struct barrier_config *to = &g->config->barriers[lane->barrier];
    struct bus_command command = {.id = ++g->lanes->wire, .device = to->device};

    if (!action_for(to->map, order->order.action, &command.action)) {
        tell(g, order, order->order.action == LANE_RELEASE ? BOOM_TOLD_ACCEPTED : BOOM_TOLD_REFUSED,
             gateway_now(g).utc);
        return false;
    }
    if (order->order.until.ms != MONO_NEVER.ms)
        command.not_after_us = order->order.until.ms * US_PER_MS;
    crash_point("before_coil");
    if (!bus_command(g->buses[to->bus], &command, &err)) {
        log_error("lane \"%s\": %s", lane->id, err.text);
        tell(g, order, BOOM_TOLD_NOTHING, gateway_now(g).utc);
        return false;
    }
    order->wire = command.id;
    return true;
}

void gateway_lanes_durable(struct gateway *g)
{
    struct gateway_lanes *lanes = g->lanes;
    uint32_t n = 0;

    while (n < lanes->count) {
        struct order order = lanes->orders[n];

        if (order.wire || order.after > g->durable) {
            n++;
            continue;
        }
        /* Out of the list before the lane is told: it may order anew at once. */
        remove_order(lanes, n);
        if (!send_order(g, &order))
            continue;
        memmove(&lanes->orders[n + 1], &lanes->orders[n],
                (lanes->count++ - n) * sizeof lanes->orders[0]);
        lanes->orders[n++] = order;
    }
}

/* Whether it may leave before the disk has its record. */
static bool at_once(const struct gateway *g, uint32_t lane, const struct lane_order *order)
{
    const struct lane_plan *plan = &g->config->plan.lanes[lane];
    bool opens = order->action == LANE_OPEN || order->action == LANE_HOLD;
    struct lane_view view;

    lane_view(yard_lane(g->yard, lane), &view);
    return opens &&
           (view.mode == LANE_EVACUATING ||
            (*g->store_trouble && plan->open_when_disk_fails && plan->direction == LANE_OUT));
}

static void on_send(void *arg, uint32_t lane, const struct lane_order *lane_order)
{
    struct gateway *g = arg;
    struct gateway_lanes *lanes = g->lanes;
    struct order order = {
        .order = *lane_order,
        .lane = lane,
        .after = at_once(g, lane, lane_order) ? 0 : g->added,
    };

    if (lanes->count < ORDERS_MAX)
        lanes->orders[lanes->count++] = order;
    else
        tell(g, &order, BOOM_TOLD_NOTHING, gateway_now(g).utc);
}

/* 4. Building, time. */

static void put_yard(void *arg, const struct record *record)
{
    struct gateway *g = arg;

    gateway_sink(g).put(g, record);
}

static void on_trigger(void *arg, uint32_t lane)
{
    gateway_cameras_trigger(arg, lane);
}

static void on_told(void *arg, uint32_t lane, const struct record_decision *decision,
                    int64_t due_fen)
{
    (void)due_fen;
    gateway_cameras_told(arg, lane, decision);
}

void gateway_lanes_create(struct gateway *g)
{
    const struct yard_hooks hooks = {
        .arg = g,
        .records = {.put = put_yard, .arg = g},
        .send = on_send,
        .trigger = on_trigger,
        .told = on_told,
    };
    uint32_t tag;

    crypto_random(&tag, sizeof tag);
    g->lanes = memory_new(1, sizeof *g->lanes);
    g->yard = yard_create(&g->config->plan, &hooks, tag);
}

void gateway_lanes_destroy(struct gateway *g)
{
    yard_destroy(g->yard);
    free(g->lanes);
}
