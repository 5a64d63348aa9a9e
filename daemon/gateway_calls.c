/*
 * What cities' platforms ask over HTTP: their adapter says whether they have signed it and what it
 * is, gateway_platform.c does it, and the adapter writes the answer when it is durable. A call
 * whose sender has gone, or whose answer takes too long, is done all the same: the platform asks
 * again and hears the same.
 */
#include <stdlib.h>

#include "daemon/base/crash.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_inside.h"
#include "daemon/serve/platform_listener.h"
#include "daemon/uplink/adapter.h"

enum {
    ANSWER_SIZE = 1024,
    CALLS_MAX = 64,      /* that wait for the disk; more are asked to come again */
    PATIENCE_MS = 10000, /* a commit takes milliseconds; a disk in trouble, for ever */
    HTTP_OK = 200,
    HTTP_FORBIDDEN = 403,
    HTTP_BUSY = 503
};

/* A call whose verdict is owed. */
struct call {
    struct gateway_calls *calls;
    const struct city *city;
    struct http_exchange *exchange; /* NULL: nobody waits any more */
    mono_ms until;
    struct call *next, **link;
};

struct gateway_calls {
    struct gateway *g;
    struct platform_listener *listener;
    struct call *first;
    uint32_t count;
};

/* `why` NULL: done. */
static void answer(struct http_exchange *exchange, const struct city *city, int status,
                   const char *why)
{
    char bytes[ANSWER_SIZE];
    struct text body;

    text_init(&body, bytes, sizeof bytes);
    city->answer(why, &body);
    platform_listener_answer(exchange, status, bytes);
}

static void on_said(void *arg, const struct platform_said *said)
{
    struct call *call = arg;

    crash_point("answer_platform");
    if (call->exchange)
        answer(call->exchange, call->city, said->later ? HTTP_BUSY : HTTP_OK,
               *said->why ? said->why : NULL);
    *call->link = call->next;
    if (call->next)
        call->next->link = call->link;
    call->calls->count--;
    free(call);
}

static struct call *call_new(struct gateway_calls *calls, const struct city *city,
                             struct http_exchange *exchange)
{
    struct call *call = memory_new(1, sizeof *call);

    *call = (struct call){.calls = calls,
                          .city = city,
                          .exchange = exchange,
                          .until = mono_after(gateway_now(calls->g).mono, PATIENCE_MS),
                          .next = calls->first,
                          .link = &calls->first};
    if (call->next)
        call->next->link = &call->next;
    calls->first = call;
    calls->count++;
    return call;
}

/* With the platform's time, as far as its answers have told it. */
static struct adapter_context context_of(struct gateway *g, uint32_t uplink)
{
    utc_ms now = gateway_now(g).utc;
    struct uplink_status status;

    uplink_status(g->uplinks[uplink], &status);
    return (struct adapter_context){.plan = &g->config->plan,
                                    .settings = &g->config->uplinks[uplink],
                                    .now = now,
                                    .platform_now = {now.ms + status.clock_ahead_ms}};
}

static void on_call(void *arg, const struct platform_call *request, struct http_exchange *exchange)
{
    struct gateway_calls *calls = arg;
    struct gateway *g = calls->g;
    const struct uplink_settings *settings = &g->config->uplinks[request->door];
    const struct city *city = settings->adapter->city;
    const struct city_call call = {.path = request->path,
                                   .token = request->token,
                                   .body = request->body,
                                   .size = request->size};
    struct adapter_context context = context_of(g, request->door);
    struct city_order order;
    bool is_signed = false;
    struct err err;

    if (!city->receive(&context, &call, &order, &is_signed, &err)) {
        platform_listener_refuse(calls->listener, exchange, is_signed, err.text);
        answer(exchange, city, is_signed ? HTTP_OK : HTTP_FORBIDDEN, err.text);
    } else if (calls->count == CALLS_MAX) {
        answer(exchange, city, HTTP_BUSY, "too many orders wait for the disk; ask again");
    } else {
        gateway_platform(g, settings->name, &order, on_said, call_new(calls, city, exchange));
    }
}

static void on_closed(void *arg, struct http_exchange *exchange)
{
    struct gateway_calls *calls = arg;

    for (struct call *call = calls->first; call; call = call->next)
        if (call->exchange == exchange)
            call->exchange = NULL;
}

static void on_refused(void *arg, const struct serve_request *refused)
{
    struct gateway_calls *calls = arg;

    gateway_refused(calls->g, refused);
}

void gateway_calls_tick(struct gateway *g, mono_ms now)
{
    for (struct call *call = g->calls ? g->calls->first : NULL; call; call = call->next) {
        struct http_exchange *exchange = call->exchange;

        if (!exchange || !mono_reached(now, call->until))
            continue;
        call->exchange = NULL;
        answer(exchange, call->city, HTTP_BUSY, "not yet durable; ask again with the same id");
    }
}

bool gateway_calls_start(struct gateway *g, struct err *err)
{
    struct gateway_calls *calls = memory_new(1, sizeof *calls);
    const struct platform_listener_hooks hooks = {
        .arg = calls, .call = on_call, .closed = on_closed, .refused = on_refused};

    g->calls = calls;
    calls->g = g;
    if (!g->config->platform_listener.listen)
        return true;
    calls->listener = platform_listener_create(&g->config->platform_listener, g->loop, &hooks, err);
    return calls->listener || err_prefix(err, "calls");
}

void gateway_calls_stop(struct gateway *g)
{
    if (!g->calls)
        return;
    platform_listener_destroy(g->calls->listener);
    free(g->calls);
    g->calls = NULL;
}
