/* long: a family, and where its samples come from, stand on one page */
/*
 * /metrics in the text format of Prometheus (version 0.0.4): a table of families, each with the
 * function that writes its samples. Base units (seconds) stand in the names; counters end in
 * _total.
 */
#include <stddef.h>

#include "daemon/serve/health.h"
#include "daemon/serve/metrics.h"
#include "daemon/serve/routes.h"

/* Starts a sample: name{key="value",… Escaping is JSON's, which agrees with the format's on
 * everything that an id may hold. */
void metrics_label(struct text *out, const struct metrics_family *family, const char *key,
                   const char *value)
{
    text_add(out, "%s{%s=", family->name, key);
    text_json_string(out, value);
}

void metrics_more(struct text *out, const char *key, const char *value)
{
    text_add(out, ",%s=", key);
    text_json_string(out, value);
}

void metrics_whole(struct text *out, uint64_t value)
{
    text_add(out, "} %llu\n", (unsigned long long)value);
}

static void seconds(struct text *out, int64_t us)
{
    text_add(out, "} %lld.%06lld\n", (long long)(us / 1000000), (long long)(us % 1000000));
}

static void bare(struct text *out, const struct metrics_family *family, uint64_t value)
{
    text_add(out, "%s %llu\n", family->name, (unsigned long long)value);
}

static void bare_seconds(struct text *out, const struct metrics_family *family, int64_t us)
{
    text_add(out, "%s %lld.%06lld\n", family->name, (long long)(us / 1000000),
             (long long)(us % 1000000));
}

static void build_info(const struct metrics_family *family, struct api_call *call)
{
    metrics_label(&call->out, family, "version", PARKD_VERSION);
    metrics_more(&call->out, "site", call->live->source.plan->id);
    metrics_whole(&call->out, 1);
}

static void start_time(const struct metrics_family *family, struct api_call *call)
{
    bare_seconds(&call->out, family, call->live->source.started.ms * 1000);
}

static void ready(const struct metrics_family *family, struct api_call *call)
{
    bare(&call->out, family, health_check(call->live, call->now, NULL, NULL));
}

static void bays(const struct metrics_family *family, struct api_call *call)
{
    const struct site_plan *plan = call->live->source.plan;

    for (uint32_t lot = 0; lot < plan->lots_count; lot++) {
        const struct tally *tally = view_lot(call->live->source.view, lot);
        const uint32_t counts[BAY_STATES] = {[BAY_UNKNOWN] = tally->unknown,
                                             [BAY_FREE] = tally->free,
                                             [BAY_OCCUPIED] = tally->occupied,
                                             [BAY_OUT_OF_SERVICE] = tally->out_of_service};

        for (int state = 0; state < BAY_STATES; state++) {
            metrics_label(&call->out, family, "lot", plan->lots[lot].id);
            metrics_more(&call->out, "state", bay_state_name((enum bay_state)state));
            metrics_whole(&call->out, counts[state]);
        }
    }
}

static void lot_capacity(const struct metrics_family *family, struct api_call *call)
{
    const struct site_plan *plan = call->live->source.plan;

    for (uint32_t lot = 0; lot < plan->lots_count; lot++) {
        metrics_label(&call->out, family, "lot", plan->lots[lot].id);
        metrics_whole(&call->out, view_lot(call->live->source.view, lot)->capacity);
    }
}

static void device_online(const struct metrics_family *family, struct api_call *call)
{
    const struct site_plan *plan = call->live->source.plan;

    for (uint32_t d = 0; d < plan->devices_count; d++) {
        metrics_label(&call->out, family, "device", plan->devices[d].id);
        metrics_more(&call->out, "bus", plan->devices[d].bus);
        metrics_whole(&call->out, view_device(call->live->source.view, d)->state == DEVICE_ONLINE);
    }
}

/* Calls `value` with the figures of every device that is on a bus. */
static void each_device(const struct metrics_family *family, struct api_call *call,
                        void (*value)(const struct metrics_family *family, struct api_call *call,
                                      const struct bus_device_stats *stats))
{
    const struct serve_source *source = &call->live->source;

    for (uint32_t d = 0; d < source->plan->devices_count; d++) {
        const struct live_device *place = &call->live->devices[d];
        struct bus_device_stats stats;

        if (place->bus == PLAN_NONE)
            continue;
        source->device(source->arg, place->bus, place->n, &stats);
        metrics_label(&call->out, family, "device", source->plan->devices[d].id);
        metrics_more(&call->out, "bus", source->plan->devices[d].bus);
        value(family, call, &stats);
    }
}

static uint64_t counter_at(const void *object, const struct metrics_family *family)
{
    return *(const uint64_t *)((const char *)object + family->counter);
}

static void count_value(const struct metrics_family *family, struct api_call *call,
                        const struct bus_device_stats *stats)
{
    metrics_whole(&call->out, counter_at(stats, family));
}

static void device_counter(const struct metrics_family *family, struct api_call *call)
{
    each_device(family, call, count_value);
}

static void turnaround_value(const struct metrics_family *family, struct api_call *call,
                             const struct bus_device_stats *stats)
{
    (void)family;
    seconds(&call->out, stats->turnaround_us);
}

static void device_turnaround(const struct metrics_family *family, struct api_call *call)
{
    each_device(family, call, turnaround_value);
}

/* Calls `value` with the figures of every device that is heard by radio, once for each of its two
 * states where `by_state`. */
static void each_radio(const struct metrics_family *family, struct api_call *call, bool by_state,
                       int64_t (*value)(const struct radio_stats *radio, bool occupied))
{
    const struct serve_source *source = &call->live->source;

    for (uint32_t d = 0; d < source->plan->devices_count; d++) {
        const struct live_device *place = &call->live->devices[d];
        struct bus_device_stats stats = {.radio.known = false};

        if (place->bus != PLAN_NONE)
            source->device(source->arg, place->bus, place->n, &stats);
        for (int state = 0; stats.radio.known && state <= by_state; state++) {
            metrics_label(&call->out, family, "device", source->plan->devices[d].id);
            metrics_more(&call->out, "bus", source->plan->devices[d].bus);
            if (by_state)
                metrics_more(&call->out, "state", state ? "occupied" : "free");
            text_add(&call->out, "} %lld\n", (long long)value(&stats.radio, state));
        }
    }
}

/* Of the devices that have one. */
static void device_trouble(const struct metrics_family *family, struct api_call *call)
{
    const struct site_plan *plan = call->live->source.plan;

    for (uint32_t d = 0; d < plan->devices_count; d++) {
        struct bus_device_stats stats;

        if (!live_device_stats(call->live, d, &stats) || !stats.trouble)
            continue;
        metrics_label(&call->out, family, "device", plan->devices[d].id);
        metrics_more(&call->out, "bus", plan->devices[d].bus);
        metrics_more(&call->out, "kind", stats.trouble);
        metrics_whole(&call->out, 1);
    }
}

static int64_t gateways_of(const struct radio_stats *radio, bool occupied)
{
    (void)occupied;
    return radio->gateways;
}

static void radio_gateways(const struct metrics_family *family, struct api_call *call)
{
    each_radio(family, call, false, gateways_of);
}

static int64_t battery_of(const struct radio_stats *radio, bool occupied)
{
    (void)occupied;
    return radio->battery;
}

static int64_t millivolts_of(const struct radio_stats *radio, bool occupied)
{
    (void)occupied;
    return radio->battery_mv;
}

static int64_t rssi_of(const struct radio_stats *radio, bool occupied)
{
    return radio->rssi_dbm[occupied];
}

static void radio_battery(const struct metrics_family *family, struct api_call *call)
{
    each_radio(family, call, false, battery_of);
}

static void radio_millivolts(const struct metrics_family *family, struct api_call *call)
{
    each_radio(family, call, false, millivolts_of);
}

static void radio_rssi(const struct metrics_family *family, struct api_call *call)
{
    each_radio(family, call, true, rssi_of);
}

static void bus_open(const struct metrics_family *family, struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    for (uint32_t b = 0; b < source->buses_count; b++) {
        struct bus_stats stats;

        source->bus(source->arg, b, &stats);
        metrics_label(&call->out, family, "bus", source->buses[b].id);
        metrics_whole(&call->out, stats.open);
    }
}

static void bus_counter(const struct metrics_family *family, struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    for (uint32_t b = 0; b < source->buses_count; b++) {
        struct bus_stats stats;

        source->bus(source->arg, b, &stats);
        metrics_label(&call->out, family, "bus", source->buses[b].id);
        metrics_whole(&call->out, counter_at(&stats, family));
    }
}

static void bus_cycle(const struct metrics_family *family, struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    for (uint32_t b = 0; b < source->buses_count; b++) {
        struct bus_stats stats;

        source->bus(source->arg, b, &stats);
        metrics_label(&call->out, family, "bus", source->buses[b].id);
        seconds(&call->out, stats.cycle_us);
    }
}

static struct serve_store read_store(struct api_call *call)
{
    struct serve_store store = {0};

    call->live->source.store(call->live->source.arg, &store);
    return store;
}

static void store_counter(const struct metrics_family *family, struct api_call *call)
{
    struct serve_store store = read_store(call);

    bare(&call->out, family, counter_at(&store, family));
}

static void store_seconds(const struct metrics_family *family, struct api_call *call)
{
    struct serve_store store = read_store(call);

    bare_seconds(&call->out, family, (int64_t)counter_at(&store, family));
}

static void store_failing(const struct metrics_family *family, struct api_call *call)
{
    bare(&call->out, family, read_store(call).trouble[0] != '\0');
}

static void uplink_connected(const struct metrics_family *family, struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    for (uint32_t u = 0; u < source->uplinks_count; u++) {
        struct uplink_status status;

        source->uplink(source->arg, u, &status);
        metrics_label(&call->out, family, "uplink", source->uplinks[u].name);
        metrics_whole(&call->out, status.connected);
    }
}

static void uplink_counter(const struct metrics_family *family, struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    for (uint32_t u = 0; u < source->uplinks_count; u++) {
        struct uplink_status status;

        source->uplink(source->arg, u, &status);
        metrics_label(&call->out, family, "uplink", source->uplinks[u].name);
        metrics_whole(&call->out, counter_at(&status, family));
    }
}

static void uplink_clock(const struct metrics_family *family, struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    for (uint32_t u = 0; u < source->uplinks_count; u++) {
        struct uplink_status status;

        source->uplink(source->arg, u, &status);
        if (!status.clock_known)
            continue;
        metrics_label(&call->out, family, "uplink", source->uplinks[u].name);
        seconds(&call->out, status.clock_ahead_ms * 1000);
    }
}

static void uplink_age(const struct metrics_family *family, struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    for (uint32_t u = 0; u < source->uplinks_count; u++) {
        struct uplink_status status;

        source->uplink(source->arg, u, &status);
        int64_t age_ms = status.oldest_pending.ms ? call->now.utc.ms - status.oldest_pending.ms : 0;
        metrics_label(&call->out, family, "uplink", source->uplinks[u].name);
        seconds(&call->out, age_ms > 0 ? age_ms * 1000 : 0);
    }
}

#define DEVICE(member) device_counter, offsetof(struct bus_device_stats, member)
#define BUS(member) bus_counter, offsetof(struct bus_stats, member)
#define STORE(member) offsetof(struct serve_store, member)
#define UPLINK(member) uplink_counter, offsetof(struct uplink_status, member)

static const struct metrics_family families[] = {
    {"parkd_build_info", "gauge", "Version and site; always 1.", build_info, 0},
    {"parkd_start_time_seconds", "gauge", "When the gateway started, Unix time.", start_time, 0},
    {"parkd_ready", "gauge", "1 when field, store and uplinks are within their limits.", ready, 0},
    {"parkd_bays", "gauge", "Bays of a lot in each state, as published.", bays, 0},
    {"parkd_lot_capacity_bays", "gauge", "Bays of a lot; the sum of its states.", lot_capacity, 0},
    {"parkd_device_online", "gauge", "1 when the device answers.", device_online, 0},
    {"parkd_device_answers_total", "counter", "Answers taken from the device.", DEVICE(answers)},
    {"parkd_device_timeouts_total", "counter", "Requests that it did not answer in time.",
     DEVICE(timeouts)},
    {"parkd_device_errors_total", "counter", "Answers damaged on the line.", DEVICE(errors)},
    {"parkd_device_exceptions_total", "counter", "Requests that the device refused.",
     DEVICE(exceptions)},
    {"parkd_device_refused_total", "counter", "Answers that were not believed.", DEVICE(refused)},
    {"parkd_device_turnaround_seconds", "gauge", "Time from request to answer, smoothed.",
     device_turnaround, 0},
    {"parkd_device_missed_total", "counter", "Messages or passages that never came.",
     DEVICE(missed)},
    {"parkd_device_late_total", "counter", "Messages that came after newer ones.",
     DEVICE(radio.late)},
    {"parkd_device_repeated_total", "counter", "Messages that came again.", DEVICE(radio.echoes)},
    {"parkd_device_restarts_total", "counter", "Starts that a radio sensor told of.",
     DEVICE(radio.restarts)},
    {"parkd_device_battery_level", "gauge", "0 not told, 1 ok, 2 low, 3 critical.", radio_battery,
     0},
    {"parkd_device_battery_millivolts", "gauge", "As last told; 0 never.", radio_millivolts, 0},
    {"parkd_device_rssi_dbm", "gauge", "Smoothed, of the free and the occupied bay; 0 not told.",
     radio_rssi, 0},
    {"parkd_device_gateways", "gauge", "That heard its last message.", radio_gateways, 0},
    {"parkd_device_trouble", "gauge",
     "1 for a device that needs to be looked at; parkctl devices says what to do.", device_trouble,
     0},
    {"parkd_bus_open", "gauge", "1 when the line or host is connected.", bus_open, 0},
    {"parkd_bus_requests_total", "counter", "Requests sent on the bus.", BUS(requests)},
    {"parkd_bus_cycles_total", "counter", "Full rounds over the bus's devices.", BUS(cycles)},
    {"parkd_bus_cycle_seconds", "gauge", "Time of the last full round.", bus_cycle, 0},
    {"parkd_journal_head_records", "gauge", "Sequence number of the newest durable record.",
     store_counter, STORE(head_seq)},
    {"parkd_store_waiting_records", "gauge", "Records not yet durable.", store_counter,
     STORE(waiting)},
    {"parkd_store_commits_total", "counter", "Transactions since the start.", store_counter,
     STORE(commits)},
    {"parkd_store_commit_seconds", "gauge", "Time that the last commit took.", store_seconds,
     STORE(last_commit_us)},
    {"parkd_store_commit_worst_seconds", "gauge", "Longest commit since the start.", store_seconds,
     STORE(worst_commit_us)},
    {"parkd_store_failing", "gauge", "1 while commits fail.", store_failing, 0},
    {"parkd_uplink_connected", "gauge", "1 while the platform is reached.", uplink_connected, 0},
    {"parkd_uplink_delivered_records_total", "counter",
     "Records that the platform has acknowledged.", UPLINK(delivered)},
    {"parkd_uplink_pending_records", "gauge", "Records that it has still to get.", UPLINK(pending)},
    {"parkd_uplink_dead_records", "gauge", "Records set aside because it refused them.",
     UPLINK(dead)},
    {"parkd_uplink_oldest_pending_seconds", "gauge", "Age of the oldest pending record.",
     uplink_age, 0},
    {"parkd_uplink_clock_ahead_seconds", "gauge",
     "The platform's clock less ours, as its answers tell it.", uplink_clock, 0},
    {"parkd_uplink_vacancies_total", "counter", "Vacancy messages sent.", UPLINK(vacancies_sent)},
};

static void write_family(const struct metrics_family *family, struct api_call *call)
{
    text_add(&call->out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
             family->type);
    family->samples(family, call);
}

void metrics_all(struct api_call *call)
{
    call->type = "text/plain; version=0.0.4; charset=utf-8";
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        write_family(&families[i], call);
    for (size_t i = 0; metrics_cameras[i].name; i++)
        write_family(&metrics_cameras[i], call);
}
