/*
 * The table of record kinds: a name and an encoder each. The bytes written here are hashed and kept
 * for ever, so a kind's keys and their order never change; a new fact gets a new key at the end.
 */
#include "daemon/core/record.h"

#include <assert.h>
#include <string.h>

/* A free text as one line. Besides being readable this bounds it: at worst every byte is not UTF-8
 * and becomes three, where an escaped control character would take six. */
static void add_words(struct text *out, const char *key, const char *words)
{
    char line[RECORD_PHRASE];

    text_copy(line, sizeof line, words);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 0x20)
            *c = ' ';
    text_json_pair(out, key, line);
}

static void add_time(struct text *out, const char *key, utc_ms at)
{
    char text[UTC_TEXT_SIZE];

    text_json_pair(out, key, utc_text(at, text));
}

static void add_bay(struct text *out, const struct site_plan *plan, uint32_t bay)
{
    text_json_pair(out, "lot", plan->lots[plan_lot(plan, bay)].id);
    text_json_pair(out, "zone", plan->zones[plan->bays[bay].zone].id);
    text_json_pair(out, "bay", plan->bays[bay].id);
}

static void encode_gateway(const struct record *r, const struct site_plan *plan, struct text *out)
{
    (void)plan;
    add_words(out, "event", r->gateway.event);
    add_words(out, "version", r->gateway.version);
}

static void encode_bay_changed(const struct record *r, const struct site_plan *plan,
                               struct text *out)
{
    add_bay(out, plan, r->bay_changed.bay);
    text_json_pair(out, "from", bay_state_name(r->bay_changed.from));
    text_json_pair(out, "to", bay_state_name(r->bay_changed.to));
    text_json_pair(out, "reason", bay_reason_name(r->bay_changed.reason));
    if (r->bay_changed.inferred)
        text_json_bool(out, "inferred", true);
}

static void encode_bay_health(const struct record *r, const struct site_plan *plan,
                              struct text *out)
{
    add_bay(out, plan, r->bay_health.bay);
    text_json_pair(out, "condition", bay_condition_name(r->bay_health.condition));
    text_json_bool(out, "on", r->bay_health.on);
}

static void encode_device_health(const struct record *r, const struct site_plan *plan,
                                 struct text *out)
{
    assert(r->device_health.device < plan->devices_count);
    const struct device_plan *device = &plan->devices[r->device_health.device];

    text_json_pair(out, "bus", device->bus);
    text_json_pair(out, "device", device->id);
    text_json_pair(out, "state", device_state_name(r->device_health.state));
    add_words(out, "reason", r->device_health.reason);
}

static void encode_clock_step(const struct record *r, const struct site_plan *plan,
                              struct text *out)
{
    (void)plan;
    text_json_int(out, "delta_ms", r->clock_step.delta_ms);
}

static void encode_operator(const struct record *r, const struct site_plan *plan, struct text *out)
{
    (void)plan;
    add_words(out, "act", r->operator_act.act);
    add_words(out, "subject", r->operator_act.subject);
    add_words(out, "actor", r->operator_act.actor);
    add_words(out, "reason", r->operator_act.reason);
}

static void encode_loss(const struct record *r, const struct site_plan *plan, struct text *out)
{
    (void)plan;
    add_words(out, "what", r->loss.what);
    add_words(out, "reason", r->loss.reason);
    text_json_int(out, "count", (int64_t)r->loss.count);
    add_time(out, "from", r->loss.from);
    add_time(out, "to", r->loss.to);
}

static void encode_retention(const struct record *r, const struct site_plan *plan, struct text *out)
{
    (void)plan;
    text_json_int(out, "through_seq", (int64_t)r->retention.through_seq);
    text_json_int(out, "count", (int64_t)r->retention.count);
    add_words(out, "hash", r->retention.hash);
}

static void encode_bay_amended(const struct record *r, const struct site_plan *plan,
                               struct text *out)
{
    add_bay(out, plan, r->bay_amended.bay);
    text_json_pair(out, "state", bay_state_name(r->bay_amended.state));
    add_time(out, "until", r->bay_amended.until);
}

static const struct {
    const char *name;
    void (*encode)(const struct record *r, const struct site_plan *plan, struct text *out);
} kinds[RECORD_KINDS] = {
    [RECORD_GATEWAY] = {"gateway", encode_gateway},
    [RECORD_BAY_CHANGED] = {"bay_changed", encode_bay_changed},
    [RECORD_BAY_HEALTH] = {"bay_health", encode_bay_health},
    [RECORD_DEVICE_HEALTH] = {"device_health", encode_device_health},
    [RECORD_CLOCK_STEP] = {"clock_step", encode_clock_step},
    [RECORD_OPERATOR] = {"operator", encode_operator},
    [RECORD_LOSS] = {"loss", encode_loss},
    [RECORD_RETENTION] = {"retention", encode_retention},
    [RECORD_BAY_AMENDED] = {"bay_amended", encode_bay_amended},
};

void record_encode(const struct record *record, const struct site_plan *plan, struct text *out)
{
    assert(record->kind < RECORD_KINDS);
    size_t start = out->used;

    text_append(out, "{", 1);
    text_json_pair(out, "type", kinds[record->kind].name);
    add_time(out, "at", record->at);
    if (record->time_uncertain)
        text_json_pair(out, "time", "uncertain");
    kinds[record->kind].encode(record, plan, out);
    text_append(out, "}", 1);
    assert(out->used - start <= RECORD_BODY_MAX);
}

const char *record_kind_name(enum record_kind kind)
{
    assert(kind < RECORD_KINDS);
    return kinds[kind].name;
}

bool record_kind_parse(const char *name, enum record_kind *ret)
{
    for (int i = 0; i < RECORD_KINDS; i++)
        if (!strcmp(name, kinds[i].name)) {
            *ret = (enum record_kind)i;
            return true;
        }
    return false;
}
