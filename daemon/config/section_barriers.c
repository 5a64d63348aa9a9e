/* Barriers: the driver's options, and their places on the buses. */
#include <string.h>

#include "daemon/config/barrier_draft.h"
#include "daemon/config/suggest.h"

/* Keys that only some drivers take; an option that is taken and needed is `open`. */
static const struct {
    const char *key;
    unsigned takes;
} driver_keys[] = {
    {"base", BARRIER_TAKES_BASE},       {"open", BARRIER_TAKES_RELAYS},
    {"stop", BARRIER_TAKES_RELAYS},     {"close", BARRIER_TAKES_RELAYS},
    {"pulse_ms", BARRIER_TAKES_RELAYS}, {"channels", BARRIER_TAKES_HOLD},
    {"hold", BARRIER_TAKES_HOLD},       {"hold_s", BARRIER_TAKES_HOLD},
    {"inputs", BARRIER_TAKES_INPUTS},   {"inverted", BARRIER_TAKES_INPUTS},
};

static void check_keys(struct draft *draft, const struct reader_node *node, const char *driver,
                       unsigned takes)
{
    for (size_t i = 0; i < sizeof driver_keys / sizeof driver_keys[0]; i++) {
        const struct reader_node *member = reader_member(node, driver_keys[i].key);
        if (member && !(driver_keys[i].takes & takes))
            mistake_add(draft->context.mistakes, reader_place(member),
                        "barrier: %s is not for driver \"%s\"; remove it", driver_keys[i].key,
                        driver);
    }
    if (takes & BARRIER_TAKES_RELAYS && !reader_member(node, "open"))
        mistake_add(draft->context.mistakes, reader_place(node),
                    "barrier: open is missing; driver \"%s\" needs the relay that opens", driver);
}

static void take_inverted(struct draft *draft, struct barrier_draft *from)
{
    for (uint32_t i = 0; i < reader_size(from->inverted); i++) {
        const struct reader_node *item = reader_item(from->inverted, i);
        const struct option_choice *word = barrier_input_words;
        while (word->name &&
               (reader_type(item) != READER_TEXT || strcmp(word->name, reader_text(item)) != 0))
            word++;
        if (word->name && from->options.inputs[word->value] != BARRIER_NONE)
            from->options.inverted[word->value] = true;
        else
            mistake_add(draft->context.mistakes, reader_place(item),
                        "barrier: inverted holds what is no input of it; allowed: names that "
                        "stand in inputs");
    }
}

/* Relays and inputs that the board has. */
static void check_channels(struct draft *draft, const struct reader_node *node,
                           const struct barrier_options *options)
{
    const int32_t relays[] = {options->open, options->stop, options->close, options->hold};
    bool fit = true;
    for (size_t i = 0; i < sizeof relays / sizeof relays[0]; i++) {
        fit &= relays[i] < options->channels;
        for (size_t k = 0; k < i; k++)
            if (relays[i] != BARRIER_NONE && relays[i] == relays[k])
                mistake_add(draft->context.mistakes, reader_place(node),
                            "barrier: relay %d stands twice; allowed: a relay for a button",
                            relays[i]);
    }
    for (int i = 0; i < BARRIER_INPUTS; i++)
        fit &= options->inputs[i] < options->channels;
    if (!fit)
        mistake_add(draft->context.mistakes, reader_place(node),
                    "barrier: a relay or input is beyond the board's %d channels; allowed: 0 to %d",
                    options->channels, options->channels - 1);
}

static const struct barrier_map *build(struct draft *draft, const struct reader_node *node,
                                       struct barrier_draft *from)
{
    const struct barrier_driver *driver = barriers_find(from->driver);
    struct suggest search = {.typed = from->driver};
    struct barrier_map map;

    if (!driver) {
        suggest_offer(&search, "map");
        for (size_t i = 0; i < barriers_count(); i++)
            suggest_offer(&search, barriers_at(i)->name);
        mistake_add(draft->context.mistakes, section_place(node, "driver"),
                    "barrier: driver \"%s\" is not known%s%s%s; allowed: came-gard, relay-board, "
                    "relay-plate, map",
                    from->driver, search.nearest ? " (did you mean \"" : "",
                    search.nearest ? search.nearest : "", search.nearest ? "\"?)" : "");
        return NULL;
    }
    if (reader_member(node, "map"))
        mistake_add(draft->context.mistakes, section_place(node, "map"),
                    "barrier: map is not for driver \"%s\"; remove it", from->driver);
    check_keys(draft, node, from->driver, driver->takes);
    take_inverted(draft, from);
    if (driver->takes & BARRIER_TAKES_HOLD)
        check_channels(draft, node, &from->options);
    driver->build(&from->options, &map);
    return arena_copy(draft->context.memory, &map, 1, sizeof map);
}

static const struct barrier_map *find_map(struct draft *draft, const struct reader_node *node,
                                          const struct barrier_draft *from,
                                          const struct barrier_maps *maps)
{
    const struct name_entry *entry = from->map ? name_index_find(maps->names, from->map) : NULL;

    check_keys(draft, node, "map", 0);
    if (!entry) {
        mistake_add(draft->context.mistakes, section_place(node, "map"),
                    "barrier: map \"%s\" is not known; allowed: the name of a barrier in the "
                    "folder barriers of device_maps (\"%s\")",
                    from->map ? from->map : "", draft->device_maps);
        return NULL;
    }
    if (!reader_member(node, "travel_ms"))
        return maps->list[entry->value];
    struct barrier_map map = *maps->list[entry->value];
    map.travel_ms = from->options.travel_ms;
    return arena_copy(draft->context.memory, &map, 1, sizeof map);
}

static void take_barrier(struct draft *draft, const struct reader_node *node,
                         const struct barrier_maps *maps, struct name_index *ids)
{
    struct barrier_draft from = {.options = barriers_defaults()};
    struct barrier_config *barrier = &draft->config.barriers[draft->config.barriers_count];

    option_defaults(&barrier_table, &from);
    option_apply(&barrier_table, node, &from, &draft->context);
    section_claim(draft, ids, node, "id", (struct name_entry){.name = from.id});
    *barrier = (struct barrier_config){.id = from.id};
    if (from.driver)
        barrier->map = strcmp(from.driver, "map") == 0 ? find_map(draft, node, &from, maps)
                                                       : build(draft, node, &from);
    const struct device_settings device = {.unit = from.unit,
                                           .barrier_map = barrier->map,
                                           .barrier = draft->config.barriers_count,
                                           .response_ms = from.response_ms};
    if (barrier->map && from.id)
        section_buses_add(draft, node, from.id, from.bus, &device, &barrier->bus, &barrier->device);
    draft->config.barriers_count++;
}

void section_barriers(struct draft *draft)
{
    struct config *config = &draft->config;
    struct name_index *ids = name_index_create();
    struct barrier_maps maps;

    barrier_maps_read(draft, &maps);
    for (uint32_t i = 0; i < config->plan.devices_count; i++)
        if (config->plan.devices[i].id)
            name_index_put(ids, (struct name_entry){.name = config->plan.devices[i].id,
                                                    .place = reader_place(draft->buses)});
    config->barriers =
        arena_new(draft->context.memory, reader_size(draft->barriers), sizeof *config->barriers);
    for (uint32_t i = 0; i < reader_size(draft->barriers); i++)
        take_barrier(draft, reader_item(draft->barriers, i), &maps, ids);
    name_index_destroy(maps.names);
    name_index_destroy(ids);
}
