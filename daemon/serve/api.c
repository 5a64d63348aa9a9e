/* The routes. See api.h. */
#include "daemon/serve/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/serve/routes.h"

enum {
    ROOM_FIRST = 16 * 1024,
    ROOM_MAX = 32 * 1024 * 1024 /* several times what 10,000 bays and their devices need */
};

static api_fn list_routes, open_stream;

static const struct api_route routes[] = {
    {"GET", "/", page_file, ROLE_ANYONE, "the page", 0},
    {"GET", "/page/*", page_file, ROLE_ANYONE, NULL, 0},
    {"GET", "/healthz", health_alive, ROLE_ANYONE, "the event loop turns", 0},
    {"GET", "/readyz", health_ready, ROLE_VIEWER,
     "200 when all is within its limits, else 503, with reasons", 0},
    {"GET", "/metrics", metrics_all, ROLE_VIEWER, "figures for Prometheus", 0},
    {"GET", "/api/v1", list_routes, ROLE_VIEWER, "this list", 0},
    {"GET", "/api/v1/status", health_status, ROLE_VIEWER, "the gateway, its store and its health",
     0},
    {"GET", "/api/v1/lots", list_lots, ROLE_VIEWER, "lots with zones and vacancy", 0},
    {"GET", "/api/v1/lots/*", list_lot, ROLE_VIEWER, "one lot", 0},
    {"GET", "/api/v1/bays", list_bays, ROLE_VIEWER, "bays; ?lot= ?zone= ?state= narrow it", 224},
    {"GET", "/datex/status.xml", datex_status, ROLE_VIEWER,
     "lots as a DATEX II publication; ?bays=1 with bays", 0},
    {"GET", "/api/v1/lanes", list_lanes, ROLE_VIEWER, "lanes", 0},
    {"GET", "/api/v1/stays", list_stays, ROLE_VIEWER,
     "open stays, and those that owe; plates in full with a token", 0},
    {"GET", "/api/v1/quote/*", list_quote, ROLE_ATTENDANT, "what a stay or plate would cost now",
     0},
    {"GET", "/api/v1/lists", list_lists, ROLE_ATTENDANT, "plates on lists, and open shifts", 0},
    {"GET", "/api/v1/devices", list_devices, ROLE_VIEWER, "devices and how they answer", 0},
    {"GET", "/api/v1/buses", list_buses, ROLE_VIEWER, "buses", 0},
    {"GET", "/api/v1/cameras", list_cameras, ROLE_VIEWER, "cameras, and the pictures of them all",
     0},
    {"GET", "/api/v1/strangers", list_strangers, ROLE_VIEWER,
     "sensors that are heard at a network and are not configured", 0},
    {"GET", "/api/v1/uplinks", list_uplinks, ROLE_VIEWER, "uplinks and their backlog", 0},
    {"GET", "/api/v1/outbox/*", list_outbox, ROLE_VIEWER,
     "records of an uplink that wait or were set aside", 0},
    {"GET", "/api/v1/events", open_stream, ROLE_VIEWER,
     "server-sent events; ?snapshot=1 begins with everything", 0},
    {"POST", "/api/v1/bays/*/out", command_bay, ROLE_ATTENDANT,
     "take a bay out of service: {\"reason\"}", 0},
    {"POST", "/api/v1/bays/*/in", command_bay, ROLE_ATTENDANT,
     "return a bay to service: {\"reason\"}", 0},
    {"POST", "/api/v1/bays/*/recalibrate", command_bay, ROLE_INSTALLER,
     "recalibrate the bay's radio sensor: {\"empty\":true,\"reason\"}", 0},
    {"POST", "/api/v1/bays/*/set", command_bay, ROLE_INSTALLER,
     "set a parameter of the bay's radio sensor: {\"what\",\"value\",\"reason\"}", 0},
    {"POST", "/api/v1/outbox/*/retry", command_outbox, ROLE_SUPERVISOR,
     "send set-aside records again: {\"seq\"}, 0 for all", 0},
    {"POST", "/api/v1/outbox/*/drop", command_outbox, ROLE_SUPERVISOR,
     "give set-aside records up: {\"seq\",\"reason\"}", 0},
    {"POST", "/api/v1/outbox/*/forget", command_forget, ROLE_INSTALLER,
     "give up what waits for an uplink that was removed: {\"reason\"}", 0},
    {"POST", "/api/v1/uplinks/*/check", command_outbox, ROLE_INSTALLER,
     "compare a day with the platform, now: {\"lot\",\"day\"}", 0},
    {"POST", "/api/v1/backup", command_backup, ROLE_INSTALLER, "copy the database: {\"path\"}", 0},
};

enum { ROUTES = sizeof routes / sizeof routes[0] };

/* Every act of acts.h has this one; its path and its role are in its row there. */
static const struct api_route act = {"POST", NULL, command_act, ROLE_UNSAID, NULL, 0};

static void add_route(struct text *out, const char *path, const char *summary, enum role least,
                      const char *method)
{
    text_comma(out);
    text_add(out, "{");
    text_json_pair(out, "method", method);
    text_json_pair(out, "path", path);
    text_json_pair(out, "summary", summary);
    text_json_pair(out, "least_role", role_name(least));
    text_json_bool(out, "control_socket_only", least > ROLE_VIEWER);
    text_add(out, "}");
}

static enum role said(enum role least)
{
    return least == ROLE_UNSAID ? ROLE_INSTALLER : least;
}

enum role api_least_role(const struct api_call *call, const struct api_route *route)
{
    return said(route == &act ? serve_acts[call->command.act].least : route->least);
}

const char *api_path(const struct api_call *call, const struct api_route *route)
{
    return route == &act ? serve_acts[call->command.act].path : route->path;
}

static void list_routes(struct api_call *call)
{
    text_add(&call->out, "{\"routes\":[");
    for (size_t i = 0; i < ROUTES; i++)
        if (routes[i].summary)
            add_route(&call->out, routes[i].path, routes[i].summary, said(routes[i].least),
                      routes[i].method);
    for (int i = 0; i < SERVE_ACTS; i++)
        add_route(&call->out, serve_acts[i].path, serve_acts[i].summary, said(serve_acts[i].least),
                  act.method);
    text_add(&call->out, "]}\n");
}

static void open_stream(struct api_call *call)
{
    call->outcome = API_STREAM;
}

static void refuse_path(struct api_call *call)
{
    api_refuse(call, 404, "there is nothing at this path", "GET /api/v1 lists what there is");
}

static void refuse_method(struct api_call *call)
{
    api_refuse(call, 405, "this path does not take this method",
               "GET /api/v1 lists the methods of each path");
}

static const struct api_route no_path = {NULL, NULL, refuse_path, ROLE_ANYONE, NULL, 0};
static const struct api_route no_method = {NULL, NULL, refuse_method, ROLE_ANYONE, NULL, 0};

/* Copies what '*' stands for; a part that is empty or too long matches nothing. */
static bool matches(const char *pattern, const char *path, char subject[RECORD_WORD])
{
    size_t before = strcspn(pattern, "*");

    if (pattern[before] == '\0')
        return strcmp(pattern, path) == 0;
    if (strncmp(pattern, path, before) != 0)
        return false;
    size_t size = strcspn(path + before, "/");
    if (size == 0 || size >= RECORD_WORD || strcmp(path + before + size, pattern + before + 1) != 0)
        return false;
    memcpy(subject, path + before, size);
    subject[size] = '\0';
    return true;
}

/* HEAD is GET without the body, which the server leaves out by itself. */
static bool takes_method(const struct api_route *route, const char *method)
{
    return strcmp(route->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

const struct api_route *api_find(struct api_call *call)
{
    const struct api_route *other = &no_path;

    call->subject[0] = '\0';
    for (size_t i = 0; i < ROUTES; i++) {
        if (!matches(routes[i].path, call->request->path, call->subject))
            continue;
        if (takes_method(&routes[i], call->request->method))
            return &routes[i];
        call->allow = strcmp(routes[i].method, "GET") == 0 ? "GET, HEAD" : routes[i].method;
        other = &no_method;
    }
    for (int i = 0; i < SERVE_ACTS; i++) {
        if (!matches(serve_acts[i].path, call->request->path, call->subject))
            continue;
        call->command.act = (enum serve_act)i;
        if (takes_method(&act, call->request->method))
            return &act;
        call->allow = act.method;
        other = &no_method;
    }
    return other;
}

void api_run(struct api_call *call, const struct api_route *route)
{
    size_t room = ROOM_FIRST + (size_t)route->room_per_bay * call->live->source.plan->bays_count;

    for (;; room *= 4) {
        char *bytes = memory_new(1, room < ROOM_MAX ? room : ROOM_MAX);

        text_init(&call->out, bytes, room < ROOM_MAX ? room : ROOM_MAX);
        call->outcome = API_TEXT;
        call->status = 200;
        call->type = "application/json";
        route->run(call);
        if (!call->out.overflow && call->outcome == API_TEXT)
            return;
        free(bytes);
        if (call->outcome != API_TEXT)
            return;
        if (room >= ROOM_MAX)
            break;
    }
    text_init(&call->out, memory_new(1, ROOM_FIRST), ROOM_FIRST);
    api_refuse(call, 507, "the answer is too large", "ask for a part of it, as ?lot=");
}

void api_refuse(struct api_call *call, int status, const char *error, const char *hint)
{
    call->status = status;
    call->type = "application/json";
    text_add(&call->out, "{");
    text_json_pair(&call->out, "error", error);
    text_json_pair(&call->out, "hint", hint);
    text_add(&call->out, "}\n");
}

void api_turn_down(struct http_exchange *exchange, int status, const char *error, const char *hint)
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
