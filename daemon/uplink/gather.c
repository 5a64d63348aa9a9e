/* State on its way. See gather.h for the numbered rules. */
#include "daemon/uplink/gather.h"

#include <stdlib.h>

#include "daemon/base/memory.h"

enum { TAIL_SIZE = 256 /* what `close` may write */, REFRESHES = 60 };

static bool tells_bays(const struct uplink *uplink)
{
    return uplink->settings->adapter->bay && uplink->settings->bays;
}

void gather_init(struct gather *gather, struct uplink *uplink)
{
    const struct adapter *adapter = uplink->settings->adapter;
    const struct site_plan *plan = uplink->source.plan;
    size_t all = plan->lots_count + (tells_bays(uplink) ? plan->bays_count : 0);
    size_t most = adapter->snapshot ? all : adapter->state_max;

    *gather = (struct gather){.uplink = uplink, .limit_max = most ? most : 1};
    gather->limit = gather->limit_max;
    gather->facts = memory_new(gather->limit_max, sizeof *gather->facts);
    gather->items = memory_new(gather->limit_max, sizeof *gather->items);
}

void gather_fini(struct gather *gather)
{
    free(gather->items);
    free(gather->facts);
}

size_t gather_size(const struct adapter *adapter)
{
    return adapter->state_size ? adapter->state_size : STATE_MAX;
}

static void back(struct gather *gather, const struct adapter_fact *fact)
{
    if (fact->is_bay)
        stale_bay_alone(gather->uplink->stale, fact->index);
    else
        stale_lot(gather->uplink->stale, fact->index);
}

void gather_back(struct gather *gather)
{
    for (size_t i = 0; i < gather->count; i++)
        back(gather, &gather->facts[i]);
    gather->count = 0;
}

/* ---- a request ---- */

static bool encode(struct gather *gather, const struct adapter_fact *fact,
                   struct adapter_request *request, struct err *err)
{
    struct uplink *uplink = gather->uplink;
    const struct adapter *adapter = uplink->settings->adapter;
    struct adapter_context context = carrier_context(uplink);

    if (!gather->count) {
        carrier_request_clear(request);
        if (adapter->open)
            adapter->open(&context, request);
    }
    if (fact->is_bay)
        return adapter->bay(&context, fact->index, uplink_bay_json(uplink, fact->index), request,
                            err);
    return adapter->lot(&context, fact->index, uplink_lot_json(uplink, fact->index), request, err);
}

static bool fits(const struct adapter_request *request)
{
    const struct text *body = &request->body;

    return !body->overflow && !request->target.overflow && !request->headers.overflow &&
           body->size - body->used > TAIL_SIZE;
}

/* False when the request is full: the fact is to go with the next one. What cannot be said at all
 * is passed over. */
static bool add(struct gather *gather, const struct adapter_fact *fact,
                struct adapter_request *request)
{
    struct text *body = &request->body;
    size_t before = gather->count ? body->used : 0;
    struct err err;

    if (!encode(gather, fact, request, &err)) {
        uplink_say(gather->uplink, LANE_STATE, err.text);
    } else if (fits(request)) {
        gather->facts[gather->count++] = *fact;
        return true;
    } else if (gather->count) {
        back(gather, fact);
    } else {
        uplink_say(gather->uplink, LANE_STATE, "a state is longer than a request may be");
    }
    bool full = gather->count && !fits(request);
    body->used = before;
    body->bytes[before] = '\0';
    body->overflow = false;
    return !full;
}

/* The next one that is stale. */
static bool next(struct gather *gather, mono_ms now, struct adapter_fact *ret)
{
    struct stale *stale = gather->uplink->stale;

    ret->is_bay = false;
    if (stale_take_lot(stale, now, &ret->index))
        return true;
    ret->is_bay = true;
    return tells_bays(gather->uplink) && stale_take_bay(stale, &ret->index);
}

/* All, when any is stale. (The lot of a stale bay is stale too.) */
static void add_all(struct gather *gather, struct adapter_request *request, mono_ms now)
{
    const struct site_plan *plan = gather->uplink->source.plan;
    struct adapter_fact fact = {.is_bay = false};
    bool any = false, room = true;

    while (next(gather, now, &fact))
        any = true;
    for (size_t i = 0; any && room && i < gather->limit_max; i++) {
        fact.is_bay = i >= plan->lots_count;
        fact.index = (uint32_t)(fact.is_bay ? i - plan->lots_count : i);
        room = add(gather, &fact, request);
    }
    if (!room) {
        gather->count = 0; /* half of it would say that the rest is no more */
        uplink_say(gather->uplink, LANE_STATE,
                   "all states are longer than a request may be; set bays = false");
    }
}

static void add_stale(struct gather *gather, struct adapter_request *request, mono_ms now)
{
    struct adapter_fact fact;

    while (gather->count < gather->limit && next(gather, now, &fact)) {
        if (!add(gather, &fact, request))
            return;
    }
}

/* Rule 3. */
static void tell_again(struct gather *gather, mono_ms now)
{
    int64_t period_ms = REFRESHES * gather->uplink->settings->vacancy_refresh_ms;

    if (!period_ms || !mono_reached(now, gather->again))
        return;
    if (gather->again.ms)
        stale_all(gather->uplink->stale);
    gather->again = mono_after(now, period_ms);
}

bool gather_fill(struct gather *gather, struct adapter_request *request, mono_ms now)
{
    const struct adapter *adapter = gather->uplink->settings->adapter;
    struct adapter_context context = carrier_context(gather->uplink);

    gather->count = 0;
    tell_again(gather, now);
    if (adapter->snapshot)
        add_all(gather, request, now);
    else
        add_stale(gather, request, now);
    if (gather->count && adapter->close)
        adapter->close(&context, request);
    return gather->count > 0;
}

/* ---- its answer ---- */

static void taken(struct gather *gather, const struct adapter_fact *fact)
{
    gather->some = true;
    gather->uplink->vacancies_sent += !fact->is_bay;
}

static void all_taken(struct gather *gather)
{
    for (size_t i = 0; i < gather->count; i++)
        taken(gather, &gather->facts[i]);
    gather->limit = gather->limit * 2 < gather->limit_max ? gather->limit * 2 : gather->limit_max;
}

static enum batch_next settle_each(struct gather *gather, struct adapter_answer *ret)
{
    bool later = false;

    ret->reason[0] = '\0';
    for (size_t i = 0; i < gather->count; i++) {
        const struct adapter_answer *item = &gather->items[i];
        if (item->verdict == ADAPTER_DELIVERED || item->verdict == ADAPTER_DUPLICATE) {
            taken(gather, &gather->facts[i]);
            continue;
        }
        if (item->verdict != ADAPTER_REFUSED) {
            back(gather, &gather->facts[i]);
            later = true;
        }
        if (!ret->reason[0])
            text_copy(ret->reason, sizeof ret->reason, item->reason);
    }
    return later ? BATCH_WAIT : BATCH_WENT;
}

/* Rule 2. */
static enum batch_next refused(struct gather *gather, struct adapter_answer *ret)
{
    if (gather->count == 1 || gather->uplink->settings->adapter->snapshot)
        return BATCH_NOW;
    gather->limit = gather->count / 2;
    gather_back(gather);
    ret->reason[0] = '\0'; /* told when the one at fault is found */
    return BATCH_NOW;
}

enum batch_next gather_settle(struct gather *gather, const struct adapter_reply *reply,
                              struct adapter_answer *ret)
{
    const struct adapter *adapter = gather->uplink->settings->adapter;
    struct adapter_context context = carrier_context(gather->uplink);
    struct adapter_state state = {gather->facts, gather->count, gather->items};

    gather->some = false;
    if (adapter->classify_state)
        adapter->classify_state(&context, reply, &state, ret);
    else
        adapter->classify(reply, NULL, 0, ret, NULL);
    switch (ret->verdict) {
    case ADAPTER_DELIVERED:
    case ADAPTER_DUPLICATE:
        all_taken(gather);
        ret->reason[0] = '\0';
        return BATCH_WENT;
    case ADAPTER_EACH:
        return settle_each(gather, ret);
    case ADAPTER_SPLIT:
    case ADAPTER_REFUSED:
        return refused(gather, ret);
    case ADAPTER_FAILED:
        gather->limit = gather->count > 1 ? gather->count / 2 : 1;
        break;
    case ADAPTER_STOP:
        gather_back(gather);
        return BATCH_STOP;
    case ADAPTER_RETRY:
    case ADAPTER_CLOCK:
        break;
    }
    gather_back(gather);
    return BATCH_WAIT;
}
