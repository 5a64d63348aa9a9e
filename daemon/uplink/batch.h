/*
 * A batch of records on its way to a platform that answers for the whole or for each. It stays
 * together until it is settled, so that after a lost answer the same bytes go again under the same
 * key. Pure; owned by one carrier; memory is taken in batch_init() only.
 *
 *   1. Refused whole: the batch is halved until the record at fault is alone, and that is set
 * aside.
 *   2. The platform breaks on it (a 500): after three strikes the same search begins. The culprit
 * is to come later; if the next record alone breaks the platform too, it is the platform.
 *   3. All of several are to come later: the platform is not ready. The batch waits whole, for
 * three strikes.
 *   4. After a split, two batches go through before they grow again: the second half is searched
 *      too.
 */
#ifndef UPLINK_BATCH_H
#define UPLINK_BATCH_H

#include "daemon/uplink/adapter.h"
#include "daemon/uplink/outbox.h"

struct batch {
    struct outbox *outbox;
    uint32_t *tickets;
    struct store_row *rows;       /* for the adapter; as `tickets` */
    struct adapter_answer *items; /* for the adapter; as `tickets` */
    size_t count;                 /* 0: none is under way */
    size_t limit, limit_max;      /* of the next one */
    unsigned strikes, probing;
    bool suspected; /* one was set aside on suspicion, and nothing has gone through since */
};

/* What the lane does now. */
enum batch_next {
    BATCH_WENT, /* the platform takes records: go on */
    BATCH_NOW,  /* go on with what there is now */
    BATCH_WAIT, /* back off */
    BATCH_STOP  /* a person is needed: try seldom */
};

void batch_init(struct batch *batch, struct outbox *outbox, size_t limit_max);
void batch_fini(struct batch *batch); /* gives back to the outbox what is under way */

/* The batch under way, or a new one. False when nothing can be sent. */
bool batch_take(struct batch *batch);
/* The platform's answer, with `items` filled for ADAPTER_EACH. `answer->reason` is made the one to
 * be told. */
enum batch_next batch_settle(struct batch *batch, struct adapter_answer *answer, mono_ms now);
/* Too long, or not to be said in this protocol: rule 1. */
void batch_split(struct batch *batch, const char *reason);

#endif
