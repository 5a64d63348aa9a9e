/*
 * A lane's past as its records tell it, and what a start makes of it: holds and evacuations go on,
 * commands without an outcome end as unknown, nothing is sent. Pure.
 */
#include "daemon/core/lane_inside.h"

#include <string.h>

static void begun(struct lane_past *past, const struct record_command *command)
{
    bool moves = command->action != LANE_RELEASE && command->action != LANE_STOP;

    for (int i = 0; i < LANE_STORIES; i++) {
        if (past->unfinished[i][0])
            continue;
        text_copy(past->unfinished[i], IDENT_SIZE, command->command);
        past->moves[i] = moves;
        break;
    }
    past->own_moves += moves;
    if (command->action != LANE_OPEN && command->action != LANE_HOLD)
        return;
    text_copy(past->opened, sizeof past->opened, command->command);
    past->opened_cause = command->cause;
}

static void ended(struct lane_past *past, const struct record_outcome *outcome)
{
    bool never = outcome->result == RESULT_CANCELLED || outcome->result == RESULT_REFUSED;

    for (int i = 0; i < LANE_STORIES; i++) {
        if (strcmp(past->unfinished[i], outcome->command) != 0)
            continue;
        past->unfinished[i][0] = '\0';
        if (never && past->moves[i] && past->own_moves > 0)
            past->own_moves--;
    }
    if (!strcmp(past->opened, outcome->command))
        past->opened[0] = '\0';
}

/* A hold, an evacuation or silence hides that a person took it out of service. */
static void mode(struct lane_past *past, const struct record_lane *lane)
{
    past->mode = lane->mode;
    past->until = lane->until;
    text_copy(past->reason, sizeof past->reason, lane->reason);
    text_copy(past->actor, sizeof past->actor, lane->actor);
    if (lane->mode == LANE_IN_SERVICE || lane->mode == LANE_DEGRADED)
        past->out_of_service = false;
    if (lane->mode != LANE_OUT_OF_SERVICE)
        return;
    past->out_of_service = lane->actor[0];
    text_copy(past->out_reason, sizeof past->out_reason, lane->reason);
    text_copy(past->out_actor, sizeof past->out_actor, lane->actor);
}

void lane_past_apply(struct lane_past *past, uint32_t lane, const struct record *record)
{
    switch (record->kind) {
    case RECORD_COMMAND:
        if (record->command.lane == lane)
            begun(past, &record->command);
        break;
    case RECORD_OUTCOME:
        if (record->outcome.lane == lane)
            ended(past, &record->outcome);
        break;
    case RECORD_LANE:
        if (record->lane.lane == lane)
            mode(past, &record->lane);
        break;
    case RECORD_OPENING:
        if (record->opening.lane != lane)
            break;
        past->operations = record->opening.counter;
        past->has_operations = true;
        past->own_moves = 0;
        break;
    default:
        break;
    }
}

static void end_unfinished(struct lane *lane, const char *command, struct now now)
{
    struct record r = {.kind = RECORD_OUTCOME, .at = now.utc};

    r.outcome.lane = lane->index;
    r.outcome.result = RESULT_UNKNOWN;
    text_copy(r.outcome.command, sizeof r.outcome.command, command);
    text_copy(r.outcome.trouble, sizeof r.outcome.trouble, "restart");
    lane->hooks.records.put(lane->hooks.records.arg, &r);
    lane->forward_hint = true;
}

static void go_on(struct lane *lane, enum lane_state state, struct now now)
{
    lane->state = state;
    lane->since = now.utc;
    lane->ends = state == LANE_EVACUATE ? now.mono : MONO_NEVER;
}

void lane_restore(struct lane *lane, const struct lane_past *past, struct now now)
{
    lane->started = now.mono;
    lane->since = now.utc;
    lane->ends = now.mono;
    for (int i = 0; i < LANE_STORIES; i++)
        if (past->unfinished[i][0])
            end_unfinished(lane, past->unfinished[i], now);
    if (past->opened[0]) { /* the boom may come up for it yet, or is up */
        text_copy(lane->past_open, sizeof lane->past_open, past->opened);
        lane->past_cause = past->opened_cause;
        lane->past_until = mono_after(now.mono, 2 * lane->is->times.travel);
    }
    lane->told_mode = past->mode;
    lane->told_until = past->until;
    lane->operations = past->operations;
    lane->has_operations = past->has_operations;
    lane->own_moves = past->own_moves;
    text_copy(lane->by.reason, sizeof lane->by.reason, past->reason);
    text_copy(lane->by.actor, sizeof lane->by.actor, past->actor);
    text_copy(lane->out_by.reason, sizeof lane->out_by.reason, past->out_reason);
    text_copy(lane->out_by.actor, sizeof lane->out_by.actor, past->out_actor);
    lane->out_of_service = lane->told_out = past->out_of_service;
    lane->evacuating = past->mode == LANE_EVACUATING;
    lane->held = past->mode == LANE_HELD_OPEN && past->until.ms > now.utc.ms;
    lane->held_until = past->until;
    lane->held_ends = mono_after(now.mono, past->until.ms - now.utc.ms);
    lane->held_by = lane->by;
    if (lane->evacuating)
        go_on(lane, LANE_EVACUATE, now);
    else if (lane->held)
        go_on(lane, LANE_HELD, now);
}
