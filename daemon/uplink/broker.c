/*
 * The life of our connection to a broker: waiting, looking up, connecting, connected. The look-up
 * is inside of the library's connect call, so the whole client moves to a worker thread for that
 * call and back; a TLS certificate is thus checked against the name. An attempt has a deadline.
 */
#include "daemon/uplink/broker.h"

#include <arpa/inet.h>
#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "daemon/base/clock.h"
#include "daemon/base/crypto.h"
#include "daemon/base/memory.h"
#include "daemon/base/worker.h"
#include "daemon/core/backoff.h"

enum {
    TICK_MS = 1000,
    BACKOFF_MS = 1000,
    BACKOFF_FLOOR_MS = 100,
    STEADY_MS = 10000, /* a connection that lasted so long begins the back-off anew */
    GOODBYE_MS = 500
};

enum state { WAITING, LOOKING_UP, CONNECTING, CONNECTED };

/* To the worker and back; the client's ownership moves with it. */
struct look_up {
    struct mqtt *mqtt;
    enum mqtt_family family;
    bool ok;
    struct err err;
};

struct broker {
    const struct mqtt_settings *settings;
    struct loop *loop;
    struct broker_hooks hooks;
    struct worker *worker; /* NULL when the host is an IP literal */
    struct loop_watch *worker_watch;
    struct mqtt *mqtt; /* NULL while WAITING, and while the worker has it */
    struct loop_watch *watch;
    struct loop_timer *timer;
    enum state state;
    uint32_t attempts, family;
    mono_ms since; /* of the attempt, then of the connection */
};

static void drop(struct broker *broker)
{
    loop_unwatch(broker->watch);
    broker->watch = NULL;
    mqtt_destroy(broker->mqtt);
    broker->mqtt = NULL;
}

static void lost(struct broker *broker, const struct err *err)
{
    mono_ms steady = mono_after(broker->since, STEADY_MS);
    uint64_t random;

    if (broker->state == CONNECTED && mono_reached(clock_mono(), steady))
        broker->attempts = 0;
    if (broker->state != CONNECTED)
        broker->family = (broker->family + 1) % MQTT_FAMILIES;
    crypto_random(&random, sizeof random);
    drop(broker);
    broker->state = WAITING;
    loop_timer_after(broker->timer, backoff_after_ms(BACKOFF_FLOOR_MS, BACKOFF_MS,
                                                     broker->settings->backoff_max_ms,
                                                     broker->attempts++, random));
    broker->hooks.lost(broker->hooks.arg, err->text);
}

static void on_socket(void *arg, unsigned events)
{
    struct broker *broker = arg;
    struct err err;

    if (!mqtt_advance(broker->mqtt, events, &err)) {
        lost(broker, &err);
        return;
    }
    if (broker->state == CONNECTING && mqtt_connected(broker->mqtt)) {
        broker->state = CONNECTED;
        broker->since = clock_mono();
        broker->hooks.connected(broker->hooks.arg);
    }
    if (broker->state == CONNECTED)
        broker->hooks.ready(broker->hooks.arg);
    if (broker->watch)
        loop_watch_events(broker->watch, mqtt_events(broker->mqtt));
}

/* mqtt_connect() has been called, here or on the worker. */
static void begin(struct broker *broker, bool ok, struct err *err)
{
    broker->state = CONNECTING;
    if (ok)
        broker->watch = loop_watch(broker->loop, mqtt_fd(broker->mqtt), mqtt_events(broker->mqtt),
                                   on_socket, broker, err);
    if (!broker->watch)
        lost(broker, err);
    else
        loop_timer_after(broker->timer, TICK_MS);
}

static void attempt(struct broker *broker)
{
    struct look_up request = {.family = (enum mqtt_family)broker->family};
    struct err err;

    broker->since = clock_mono();
    broker->mqtt = mqtt_create(broker->settings, broker->hooks.delivered, broker->hooks.arg, &err);
    if (!broker->mqtt) {
        lost(broker, &err);
    } else if (!broker->worker) {
        bool ok = mqtt_connect(broker->mqtt, MQTT_ANY, &err);
        begin(broker, ok, &err);
    } else {
        request.mqtt = broker->mqtt;
        broker->mqtt = NULL;
        broker->state = LOOKING_UP;
        bool sent = worker_send(broker->worker, &request, sizeof request);
        assert(sent); /* one is under way at a time */
        (void)sent;
    }
}

static void on_timer(void *arg)
{
    struct broker *broker = arg;
    mono_ms deadline = mono_after(broker->since, broker->settings->timeout_ms);
    struct err err;

    if (broker->state == WAITING) {
        attempt(broker);
        return;
    }
    if (!mqtt_tick(broker->mqtt, &err)) {
        lost(broker, &err);
        return;
    }
    if (broker->state == CONNECTING && mono_reached(clock_mono(), deadline)) {
        err_set(&err, "broker %s:%u: no answer; is this its address, and is the way open?",
                broker->settings->host, broker->settings->port);
        lost(broker, &err);
        return;
    }
    loop_timer_after(broker->timer, TICK_MS);
    broker_flush(broker); /* a ping may have been queued */
}

/* On the worker's thread. */
static void look_up(struct port *port, void *arg)
{
    struct look_up request;

    (void)arg;
    while (port_receive(port, &request, sizeof request, -1) == PORT_MESSAGE) {
        request.ok = mqtt_connect(request.mqtt, request.family, &request.err);
        if (!port_send(port, &request, sizeof request))
            mqtt_destroy(request.mqtt);
    }
}

static void on_worker(void *arg, unsigned events)
{
    struct broker *broker = arg;
    struct look_up answer;

    (void)events;
    if (!worker_receive(broker->worker, &answer, sizeof answer))
        return;
    broker->mqtt = answer.mqtt;
    begin(broker, answer.ok, &answer.err);
}

static bool is_literal(const char *host)
{
    struct in6_addr address;

    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

static bool start_worker(struct broker *broker, struct err *err)
{
    broker->worker = worker_create("parkd-lookup", look_up, NULL, err);
    if (!broker->worker)
        return false;
    broker->worker_watch =
        loop_watch(broker->loop, worker_fd(broker->worker), LOOP_READ, on_worker, broker, err);
    return broker->worker_watch != NULL;
}

struct broker *broker_create(const struct mqtt_settings *settings, struct loop *loop,
                             const struct broker_hooks *hooks, struct err *err)
{
    struct broker *broker = memory_new(1, sizeof *broker);

    *broker = (struct broker){.settings = settings, .loop = loop, .hooks = *hooks};
    broker->timer = loop_timer(loop, on_timer, broker);
    if (!is_literal(settings->host) && !start_worker(broker, err)) {
        broker_destroy(broker);
        return NULL;
    }
    loop_timer_after(broker->timer, 0);
    return broker;
}

/* The worker throws away what it sends after its end was closed: the client is fetched first. */
static void await_look_up(struct broker *broker)
{
    struct pollfd wait = {.fd = worker_fd(broker->worker), .events = POLLIN};
    struct look_up answer;

    while (!worker_receive(broker->worker, &answer, sizeof answer))
        poll(&wait, 1, -1);
    broker->mqtt = answer.mqtt;
}

void broker_destroy(struct broker *broker)
{
    if (!broker)
        return;
    if (broker->state == CONNECTED)
        mqtt_goodbye(broker->mqtt, GOODBYE_MS);
    if (broker->state == LOOKING_UP)
        await_look_up(broker);
    drop(broker);
    loop_unwatch(broker->worker_watch);
    worker_destroy(broker->worker);
    loop_timer_destroy(broker->timer);
    free(broker);
}

uint32_t broker_room(const struct broker *broker)
{
    return broker->state == CONNECTED ? mqtt_room(broker->mqtt) : 0;
}

bool broker_refused(const struct broker *broker)
{
    return broker->state == CONNECTED && mqtt_refused(broker->mqtt);
}

bool broker_publish(struct broker *broker, const char *topic, const struct text *body,
                    bool retained, uint64_t ticket)
{
    return broker->state == CONNECTED && mqtt_publish(broker->mqtt, topic, body, retained, ticket);
}

void broker_release(struct broker *broker)
{
    struct err err;

    if (broker->state != CONNECTED)
        return;
    if (!mqtt_release(broker->mqtt, &err))
        lost(broker, &err);
    else
        loop_watch_events(broker->watch, mqtt_events(broker->mqtt));
}

void broker_flush(struct broker *broker)
{
    struct err err;

    if (broker->state != CONNECTED)
        return;
    if (!mqtt_flush(broker->mqtt, &err))
        lost(broker, &err);
    else
        loop_watch_events(broker->watch, mqtt_events(broker->mqtt));
}
