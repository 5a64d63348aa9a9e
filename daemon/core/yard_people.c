/* What people and platforms ask of lanes and stays. */
#include <string.h>

#include "daemon/core/yard_inside.h"

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
    mine.reason = DECIDED_BY_PERSON;
    if (yard_decide(yard, lane, &mine, 0))
        return true;
    *ret_why = "the vehicle has left, or the lane does not decide now";
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
