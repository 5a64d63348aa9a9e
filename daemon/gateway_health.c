/* Whether the service manager may go on trusting us: progress of every part, not turns of the loop.
 */
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/gateway_inside.h"

/* A bus thread bounds every wait by its time-outs (some seconds), the store by its disk; ten times
 * the longest is no waiting any more but a hang. */
enum { STUCK_MS = 30000, LINES_A_MINUTE = 2 };

static bool stuck(mono_ms last, mono_ms now)
{
    return mono_reached(now, mono_after(last, STUCK_MS));
}

/* The first part that makes no progress, in words; NULL when all do. A failing disk is no hang: it
 * is told by the store's trouble, and a restart would not mend it. */
static const char *what_hangs(struct gateway *g, mono_ms now)
{
    struct store_worker_stats store;

    store_worker_stats(g->store, &store);
    if (store.waiting && !g->store_trouble[0] && stuck(store.last_commit, now))
        return "the store worker";
    for (uint32_t b = 0; b < g->config->buses_count; b++) {
        struct bus_stats bus;

        bus_stats(g->buses[b], &bus);
        if (stuck(bus.heard, now))
            return g->config->buses[b].id;
    }
    return NULL;
}

void gateway_watchdog(struct gateway *g, mono_ms now)
{
    const char *hung = what_hangs(g, now);

    if (!hung)
        loop_notify("WATCHDOG=1");
    else if (log_allow(&g->watchdog_lines, now, LINES_A_MINUTE))
        log_error(
            "watchdog: no sign of life from \"%s\" for %d s; the service manager will restart "
            "parkd",
            hung, STUCK_MS / 1000);
}

void gateway_on_damaged(void *arg, const struct err *err)
{
    struct gateway *g = arg;

    log_error("store: %s; parkd ends, and sets the file aside when it is started again", err->text);
    loop_stop(g->loop, EXIT_FAILURE);
}
