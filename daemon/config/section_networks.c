/* Networks, the sensors behind them, and maps of decoded objects. */
#include <ctype.h>
#include <string.h>

#include "daemon/config/address.h"
#include "daemon/config/section_tables.h"
#include "daemon/config/sections.h"
#include "daemon/config/suggest.h"
#include "daemon/core/civil.h"
#include "daemon/uplink/url.h"

enum { SETTINGS_PORT = 3 /* of a TEKZIPARK */ };

static const int64_t silence_ms = 26 * 3600000LL; /* a day's keep-alive and some hours */

/* What is unique over all networks. */
struct uniques {
    struct name_index *networks, *sensors, *addresses, *maps;
    struct json_map *map_list; /* by the values of `maps` */
};

/* ---- maps ---- */

static void take_words(struct draft *draft, const struct reader_node *list,
                       const char *ret[JSON_MAP_VALUES])
{
    for (uint32_t i = 0; i < reader_size(list) && i < JSON_MAP_VALUES; i++) {
        const struct reader_node *item = reader_item(list, i);
        if (reader_type(item) == READER_TEXT)
            ret[i] = arena_text(draft->context.memory, reader_text(item));
        else
            mistake_add(draft->context.mistakes, reader_place(item),
                        "json_map: a value is %s; allowed: texts, also for numbers: \"1\"",
                        reader_type_words(reader_type(item)));
    }
}

static void check_paths(struct draft *draft, const struct reader_node *node)
{
    static const char *const keys[] = {"state",       "identity",   "battery_v", "battery_percent",
                                       "temperature", "signal_dbm", "counter",   "arrivals",
                                       "device_ms",   "platform_ms"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct reader_node *member = reader_member(node, keys[i]);
        if (member && reader_type(member) == READER_TEXT && !json_path_valid(reader_text(member)))
            mistake_add(draft->context.mistakes, reader_place(member),
                        "json_map: %s \"%s\" is no path; allowed: names and [indices] with points "
                        "between them, such as \"rx[0].rssi\"",
                        keys[i], reader_text(member));
    }
}

static void take_map(struct draft *draft, uint32_t n, struct uniques *uniques)
{
    const struct reader_node *node = reader_item(draft->json_maps, n);
    struct json_map_draft from = {.occupied = NULL};

    option_defaults(&json_map_table, &from);
    option_apply(&json_map_table, node, &from, &draft->context);
    take_words(draft, from.occupied, from.map.occupied);
    take_words(draft, from.free, from.map.free);
    check_paths(draft, node);
    uniques->map_list[n] = from.map;
    section_claim(draft, uniques->maps, node, "name",
                  (struct name_entry){.name = from.map.name, .value = n});
}

/* ---- sensors ---- */

static const struct sensor_driver *find_driver(struct draft *draft, const struct reader_node *node,
                                               const char *name, uint8_t *ret_revision)
{
    const struct sensor_driver *driver = NULL;
    struct suggest search = {.typed = name};

    if (!name || drivers_find(name, &driver, ret_revision))
        return driver;
    for (size_t i = 0; i < drivers_count(); i++)
        suggest_offer(&search, drivers_at(i)->name);
    mistake_add(draft->context.mistakes, section_place(node, "driver"),
                "sensor: driver \"%s\" is not known (%s%s)", name,
                search.nearest ? "did you mean " : "parkd.conf(5) lists them and their revisions",
                search.nearest ? search.nearest : "");
    return NULL;
}

static void take_driver(struct draft *draft, const struct reader_node *node,
                        const struct sensor_draft *from, const struct uniques *uniques,
                        struct network_sensor *sensor)
{
    struct mistakes *mistakes = draft->context.mistakes;
    const struct name_entry *entry = from->map ? name_index_find(uniques->maps, from->map) : NULL;

    sensor->driver = find_driver(draft, node, from->driver, &sensor->revision);
    if (from->map)
        sensor->map = entry ? &uniques->map_list[entry->value] : json_map_find(from->map);
    if (!sensor->driver)
        return;
    bool mapped = sensor->driver == &json_path_driver;
    if (mapped && !sensor->map)
        mistake_add(mistakes, section_place(node, "map"),
                    "sensor: driver \"json/path\" needs a map; allowed: a name in json_maps, "
                    "ctwing/p-md, fleximodo/object");
    if (!mapped && from->map)
        mistake_add(mistakes, section_place(node, "map"),
                    "sensor: map is for driver \"json/path\" only; remove it");
    if (sensor->driver->raw_distance && !sensor->threshold_mm)
        mistake_add(mistakes, reader_place(node),
                    "sensor: threshold_mm is missing; \"%s\" measures a distance only",
                    sensor->driver->name);
    if (!sensor->driver->raw_distance && sensor->threshold_mm)
        mistake_add(mistakes, section_place(node, "threshold_mm"),
                    "sensor: \"%s\" measures no distance; remove threshold_mm",
                    sensor->driver->name);
}

/* Bytes to send it. NULL where there are none, or are wrong: said in `allowed`. */
static const struct downlink_frame *take_bytes(struct draft *draft, const struct reader_node *node,
                                               const char *key, const char *text, uint8_t port)
{
    struct downlink_frame *frame = NULL;

    if (!text)
        return NULL;
    frame = arena_new(draft->context.memory, 1, sizeof *frame);
    if (!downlinks_parse(text, port, frame))
        mistake_add(draft->context.mistakes, section_place(node, key),
                    "sensor: %s \"%s\" is no frame; allowed: %s", key, text,
                    port ? "16 hex digits" : "FPORT:HEX, port 1 to 223, at most 51 bytes");
    return frame;
}

static void take_downlinks(struct draft *draft, const struct reader_node *node,
                           const struct sensor_draft *from, struct network_sensor *sensor)
{
    bool tekzipark = sensor->driver == &tekzitel_tekzipark_driver;

    sensor->recalibrate = take_bytes(draft, node, "recalibrate", from->recalibrate, 0);
    sensor->settings = take_bytes(draft, node, "settings", from->settings_hex, SETTINGS_PORT);
    if (from->settings_hex && sensor->driver && !tekzipark)
        mistake_add(draft->context.mistakes, section_place(node, "settings"),
                    "sensor: settings is for driver \"tekzitel/tekzipark\" only; remove it");
}

static void take_bay(struct draft *draft, const struct reader_node *node, const char *name,
                     struct network_sensor *sensor)
{
    struct mistakes *mistakes = draft->context.mistakes;
    const struct name_entry *entry = name ? name_index_find(draft->bays, name) : NULL;

    if (name && !entry)
        mistake_add(mistakes, section_place(node, "bay"),
                    "sensor: bay \"%s\" is in no zone; allowed: a bay that a zone lists", name);
    if (!entry)
        return;
    struct bay_plan *bay = &draft->config.plan.bays[entry->value];
    struct draft_bay *note = &draft->bays_notes[entry->value];
    if (bay->device != PLAN_NONE) {
        mistake_add(mistakes, section_place(node, "bay"),
                    "sensor: bay \"%s\" is sensed already at %s:%u; allowed: one sensor for a bay",
                    name, mistake_path(mistakes, note->sensed_at.file), note->sensed_at.line);
        return;
    }
    sensor->bay = entry->value;
    bay->device = sensor->device;
    bay->silence_ms = sensor->silence_ms;
    note->sensed_at = section_place(node, "bay");
}

/* An EUI in the one form in which servers' messages are compared. */
static const char *take_address(struct draft *draft, const struct reader_node *node,
                                const char *address, bool is_eui)
{
    char lower[ENVELOPE_EUI];

    if (!address || !is_eui)
        return address;
    if (strlen(address) != 16 || strspn(address, "0123456789abcdefABCDEF") != 16) {
        mistake_add(draft->context.mistakes, section_place(node, "address"),
                    "sensor: address \"%s\" is no DevEUI; allowed: 16 hex digits", address);
        return address;
    }
    for (size_t i = 0; i < ENVELOPE_EUI; i++)
        lower[i] = (char)tolower((unsigned char)address[i]);
    return arena_text(draft->context.memory, lower);
}

static void take_sensor(struct draft *draft, const struct network_settings *network,
                        const struct reader_node *node, struct uniques *uniques,
                        struct network_sensor *ret)
{
    struct site_plan *plan = &draft->config.plan;
    struct sensor_draft from = {.id = NULL};

    option_defaults(&sensor_table, &from);
    option_apply(&sensor_table, node, &from, &draft->context);
    *ret = from.settings;
    ret->bay = PLAN_NONE;
    ret->device = plan->devices_count++;
    plan->devices[ret->device] = (struct device_plan){from.id, network->id};
    ret->address = take_address(draft, node, ret->address, network->format != NULL);
    section_claim(draft, uniques->sensors, node, "id",
                  (struct name_entry){.name = from.id, .value = ret->device});
    section_claim(draft, uniques->addresses, node, "address",
                  (struct name_entry){.name = ret->address, .value = ret->device});
    take_driver(draft, node, &from, uniques, ret);
    take_downlinks(draft, node, &from, ret);
    if (!ret->silence_ms)
        ret->silence_ms = ret->driver && ret->driver->keepalive_ms
                              ? ret->driver->keepalive_ms / 2 * 5
                              : silence_ms;
    take_bay(draft, node, from.bay, ret);
}

/* ---- networks ---- */

static void check_url(struct draft *draft, const struct reader_node *node, const char *text)
{
    struct mistakes *mistakes = draft->context.mistakes;
    struct place place = section_place(node, "url");
    struct address address;
    struct url url;
    struct err err;

    if (strchr(text, '@')) /* before anyone prints it */
        mistake_add(mistakes, place,
                    "network: url must not hold a user name or password; allowed: username and "
                    "password_file");
    else if (!url_parse(text, &url, &err))
        mistake_add(mistakes, place, "network: url %s", err.text);
    else if (strncmp(url.scheme, "mqtt", 4) != 0)
        mistake_add(mistakes, place,
                    "network: url begins with %s://; allowed: mqtts://, or mqtt:// "
                    "to this machine",
                    url.scheme);
    else if (!url.secure && strcmp(url.host, "localhost") != 0 &&
             !(address_ip(url.host, &address) && address.loopback))
        mistake_add(
            mistakes, place,
            "network: url \"%s\" would cross the network unprotected; allowed: mqtts://, or "
            "mqtt:// to this machine",
            text);
    else if (!url.secure && reader_member(node, "tls"))
        mistake_add(mistakes, section_place(node, "tls"),
                    "network: tls stands beside mqtt://; allowed: with mqtts:// only");
}

static void take_topics(struct draft *draft, const struct reader_node *node,
                        const struct network_draft *from, struct network_settings *network)
{
    const struct reader_node *list = from->topics;
    uint32_t count = reader_size(list);
    const char **topics = arena_new(draft->context.memory, count + ENVELOPE_TOPICS, sizeof *topics);

    network->topics_needed = count;
    if (!count && network->format) {
        while (network->format->topics[count]) {
            topics[count] = network->format->topics[count];
            count++;
        }
        network->topics_needed = 1; /* of uplinks */
    } else if (!count && from->type && !strcmp(from->type, "json"))
        mistake_add(draft->context.mistakes, reader_place(node),
                    "network: topics is missing; type \"json\" needs it");
    for (uint32_t i = 0; i < reader_size(list); i++) {
        const struct reader_node *item = reader_item(list, i);
        bool is_text = reader_type(item) == READER_TEXT && *reader_text(item);
        if (is_text)
            topics[i] = arena_text(draft->context.memory, reader_text(item));
        else
            mistake_add(draft->context.mistakes, reader_place(item),
                        "network: topics holds %s; allowed: topics, with + and # for any part",
                        reader_type(item) == READER_TEXT ? "an empty text"
                                                         : reader_type_words(reader_type(item)));
    }
    network->topics = topics;
    network->topics_count = count;
}

static void take_type(struct draft *draft, const struct reader_node *node, const char *type,
                      struct network_settings *network)
{
    if (!type || !strcmp(type, "json"))
        return;
    network->format = network_find(type);
    if (!network->format)
        mistake_add(draft->context.mistakes, section_place(node, "type"),
                    "network: type \"%s\" is not known; allowed: tts, chirpstack, chirpstack-v3, "
                    "json",
                    type);
}

static void take_time(struct draft *draft, const struct reader_node *node, const char *key,
                      const char *text, int32_t *ret_s)
{
    if (text && !civil_time_parse(text, ret_s))
        mistake_add(draft->context.mistakes, section_place(node, key),
                    "network: %s \"%s\" is no time of the day; allowed: \"hh:mm\"", key, text);
}

static void take_network(struct draft *draft, uint32_t n, struct uniques *uniques)
{
    const struct reader_node *node = reader_item(draft->networks, n);
    struct network_settings *network = &draft->config.networks[n];
    struct network_draft from = {.type = NULL};

    option_defaults(&network_table, &from);
    option_apply(&network_table, node, &from, &draft->context);
    *network = from.settings;
    network->tls = from.tls.settings;
    section_claim(draft, uniques->networks, node, "id",
                  (struct name_entry){.name = network->id, .value = n});
    take_type(draft, node, from.type, network);
    take_topics(draft, node, &from, network);
    take_time(draft, node, "night_from", from.night_from, &network->night_from_s);
    take_time(draft, node, "night_to", from.night_to, &network->night_to_s);
    if (network->url)
        check_url(draft, node, network->url);
    if (reader_member(node, "password_file") && !reader_member(node, "username"))
        mistake_add(draft->context.mistakes, section_place(node, "password_file"),
                    "network: password_file without username; allowed: both or none");
    network->sensors_count = reader_size(from.sensors);
    network->sensors =
        arena_new(draft->context.memory, network->sensors_count, sizeof *network->sensors);
    for (uint32_t i = 0; i < network->sensors_count; i++)
        take_sensor(draft, network, reader_item(from.sensors, i), uniques, &network->sensors[i]);
}

uint32_t section_networks_sensors(const struct draft *draft)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < reader_size(draft->networks); i++)
        count += reader_size(reader_member(reader_item(draft->networks, i), "sensors"));
    return count;
}

/* The ids of devices on buses; where they stand is not known any more. */
static void claim_devices(const struct draft *draft, struct name_index *ids)
{
    for (uint32_t i = 0; i < draft->config.plan.devices_count; i++)
        if (draft->config.plan.devices[i].id)
            name_index_put(ids, (struct name_entry){.name = draft->config.plan.devices[i].id,
                                                    .value = i,
                                                    .place = reader_place(draft->buses)});
}

void section_networks(struct draft *draft)
{
    struct config *config = &draft->config;
    uint32_t maps = reader_size(draft->json_maps);
    struct uniques uniques = {name_index_create(), name_index_create(), name_index_create(),
                              name_index_create(),
                              arena_new(draft->context.memory, maps, sizeof(struct json_map))};

    claim_devices(draft, uniques.sensors);
    for (uint32_t n = 0; n < maps; n++)
        take_map(draft, n, &uniques);
    config->networks_count = reader_size(draft->networks);
    config->networks =
        arena_new(draft->context.memory, config->networks_count, sizeof *config->networks);
    for (uint32_t n = 0; n < config->networks_count; n++)
        take_network(draft, n, &uniques);
    name_index_destroy(uniques.maps);
    name_index_destroy(uniques.addresses);
    name_index_destroy(uniques.sensors);
    name_index_destroy(uniques.networks);
}
