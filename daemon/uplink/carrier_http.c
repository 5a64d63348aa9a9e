/*
 * An uplink over HTTPS: two lanes, one for fresh vacancy and one for records, each with one request
 * under way, its own connection and its own back-off, so that neither waits for the other.
 *
 * A batch of records stays together until it is settled: sent again after a lost answer it is the
 * same bytes under the same key. A batch that is refused whole is halved until the record at fault
 * is alone; after a success the next one is twice as large.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/crypto.h"
#include "daemon/base/memory.h"
#include "daemon/core/backoff.h"
#include "daemon/uplink/carrier.h"
#include "daemon/uplink/http.h"

enum {
    BACKOFF_MS = 1000,
    BACKOFF_FLOOR_MS = 100,
    STRIKES = 3 /* answers of 500 in a row before one record is suspected */
};

struct request_lane {
    struct http_call *call;
    struct adapter_request request;
    mono_ms not_before;
    uint32_t failures; /* in a row */
};

struct http_carrier {
    struct uplink *uplink;
    struct http_settings settings;
    struct http *http;
    struct request_lane state, records;
    uint32_t lot; /* under way in `state` */
    /* The batch: in flight for the outbox from outbox_take() until it is settled. */
    uint32_t *tickets;
    struct store_row *rows;
    struct adapter_answer *items;
    size_t count, limit, limit_max;
    uint32_t strikes;
    bool suspected; /* one was set aside on suspicion, and nothing has gone through since */
};

static void wait_for(struct http_carrier *carrier, struct request_lane *lane, int64_t floor_ms)
{
    uint64_t random;

    crypto_random(&random, sizeof random);
    if (floor_ms < BACKOFF_FLOOR_MS)
        floor_ms = BACKOFF_FLOOR_MS;
    lane->not_before =
        mono_after(clock_mono(),
                   backoff_after_ms(floor_ms, BACKOFF_MS, carrier->uplink->settings->backoff_max_ms,
                                    lane->failures++, random));
}

/* Waiting will not cure it: try seldom, and let a person read why. */
static void stop(struct http_carrier *carrier, struct request_lane *lane)
{
    lane->not_before = mono_after(clock_mono(), carrier->uplink->settings->backoff_max_ms);
}

static void start(struct http_carrier *carrier, struct request_lane *lane)
{
    const struct adapter_request *request = &lane->request;

    http_call_start(lane->call, request->method, carrier->uplink->settings->url, &request->target,
                    &request->headers, &request->body);
}

/* No answer came. */
static void unreachable(struct http_carrier *carrier, struct request_lane *lane, enum lane name,
                        const char *trouble)
{
    carrier->uplink->connected = false;
    wait_for(carrier, lane, 0);
    uplink_say(carrier->uplink, name, trouble);
}

static struct adapter_reply to_adapter(const struct http_reply *reply)
{
    return (struct adapter_reply){.status = reply->status,
                                  .retry_after_ms = reply->retry_after_ms,
                                  .body = reply->body,
                                  .size = reply->size};
}

/* ---- fresh vacancy ---- */

static void state_settled(struct http_carrier *carrier, const struct adapter_answer *answer)
{
    struct uplink *uplink = carrier->uplink;

    switch (answer->verdict) {
    case ADAPTER_DELIVERED:
    case ADAPTER_DUPLICATE:
        carrier->state.failures = 0;
        uplink->vacancies_sent++;
        uplink_say(uplink, LANE_STATE, "");
        break;
    case ADAPTER_STOP:
        stale_lot(uplink->stale, carrier->lot);
        stop(carrier, &carrier->state);
        uplink_say(uplink, LANE_STATE, answer->reason);
        break;
    case ADAPTER_REFUSED: /* of this lot: the next change is another matter, other lots too */
        uplink_say(uplink, LANE_STATE, answer->reason);
        break;
    default:
        stale_lot(uplink->stale, carrier->lot);
        wait_for(carrier, &carrier->state, answer->retry_after_ms);
        uplink_say(uplink, LANE_STATE, answer->reason);
    }
}

static void state_done(void *arg, const struct http_reply *reply)
{
    struct http_carrier *carrier = arg;
    struct adapter_reply given = to_adapter(reply);
    struct adapter_answer answer;

    uplink_wake(carrier->uplink);
    if (!reply->status) {
        stale_lot(carrier->uplink->stale, carrier->lot);
        unreachable(carrier, &carrier->state, LANE_STATE, reply->trouble);
        return;
    }
    carrier->uplink->connected = true;
    carrier->uplink->settings->adapter->classify(&given, NULL, 0, &answer, NULL);
    state_settled(carrier, &answer);
}

static void send_state(struct http_carrier *carrier, mono_ms now)
{
    struct uplink *uplink = carrier->uplink;
    struct adapter_context context = carrier_context(uplink);
    struct adapter_request *request = &carrier->state.request;
    struct err err;

    if (http_call_busy(carrier->state.call) || !mono_reached(now, carrier->state.not_before) ||
        !uplink->settings->adapter->lot || !pace_peek(&uplink->pace, now) ||
        !stale_take_lot(uplink->stale, now, &carrier->lot))
        return;
    carrier_request_clear(request);
    if (!uplink->settings->adapter->lot(&context, carrier->lot,
                                        uplink_lot_json(uplink, carrier->lot), request, &err)) {
        uplink_say(uplink, LANE_STATE, err.text);
        return;
    }
    if (request->body.overflow || request->target.overflow) {
        uplink_say(uplink, LANE_STATE, "a lot's vacancy is longer than a request may be");
        return;
    }
    pace_take(&uplink->pace, now);
    start(carrier, &carrier->state);
}

/* ---- records ---- */

static void release_batch(struct http_carrier *carrier)
{
    for (size_t i = carrier->count; i > 0; i--)
        outbox_release(carrier->uplink->outbox, carrier->tickets[i - 1]);
    carrier->count = 0;
}

static void went_through(struct http_carrier *carrier)
{
    carrier->records.failures = carrier->strikes = 0;
    carrier->suspected = false;
    carrier->limit =
        carrier->limit * 2 < carrier->limit_max ? carrier->limit * 2 : carrier->limit_max;
    carrier->uplink->last_delivery = clock_utc();
    uplink_say(carrier->uplink, LANE_RECORDS, "");
}

/* Refused whole: the half of it next, or this one record set aside. */
static void split(struct http_carrier *carrier, const char *reason)
{
    carrier->strikes = 0;
    if (carrier->count > 1) {
        carrier->limit = carrier->count / 2;
        release_batch(carrier);
        return;
    }
    outbox_refused(carrier->uplink->outbox, carrier->tickets[0], reason);
    carrier->count = 0;
}

/* The platform broke. Perhaps one record is the cause: after some strikes it is searched for, and
 * set aside for a while. If the next one breaks it too, it is the platform. */
static void broke(struct http_carrier *carrier, const struct adapter_answer *answer)
{
    wait_for(carrier, &carrier->records, answer->retry_after_ms);
    uplink_say(carrier->uplink, LANE_RECORDS, answer->reason);
    if (++carrier->strikes < STRIKES || (carrier->count == 1 && carrier->suspected))
        return;
    if (carrier->count > 1) {
        split(carrier, answer->reason);
        return;
    }
    carrier->strikes = 0;
    carrier->suspected = true;
    outbox_later(carrier->uplink->outbox, carrier->tickets[0], clock_mono(), answer->retry_after_ms,
                 answer->reason);
    carrier->count = 0;
}

static void settle_one(struct http_carrier *carrier, size_t i)
{
    struct outbox *outbox = carrier->uplink->outbox;
    const struct adapter_answer *item = &carrier->items[i];

    switch (item->verdict) {
    case ADAPTER_DELIVERED:
    case ADAPTER_DUPLICATE:
        outbox_delivered(outbox, carrier->tickets[i]);
        break;
    case ADAPTER_REFUSED:
        outbox_refused(outbox, carrier->tickets[i], item->reason);
        break;
    default:
        outbox_later(outbox, carrier->tickets[i], clock_mono(), item->retry_after_ms, item->reason);
    }
}

static bool all_later(const struct http_carrier *carrier)
{
    for (size_t i = 0; i < carrier->count; i++) {
        if (carrier->items[i].verdict != ADAPTER_RETRY)
            return false;
    }
    return true;
}

/* When all of several are to come later, it is the platform that is not ready: the batch waits
 * whole, for some strikes. */
static void settle_each(struct http_carrier *carrier, const struct adapter_answer *answer)
{
    bool later = all_later(carrier);

    if (later) {
        wait_for(carrier, &carrier->records, answer->retry_after_ms);
        uplink_say(carrier->uplink, LANE_RECORDS, carrier->items[0].reason);
    }
    if (later && carrier->count > 1 && ++carrier->strikes < STRIKES)
        return;
    for (size_t i = 0; i < carrier->count; i++)
        settle_one(carrier, i);
    carrier->count = 0;
    if (later)
        carrier->strikes = 0;
    else
        went_through(carrier);
}

static void records_settled(struct http_carrier *carrier, const struct adapter_answer *answer)
{
    switch (answer->verdict) {
    case ADAPTER_DELIVERED:
    case ADAPTER_DUPLICATE:
        for (size_t i = 0; i < carrier->count; i++)
            outbox_delivered(carrier->uplink->outbox, carrier->tickets[i]);
        carrier->count = 0;
        went_through(carrier);
        break;
    case ADAPTER_EACH:
        settle_each(carrier, answer);
        break;
    case ADAPTER_SPLIT:
    case ADAPTER_REFUSED:
        split(carrier, answer->reason);
        break;
    case ADAPTER_FAILED:
        broke(carrier, answer);
        break;
    case ADAPTER_STOP:
        stop(carrier, &carrier->records);
        uplink_say(carrier->uplink, LANE_RECORDS, answer->reason);
        break;
    case ADAPTER_RETRY:
        wait_for(carrier, &carrier->records, answer->retry_after_ms);
        uplink_say(carrier->uplink, LANE_RECORDS, answer->reason);
    }
}

static void records_done(void *arg, const struct http_reply *reply)
{
    struct http_carrier *carrier = arg;
    struct adapter_reply given = to_adapter(reply);
    struct adapter_answer answer;

    uplink_wake(carrier->uplink);
    if (!reply->status) {
        unreachable(carrier, &carrier->records, LANE_RECORDS, reply->trouble);
        if (reply->too_long && carrier->count > 1)
            split(carrier, reply->trouble);
        return;
    }
    carrier->uplink->connected = true;
    carrier->uplink->settings->adapter->classify(&given, carrier->rows, carrier->count, &answer,
                                                 carrier->items);
    records_settled(carrier, &answer);
}

/* Encodes the batch. False when it cannot be said, and was split. */
static bool encode_batch(struct http_carrier *carrier)
{
    struct adapter_context context = carrier_context(carrier->uplink);
    struct adapter_request *request = &carrier->records.request;
    struct err err;

    for (size_t i = 0; i < carrier->count; i++)
        carrier->rows[i] = *outbox_row(carrier->uplink->outbox, carrier->tickets[i]);
    carrier_request_clear(request);
    bool encoded =
        context.settings->adapter->records(&context, carrier->rows, carrier->count, request, &err);
    if (encoded && !request->body.overflow)
        return true;
    split(carrier, encoded ? "longer than a request may be" : err.text);
    uplink_wake(carrier->uplink);
    return false;
}

static void send_records(struct http_carrier *carrier, mono_ms now)
{
    struct uplink *uplink = carrier->uplink;

    if (http_call_busy(carrier->records.call) || !mono_reached(now, carrier->records.not_before) ||
        !pace_peek(&uplink->pace, now))
        return;
    if (!carrier->count)
        carrier->count = outbox_take(uplink->outbox, carrier->limit, carrier->tickets);
    if (!carrier->count || !encode_batch(carrier))
        return;
    pace_take(&uplink->pace, now);
    start(carrier, &carrier->records);
}

static mono_ms http_pump(void *arg, mono_ms now)
{
    struct http_carrier *carrier = arg;
    mono_ms next = stale_next(carrier->uplink->stale);
    mono_ms paced = pace_next(&carrier->uplink->pace);

    send_state(carrier, now);
    send_records(carrier, now);
    if (paced.ms > now.ms)
        next = mono_earlier(next, paced);
    if (carrier->state.not_before.ms > now.ms)
        next = mono_earlier(next, carrier->state.not_before);
    if (carrier->records.not_before.ms > now.ms)
        next = mono_earlier(next, carrier->records.not_before);
    return next;
}

/* ---- its life ---- */

static void http_destroy_carrier(void *arg)
{
    struct http_carrier *carrier = arg;

    http_call_destroy(carrier->state.call);
    http_call_destroy(carrier->records.call);
    http_destroy(carrier->http);
    release_batch(carrier);
    carrier_request_fini(&carrier->state.request);
    carrier_request_fini(&carrier->records.request);
    free(carrier->tickets);
    free(carrier->rows);
    free(carrier->items);
    free(carrier);
}

static void *http_create_carrier(struct uplink *uplink, struct err *err)
{
    const struct uplink_settings *settings = uplink->settings;
    struct http_carrier *carrier = memory_new(1, sizeof *carrier);
    uint32_t batch_max = settings->adapter->batch_max;

    carrier->uplink = uplink;
    carrier->settings = (struct http_settings){
        .tls = &settings->tls, .token = settings->token, .timeout_ms = settings->timeout_ms};
    carrier->limit_max = settings->window < batch_max ? settings->window : batch_max;
    carrier->limit = carrier->limit_max;
    carrier->tickets = memory_new(carrier->limit_max, sizeof *carrier->tickets);
    carrier->rows = memory_new(carrier->limit_max, sizeof *carrier->rows);
    carrier->items = memory_new(carrier->limit_max, sizeof *carrier->items);
    carrier_request_init(&carrier->state.request, STATE_MAX);
    carrier_request_init(&carrier->records.request, settings->adapter->body_max);
    carrier->http = http_create(&carrier->settings, uplink->loop, err);
    if (!carrier->http) {
        http_destroy_carrier(carrier);
        return NULL;
    }
    carrier->state.call = http_call_create(carrier->http, state_done, carrier);
    carrier->records.call = http_call_create(carrier->http, records_done, carrier);
    return carrier;
}

const struct carrier carrier_http = {
    .create = http_create_carrier,
    .destroy = http_destroy_carrier,
    .pump = http_pump,
};
