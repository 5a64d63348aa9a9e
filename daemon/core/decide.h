/*
 * May this vehicle pass? A pure function of the lane, the vehicle, the lot as it is now and the
 * stays; a table of rules asked in order, the first that answers wins. What it says is shown to
 * people with the reason.
 */
#ifndef CORE_DECIDE_H
#define CORE_DECIDE_H

#include "daemon/core/lane.h"
#include "daemon/core/lot_hours.h"
#include "daemon/core/stays.h"

/* The lot at this moment. */
struct lot_now {
    int64_t inside_high; /* the estimate's upper end: refuses when it may be full */
    int64_t spaces;
    int64_t shared_free; /* public capacity left of off-peak sharing; -1: no sharing now */
    bool sharing_closing;
    struct lot_day day;
    bool open_recently;      /* the same plate passed here within reopen_ms */
    bool wrong_side;         /* read at the paired lane within same_side_ms */
    char ticket[IDENT_SIZE]; /* that this vehicle has, empty: none; at an exit of its stay */
};

struct decision {
    enum decision_verdict verdict;
    enum decision_reason reason;
    enum lane_cause cause;
    char stay[IDENT_SIZE];             /* at an exit: the one that it is */
    struct stay_near near[STAYS_NEAR]; /* of "unsure": a person picks */
    uint32_t near_count;
    struct stay_price price; /* of "pay" */
};

/* Its plate as far as it may be relied on; empty: it has none, or it was read too badly. */
const char *decide_plate(const struct site_plan *plan, uint32_t lane,
                         const struct lane_vehicle *vehicle);

void decide(const struct site_plan *plan, uint32_t lane, const struct lane_vehicle *vehicle,
            const struct lot_now *lot, const struct stays *stays, utc_ms at, struct decision *ret);

#endif
