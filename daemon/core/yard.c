/* The yard: building, restoring, time, and what only passes through. See yard.h. */
#include "daemon/core/yard_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/civil.h"

enum {
    STAYS_ROOM = 20000,
    MINUTE_MS = 60000,
    TOGETHER_MS = 250 /* two boards are not polled at the same moment */
};

/* 1. Records on their way out. */

/* All but the stays, which apply what they emit themselves. */
static void fold(struct yard *yard, const struct record *record)
{
    recent_apply(yard->recent, record);
    estimates_apply(yard->estimates, record);
    sharing_apply(yard->sharing, record);
}

void yard_emit(struct yard *yard, const struct record *record)
{
    struct record stamped = *record;

    stamped.time_uncertain |= yard->time_uncertain;
    fold(yard, &stamped);
    yard->hooks.records.put(yard->hooks.records.arg, &stamped);
}

static void put(void *arg, const struct record *record)
{
    yard_emit(arg, record);
}

struct record_sink yard_sink(struct yard *yard)
{
    return (struct record_sink){.put = put, .arg = yard};
}

static void on_send(void *arg, uint32_t lane, const struct lane_order *order)
{
    struct yard *yard = arg;

    yard->hooks.send(yard->hooks.arg, lane, order);
}

static void on_trigger(void *arg, uint32_t lane)
{
    struct yard *yard = arg;

    yard->hooks.trigger(yard->hooks.arg, lane);
}

/* Loops of lanes of one lot that come on at one moment. Vehicles do so now and then, crosstalk
 * between two detectors always. */
static void on_rose(void *arg, uint32_t lane, unsigned loop, mono_ms at)
{
    struct yard *yard = arg;
    const struct site_plan *plan = yard->plan;
    bool echoed = false;

    for (uint32_t i = 0; i < plan->lanes_count; i++) {
        const struct yard_lane *other = &yard->lanes[i];
        if (i == lane || !other->rose_loop || plan->lanes[i].lot != plan->lanes[lane].lot ||
            llabs(at.ms - other->rose_at.ms) > TOGETHER_MS)
            continue;
        lane_echoes(other->lane, other->rose_loop);
        echoed = true;
    }
    yard->lanes[lane].rose_loop = loop;
    yard->lanes[lane].rose_at = at;
    if (echoed)
        lane_echoes(yard->lanes[lane].lane, loop);
}

/* 2. Building. */

static void create_lanes(struct yard *yard)
{
    const struct lane_hooks hooks = {
        .arg = yard,
        .records = yard_sink(yard),
        .ask = yard_ask,
        .trigger = on_trigger,
        .send = on_send,
        .passed = yard_passed,
        .gone = yard_gone,
        .may_open = yard_may_open,
        .rose = on_rose,
    };

    yard->lanes = memory_new(yard->plan->lanes_count, sizeof *yard->lanes);
    for (uint32_t i = 0; i < yard->plan->lanes_count; i++) {
        yard->lanes[i].yard = yard;
        yard->lanes[i].lane = lane_create(yard->plan, i, &hooks, &yard->ident);
    }
}

struct yard *yard_create(const struct site_plan *plan, const struct yard_hooks *hooks, uint32_t tag)
{
    struct yard *yard = memory_new(1, sizeof *yard);

    yard->plan = plan;
    yard->hooks = *hooks;
    yard->ident.tag = tag;
    yard->stays = stays_create(plan, &yard->ident, STAYS_ROOM);
    yard->estimates = estimates_create(plan);
    yard->recent = recent_create();
    yard->sharing = sharing_create(plan, plan->civil ? plan->civil : &civil_utc);
    yard->in_service = memory_new(plan->zones_count, sizeof *yard->in_service);
    yard->lots = memory_new(plan->lots_count, sizeof *yard->lots);
    yard->bays = memory_new(plan->bays_count, sizeof *yard->bays);
    for (uint32_t bay = 0; bay < plan->bays_count; bay++) {
        yard->lots[plan_lot(plan, bay)].states[BAY_UNKNOWN]++;
        yard->in_service[plan->bays[bay].zone]++;
    }
    create_lanes(yard);
    return yard;
}

void yard_destroy(struct yard *yard)
{
    if (!yard)
        return;
    for (uint32_t i = 0; i < yard->plan->lanes_count; i++)
        lane_destroy(yard->lanes[i].lane);
    free(yard->lanes);
    free(yard->bays);
    free(yard->lots);
    free(yard->in_service);
    sharing_destroy(yard->sharing);
    recent_destroy(yard->recent);
    estimates_destroy(yard->estimates);
    stays_destroy(yard->stays);
    free(yard);
}

/* 3. Restoring. */

static void turn_bay(struct yard *yard, uint32_t bay, enum bay_state state)
{
    struct yard_lot *lot = &yard->lots[plan_lot(yard->plan, bay)];
    uint32_t *in_service = &yard->in_service[yard->plan->bays[bay].zone];

    *in_service -= yard->bays[bay] != BAY_OUT_OF_SERVICE;
    *in_service += state != BAY_OUT_OF_SERVICE;
    lot->states[yard->bays[bay]]--;
    lot->states[state]++;
    yard->bays[bay] = (uint8_t)state;
}

/* The newest decision of a lane, unless its vehicle has passed. */
static void restore_case(struct yard *yard, const struct record *record)
{
    const struct record_decision *from = &record->decision;
    const struct lane_times *times;
    struct yard_lane *lane;

    if (record->kind == RECORD_PASSAGE)
        yard->lanes[record->passage.lane].before = (struct lane_case){0};
    if (record->kind != RECORD_DECISION)
        return;
    lane = &yard->lanes[from->lane];
    times = &yard->plan->lanes[from->lane].times;
    lane->before = (struct lane_case){.verdict = from->verdict, .reason = from->reason};
    lane->before_until.ms = record->at.ms + times->decision + times->no_pass + times->stuck;
    text_copy(lane->before.vehicle, IDENT_SIZE, from->vehicle);
    text_copy(lane->before.stay, IDENT_SIZE, from->stay);
    text_copy(lane->before.plate, PLATE_SIZE, from->plate);
    text_copy(lane->before.actor, RECORD_WORD, from->actor);
    text_copy(lane->before.ticket, IDENT_SIZE, from->ticket);
}

void yard_restore(struct yard *yard, const struct record *record)
{
    restore_case(yard, record);
    if (record->kind == RECORD_BAY_CHANGED)
        turn_bay(yard, record->bay_changed.bay, record->bay_changed.to);
    stays_apply(yard->stays, record);
    fold(yard, record);
    for (uint32_t i = 0; i < yard->plan->lanes_count; i++)
        lane_past_apply(&yard->lanes[i].past, i, record);
}

void yard_started(struct yard *yard, struct now now)
{
    yard->now = now;
    for (uint32_t i = 0; i < yard->plan->lanes_count; i++)
        lane_restore(yard->lanes[i].lane, &yard->lanes[i].past, now);
    yard->minute = mono_after(now.mono, MINUTE_MS);
}

/* 4. What the field says. */

void yard_sense(struct yard *yard, uint32_t lane, const struct boom *barrier, struct now now)
{
    yard->now = now;
    lane_sense(yard->lanes[lane].lane, barrier, now);
}

void yard_camera(struct yard *yard, uint32_t lane, bool online, struct now now)
{
    yard->now = now;
    lane_camera(yard->lanes[lane].lane, online, now);
}

void yard_told(struct yard *yard, uint32_t lane, const char *command, enum boom_progress progress,
               utc_ms at, struct now now)
{
    yard->now = now;
    lane_told(yard->lanes[lane].lane, command, progress, at, now);
}

bool yard_still_wants(const struct yard *yard, uint32_t lane, const struct lane_order *order,
                      struct now now)
{
    return lane_still_wants(yard->lanes[lane].lane, order, now);
}

void yard_witness(struct yard *yard, const struct record *record, struct now now)
{
    yard->now = now;
    if (record->kind == RECORD_BAY_CHANGED) {
        turn_bay(yard, record->bay_changed.bay, record->bay_changed.to);
    }
    fold(yard, record);
    if (record->kind == RECORD_BAY_CHANGED || record->kind == RECORD_BAY_AMENDED)
        stays_bay(yard->stays, record, yard_sink(yard));
    else
        stays_apply(yard->stays, record);
}

/* 5. Time. */

struct estimate_now yard_lot_now(const struct yard *yard, uint32_t lot)
{
    const struct yard_lot *bays = &yard->lots[lot];
    uint32_t sensed = bays->states[BAY_FREE] + bays->states[BAY_OCCUPIED];
    struct estimate_now now = {
        .occupied = bays->states[BAY_OCCUPIED],
        .unknown = bays->states[BAY_UNKNOWN],
        .monitored = sensed + bays->states[BAY_UNKNOWN],
        .capacity = yard->plan->lots[lot].policy.spaces,
        .stays = stays_inside(yard->stays, lot, VEHICLE_ALL),
        .lanes_healthy = true,
    };

    if (now.capacity == 0)
        now.capacity = now.monitored;
    for (uint32_t i = 0; i < yard->plan->lanes_count; i++)
        if (yard->plan->lanes[i].lot == lot || yard->plan->lanes[i].outer == lot)
            now.lanes_healthy &= lane_mode(yard->lanes[i].lane) == LANE_IN_SERVICE;
    return now;
}

static void look_at_estimates(struct yard *yard, struct now now)
{
    for (uint32_t lot = 0; lot < yard->plan->lots_count; lot++) {
        struct estimate_now lot_now;

        if (yard->plan->lots[lot].policy.stays != STAYS_FROM_LANES)
            continue;
        lot_now = yard_lot_now(yard, lot);
        estimates_tick(yard->estimates, lot, &lot_now, now.utc, yard_sink(yard));
    }
}

void yard_tick(struct yard *yard, struct now now)
{
    yard->now = now;
    for (uint32_t i = 0; i < yard->plan->lanes_count; i++)
        lane_tick(yard->lanes[i].lane, now);
    yard_watch_evacuation(yard);
    if (!mono_reached(now.mono, yard->minute))
        return;
    yard->minute = mono_after(now.mono, MINUTE_MS);
    look_at_estimates(yard, now);
    sharing_tick(yard->sharing, yard->stays, yard->in_service, now.utc, yard_sink(yard));
}

void yard_time_quality(struct yard *yard, bool uncertain)
{
    yard->time_uncertain = uncertain;
}

mono_ms yard_next(const struct yard *yard)
{
    mono_ms next = MONO_NEVER;

    for (uint32_t i = 0; i < yard->plan->lanes_count; i++)
        next = mono_earlier(next, lane_next(yard->lanes[i].lane));
    return next;
}

struct stays *yard_stays(struct yard *yard)
{
    return yard->stays;
}

const struct lane *yard_lane(const struct yard *yard, uint32_t lane)
{
    assert(lane < yard->plan->lanes_count);
    return yard->lanes[lane].lane;
}

void yard_estimate(const struct yard *yard, uint32_t lot, utc_ms at, struct estimate *ret)
{
    struct estimate_now now = yard_lot_now(yard, lot);

    estimates_lot(yard->estimates, lot, &now, at, ret);
}
