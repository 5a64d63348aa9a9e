/* The routes that list live things. See routes.h. */
#include <string.h>

#include "daemon/serve/routes.h"

enum { MARKS_MAX = 1000 }; /* of an outbox in one answer; the rest is counted */

/* {"NAME":[one object for each of `count`]} */
static void write_list(struct api_call *call, const char *name, uint32_t count,
                       live_write_fn *write)
{
    text_add(&call->out, "{\"%s\":[", name);
    for (uint32_t i = 0; i < count; i++) {
        text_comma(&call->out);
        write(call->live, call->now, i, &call->out);
    }
    text_add(&call->out, "]}\n");
}

void list_lots(struct api_call *call)
{
    write_list(call, "lots", call->live->source.plan->lots_count, live_lot);
}

void list_lot(struct api_call *call)
{
    uint32_t lot = plan_find_lot(call->live->source.plan, call->subject);

    if (lot == PLAN_NONE) {
        api_refuse(call, 404, "there is no such lot",
                   "GET /api/v1/lots and parkctl lots list them");
        return;
    }
    live_lot(call->live, call->now, lot, &call->out);
    text_add(&call->out, "\n");
}

struct bay_filter {
    uint32_t lot, zone; /* PLAN_NONE: any */
    bool by_state;
    enum bay_state state;
};

static bool read_filter(struct api_call *call, struct bay_filter *ret)
{
    const char *lot = http_exchange_query(call->exchange, "lot");
    const char *zone = http_exchange_query(call->exchange, "zone");
    const char *state = http_exchange_query(call->exchange, "state");

    *ret = (struct bay_filter){.lot = lot ? plan_find_lot(call->live->source.plan, lot) : PLAN_NONE,
                               .zone = zone ? live_find_zone(call->live, zone) : PLAN_NONE,
                               .by_state = state != NULL};
    if (lot && ret->lot == PLAN_NONE)
        api_refuse(call, 404, "there is no such lot",
                   "GET /api/v1/lots and parkctl lots list them");
    else if (zone && ret->zone == PLAN_NONE)
        api_refuse(call, 404, "there is no such zone",
                   "GET /api/v1/lots and parkctl lots list them");
    else if (state && !bay_state_parse(state, &ret->state))
        api_refuse(call, 400, "there is no such state",
                   "state is one of free, occupied, unknown, out_of_service");
    else
        return true;
    return false;
}

static bool takes(const struct live *live, const struct bay_filter *filter, uint32_t bay)
{
    const struct site_plan *plan = live->source.plan;
    uint32_t zone = plan->bays[bay].zone;

    return (filter->lot == PLAN_NONE || plan->zones[zone].lot == filter->lot) &&
           (filter->zone == PLAN_NONE || zone == filter->zone) &&
           (!filter->by_state || view_bay(live->source.view, bay)->state == filter->state);
}

void list_bays(struct api_call *call)
{
    struct bay_filter filter;
    uint32_t count = 0;

    if (!read_filter(call, &filter))
        return;
    text_add(&call->out, "{\"bays\":[");
    for (uint32_t bay = 0; bay < call->live->source.plan->bays_count; bay++) {
        if (!takes(call->live, &filter, bay))
            continue;
        text_comma(&call->out);
        live_bay(call->live, call->now, bay, &call->out);
        count++;
    }
    text_add(&call->out, "],\"count\":%u}\n", count);
}

void list_lanes(struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    text_add(&call->out, "{\"lanes\":[");
    for (uint32_t lane = 0; source->lane && lane < source->plan->lanes_count; lane++) {
        text_comma(&call->out);
        source->lane(source->arg, lane, !call->trusted, &call->out);
    }
    text_add(&call->out, "]}\n");
}

void list_stays(struct api_call *call)
{
    const struct serve_source *source = &call->live->source;
    const char *state = http_exchange_query(call->exchange, "state");

    if (state && strcmp(state, "open") != 0) {
        api_refuse(call, 400, "only open stays are live",
                   "leave ?state= out, or read the others with parkctl stay list");
        return;
    }
    text_add(&call->out, "{\"stays\":[");
    if (source->stays)
        source->stays(source->arg, !call->trusted, &call->out);
    text_add(&call->out, "]}\n");
}

void list_quote(struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    if (!source->quote || !source->quote(source->arg, call->subject, &call->out))
        api_refuse(call, 404, "there is no such open stay", "parkctl stay list shows them");
}

void list_lists(struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    if (source->lists)
        source->lists(source->arg, &call->out);
    else
        text_add(&call->out, "{\"lists\":[],\"shifts\":[]}\n");
}

void list_devices(struct api_call *call)
{
    write_list(call, "devices", call->live->source.plan->devices_count, live_device);
}

void list_buses(struct api_call *call)
{
    write_list(call, "buses", call->live->source.buses_count, live_bus);
}

void list_strangers(struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    text_add(&call->out, "{\"strangers\":[");
    for (uint32_t i = 0;; i++) {
        size_t used = call->out.used;
        text_comma(&call->out);
        if (source->stranger(source->arg, i, &call->out))
            continue;
        call->out.used = used;
        break;
    }
    text_add(&call->out, "]}\n");
}

void list_uplinks(struct api_call *call)
{
    write_list(call, "uplinks", call->live->source.uplinks_count, live_uplink);
}

void list_cameras(struct api_call *call)
{
    const struct live *live = call->live;

    text_add(&call->out, "{\"cameras\":[");
    for (uint32_t i = 0; live->source.camera && i < live->source.cameras_count; i++) {
        text_comma(&call->out);
        live_camera(live, call->now, i, &call->out);
    }
    text_add(&call->out, "]");
    live_photos(live, &call->out);
    text_add(&call->out, "}\n");
}

struct marks {
    struct text *out;
    uint32_t count;
};

static void write_mark(void *arg, const struct outbox_mark *mark)
{
    static const char *const names[] = {[OUTBOX_DELIVERED] = "delivered",
                                        [OUTBOX_RETRY] = "retry",
                                        [OUTBOX_DEAD] = "dead",
                                        [OUTBOX_DROPPED] = "dropped"};
    struct marks *marks = arg;

    if (marks->count++ >= MARKS_MAX)
        return;
    text_comma(marks->out);
    text_add(marks->out, "{");
    text_json_int(marks->out, "seq", (int64_t)mark->seq);
    text_json_pair(marks->out, "state", names[mark->state]);
    text_json_int(marks->out, "attempts", mark->attempts);
    text_json_pair(marks->out, "reason", mark->reason[0] ? mark->reason : NULL);
    text_add(marks->out, "}");
}

void list_outbox(struct api_call *call)
{
    const struct serve_source *source = &call->live->source;
    uint32_t uplink = live_find_uplink(call->live, call->subject);
    struct marks marks = {.out = &call->out};

    if (uplink == PLAN_NONE) {
        api_refuse(call, 404, "there is no such uplink",
                   "GET /api/v1/uplinks and parkctl status list them");
        return;
    }
    text_add(&call->out, "{\"uplink\":");
    live_uplink(call->live, call->now, uplink, &call->out);
    text_add(&call->out, ",\"records\":[");
    source->marks(source->arg, uplink, write_mark, &marks);
    text_add(&call->out, "],\"count\":%u}\n", marks.count);
}
