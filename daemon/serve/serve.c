/*
 * Serve as a whole: the two listeners, what each lets through, and the replies that are owed until
 * the gateway answers. See serve.h.
 */
#include "daemon/serve/serve.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/serve/api.h"
#include "daemon/serve/events.h"
#include "daemon/serve/guard.h"
#include "daemon/serve/listener.h"

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
    struct serve_reply *replies; /* owed, newest first */
    struct loop_timer *timer;    /* runs while any is owed */
    char *token, *control_path;
    uint16_t port;
};

static void refuse(struct http_exchange *exchange, int status, const char *error, const char *hint)
{
    struct api_call call = {.exchange = exchange};
    char bytes[512];

    text_init(&call.out, bytes, sizeof bytes);
    api_refuse(&call, status, error, hint);
    http_exchange_answer(exchange, &(struct http_answer){.status = status,
                                                         .type = call.type,
                                                         .body = memory_text(bytes),
                                                         .size = call.out.used});
}

/* What only TCP clients have to show; guard.h says why. False: it has been refused. */
static bool let_in(struct serve *serve, struct http_exchange *exchange,
                   const struct api_route *route)
{
    const char *host = http_exchange_header(exchange, "Host");

    if (!guard_host(host))
        refuse(exchange, 403, "this Host is not served",
               "use the gateway's address (as http://127.0.0.1:PORT/), not a name");
    else if (!guard_origin(http_exchange_header(exchange, "Origin"), host))
        refuse(exchange, 403, "requests of other web pages are not served",
               "read the API from a program, or open the gateway's own page");
    else if (serve->token && route->access != API_ANYONE &&
             !guard_token(http_exchange_header(exchange, "Authorization"), serve->token))
        refuse(exchange, 401, "a token is needed", "send Authorization: Bearer TOKEN");
    else
        return true;
    return false;
}

static void look_at_replies(void *arg)
{
    struct serve *serve = arg;
    mono_ms now = serve->live->source.now(serve->live->source.arg).mono;

    for (struct serve_reply *reply = serve->replies; reply; reply = reply->next) {
        struct http_exchange *exchange = reply->exchange;

        if (!exchange || !mono_reached(now, reply->deadline))
            continue;
        reply->exchange = NULL;
        refuse(exchange, 503, "taken, but not yet durable",
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
        refuse(exchange, 503, "too many event streams are open", "close a page that shows them");
}

static void on_request(void *arg, struct http_exchange *exchange,
                       const struct http_request *request)
{
    struct side *side = arg;
    struct serve *serve = side->serve;
    struct api_call call = {.live = serve->live, .exchange = exchange, .request = request};
    struct serve_actor *actor = &call.command.actor;

    const struct api_route *route = api_find(&call);
    if (!side->control && !let_in(serve, exchange, route))
        return;
    actor->may_operate = side->control && listener_peer(http_exchange_socket(exchange), actor->name,
                                                        sizeof actor->name);
    if (route->access == API_OPERATOR && !actor->may_operate) {
        refuse(exchange, 403, "commands are taken on the control socket only",
               "use parkctl on the gateway");
        return;
    }
    call.now = serve->live->source.now(serve->live->source.arg);
    call.trusted = side->control || (serve->token && route->access != API_ANYONE);
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

static void on_closed(void *arg, struct http_exchange *exchange)
{
    struct side *side = arg;

    events_closed(side->serve->events, exchange);
    for (struct serve_reply *reply = side->serve->replies; reply; reply = reply->next) {
        if (reply->exchange == exchange)
            reply->exchange = NULL;
    }
}

static bool open_side(struct side *side, struct loop *loop, int fd, struct err *err)
{
    const struct http_limits limits = {
        .connections = side->control ? CONTROL_CONNECTIONS : TCP_CONNECTIONS, .idle_s = IDLE_S};
    const struct http_hooks hooks = {.arg = side, .request = on_request, .closed = on_closed};

    if (fd < 0)
        return false;
    side->server = http_server_create(loop, fd, &limits, &hooks, err);
    return side->server != NULL;
}

static bool open_tcp(struct serve *serve, const struct serve_settings *settings, struct loop *loop,
                     struct err *err)
{
    int fd = listener_tcp(settings->listen, err);

    if (fd >= 0 && !settings->token && !listener_is_loopback(fd)) {
        close(fd);
        return err_set(err, "%s is not loopback: set a token, or listen on 127.0.0.1",
                       settings->listen);
    }
    if (fd >= 0)
        serve->port = listener_port(fd);
    return open_side(&serve->tcp, loop, fd, err);
}

static bool open_control(struct serve *serve, const struct serve_settings *settings,
                         struct loop *loop, struct err *err)
{
    int fd = listener_local(settings->control, settings->group, err);

    if (fd >= 0)
        serve->control_path = memory_text(settings->control);
    return open_side(&serve->control, loop, fd, err);
}

struct serve *serve_create(const struct serve_settings *settings, struct loop *loop,
                           const struct serve_source *source, struct err *err)
{
    struct serve *serve = memory_new(1, sizeof *serve);

    serve->tcp = (struct side){.serve = serve};
    serve->control = (struct side){.serve = serve, .control = true};
    serve->token = memory_text(settings->token);
    serve->live = live_create(source);
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
    events_destroy(serve->events);
    live_destroy(serve->live);
    free(serve->control_path);
    free(serve->token);
    free(serve);
}

void serve_bay_changed(struct serve *serve, uint32_t bay)
{
    events_bay(serve->events, bay);
}

void serve_device_changed(struct serve *serve, uint32_t device)
{
    events_device(serve->events, device);
}

uint16_t serve_port(const struct serve *serve)
{
    return serve->port;
}
