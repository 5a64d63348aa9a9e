/*
 * What the gateway shows and takes: the page, the JSON API, metrics and health over HTTP on
 * loopback, and the same plus commands on the control socket. Runs on the loop; reads struct
 * serve_source, which the gateway fills; changes nothing itself.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include "daemon/base/loop.h"
#include "daemon/core/view.h"
#include "daemon/uplink/uplink.h"
#include "sensors/bus/bus.h"

struct serve_settings {
    const char *listen;  /* "127.0.0.1:8080", "[::1]:8080"; NULL: no TCP */
    const char *control; /* path of the control socket */
    const char *group;   /* group that may connect to it; NULL: the daemon's own */
    const char *token;   /* required when `listen` is not loopback */
};

/* An answer that is still owed; given to exactly one serve_answer(). */
struct serve_reply;

struct serve_actor {
    char name[RECORD_WORD]; /* user name from SO_PEERCRED, or "uid N" */
    bool may_operate;       /* came over the control socket */
};

enum serve_command {
    SERVE_BAY_OUT,
    SERVE_BAY_IN,
    SERVE_OUTBOX_RETRY,
    SERVE_OUTBOX_DROP,
    SERVE_BACKUP
};

struct serve_request {
    enum serve_command command;
    struct serve_actor actor;
    char subject[RECORD_WORD];  /* bay id, uplink name */
    char reason[RECORD_PHRASE]; /* why, in the operator's words */
    char path[256];             /* backup: where to */
    uint64_t seq;               /* outbox: which record, 0 all */
};

/* What is shown of the store. */
struct serve_store {
    uint64_t head_seq, waiting, commits, last_commit_us, worst_commit_us;
    char trouble[RECORD_PHRASE]; /* empty when well */
};

/* The live state, all borrowed, all on the loop's thread. */
struct serve_source {
    void *arg;
    const struct site_plan *plan;
    const struct view *view;
    utc_ms started;
    const struct bus_settings *buses;
    uint32_t buses_count;
    const struct uplink_settings *uplinks;
    uint32_t uplinks_count;
    struct now (*now)(void *arg);
    void (*bus)(void *arg, uint32_t bus, struct bus_stats *ret);
    /* The n-th of buses[bus].devices. */
    void (*device)(void *arg, uint32_t bus, uint32_t n, struct bus_device_stats *ret);
    void (*uplink)(void *arg, uint32_t uplink, struct uplink_status *ret);
    void (*marks)(void *arg, uint32_t uplink, uplink_mark_fn *fn, void *fn_arg);
    void (*store)(void *arg, struct serve_store *ret);
    /* A command; answered with serve_answer() at once or once its record is durable. */
    void (*request)(void *arg, const struct serve_request *request, struct serve_reply *reply);
};

struct serve;

struct serve *serve_create(const struct serve_settings *settings, struct loop *loop,
                           const struct serve_source *source, struct err *err);
void serve_destroy(struct serve *serve); /* takes NULL; replies still owed are forgotten */

/* The durable state of a bay or device changed: told to the streams of /api/v1/events. */
void serve_bay_changed(struct serve *serve, uint32_t bay);
void serve_device_changed(struct serve *serve, uint32_t device);

/* Answers a command: takes `reply`, copies `json`. A client that has left, or has been told after
 * REPLY_MAX_S that its command is not yet durable, does not hear it. */
void serve_answer(struct serve_reply *reply, int http_status, const char *json);

/* Port of the TCP listener in use (0: none), for a configuration that leaves it to the system. */
uint16_t serve_port(const struct serve *serve);

#endif
