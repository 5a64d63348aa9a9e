/* The view as JSON: vacancy of a lot, state of a bay. Key order is part of the contract. */
#include "daemon/core/view.h"

const char *tally_quality(const struct tally *tally)
{
    if (tally->unknown == 0)
        return "good";
    return tally->free + tally->occupied > 0 ? "partial" : "unknown";
}

static void add_counts(struct text *out, const struct tally *tally)
{
    text_json_int(out, "capacity", tally->capacity);
    text_json_int(out, "free", tally->free);
    text_json_int(out, "occupied", tally->occupied);
    text_json_int(out, "unknown", tally->unknown);
    text_json_int(out, "out_of_service", tally->out_of_service);
}

static void open_key(struct text *out, const char *key, const char *bracket)
{
    text_comma(out);
    text_add(out, "\"%s\":%s", key, bracket);
}

static void add_zones(const struct view *view, const struct site_plan *plan, uint32_t lot,
                      struct text *out)
{
    open_key(out, "zones", "[");
    for (uint32_t i = 0; i < plan->zones_count; i++) {
        if (plan->zones[i].lot != lot)
            continue;
        text_comma(out);
        text_append(out, "{", 1);
        text_json_pair(out, "id", plan->zones[i].id);
        text_json_pair(out, "name", plan->zones[i].name);
        add_counts(out, view_zone(view, i));
        text_append(out, "}", 1);
    }
    text_append(out, "]", 1);
}

static void add_classes(const struct view *view, uint32_t lot, struct text *out)
{
    if (view_lot_class(view, lot, BAY_ORDINARY)->capacity == view_lot(view, lot)->capacity)
        return;
    open_key(out, "classes", "[");
    for (int i = 0; i < BAY_CLASSES; i++) {
        enum bay_class class = (enum bay_class)i;
        const struct tally *tally = view_lot_class(view, lot, class);
        if (tally->capacity == 0)
            continue;
        text_comma(out);
        text_append(out, "{", 1);
        text_json_pair(out, "class", bay_class_name(class));
        add_counts(out, tally);
        text_append(out, "}", 1);
    }
    text_append(out, "]", 1);
}

void view_vacancy(const struct view *view, uint32_t lot, utc_ms as_of, struct text *out)
{
    const struct site_plan *plan = view_plan(view);
    const struct tally *tally = view_lot(view, lot);
    char at[UTC_TEXT_SIZE];

    text_append(out, "{", 1);
    text_json_pair(out, "lot", plan->lots[lot].id);
    text_json_pair(out, "as_of", utc_text(as_of, at));
    add_counts(out, tally);
    text_json_pair(out, "quality", tally_quality(tally));
    add_zones(view, plan, lot, out);
    add_classes(view, lot, out);
    text_append(out, "}", 1);
}

void view_bay_json(const struct view *view, uint32_t bay, struct text *out)
{
    const struct site_plan *plan = view_plan(view);
    const struct view_bay *shown = view_bay(view, bay);
    const struct bay_plan *planned = &plan->bays[bay];
    const char *device = planned->device == PLAN_NONE ? NULL : plan->devices[planned->device].id;
    char since[UTC_TEXT_SIZE];

    text_append(out, "{", 1);
    text_json_pair(out, "lot", plan->lots[plan_lot(plan, bay)].id);
    text_json_pair(out, "zone", plan->zones[planned->zone].id);
    text_json_pair(out, "bay", planned->id);
    text_json_pair(out, "class", bay_class_name(planned->class));
    text_json_pair(out, "state", bay_state_name(shown->state));
    text_json_pair(out, "reason", bay_reason_name(shown->reason));
    text_json_pair(out, "since", shown->seq ? utc_text(shown->since, since) : NULL);
    open_key(out, "suspect", "[");
    for (unsigned bit = 1; bit < BAY_CONDITIONS_END; bit <<= 1) {
        if (!(shown->conditions & bit))
            continue;
        text_comma(out);
        text_json_string(out, bay_condition_name((enum bay_condition)bit));
    }
    text_append(out, "]", 1);
    text_json_pair(out, "device", device);
    text_append(out, "}", 1);
}
