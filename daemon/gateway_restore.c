/* Start from what is durable: the bays, devices and uplinks as the store's projections hold them.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_inside.h"
#include "daemon/store/record_read.h"

struct restore {
    struct gateway *g;
    struct record_reader *reader;
    struct view_bay *states; /* one a bay */
    uint32_t strangers;      /* rows of what the plan does not have (any more) */
};

static void take_bay_changed(struct restore *r, const struct record *record, uint64_t seq)
{
    r->states[record->bay_changed.bay].state = record->bay_changed.to;
    r->states[record->bay_changed.bay].reason = record->bay_changed.reason;
    r->states[record->bay_changed.bay].since = record->at;
    r->states[record->bay_changed.bay].seq = seq;
    yard_restore(r->g->yard, record);
}

static void take_bay_health(struct restore *r, const struct record *record, uint64_t seq)
{
    (void)seq;
    if (record->bay_health.on)
        r->states[record->bay_health.bay].conditions |= record->bay_health.condition;
    else
        r->states[record->bay_health.bay].conditions &= ~(unsigned)record->bay_health.condition;
}

/* The view takes it as the record that it is. */
static void take_device_health(struct restore *r, const struct record *record, uint64_t seq)
{
    view_apply(r->g->view, record, seq);
    site_restore_device(r->g->site, record->device_health.device, record->device_health.state);
}

/* What is restored: the kinds whose latest rows say how things stand. */
static const struct {
    enum record_kind kind;
    void (*take)(struct restore *r, const struct record *record, uint64_t seq);
} restored[] = {
    {RECORD_BAY_CHANGED, take_bay_changed},
    {RECORD_BAY_HEALTH, take_bay_health},
    {RECORD_DEVICE_HEALTH, take_device_health},
};

enum { RESTORED = sizeof restored / sizeof *restored };

/* Of stays that left: they may be re-opened, and bear on the day's shared maxima. */
enum { STANDING_MS = 2 * 86400000 };

static bool read_row(struct restore *r, const struct store_row *row, struct record *ret)
{
    struct err err;

    switch (record_read(r->reader, row->body, row->body_size, ret, &err)) {
    case RECORD_READ_DONE:
        ret->at = row->at; /* exact, where the body has four digits for the year */
        return true;
    case RECORD_READ_STRANGER:
        r->strangers++;
        break;
    case RECORD_READ_BROKEN:
        log_warning("store: record %" PRIu64 " says nothing: %s", row->seq, err.text);
        break;
    }
    return false;
}

static bool on_row(void *arg, const struct store_row *row)
{
    struct restore *r = arg;
    struct record record;

    if (!read_row(r, row, &record))
        return true;
    for (size_t i = 0; i < RESTORED; i++)
        if (restored[i].kind == record.kind)
            restored[i].take(r, &record, row->seq);
    return true;
}

/* Lanes, stays and money are the fold of the records that they stand on. */
static bool on_standing(void *arg, const struct store_row *row)
{
    struct restore *r = arg;
    struct record record;

    if (!read_row(r, row, &record))
        return true;
    yard_restore(r->g->yard, &record);
    closing_apply(&r->g->closing, &record);
    gateway_platform_restore(r->g, &record, row->seq);
    differences_apply(r->g->differences, &record);
    return true;
}

static void apply(struct restore *r)
{
    struct gateway *g = r->g;
    struct now now = clock_now();

    for (uint32_t bay = 0; bay < g->config->plan.bays_count; bay++) {
        const struct view_bay *state = &r->states[bay];

        view_restore_bay(g->view, bay, state);
        site_restore_bay(g->site, bay, state->state, state->since, state->conditions, now);
    }
    if (r->strangers)
        log_info("store: %u rows are of what the configuration does not have; they are kept",
                 r->strangers);
}

bool gateway_restore(struct gateway *g, struct store *store, struct outbox_progress *ret_progress,
                     struct err *err)
{
    struct restore r = {
        .g = g,
        .reader = record_read_create(&g->config->plan),
        .states = memory_new(g->config->plan.bays_count, sizeof(struct view_bay)),
    };
    bool ok = true;

    for (size_t i = 0; ok && i < RESTORED; i++)
        ok = store_latest(store, restored[i].kind, on_row, &r, err);
    ok = ok && store_standing(store, (utc_ms){clock_utc().ms - STANDING_MS}, on_standing, &r, err);
    if (ok)
        apply(&r);
    for (uint32_t u = 0; ok && u < g->config->uplinks_count; u++)
        ok = store_progress(store, g->config->uplinks[u].name, &ret_progress[u], err);
    ok = ok && gateway_find_unnamed(g, store, err);
    free(r.states);
    record_read_destroy(r.reader);
    return ok;
}
