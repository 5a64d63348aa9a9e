/*
 * The live state as the routes see it: the gateway's source, and what is computed from the plan
 * once. Read-only after live_create(). Every answer is written from here; writers append one JSON
 * object each, so that a list and an event say the same thing in the same words.
 */
#ifndef SERVE_LIVE_H
#define SERVE_LIVE_H

#include "daemon/serve/serve.h"

struct live_device {
    uint32_t bus; /* PLAN_NONE: not on a bus */
    uint32_t n;   /* its place on that bus */
    uint32_t bays;
    uint32_t first; /* of them, PLAN_NONE: none; the others follow in live.next_bay */
};

struct live {
    struct serve_source source;
    struct live_device *devices; /* as in the plan */
    uint32_t *next_bay;          /* of the same device, or PLAN_NONE */
};

struct live *live_create(const struct serve_source *source); /* copies the struct */
void live_destroy(struct live *live);                        /* takes NULL */

/* The index of the id, or PLAN_NONE. */
uint32_t live_find_zone(const struct live *live, const char *id);
uint32_t live_find_uplink(const struct live *live, const char *name);

typedef void live_write_fn(const struct live *live, struct now now, uint32_t index,
                           struct text *out);

live_write_fn live_lane, live_vacancy; /* as published: view_vacancy() */
live_write_fn live_lot;                /* the same with its name */
live_write_fn live_bay;
live_write_fn live_device;
live_write_fn live_bus;
live_write_fn live_uplink;
live_write_fn live_camera; /* live_cameras.c */

/* The figures of a device, and what troubles it: what it says itself, else what its bays show of
 * it. False when it is on no bus. */
bool live_device_stats(const struct live *live, uint32_t device, struct bus_device_stats *ret);

/* Appends ,"photos":{…} of all cameras' pictures; nothing where none are kept. live_cameras.c */
void live_photos(const struct live *live, struct text *out);

/* Appends ,"key":"2026-…Z", or null for 0. */
void live_time(struct text *out, const char *key, utc_ms at);

#endif
