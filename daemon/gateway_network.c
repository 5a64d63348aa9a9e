/*
 * Network servers in the gateway: what their sensors say goes the way of all readings, and an
 * acknowledgement leaves when everything that was recorded until then is durable.
 */
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_inside.h"

static void on_reading(void *arg, const struct reading *reading, struct now now)
{
    struct gateway *g = arg;

    site_reading(g->site, reading, now, gateway_site_sink(g));
}

static void on_amended(void *arg, const struct record *record)
{
    gateway_site_sink(arg).put(arg, record);
}

static void on_device(void *arg, uint32_t device, enum device_state state, const char *reason)
{
    struct gateway *g = arg;

    log_info("sensor \"%s\": %s, %s", g->config->plan.devices[device].id, device_state_name(state),
             reason);
    site_device(g->site, device, state, reason, clock_now(), gateway_site_sink(g));
    gateway_counters_note(g, device);
}

static void on_counted(void *arg, uint32_t device, const struct counter_report *report)
{
    gateway_counted(arg, device, report);
}

static void on_asked(void *arg, uint32_t device, const char *word)
{
    struct gateway *g = arg;

    site_device_note(g->site, device, word, clock_now(), gateway_site_sink(g));
    gateway_counters_note(g, device);
}

static void on_silence(void *arg, uint32_t bay, int64_t limit_ms)
{
    struct gateway *g = arg;

    site_silence(g->site, bay, limit_ms);
}

/* What is on record of the bays, so that a message that comes again is known as such. */
static void restore(struct gateway *g, struct network *network)
{
    for (uint32_t bay = 0; bay < g->config->plan.bays_count; bay++) {
        const struct view_bay *shown = view_bay(g->view, bay);
        if (shown->state == BAY_FREE || shown->state == BAY_OCCUPIED)
            network_restore(network, bay, shown->state == BAY_OCCUPIED, shown->since);
    }
    for (uint32_t device = 0; device < g->config->plan.devices_count; device++) {
        const struct view_device *shown = view_device(g->view, device);
        network_restore_ask(network, device, shown->reason, shown->since);
    }
}

bool gateway_start_networks(struct gateway *g, struct err *err)
{
    const struct network_hooks hooks = {.arg = g,
                                        .reading = on_reading,
                                        .amended = on_amended,
                                        .device = on_device,
                                        .asked = on_asked,
                                        .counted = on_counted,
                                        .silence = on_silence};

    gateway_counters_create(g);
    for (uint32_t n = 0; n < g->config->networks_count; n++) {
        const struct network_settings *settings = &g->config->networks[n];
        g->networks[n] = network_create(settings, &g->config->plan, g->loop, &hooks, err);
        if (!g->networks[n])
            return err_prefix(err, "network \"%s\"", settings->id);
        restore(g, g->networks[n]);
    }
    return true;
}

void gateway_stop_networks(struct gateway *g)
{
    for (uint32_t n = 0; n < g->config->networks_count; n++)
        network_destroy(g->networks[n]); /* NULL where the start failed before it */
    gateway_counters_destroy(g);
}

void gateway_release_networks(struct gateway *g)
{
    if (g->durable < g->added)
        return;
    for (uint32_t n = 0; n < g->config->networks_count; n++) {
        if (g->networks[n] && network_holds(g->networks[n])) {
            crash_point("before_ack");
            network_release(g->networks[n]);
            crash_point("after_ack");
        }
        if (g->networks[n])
            network_settled(g->networks[n]);
    }
}

void gateway_tick_networks(struct gateway *g, struct now now)
{
    for (uint32_t n = 0; n < g->config->networks_count; n++)
        network_tick(g->networks[n], now);
    gateway_counters_tick(g, now.mono);
}

/* People see a network as one more line with devices on it. */
struct bus_settings *gateway_shown_buses(const struct config *config)
{
    struct bus_settings *shown =
        memory_new(config->buses_count + config->networks_count, sizeof *shown);

    for (uint32_t b = 0; b < config->buses_count; b++)
        shown[b] = config->buses[b];
    for (uint32_t n = 0; n < config->networks_count; n++) {
        const struct network_settings *network = &config->networks[n];
        struct device_settings *devices = memory_new(network->sensors_count, sizeof *devices);
        for (uint32_t i = 0; i < network->sensors_count; i++)
            devices[i].index = network->sensors[i].device;
        shown[config->buses_count + n] =
            (struct bus_settings){.id = network->id,
                                  .type = BUS_MQTT,
                                  .devices = devices,
                                  .devices_count = network->sensors_count};
    }
    return shown;
}

void gateway_free_shown(const struct config *config, struct bus_settings *shown)
{
    for (uint32_t n = 0; shown && n < config->networks_count; n++)
        free((void *)shown[config->buses_count + n].devices);
    free(shown);
}
