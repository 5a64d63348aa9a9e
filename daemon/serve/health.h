/*
 * Whether the field, the store and the uplinks are within their limits, each with its reason in
 * words. /readyz, the page and the metrics say the same.
 */
#ifndef SERVE_HEALTH_H
#define SERVE_HEALTH_H

#include "daemon/serve/live.h"

struct health_finding {
    const char *kind; /* "bus", "devices", "store", "uplink" */
    const char *name; /* NULL when there is only one of the kind */
    bool ok;
    char words[RECORD_PHRASE * 2];
};

typedef void health_fn(void *arg, const struct health_finding *finding);

/* Tells every finding, good ones too; true when all are good. `fn` may be NULL. */
bool health_check(const struct live *live, struct now now, health_fn *fn, void *arg);

/* The "status" event; /api/v1/status says the same and the uplinks. */
live_write_fn health_write_status;

#endif
