/* long: a section is one line here, and they are read in their order */
/*
 * The sections of the configuration. Each is a table (option.h) and a function that checks what a
 * table cannot say and builds its part of struct config. All add to draft->context.mistakes and go
 * on; what is missing or wrong is NULL or 0 afterwards.
 */
#ifndef CONFIG_SECTIONS_H
#define CONFIG_SECTIONS_H

#include "daemon/config/config.h"
#include "daemon/config/name_index.h"
#include "daemon/config/option.h"
#include "sensors/bay/modbus_map.h"

/* What is known of a bay only while loading; beside plan.bays. */
struct draft_bay {
    struct place place;     /* the list of its zone */
    struct place sensed_at; /* the device that senses it, when bay_plan.device is set */
    bool unsensed;          /* its zone says that bays without a sensor are meant so */
    bool classed;           /* a list of its zone gives it a class */
};

struct draft {
    struct config config; /* under construction */
    struct option_context context;
    const struct reader_node *root;

    /* From the root's table. */
    struct bay_rules rules; /* of lots that say nothing else */
    const char *device_maps, *tariffs, *calendars;
    const struct reader_node *lots, *buses, *uplinks, *maps; /* NULL when absent */
    const struct reader_node *networks, *json_maps, *lanes, *barriers, *signs, *cameras;
    const char *camera_listen;

    struct name_index *bays, *map_names;
    struct draft_bay *bays_notes;
    uint32_t bays_room;
    const struct modbus_map **maps_list; /* by the values of map_names; NULL: has mistakes */
    uint32_t maps_count;
};

extern const struct option_table root_table;
extern const struct option_table rules_table, photos_table, business_day_table;
extern const struct option_table lot_table, bus_table, map_table, uplink_table;
extern const struct option_table network_table, json_map_table;
extern const struct option_table barrier_table, barrier_map_table, sign_table, camera_table;
extern const struct option_table calls_table;

void section_site(struct draft *draft); /* site, store, serve */
void section_lots(struct draft *draft); /* fills plan.lots, zones, bays and draft->bays */
void section_maps(struct draft *draft); /* fills draft->map_names */
/* The maps of a folder's *.conf alone. */
void section_maps_folder(struct draft *draft, const char *path);
void section_buses(struct draft *draft);   /* after lots and maps; fills buses, plan.devices */
void section_uplinks(struct draft *draft); /* fills uplinks */
void section_calls(struct draft *draft);   /* after uplinks; fills platform_listener */

/* After buses; fills networks, and plan.devices behind those of the buses. */
void section_networks(struct draft *draft);
uint32_t section_networks_sensors(const struct draft *draft); /* how many there will be */

/* Each *.conf of the folder `below` inside of device_maps. */
typedef void section_file_fn(struct draft *draft, const char *path, void *arg);
void section_maps_each(struct draft *draft, const char *below, section_file_fn *fn, void *arg);

/* After buses, before networks; adds devices to buses and fills barriers. */
void section_barriers(struct draft *draft);
/* Likewise; fills signs. */
void section_signs(struct draft *draft);
void section_photos(struct draft *draft);
void section_report(struct draft *draft);
/* After lanes and barriers; fills cameras and adds to lanes' wiring. */
void section_cameras(struct draft *draft);
/* Every bus has something on it. */
void section_buses_used(struct draft *draft);

/* Puts one more device on a bus; `ret_device` is its index there. False when its unit is taken by
 * another kind of device, which is told. The device's id is entered into the plan. */
bool section_buses_add(struct draft *draft, const struct reader_node *node, const char *id,
                       const char *bus, const struct device_settings *device, uint32_t *ret_bus,
                       uint32_t *ret_device);

/* Every bay has a sensor or is meant to have none. */
void section_lots_sensed(struct draft *draft);

/* Literal addresses of a list; `what` holds it, in words. */
struct from_addresses {
    const char *const *list;
    uint32_t count;
};
void section_from(struct draft *draft, const struct reader_node *list, const char *what,
                  struct from_addresses *ret);

/* Where `key` stands in `group`, or the group when it does not. */
struct place section_place(const struct reader_node *group, const char *key);

/* Enters the name that stands under `key` of `group`; tells when another has it. NULL is passed
 * over. */
void section_claim(struct draft *draft, struct name_index *index, const struct reader_node *group,
                   const char *key, struct name_entry entry);

#endif
