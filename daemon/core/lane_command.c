/*
 * The actuation ledger of a lane: the story of each command from asked to passed, each step with
 * its time, "unobservable" where nothing is wired that tells. A command is made once; nothing here
 * ever sends one again. Pure.
 */
#include "daemon/core/lane_inside.h"

#include <string.h>

static int slot(enum lane_action action)
{
    return action == LANE_OPEN || action == LANE_HOLD ? LANE_STORY_OPEN
           : action == LANE_CLOSE                     ? LANE_STORY_CLOSE
                                                      : LANE_STORY_OTHER;
}

static void steps_begin(const struct lane *lane, struct record_outcome *o, enum lane_action action)
{
    bool opens = action == LANE_OPEN || action == LANE_HOLD;
    bool limits = lane_watch_limits(lane) && (opens || action == LANE_CLOSE);

    o->moved = o->limit = limits ? STEP_ABSENT : STEP_UNOBSERVABLE;
    o->passed = opens && !lane_passage_blind(lane) ? STEP_ABSENT : STEP_UNOBSERVABLE;
}

static const struct lane_approach *whose(const struct lane *lane, enum lane_action action,
                                         enum lane_cause cause)
{
    static const struct lane_approach nobody;
    bool decided = action == LANE_OPEN && lane->front.used && lane->front.vehicle.id[0];

    return decided && cause == lane->front.decision.cause ? &lane->front : &nobody;
}

static void opens(struct lane *lane, enum lane_cause cause, const char *command)
{
    lane->openings++;
    if (cause == CAUSE_SAFETY && lane->open_cause != CAUSE_NONE)
        return; /* whoever opened it before answers for it still */
    lane->open_cause = cause;
    text_copy(lane->open_command, sizeof lane->open_command, command);
}

static struct record command_record(const struct lane *lane, const struct lane_story *s,
                                    const struct lane_approach *of, struct now now)
{
    bool persons = !of->vehicle.id[0] && s->cause != CAUSE_SAFETY && s->cause != CAUSE_NONE;
    struct record r = {.kind = RECORD_COMMAND, .at = now.utc};

    r.command.lane = lane->index;
    r.command.action = s->action;
    r.command.cause = s->cause;
    text_copy(r.command.command, sizeof r.command.command, s->outcome.command);
    text_copy(r.command.stay, sizeof r.command.stay, of->decision.stay);
    text_copy(r.command.actor, sizeof r.command.actor,
              persons ? lane->by.actor : of->decision.actor);
    text_copy(r.command.reason, sizeof r.command.reason,
              persons ? lane->by.reason : of->decision.words);
    if (s->action == LANE_HOLD)
        r.command.until = lane->held_until;
    return r;
}

void lane_command_give(struct lane *lane, enum lane_action action, enum lane_cause cause,
                       struct now now)
{
    struct lane_story *s = &lane->stories[slot(action)];
    const struct lane_approach *of = whose(lane, action, cause);
    int64_t travel_ms = lane->is->times.travel;
    bool state_ends_it =
        (action == LANE_OPEN && !lane->held && !lane->evacuating) || action == LANE_CLOSE;

    if (!lane_watch_has_boom(lane))
        return;
    lane_command_end(lane, slot(action), now);
    if (lane_watch_closed(lane)) { /* what moved is counted, but for the last, which may be late */
        lane->own_late = lane->own_moves > 0 && !lane->own_late;
        lane->own_moves = lane->own_late;
    }
    lane->own_moves += slot(action) != LANE_STORY_OTHER;
    *s = (struct lane_story){.action = action, .cause = cause, .running = true};
    s->outcome.lane = lane->index;
    ident_next(lane->ident, now.utc, s->outcome.command);
    steps_begin(lane, &s->outcome, action);
    text_copy(s->vehicle, sizeof s->vehicle, of->vehicle.id);
    s->until = mono_after(now.mono, of->vehicle.id[0] ? lane->is->times.decision : 2 * travel_ms);
    s->ends = state_ends_it ? MONO_NEVER : mono_after(now.mono, 2 * travel_ms);
    if (slot(action) == LANE_STORY_OPEN)
        opens(lane, cause, s->outcome.command);

    struct record r = command_record(lane, s, of, now);
    struct lane_order order = {.action = action, .until = s->until};
    text_copy(order.command, sizeof order.command, s->outcome.command);
    text_copy(order.vehicle, sizeof order.vehicle, s->vehicle);
    lane->hooks.records.put(lane->hooks.records.arg, &r);
    lane->hooks.send(lane->hooks.arg, lane->index, &order);
}

/* It will not move the boom. */
static void never_moves(struct lane *lane, const struct lane_story *s)
{
    if (s != &lane->stories[LANE_STORY_OTHER] && lane->own_moves > 0)
        lane->own_moves--;
}

static void tell_outcome(struct lane *lane, struct lane_story *s, enum command_result result,
                         const char *trouble, struct now now)
{
    struct record r = {.kind = RECORD_OUTCOME, .at = now.utc, .outcome = s->outcome};

    r.outcome.result = result;
    text_copy(r.outcome.trouble, sizeof r.outcome.trouble, trouble);
    s->running = false;
    if (result == RESULT_CANCELLED || result == RESULT_REFUSED)
        never_moves(lane, s);
    lane->hooks.records.put(lane->hooks.records.arg, &r);
}

static bool came(utc_ms step)
{
    return step.ms > 0;
}

/* As far as it is known now. */
void lane_command_end(struct lane *lane, int story, struct now now)
{
    struct lane_story *s = &lane->stories[story];
    const struct record_outcome *o = &s->outcome;

    if (!s->running)
        return;
    if (came(o->limit) || came(o->passed))
        tell_outcome(lane, s, RESULT_DONE, "", now);
    else if (!came(o->sent) && !s->unknown)
        tell_outcome(lane, s, RESULT_CANCELLED, "not written", now);
    else if (s->unknown || !came(o->accepted))
        tell_outcome(lane, s, RESULT_UNKNOWN, "no reply", now);
    else if (o->limit.ms == STEP_ABSENT.ms)
        tell_outcome(lane, s, RESULT_FAILED, "limit not reached", now);
    else
        tell_outcome(lane, s, RESULT_DONE, "", now);
}

void lane_command_end_all(struct lane *lane, struct now now)
{
    for (int i = 0; i < LANE_STORIES; i++)
        lane_command_end(lane, i, now);
}

const struct lane_story *lane_command_find(const struct lane *lane, const char *command)
{
    for (int i = 0; i < LANE_STORIES; i++)
        if (lane->stories[i].running && !strcmp(lane->stories[i].outcome.command, command))
            return &lane->stories[i];
    return NULL;
}

bool lane_command_sent(const struct lane *lane, int story)
{
    const struct lane_story *s = &lane->stories[story];

    return s->running && (came(s->outcome.sent) || s->unknown);
}

/* A story that no state of the boom waits for ends with its answer. */
static void answered(struct lane *lane, struct lane_story *s, struct now now)
{
    int index = (int)(s - lane->stories);

    if (index == LANE_STORY_OTHER)
        lane_command_end(lane, index, now);
}

void lane_command_told(struct lane *lane, const char *command, enum boom_progress progress,
                       utc_ms at, struct now now)
{
    struct lane_story *s = (struct lane_story *)lane_command_find(lane, command);
    bool moves = s && s != &lane->stories[LANE_STORY_OTHER];

    if (!s)
        return;
    switch (progress) {
    case BOOM_TOLD_SENT:
        s->outcome.sent = at;
        break;
    case BOOM_TOLD_ACCEPTED:
        if (!came(s->outcome.sent))
            s->outcome.sent = at;
        s->outcome.accepted = at;
        answered(lane, s, now);
        break;
    case BOOM_TOLD_UNKNOWN:
        s->unknown = true;
        answered(lane, s, now);
        break;
    case BOOM_TOLD_REFUSED:
        tell_outcome(lane, s, RESULT_REFUSED, "refused", now);
        if (moves)
            lane_step_fire(lane, LANE_REFUSED, now);
        break;
    case BOOM_TOLD_NOTHING:
        tell_outcome(lane, s, RESULT_CANCELLED, "not written", now);
        if (moves)
            lane_step_fire(lane, LANE_UNSENT, now);
        break;
    }
}

/* Off its lower (upper) end: seen as a state, or by both switches that say it is at neither. */
static bool has_left(const struct boom *boom, enum boom_state from)
{
    const unsigned limits = BOOM_LIMIT_OPEN | BOOM_LIMIT_CLOSED;

    if (boom->quality == BOOM_OBSERVED)
        return boom->state != from;
    return boom->quality != BOOM_STALE && (boom->wired & limits) == limits &&
           !(boom->inputs & limits);
}

/* The state decides where the reply was lost (rule 8). */
void lane_command_boom(struct lane *lane, struct now now)
{
    static const enum boom_state wanted[] = {
        [LANE_STORY_OPEN] = BOOM_OPEN, [LANE_STORY_CLOSE] = BOOM_CLOSED};
    static const enum boom_state from[] = {
        [LANE_STORY_OPEN] = BOOM_CLOSED, [LANE_STORY_CLOSE] = BOOM_OPEN};
    const struct boom *boom = &lane->barrier;
    bool observed = boom->quality == BOOM_OBSERVED;

    if (!lane_watch_limits(lane))
        return;
    for (int i = LANE_STORY_OPEN; i <= LANE_STORY_CLOSE; i++) {
        struct record_outcome *o = &lane->stories[i].outcome;
        if (!lane->stories[i].running || !lane_command_sent(lane, i))
            continue;
        if (o->moved.ms == STEP_ABSENT.ms && has_left(boom, from[i]))
            o->moved = now.utc;
        if (o->limit.ms == STEP_ABSENT.ms && observed && boom->state == wanted[i])
            o->limit = now.utc;
    }
}

void lane_command_passed(struct lane *lane, utc_ms at, struct now now)
{
    struct lane_story *s = &lane->stories[LANE_STORY_OPEN];
    int64_t late_ms = lane->is->times.travel * 2;

    if (!s->running || came(s->outcome.passed))
        return;
    /* It drove through a boom that was never seen to open: the limit switches lie. */
    if (s->outcome.limit.ms == STEP_ABSENT.ms && came(s->outcome.sent) &&
        now.utc.ms - s->outcome.sent.ms > late_ms)
        lane->limits_suspect = true;
    if (lane_command_sent(lane, LANE_STORY_OPEN))
        s->outcome.passed = at;
}

void lane_command_time(struct lane *lane, struct now now)
{
    for (int i = 0; i < LANE_STORIES; i++)
        if (lane->stories[i].running && mono_reached(now.mono, lane->stories[i].ends))
            lane_command_end(lane, i, now);
}

mono_ms lane_command_next(const struct lane *lane)
{
    mono_ms next = MONO_NEVER;

    for (int i = 0; i < LANE_STORIES; i++)
        if (lane->stories[i].running)
            next = mono_earlier(next, lane->stories[i].ends);
    return next;
}
