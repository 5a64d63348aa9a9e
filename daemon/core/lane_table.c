/*
 * The transition tables of a lane: state, event, guard, next state, action (notes of the
 * field, 3.2; the names of the states are theirs). A row without a next state stays where it is.
 * What is counted does not stand here: lane_passage.c counts in every state. Constant.
 */
/* long: the two tables with their guards and actions are read as one page */
#include "daemon/core/lane_inside.h"

#define ROWS(rows) (rows), sizeof(rows) / sizeof((rows)[0])
#define IN(state) LANE_BIT(state)
#define STAYS LANE_STATES

enum { RETRIES = 1 };

/* Guards. */

static bool blind(const struct lane *lane, struct now now)
{
    (void)now;
    return lane_passage_blind(lane);
}

static bool blind_and_used(const struct lane *lane, struct now now)
{
    return blind(lane, now) && lane->front.used && !lane->turned;
}

static bool no_boom(const struct lane *lane, struct now now)
{
    (void)now;
    return !lane_watch_has_boom(lane);
}

/* The camera opens and the barrier closes by itself, or there is none. */
static bool no_close(const struct lane *lane, struct now now)
{
    (void)now;
    return !(lane->is->wiring & LANE_HAS_BARRIER);
}

static bool no_limits(const struct lane *lane, struct now now)
{
    (void)now;
    return !lane_watch_limits(lane);
}

static bool closed(const struct lane *lane, struct now now)
{
    (void)now;
    return lane_watch_closed(lane);
}

/* Told so often that the limit switch lies, or the boom does not move: a person must. */
static bool closed_yet(const struct lane *lane, struct now now)
{
    return closed(lane, now) && lane->retries < LANE_EVACUATION_TRIES;
}

static bool open(const struct lane *lane, struct now now)
{
    (void)now;
    return lane_watch_open(lane);
}

/* Nothing at all on the closing loop, believed or not (rule 5). */
static bool may_close(const struct lane *lane, struct now now)
{
    return !no_close(lane, now) && !lane_loops_under(lane);
}

static bool closed_and_unsent(const struct lane *lane, struct now now)
{
    return closed(lane, now) && !lane_command_sent(lane, LANE_STORY_OPEN);
}

static bool opposite_lets(const struct lane *lane)
{
    return !lane->hooks.may_open || lane->hooks.may_open(lane->hooks.arg, lane->index);
}

static bool allowed(const struct lane *lane, struct now now)
{
    return lane_vehicle_allowed(lane, now);
}

static bool may_open(const struct lane *lane, struct now now)
{
    return allowed(lane, now) && opposite_lets(lane);
}

/* The state was read back: the boom did not move, and its vehicle is still there. */
static bool may_retry(const struct lane *lane, struct now now)
{
    bool wanted = lane->front.used ? lane->front.vehicle.present : lane->permits > 0;

    return closed(lane, now) && wanted && lane->retries < RETRIES;
}

static bool settled(const struct lane *lane, struct now now)
{
    return mono_reached(now.mono, mono_after(lane->started, lane->is->times.settle));
}

static bool unsettled(const struct lane *lane, struct now now)
{
    return !settled(lane, now);
}

static bool settled_clear(const struct lane *lane, struct now now)
{
    bool clear = lane->clear_since.ms != MONO_NEVER.ms &&
                 mono_reached(now.mono, mono_after(lane->clear_since, lane->is->times.settle));

    return settled(lane, now) && clear && may_close(lane, now) &&
           lane_loops_believed(lane, LANE_ON_CLOSING);
}

static bool settled_allowed(const struct lane *lane, struct now now)
{
    return settled(lane, now) && may_open(lane, now);
}

static bool settled_no_close(const struct lane *lane, struct now now)
{
    return settled(lane, now) && no_close(lane, now);
}

/* Nothing tells whether it is up, and nothing under it: it works as far as it can. */
static bool settled_unknown(const struct lane *lane, struct now now)
{
    return settled(lane, now) && no_limits(lane, now) &&
           !lane_loops_believed(lane, LANE_ON_CLOSING);
}

/* A vehicle came onto the closing loop as one that drives the lane's way does. */
static bool expected(const struct lane *lane, struct now now)
{
    (void)now;
    return lane->began != LANE_FAR;
}

static bool was_up(const struct lane *lane, struct now now)
{
    (void)now;
    return lane->was_up;
}

static bool held(const struct lane *lane, struct now now)
{
    (void)now;
    return lane->held;
}

static bool under_allowed(const struct lane *lane, struct now now)
{
    (void)now;
    return lane->under.phase == LANE_OPENING || lane->permits > 0;
}

static bool stays_in_mind(const struct lane *lane, struct now now)
{
    (void)now;
    return lane->front.used ||
           (lane_passage_up(lane) && !lane_loops_believed(lane, LANE_ON_CLOSING));
}

/* Actions. */

static void ask(struct lane *lane, struct now now)
{
    lane_vehicle_ask(lane, now);
}

static void forget(struct lane *lane, struct now now)
{
    (void)now;
    lane_vehicle_forget(lane, false);
}

static void use(struct lane *lane, struct now now)
{
    (void)now;
    lane->front.used = true;
    if (lane->open_cause == CAUSE_NONE)
        lane->open_cause = lane->front.decision.cause;
}

static void open_for_it(struct lane *lane, struct now now)
{
    lane->front.used = true;
    lane->retries = 0;
    lane_command_give(lane, LANE_OPEN, lane->front.decision.cause, now);
}

static void open_again(struct lane *lane, struct now now)
{
    lane->retries++;
    lane_command_give(lane, LANE_OPEN, lane->open_cause, now);
}

static void open_forced(struct lane *lane, struct now now)
{
    lane->retries = 0;
    lane->permits = 1;
    lane_command_give(lane, LANE_OPEN, lane->by.cause, now);
}

static void permit(struct lane *lane, struct now now)
{
    (void)now;
    lane->permits++;
    lane->open_cause = lane->by.cause;
}

static void open_for_safety(struct lane *lane, struct now now)
{
    lane_command_end(lane, LANE_STORY_CLOSE, now);
    lane_command_give(lane, LANE_OPEN, CAUSE_SAFETY, now);
}

static void hold(struct lane *lane, struct now now)
{
    lane_command_end_all(lane, now);
    lane_command_give(lane, LANE_HOLD, CAUSE_HELD, now);
}

static void evacuate(struct lane *lane, struct now now)
{
    lane->held = false;
    lane->evacuating = true;
    lane->retries = 0;
    lane_command_end_all(lane, now);
    lane_command_give(lane, LANE_OPEN, CAUSE_EVACUATION, now);
}

static void evacuate_again(struct lane *lane, struct now now)
{
    lane->retries++;
    lane_command_end_all(lane, now);
    lane_command_give(lane, LANE_OPEN, CAUSE_EVACUATION, now);
}

/* Only the vehicle's own decision ends with the opening; why it is up stays known until it is down.
 */
static void close(struct lane *lane, struct now now)
{
    lane_command_end(lane, LANE_STORY_OPEN, now);
    lane_command_give(lane, LANE_CLOSE, lane->open_cause, now);
}

/* While nothing can be told to the barrier. */
static void lease_ends(struct lane *lane, struct now now)
{
    (void)now;
    lane->held = false;
}

static void let_go(struct lane *lane, struct now now)
{
    lane->held = false;
    lane_command_give(lane, LANE_RELEASE, CAUSE_HELD, now);
}

static void let_go_and_close(struct lane *lane, struct now now)
{
    let_go(lane, now);
    close(lane, now);
}

/* Down: whatever was allowed is used up. Who is still there is asked about anew. */
static void down(struct lane *lane, struct now now)
{
    const struct lane_approach *f = &lane->front;

    if (f->used && !f->vehicle.present && f->left_up && !lane_loops_believed(lane, LANE_ON_CLOSING))
        lane_passage_left(lane, now); /* before the boom was */
    lane_command_end(lane, LANE_STORY_OPEN, now);
    lane_command_end(lane, LANE_STORY_CLOSE, now);
    lane->open_cause = CAUSE_NONE;
    lane->open_command[0] = '\0';
    lane->permits = 0;
    if (!lane->front.vehicle.id[0] || !lane->front.used)
        return;
    if (!lane->front.vehicle.present || !lane_loops_believed(lane, LANE_ON_PRESENCE)) {
        lane_vehicle_forget(lane, false); /* gone, or nothing tells that it is not */
        return;
    }
    lane->front.phase = LANE_DECIDE;
    lane_vehicle_ask(lane, now);
}

static void through_unseen(struct lane *lane, struct now now)
{
    lane_passage_of_front(lane, now);
}

static void through_and_down(struct lane *lane, struct now now)
{
    if (lane->front.used && !lane->turned)
        lane_passage_of_front(lane, now);
    down(lane, now);
}

static void look(struct lane *lane, struct now now)
{
    (void)now;
    lane->hooks.trigger(lane->hooks.arg, lane->index);
}

static void lose(struct lane *lane, struct now now)
{
    lane_command_end_all(lane, now);
    lane->open_cause = CAUSE_NONE;
    lane->open_command[0] = '\0';
    lane->permits = 0;
    lane->under = (struct lane_approach){.phase = LANE_IDLE};
    if (lane->front.vehicle.id[0])
        lane_vehicle_forget(lane, false);
}

static void resync(struct lane *lane, struct now now)
{
    lane_command_end_all(lane, now);
    lane->started = now.mono;
}

static void turn_back(struct lane *lane, struct now now)
{
    (void)now;
    if (!lane_loops_believed(lane, LANE_ON_PRESENCE) && lane->front.vehicle.id[0])
        lane_vehicle_forget(lane, false);
}

/* The vehicle in front. OPENING: it may pass. */
#define ANYONE                                                                                 \
    (IN(PRESENT) | IN(NO_PLATE) | IN(DECIDE) | IN(DENIED) | IN(WAIT_PAY) | IN(WAIT_OPERATOR) | \
     IN(OPENING))
#define UNDECIDED (ANYONE & ~IN(OPENING))

static const struct lane_row vehicle_rows[] = {
    {IN(IDLE), LANE_ARRIVES, NULL, LANE_PRESENT, lane_vehicle_arrive},
    {IN(PRESENT) | IN(NO_PLATE) | IN(DECIDE), LANE_READS, NULL, LANE_DECIDE, ask},
    {IN(DENIED) | IN(WAIT_OPERATOR), LANE_READS, NULL, LANE_DECIDE, ask},
    {IN(PRESENT), LANE_TIME, NULL, LANE_NO_PLATE, ask},
    {UNDECIDED, LANE_ALLOWS, NULL, LANE_OPENING, NULL},
    {ANYONE, LANE_DENIES, NULL, LANE_DENIED, NULL},
    {ANYONE, LANE_ASKS, NULL, LANE_WAIT_OPERATOR, NULL},
    {ANYONE, LANE_WANTS_PAY, NULL, LANE_WAIT_PAY, NULL},
    {ANYONE, LANE_LEAVES, stays_in_mind, STAYS, NULL},
    {ANYONE, LANE_LEAVES, NULL, STAYS, forget},
    {ANYONE, LANE_GONE, NULL, STAYS, forget},
    {ANYONE, LANE_TURNED, NULL, STAYS, turn_back},
};

#define ALL ((UINT32_C(1) << LANE_STATES) - 1)
#define NOT_EVACUATE (ALL & ~IN(EVACUATE))
#define ANSWERS (NOT_EVACUATE & ~IN(COMMS_LOST) & ~IN(FAULT))
#define UP (IN(OPENING) | IN(OPEN_WAIT))
#define STOOD (IN(PASSED) | IN(BACKOUT) | IN(WRONG_WAY))

static const struct lane_row boom_rows[] = {
    /* whatever it does */
    {NOT_EVACUATE, LANE_FIRE, NULL, LANE_EVACUATE, evacuate},
    {NOT_EVACUATE, LANE_LOST, NULL, LANE_COMMS_LOST, lose},
    {ANSWERS, LANE_TROUBLE, NULL, LANE_FAULT, lane_command_end_all},
    {IN(HELD), LANE_HOLDS, NULL, STAYS, NULL},
    {ANSWERS, LANE_HOLDS, NULL, LANE_HELD, hold},

    {IN(IDLE), LANE_ALLOWS, no_boom, LANE_OPEN_WAIT, use},
    {IN(IDLE) | IN(LOOP_SUSPECT), LANE_ALLOWS, may_open, LANE_OPENING, open_for_it},
    {IN(IDLE) | IN(LOOP_SUSPECT), LANE_FORCES, NULL, LANE_OPENING, open_forced},
    {IN(IDLE), LANE_UNDER, expected, LANE_PASSING, NULL},
    {IN(IDLE), LANE_UNDER, NULL, LANE_LOOP_SUSPECT, look},
    {IN(IDLE) | IN(LOOP_SUSPECT), LANE_UP, NULL, LANE_OPEN_WAIT, lane_watch_opened},
    {IN(LOOP_SUSPECT), LANE_WENT, NULL, LANE_PASSED, NULL},
    {IN(LOOP_SUSPECT), LANE_BACKED, NULL, LANE_IDLE, NULL},
    {IN(LOOP_SUSPECT), LANE_TIME, NULL, LANE_IDLE, lane_passage_distrust},

    {IN(OPENING), LANE_UP, NULL, LANE_OPEN_WAIT, NULL},
    {IN(OPENING), LANE_TIME, open, LANE_OPEN_WAIT, NULL},
    {IN(OPENING), LANE_TIME, no_limits, LANE_OPEN_WAIT, NULL},
    {IN(OPENING), LANE_TIME, may_retry, LANE_OPENING, open_again},
    {IN(OPENING), LANE_TIME, NULL, LANE_OPEN_FAIL, lane_command_end_all},
    {IN(OPENING), LANE_UNSENT, may_retry, LANE_OPENING, open_again},
    {IN(OPENING), LANE_UNSENT, NULL, LANE_BACKOUT, NULL},
    {IN(OPENING), LANE_REFUSED, NULL, LANE_OPEN_FAIL, NULL},

    {IN(OPEN_WAIT), LANE_ALLOWS, allowed, LANE_OPEN_WAIT, use},
    {IN(OPEN_WAIT) | IN(PASSING) | IN(TAILGATE), LANE_FORCES, NULL, STAYS, permit},
    {IN(OPEN_WAIT), LANE_DOWN, blind, LANE_IDLE, through_and_down},
    {IN(OPEN_WAIT), LANE_DOWN, may_retry, LANE_OPENING, open_again},
    {IN(OPEN_WAIT), LANE_DOWN, NULL, LANE_IDLE, down},
    {IN(OPEN_WAIT), LANE_TIME, blind_and_used, LANE_PASSED, through_unseen},
    {IN(OPEN_WAIT), LANE_TIME, no_close, LANE_IDLE, down},
    {IN(OPEN_WAIT), LANE_TIME, may_close, LANE_CLOSING, close},
    {IN(OPEN_WAIT), LANE_TIME, NULL, STAYS, NULL},

    {UP, LANE_UNDER, NULL, LANE_PASSING, NULL},
    {UP, LANE_GONE, NULL, LANE_BACKOUT, NULL},
    {UP, LANE_TURNED, NULL, LANE_BACKOUT, NULL},
    {UP | IN(PASSING) | IN(TAILGATE), LANE_WENT, NULL, LANE_PASSED, NULL},
    {IN(PASSING), LANE_BACKED, closed, LANE_IDLE, NULL},
    {IN(PASSING), LANE_BACKED, NULL, LANE_OPEN_WAIT, NULL},
    {IN(TAILGATE), LANE_BACKED, NULL, LANE_PASSED, NULL},
    {IN(PASSING) | IN(TAILGATE), LANE_TIME, NULL, LANE_STUCK_UNDER, NULL},
    {UP | IN(PASSING) | IN(TAILGATE) | IN(LOOP_SUSPECT) | IN(STUCK_UNDER), LANE_AGAINST, NULL,
     LANE_WRONG_WAY, NULL},

    {IN(PASSED), LANE_UNDER, under_allowed, LANE_PASSING, NULL},
    {IN(PASSED), LANE_UNDER, NULL, LANE_TAILGATE, NULL},
    {IN(BACKOUT) | IN(WRONG_WAY), LANE_UNDER, NULL, LANE_PASSING, NULL},
    {IN(PASSED), LANE_TIME, allowed, LANE_OPEN_WAIT, use},
    {STOOD, LANE_FORCES, NULL, LANE_OPENING, open_forced},
    {STOOD, LANE_WENT, NULL, LANE_PASSED, NULL},
    {STOOD, LANE_TIME, closed_and_unsent, LANE_IDLE, down},
    {STOOD, LANE_TIME, no_close, LANE_IDLE, down},
    {STOOD, LANE_TIME, may_close, LANE_CLOSING, close},
    {STOOD, LANE_TIME, NULL, STAYS, NULL},

    {IN(CLOSING), LANE_DOWN, NULL, LANE_IDLE, down},
    {IN(CLOSING), LANE_TIME, closed, LANE_IDLE, down},
    {IN(CLOSING), LANE_TIME, no_limits, LANE_IDLE, down},
    {IN(CLOSING), LANE_TIME, NULL, LANE_CLOSE_FAIL, lane_command_end_all},
    {IN(CLOSING), LANE_UNDER, NULL, LANE_PASSING, open_for_safety},
    {IN(CLOSING), LANE_ALLOWS, may_open, LANE_OPENING, open_for_it},
    {IN(CLOSING), LANE_FORCES, NULL, LANE_OPENING, open_forced},
    {IN(CLOSING), LANE_REFUSED, NULL, LANE_CLOSE_FAIL, NULL},
    {IN(CLOSING), LANE_UNSENT, NULL, LANE_PASSED, NULL},
    {IN(IDLE) | UP | STOOD | IN(RESYNC) | IN(CLOSE_FAIL) | IN(STUCK_UNDER) | IN(LOOP_SUSPECT),
     LANE_SHUTS, may_close, LANE_CLOSING, close},

    {IN(STUCK_UNDER), LANE_WENT, NULL, LANE_PASSED, NULL},
    {IN(STUCK_UNDER), LANE_BACKED, NULL, LANE_OPEN_WAIT, NULL},
    {IN(STUCK_UNDER), LANE_RESETS, NULL, LANE_RESYNC, resync},
    {IN(OPEN_FAIL), LANE_UP, NULL, LANE_OPEN_WAIT, NULL},
    {IN(OPEN_FAIL), LANE_UNDER, expected, LANE_PASSING, NULL},
    {IN(OPEN_FAIL) | IN(CLOSE_FAIL), LANE_FORCES, NULL, LANE_OPENING, open_forced},
    {IN(CLOSE_FAIL), LANE_DOWN, NULL, LANE_IDLE, down},
    {IN(OPEN_FAIL) | IN(CLOSE_FAIL) | IN(FAULT), LANE_RESETS, NULL, LANE_RESYNC, resync},
    {IN(FAULT), LANE_WELL, held, LANE_HELD, NULL},
    {IN(FAULT), LANE_WELL, NULL, LANE_RESYNC, resync},

    {IN(HELD), LANE_LETS_GO, no_close, LANE_IDLE, let_go},
    {IN(HELD), LANE_LETS_GO, unsettled, LANE_RESYNC, let_go},
    {IN(HELD), LANE_LETS_GO, may_close, LANE_CLOSING, let_go_and_close},
    {IN(HELD), LANE_LETS_GO, NULL, LANE_PASSING, let_go},
    {ALL & ~IN(HELD), LANE_LETS_GO, NULL, STAYS, lease_ends},
    {IN(HELD), LANE_DOWN, was_up, STAYS, hold},
    {IN(EVACUATE), LANE_FIRE, NULL, LANE_EVACUATE, evacuate},
    {IN(EVACUATE), LANE_DOWN, was_up, LANE_EVACUATE, evacuate},
    {IN(EVACUATE), LANE_TIME, closed_yet, LANE_EVACUATE, evacuate_again},
    {IN(EVACUATE), LANE_TIME, NULL, LANE_EVACUATE, NULL},
    {IN(EVACUATE), LANE_FIRE_ENDS, NULL, LANE_RESYNC, resync},

    {IN(COMMS_LOST), LANE_HEARD, held, LANE_HELD, NULL},
    {IN(COMMS_LOST), LANE_HEARD, NULL, LANE_RESYNC, resync},
    {IN(RESYNC), LANE_UP, NULL, STAYS, lane_watch_explain},
    {IN(RESYNC), LANE_DOWN, NULL, LANE_IDLE, down},
    {IN(RESYNC), LANE_TIME, closed, LANE_IDLE, down},
    {IN(RESYNC), LANE_TIME, settled_no_close, LANE_IDLE, down},
    {IN(RESYNC), LANE_TIME, settled_allowed, LANE_OPENING, open_for_it},
    {IN(RESYNC), LANE_TIME, settled_clear, LANE_CLOSING, close},
    {IN(RESYNC), LANE_TIME, settled_unknown, LANE_IDLE, down},
    {IN(RESYNC), LANE_TIME, NULL, STAYS, NULL},
    {IN(RESYNC), LANE_FORCES, NULL, LANE_OPENING, open_forced},
};

const struct lane_rows lane_table_vehicle = {ROWS(vehicle_rows)};
const struct lane_rows lane_table_boom = {ROWS(boom_rows)};
