/* A batch of records on its way. See batch.h for the numbered rules. */
#include "daemon/uplink/batch.h"

#include <stdlib.h>

#include "daemon/base/memory.h"

enum { STRIKES = 3, PROBES = 2 };

void batch_init(struct batch *batch, struct outbox *outbox, size_t limit_max)
{
    *batch = (struct batch){.outbox = outbox, .limit = limit_max, .limit_max = limit_max};
    batch->tickets = memory_new(limit_max, sizeof *batch->tickets);
    batch->rows = memory_new(limit_max, sizeof *batch->rows);
    batch->items = memory_new(limit_max, sizeof *batch->items);
}

static void release(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        outbox_release(batch->outbox, batch->tickets[i]);
    batch->count = 0;
}

void batch_fini(struct batch *batch)
{
    release(batch);
    free(batch->tickets);
    free(batch->rows);
    free(batch->items);
}

bool batch_take(struct batch *batch)
{
    if (!batch->count)
        batch->count = outbox_take(batch->outbox, batch->limit, batch->tickets);
    for (size_t i = 0; i < batch->count; i++)
        batch->rows[i] = *outbox_row(batch->outbox, batch->tickets[i]);
    return batch->count > 0;
}

void batch_split(struct batch *batch, const char *reason)
{
    batch->probing = PROBES;
    if (batch->count > 1) {
        batch->limit = batch->count / 2;
        release(batch);
        return;
    }
    outbox_refused(batch->outbox, batch->tickets[0], reason);
    batch->count = 0;
}

static enum batch_next went_through(struct batch *batch)
{
    batch->count = 0;
    batch->suspected = false;
    if (batch->probing > 0)
        batch->probing--;
    if (batch->probing > 0)
        return BATCH_WENT;
    batch->strikes = 0;
    batch->limit = batch->limit * 2 < batch->limit_max ? batch->limit * 2 : batch->limit_max;
    return BATCH_WENT;
}

/* The culprit is to come later. */
static void put_off(struct batch *batch, const struct adapter_answer *answer, mono_ms now)
{
    outbox_later(batch->outbox, batch->tickets[0], now, answer->retry_after_ms, answer->reason);
    batch->count = 0;
    batch->suspected = true;
    batch->strikes = 0;
    batch->probing = 0;
}

/* Rule 2. */
static enum batch_next broke(struct batch *batch, const struct adapter_answer *answer, mono_ms now)
{
    if (batch->count == 1 && batch->suspected)
        return BATCH_WAIT; /* the platform, then */
    if (batch->count == 1 && outbox_attempts(batch->outbox, batch->tickets[0]) > 0) {
        put_off(batch, answer, now);
        return BATCH_NOW; /* known for it: the others go on */
    }
    if (++batch->strikes < STRIKES)
        return BATCH_WAIT;
    if (batch->count == 1) {
        put_off(batch, answer, now);
        return BATCH_NOW;
    }
    batch_split(batch, answer->reason);
    batch->strikes = STRIKES - 1; /* one is enough while searching */
    return BATCH_WAIT;
}

static bool all_later(const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->items[i].verdict != ADAPTER_RETRY)
            return false;
    }
    return true;
}

static void settle_one(struct batch *batch, size_t i, mono_ms now)
{
    const struct adapter_answer *item = &batch->items[i];

    switch (item->verdict) {
    case ADAPTER_DELIVERED:
    case ADAPTER_DUPLICATE:
        outbox_delivered(batch->outbox, batch->tickets[i]);
        break;
    case ADAPTER_REFUSED:
        outbox_refused(batch->outbox, batch->tickets[i], item->reason);
        break;
    default:
        outbox_later(batch->outbox, batch->tickets[i], now, item->retry_after_ms, item->reason);
    }
}

static enum batch_next settle_each(struct batch *batch, struct adapter_answer *answer, mono_ms now)
{
    bool later = all_later(batch);

    if (later)
        *answer = batch->items[0];
    if (later && batch->count > 1 && ++batch->strikes < STRIKES)
        return BATCH_WAIT; /* rule 3 */
    for (size_t i = 0; i < batch->count; i++)
        settle_one(batch, i, now);
    batch->count = 0;
    batch->strikes = 0;
    return later ? BATCH_WAIT : went_through(batch);
}

enum batch_next batch_settle(struct batch *batch, struct adapter_answer *answer, mono_ms now)
{
    switch (answer->verdict) {
    case ADAPTER_DELIVERED:
    case ADAPTER_DUPLICATE:
        for (size_t i = 0; i < batch->count; i++)
            outbox_delivered(batch->outbox, batch->tickets[i]);
        return went_through(batch);
    case ADAPTER_EACH:
        return settle_each(batch, answer, now);
    case ADAPTER_SPLIT:
    case ADAPTER_REFUSED:
        batch_split(batch, answer->reason);
        return BATCH_NOW;
    case ADAPTER_FAILED:
        return broke(batch, answer, now);
    case ADAPTER_STOP:
        return BATCH_STOP;
    case ADAPTER_RETRY:
    case ADAPTER_CLOCK:
        break;
    }
    return BATCH_WAIT;
}
