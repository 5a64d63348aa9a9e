/*
 * Counting sensors in the gateway: their reports become passages of lanes that nothing else tells
 * of, and a running count of each lot. What a sensor counted last stands in its device's record
 * ("count 57 in 1204 out 1180"), so that a restart loses no passage.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/crypto.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_inside.h"

struct lane_counter {
    const struct counter_config *config;
    struct counter counter;
    uint64_t in, out; /* vehicles since counting began */
};

struct gateway_counters {
    struct lane_counter *list; /* as config->counters */
    struct ident ident;
};

static uint32_t side_device(const struct lane_counter *lane, uint32_t side)
{
    return side ? lane->config->back : lane->config->front;
}

static struct lane_counter *find(struct gateway *g, uint32_t device, uint32_t *ret_side)
{
    for (uint32_t i = 0; i < g->config->counters_count; i++)
        for (uint32_t side = 0; side < 2; side++)
            if (side_device(&g->counters->list[i], side) == device) {
                *ret_side = side;
                return &g->counters->list[i];
            }
    return NULL;
}

static void restore(struct gateway *g, struct lane_counter *lane, uint32_t side)
{
    uint32_t device = side_device(lane, side);
    const char *word = device == PLAN_NONE ? "" : view_device(g->view, device)->reason;
    unsigned long long in, out;
    unsigned count;

    if (sscanf(word, "count %3u in %llu out %llu", &count, &in, &out) != 3 || count >= COUNTER_WRAP)
        return;
    counter_restore(&lane->counter, side, count);
    lane->in = in > lane->in ? in : lane->in;
    lane->out = out > lane->out ? out : lane->out;
}

void gateway_counters_create(struct gateway *g)
{
    g->counters = memory_new(1, sizeof *g->counters);
    g->counters->list = memory_new(g->config->counters_count, sizeof *g->counters->list);
    crypto_random(&g->counters->ident.tag, sizeof g->counters->ident.tag);
    for (uint32_t i = 0; i < g->config->counters_count; i++) {
        struct lane_counter *lane = &g->counters->list[i];

        lane->config = &g->config->counters[i];
        counter_init(&lane->counter, lane->config->way, lane->config->back != PLAN_NONE);
        restore(g, lane, 0);
        restore(g, lane, 1);
    }
}

void gateway_counters_destroy(struct gateway *g)
{
    if (g->counters)
        free(g->counters->list);
    free(g->counters);
}

static void note(struct gateway *g, const struct lane_counter *lane, uint32_t side)
{
    char word[RECORD_WORD];

    if (!lane->counter.sides[side].known)
        return;
    snprintf(word, sizeof word, "count %u in %llu out %llu", lane->counter.sides[side].count,
             (unsigned long long)lane->in, (unsigned long long)lane->out);
    site_device_note(g->site, side_device(lane, side), word, clock_now(), gateway_sink(g));
}

void gateway_counters_note(struct gateway *g, uint32_t device)
{
    uint32_t side = 0;
    struct lane_counter *lane = find(g, device, &side);

    if (lane)
        note(g, lane, side);
}

/* C6: they went one way or the other, and nobody knows which. */
static void put_unsure(struct gateway *g, const struct lane_counter *lane,
                       const struct counter_passage *passed)
{
    struct record record = gateway_record(g, RECORD_LOSS);

    text_copy(record.loss.what, sizeof record.loss.what, "passages");
    snprintf(record.loss.reason, sizeof record.loss.reason,
             "lane %s: counted, and the direction is not known",
             g->config->plan.lanes[lane->config->lane].id);
    record.loss.count = passed->vehicles;
    record.at = record.loss.from = record.loss.to = passed->at.utc;
    gateway_sink(g).put(g, &record);
}

static void put_passage(struct gateway *g, struct lane_counter *lane,
                        const struct counter_passage *passed)
{
    struct record record = {.kind = RECORD_PASSAGE,
                            .at = passed->at.utc,
                            .passage = {.lane = lane->config->lane,
                                        .kind = PASSAGE_COUNTED,
                                        .evidence = EVIDENCE_COUNTER,
                                        .direction = passed->way == COUNTER_IN ? LANE_IN : LANE_OUT,
                                        .vehicles = passed->vehicles}};

    if (passed->way == COUNTER_BOTH) {
        put_unsure(g, lane, passed);
        return;
    }
    *(passed->way == COUNTER_IN ? &lane->in : &lane->out) += passed->vehicles;
    ident_next(&g->counters->ident, passed->at.utc, record.passage.passage);
    if (passed->quality != COUNTER_EXACT)
        text_copy(record.passage.quality, sizeof record.passage.quality,
                  counter_quality_name(passed->quality));
    gateway_site_sink(g).put(g, &record); /* the estimate of the lot hears it, too */
}

void gateway_counted(struct gateway *g, uint32_t device, const struct counter_report *report)
{
    struct counter_passage passed;
    uint32_t side = 0;
    struct lane_counter *lane = find(g, device, &side);

    if (!lane)
        return;
    struct counter_side before = lane->counter.sides[side];
    if (counter_hear(&lane->counter, side, report, &passed))
        put_passage(g, lane, &passed);
    if (!before.known || before.count != report->count || report->reset)
        note(g, lane, side);
}

void gateway_counters_tick(struct gateway *g, mono_ms now)
{
    for (uint32_t i = 0; i < g->config->counters_count; i++) {
        struct lane_counter *lane = &g->counters->list[i];
        struct counter_passage passed;

        if (!counter_tick(&lane->counter, now, &passed))
            continue;
        put_passage(g, lane, &passed);
        note(g, lane, 0);
        note(g, lane, 1);
    }
}

bool gateway_counters_show(const struct gateway *g, uint32_t lot, struct serve_counted *ret)
{
    bool any = false;

    *ret = (struct serve_counted){0};
    for (uint32_t i = 0; i < g->config->counters_count; i++) {
        const struct lane_counter *lane = &g->counters->list[i];

        if (g->config->plan.lanes[lane->config->lane].lot != lot)
            continue;
        any = true;
        ret->in += lane->in;
        ret->out += lane->out;
    }
    return any;
}
