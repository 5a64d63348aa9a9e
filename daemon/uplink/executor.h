/*
 * Carries out what platforms order (city.h), whose sender was verified by the adapter or by the
 * broker: by the same functions as people's acts, with a record of what was asked and what was
 * done. An order is judged once: the same uplink and id again gets the first verdict, also after a
 * restart. Loop's thread; the yard is the caller's. Durability is the caller's, too: nobody is
 * answered before the records made here are durable.
 *
 *  1. An order has an id; one that opens or closes says who, why and until when it may be done.
 *  2. After its not_after it is refused. Where our clock is not known to be right that cannot be
 *     judged: refused, but for payments, for that money has moved.
 *  3. An opening may be asked EXECUTOR_AHEAD_MS ahead at most, so many in a minute (of a lane and
 *     of an uplink), and only while the lane's loops are heard. Evacuation, faults and the lane
 *     opposite hinder it as they hinder people.
 *  4. Its record stands before those of what it opens, so what is sent waits for both.
 *  5. A notice of a tariff is recorded and shown: prices change by configuration alone.
 */
#ifndef UPLINK_EXECUTOR_H
#define UPLINK_EXECUTOR_H

#include "daemon/core/yard.h"
#include "daemon/uplink/city.h"

enum {
    EXECUTOR_AHEAD_MS = 10000,
    EXECUTOR_WEEK_MS = 7 * 86400000, /* other orders lie so far ahead at most; also a hold's end */
    EXECUTOR_FRESH_MS = 1000         /* the loops were heard */
};

struct executor;

struct executor *executor_create(const struct site_plan *plan, struct yard *yard);
void executor_destroy(struct executor *executor); /* takes NULL */

/* Start-up: any durable record, in order. / One that was made here has become durable. */
void executor_restore(struct executor *executor, const struct record *record, uint64_t seq);
void executor_kept(struct executor *executor, const struct record *record, uint64_t seq);
/* Of the record of an order; 0: it is not durable, or not known. */
uint64_t executor_seq(const struct executor *executor, const char *uplink, const char *id);

struct executor_case {
    const struct uplink_settings *from;
    const struct city_order *order;
    struct now now;
    bool time_uncertain;
};
void executor_take(struct executor *executor, const struct executor_case *it,
                   struct platform_said *ret);

#endif
