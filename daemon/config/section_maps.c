/*
 * Device maps: a Modbus device's registers as data (sensors/bay/modbus_map.h). They stand in the
 * file itself (`maps`) or one a file in a folder (`device_maps`), so that a new make of sensor
 * needs no program.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/memory.h"
#include "daemon/config/files.h"
#include "daemon/config/map_draft.h"
#include "daemon/config/secret.h"
#include "daemon/config/sections.h"

/* A file of a maps folder. */
struct map_file {
    struct map_draft map;
};

static const struct option_table map_file_table = {
    "device map",
    (const struct option[]){
        {.key = "map",
         .type = OPTION_GROUP,
         .required = true,
         OPTION_AT(struct map_file, map),
         .members = &map_table,
         .meaning = "One kind of device."},
        {.key = NULL},
    },
};

/* Takes the base off; an address of 0 under base 1 is told. */
static void rebase(struct draft *draft, const struct reader_node *node, const char *key,
                   uint32_t base, uint16_t *address)
{
    const struct reader_node *group = key ? reader_member(node, key) : node;

    if (!group || base == 0 || reader_type(group) != READER_GROUP ||
        !reader_member(group, "address"))
        return;
    if (*address == 0)
        mistake_add(draft->context.mistakes, section_place(group, "address"),
                    "map: address 0 is below address_base 1; allowed: 1 to 65535");
    else
        (*address)--;
}

static void rebase_all(struct draft *draft, const struct reader_node *node, struct map_draft *from)
{
    struct modbus_map *map = &from->map;
    uint32_t base = from->address_base;

    rebase(draft, node, "state", base, &map->state.address);
    rebase(draft, node, "fault", base, &map->fault.address);
    rebase(draft, node, "counter", base, &map->counter.place.address);
    rebase(draft, node, "temperature", base, &map->temperature.place.address);
    rebase(draft, node, "trigger", base, &map->trigger.address);
    for (int i = 0; i < map->setup_count; i++)
        rebase(draft, reader_item(from->setup, (uint32_t)i), NULL, base, &map->setup[i].address);
}

static void take_invalid(struct draft *draft, struct map_draft *from)
{
    const struct reader_node *list = from->distance.invalid;
    struct modbus_distance *distance = &from->map.distance;

    for (uint32_t i = 0; i < reader_size(list); i++) {
        const struct reader_node *item = reader_item(list, i);
        if (reader_type(item) != READER_WHOLE || reader_whole(item) < 0 ||
            reader_whole(item) > UINT16_MAX)
            mistake_add(draft->context.mistakes, reader_place(item),
                        "distance: invalid holds what is no register value; allowed: whole "
                        "numbers, 0 to 65535");
        else
            distance->invalid[distance->invalid_count++] = (uint16_t)reader_whole(item);
    }
}

/* What follows from which groups are there. */
static void settle(struct draft *draft, const struct reader_node *node, struct map_draft *from)
{
    struct modbus_map *map = &from->map;
    const struct reader_node *state = reader_member(node, "state");
    const struct reader_node *fault = reader_member(node, "fault");
    const struct reader_node *distance = reader_member(node, "distance");

    map->distance = from->distance.distance;
    take_invalid(draft, from);
    map->state.in_word = state && reader_member(state, "bit");
    map->fault.in_word = fault && reader_member(fault, "bit");
    if (!reader_member(node, "free"))
        map->free.compare = MODBUS_NONE;
    if (distance && (reader_member(node, "occupied") || reader_member(node, "free")))
        mistake_add(draft->context.mistakes, reader_place(distance),
                    "map: distance stands beside occupied or free; allowed: one or the other");
    if (distance)
        map->occupied.compare = map->free.compare = MODBUS_NONE;
    if (!distance)
        map->distance = (struct modbus_distance){0};
    for (uint32_t i = 0; i < reader_size(from->setup); i++)
        option_apply(&map_write_table, reader_item(from->setup, i), &map->setup[map->setup_count++],
                     &draft->context);
}

/* `from` has been filled from `node`. */
static void add_map(struct draft *draft, const struct reader_node *node, struct map_draft *from,
                    size_t mistakes_before)
{
    struct arena *memory = draft->context.memory;
    struct err err;

    settle(draft, node, from);
    rebase_all(draft, node, from);
    if (from->vendor && from->model)
        from->map.device = arena_format(memory, "%s %s", from->vendor, from->model);
    if (mistake_count(draft->context.mistakes) == mistakes_before &&
        !modbus_map_check(&from->map, &err))
        mistake_add(draft->context.mistakes, reader_place(node), "map: %s", err.text);
    draft->maps_list =
        memory_grow(draft->maps_list, draft->maps_count + 1, sizeof(*draft->maps_list));
    draft->maps_list[draft->maps_count] = mistake_count(draft->context.mistakes) == mistakes_before
                                              ? arena_copy(memory, &from->map, 1, sizeof from->map)
                                              : NULL;
    section_claim(draft, draft->map_names, node, "name",
                  (struct name_entry){.name = from->map.name, .value = draft->maps_count++});
}

static void take_map_file(struct draft *draft, const char *path)
{
    struct reader *reader = reader_open(path, draft->context.mistakes);
    size_t before = mistake_count(draft->context.mistakes);
    struct map_file file = {0};

    if (!reader)
        return;
    option_defaults(&map_file_table, &file);
    option_apply(&map_file_table, reader_root(reader), &file, &draft->context);
    const struct reader_node *node = reader_member(reader_root(reader), "map");
    if (node && reader_type(node) == READER_GROUP)
        add_map(draft, node, &file.map, before);
    reader_close(reader);
}

void section_maps_folder(struct draft *draft, const char *path)
{
    char pattern[SECRET_PATH_SIZE + 8];
    glob_t found;

    snprintf(pattern, sizeof pattern, "%s/*.conf", path);
    if (files_matching(pattern, 0, &found))
        for (size_t i = 0; i < found.gl_pathc; i++)
            take_map_file(draft, found.gl_pathv[i]);
    globfree(&found);
}

/* The default folder need not be there; one that the file names must. */
static void take_folder(struct draft *draft)
{
    const struct reader_node *said = reader_member(draft->root, "device_maps");
    char path[SECRET_PATH_SIZE];
    struct stat status;
    struct err err;

    if (!secret_path(reader_file(said ? said : draft->root), draft->device_maps, path, &err))
        return;
    if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode)) {
        if (said)
            mistake_add(draft->context.mistakes, reader_place(said),
                        "device_maps \"%s\" is no folder; allowed: a folder of *.conf, relative to "
                        "this file",
                        draft->device_maps);
        return;
    }
    section_maps_folder(draft, path);
}

void section_maps_each(struct draft *draft, const char *below, section_file_fn *fn, void *arg)
{
    const struct reader_node *said = reader_member(draft->root, "device_maps");
    char path[SECRET_PATH_SIZE], pattern[SECRET_PATH_SIZE + 32];
    glob_t found;
    struct err err;

    if (!secret_path(reader_file(said ? said : draft->root), draft->device_maps, path, &err))
        return;
    snprintf(pattern, sizeof pattern, "%s/%s/*.conf", path, below);
    if (files_matching(pattern, 0, &found))
        for (size_t i = 0; i < found.gl_pathc; i++)
            fn(draft, found.gl_pathv[i], arg);
    globfree(&found);
}

void section_maps(struct draft *draft)
{
    take_folder(draft);
    for (uint32_t i = 0; i < reader_size(draft->maps); i++) {
        const struct reader_node *node = reader_item(draft->maps, i);
        size_t before = mistake_count(draft->context.mistakes);
        struct map_draft from = {0};

        option_defaults(&map_table, &from);
        option_apply(&map_table, node, &from, &draft->context);
        if (reader_type(node) == READER_GROUP)
            add_map(draft, node, &from, before);
    }
}
