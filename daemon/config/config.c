/*
 * Reads the file, applies the root's table, lets the sections build their parts in the order in
 * which they need each other, and hands out all or nothing.
 */
#include "daemon/config/config.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/base/zone.h"
#include "daemon/config/section_parking.h"
#include "daemon/config/section_tables.h"
#include "daemon/config/tariff_library.h"

enum { PATH_SIZE = 128, WORDS_SIZE = 512 };

struct place section_place(const struct reader_node *group, const char *key)
{
    const struct reader_node *member = reader_member(group, key);
    return reader_place(member ? member : group);
}

void section_claim(struct draft *draft, struct name_index *index, const struct reader_node *group,
                   const char *key, struct name_entry entry)
{
    if (!entry.name)
        return;
    entry.place = section_place(group, key);
    const struct name_entry *earlier = name_index_put(index, entry);
    if (earlier)
        mistake_add(draft->context.mistakes, entry.place,
                    "%s \"%s\" is taken already at %s:%u; allowed: each once", key, entry.name,
                    mistake_path(draft->context.mistakes, earlier->place.file),
                    earlier->place.line);
}

static void build(struct draft *draft)
{
    option_defaults(&root_table, draft);
    option_apply(&root_table, draft->root, draft, &draft->context);
    section_site(draft);
    section_lots(draft);
    parking_tariffs(draft);
    section_lanes(draft);
    section_maps(draft);
    section_buses(draft);
    section_barriers(draft);
    section_signs(draft);
    section_lanes_barriers(draft);
    section_cameras(draft);
    section_photos(draft);
    section_report(draft);
    section_buses_used(draft);
    section_networks(draft);
    section_counters(draft);
    section_lots_sensed(draft);
    section_uplinks(draft);
    section_calls(draft);
}

/* What stands outside of the arena is held by pointers in it. */
static void release(struct config *config)
{
    struct arena *memory = config->memory;

    for (uint32_t u = 0; u < config->uplinks_count; u++)
        section_city_release(&config->uplinks[u]);

    tariff_library_destroy(config->tariffs);
    zone_close(config->zone);
    arena_destroy(memory);
}

struct config *config_load(const char *path, config_mistake_fn *mistake, void *arg)
{
    struct mistakes *mistakes = mistake_create();
    struct draft draft = {.context = {.memory = arena_create(), .mistakes = mistakes}};
    struct reader *reader = reader_open(path, mistakes);
    struct config *config = NULL;

    draft.config.memory = draft.context.memory;
    draft.bays = name_index_create();
    draft.map_names = name_index_create();
    if (reader) {
        draft.root = reader_root(reader);
        build(&draft);
    }
    mistake_tell(mistakes, mistake, arg);
    if (mistake_count(mistakes) == 0)
        config = arena_copy(draft.context.memory, &draft.config, 1, sizeof draft.config);
    else
        release(&draft.config);
    free(draft.maps_list);
    free(draft.bays_notes);
    name_index_destroy(draft.map_names);
    name_index_destroy(draft.bays);
    reader_close(reader);
    mistake_destroy(mistakes);
    return config;
}

void config_free(struct config *config)
{
    if (config)
        release(config);
}

static void each_option(const struct option_table *table, const char *above, config_option_fn *fn,
                        void *arg)
{
    for (const struct option *o = table->options; o->key; o++) {
        char path[PATH_SIZE], allowed[WORDS_SIZE], otherwise[WORDS_SIZE];
        struct text allowed_text, otherwise_text;

        snprintf(path, sizeof path, "%s%s%s", above, above[0] ? "." : "", o->key);
        text_init(&allowed_text, allowed, sizeof allowed);
        text_init(&otherwise_text, otherwise, sizeof otherwise);
        option_allowed(o, &allowed_text);
        option_otherwise(o, &otherwise_text);
        fn(arg, &(struct config_option){path, allowed, otherwise, o->meaning, o->required});
        if (o->members)
            each_option(o->members, path, fn, arg);
    }
}

void config_each_option(config_option_fn *fn, void *arg)
{
    each_option(&root_table, "", fn, arg);
}
