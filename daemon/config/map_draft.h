/* A device map while it is read: what the tables of map_table.c fill and section_maps.c turns into
 * a struct modbus_map. */
#ifndef CONFIG_MAP_DRAFT_H
#define CONFIG_MAP_DRAFT_H

#include "daemon/config/option.h"
#include "sensors/bay/modbus_map.h"

struct distance_draft {
    struct modbus_distance distance;
    const struct reader_node *invalid;
};

/* Addresses as written, before the base is taken off. */
struct map_draft {
    struct modbus_map map;
    struct distance_draft distance;
    const char *vendor, *model, *source;
    const struct reader_node *setup;
    uint32_t address_base;
};

extern const struct option_table map_write_table; /* a row of map_draft.setup */

#endif
