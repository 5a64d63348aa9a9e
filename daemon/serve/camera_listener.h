/*
 * Where cameras post what they see: a listener of its own, apart from the API's. A request is let
 * through to its camera when its path, its secret and the address that it comes from are that
 * camera's; anyone else hears 404. Bodies, senders and connections are bounded. The loop's thread.
 */
#ifndef SERVE_CAMERA_LISTENER_H
#define SERVE_CAMERA_LISTENER_H

#include "daemon/serve/http.h"

/* How one camera is told from others. Plain data of the configuration. */
struct camera_door {
    const char *id;     /* /cameras/ID, with anything behind it; empty: it does not post */
    const char *secret; /* /cameras/ID/SECRET; NULL: none */
    const char *const *from;
    uint32_t from_count; /* literal addresses; 0: any */
    bool any_path;       /* its paths cannot be set: its address alone tells */
};

struct camera_listener_settings {
    const char *listen; /* "192.168.1.10:8090"; NULL: no camera posts */
    const struct camera_door *doors;
    uint32_t doors_count;
    size_t body_max, bodies_max;
    unsigned connections, per_address;
    unsigned idle_s, request_s;
};

struct camera_listener_hooks {
    void *arg;
    /* A camera's message; answer `exchange` at once or later. Borrowed for the call. */
    void (*message)(void *arg, uint32_t camera, const struct http_request *request,
                    struct http_exchange *exchange);
    void (*closed)(void *arg, struct http_exchange *exchange); /* as of http.h */
};

struct camera_listener;

/* Borrows the settings. */
struct camera_listener *camera_listener_create(const struct camera_listener_settings *settings,
                                               struct loop *loop,
                                               const struct camera_listener_hooks *hooks,
                                               struct err *err);
void camera_listener_destroy(struct camera_listener *listener); /* takes NULL */

/* Whose door a request is at; UINT32_MAX: nobody's. `address` is its sender's. Pure. */
uint32_t camera_listener_find(const struct camera_listener_settings *settings, const char *path,
                              const char *address);

#endif
