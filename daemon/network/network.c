/* A network server's life: its connection, its sensors' limits. See network.h. */
#include "daemon/network/network.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/network/network_inside.h"

enum { TIMEOUT_MS = 10000, BACKOFF_MAX_MS = 60000 };

static void on_connected(void *arg)
{
    struct network *network = arg;

    log_info("network \"%s\": connected", network->settings->id);
    network->connected = true;
    network->trouble[0] = '\0';
}

static void on_ready(void *arg)
{
    network_send(arg);
}

static void on_delivered(void *arg, uint64_t ticket)
{
    network_delivered(arg, ticket);
}

static void on_lost(void *arg, const char *reason)
{
    struct network *network = arg;

    if (log_allow(&network->lines, clock_mono(), NETWORK_LINES_A_MINUTE))
        log_warning("network \"%s\": %s", network->settings->id, reason);
    network->connected = false;
    network->holds = false; /* what was not acknowledged comes again */
    text_copy(network->trouble, sizeof network->trouble, reason);
}

static void build(struct network *network)
{
    const struct network_settings *settings = network->settings;
    uint32_t count = settings->sensors_count;

    network->members = memory_new(count, sizeof *network->members);
    network->by_address = memory_new(count, sizeof *network->by_address);
    network->by_bay = memory_new(network->plan->bays_count, sizeof *network->by_bay);
    for (uint32_t i = 0; i < count; i++) {
        struct member *member = &network->members[i];
        member_init(member, &settings->sensors[i]);
        member->heard = clock_mono();
        network->by_address[i] = member;
        if (member->settings->bay != PLAN_NONE)
            network->by_bay[member->settings->bay] = member;
    }
    qsort(network->by_address, count, sizeof *network->by_address, network_compare_address);
    snprintf(network->client_id, sizeof network->client_id, "parkd-%s-%s", network->plan->id,
             settings->id);
    network->subscription = (struct mqtt_subscription){.topics = settings->topics,
                                                       .count = settings->topics_count,
                                                       .needed = settings->topics_needed,
                                                       .received = network_received};
    network->mqtt = (struct mqtt_settings){.host = network->url.host,
                                           .port = network->url.port,
                                           .client_id = network->client_id,
                                           .username = settings->username,
                                           .password = settings->password,
                                           .tls = network->url.secure ? &settings->tls : NULL,
                                           .window = 20,
                                           .timeout_ms = TIMEOUT_MS,
                                           .backoff_max_ms = BACKOFF_MAX_MS,
                                           .subscription = &network->subscription};
}

struct network *network_create(const struct network_settings *settings,
                               const struct site_plan *plan, struct loop *loop,
                               const struct network_hooks *hooks, struct err *err)
{
    struct network *network = memory_new(1, sizeof *network);
    const struct broker_hooks broker_hooks = {.arg = network,
                                              .connected = on_connected,
                                              .ready = on_ready,
                                              .delivered = on_delivered,
                                              .lost = on_lost};

    *network = (struct network){.settings = settings, .plan = plan, .hooks = *hooks};
    network->zone = zone_open(ZONE_FOLDER, plan->zone, err);
    if (network->zone && url_parse(settings->url, &network->url, err)) {
        build(network);
        network->broker = broker_create(&network->mqtt, loop, &broker_hooks, err);
    }
    if (network->broker)
        return network;
    network_destroy(network);
    return NULL;
}

void network_destroy(struct network *network)
{
    if (!network)
        return;
    broker_destroy(network->broker);
    zone_close(network->zone);
    free(network->by_bay);
    free(network->by_address);
    free(network->members);
    free(network);
}

void network_restore(struct network *network, uint32_t bay, bool occupied, utc_ms since)
{
    for (uint32_t i = 0; i < network->settings->sensors_count; i++)
        if (network->settings->sensors[i].bay == bay) {
            sensor_restore(&network->members[i].order, occupied, since);
            network->members[i].occupied = occupied;
        }
}

bool network_holds(const struct network *network)
{
    return network->holds;
}

void network_release(struct network *network)
{
    if (!network->holds)
        return;
    network->holds = false;
    broker_release(network->broker);
}

void network_tick(struct network *network, struct now now)
{
    for (uint32_t i = 0; i < network->settings->sensors_count; i++) {
        struct member *member = &network->members[i];
        int64_t limit_ms =
            member_limit_ms(member, network->settings, zone_civil(network->zone), now.utc);
        if (limit_ms != member->limit_ms && member->settings->bay != PLAN_NONE)
            network->hooks.silence(network->hooks.arg, member->settings->bay, limit_ms);
        member->limit_ms = limit_ms;
        if (limit_ms && now.mono.ms - member->heard.ms > limit_ms)
            network_set_state(network, member, DEVICE_OFFLINE, "silent; check its battery");
    }
    network_tick_asks(network, now);
}
