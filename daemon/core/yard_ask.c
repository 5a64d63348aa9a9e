/* May the vehicle at a lane pass? What is known of the lot now is put before decide.h; the answer
 * is a record, an order where there is something to pay, and the lane's business. */
#include <string.h>

#include "daemon/core/civil.h"
#include "daemon/core/yard_inside.h"

/* Read a moment ago at a lane beside this one: the camera looked at the wrong car. */
static bool wrong_side(const struct yard *yard, uint32_t lane, const char *plate)
{
    const struct lane_plan *mine = &yard->plan->lanes[lane];
    int64_t span = yard->plan->lots[mine->lot].policy.same_side_ms;

    for (uint32_t i = 0; span > 0 && i < yard->plan->lanes_count; i++)
        if (i != lane && yard->plan->lanes[i].lot == mine->lot &&
            yard->plan->lanes[i].direction != mine->direction &&
            recent_read(yard->recent, i, plate, (utc_ms){yard->now.utc.ms - span}))
            return true;
    return false;
}

static void lot_now(const struct yard *yard, uint32_t lane, const char *plate, struct lot_now *ret)
{
    const struct lane_plan *mine = &yard->plan->lanes[lane];
    const struct lot_policy *policy = &yard->plan->lots[mine->lot].policy;
    struct estimate_now counts = yard_lot_now(yard, mine->lot);
    utc_ms since = {yard->now.utc.ms - policy->reopen_ms};
    struct estimate estimate;

    *ret = (struct lot_now){.spaces = counts.capacity, .shared_free = -1};
    estimates_lot(yard->estimates, mine->lot, &counts, yard->now.utc, &estimate);
    /* Never counted yet: what came in since is all that is known. */
    ret->inside_high = estimate.confidence ? estimate.high : estimate.inside;
    ret->day = lot_hours_day(yard->plan->civil ? yard->plan->civil : &civil_utc,
                             yard->plan->calendar, yard->now.utc);
    if (policy->sharing_count > 0)
        ret->shared_free = sharing_free(yard->sharing, yard->stays, mine->lot, yard->in_service,
                                        yard->now.utc, &ret->sharing_closing);
    ret->open_recently =
        policy->reopen_ms > 0 && recent_passed(yard->recent, lane, mine->direction, plate, since);
    ret->wrong_side = wrong_side(yard, lane, plate);
}

static void note_decision(struct yard *yard, uint32_t lane, const struct lane_decision *decision,
                          int64_t due_fen)
{
    struct record record = {.kind = RECORD_DECISION, .at = yard->now.utc};
    struct record_decision *to = &record.decision;

    to->lane = lane;
    to->verdict = decision->verdict;
    to->reason = decision->reason;
    text_copy(to->vehicle, sizeof to->vehicle, decision->vehicle);
    text_copy(to->plate, sizeof to->plate, decision->plate);
    text_copy(to->stay, sizeof to->stay, decision->stay);
    text_copy(to->actor, sizeof to->actor, decision->actor);
    text_copy(to->ticket, sizeof to->ticket, decision->ticket);
    yard_emit(yard, &record);
    if (yard->hooks.told)
        yard->hooks.told(yard->hooks.arg, lane, to, due_fen);
}

bool yard_decide(struct yard *yard, uint32_t lane, const struct lane_decision *decision,
                 int64_t due_fen)
{
    struct lane_case *open = &yard->lanes[lane].open;

    if (*open->vehicle && strcmp(open->vehicle, decision->vehicle) != 0)
        yard->lanes[lane].first = *open;
    *open = (struct lane_case){.verdict = decision->verdict, .reason = decision->reason};
    text_copy(open->vehicle, sizeof open->vehicle, decision->vehicle);
    text_copy(open->stay, sizeof open->stay, decision->stay);
    text_copy(open->plate, sizeof open->plate, decision->plate);
    text_copy(open->actor, sizeof open->actor, decision->actor);
    text_copy(open->words, sizeof open->words, decision->words);
    text_copy(open->ticket, sizeof open->ticket, decision->ticket);
    note_decision(yard, lane, decision, due_fen);
    return lane_decide(yard->lanes[lane].lane, decision, yard->now);
}

/* Opposing gates are never open together. */
bool yard_may_open(void *arg, uint32_t lane)
{
    struct yard *yard = arg;
    uint32_t opposite = yard->plan->lanes[lane].opposite;

    return opposite == PLAN_NONE || !lane_may_be_open(yard->lanes[opposite].lane);
}

void yard_ask(void *arg, uint32_t lane, const struct lane_vehicle *vehicle)
{
    struct yard *yard = arg;
    const struct lane_case *open = &yard->lanes[lane].open;
    char ticket[IDENT_SIZE];

    text_copy(ticket, sizeof ticket, strcmp(open->vehicle, vehicle->id) == 0 ? open->ticket : "");
    yard_ask_with(yard, lane, vehicle, ticket);
}

void yard_ask_with(struct yard *yard, uint32_t lane, const struct lane_vehicle *vehicle,
                   const char *ticket)
{
    struct lane_decision answer = {.cause = CAUSE_NONE};
    struct decision decision;
    struct lot_now now;
    int64_t due_fen = 0;

    text_copy(answer.vehicle, sizeof answer.vehicle, vehicle->id);
    text_copy(answer.ticket, sizeof answer.ticket, ticket);
    lot_now(yard, lane, vehicle->read.plate, &now);
    text_copy(now.ticket, sizeof now.ticket, ticket);
    decide(yard->plan, lane, vehicle, &now, yard->stays, yard->now.utc, &decision);
    answer.verdict = decision.verdict;
    answer.reason = decision.reason;
    answer.cause = decision.cause;
    text_copy(answer.stay, sizeof answer.stay, decision.stay);
    text_copy(answer.plate, sizeof answer.plate, vehicle->read.plate);
    if (decision.verdict == DECISION_PAY &&
        stays_order(yard->stays, decision.stay, yard->now.utc, yard_sink(yard), &decision.price))
        due_fen = decision.price.due_fen;
    yard_decide(yard, lane, &answer, due_fen);
}

static void ask_anew(struct yard *yard, uint32_t lane)
{
    struct lane_view view;

    lane_view(yard->lanes[lane].lane, &view);
    if (*view.vehicle.id)
        yard_ask(yard, lane, &view.vehicle);
}

static bool owes(const struct yard *yard, const char *stay)
{
    struct stay_price price;

    return stays_price(yard->stays, stay, yard->now.utc, NULL, &price) && price.due_fen > 0;
}

void yard_ask_again(struct yard *yard)
{
    for (uint32_t i = 0; i < yard->plan->lanes_count; i++) {
        const struct lane_case *open = &yard->lanes[i].open;

        if (*open->vehicle && open->verdict == DECISION_PAY && !owes(yard, open->stay))
            ask_anew(yard, i);
    }
}

void yard_ask_of(struct yard *yard, const char *plate)
{
    for (uint32_t i = 0; i < yard->plan->lanes_count; i++) {
        const struct lane_case *open = &yard->lanes[i].open;

        if (*open->vehicle && open->verdict != DECISION_ALLOW && strcmp(open->plate, plate) == 0)
            ask_anew(yard, i);
    }
}

void yard_gone(void *arg, uint32_t lane, const struct lane_vehicle *vehicle)
{
    struct yard *yard = arg;

    (void)vehicle;
    yard->lanes[lane].open = (struct lane_case){0};
}
