/* Buses, the devices on them, and which device senses which bay. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config/address.h"
#include "daemon/config/bay_list.h"
#include "daemon/config/section_tables.h"
#include "daemon/config/sections.h"
#include "daemon/config/suggest.h"

/* What is unique over all buses. */
struct uniques {
    struct name_index *buses, *devices, *ports;
};

/* What is unique on one bus. */
struct line {
    struct draft *draft;
    struct bus_settings *bus;
    struct place units[UNIT_MAX + 1]; /* line 0: not taken */
};

enum { RTU = 1 << BUS_RTU, TCP = 1 << BUS_TCP, OVER_TCP = 1 << BUS_RTU_OVER_TCP };

static const struct {
    const char *key;
    unsigned allowed, required; /* bits of 1 << enum bus_type */
} bus_keys[] = {
    {"path", RTU, RTU},
    {"baud", RTU, 0},
    {"format", RTU, 0},
    {"rs485", RTU, 0},
    {"host", TCP | OVER_TCP, TCP | OVER_TCP},
    {"port", TCP | OVER_TCP, 0},
    {"connect_ms", TCP | OVER_TCP, 0},
    {"gap_ms", RTU | OVER_TCP, 0},
};

static void check_keys(struct draft *draft, const struct reader_node *node, enum bus_type type)
{
    const char *name = option_choice_name(bus_types, type);

    for (size_t i = 0; i < sizeof bus_keys / sizeof bus_keys[0]; i++) {
        const struct reader_node *member = reader_member(node, bus_keys[i].key);
        if (member && !(bus_keys[i].allowed & 1u << type))
            mistake_add(draft->context.mistakes, reader_place(member),
                        "bus: %s is not for type \"%s\"; remove it", bus_keys[i].key, name);
        if (!member && bus_keys[i].required & 1u << type)
            mistake_add(draft->context.mistakes, reader_place(node),
                        "bus: %s is missing; type \"%s\" needs it", bus_keys[i].key, name);
    }
}

/* What the bus occupies, in one form however it is written: the line's node behind its links, or
 * host and port. */
static const char *port_name(struct draft *draft, const struct bus_settings *bus)
{
    char real[PATH_MAX];

    if (bus->type != BUS_RTU)
        return bus->host ? arena_format(draft->context.memory, "%s port %u", bus->host, bus->port)
                         : NULL;
    return bus->path
               ? arena_text(draft->context.memory, realpath(bus->path, real) ? real : bus->path)
               : NULL;
}

static void check_address(struct draft *draft, const struct reader_node *node,
                          struct bus_settings *bus)
{
    struct address address;

    if (bus->path && bus->path[0] != '/')
        mistake_add(draft->context.mistakes, section_place(node, "path"),
                    "bus: path \"%s\" is relative; allowed: an absolute path, best below "
                    "/dev/serial/by-id",
                    bus->path);
    if (!bus->host)
        return;
    if (address_ip(bus->host, &address))
        bus->host = arena_text(draft->context.memory, address.text);
    else
        mistake_add(draft->context.mistakes, section_place(node, "host"),
                    "bus: host \"%s\" is no address; allowed: an IPv4 or IPv6 address (names are "
                    "not resolved)",
                    bus->host);
}

/* Where the names of a device's list are going. */
struct wiring {
    struct draft *draft;
    const struct reader_node *node;
    struct device_settings *device;
    uint32_t *bays;
    uint32_t room; /* inputs of the map */
    int64_t silence_ms;
};

static void wire(void *arg, const char *name)
{
    struct wiring *w = arg;
    struct mistakes *mistakes = w->draft->context.mistakes;
    const struct name_entry *entry = name ? name_index_find(w->draft->bays, name) : NULL;
    struct place place = section_place(w->node, "bays");
    uint32_t input = w->device->inputs++;

    if (input >= w->room)
        return;
    w->bays[input] = entry ? entry->value : PLAN_NONE;
    if (name && !entry)
        mistake_add(mistakes, place,
                    "device: bays names \"%s\", which no zone has; allowed: bays that a "
                    "zone lists",
                    name);
    if (!entry)
        return;
    struct bay_plan *bay = &w->draft->config.plan.bays[entry->value];
    struct draft_bay *note = &w->draft->bays_notes[entry->value];
    if (bay->device != PLAN_NONE) {
        mistake_add(mistakes, place,
                    "device: bay \"%s\" is sensed already at %s:%u; allowed: one "
                    "input for a bay",
                    name, mistake_path(mistakes, note->sensed_at.file), note->sensed_at.line);
        return;
    }
    bay->device = w->device->index;
    bay->silence_ms = w->silence_ms;
    note->sensed_at = place;
}

static const struct modbus_map *find_map(struct draft *draft, const struct reader_node *node,
                                         const char *name)
{
    const struct name_entry *entry = name_index_find(draft->map_names, name);
    struct suggest search = {.typed = name};

    if (entry)
        return draft->maps_list[entry->value];
    for (uint32_t i = 0; i < draft->maps_count; i++)
        if (draft->maps_list[i])
            suggest_offer(&search, draft->maps_list[i]->name);
    if (search.nearest)
        mistake_add(draft->context.mistakes, section_place(node, "map"),
                    "device: map \"%s\" is not known (did you mean \"%s\"?)", name, search.nearest);
    else
        mistake_add(draft->context.mistakes, section_place(node, "map"),
                    "device: map \"%s\" is not known; allowed: the name of a map in the folder "
                    "device_maps (\"%s\") or in maps",
                    name, draft->device_maps);
    return NULL;
}

/* Without a word of its own a bay falls silent after the map's limit, but never within three polls.
 */
static int64_t silence_of(struct draft *draft, const struct reader_node *node,
                          const struct device_draft *from)
{
    int64_t poll_ms = from->settings.poll_ms;
    int64_t usual = from->settings.map ? from->settings.map->silence_ms : 0;

    if (from->silence_ms == 0)
        return usual > 3 * poll_ms ? usual : 3 * poll_ms;
    if (from->silence_ms < 2 * poll_ms)
        mistake_add(draft->context.mistakes, section_place(node, "silence_ms"),
                    "device: silence_ms %lld is too short; allowed: at least twice poll_ms (%lld)",
                    (long long)from->silence_ms, (long long)poll_ms);
    return from->silence_ms;
}

static void wire_all(struct draft *draft, const struct reader_node *node,
                     const struct device_draft *from, struct device_settings *device)
{
    uint32_t room = device->map ? device->map->inputs : MODBUS_MAP_INPUTS;
    struct wiring wiring = {.draft = draft, .node = node, .device = device, .room = room};
    uint32_t bays[MODBUS_MAP_INPUTS];
    struct err err;

    if (!from->bays)
        return;
    wiring.bays = bays;
    wiring.silence_ms = silence_of(draft, node, from);
    if (!bay_list_each(from->bays, wire, &wiring, &err))
        mistake_add(draft->context.mistakes, section_place(node, "bays"),
                    "device: bays %s; allowed: ids, ranges and \"-\", such as "
                    "\"A-001..A-008, -, A-009\"",
                    err.text);
    if (device->inputs > room)
        mistake_add(draft->context.mistakes, section_place(node, "bays"),
                    "device: bays names %u inputs; map \"%s\" allows 1 to %u", device->inputs,
                    device->map ? device->map->name : "?", room);
    device->inputs = device->inputs < room ? device->inputs : room;
    device->bays = arena_copy(draft->context.memory, bays, device->inputs, sizeof bays[0]);
}

static void take_device(struct line *line, const struct reader_node *node, struct uniques *uniques,
                        struct device_settings *ret)
{
    struct draft *draft = line->draft;
    struct site_plan *plan = &draft->config.plan;
    struct mistakes *mistakes = draft->context.mistakes;
    struct device_draft from = {0};

    option_defaults(&device_table, &from);
    option_apply(&device_table, node, &from, &draft->context);
    *ret = from.settings;
    ret->index = plan->devices_count++;
    plan->devices[ret->index] = (struct device_plan){from.id, line->bus->id};
    section_claim(draft, uniques->devices, node, "id",
                  (struct name_entry){.name = from.id, .value = ret->index});
    struct place *taken = &line->units[ret->unit];
    if (ret->unit && taken->line)
        mistake_add(mistakes, section_place(node, "unit"),
                    "device: unit %u is taken on this bus at %s:%u; allowed: one device for a unit",
                    ret->unit, mistake_path(mistakes, taken->file), taken->line);
    else
        *taken = section_place(node, "unit");
    if (from.map)
        ret->map = from.settings.map = find_map(draft, node, from.map);
    if (ret->map && ret->map->distance.mm_per_count == 0 && (ret->threshold || ret->hysteresis))
        mistake_add(mistakes,
                    section_place(node, ret->threshold ? "threshold_mm" : "hysteresis_mm"),
                    "device: map \"%s\" measures no distance; remove threshold_mm and "
                    "hysteresis_mm",
                    ret->map->name);
    wire_all(draft, node, &from, ret);
}

static void take_bus(struct draft *draft, uint32_t n, struct uniques *uniques)
{
    const struct reader_node *node = reader_item(draft->buses, n);
    struct bus_settings *bus = &draft->config.buses[n];
    struct line line = {.draft = draft, .bus = bus};
    struct bus_draft from = {0};

    option_defaults(&bus_table, &from);
    option_apply(&bus_table, node, &from, &draft->context);
    *bus = from.settings;
    bus->type = from.type >= 0 ? (enum bus_type)from.type : BUS_TCP;
    bus->parity = bus_formats[from.format].name[1];
    bus->stop_bits = (uint32_t)(bus_formats[from.format].name[2] - '0');
    bus->devices_count = reader_size(from.devices);
    struct device_settings *devices =
        arena_new(draft->context.memory,
                  bus->devices_count + reader_size(draft->barriers) + reader_size(draft->signs),
                  sizeof *devices); /* with room for section_buses_add() */
    bus->devices = devices;
    section_claim(draft, uniques->buses, node, "id",
                  (struct name_entry){.name = bus->id, .value = n});
    if (from.type >= 0)
        check_keys(draft, node, bus->type);
    check_address(draft, node, bus);
    section_claim(draft, uniques->ports, node, bus->type == BUS_RTU ? "path" : "host",
                  (struct name_entry){.name = port_name(draft, bus), .value = n});
    for (uint32_t i = 0; i < bus->devices_count; i++)
        take_device(&line, reader_item(from.devices, i), uniques, &devices[i]);
}

static uint32_t count_devices(const struct draft *draft)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < reader_size(draft->buses); i++)
        count += reader_size(reader_member(reader_item(draft->buses, i), "devices"));
    return count + reader_size(draft->barriers) + reader_size(draft->signs) +
           section_networks_sensors(draft);
}

void section_buses(struct draft *draft)
{
    struct config *config = &draft->config;
    struct uniques uniques = {name_index_create(), name_index_create(), name_index_create()};

    config->buses_count = reader_size(draft->buses);
    config->buses = arena_new(draft->context.memory, config->buses_count, sizeof *config->buses);
    config->plan.devices =
        arena_new(draft->context.memory, count_devices(draft), sizeof *config->plan.devices);
    for (uint32_t n = 0; n < config->buses_count; n++)
        take_bus(draft, n, &uniques);
    name_index_destroy(uniques.ports);
    name_index_destroy(uniques.devices);
    name_index_destroy(uniques.buses);
}

static struct bus_settings *find_bus(struct draft *draft, const struct reader_node *node,
                                     const char *id)
{
    struct suggest search = {.typed = id};

    for (uint32_t n = 0; n < draft->config.buses_count; n++) {
        struct bus_settings *bus = &draft->config.buses[n];
        if (bus->id && strcmp(bus->id, id) == 0)
            return bus;
        if (bus->id)
            suggest_offer(&search, bus->id);
    }
    mistake_add(draft->context.mistakes, section_place(node, "bus"),
                search.nearest ? "bus \"%s\" is not known (did you mean \"%s\"?)"
                               : "bus \"%s\" is not known; allowed: the id of a bus",
                id, search.nearest);
    return NULL;
}

bool section_buses_add(struct draft *draft, const struct reader_node *node, const char *id,
                       const char *bus, const struct device_settings *device, uint32_t *ret_bus,
                       uint32_t *ret_device)
{
    struct site_plan *plan = &draft->config.plan;
    struct bus_settings *line = bus ? find_bus(draft, node, bus) : NULL;

    if (!line || device->unit == 0)
        return false;
    for (uint32_t i = 0; i < line->devices_count; i++)
        if (line->devices[i].unit == device->unit &&
            !(line->devices[i].barrier_map && device->barrier_map) &&
            !(line->devices[i].sign_map && device->sign_map)) {
            mistake_add(draft->context.mistakes, section_place(node, "unit"),
                        "unit %u is taken on bus \"%s\" by device \"%s\"; allowed: a unit for a "
                        "device, only barriers may share one, and signs",
                        device->unit, bus, plan->devices[line->devices[i].index].id);
            return false;
        }
    *ret_bus = (uint32_t)(line - draft->config.buses);
    *ret_device = line->devices_count;
    struct device_settings *added = (struct device_settings *)&line->devices[line->devices_count++];
    *added = *device;
    added->index = plan->devices_count++;
    plan->devices[added->index] = (struct device_plan){id, line->id};
    return true;
}

void section_buses_used(struct draft *draft)
{
    for (uint32_t n = 0; n < draft->config.buses_count; n++)
        if (draft->config.buses[n].devices_count == 0)
            mistake_add(draft->context.mistakes, reader_place(reader_item(draft->buses, n)),
                        "bus: nothing is on it; allowed: devices, or barriers or signs that name "
                        "it");
}
