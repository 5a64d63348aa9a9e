/*
 * Uplinks that the store knows and the configuration does not name any more. Their records stay due
 * and hold retention up, as they may be named again; when that is not meant, a person has them
 * forgotten, which is recorded with what was given up.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_inside.h"

static bool is_named(const struct config *config, const char *name)
{
    for (uint32_t u = 0; u < config->uplinks_count; u++)
        if (!strcmp(config->uplinks[u].name, name))
            return true;
    return false;
}

static void take_name(void *arg, const char *name)
{
    struct gateway *g = arg;

    if (is_named(g->config, name))
        return;
    g->unnamed = memory_grow(g->unnamed, g->unnamed_count + 1, sizeof *g->unnamed);
    struct unnamed_uplink *uplink = &g->unnamed[g->unnamed_count++];
    memset(uplink, 0, sizeof *uplink);
    text_copy(uplink->progress.uplink, sizeof uplink->progress.uplink, name);
}

bool gateway_find_unnamed(struct gateway *g, struct store *store, struct err *err)
{
    if (!store_uplinks(store, take_name, g, err))
        return false;
    for (uint32_t u = 0; u < g->unnamed_count; u++) {
        struct unnamed_uplink *uplink = &g->unnamed[u];
        char name[UPLINK_NAME_SIZE];

        text_copy(name, sizeof name, uplink->progress.uplink);
        if (!store_progress(store, name, &uplink->progress, err) ||
            !store_undelivered(store, name, &uplink->undelivered, &uplink->from, err))
            return false;
        log_warning(
            "uplink \"%s\": the configuration does not name it; %llu records wait for it and "
            "nothing newer leaves the journal; name it again, or: parkctl outbox forget %s",
            name, (unsigned long long)uplink->undelivered, name);
    }
    return true;
}

void gateway_unnamed_due(struct gateway *g, const struct store_row *rows, size_t count)
{
    for (uint32_t u = 0; u < g->unnamed_count; u++) {
        struct unnamed_uplink *uplink = &g->unnamed[u];

        for (size_t i = 0; i < count; i++) {
            if (!(uplink->progress.kinds >> rows[i].kind & 1))
                continue;
            if (!uplink->undelivered++)
                uplink->from = rows[i].at;
        }
    }
}

bool gateway_forget(struct gateway *g, const struct serve_request *request, uint64_t *ret_records)
{
    uint32_t u = 0;

    while (u < g->unnamed_count && strcmp(g->unnamed[u].progress.uplink, request->subject) != 0)
        u++;
    if (u == g->unnamed_count)
        return false;
    struct unnamed_uplink *uplink = &g->unnamed[u];
    gateway_note_act(g, "outbox_forget", request);
    if (uplink->undelivered)
        gateway_note_drop(g, request, uplink->undelivered, uplink->from);
    uplink->progress.since = 0;
    store_worker_progress(g->store, &uplink->progress);
    *ret_records = uplink->undelivered;
    free(uplink->progress.marks);
    *uplink = g->unnamed[--g->unnamed_count];
    return true;
}

void gateway_unnamed_free(struct gateway *g)
{
    while (g->unnamed_count > 0)
        free(g->unnamed[--g->unnamed_count].progress.marks);
    free(g->unnamed);
}
