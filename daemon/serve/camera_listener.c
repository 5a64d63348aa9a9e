/* The cameras' own listener. See camera_listener.h. */
#include "daemon/serve/camera_listener.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"
#include "daemon/serve/listener.h"

enum { NOBODY = UINT32_MAX, LINES_A_MINUTE = 6, SHOWN_PATH = 24 };

static const char prefix[] = "/cameras/";

struct camera_listener {
    const struct camera_listener_settings *settings;
    struct camera_listener_hooks hooks;
    struct http_server *server;
    struct log_limit lines;
    uint16_t port;
};

/* The part of a path that begins at `*at` is `word`; moves on behind it. In constant time, because
 * a part may be a secret. */
static bool takes_part(const char **at, const char *word)
{
    size_t size = strcspn(*at, "/"), word_size = strlen(word);
    unsigned differs = 0;

    for (size_t i = 0; i < size; i++)
        differs |= (unsigned char)(*at)[i] ^ (unsigned char)word[i < word_size ? i : 0];
    if (differs || size != word_size)
        return false;
    *at += size;
    *at += **at == '/';
    return true;
}

static bool is_path(const struct camera_door *door, const char *path)
{
    if (strncmp(path, prefix, sizeof prefix - 1) != 0)
        return door->any_path;
    path += sizeof prefix - 1;
    return *door->id && takes_part(&path, door->id) &&
           (!door->secret || takes_part(&path, door->secret));
}

uint32_t camera_listener_find(const struct camera_listener_settings *settings, const char *path,
                              const char *address)
{
    for (uint32_t i = 0; i < settings->doors_count; i++)
        if (is_path(&settings->doors[i], path) &&
            listener_is_from(settings->doors[i].from, settings->doors[i].from_count, address))
            return i;
    return NOBODY;
}

/* A refusal holds nothing that a camera could take for an answer of ours. */
static void refuse(struct http_exchange *exchange, int status)
{
    static char nothing[] = "{}\n";

    http_exchange_answer(exchange, &(struct http_answer){.status = status,
                                                         .type = "application/json",
                                                         .allow = status == 405 ? "POST" : NULL,
                                                         .body = nothing,
                                                         .size = sizeof nothing - 1,
                                                         .constant = true});
}

/* The path may hold a secret that was nearly right: only its beginning is told. */
static void complain(struct camera_listener *listener, const char *path, const char *address)
{
    char shown[SHOWN_PATH];

    snprintf(shown, sizeof shown, "%s", path);
    for (char *c = shown; *c; c++)
        if (*c <= ' ' || *c > '~' || *c == '"')
            *c = '?';
    if (log_allow(&listener->lines, clock_mono(), LINES_A_MINUTE))
        log_warning("cameras: a request from %s to \"%s…\" is nobody's; check the camera's path, "
                    "its secret_file and its `from`",
                    *address ? address : "nowhere", shown);
}

static void on_request(void *arg, struct http_exchange *exchange,
                       const struct http_request *request)
{
    struct camera_listener *listener = arg;
    char address[LISTENER_ADDRESS];

    listener_peer_address(http_exchange_socket(exchange), address);
    uint32_t camera = camera_listener_find(listener->settings, request->path, address);
    if (camera == NOBODY) {
        complain(listener, request->path, address);
        refuse(exchange, 404);
    } else if (strcmp(request->method, "POST") != 0 && strcmp(request->method, "PUT") != 0) {
        refuse(exchange, 405);
    } else {
        listener->hooks.message(listener->hooks.arg, camera, request, exchange);
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
    struct camera_listener *listener = arg;

    listener->hooks.closed(listener->hooks.arg, exchange);
}

struct camera_listener *camera_listener_create(const struct camera_listener_settings *settings,
                                               struct loop *loop,
                                               const struct camera_listener_hooks *hooks,
                                               struct err *err)
{
    struct camera_listener *listener = memory_new(1, sizeof *listener);
    const struct http_hooks server_hooks = {
        .arg = listener, .opened = on_opened, .request = on_request, .closed = on_closed};
    const struct http_limits limits = {.connections = settings->connections,
                                       .idle_s = settings->idle_s,
                                       .request_s = settings->request_s,
                                       .per_address = settings->per_address,
                                       .body_max = settings->body_max,
                                       .bodies_max = settings->bodies_max};
    int fd = listener_tcp(settings->listen, err);

    *listener = (struct camera_listener){.settings = settings, .hooks = *hooks};
    if (fd >= 0) {
        listener->port = listener_port(fd);
        listener->server = http_server_create(loop, fd, &limits, &server_hooks, err);
    }
    if (listener->server)
        return listener;
    free(listener);
    return NULL;
}

void camera_listener_destroy(struct camera_listener *listener)
{
    if (!listener)
        return;
    http_server_destroy(listener->server);
    free(listener);
}
