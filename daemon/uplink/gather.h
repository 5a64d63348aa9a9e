/*
 * State on its way over HTTP: the lots and bays of one request. What does not arrive is stale
 * again, so that the newest goes next time; nothing queues. Owned by one carrier; memory is taken
 * in gather_init() only.
 *
 *   1. Lots go before bays, each in its turn.
 *   2. Refused whole, or broken on: half as many go next time, until the one at fault is alone and
 *      is passed over until it changes. With each request that is taken they become more again.
 *   3. Once in sixty refreshes of vacancy all is told again: what was passed over, and what the
 *      platform has lost without a word.
 */
#ifndef UPLINK_GATHER_H
#define UPLINK_GATHER_H

#include "daemon/uplink/batch.h"
#include "daemon/uplink/carrier.h"

struct gather {
    struct uplink *uplink;
    struct adapter_fact *facts;
    struct adapter_answer *items; /* as `facts` */
    size_t count;                 /* under way */
    size_t limit, limit_max;      /* of the next request */
    mono_ms again;                /* rule 3 */
    bool some;                    /* of the last answer: at least one was taken */
};

void gather_init(struct gather *gather, struct uplink *uplink);
void gather_fini(struct gather *gather);

/* Bytes that its requests may have. */
size_t gather_size(const struct adapter *adapter);
/* Writes a request with what is stale; false when there is nothing to send. */
bool gather_fill(struct gather *gather, struct adapter_request *request, mono_ms now);
/* No answer came. */
void gather_back(struct gather *gather);
/* The platform's answer; `ret->reason` is what is to be told, empty when all is well. */
enum batch_next gather_settle(struct gather *gather, const struct adapter_reply *reply,
                              struct adapter_answer *ret);

#endif
