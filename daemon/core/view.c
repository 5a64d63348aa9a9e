/*
 * The durable view: three sets of tallies that move with each bay, never counted anew. A bay stands
 * in one tally of each set, under its state; rule 2 is asserted wherever one moves. Runs on the
 * loop's thread.
 */
#include "daemon/core/view.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/memory.h"

struct view {
    const struct site_plan *plan;
    struct view_bay *bays;
    struct view_device *devices;
    struct tally *zones, *lots;
    struct tally (*classes)[BAY_CLASSES]; /* by lot */
};

static uint32_t *place(struct tally *tally, enum bay_state state)
{
    switch (state) {
    case BAY_FREE:
        return &tally->free;
    case BAY_OCCUPIED:
        return &tally->occupied;
    case BAY_OUT_OF_SERVICE:
        return &tally->out_of_service;
    default:
        return &tally->unknown;
    }
}

/* The tallies that a bay stands in. */
enum { TALLIES = 3 };

static void tallies_of(struct view *view, uint32_t bay, struct tally *ret[TALLIES])
{
    uint32_t lot = plan_lot(view->plan, bay);

    ret[0] = &view->zones[view->plan->bays[bay].zone];
    ret[1] = &view->lots[lot];
    ret[2] = &view->classes[lot][view->plan->bays[bay].class];
}

static void move(struct view *view, uint32_t bay, enum bay_state to)
{
    struct tally *tallies[TALLIES];

    assert(to < BAY_STATES);
    tallies_of(view, bay, tallies);
    for (int i = 0; i < TALLIES; i++) {
        struct tally *t = tallies[i];
        --*place(t, view->bays[bay].state);
        ++*place(t, to);
        assert((uint64_t)t->free + t->occupied + t->unknown + t->out_of_service == t->capacity);
    }
    view->bays[bay].state = to;
}

struct view *view_create(const struct site_plan *plan)
{
    struct view *view = memory_new(1, sizeof *view);
    struct tally *tallies[TALLIES];

    view->plan = plan;
    view->bays = memory_new(plan->bays_count, sizeof *view->bays);
    view->devices = memory_new(plan->devices_count, sizeof *view->devices);
    view->zones = memory_new(plan->zones_count, sizeof *view->zones);
    view->lots = memory_new(plan->lots_count, sizeof *view->lots);
    view->classes = memory_new(plan->lots_count, sizeof *view->classes);
    for (uint32_t i = 0; i < plan->bays_count; i++) {
        view->bays[i] = (struct view_bay){.state = BAY_UNKNOWN, .reason = BAY_BY_SILENCE};
        tallies_of(view, i, tallies);
        for (int n = 0; n < TALLIES; n++) {
            tallies[n]->capacity++;
            tallies[n]->unknown++;
        }
    }
    return view;
}

void view_destroy(struct view *view)
{
    if (!view)
        return;
    free(view->classes);
    free(view->lots);
    free(view->zones);
    free(view->devices);
    free(view->bays);
    free(view);
}

static uint32_t apply_change(struct view *view, const struct record *record, uint64_t seq)
{
    uint32_t index = record->bay_changed.bay;
    assert(index < view->plan->bays_count);
    struct view_bay *bay = &view->bays[index];

    move(view, index, record->bay_changed.to);
    bay->reason = record->bay_changed.reason;
    bay->since = record->at;
    bay->seq = seq;
    return index;
}

static uint32_t apply_bay_health(struct view *view, const struct record *record)
{
    uint32_t index = record->bay_health.bay;
    assert(index < view->plan->bays_count);
    struct view_bay *bay = &view->bays[index];

    bay->conditions &= ~(unsigned)record->bay_health.condition;
    if (record->bay_health.on)
        bay->conditions |= record->bay_health.condition;
    return index;
}

static void apply_device_health(struct view *view, const struct record *record)
{
    assert(record->device_health.device < view->plan->devices_count);
    struct view_device *device = &view->devices[record->device_health.device];

    device->state = record->device_health.state;
    device->since = record->at;
    text_copy(device->reason, sizeof device->reason, record->device_health.reason);
}

uint32_t view_apply(struct view *view, const struct record *record, uint64_t seq)
{
    switch (record->kind) {
    case RECORD_BAY_CHANGED:
        return apply_change(view, record, seq);
    case RECORD_BAY_HEALTH:
        return apply_bay_health(view, record);
    case RECORD_DEVICE_HEALTH:
        apply_device_health(view, record);
        return PLAN_NONE;
    default:
        return PLAN_NONE;
    }
}

void view_restore_bay(struct view *view, uint32_t bay, const struct view_bay *from)
{
    assert(bay < view->plan->bays_count && from->conditions < BAY_CONDITIONS_END);
    move(view, bay, from->state);
    view->bays[bay] = *from;
}

const struct view_bay *view_bay(const struct view *view, uint32_t bay)
{
    assert(bay < view->plan->bays_count);
    return &view->bays[bay];
}

const struct view_device *view_device(const struct view *view, uint32_t device)
{
    assert(device < view->plan->devices_count);
    return &view->devices[device];
}

const struct tally *view_zone(const struct view *view, uint32_t zone)
{
    assert(zone < view->plan->zones_count);
    return &view->zones[zone];
}

const struct tally *view_lot(const struct view *view, uint32_t lot)
{
    assert(lot < view->plan->lots_count);
    return &view->lots[lot];
}

const struct tally *view_lot_class(const struct view *view, uint32_t lot, enum bay_class class)
{
    assert(lot < view->plan->lots_count && class < BAY_CLASSES);
    return &view->classes[lot][class];
}

const struct site_plan *view_plan(const struct view *view)
{
    return view->plan;
}
