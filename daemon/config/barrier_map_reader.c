/*
 * Barrier maps: a board's registers as data (sensors/lane/barrier.h), one a file in the folder
 * `barriers` of device_maps, so that another make of barrier needs no program.
 */
#include "daemon/config/barrier_draft.h"

struct barrier_map_file {
    struct barrier_map_draft barrier;
};

static const struct option_table file_table = {
    "barrier map",
    (const struct option[]){
        {.key = "barrier",
         .type = OPTION_GROUP,
         .required = true,
         OPTION_AT(struct barrier_map_file, barrier),
         .members = &barrier_map_table,
         .meaning = "One kind of barrier."},
        {.key = NULL},
    },
};

/* What is being read. */
struct reading_map {
    struct draft *draft;
    const struct reader_node *node;
    struct barrier_map_draft *from;
};

/* Takes the base off; address 0 under base 1 is told. */
static void rebase(const struct reading_map *r, const struct reader_node *group, uint16_t *address)
{
    if (!group || reader_type(group) != READER_GROUP || r->from->address_base == 0)
        return;
    if (*address == 0)
        mistake_add(r->draft->context.mistakes, section_place(group, "address"),
                    "barrier map: address 0 is below address_base 1; allowed: 1 to 65535");
    else
        --*address;
}

/* A place that a group says. */
static void take_place(const struct reading_map *r, const char *key, struct barrier_place *place,
                       bool is_bit)
{
    const struct reader_node *group = reader_member(r->node, key);
    rebase(r, group, &place->address);
    place->in_word = is_bit && place->function >= 3;
}

static void take_places(const struct reading_map *r)
{
    struct barrier_map *map = &r->from->map;
    take_place(r, "state", &map->state.place, false);
    take_place(r, "position", &map->position.place, false);
    take_place(r, "error", &map->error.place, false);
    take_place(r, "operations", &map->operations, false);
    take_place(r, "temperature", &map->temperature, false);
    take_place(r, "held", &map->held, true);
    take_place(r, "locked", &map->locked, true);
}

static void take_lists(const struct reading_map *r)
{
    const struct option_context *context = &r->draft->context;
    struct barrier_map *map = &r->from->map;
    for (uint32_t i = 0; i < reader_size(r->from->polls) && i < BARRIER_POLLS; i++) {
        struct barrier_poll *poll = &map->polls[map->polls_count++];
        option_defaults(&barrier_poll_table, poll);
        option_apply(&barrier_poll_table, reader_item(r->from->polls, i), poll, context);
        rebase(r, reader_item(r->from->polls, i), &poll->address);
    }
    for (uint32_t i = 0; i < reader_size(r->from->states) && i < BARRIER_CODES; i++)
        option_apply(&barrier_code_table, reader_item(r->from->states, i),
                     &map->codes[map->codes_count++], context);
    for (uint32_t i = 0; i < reader_size(r->from->inputs); i++) {
        struct input_draft input = {.input = 0};
        option_apply(&barrier_input_table, reader_item(r->from->inputs, i), &input, context);
        rebase(r, reader_item(r->from->inputs, i), &input.place.address);
        input.place.in_word = input.place.function >= 3;
        map->inputs[input.input] = input.place;
    }
}

static void take_writes(const struct reading_map *r)
{
    struct barrier_map *map = &r->from->map;
    for (int action = 0; action < BARRIER_ACTIONS; action++) {
        const struct reader_node *group = reader_member(r->node, barrier_action_name(action));
        const struct write_draft *from = &r->from->writes[action];
        struct barrier_command *to = &map->commands[action];
        if (!group)
            continue;
        to->writes[to->count++] = from->write;
        rebase(r, group, &to->writes[0].address);
        if (from->release < 0)
            continue;
        to->writes[to->count] = to->writes[0];
        to->writes[to->count++].value = (uint16_t)from->release;
    }
}

static void take_map(struct draft *draft, const char *path, void *arg)
{
    struct barrier_maps *maps = arg;
    struct reader *reader = reader_open(path, draft->context.mistakes);
    size_t before = mistake_count(draft->context.mistakes);
    struct barrier_map_file file = {.barrier = {.map = {.name = NULL}}};
    struct err err;

    if (!reader)
        return;
    option_defaults(&file_table, &file);
    option_apply(&file_table, reader_root(reader), &file, &draft->context);
    const struct reader_node *node = reader_member(reader_root(reader), "barrier");
    struct reading_map reading = {draft, node, &file.barrier};
    if (mistake_count(draft->context.mistakes) == before) {
        take_places(&reading);
        take_lists(&reading);
        take_writes(&reading);
    }
    file.barrier.map.device =
        arena_format(draft->context.memory, "%s %s", file.barrier.vendor, file.barrier.model);
    if (mistake_count(draft->context.mistakes) == before &&
        !barrier_map_check(&file.barrier.map, &err))
        mistake_add(draft->context.mistakes, reader_place(node), "barrier map: %s", err.text);
    uint32_t most = sizeof maps->list / sizeof maps->list[0];
    if (mistake_count(draft->context.mistakes) == before && maps->count < most) {
        maps->list[maps->count] =
            arena_copy(draft->context.memory, &file.barrier.map, 1, sizeof file.barrier.map);
        section_claim(draft, maps->names, node, "name",
                      (struct name_entry){.name = file.barrier.map.name, .value = maps->count++});
    }
    reader_close(reader);
}

void barrier_maps_read(struct draft *draft, struct barrier_maps *ret)
{
    *ret = (struct barrier_maps){.names = name_index_create()};
    section_maps_each(draft, "barriers", take_map, ret);
}
