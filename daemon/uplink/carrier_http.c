/*
 * An uplink over HTTPS: two lanes, one for fresh vacancy and one for records (batch.h), each with
 * one request under way, its own connection and its own back-off, so that neither waits for the
 * other.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include "daemon/base/crypto.h"
#include "daemon/base/memory.h"
#include "daemon/core/backoff.h"
#include "daemon/uplink/batch.h"
#include "daemon/uplink/carrier.h"
#include "daemon/uplink/gather.h"
#include "daemon/uplink/http.h"

enum { BACKOFF_MS = 1000, BACKOFF_FLOOR_MS = 100 };

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
    bool records_turn;    /* vacancy has had the last request */
    struct gather gather; /* under way in `state` */
    bool lost;            /* it did not answer, and has taken no state since */
    struct batch batch;
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

static void state_settled(struct http_carrier *carrier, enum batch_next next,
                          const struct adapter_answer *answer)
{
    struct uplink *uplink = carrier->uplink;
    struct request_lane *lane = &carrier->state;

    if (carrier->gather.some) {
        lane->failures = 0;
        if (carrier->lost)
            stale_all(uplink->stale); /* it may have been started anew, with nothing in it */
        carrier->lost = false;
    }
    if (next == BATCH_WAIT)
        wait_for(carrier, lane, answer->retry_after_ms);
    if (next == BATCH_STOP)
        stop(carrier, lane);
    if (next == BATCH_WENT || answer->reason[0])
        uplink_say(uplink, LANE_STATE, answer->reason);
}

static void state_done(void *arg, const struct http_reply *reply)
{
    struct http_carrier *carrier = arg;
    struct adapter_reply given = to_adapter(reply);
    struct adapter_answer answer;

    uplink_wake(carrier->uplink);
    if (!reply->status) {
        gather_back(&carrier->gather);
        carrier->lost = true;
        unreachable(carrier, &carrier->state, LANE_STATE, reply->trouble);
        return;
    }
    carrier->uplink->connected = true;
    enum batch_next next = gather_settle(&carrier->gather, &given, &answer);
    state_settled(carrier, next, &answer);
}

static void send_state(struct http_carrier *carrier, mono_ms now)
{
    struct uplink *uplink = carrier->uplink;
    struct request_lane *lane = &carrier->state;

    if (http_call_busy(lane->call) || !mono_reached(now, lane->not_before) ||
        !uplink->settings->adapter->lot || !pace_peek(&uplink->pace, now) ||
        !gather_fill(&carrier->gather, &lane->request, now))
        return;
    crash_point("before_post");
    pace_take(&uplink->pace, now);
    carrier->records_turn = true;
    start(carrier, lane);
}

/* ---- records ---- */

static void records_settled(struct http_carrier *carrier, struct adapter_answer *answer)
{
    struct uplink *uplink = carrier->uplink;
    struct request_lane *lane = &carrier->records;

    switch (batch_settle(&carrier->batch, answer, clock_mono())) {
    case BATCH_WENT:
        lane->failures = 0;
        uplink->last_delivery = clock_utc();
        uplink_say(uplink, LANE_RECORDS, "");
        break;
    case BATCH_NOW:
        lane->failures = 0;
        break;
    case BATCH_WAIT:
        wait_for(carrier, lane, answer->retry_after_ms);
        uplink_say(uplink, LANE_RECORDS, answer->reason);
        break;
    case BATCH_STOP:
        stop(carrier, lane);
        uplink_say(uplink, LANE_RECORDS, answer->reason);
    }
}

static void records_done(void *arg, const struct http_reply *reply)
{
    struct http_carrier *carrier = arg;
    struct adapter_reply given = to_adapter(reply);
    struct adapter_answer answer;

    crash_point("answered");
    uplink_wake(carrier->uplink);
    if (!reply->status) {
        unreachable(carrier, &carrier->records, LANE_RECORDS, reply->trouble);
        if (reply->too_long && carrier->batch.count > 1)
            batch_split(&carrier->batch, reply->trouble);
        return;
    }
    carrier->uplink->connected = true;
    carrier->uplink->settings->adapter->classify(&given, carrier->batch.rows, carrier->batch.count,
                                                 &answer, carrier->batch.items);
    records_settled(carrier, &answer);
}

/* True: what cannot be sent was split, try again. */
static bool send_records(struct http_carrier *carrier, mono_ms now)
{
    struct uplink *uplink = carrier->uplink;
    struct adapter_context context = carrier_context(uplink);
    struct adapter_request *request = &carrier->records.request;
    struct err err;

    if (http_call_busy(carrier->records.call) || !mono_reached(now, carrier->records.not_before) ||
        !uplink->settings->adapter->records || !pace_peek(&uplink->pace, now) ||
        !batch_take(&carrier->batch))
        return false;
    carrier_request_clear(request);
    bool encoded = uplink->settings->adapter->records(&context, carrier->batch.rows,
                                                      carrier->batch.count, request, &err);
    if (!encoded || request->body.overflow) {
        batch_split(&carrier->batch, encoded ? "longer than a request may be" : err.text);
        return true;
    }
    pace_take(&uplink->pace, now);
    carrier->records_turn = false;
    start(carrier, &carrier->records);
    return false;
}

/* When a lane can do something of itself: not while its answer is awaited. */
static mono_ms ready_at(const struct request_lane *lane, mono_ms now)
{
    if (http_call_busy(lane->call))
        return MONO_NEVER;
    return lane->not_before.ms > now.ms ? lane->not_before : now;
}

static mono_ms later(mono_ms a, mono_ms b)
{
    return a.ms > b.ms ? a : b;
}

static mono_ms http_pump(void *arg, mono_ms now)
{
    struct http_carrier *carrier = arg;
    struct uplink *uplink = carrier->uplink;

    /* Vacancy goes first; where requests are rationed, the two take turns. */
    bool again = carrier->records_turn && send_records(carrier, now);
    send_state(carrier, now);
    again = again || send_records(carrier, now);
    mono_ms paced = pace_next(&uplink->pace);
    mono_ms state = later(ready_at(&carrier->state, now), stale_next(uplink->stale));
    mono_ms records = ready_at(&carrier->records, now);
    mono_ms next = MONO_NEVER;
    if (state.ms > now.ms)
        next = mono_earlier(next, state);
    if (records.ms > now.ms || again)
        next = mono_earlier(next, records);
    if (carrier->state.not_before.ms > now.ms)
        next = mono_earlier(next, carrier->state.not_before);
    return paced.ms > now.ms ? mono_earlier(next, paced) : next;
}

/* ---- its life ---- */

static void http_destroy_carrier(void *arg)
{
    struct http_carrier *carrier = arg;

    http_call_destroy(carrier->state.call);
    http_call_destroy(carrier->records.call);
    http_destroy(carrier->http);
    batch_fini(&carrier->batch);
    gather_fini(&carrier->gather);
    carrier_request_fini(&carrier->state.request);
    carrier_request_fini(&carrier->records.request);
    free(carrier);
}

static void *http_create_carrier(struct uplink *uplink, struct err *err)
{
    const struct uplink_settings *settings = uplink->settings;
    struct http_carrier *carrier = memory_new(1, sizeof *carrier);
    bool tells = settings->adapter->records != NULL;
    uint32_t batch_max = tells ? settings->adapter->batch_max : 1;

    carrier->uplink = uplink;
    carrier->settings = (struct http_settings){.tls = &settings->tls,
                                               .token = settings->token,
                                               .token_head = settings->adapter->token_head,
                                               .timeout_ms = settings->timeout_ms};
    batch_init(&carrier->batch, uplink->outbox,
               settings->window < batch_max ? settings->window : batch_max);
    gather_init(&carrier->gather, uplink);
    carrier_request_init(&carrier->state.request, gather_size(settings->adapter));
    carrier_request_init(&carrier->records.request, tells ? settings->adapter->body_max : 1);
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
