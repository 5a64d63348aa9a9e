/* What people and platforms ask of lanes and stays. */
#include <string.h>

#include "daemon/core/yard_inside.h"

enum { DECLARED_FAR = 20 }; /* vehicles beyond the interval */

bool yard_act(struct yard *yard, uint32_t lane, const struct lane_act *act, struct now now,
              const char **ret_why)
{
    struct lane_case *open = &yard->lanes[lane].open;

    yard->now = now;
    if (!lane_act(yard->lanes[lane].lane, act, now, ret_why))
        return false;
    if (act->operation == LANE_DO_OPEN) { /* who let the vehicle go that passes next */
        text_copy(open->actor, sizeof open->actor, act->actor);
        text_copy(open->words, sizeof open->words, act->reason);
    }
    return true;
}

bool yard_may(struct yard *yard, uint32_t lane, const struct lane_act *act, struct now now,
              const char **ret_why)
{
    yard->now = now;
    return lane_may(yard->lanes[lane].lane, act, now, ret_why);
}

bool yard_approve(struct yard *yard, uint32_t lane, const struct lane_decision *decision,
                  struct now now, const char **ret_why)
{
    struct lane_decision mine = *decision;
    struct lane_view view;

    yard->now = now;
    lane_view(yard->lanes[lane].lane, &view);
    if (!*view.vehicle.id) {
        *ret_why = "no vehicle is at the lane";
        return false;
    }
    if (*mine.stay && !stays_find(yard->stays, mine.stay)) {
        *ret_why = "no such stay is open";
        return false;
    }
    text_copy(mine.vehicle, sizeof mine.vehicle, view.vehicle.id);
    if (!*mine.plate)
        text_copy(mine.plate, sizeof mine.plate, view.vehicle.read.plate);
    if (strcmp(yard->lanes[lane].open.vehicle, view.vehicle.id) == 0)
        text_copy(mine.ticket, sizeof mine.ticket, yard->lanes[lane].open.ticket);
    mine.reason = DECIDED_BY_PERSON;
    if (yard_decide(yard, lane, &mine, 0))
        return true;
    *ret_why = "the vehicle has left, or the lane does not decide now";
    return false;
}

bool yard_declare(struct yard *yard, uint32_t lot, int64_t inside, bool sure, const char *actor,
                  struct now now, const char **ret_why)
{
    struct estimate estimate;

    yard->now = now;
    yard_estimate(yard, lot, now.utc, &estimate);
    if (!sure && estimate.confidence > 0 &&
        (inside < estimate.low - DECLARED_FAR || inside > estimate.high + DECLARED_FAR)) {
        *ret_why = "far from what the lanes and bays say; count again, or say --sure";
        return false;
    }
    if (estimates_declare(yard->estimates, lot, inside, actor, now.utc, yard_sink(yard)))
        return true;
    *ret_why = "no lot holds so many vehicles";
    return false;
}

bool yard_pay(struct yard *yard, const struct money_in *money, struct now now, bool *ret_again,
              const char **ret_why)
{
    yard->now = now;
    if (!stays_pay(yard->stays, money, yard_sink(yard), ret_again, ret_why))
        return false;
    yard_ask_again(yard);
    return true;
}

bool yard_list(struct yard *yard, const struct record_list *change, struct now now,
               const char **ret_why)
{
    yard->now = now;
    if (!stays_list(yard->stays, change, now.utc, yard_sink(yard), ret_why))
        return false;
    yard_ask_of(yard, change->plate);
    return true;
}

/* Stays of a lot while something is done to each. */
struct freezing {
    struct yard *yard;
    uint32_t lot;
    bool on;
};

/* Time that stands still until it is told otherwise; what durable records say, so that a start ends
 * what a power cut left half done. */
static bool stands_still(const struct stay *stay)
{
    return stay->frozen_count && stay->frozen[stay->frozen_count - 1].to_s == INT64_MAX;
}

static bool freeze(void *arg, const struct stay *stay)
{
    struct freezing *f = arg;
    struct record_stay_amended change = {
        .change = STAY_FROZEN,
        .until = {f->on ? 0 : f->yard->now.utc.ms + 1},
        .reason = "evacuation",
    };
    const char *why;

    if (stay->closed || stay->lot != f->lot || stands_still(stay) == f->on)
        return true;
    text_copy(change.stay, sizeof change.stay, stay->id);
    stays_amend(f->yard->stays, &change, f->yard->now.utc, yard_sink(f->yard), &why);
    return true;
}

void yard_watch_evacuation(struct yard *yard)
{
    const struct site_plan *plan = yard->plan;

    for (uint32_t lot = 0; lot < plan->lots_count; lot++)
        yard->lots[lot].seen_evacuating = false;
    for (uint32_t i = 0; i < plan->lanes_count; i++)
        yard->lots[plan->lanes[i].lot].seen_evacuating |=
            lane_mode(yard->lanes[i].lane) == LANE_EVACUATING;
    for (uint32_t lot = 0; lot < plan->lots_count; lot++) {
        struct yard_lot *seen = &yard->lots[lot];
        struct freezing freezing = {.yard = yard, .lot = lot, .on = seen->seen_evacuating};

        if (seen->stays_told && freezing.on == seen->evacuating)
            continue;
        seen->evacuating = freezing.on;
        seen->stays_told = true;
        stays_each(yard->stays, freeze, &freezing);
    }
}
