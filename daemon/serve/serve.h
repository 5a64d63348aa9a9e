/*
 * What the gateway shows and takes: the page, the JSON API, metrics and health over HTTP on
 * loopback, and the same plus commands on the control socket. Runs on the loop; reads struct
 * serve_source, which the gateway fills; changes nothing itself.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include "daemon/base/loop.h"
#include "daemon/serve/source.h"

struct serve_settings {
    const char *listen;        /* "127.0.0.1:8080", "[::1]:8080"; NULL: no TCP */
    const char *control;       /* path of the control socket */
    struct role_groups groups; /* who may do what there */
    const char *token;         /* required when `listen` is not loopback, as are the next two */
    const char *cert_file, *key_file; /* PEM: what `listen` is served with; NULL: without TLS */
};

struct serve;

struct serve *serve_create(const struct serve_settings *settings, struct loop *loop,
                           const struct serve_source *source, struct err *err);
void serve_destroy(struct serve *serve); /* takes NULL; replies still owed are forgotten */

/* The durable state of a bay or device changed: told to the streams of /api/v1/events. */
void serve_bay_changed(struct serve *serve, uint32_t bay);
/* Likewise the count of vehicles of a lot, without a bay; a lane. */
void serve_lot_changed(struct serve *serve, uint32_t lot);
void serve_lane_changed(struct serve *serve, uint32_t lane);
void serve_device_changed(struct serve *serve, uint32_t device);

/* Answers a command: takes `reply`, copies `json`. A client that has left, or has been told after
 * 20 s that its command is not yet durable, does not hear it. */
void serve_answer(struct serve_reply *reply, int http_status, const char *json);

/* Port of the TCP listener in use (0: none), for a configuration that leaves it to the system. */
uint16_t serve_port(const struct serve *serve);

#endif
