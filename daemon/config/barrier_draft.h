/* Barriers and their maps while they are read: what the tables fill, and what becomes of it. */
#ifndef CONFIG_BARRIER_DRAFT_H
#define CONFIG_BARRIER_DRAFT_H

#include "daemon/config/sections.h"
#include "sensors/lane/barriers.h"

struct barrier_draft {
    const char *id, *bus, *driver, *map;
    uint32_t unit;
    int64_t response_ms;
    struct barrier_options options;
    const struct reader_node *inverted;
};

/* Addresses as written, before the base is taken off; "said" is told by the group's being there. */
struct write_draft {
    struct barrier_write write;
    int32_t release; /* -1: none */
};

struct barrier_map_draft {
    struct barrier_map map;
    const char *vendor, *model, *source;
    uint32_t address_base;
    const struct reader_node *polls, *states, *inputs;
    struct write_draft writes[BARRIER_ACTIONS];
};

struct input_draft {
    struct barrier_place place;
    int32_t input;
};

extern const struct option_table barrier_poll_table, barrier_code_table, barrier_input_table;
extern const struct option_choice barrier_input_words[];

/* Reads the maps of device_maps/barriers; by name, in memory of the configuration. */
struct barrier_maps {
    struct name_index *names;
    const struct barrier_map *list[64];
    uint32_t count;
};
void barrier_maps_read(struct draft *draft, struct barrier_maps *ret);

#endif
