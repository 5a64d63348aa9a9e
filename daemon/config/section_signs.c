/*
 * Guidance signs: their maps (one a file in the folder `signs` of device_maps), whose bays they
 * show, and their places on the buses.
 */
#include <string.h>

#include "daemon/config/section_tables.h"
#include "daemon/config/sections.h"
#include "sensors/sign/sign.h"

struct sign_map_draft {
    struct sign_map map;
    const char *vendor, *model, *source;
    uint32_t address_base;
};

struct sign_file {
    struct sign_map_draft sign;
};

struct sign_draft {
    const char *id, *bus, *map, *lot, *zone;
    uint32_t unit;
    int32_t class, address, brightness; /* -1: not said */
    int64_t refresh_ms, response_ms;
};

static const struct option_choice forms[] = {{"number", SIGN_NUMBER},
                                             {"digits", SIGN_DIGITS},
                                             {"bcd", SIGN_BCD},
                                             {"ascii", SIGN_ASCII},
                                             {NULL, 0}};
static const struct option_choice write_functions[] = {
    {"6 (one register)", 6}, {"16 (registers)", 16}, {NULL, 0}};
static const struct option_choice classes[] = {{"all", -1},
                                               {"ordinary", BAY_ORDINARY},
                                               {"accessible", BAY_ACCESSIBLE},
                                               {"charging", BAY_CHARGING},
                                               {"reserved", BAY_RESERVED},
                                               {NULL, 0}};

static const struct option_table map_table_of_signs = {
    "sign map",
    (const struct option[]){
        {.key = "name",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct sign_map_draft, map.name),
         .meaning = "What a sign names it by."},
        {.key = "vendor",
         .type = OPTION_NAME,
         .required = true,
         OPTION_AT(struct sign_map_draft, vendor),
         .min = 1,
         .max = 64,
         .meaning = "Maker."},
        {.key = "model",
         .type = OPTION_NAME,
         .required = true,
         OPTION_AT(struct sign_map_draft, model),
         .min = 1,
         .max = 64,
         .meaning = "Model."},
        {.key = "source",
         .type = OPTION_NAME,
         .required = true,
         OPTION_AT(struct sign_map_draft, source),
         .min = 1,
         .max = 255,
         .meaning = "The document that says so."},
        {.key = "address_base",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_map_draft, address_base),
         .max = 1,
         .meaning = "1 when the addresses here count from 1."},
        {.key = "function",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_map_draft, map.function),
         .choices = write_functions,
         .otherwise = 16,
         .meaning = "The Modbus function that writes it."},
        {.key = "address",
         .type = OPTION_WHOLE,
         .required = true,
         OPTION_AT(struct sign_map_draft, map.address),
         .max = 65535,
         .meaning = "Of the first register."},
        {.key = "form",
         .type = OPTION_CHOICE,
         OPTION_AT(struct sign_map_draft, map.form),
         .choices = forms,
         .meaning =
             "A number in one register, or characters: one, four (bcd) or two (ascii) a register."},
        {.key = "width",
         .type = OPTION_WHOLE,
         .required = true,
         OPTION_AT(struct sign_map_draft, map.width),
         .min = 1,
         .max = SIGN_WIDTH,
         .meaning = "Digits that it can show."},
        {.key = "zeros",
         .type = OPTION_BOOL,
         OPTION_AT(struct sign_map_draft, map.zeros),
         .meaning = "Leading zeros instead of blanks."},
        {.key = "blank_code",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_map_draft, map.blank_code),
         .max = 65535,
         .otherwise = 15,
         .meaning = "Digits, bcd: the code of a blank."},
        {.key = "dash_code",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_map_draft, map.dash_code),
         .max = 65535,
         .otherwise = 10,
         .meaning = "Digits, bcd: the code of a dash."},
        {.key = "full",
         .type = OPTION_TEXT,
         OPTION_AT(struct sign_map_draft, map.full),
         .text = "0",
         .max = SIGN_WIDTH,
         .meaning = "Characters when no bay is free."},
        {.key = "unknown",
         .type = OPTION_TEXT,
         OPTION_AT(struct sign_map_draft, map.unknown),
         .text = "-",
         .max = SIGN_WIDTH,
         .meaning = "Characters when it is not known."},
        {.key = "full_value",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_map_draft, map.full_value),
         .max = 65535,
         .meaning = "Number: what is written when no bay is free."},
        {.key = "unknown_value",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_map_draft, map.unknown_value),
         .max = 65535,
         .otherwise = 65535,
         .meaning = "Number: what is written when it is not known."},
        {.key = "brightness_address",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_map_draft, map.brightness_address),
         .min = 0,
         .max = 65535,
         .meaning = "The register of the brightness; 0: none."},
        {.key = "brightness",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_map_draft, map.brightness),
         .max = 65535,
         .otherwise = 100,
         .meaning = "What is written there."},
        {.key = NULL},
    },
};

static const struct option_table file_table = {
    "sign map",
    (const struct option[]){
        {.key = "sign",
         .type = OPTION_GROUP,
         .required = true,
         OPTION_AT(struct sign_file, sign),
         .members = &map_table_of_signs,
         .meaning = "One kind of sign."},
        {.key = NULL},
    },
};

const struct option_table sign_table = {
    "sign",
    (const struct option[]){
        {.key = "id",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct sign_draft, id),
         .meaning = "Unique in the site."},
        {.key = "bus",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct sign_draft, bus),
         .meaning = "The bus that it is on."},
        {.key = "unit",
         .type = OPTION_WHOLE,
         .required = true,
         OPTION_AT(struct sign_draft, unit),
         .min = 1,
         .max = UNIT_MAX,
         .meaning = "Its Modbus unit id; displays on one controller share it."},
        {.key = "map",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct sign_draft, map),
         .meaning = "The name of a file's sign in device_maps/signs."},
        {.key = "address",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_draft, address),
         .max = 65535,
         .otherwise = -1,
         .meaning = "Its first register on the wire, where it is not the map's."},
        {.key = "lot",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct sign_draft, lot),
         .meaning = "Whose free bays it shows."},
        {.key = "zone",
         .type = OPTION_ID,
         OPTION_AT(struct sign_draft, zone),
         .meaning = "A zone of the lot only."},
        {.key = "class",
         .type = OPTION_CHOICE,
         OPTION_AT(struct sign_draft, class),
         .choices = classes,
         .otherwise = -1,
         .meaning = "Bays of one class of the lot only."},
        {.key = "brightness",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_draft, brightness),
         .max = 65535,
         .otherwise = -1,
         .meaning = "Where it is not the map's."},
        {.key = "refresh_s",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_draft, refresh_ms),
         .min = 1,
         .max = 3600,
         .otherwise = 30,
         .scale = 1000,
         .meaning = "It is written again so often, changed or not."},
        {.key = "response_ms",
         .type = OPTION_WHOLE,
         OPTION_AT(struct sign_draft, response_ms),
         .min = 10,
         .max = 10000,
         .meaning = "How long an answer may take; without it 500."},
        {.key = NULL},
    },
};

/* The maps of the folder, by name. */
struct sign_maps {
    struct name_index *names;
    const struct sign_map *list[64];
    uint32_t count;
};

static void take_map(struct draft *draft, const char *path, void *arg)
{
    struct sign_maps *maps = arg;
    struct mistakes *mistakes = draft->context.mistakes;
    struct reader *reader = reader_open(path, mistakes);
    size_t before = mistake_count(mistakes);
    struct sign_file file = {.sign = {.address_base = 0}};
    struct sign_map *map = &file.sign.map;
    struct err err;

    if (!reader)
        return;
    option_defaults(&file_table, &file);
    option_apply(&file_table, reader_root(reader), &file, &draft->context);
    const struct reader_node *node = reader_member(reader_root(reader), "sign");
    if (mistake_count(mistakes) == before && file.sign.address_base > map->address)
        mistake_add(mistakes, section_place(node, "address"),
                    "sign map: address 0 is below address_base 1; allowed: 1 to 65535");
    map->address = (uint16_t)(map->address - file.sign.address_base);
    if (map->brightness_address)
        map->brightness_address = (uint16_t)(map->brightness_address - file.sign.address_base);
    map->device = arena_format(draft->context.memory, "%s %s", file.sign.vendor, file.sign.model);
    if (mistake_count(mistakes) == before && !sign_map_check(map, &err))
        mistake_add(mistakes, reader_place(node), "sign map: %s", err.text);
    if (mistake_count(mistakes) == before &&
        maps->count < sizeof maps->list / sizeof maps->list[0]) {
        maps->list[maps->count] = arena_copy(draft->context.memory, map, 1, sizeof *map);
        section_claim(draft, maps->names, node, "name",
                      (struct name_entry){.name = map->name, .value = maps->count++});
    }
    reader_close(reader);
}

/* Whose bays it shows. */
static void take_subject(struct draft *draft, const struct reader_node *node,
                         const struct sign_draft *from, struct sign_config *sign)
{
    const struct site_plan *plan = &draft->config.plan;
    struct mistakes *mistakes = draft->context.mistakes;

    sign->class = from->class;
    sign->zone = PLAN_NONE;
    for (sign->lot = 0; from->lot && sign->lot < plan->lots_count; sign->lot++)
        if (plan->lots[sign->lot].id && strcmp(plan->lots[sign->lot].id, from->lot) == 0)
            break;
    if (from->lot && sign->lot == plan->lots_count)
        mistake_add(mistakes, section_place(node, "lot"),
                    "sign: lot \"%s\" is not known; allowed: the id of a lot", from->lot);
    if (!from->zone)
        return;
    for (uint32_t z = 0; z < plan->zones_count; z++)
        if (plan->zones[z].lot == sign->lot && plan->zones[z].id &&
            strcmp(plan->zones[z].id, from->zone) == 0)
            sign->zone = z;
    if (sign->zone == PLAN_NONE)
        mistake_add(mistakes, section_place(node, "zone"),
                    "sign: zone \"%s\" is not known; allowed: a zone of the lot", from->zone);
    if (from->class >= 0)
        mistake_add(mistakes, section_place(node, "class"),
                    "sign: class stands beside zone; allowed: a class of a whole lot, or a zone");
}

static const struct sign_map *find_map(struct draft *draft, const struct reader_node *node,
                                       const struct sign_draft *from, const struct sign_maps *maps)
{
    const struct name_entry *entry = from->map ? name_index_find(maps->names, from->map) : NULL;

    if (!entry && from->map)
        mistake_add(draft->context.mistakes, section_place(node, "map"),
                    "sign: map \"%s\" is not known; allowed: the name of a sign in the folder "
                    "signs of device_maps (\"%s\")",
                    from->map, draft->device_maps);
    if (!entry)
        return NULL;
    struct sign_map map = *maps->list[entry->value];
    if (from->address >= 0)
        map.address = (uint16_t)from->address;
    if (from->brightness >= 0)
        map.brightness = (uint16_t)from->brightness;
    return arena_copy(draft->context.memory, &map, 1, sizeof map);
}

static void take_sign(struct draft *draft, const struct reader_node *node,
                      const struct sign_maps *maps, struct name_index *ids)
{
    struct sign_draft from = {.id = NULL};
    struct sign_config *sign = &draft->config.signs[draft->config.signs_count++];

    option_defaults(&sign_table, &from);
    option_apply(&sign_table, node, &from, &draft->context);
    section_claim(draft, ids, node, "id", (struct name_entry){.name = from.id});
    sign->id = from.id;
    take_subject(draft, node, &from, sign);
    const struct device_settings device = {.unit = from.unit,
                                           .sign_map = find_map(draft, node, &from, maps),
                                           .refresh_ms = from.refresh_ms,
                                           .response_ms = from.response_ms};
    if (device.sign_map && from.id)
        section_buses_add(draft, node, from.id, from.bus, &device, &sign->bus, &sign->device);
}

void section_signs(struct draft *draft)
{
    struct config *config = &draft->config;
    struct name_index *ids = name_index_create();
    struct sign_maps maps = {.names = name_index_create()};

    section_maps_each(draft, "signs", take_map, &maps);
    for (uint32_t i = 0; i < config->plan.devices_count; i++)
        if (config->plan.devices[i].id)
            name_index_put(ids, (struct name_entry){.name = config->plan.devices[i].id,
                                                    .place = reader_place(draft->buses)});
    config->signs =
        arena_new(draft->context.memory, reader_size(draft->signs), sizeof *config->signs);
    for (uint32_t i = 0; i < reader_size(draft->signs); i++)
        take_sign(draft, reader_item(draft->signs, i), &maps, ids);
    name_index_destroy(maps.names);
    name_index_destroy(ids);
}
