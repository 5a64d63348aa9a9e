/* A network server's messages, from the broker to readings. See network.h. */
#include "daemon/network/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"
#include "daemon/base/zone.h"
#include "daemon/network/member.h"
#include "daemon/network/neighbours.h"
#include "daemon/uplink/broker.h"
#include "daemon/uplink/url.h"

enum {
    TOGETHER_MS = 3000,
    TIMEOUT_MS = 10000,
    BACKOFF_MAX_MS = 60000,
    LINES_A_MINUTE = 6,
    CLIENT_ID = 128
};

struct network {
    const struct network_settings *settings;
    const struct site_plan *plan;
    struct network_hooks hooks;
    struct url url;
    char client_id[CLIENT_ID];
    struct mqtt_subscription subscription;
    struct mqtt_settings mqtt;
    struct broker *broker;
    struct zone *zone;
    struct member *members; /* as settings->sensors */
    struct member **by_address;
    struct member **by_bay; /* NULL where another network, a bus or nothing senses it */
    struct network_stranger strangers[NETWORK_STRANGERS];
    bool connected, holds;
    char trouble[RECORD_PHRASE];
    uint64_t messages, refused;
    struct log_limit lines;
};

/* ---- who speaks ---- */

static int compare_address(const void *a, const void *b)
{
    const struct member *const *left = a, *const *right = b;

    return strcmp((*left)->settings->address, (*right)->settings->address);
}

static struct member *find_member(const struct network *network, const char *address)
{
    const struct network_sensor key_settings = {.address = address};
    const struct member key = {.settings = &key_settings};
    const struct member *key_pointer = &key;
    struct member **found =
        bsearch(&key_pointer, network->by_address, network->settings->sensors_count,
                sizeof *network->by_address, compare_address);

    return found ? *found : NULL;
}

static void note_stranger(struct network *network, const struct envelope *envelope,
                          const char *address)
{
    if (strangers_note(network->strangers, envelope, address, clock_utc()))
        log_info("network \"%s\": sensor \"%s\" is not configured; see parkctl probe",
                 network->settings->id, address);
}

/* ---- what it says ---- */

static void tell(struct network *network, struct member *member,
                 const struct sensor_outcome *outcome, struct now now)
{
    for (uint32_t i = 0; i < outcome->steps_count; i++) {
        const struct reading reading = {.bay = member->settings->bay,
                                        .sensed = outcome->steps[i].sensed,
                                        .inferred = outcome->steps[i].inferred};
        neighbours_note(network->by_bay, network->plan, member, &outcome->steps[i]);
        network->hooks.reading(network->hooks.arg, &reading,
                               member_moment(now, outcome->steps[i].at));
    }
    if (outcome->amends) {
        const struct record record = {
            .kind = RECORD_BAY_AMENDED,
            .at = outcome->from,
            .bay_amended = {.bay = member->settings->bay,
                            .state = outcome->amended == SENSED_OCCUPIED ? BAY_OCCUPIED : BAY_FREE,
                            .until = outcome->until}};
        network->hooks.amended(network->hooks.arg, &record);
    }
}

static void set_state(struct network *network, struct member *member, enum device_state state,
                      const char *reason)
{
    if (member->state == state)
        return;
    member->state = state;
    network->hooks.device(network->hooks.arg, member->settings->device, state, reason);
}

static void hear(struct network *network, struct member *member, const struct envelope *envelope,
                 bool retained)
{
    struct now now = clock_now();
    struct sensor_outcome outcome;
    utc_ms at;

    if (member_hear(member, envelope, retained, now.utc, &outcome, &at))
        return; /* refused, and counted */
    tell(network, member, &outcome, now);
    if (outcome.verdict == SENSOR_NEWS && !retained) {
        member->heard = member_moment(now, at).mono;
        set_state(network, member, DEVICE_ONLINE, "heard");
    }
}

/* ---- the message ---- */

/* A platform's own JSON: the sensor is named inside, where its map says. */
static struct member *find_by_identity(struct network *network, const struct json *body,
                                       char address[ENVELOPE_TEXT])
{
    struct member *found = NULL;

    address[0] = '\0';
    for (uint32_t i = 0; i < network->settings->sensors_count && !found; i++) {
        const struct json_map *map = network->settings->sensors[i].map;
        const char *id = map ? json_text(json_path_find(body, map->identity), NULL) : NULL;
        if (!id || strlen(id) >= ENVELOPE_TEXT)
            continue;
        text_copy(address, ENVELOPE_TEXT, id);
        found = find_member(network, id);
    }
    return found;
}

static enum refusal read_plain(struct network *network, const struct json *body, bool retained)
{
    struct envelope envelope = {.port = -1,
                                .counter = -1,
                                .object = body,
                                .rssi_dbm = REPORT_NONE,
                                .snr_centi = REPORT_NONE,
                                .battery_percent = REPORT_NONE};
    char address[ENVELOPE_TEXT];
    struct member *member = find_by_identity(network, body, address);

    if (member)
        hear(network, member, &envelope, retained);
    else if (address[0])
        note_stranger(network, &envelope, address);
    return member || address[0] ? REFUSED_NOT : REFUSED_KIND;
}

static enum refusal read_envelope(struct network *network, const char *topic,
                                  const struct json *body, bool retained)
{
    struct envelope envelope;
    enum refusal refused = network->settings->format->read(topic, body, &envelope);

    if (refused || envelope.kind != ENVELOPE_UPLINK)
        return refused;
    const char *address = envelope.dev_eui[0] ? envelope.dev_eui : envelope.device_id;
    struct member *member = find_member(network, address);
    if (member)
        hear(network, member, &envelope, retained);
    else
        note_stranger(network, &envelope, address);
    return REFUSED_NOT;
}

static void on_received(void *arg, const struct mqtt_message *message)
{
    struct network *network = arg;
    struct err err = {.text = ""};
    enum refusal refused = REFUSED_KIND;
    struct json *body = json_read(message->bytes, message->size, ENVELOPE_JSON_MAX, &err);

    network->holds = true;
    network->messages++;
    if (body)
        refused = network->settings->format
                      ? read_envelope(network, message->topic, body, message->retained)
                      : read_plain(network, body, message->retained);
    json_release(body);
    if (!refused)
        return;
    network->refused++;
    if (log_allow(&network->lines, clock_mono(), LINES_A_MINUTE))
        log_warning("network \"%s\": a message on \"%s\" is refused: %s; is its type right?",
                    network->settings->id, message->topic,
                    err.text[0] ? err.text : refusal_name(refused));
}

/* ---- the connection ---- */

static void on_connected(void *arg)
{
    struct network *network = arg;

    log_info("network \"%s\": connected", network->settings->id);
    network->connected = true;
    network->trouble[0] = '\0';
}

static void on_ready(void *arg)
{
    (void)arg; /* we send nothing unasked */
}

static void on_delivered(void *arg, uint64_t ticket)
{
    (void)arg;
    (void)ticket;
}

static void on_lost(void *arg, const char *reason)
{
    struct network *network = arg;

    if (log_allow(&network->lines, clock_mono(), LINES_A_MINUTE))
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
        network->by_bay[member->settings->bay] = member;
    }
    qsort(network->by_address, count, sizeof *network->by_address, compare_address);
    snprintf(network->client_id, sizeof network->client_id, "parkd-%s-%s", network->plan->id,
             settings->id);
    network->subscription = (struct mqtt_subscription){.topics = settings->topics,
                                                       .count = settings->topics_count,
                                                       .needed = settings->topics_needed,
                                                       .received = on_received};
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
        if (limit_ms != member->limit_ms)
            network->hooks.silence(network->hooks.arg, member->settings->bay, limit_ms);
        member->limit_ms = limit_ms;
        if (limit_ms && now.mono.ms - member->heard.ms > limit_ms)
            set_state(network, member, DEVICE_OFFLINE, "silent; check its battery");
    }
}

void network_stats(const struct network *network, struct bus_stats *ret)
{
    *ret = (struct bus_stats){
        .open = network->connected, .requests = network->messages, .heard = clock_mono()};
    text_copy(ret->trouble, sizeof ret->trouble, network->trouble);
}

static struct radio_stats radio_of(const struct sensor_health *health)
{
    struct radio_stats radio = {.known = true,
                                .battery = (uint8_t)health->battery,
                                .late = health->counts.late,
                                .echoes = health->counts.echoes,
                                .restarts = health->counts.resets};

    if (report_has(health->battery_mv))
        radio.battery_mv = health->battery_mv;
    for (int i = 0; i < 2; i++)
        if (report_has(health->rssi_dbm[i]))
            radio.rssi_dbm[i] = health->rssi_dbm[i];
    return radio;
}

void network_device_stats(const struct network *network, uint32_t n, struct bus_device_stats *ret)
{
    const struct member *member = &network->members[n];
    const struct health_counts *counts = &member->health.counts;
    struct text words;

    *ret = (struct bus_device_stats){.device = member->settings->device,
                                     .state = member->state,
                                     .answers = counts->heard,
                                     .missed = counts->missed,
                                     .radio = radio_of(&member->health),
                                     .temperature = member->health.temperature_decidegrees,
                                     .has_temperature =
                                         report_has(member->health.temperature_decidegrees),
                                     .last_answer = {counts->heard ? member->heard.ms : 0}};
    for (int i = 0; i < REFUSALS; i++)
        ret->refused += counts->refused[i];
    text_init(&words, ret->last_error, sizeof ret->last_error);
    if (member->state == DEVICE_OFFLINE)
        text_add(&words, "silent; check its battery and the network's gateways");
    else
        health_words(&member->health, &words);
}

const struct network_stranger *network_stranger(const struct network *network, uint32_t index)
{
    bool there = index < NETWORK_STRANGERS && network->strangers[index].frames;

    return there ? &network->strangers[index] : NULL;
}
