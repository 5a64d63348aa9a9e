/* What a durable record changes, told to those who follow it: the view first, then uplinks and
 * pages by bay, lot, lane and device. */
#include "daemon/gateway_inside.h"

static void tell_bay(struct gateway *g, uint32_t bay)
{
    for (uint32_t u = 0; u < g->uplinks_count; u++)
        uplink_bay_changed(g->uplinks[u], bay);
    if (g->serve)
        serve_bay_changed(g->serve, bay);
}

static void tell_lot(struct gateway *g, uint32_t lot)
{
    for (uint32_t u = 0; u < g->uplinks_count; u++)
        uplink_lot_changed(g->uplinks[u], lot);
    if (g->serve)
        serve_lot_changed(g->serve, lot);
}

static void tell_passage(struct gateway *g, const struct record *record)
{
    const struct lane_plan *lane = &g->config->plan.lanes[record->passage.lane];

    tell_lot(g, lane->lot);
    if (lane->outer != PLAN_NONE)
        tell_lot(g, lane->outer);
}

/* The lane that a record is about, or PLAN_NONE. */
static uint32_t lane_of(const struct record *record)
{
    switch (record->kind) {
    case RECORD_PLATE_READ:
        return record->plate_read.lane;
    case RECORD_DECISION:
        return record->decision.lane;
    case RECORD_COMMAND:
        return record->command.lane;
    case RECORD_OUTCOME:
        return record->outcome.lane;
    case RECORD_PASSAGE:
        return record->passage.lane;
    case RECORD_LANE:
        return record->lane.lane;
    case RECORD_OPENING:
        return record->opening.lane;
    default:
        return PLAN_NONE;
    }
}

void gateway_tell(struct gateway *g, const struct record *record, uint64_t seq)
{
    uint32_t bay = view_apply(g->view, record, seq), lane = lane_of(record);

    if (bay != PLAN_NONE)
        tell_bay(g, bay);
    if (record->kind == RECORD_PASSAGE)
        tell_passage(g, record);
    if (record->kind == RECORD_OCCUPANCY)
        tell_lot(g, record->occupancy.lot);
    if (lane != PLAN_NONE && g->serve)
        serve_lane_changed(g->serve, lane);
    if (record->kind == RECORD_DEVICE_HEALTH && g->serve)
        serve_device_changed(g->serve, record->device_health.device);
}
