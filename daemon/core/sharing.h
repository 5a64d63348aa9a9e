/*
 * Off-peak sharing (错时共享): which bays of an institution's lot are public now, when no new car
 * may come any more, and which shared cars are there too long. The hours are a pure function of the
 * policy; what was told of them is the fold of records. Pure.
 */
#ifndef CORE_SHARING_H
#define CORE_SHARING_H

#include "daemon/core/stays.h"

/* A lot at one moment; windows of several zones add up. */
struct sharing_now {
    bool open;         /* some window is open */
    bool closing;      /* and each of them takes no new car any more */
    uint32_t promised; /* bays of the open windows */
    utc_ms until;      /* the last of them ends; 0: none is open */
};
void sharing_evaluate(const struct lot_policy *policy, const struct civil_zone *zone, utc_ms at,
                      struct sharing_now *ret);

struct sharing; /* of all lots */
/* Borrows plan and zone. */
struct sharing *sharing_create(const struct site_plan *plan, const struct civil_zone *zone);
void sharing_destroy(struct sharing *sharing); /* takes NULL */
void sharing_apply(struct sharing *sharing, const struct record *record);

/* Tells what has begun, is about to end, has ended or falls short, and marks stays that are there
 * too long. `in_service`: bays of each zone that are not out of service. Once a minute. */
void sharing_tick(struct sharing *sharing, struct stays *stays, const uint32_t *in_service,
                  utc_ms at, struct record_sink out);

/* Public places left now: decide.h's `shared_free` and `sharing_closing`. */
int64_t sharing_free(const struct sharing *sharing, const struct stays *stays, uint32_t lot,
                     const uint32_t *in_service, utc_ms at, bool *ret_closing);

#endif
