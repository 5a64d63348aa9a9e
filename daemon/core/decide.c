/*
 * The rules of a decision, in the order in which they are asked; the first that answers wins. Each
 * rule is one function; the two tables at the end are the order. Pure; any thread.
 */
#include "daemon/core/decide.h"

#include <string.h>

/* What the rules look at, gathered once. */
struct question {
    const struct lane_plan *lane;
    const struct lot_policy *policy;
    const struct lot_now *now;
    const struct lane_read *read;
    const struct stays *stays;
    const char *plate; /* empty: none that may be relied on */
    struct plate_standing standing;
    const struct stay *inside; /* the stay of exactly this plate in the lot, or of its ticket */
    utc_ms at;
};

typedef bool rule_fn(const struct question *q, struct decision *ret);

static bool answer(struct decision *ret, enum decision_verdict verdict, enum decision_reason reason)
{
    ret->verdict = verdict;
    ret->reason = reason;
    ret->cause = verdict == DECISION_ALLOW ? CAUSE_DECISION : CAUSE_NONE;
    return true;
}

static void name_stay(struct decision *ret, const struct stay *stay)
{
    if (stay)
        text_copy(ret->stay, sizeof ret->stay, stay->id);
}

static bool exempt(const struct question *q, struct decision *ret)
{
    if (!q->standing.exempt)
        return false;
    name_stay(ret, q->inside);
    return answer(ret, DECISION_ALLOW, DECIDED_EXEMPT);
}

static bool blocked(const struct question *q, struct decision *ret)
{
    return q->standing.blocked && answer(ret, DECISION_DENY, DECIDED_BLOCKED);
}

static bool locked(const struct question *q, struct decision *ret)
{
    return q->standing.locked && answer(ret, DECISION_DENY, DECIDED_LOCKED);
}

/* This camera sees the vehicle of the lane beside it; before the re-open window, which would let it
 * open for a vehicle that is driving the other way. */
static bool wrong_side(const struct question *q, struct decision *ret)
{
    return q->now->wrong_side && answer(ret, DECISION_DENY, DECIDED_WRONG_SIDE);
}

static bool reopen(const struct question *q, struct decision *ret)
{
    if (!q->now->open_recently)
        return false;
    name_stay(ret, q->inside);
    answer(ret, DECISION_ALLOW, DECIDED_REOPEN);
    ret->cause = CAUSE_REOPEN;
    return true;
}

static bool no_plate(const struct question *q, struct decision *ret)
{
    return !q->plate[0] && !q->now->ticket[0] && answer(ret, DECISION_ASK, DECIDED_NO_PLATE);
}

static bool not_allowed(const struct question *q, struct decision *ret)
{
    return !(q->lane->classes & VEHICLE_BIT(q->read->class)) &&
           answer(ret, DECISION_DENY, DECIDED_NOT_ALLOWED);
}

static bool passback(const struct question *q, struct decision *ret)
{
    return q->inside && q->policy->passback == PASSBACK_HARD &&
           answer(ret, DECISION_DENY, DECIDED_PASSBACK);
}

static bool arrears(const struct question *q, struct decision *ret)
{
    return q->policy->block_arrears && q->standing.arrears_fen > 0 &&
           answer(ret, DECISION_ASK, DECIDED_ARREARS);
}

static bool on_pass(const struct question *q, struct decision *ret)
{
    return q->standing.pass && !q->standing.pass_in_use &&
           answer(ret, DECISION_ALLOW, DECIDED_PASS);
}

/* Hours of the class; a class for which none are stated may come at any time. */
static bool closed_hours(const struct question *q, struct decision *ret)
{
    bool stated = false;

    for (uint32_t i = 0; i < q->policy->windows_count; i++) {
        const struct lot_window *window = &q->policy->windows[i];

        if (!(window->classes & VEHICLE_BIT(q->read->class)))
            continue;
        if (lot_hours_left(&window->hours, &q->now->day) > 0)
            return false;
        stated = true;
    }
    return stated && answer(ret, DECISION_DENY, DECIDED_CLOSED_HOURS);
}

/* An institution's lot is public in its shared hours only, and for so many. */
static bool not_shared(const struct question *q, struct decision *ret)
{
    if (q->policy->sharing_count == 0)
        return false;
    if (q->now->shared_free < 0 || q->now->sharing_closing)
        return answer(ret, DECISION_DENY, DECIDED_CLOSED_HOURS);
    return q->now->shared_free == 0 && answer(ret, DECISION_DENY, DECIDED_FULL);
}

static bool full(const struct question *q, struct decision *ret)
{
    return q->policy->refuse_when_full & VEHICLE_BIT(q->read->class) &&
           q->now->inside_high >= q->now->spaces && answer(ret, DECISION_DENY, DECIDED_FULL);
}

/* It comes in, and what is remarkable about it is said. */
static bool temporary(const struct question *q, struct decision *ret)
{
    enum decision_reason reason = DECIDED_TEMPORARY;

    if (q->standing.pass_expired)
        reason = DECIDED_PASS_EXPIRED;
    if (q->standing.pass_in_use)
        reason = DECIDED_PASS_IN_USE;
    if (q->inside && q->policy->passback == PASSBACK_SOFT)
        reason = DECIDED_PASSBACK;
    return answer(ret, DECISION_ALLOW, reason);
}

/* The one stay that is near enough, when there is but one. */
static const struct stay *only_near(const struct question *q, const struct decision *found)
{
    uint32_t within = 0;

    while (within < found->near_count && found->near[within].distance <= q->policy->plate_distance)
        within++;
    return within == 1 && q->plate[0] ? found->near[0].stay : NULL;
}

/* What `stay` owes decides. */
static bool by_price(const struct question *q, const struct stay *stay, struct decision *ret)
{
    name_stay(ret, stay);
    stays_price(q->stays, stay->id, q->at, NULL, &ret->price);
    if (ret->price.manual)
        return answer(ret, DECISION_ASK, DECIDED_NO_ENTRY);
    if (ret->price.due_fen > 0)
        return answer(ret, q->policy->pay_at_exit ? DECISION_PAY : DECISION_ALLOW, DECIDED_TO_PAY);
    if (ret->price.money.relief_pass_fen > 0 || stay->kind == STAY_PASS)
        return answer(ret, DECISION_ALLOW, DECIDED_PASS);
    answer(ret, DECISION_ALLOW, ret->price.received_fen > 0 ? DECIDED_PAID : DECIDED_FREE);
    if (ret->reason == DECIDED_PAID)
        ret->cause = CAUSE_PAYMENT;
    return true;
}

/* Exactly its plate or ticket, else the only one that comes near. */
static bool known(const struct question *q, struct decision *ret)
{
    const struct stay *stay = q->inside;

    if (!stay) {
        ret->near_count = stays_near(q->stays, q->lane->lot, q->read->plate, ret->near);
        stay = only_near(q, ret);
    }
    return stay && by_price(q, stay, ret);
}

static bool unsure(const struct question *q, struct decision *ret)
{
    if (!q->read->plate[0])
        ret->near_count = 0;
    return ret->near_count > 0 && answer(ret, DECISION_ASK, DECIDED_UNSURE);
}

static bool no_entry(const struct question *q, struct decision *ret)
{
    const struct stay *last =
        q->policy->no_entry == NO_ENTRY_LAST ? stays_last(q->stays, q->lane->lot, q->plate) : NULL;

    if (last)
        return by_price(q, last, ret);
    return answer(ret, q->policy->no_entry == NO_ENTRY_LET_OUT ? DECISION_ALLOW : DECISION_ASK,
                  DECIDED_NO_ENTRY);
}

static rule_fn *const entering[] = {
    exempt,   blocked, locked,  wrong_side,   reopen,     no_plate, not_allowed,
    passback, arrears, on_pass, closed_hours, not_shared, full,     temporary,
};
static rule_fn *const leaving[] = {
    exempt, blocked, locked, wrong_side, reopen, known, unsure, no_plate, no_entry,
};

static const struct {
    rule_fn *const *rules;
    size_t count;
} directions[LANE_DIRECTIONS] = {
    [LANE_IN] = {entering, sizeof entering / sizeof entering[0]},
    [LANE_OUT] = {leaving, sizeof leaving / sizeof leaving[0]},
};

/* A plate that was read too badly is shown to people, and decides nothing. */
const char *decide_plate(const struct site_plan *plan, uint32_t lane,
                         const struct lane_vehicle *vehicle)
{
    const struct lane_read *read = &vehicle->read;
    bool poor =
        read->confidence >= 0 && read->confidence < (int64_t)plan->lanes[lane].min_confidence;

    return vehicle->has_read && !poor ? read->plate : "";
}

void decide(const struct site_plan *plan, uint32_t lane, const struct lane_vehicle *vehicle,
            const struct lot_now *lot, const struct stays *stays, utc_ms at, struct decision *ret)
{
    const struct lane_plan *at_lane = &plan->lanes[lane];
    struct question q = {.lane = at_lane,
                         .policy = &plan->lots[at_lane->lot].policy,
                         .now = lot,
                         .read = &vehicle->read,
                         .stays = stays,
                         .plate = decide_plate(plan, lane, vehicle),
                         .at = at};
    size_t i = 0;

    *ret = (struct decision){.verdict = DECISION_ASK};
    q.inside = at_lane->direction == LANE_OUT && lot->ticket[0]
                   ? stays_of_ticket(stays, at_lane->lot, lot->ticket)
                   : stays_by_plate(stays, at_lane->lot, q.plate);
    if (q.inside && !q.plate[0])
        q.plate = q.inside->plate;
    stays_standing(stays, at_lane->lot, q.plate, q.read->class, at, &q.standing);
    while (i < directions[at_lane->direction].count &&
           !directions[at_lane->direction].rules[i](&q, ret))
        i++;
}
