/* The platforms' own listener. See platform_listener.h. */
#include "daemon/serve/platform_listener.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"
#include "daemon/serve/listener.h"
#include "daemon/serve/pem.h"
#include "daemon/serve/refusals.h"

/* A call is a few hundred bytes, ciphered and in Base64 a few thousand. */
enum {
    NOBODY = UINT32_MAX,
    LINES_A_MINUTE = 6,
    BODY_MAX = 32 * 1024,
    BODIES_MAX = 512 * 1024,
    CONNECTIONS = 32,
    PER_ADDRESS = 8,
    IDLE_S = 20,
    REQUEST_S = 10
};

struct platform_listener {
    const struct platform_listener_settings *settings;
    struct platform_listener_hooks hooks;
    struct http_server *server;
    struct refusals *refusals;
    struct budget_guesses guesses;
    struct log_limit lines;
};

/* The door's path, whole, or with a slash and more behind it. */
static bool is_path(const struct platform_door *door, const char *path)
{
    size_t length = door->path ? strlen(door->path) : 0;

    return length > 0 && strncmp(path, door->path, length) == 0 &&
           (!path[length] || path[length] == '/');
}

uint32_t platform_listener_find(const struct platform_listener_settings *settings, const char *path,
                                const char *address)
{
    for (uint32_t i = 0; i < settings->doors_count; i++) {
        const struct platform_door *door = &settings->doors[i];
        if (is_path(door, path) && listener_is_from(door->from, door->from_count, address))
            return i;
    }
    return NOBODY;
}

void platform_listener_answer(struct http_exchange *exchange, int status, const char *json)
{
    http_exchange_answer(exchange, &(struct http_answer){.status = status,
                                                         .type = "application/json; charset=utf-8",
                                                         .allow = status == 405 ? "POST" : NULL,
                                                         .body = memory_text(json),
                                                         .size = strlen(json)});
}

void platform_listener_refuse(struct platform_listener *listener, struct http_exchange *exchange,
                              bool is_signed, const char *why)
{
    char address[LISTENER_ADDRESS];
    struct budget_address from;

    listener_peer(http_exchange_socket(exchange), &from, address, sizeof address);
    if (!is_signed)
        budget_guessed_wrong(&listener->guesses, &from, clock_mono());
    refusals_note(listener->refusals, address, "a platform's call", why);
}

/* Nobody's: only counted in the log, and the path is not told, which a stranger chose. */
static void complain(struct platform_listener *listener, const char *address)
{
    if (log_allow(&listener->lines, clock_mono(), LINES_A_MINUTE))
        log_warning("platforms: a request from %s is at no uplink's path, or not from its "
                    "addresses; check calls.path and calls.from",
                    *address ? address : "nowhere");
}

static void on_request(void *arg, struct http_exchange *exchange,
                       const struct http_request *request)
{
    struct platform_listener *listener = arg;
    struct budget_address from;
    char name[LISTENER_ADDRESS], address[LISTENER_ADDRESS];

    listener_peer(http_exchange_socket(exchange), &from, name, sizeof name);
    listener_peer_address(http_exchange_socket(exchange), address);
    uint32_t door = platform_listener_find(listener->settings, request->path, address);
    if (!budget_may_guess(&listener->guesses, &from, clock_mono())) {
        platform_listener_answer(exchange, 429, "{}\n");
    } else if (door == NOBODY) {
        complain(listener, address);
        platform_listener_answer(exchange, 404, "{}\n");
    } else if (strcmp(request->method, "POST") != 0) {
        platform_listener_answer(exchange, 405, "{}\n");
    } else {
        const struct platform_call call = {.door = door,
                                           .path = request->path,
                                           .token = http_exchange_query(exchange, "token"),
                                           .body = request->body,
                                           .size = request->body_size};
        listener->hooks.call(listener->hooks.arg, &call, exchange);
    }
}

/* Addresses are bounded by the server. */
static bool on_opened(void *arg, int fd)
{
    (void)arg;
    (void)fd;
    return true;
}

static void on_closed(void *arg, struct http_exchange *exchange)
{
    struct platform_listener *listener = arg;

    listener->hooks.closed(listener->hooks.arg, exchange);
}

static struct now on_now(void *arg)
{
    (void)arg;
    return clock_now();
}

static void on_refused(void *arg, const struct serve_request *refused)
{
    struct platform_listener *listener = arg;

    listener->hooks.refused(listener->hooks.arg, refused);
}

/* Off loopback calls may not be read on the way: plates stand in them. */
static bool is_safe(const struct platform_listener_settings *settings, int fd, struct err *err)
{
    if (listener_is_loopback(fd) || settings->cert_file)
        return true;
    return err_set(err, "%s is not loopback: set a certificate and its key, or listen on 127.0.0.1",
                   settings->listen);
}

static bool start(struct platform_listener *listener, struct loop *loop, struct err *err)
{
    const struct platform_listener_settings *settings = listener->settings;
    const struct http_hooks hooks = {
        .arg = listener, .opened = on_opened, .request = on_request, .closed = on_closed};
    struct http_limits limits = {.connections = CONNECTIONS,
                                 .idle_s = IDLE_S,
                                 .request_s = REQUEST_S,
                                 .per_address = PER_ADDRESS,
                                 .body_max = BODY_MAX,
                                 .bodies_max = BODIES_MAX};
    char *certificate = NULL, *key = NULL;
    int fd = listener_tcp(settings->listen, err);
    bool ok = fd >= 0 && is_safe(settings, fd, err);

    if (ok && settings->cert_file)
        ok = (certificate = pem_read(settings->cert_file, err)) &&
             (key = pem_read(settings->key_file, err));
    limits.certificate = certificate;
    limits.key = key;
    if (ok)
        listener->server = http_server_create(loop, fd, &limits, &hooks, err);
    else if (fd >= 0)
        close(fd);
    pem_forget(key);
    pem_forget(certificate);
    return listener->server != NULL;
}

struct platform_listener *
platform_listener_create(const struct platform_listener_settings *settings, struct loop *loop,
                         const struct platform_listener_hooks *hooks, struct err *err)
{
    struct platform_listener *listener = memory_new(1, sizeof *listener);

    *listener = (struct platform_listener){.settings = settings, .hooks = *hooks};
    listener->refusals = refusals_create(
        loop, &(struct refusals_hooks){.arg = listener, .now = on_now, .refused = on_refused});
    if (start(listener, loop, err))
        return listener;
    platform_listener_destroy(listener);
    return NULL;
}

void platform_listener_destroy(struct platform_listener *listener)
{
    if (!listener)
        return;
    http_server_destroy(listener->server);
    refusals_destroy(listener->refusals);
    free(listener);
}
