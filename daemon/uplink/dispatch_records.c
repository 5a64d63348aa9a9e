/* Records on their way to a city's platform. See dispatch.h for the numbered rules. */
#include "daemon/uplink/dispatch_inside.h"

#include <string.h>

enum {
    LOOKS_MAX = 64,    /* records passed over in one go: not to be told there */
    BROKEN_MAX = 8,    /* so many in a row: it is the platform, not the record */
    CLOCK_TRIES = 3,   /* then "expired" is believed to be something else */
    OLD_MS = 60 * 1000 /* rule 3 */
};

/* The lot that a record is about, or PLAN_NONE. */
static uint32_t lot_of(const struct record *record, const struct site_plan *plan)
{
    switch (record->kind) {
    case RECORD_STAY_OPENED:
        return record->stay_opened.lot;
    case RECORD_STAY_AMENDED:
        return record->stay_amended.lot;
    case RECORD_STAY_CLOSED:
        return record->stay_closed.lot;
    case RECORD_ORDER:
        return record->order.lot;
    case RECORD_PAYMENT:
        return record->payment.lot;
    case RECORD_REFUND:
        return record->refund.lot;
    case RECORD_BAY_CHANGED:
        return plan_lot(plan, record->bay_changed.bay);
    case RECORD_PASSAGE:
        return plan->lanes[record->passage.lane].lot;
    default:
        return PLAN_NONE;
    }
}

static struct city_item item_of(const struct dispatch *dispatch, const struct flight *flight)
{
    return (struct city_item){.row = outbox_row(dispatch->setup.outbox, flight->ticket),
                              .record = &flight->record,
                              .lot = flight->lot};
}

/* True: the platform is to be told of it. What it is not to be told of counts as delivered. */
static bool begin(struct dispatch *dispatch, struct flight *flight, struct now now)
{
    const struct dispatch_setup *setup = &dispatch->setup;
    const struct store_row *row = outbox_row(setup->outbox, flight->ticket);
    struct err err;

    flight->step = 0;
    if (record_read(setup->reader, row->body, row->body_size, &flight->record, &err) !=
        RECORD_READ_DONE) {
        outbox_refused(setup->outbox, flight->ticket, err.text);
        return false;
    }
    flight->lot = dispatch_lot(dispatch, lot_of(&flight->record, setup->plan));
    if (flight->lot) {
        struct adapter_context context = dispatch_context(dispatch, flight->lot, now);
        struct city_item item = item_of(dispatch, flight);

        flight->steps = dispatch->city->steps(&context, &item);
    }
    if (!flight->lot || !flight->steps) {
        outbox_delivered(setup->outbox, flight->ticket);
        return false;
    }
    return true;
}

/* Rule 3: what is old has a pace of its own. */
static bool take(struct dispatch *dispatch, struct flight *flight, struct now now)
{
    struct outbox *outbox = dispatch->setup.outbox;

    if (outbox_take_ahead(outbox, &flight->ticket) ||
        outbox_take_since(outbox, (utc_ms){now.utc.ms - OLD_MS}, &flight->ticket))
        return true;
    utc_ms oldest = outbox_ready_at(outbox);
    bool old = oldest.ms && now.utc.ms - oldest.ms > OLD_MS;
    if (old && !pace_peek(&dispatch->backfill, now.mono))
        return false;
    if (outbox_take(outbox, 1, &flight->ticket) == 0)
        return false;
    if (old)
        pace_take(&dispatch->backfill, now.mono);
    return true;
}

static bool encode(struct dispatch *dispatch, struct flight *flight, struct now now,
                   struct adapter_request *ret)
{
    struct adapter_context context = dispatch_context(dispatch, flight->lot, now);
    struct city_item item = item_of(dispatch, flight);
    struct err err;
    bool said = dispatch->city->record(&context, &item, flight->step, ret, &err);
    flight->counts = dispatch->counts[flight->lot->lot];

    if (said && !ret->body.overflow && !ret->target.overflow && !ret->headers.overflow)
        return true;
    outbox_refused(dispatch->setup.outbox, flight->ticket,
                   said ? "longer than a request may be" : err.text);
    dispatch_unsaid(ret);
    flight->busy = false;
    return false;
}

bool dispatch_records_fill(struct dispatch *dispatch, struct flight *flight, struct now now,
                           struct adapter_request *ret)
{
    bool probing;

    if (!dispatch_may_send(dispatch, now.mono, &probing))
        return false;
    for (int looks = 0; looks < LOOKS_MAX; looks++) {
        if (dispatch->clock_wanted || !pace_peek(&dispatch->pace, now.mono))
            return false;
        if (!flight->busy && !take(dispatch, flight, now))
            return false;
        if (!flight->busy && !begin(dispatch, flight, now))
            continue;
        flight->busy = true;
        if (!encode(dispatch, flight, now, ret))
            continue;
        pace_take(&dispatch->pace, now.mono);
        flight->under_way = true;
        dispatch->lanes[LANE_OF_RECORDS].probing = probing;
        return true;
    }
    return false;
}

static void say(struct dispatch *dispatch, const char *reason)
{
    dispatch->setup.hooks.say(dispatch->setup.hooks.arg, LANE_OF_RECORDS, reason);
}

static void note_berth(struct dispatch *dispatch, const struct record *record)
{
    if (record->kind == RECORD_BAY_CHANGED)
        dispatch->berths[record->bay_changed.bay] =
            record->bay_changed.to == BAY_OCCUPIED ? CITY_BERTH_TAKEN : CITY_BERTH_LEFT;
}

static void delivered(struct dispatch *dispatch, struct flight *flight, struct now now)
{
    dispatch->broken = dispatch->clock_tries = 0;
    dispatch->status.last_delivery = now.utc;
    dispatch_well(dispatch, LANE_OF_RECORDS);
    if (++flight->step < flight->steps)
        return; /* the next request of the same record */
    note_berth(dispatch, &flight->record);
    dispatch_photo_taken(dispatch, &flight->record);
    flight->busy = false;
    outbox_delivered(dispatch->setup.outbox, flight->ticket);
}

/* It goes again, from its first request. */
static void back(struct dispatch *dispatch, struct flight *flight, const char *reason)
{
    flight->busy = false;
    outbox_release(dispatch->setup.outbox, flight->ticket);
    say(dispatch, reason);
}

/* The platform broke on it: the others go on, until it is plain that it is the platform. */
static void failed(struct dispatch *dispatch, struct flight *flight, const char *reason,
                   int64_t retry_after_ms, struct now now)
{
    if (++dispatch->broken >= BROKEN_MAX) {
        back(dispatch, flight, reason);
        dispatch_wait(dispatch, LANE_OF_RECORDS, retry_after_ms, now.mono);
        return;
    }
    flight->busy = false;
    outbox_later(dispatch->setup.outbox, flight->ticket, now.mono, retry_after_ms, reason);
}

/* Rule 5. Without a heartbeat to ask, the answer's own date has told the time. When that does not
 * help, waiting may. */
static void expired(struct dispatch *dispatch, struct flight *flight, const char *reason,
                    struct now now)
{
    back(dispatch, flight, reason);
    if (dispatch->clock_tries++ < CLOCK_TRIES)
        dispatch->clock_wanted = dispatch->city->heartbeat != NULL;
    else
        dispatch_stop(dispatch, LANE_OF_RECORDS, now.mono);
}

/* It may have arrived after newer counts than it carried: then they are told once more. */
static void recount(struct dispatch *dispatch, const struct flight *flight)
{
    const struct dispatch_setup *setup = &dispatch->setup;
    struct city_counts now;

    setup->hooks.counts(setup->hooks.arg, flight->lot->lot, &now);
    if (memcmp(&now, &flight->counts, sizeof now) != 0)
        stale_lot(setup->stale, flight->lot->lot);
}

void dispatch_records_answer(struct dispatch *dispatch, struct flight *flight,
                             enum adapter_verdict verdict, const char *reason,
                             int64_t retry_after_ms, struct now now)
{
    flight->under_way = false;
    if (dispatch->city->counting)
        recount(dispatch, flight);
    switch (verdict) {
    case ADAPTER_DELIVERED:
    case ADAPTER_DUPLICATE:
        delivered(dispatch, flight, now);
        break;
    case ADAPTER_REFUSED:
    case ADAPTER_SPLIT:
        flight->busy = false;
        outbox_refused(dispatch->setup.outbox, flight->ticket, reason);
        break;
    case ADAPTER_STOP:
        back(dispatch, flight, reason);
        dispatch_stop(dispatch, LANE_OF_RECORDS, now.mono);
        break;
    case ADAPTER_CLOCK:
        expired(dispatch, flight, reason, now);
        break;
    case ADAPTER_FAILED:
    case ADAPTER_EACH:
        failed(dispatch, flight, reason, retry_after_ms, now);
        break;
    case ADAPTER_RETRY:
        back(dispatch, flight, reason);
        dispatch_wait(dispatch, LANE_OF_RECORDS, retry_after_ms, now.mono);
    }
    dispatch->lanes[LANE_OF_RECORDS].probing = false;
}
