/*
 * What was refused, on its way to the journal: each refused act is a record, but whoever asks again
 * and again cannot fill the disk. Beyond the budget refusals are counted, and the count is
 * recorded.
 */
#ifndef SERVE_REFUSALS_H
#define SERVE_REFUSALS_H

#include "daemon/base/loop.h"
#include "daemon/serve/source.h"

enum { REFUSALS_AT_ONCE = 20, REFUSALS_INTERVAL_MS = 5 * 60 * 1000 };

/* As of serve_source. */
struct refusals_hooks {
    void *arg;
    struct now (*now)(void *arg);
    void (*refused)(void *arg, const struct serve_request *refused);
};

struct refusals;

/* Borrows the loop, copies the hooks. */
struct refusals *refusals_create(struct loop *loop, const struct refusals_hooks *hooks);
void refusals_destroy(struct refusals *refusals); /* records what was only counted; takes NULL */

/* `actor` asked for `what` and did not get it, `why`. Copies. */
void refusals_note(struct refusals *refusals, const char *actor, const char *what, const char *why);

#endif
