/*
 * Runs the tables of a lane: the first row that fits an event, for the vehicle in front and for the
 * boom. Pure.
 */
#include "daemon/core/lane_inside.h"

enum { PAUSE_MS = 500, AGAIN_MS = 5000 };

bool lane_step_in(const struct lane *lane, uint32_t states)
{
    return states >> lane->state & 1;
}

static mono_ms ends(const struct lane *lane, struct now now)
{
    const struct lane_times *t = &lane->is->times;
    int64_t travel_ms = lane_watch_limits(lane) ? t->travel * 3 / 2 : t->travel;
    uint32_t evacuations =
        lane->retries < LANE_EVACUATION_TRIES ? lane->retries : LANE_EVACUATION_TRIES;
    const int64_t lasts_ms[LANE_STATES] = {
        [LANE_OPENING] = travel_ms,
        [LANE_CLOSING] = travel_ms,
        [LANE_OPEN_WAIT] = t->no_pass,
        [LANE_PASSING] = t->stuck,
        [LANE_TAILGATE] = t->stuck,
        [LANE_LOOP_SUSPECT] = t->stuck,
        [LANE_PASSED] = PAUSE_MS,
        [LANE_BACKOUT] = PAUSE_MS,
        [LANE_WRONG_WAY] = PAUSE_MS,
        [LANE_RESYNC] = PAUSE_MS,
        [LANE_EVACUATE] = AGAIN_MS << evacuations,
    };
    int64_t lasts = lasts_ms[lane->state];

    return lasts ? mono_after(now.mono, lasts) : MONO_NEVER;
}

static const struct lane_row *fitting(const struct lane *lane, const struct lane_rows *table,
                                      enum lane_state state, enum lane_event event, struct now now)
{
    for (uint32_t i = 0; i < table->count; i++) {
        const struct lane_row *row = &table->rows[i];
        if (row->event == event && (row->from >> state & 1) &&
            (!row->guard || row->guard(lane, now)))
            return row;
    }
    return NULL;
}

static void step_vehicle(struct lane *lane, enum lane_event event, struct now now)
{
    enum lane_state phase = lane->front.vehicle.id[0] ? lane->front.phase : LANE_IDLE;
    const struct lane_row *row = fitting(lane, &lane_table_vehicle, phase, event, now);

    if (!row)
        return;
    if (row->next != LANE_STATES)
        lane->front.phase = row->next;
    if (row->action)
        row->action(lane, now);
}

static void step_boom(struct lane *lane, enum lane_event event, struct now now)
{
    const struct lane_row *row = fitting(lane, &lane_table_boom, lane->state, event, now);

    if (!row)
        return;
    if (row->next != LANE_STATES && row->next != lane->state) {
        lane->state = row->next;
        lane->since = now.utc;
    }
    if (row->next != LANE_STATES || event == LANE_TIME)
        lane->ends = row->next == LANE_STATES ? mono_after(now.mono, PAUSE_MS) : ends(lane, now);
    if (row->action)
        row->action(lane, now);
}

void lane_step_fire(struct lane *lane, enum lane_event event, struct now now)
{
    step_vehicle(lane, event, now);
    step_boom(lane, event, now);
}

/* The boom's own time; and a vehicle that may pass asks again while it may. */
void lane_step_time(struct lane *lane, struct now now)
{
    if (lane->held && mono_reached(now.mono, lane->held_ends))
        lane_step_fire(lane, LANE_LETS_GO, now);
    if (mono_reached(now.mono, lane->ends)) {
        lane->ends = MONO_NEVER;
        step_boom(lane, LANE_TIME, now);
    }
    if (mono_reached(now.mono, lane->asks_again)) {
        lane->asks_again = mono_after(now.mono, PAUSE_MS);
        step_boom(lane, LANE_ALLOWS, now);
    }
    if (!lane_vehicle_allowed(lane, now))
        lane->asks_again = MONO_NEVER;
    else if (lane->asks_again.ms == MONO_NEVER.ms)
        lane->asks_again = mono_after(now.mono, PAUSE_MS);
}
