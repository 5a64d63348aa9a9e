/* The live state, written one object at a time. See live.h. */
#include "daemon/serve/live.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

struct live *live_create(const struct serve_source *source)
{
    const struct site_plan *plan = source->plan;
    struct live *live = memory_new(1, sizeof *live);

    live->source = *source;
    live->devices = memory_new(plan->devices_count + 1, sizeof *live->devices);
    live->next_bay = memory_new(plan->bays_count + 1, sizeof *live->next_bay);
    for (uint32_t d = 0; d < plan->devices_count; d++)
        live->devices[d].bus = live->devices[d].first = PLAN_NONE;
    for (uint32_t b = 0; b < source->buses_count; b++) {
        for (uint32_t n = 0; n < source->buses[b].devices_count; n++) {
            struct live_device *device = &live->devices[source->buses[b].devices[n].index];

            device->bus = b;
            device->n = n;
        }
    }
    for (uint32_t bay = plan->bays_count; bay-- > 0;) {
        uint32_t d = plan->bays[bay].device;

        if (d == PLAN_NONE)
            continue;
        live->devices[d].bays++;
        live->next_bay[bay] = live->devices[d].first;
        live->devices[d].first = bay;
    }
    return live;
}

void live_destroy(struct live *live)
{
    if (!live)
        return;
    free(live->next_bay);
    free(live->devices);
    free(live);
}

uint32_t live_find_zone(const struct live *live, const char *id)
{
    const struct site_plan *plan = live->source.plan;

    for (uint32_t i = 0; i < plan->zones_count; i++) {
        if (strcmp(plan->zones[i].id, id) == 0)
            return i;
    }
    return PLAN_NONE;
}

uint32_t live_find_uplink(const struct live *live, const char *name)
{
    for (uint32_t i = 0; i < live->source.uplinks_count; i++) {
        if (strcmp(live->source.uplinks[i].name, name) == 0)
            return i;
    }
    return PLAN_NONE;
}

void live_time(struct text *out, const char *key, utc_ms at)
{
    char text[UTC_TEXT_SIZE];

    text_json_pair(out, key, at.ms ? utc_text(at, text) : NULL);
}

void live_vacancy(const struct live *live, struct now now, uint32_t lot, struct text *out)
{
    if (live->source.vacancy)
        live->source.vacancy(live->source.arg, lot, now.utc, out);
    else
        view_vacancy(live->source.view, lot, now.utc, out);
}

/* A stream may be read by anyone who may read the page: plates are masked. */
void live_lane(const struct live *live, struct now now, uint32_t lane, struct text *out)
{
    (void)now;
    live->source.lane(live->source.arg, lane, true, out);
}

/* ,"counted":{"in":…,"out":…,"inside":…}: by its counting sensors, never below none or above all.
 */
static void write_counted(const struct live *live, uint32_t lot, struct text *out)
{
    const struct serve_source *source = &live->source;
    struct serve_counted counted;

    if (!source->counted || !source->counted(source->arg, lot, &counted))
        return;
    uint64_t inside = counted.in > counted.out ? counted.in - counted.out : 0;
    uint64_t spaces = source->plan->lots[lot].policy.spaces;
    if (!spaces)
        spaces = view_lot(source->view, lot)->capacity;
    text_add(out, ",\"counted\":{\"in\":%llu,\"out\":%llu,\"inside\":%llu}",
             (unsigned long long)counted.in, (unsigned long long)counted.out,
             (unsigned long long)(inside < spaces ? inside : spaces));
}

/* The vacancy as published, and in the same object what only people need. */
void live_lot(const struct live *live, struct now now, uint32_t lot, struct text *out)
{
    live_vacancy(live, now, lot, out);
    if (out->overflow)
        return;
    out->used--; /* its closing brace */
    text_json_pair(out, "name", live->source.plan->lots[lot].name);
    write_counted(live, lot, out);
    text_add(out, "}");
}

void live_bay(const struct live *live, struct now now, uint32_t bay, struct text *out)
{
    (void)now;
    view_bay_json(live->source.view, bay, out);
}

/* ,"asked":{"what":"recalibrate","state":"sent","since":…,"attempts":1,"words":"…"} */
static void write_asked(const struct asked_stats *asked, struct text *out)
{
    text_add(out, ",\"asked\":{");
    text_json_pair(out, "what", asked->what);
    text_json_pair(out, "state", asked->state);
    live_time(out, "since", asked->since);
    text_json_int(out, "attempts", asked->attempts);
    text_json_pair(out, "words", asked->words);
    text_add(out, "}");
}

/* What a suspect bay says of its sensor. */
static void blame(const struct live *live, uint32_t bay, struct bus_device_stats *ret)
{
    static const struct {
        enum bay_condition condition;
        const char *trouble, *words;
    } blames[] = {
        {BAY_FLAPPING, "bay_flapping",
         "changes too often; look how the cars stand, recalibrate it, then replace it"},
        {BAY_STUCK_OCCUPIED, "bay_stuck_occupied",
         "occupied for very long; look at the bay, and recalibrate its sensor if it is empty"},
        {BAY_STUCK_FREE, "bay_stuck_free",
         "free for very long while others turn over; try it with a car, then replace its sensor"},
    };

    for (size_t i = 0; i < sizeof blames / sizeof blames[0]; i++)
        if (view_bay(live->source.view, bay)->conditions & blames[i].condition) {
            struct text words;

            ret->trouble = blames[i].trouble;
            text_init(&words, ret->last_error, sizeof ret->last_error);
            text_add(&words, "bay \"%s\" %s", live->source.plan->bays[bay].id, blames[i].words);
            return;
        }
}

bool live_device_stats(const struct live *live, uint32_t device, struct bus_device_stats *ret)
{
    const struct live_device *place = &live->devices[device];

    if (place->bus == PLAN_NONE)
        return false;
    live->source.device(live->source.arg, place->bus, place->n, ret);
    for (uint32_t bay = place->first; bay != PLAN_NONE && !ret->last_error[0];
         bay = live->next_bay[bay])
        blame(live, bay, ret);
    return true;
}

/* ,"battery":"low","battery_mv":…,"rssi_dbm":[free, occupied],"gateways":…,"missed":… */
static void write_radio(const struct bus_device_stats *stats, struct text *out)
{
    static const char *const levels[] = {NULL, "ok", "low", "critical"};
    const struct radio_stats *radio = &stats->radio;

    text_json_pair(out, "battery", levels[radio->battery]);
    text_json_int(out, "battery_mv", radio->battery_mv);
    text_add(out, ",\"rssi_dbm\":[%d,%d]", radio->rssi_dbm[0], radio->rssi_dbm[1]);
    text_json_int(out, "gateways", radio->gateways);
    text_json_int(out, "missed", (int64_t)stats->missed);
}

/* The bus counts on the monotone clock, people read the other one. */
static void write_heard(const struct live *live, struct now now, uint32_t device, struct text *out)
{
    struct bus_device_stats stats;

    if (!live_device_stats(live, device, &stats))
        return;
    int64_t age_ms = stats.last_answer.ms ? now.mono.ms - stats.last_answer.ms : 0;
    live_time(out, "last_answer", (utc_ms){stats.last_answer.ms ? now.utc.ms - age_ms : 0});
    text_json_int(out, "answers", (int64_t)stats.answers);
    text_json_int(out, "timeouts", (int64_t)stats.timeouts);
    text_json_int(out, "errors", (int64_t)stats.errors);
    text_json_int(out, "exceptions", (int64_t)stats.exceptions);
    text_json_int(out, "refused", (int64_t)stats.refused);
    text_json_int(out, "turnaround_us", stats.turnaround_us);
    text_json_pair(out, "last_error", stats.last_error[0] ? stats.last_error : NULL);
    text_json_pair(out, "trouble", stats.trouble);
    if (stats.radio.known)
        write_radio(&stats, out);
    if (stats.asked.state)
        write_asked(&stats.asked, out);
}

void live_device(const struct live *live, struct now now, uint32_t device, struct text *out)
{
    const struct live_device *place = &live->devices[device];
    const struct view_device *view = view_device(live->source.view, device);

    text_add(out, "{");
    text_json_pair(out, "device", live->source.plan->devices[device].id);
    text_json_pair(out, "bus", live->source.plan->devices[device].bus);
    text_json_pair(out, "state", device_state_name(view->state));
    text_json_pair(out, "reason", view->reason[0] ? view->reason : NULL);
    live_time(out, "since", view->since);
    text_json_int(out, "bays", place->bays);
    write_heard(live, now, device, out);
    text_add(out, "}");
}

static const char *bus_type_name(enum bus_type type)
{
    static const char *const names[] = {[BUS_RTU] = "rtu",
                                        [BUS_TCP] = "tcp",
                                        [BUS_RTU_OVER_TCP] = "rtu_over_tcp",
                                        [BUS_MQTT] = "mqtt"};

    return names[type];
}

void live_bus(const struct live *live, struct now now, uint32_t bus, struct text *out)
{
    const struct bus_settings *settings = &live->source.buses[bus];
    struct bus_stats stats;

    (void)now;
    live->source.bus(live->source.arg, bus, &stats);
    text_add(out, "{");
    text_json_pair(out, "bus", settings->id);
    text_json_pair(out, "type", bus_type_name(settings->type));
    text_json_bool(out, "open", stats.open);
    text_json_pair(out, "trouble", stats.trouble[0] ? stats.trouble : NULL);
    text_json_int(out, "devices", settings->devices_count);
    text_json_int(out, "requests", (int64_t)stats.requests);
    text_json_int(out, "cycles", (int64_t)stats.cycles);
    text_json_int(out, "cycle_us", stats.cycle_us);
    text_add(out, "}");
}

static void write_owed(const struct live *live, uint32_t uplink, struct text *out)
{
    struct photos_worker_figures figures;

    if (!live->source.photos || uplink >= PHOTO_UPLINKS ||
        !live->source.photos(live->source.arg, &figures))
        return;
    text_json_int(out, "photos_owed", (int64_t)figures.photos.owed[uplink]);
    text_json_int(out, "photos_missing", (int64_t)figures.photos.missing[uplink]);
}

void live_uplink(const struct live *live, struct now now, uint32_t uplink, struct text *out)
{
    struct uplink_status status;

    (void)now;
    live->source.uplink(live->source.arg, uplink, &status);
    text_add(out, "{");
    text_json_pair(out, "name", live->source.uplinks[uplink].name);
    text_json_bool(out, "connected", status.connected);
    text_json_pair(out, "trouble", status.trouble[0] ? status.trouble : NULL);
    text_json_int(out, "delivered", (int64_t)status.delivered);
    text_json_int(out, "pending", (int64_t)status.pending);
    text_json_int(out, "dead", (int64_t)status.dead);
    text_json_int(out, "through", (int64_t)status.through);
    text_json_int(out, "head", (int64_t)status.head);
    live_time(out, "last_delivery", status.last_delivery);
    live_time(out, "oldest_pending", status.oldest_pending);
    text_json_int(out, "vacancies_sent", (int64_t)status.vacancies_sent);
    if (status.clock_known)
        text_json_int(out, "clock_ahead_ms", status.clock_ahead_ms);
    if (status.last_heartbeat.ms)
        live_time(out, "last_heartbeat", status.last_heartbeat);
    if (status.photos) {
        text_json_int(out, "photos_sent", (int64_t)status.photos_sent);
        text_json_int(out, "photos_refused", (int64_t)status.photos_refused);
        write_owed(live, uplink, out);
    }
    text_add(out, "}");
}
