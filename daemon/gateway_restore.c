/* Start from what is durable: the bays, devices and uplinks as the store's projections hold them.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_inside.h"

/* Ids of the plan, sorted, so that 10,000 rows find their bays in no time. */
struct id_entry {
    const char *id;
    uint32_t index;
};

struct restore {
    struct gateway *g;
    struct id_entry *bays;
    struct view_bay *states; /* one a bay */
    void (*take)(struct restore *r, const struct store_row *row, const struct json *body);
    uint32_t strangers; /* rows of bays that the plan does not have (any more) */
};

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct id_entry *)a)->id, ((const struct id_entry *)b)->id);
}

static uint32_t find_bay(struct restore *r, const char *id)
{
    const struct id_entry key = {.id = id ? id : ""};
    const struct id_entry *found =
        bsearch(&key, r->bays, r->g->config->plan.bays_count, sizeof key, by_id);

    if (!found)
        r->strangers++;
    return found ? found->index : PLAN_NONE;
}

/* {"type":"bay_changed",…,"bay":"A-001","from":…,"to":"free","reason":"reading"} */
static void take_bay_changed(struct restore *r, const struct store_row *row,
                             const struct json *body)
{
    uint32_t bay = find_bay(r, json_text(json_member(body, "bay"), NULL));

    if (bay == PLAN_NONE)
        return;
    struct view_bay *state = &r->states[bay];
    if (!bay_state_parse(json_text(json_member(body, "to"), ""), &state->state))
        return;
    bay_reason_parse(json_text(json_member(body, "reason"), ""), &state->reason);
    state->since = row->at;
    state->seq = row->seq;
}

/* {"type":"bay_health",…,"bay":"A-001","condition":"flapping","on":true} */
static void take_bay_health(struct restore *r, const struct store_row *row, const struct json *body)
{
    uint32_t bay = find_bay(r, json_text(json_member(body, "bay"), NULL));
    enum bay_condition condition;

    (void)row;
    if (bay == PLAN_NONE ||
        !bay_condition_parse(json_text(json_member(body, "condition"), ""), &condition))
        return;
    if (json_bool(json_member(body, "on"), false))
        r->states[bay].conditions |= condition;
    else
        r->states[bay].conditions &= ~(unsigned)condition;
}

/* {"type":"device_health",…,"device":"c1","state":"online","reason":"answers"}: the view takes it
 * as the record that it is. */
static void take_device_health(struct restore *r, const struct store_row *row,
                               const struct json *body)
{
    const struct site_plan *plan = &r->g->config->plan;
    const char *id = json_text(json_member(body, "device"), "");
    struct record record = {.kind = RECORD_DEVICE_HEALTH, .at = row->at};
    uint32_t device = 0;

    while (device < plan->devices_count && strcmp(plan->devices[device].id, id) != 0)
        device++;
    if (device == plan->devices_count ||
        !device_state_parse(json_text(json_member(body, "state"), ""), &record.device_health.state))
        return;
    record.device_health.device = device;
    text_copy(record.device_health.reason, sizeof record.device_health.reason,
              json_text(json_member(body, "reason"), ""));
    view_apply(r->g->view, &record, row->seq);
    site_restore_device(r->g->site, device, record.device_health.state);
}

typedef void take_fn(struct restore *r, const struct store_row *row, const struct json *body);

/* What is restored: the kinds whose latest rows say how things stand. */
static const struct {
    enum record_kind kind;
    take_fn *take;
} restored[] = {
    {RECORD_BAY_CHANGED, take_bay_changed},
    {RECORD_BAY_HEALTH, take_bay_health},
    {RECORD_DEVICE_HEALTH, take_device_health},
};

static bool on_row(void *arg, const struct store_row *row)
{
    struct restore *r = arg;
    struct json *body = json_read(row->body, row->body_size, RECORD_BODY_MAX, NULL);

    r->take(r, row, body);
    json_release(body);
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
        log_info("store: %u rows are of bays that the configuration does not have; they are kept",
                 r->strangers);
}

static struct id_entry *sorted_ids(const struct site_plan *plan)
{
    struct id_entry *ids = memory_new(plan->bays_count, sizeof *ids);

    for (uint32_t bay = 0; bay < plan->bays_count; bay++)
        ids[bay] = (struct id_entry){.id = plan->bays[bay].id, .index = bay};
    qsort(ids, plan->bays_count, sizeof *ids, by_id);
    return ids;
}

bool gateway_restore(struct gateway *g, struct store *store, struct outbox_progress *ret_progress,
                     struct err *err)
{
    struct restore r = {
        .g = g,
        .bays = sorted_ids(&g->config->plan),
        .states = memory_new(g->config->plan.bays_count, sizeof(struct view_bay)),
    };
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof restored / sizeof restored[0]; i++) {
        r.take = restored[i].take;
        ok = store_latest(store, restored[i].kind, on_row, &r, err);
    }
    if (ok)
        apply(&r);
    for (uint32_t u = 0; ok && u < g->config->uplinks_count; u++)
        ok = store_progress(store, g->config->uplinks[u].name, &ret_progress[u], err);
    ok = ok && gateway_find_unnamed(g, store, err);
    free(r.states);
    free(r.bays);
    return ok;
}
