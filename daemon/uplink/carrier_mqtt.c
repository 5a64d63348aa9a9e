/*
 * An uplink over MQTT. State goes first and newest-wins; records follow in order within the window.
 * After each connect all state is sent again, and what was in flight before it.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include "daemon/base/memory.h"
#include "daemon/uplink/inbox.h"

enum { TAKE_MAX = 64, CLIENT_ID_SIZE = 128 };

static const uint64_t state_ticket = UINT64_MAX;

struct mqtt_carrier {
    struct uplink *uplink;
    struct mqtt_settings settings;
    char client_id[CLIENT_ID_SIZE];
    struct adapter_request will, request;
    struct inbox *inbox; /* NULL: the platform gives no orders */
    const char *topic;
    struct mqtt_subscription subscription;
    struct broker *broker;
    bool greeted; /* the status topic says "online" on this connection */
};

/* ---- what the broker tells ---- */

static void on_connected(void *arg)
{
    struct mqtt_carrier *carrier = arg;
    struct uplink *uplink = carrier->uplink;

    carrier->greeted = false;
    uplink->connected = true;
    stale_all(uplink->stale);
    uplink_say(uplink, LANE_RECORDS, "");
    uplink_say(uplink, LANE_STATE, "");
}

static void on_ready(void *arg)
{
    struct mqtt_carrier *carrier = arg;

    uplink_wake(carrier->uplink);
}

static void on_delivered(void *arg, uint64_t ticket)
{
    struct mqtt_carrier *carrier = arg;

    if (ticket == state_ticket)
        return;
    crash_point("delivered");
    outbox_delivered(carrier->uplink->outbox, (uint32_t)ticket);
    carrier->uplink->last_delivery = clock_utc();
}

static void on_received(void *arg, const struct mqtt_message *message)
{
    struct mqtt_carrier *carrier = arg;

    inbox_receive(carrier->inbox, message);
}

static void on_lost(void *arg, const char *reason)
{
    struct mqtt_carrier *carrier = arg;

    if (carrier->inbox)
        inbox_lost(carrier->inbox);
    carrier->uplink->connected = false;
    outbox_release_all(carrier->uplink->outbox);
    uplink_say(carrier->uplink, LANE_RECORDS, reason);
}

/* ---- sending ---- */

/* False: the broker takes no more now. What cannot be said in this protocol counts as said. */
static bool publish(struct mqtt_carrier *carrier, bool encoded, const struct err *err)
{
    const struct adapter_request *request = &carrier->request;

    if (!encoded || request->target.overflow || request->body.overflow) {
        uplink_say(carrier->uplink, LANE_STATE, encoded ? "a message is too long" : err->text);
        return true;
    }
    return broker_publish(carrier->broker, request->target.bytes, &request->body, request->retained,
                          state_ticket);
}

static bool send_status(struct mqtt_carrier *carrier, bool online)
{
    const struct adapter *adapter = carrier->uplink->settings->adapter;
    struct adapter_context context = carrier_context(carrier->uplink);
    struct err err;

    if (!adapter->online)
        return true;
    carrier_request_clear(&carrier->request);
    bool encoded = adapter->online(&context, online, &carrier->request, &err);
    return publish(carrier, encoded, &err);
}

static void send_lots(struct mqtt_carrier *carrier, mono_ms now)
{
    struct uplink *uplink = carrier->uplink;
    struct adapter_context context = carrier_context(uplink);
    struct err err;
    uint32_t lot;

    while (broker_room(carrier->broker) && stale_take_lot(uplink->stale, now, &lot)) {
        carrier_request_clear(&carrier->request);
        bool encoded = uplink->settings->adapter->lot(&context, lot, uplink_lot_json(uplink, lot),
                                                      &carrier->request, &err);
        if (!publish(carrier, encoded, &err)) {
            stale_lot(uplink->stale, lot);
            return;
        }
        uplink->vacancies_sent++;
    }
}

/* At most a quarter of the room, so that records move on however many bays change. */
static void send_bays(struct mqtt_carrier *carrier)
{
    struct uplink *uplink = carrier->uplink;
    struct adapter_context context = carrier_context(uplink);
    struct err err;
    uint32_t bay, most = (broker_room(carrier->broker) + 3) / 4;

    while (most-- > 0 && uplink->settings->adapter->bay && stale_take_bay(uplink->stale, &bay)) {
        carrier_request_clear(&carrier->request);
        bool encoded = uplink->settings->adapter->bay(&context, bay, uplink_bay_json(uplink, bay),
                                                      &carrier->request, &err);
        if (!publish(carrier, encoded, &err)) {
            stale_bay(uplink->stale, bay);
            return;
        }
    }
}

static bool send_record(struct mqtt_carrier *carrier, const struct adapter_context *context,
                        uint32_t ticket)
{
    struct outbox *outbox = carrier->uplink->outbox;
    struct adapter_request *request = &carrier->request;
    struct err err;

    carrier_request_clear(request);
    bool encoded =
        context->settings->adapter->records(context, outbox_row(outbox, ticket), 1, request, &err);
    if (!encoded || request->body.overflow) {
        outbox_refused(outbox, ticket, encoded ? "longer than a message may be" : err.text);
        return true;
    }
    return broker_publish(carrier->broker, request->target.bytes, &request->body, request->retained,
                          ticket);
}

/* False when there is nothing more to send, or no room for it. */
static bool send_records(struct mqtt_carrier *carrier, mono_ms now)
{
    struct uplink *uplink = carrier->uplink;
    struct adapter_context context = carrier_context(uplink);
    uint32_t tickets[TAKE_MAX];
    uint32_t room = broker_room(carrier->broker);
    size_t taken = outbox_take(uplink->outbox, room < TAKE_MAX ? room : TAKE_MAX, tickets);
    bool sent = true;

    for (size_t i = 0; i < taken; i++) {
        sent = sent && pace_take(&uplink->pace, now) && send_record(carrier, &context, tickets[i]);
        if (!sent)
            outbox_release(uplink->outbox, tickets[i]);
    }
    return sent && taken > 0;
}

static mono_ms mqtt_pump(void *arg, mono_ms now)
{
    struct mqtt_carrier *carrier = arg;
    struct uplink *uplink = carrier->uplink;

    if (carrier->inbox)
        inbox_pump(carrier->inbox, carrier->broker, &carrier->request);
    if (broker_room(carrier->broker))
        uplink_say(uplink, LANE_ORDERS,
                   broker_refused(carrier->broker)
                       ? "the broker does not let us read them; ask its operator"
                       : "");
    if (!broker_room(carrier->broker))
        return MONO_NEVER; /* on_ready() comes */
    carrier->greeted = carrier->greeted || send_status(carrier, true);
    send_lots(carrier, now);
    send_bays(carrier);
    while (broker_room(carrier->broker) && send_records(carrier, now))
        ;
    crash_point("before_flush");
    broker_flush(carrier->broker);
    crash_point("after_send");
    if (!broker_room(carrier->broker))
        return MONO_NEVER;
    mono_ms paced = pace_next(&uplink->pace);
    mono_ms next = stale_next(uplink->stale);
    return paced.ms > now.ms ? mono_earlier(paced, next) : next;
}

/* ---- its life ---- */

/* With a session that the broker keeps: orders wait there while we are away. */
static bool subscribe(struct mqtt_carrier *carrier, struct err *err)
{
    carrier->inbox = inbox_create(carrier->uplink, err);
    if (!carrier->inbox)
        return false;
    carrier->topic = inbox_topic(carrier->inbox);
    carrier->subscription =
        (struct mqtt_subscription){.topics = &carrier->topic, .count = 1, .received = on_received};
    carrier->settings.subscription = &carrier->subscription;
    return true;
}

static bool prepare(struct mqtt_carrier *carrier, struct err *err)
{
    struct uplink *uplink = carrier->uplink;
    const struct uplink_settings *settings = uplink->settings;
    struct adapter_context context = carrier_context(uplink);
    struct text id;

    text_init(&id, carrier->client_id, sizeof carrier->client_id);
    text_add(&id, "parkd-%s-%s", uplink->source.plan->id, settings->name);
    carrier->settings = (struct mqtt_settings){
        .host = uplink->url.host,
        .port = uplink->url.port,
        .client_id = carrier->client_id,
        .username = settings->username,
        .password = settings->password,
        .tls = uplink->url.secure ? &settings->tls : NULL,
        .window = settings->window < MQTT_WINDOW_MAX ? settings->window : MQTT_WINDOW_MAX,
        .timeout_ms = settings->timeout_ms,
        .backoff_max_ms = settings->backoff_max_ms,
    };
    if (settings->commands && !subscribe(carrier, err))
        return false;
    if (!settings->adapter->online)
        return true;
    if (!settings->adapter->online(&context, false, &carrier->will, err))
        return false;
    carrier->settings.will_topic = carrier->will.target.bytes;
    carrier->settings.will_body = carrier->will.body.bytes;
    return true;
}

static void release(struct mqtt_carrier *carrier)
{
    inbox_destroy(carrier->inbox);
    carrier_request_fini(&carrier->request);
    carrier_request_fini(&carrier->will);
    free(carrier);
}

static void *mqtt_create_carrier(struct uplink *uplink, struct err *err)
{
    struct mqtt_carrier *carrier = memory_new(1, sizeof *carrier);
    struct broker_hooks hooks = {.arg = carrier,
                                 .connected = on_connected,
                                 .ready = on_ready,
                                 .delivered = on_delivered,
                                 .lost = on_lost};

    carrier->uplink = uplink;
    carrier_request_init(&carrier->request, uplink->settings->adapter->body_max);
    carrier_request_init(&carrier->will, uplink->settings->adapter->body_max);
    if (prepare(carrier, err))
        carrier->broker = broker_create(&carrier->settings, uplink->loop, &hooks, err);
    if (!carrier->broker) {
        release(carrier);
        return NULL;
    }
    return carrier;
}

static void mqtt_destroy_carrier(void *arg)
{
    struct mqtt_carrier *carrier = arg;

    if (broker_room(carrier->broker))
        send_status(carrier, false); /* a goodbye is no loss: the broker would not say it for us */
    broker_destroy(carrier->broker);
    outbox_release_all(carrier->uplink->outbox);
    release(carrier);
}

const struct carrier carrier_mqtt = {
    .create = mqtt_create_carrier,
    .destroy = mqtt_destroy_carrier,
    .pump = mqtt_pump,
};
