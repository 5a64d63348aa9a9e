/*
 * Where cities' platforms call: a listener of its own, apart from the API's and the cameras'. A
 * request is let through to its uplink when its path and the address that it comes from are that
 * uplink's; anyone else hears 404, and who was refused too often is not heard for a while. Whether
 * the platform has signed it is the adapter's to say. Bodies, senders and connections are bounded.
 * The loop's thread.
 */
#ifndef SERVE_PLATFORM_LISTENER_H
#define SERVE_PLATFORM_LISTENER_H

#include "daemon/serve/http.h"
#include "daemon/serve/source.h"

/* How one platform is told from others. Plain data of the configuration. */
struct platform_door {
    const char *path; /* "/platforms/hefei", with anything behind it; NULL: it does not call */
    const char *const *from; /* literal addresses */
    uint32_t from_count;     /* 0: any */
};

struct platform_listener_settings {
    const char *listen;               /* "192.168.1.10:8443"; NULL: no platform calls */
    const char *cert_file, *key_file; /* PEM, for TLS; both or none */
    const struct platform_door *doors;
    uint32_t doors_count;
};

struct platform_call {
    uint32_t door;
    const char *path;  /* whole, without the query */
    const char *token; /* of the query, or NULL */
    const char *body;  /* NUL-terminated */
    size_t size;
};

struct platform_listener_hooks {
    void *arg;
    /* Answer with platform_listener_answer(), at once or later. Borrowed for the call. */
    void (*call)(void *arg, const struct platform_call *call, struct http_exchange *exchange);
    void (*closed)(void *arg, struct http_exchange *exchange); /* as of http.h */
    /* To be recorded; bounded. As serve_source.refused. */
    void (*refused)(void *arg, const struct serve_request *refused);
};

struct platform_listener;

/* Borrows the settings. */
struct platform_listener *
platform_listener_create(const struct platform_listener_settings *settings, struct loop *loop,
                         const struct platform_listener_hooks *hooks, struct err *err);
void platform_listener_destroy(struct platform_listener *listener); /* takes NULL */

/* Exactly once a call; copies `json`. */
void platform_listener_answer(struct http_exchange *exchange, int status, const char *json);
/* Within hooks->call: it is not done, and that is recorded. Whose call was not signed is a guess:
 * after some of them the address is not heard for a while. */
void platform_listener_refuse(struct platform_listener *listener, struct http_exchange *exchange,
                              bool is_signed, const char *why);

/* Whose door a request is at; UINT32_MAX: nobody's. `address` is its sender's. Pure. */
uint32_t platform_listener_find(const struct platform_listener_settings *settings, const char *path,
                                const char *address);

#endif
