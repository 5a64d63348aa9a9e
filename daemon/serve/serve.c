/*
 * Serve as a whole: the two listeners and the replies that are owed until the gateway answers. See
 * serve.h.
 */
#include "daemon/serve/serve.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/serve/admit.h"
#include "daemon/serve/events.h"
#include "daemon/serve/listener.h"
#include "daemon/serve/pem.h"

enum {
    TCP_CONNECTIONS = 32,
    CONTROL_CONNECTIONS = 16,
    IDLE_S = 30,
    REPLY_MAX_MS = 20 * 1000, /* a commit takes milliseconds; a disk in trouble, for ever */
    BACKUP_MAX_MS = 60 * 60 * 1000,
    REPLY_LOOK_MS = 1000
};

struct side {
    struct serve *serve;
    struct http_server *server; /* NULL: not configured */
    bool control;
    const char *scheme; /* NULL: the control socket's */
};

struct serve_reply {
    struct serve *serve;            /* NULL: serve has gone */
    struct http_exchange *exchange; /* NULL: nobody waits any more */
    mono_ms deadline;
    struct serve_reply *next, **link;
};

struct serve {
    struct live *live;
    struct events *events;
    struct side tcp, control;
    struct admit *admit;
    bool asks_token;
    struct serve_reply *replies; /* owed, newest first */
    struct loop_timer *timer;    /* runs while any is owed */
    char *control_path;
    uint16_t port;
};

static void look_at_replies(void *arg)
{
    struct serve *serve = arg;
    mono_ms now = serve->live->source.now(serve->live->source.arg).mono;

    for (struct serve_reply *reply = serve->replies; reply; reply = reply->next) {
        struct http_exchange *exchange = reply->exchange;

        if (!exchange || !mono_reached(now, reply->deadline))
            continue;
        reply->exchange = NULL;
        api_turn_down(
            exchange, 503, "taken, but not yet durable",
            "the disk is slow or failing: see the store in parkctl status; do not repeat it");
    }
    if (serve->replies)
        loop_timer_after(serve->timer, REPLY_LOOK_MS);
}

static void command(struct serve *serve, struct api_call *call)
{
    struct serve_reply *reply = memory_new(1, sizeof *reply);
    bool backup = call->command.command == SERVE_BACKUP;

    *reply = (struct serve_reply){
        .serve = serve,
        .exchange = call->exchange,
        .deadline = mono_after(call->now.mono, backup ? BACKUP_MAX_MS : REPLY_MAX_MS),
        .next = serve->replies,
        .link = &serve->replies};
    if (reply->next)
        reply->next->link = &reply->next;
    serve->replies = reply;
    loop_timer_after(serve->timer, REPLY_LOOK_MS);
    serve->live->source.request(serve->live->source.arg, &call->command, reply);
}

void serve_answer(struct serve_reply *reply, int http_status, const char *json)
{
    if (reply->exchange)
        http_exchange_answer(reply->exchange, &(struct http_answer){.status = http_status,
                                                                    .type = "application/json",
                                                                    .body = memory_text(json),
                                                                    .size = strlen(json)});
    if (reply->serve) {
        *reply->link = reply->next;
        if (reply->next)
            reply->next->link = reply->link;
    }
    free(reply);
}

static void answer(struct http_exchange *exchange, const struct api_call *call)
{
    http_exchange_answer(
        exchange, &(struct http_answer){.status = call->status,
                                        .type = call->type,
                                        .allow = call->allow,
                                        .body = memory_grow(call->out.bytes, 1, call->out.used + 1),
                                        .size = call->out.used});
}

static void answer_constant(struct http_exchange *exchange, const struct api_call *call)
{
    http_exchange_answer(exchange, &(struct http_answer){.status = call->status,
                                                         .type = call->type,
                                                         .body = (char *)call->constant,
                                                         .size = call->constant_size,
                                                         .constant = true});
}

static void stream(struct serve *serve, struct http_exchange *exchange)
{
    const char *snapshot = http_exchange_query(exchange, "snapshot");

    if (!events_open(serve->events, exchange, snapshot && strcmp(snapshot, "1") == 0))
        api_turn_down(exchange, 503, "too many event streams are open",
                      "close a page that shows them");
}

/* In full; whoever only looks sees a part of them. */
static bool may_see_plates(const struct side *side, const struct visit *visit)
{
    return side->scheme ? side->serve->asks_token && visit->least > ROLE_ANYONE
                        : visit->actor->role >= ROLE_ATTENDANT;
}

static void on_request(void *arg, struct http_exchange *exchange,
                       const struct http_request *request)
{
    struct side *side = arg;
    struct serve *serve = side->serve;
    struct api_call call = {.live = serve->live, .exchange = exchange, .request = request};
    const struct api_route *route = api_find(&call);
    const struct visit visit = {exchange, api_path(&call, route), api_least_role(&call, route),
                                side->scheme, &call.command.actor};

    if (!admit_request(serve->admit, &visit))
        return;
    call.now = serve->live->source.now(serve->live->source.arg);
    call.trusted = may_see_plates(side, &visit);
    api_run(&call, route);
    switch (call.outcome) {
    case API_TEXT:
        answer(exchange, &call);
        break;
    case API_CONSTANT:
        answer_constant(exchange, &call);
        break;
    case API_STREAM:
        stream(serve, exchange);
        break;
    case API_COMMAND:
        command(serve, &call);
        break;
    }
}

static bool on_opened(void *arg, int fd)
{
    const struct side *side = arg;

    return !side->control || admit_connection(side->serve->admit, fd);
}

static void on_closed(void *arg, struct http_exchange *exchange)
{
    struct side *side = arg;

    events_closed(side->serve->events, exchange);
    for (struct serve_reply *reply = side->serve->replies; reply; reply = reply->next) {
        if (reply->exchange == exchange)
            reply->exchange = NULL;
    }
}

static bool open_side(struct side *side, struct loop *loop, int fd,
                      const struct http_limits *limits, struct err *err)
{
    const struct http_hooks hooks = {
        .arg = side, .opened = on_opened, .request = on_request, .closed = on_closed};

    if (fd < 0)
        return false;
    side->server = http_server_create(loop, fd, limits, &hooks, err);
    return side->server != NULL;
}

/* Off loopback neither the token nor what is shown may be read on the way. */
static bool is_safe(const struct serve_settings *settings, int fd, struct err *err)
{
    if (listener_is_loopback(fd) || (settings->token && settings->cert_file && settings->key_file))
        return true;
    return err_set(err,
                   "%s is not loopback: set a token, a certificate and its key, or listen on "
                   "127.0.0.1",
                   settings->listen);
}

static bool open_tcp(struct serve *serve, const struct serve_settings *settings, struct loop *loop,
                     struct err *err)
{
    struct http_limits limits = {.connections = TCP_CONNECTIONS, .idle_s = IDLE_S};
    char *certificate = NULL, *key = NULL;
    int fd = listener_tcp(settings->listen, err);
    bool ok = fd >= 0 && is_safe(settings, fd, err);

    if (ok && settings->cert_file)
        ok = (certificate = pem_read(settings->cert_file, err)) &&
             (key = pem_read(settings->key_file, err));
    if (ok) {
        serve->port = listener_port(fd);
        limits.certificate = certificate;
        limits.key = key;
        serve->tcp.scheme = certificate ? "https://" : "http://";
        ok = open_side(&serve->tcp, loop, fd, &limits, err);
    } else if (fd >= 0) {
        close(fd);
    }
    pem_forget(key);
    pem_forget(certificate);
    return ok;
}

static bool open_control(struct serve *serve, const struct serve_settings *settings,
                         struct loop *loop, struct err *err)
{
    const struct http_limits limits = {.connections = CONTROL_CONNECTIONS, .idle_s = IDLE_S};
    int fd = listener_local(settings->control, err);

    if (fd >= 0)
        serve->control_path = memory_text(settings->control);
    return open_side(&serve->control, loop, fd, &limits, err);
}

struct serve *serve_create(const struct serve_settings *settings, struct loop *loop,
                           const struct serve_source *source, struct err *err)
{
    struct serve *serve = memory_new(1, sizeof *serve);

    serve->tcp = (struct side){.serve = serve};
    serve->control = (struct side){.serve = serve, .control = true};
    serve->live = live_create(source);
    serve->asks_token = settings->token != NULL;
    serve->admit = admit_create(settings, loop, serve->live);
    serve->events = events_create(loop, serve->live);
    serve->timer = loop_timer(loop, look_at_replies, serve);
    if ((settings->listen && !open_tcp(serve, settings, loop, err)) ||
        (settings->control && !open_control(serve, settings, loop, err))) {
        serve_destroy(serve);
        return NULL;
    }
    return serve;
}

void serve_destroy(struct serve *serve)
{
    if (!serve)
        return;
    http_server_destroy(serve->control.server);
    http_server_destroy(serve->tcp.server);
    if (serve->control_path)
        unlink(serve->control_path);
    for (struct serve_reply *reply = serve->replies; reply; reply = reply->next)
        reply->serve = NULL;
    loop_timer_destroy(serve->timer);
    admit_destroy(serve->admit);
    events_destroy(serve->events);
    live_destroy(serve->live);
    free(serve->control_path);
    free(serve);
}

void serve_bay_changed(struct serve *serve, uint32_t bay)
{
    events_bay(serve->events, bay);
}

void serve_lot_changed(struct serve *serve, uint32_t lot)
{
    events_lot(serve->events, lot);
}

void serve_lane_changed(struct serve *serve, uint32_t lane)
{
    events_lane(serve->events, lane);
}

void serve_device_changed(struct serve *serve, uint32_t device)
{
    events_device(serve->events, device);
}

uint16_t serve_port(const struct serve *serve)
{
    return serve->port;
}
