/* Lanes: entries and exits of lots, what is wired there, how long things take. */
#include <stdio.h>
#include <string.h>

#include "daemon/config/section_parking.h"
#include "daemon/config/tariff_fields.h"

struct lane_draft {
    struct lane_plan plan;
    int32_t direction;
    const char *lot, *outer, *opposite, *barrier;
    const struct reader_node *wired, *classes;
};

static const struct option_choice directions[] = {
    {"in", LANE_IN},
    {"out", LANE_OUT},
    {NULL, 0},
};

/* Words of `wired`; the barrier and the camera are known by what names the lane. */
static const struct option_choice wirings[] = {
    {"presence", LANE_HAS_PRESENCE},
    {"closing", LANE_HAS_CLOSING},
    {"limits", LANE_HAS_LIMITS},
    {"counter", LANE_HAS_COUNTER},
    {NULL, 0},
};

#define TIME(member, seconds, text)                                                       \
    {                                                                                     \
        .key = #member "_ms", .type = OPTION_WHOLE, OPTION_AT(struct lane_times, member), \
        .min = 50, .max = 3600000, .otherwise = seconds, .meaning = text                  \
    }

/* The same as lane_times_usual, which the tests of the core use. */
static const struct option_table times_table = {
    "times",
    (const struct option[]){
        TIME(ident, 8000, "A vehicle is there and no plate was read: it has none."),
        TIME(pair, 5000, "A read waits so long for its vehicle."),
        TIME(ask, 1500, "A vehicle is there so long without a read: the camera is asked once."),
        TIME(decision, 20000, "A decision that was not used dies."),
        TIME(travel, 3000, "The boom's way from one end to the other."),
        TIME(back, 3000,
             "The vehicle left the presence loop and is not under the boom: it backed "
             "out."),
        TIME(no_pass, 30000, "The boom is open and nobody drives: it closes."),
        TIME(stuck, 60000, "Something stands under the boom so long: an alarm."),
        TIME(settle, 10000, "After a start both loops are clear so long before anything closes."),
        TIME(chatter, 150, "Shorter pulses of a loop are no vehicle's."),
        TIME(loop_stuck, 600000, "A loop that is on so long while the boom is down is in fault."),
        {.key = NULL},
    },
};

const struct option_table lane_table = {
    "lane",
    (const struct option[]){
        {.key = "id",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct lane_draft, plan.id),
         .meaning = "Unique in the site; stands in records and commands."},
        {.key = "name",
         .type = OPTION_NAME,
         OPTION_AT(struct lane_draft, plan.name),
         .min = 1,
         .max = 100,
         .meaning = "What people read; without it the id."},
        {.key = "lot",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct lane_draft, lot),
         .meaning = "The lot that it leads into or out of."},
        {.key = "direction",
         .type = OPTION_CHOICE,
         .required = true,
         OPTION_AT(struct lane_draft, direction),
         .choices = directions,
         .meaning = "Into the lot or out of it."},
        {.key = "outer",
         .type = OPTION_ID,
         OPTION_AT(struct lane_draft, outer),
         .meaning = "Of a nested area: the lot around it, which is left when this one is entered."},
        {.key = "barrier",
         .type = OPTION_ID,
         OPTION_AT(struct lane_draft, barrier),
         .meaning = "The barrier of `barriers`; without it the lane counts and reads only."},
        {.key = "wired",
         .type = OPTION_LIST,
         OPTION_AT(struct lane_draft, wired),
         .max = 4,
         .meaning = "What the barrier's inputs tell: presence, closing, limits, counter. Less than "
                    "presence and closing degrades the lane, and its records say so."},
        {.key = "camera_opens",
         .type = OPTION_BOOL,
         OPTION_AT(struct lane_draft, plan.camera_opens),
         .meaning =
             "The camera's relay opens the boom with our answer; there is no barrier device."},
        {.key = "opposite",
         .type = OPTION_ID,
         OPTION_AT(struct lane_draft, opposite),
         .meaning = "The lane that is never open at the same time."},
        {.key = "classes",
         .type = OPTION_LIST,
         OPTION_AT(struct lane_draft, classes),
         .max = VEHICLE_CLASSES,
         .meaning = "Classes of vehicles that may use it; without it all."},
        {.key = "min_confidence",
         .type = OPTION_WHOLE,
         OPTION_AT(struct lane_draft, plan.min_confidence),
         .max = 100,
         .otherwise = 60,
         .meaning = "A read that the camera is less sure of does not decide."},
        {.key = "open_when_disk_fails",
         .type = OPTION_BOOL,
         OPTION_AT(struct lane_draft, plan.open_when_disk_fails),
         .meaning = "Let cars out although the disk takes no records."},
        {.key = "orders_per_min",
         .type = OPTION_WHOLE,
         OPTION_AT(struct lane_draft, plan.orders_per_min),
         .max = 60,
         .otherwise = 6,
         .meaning = "Openings in a minute that platforms may ask for; 0: none."},
        {.key = "times",
         .type = OPTION_GROUP,
         OPTION_AT(struct lane_draft, plan.times),
         .members = &times_table,
         .meaning = "How long things take, in milliseconds."},
        {.key = NULL},
    },
};

static uint32_t find_lot(struct draft *draft, const struct reader_node *node, const char *key,
                         const char *id)
{
    uint32_t lot = plan_find_lot(&draft->config.plan, id);

    if (id && lot == PLAN_NONE)
        mistake_add(draft->context.mistakes, section_place(node, key),
                    "lane: %s \"%s\" is not in lots; allowed: the id of a lot", key, id);
    return lot;
}

static unsigned take_wired(struct draft *draft, const struct reader_node *list)
{
    unsigned bits = 0;

    for (uint32_t i = 0; i < reader_size(list); i++) {
        const struct reader_node *item = reader_item(list, i);
        const char *word = reader_type(item) == READER_TEXT ? reader_text(item) : "";
        const struct option_choice *choice = wirings;

        while (choice->name && strcmp(choice->name, word) != 0)
            choice++;
        if (!choice->name)
            mistake_add(draft->context.mistakes, reader_place(item),
                        "lane: wired names \"%.40s\"; allowed: presence, closing, limits, counter",
                        word);
        bits |= (unsigned)choice->value;
    }
    return bits;
}

static void take_lane(struct draft *draft, uint32_t n, struct name_index *ids,
                      const char **ret_opposite)
{
    const struct reader_node *node = reader_item(draft->lanes, n);
    struct lane_draft from = {0};
    struct lane_plan *lane = &draft->config.plan.lanes[n];

    option_defaults(&lane_table, &from);
    option_apply(&lane_table, node, &from, &draft->context);
    *lane = from.plan;
    if (!lane->name)
        lane->name = lane->id;
    lane->direction = (enum lane_direction)from.direction;
    lane->lot = find_lot(draft, node, "lot", from.lot);
    lane->outer = find_lot(draft, node, "outer", from.outer);
    lane->wiring = take_wired(draft, from.wired);
    if (lane->camera_opens)
        lane->wiring |= LANE_CAMERA_PULSES;
    lane->classes = tariff_fields_classes(from.classes, VEHICLE_ALL, &draft->context);
    lane->barrier = PLAN_NONE;
    if (from.barrier)
        lane->wiring |= LANE_HAS_BARRIER;
    if (lane->lot == PLAN_NONE)
        lane->lot = 0; /* a mistake has been told; nothing is built from it */
    *ret_opposite = from.opposite;
    section_claim(draft, ids, node, "id", (struct name_entry){.name = lane->id, .value = n});
}

static uint32_t find_barrier(struct draft *draft, const struct reader_node *named)
{
    const struct config *config = &draft->config;
    const char *id = named && reader_type(named) == READER_TEXT ? reader_text(named) : NULL;

    for (uint32_t i = 0; id && i < config->barriers_count; i++)
        if (config->barriers[i].id && !strcmp(config->barriers[i].id, id))
            return i;
    if (id)
        mistake_add(draft->context.mistakes, reader_place(named),
                    "lane: barrier \"%s\" is not in barriers; allowed: the id of a barrier", id);
    return PLAN_NONE;
}

/* A barrier belongs to one lane: its loops count that lane's vehicles. */
static void check_alone(struct draft *draft, uint32_t n)
{
    const struct lane_plan *lanes = draft->config.plan.lanes;

    for (uint32_t i = 0; i < n; i++)
        if (lanes[n].barrier != PLAN_NONE && lanes[i].barrier == lanes[n].barrier)
            mistake_add(draft->context.mistakes,
                        section_place(reader_item(draft->lanes, n), "barrier"),
                        "lane: its barrier is that of lane \"%s\" already; allowed: each once",
                        lanes[i].id ? lanes[i].id : "");
}

void section_lanes_barriers(struct draft *draft)
{
    struct site_plan *plan = &draft->config.plan;

    for (uint32_t n = 0; n < plan->lanes_count; n++) {
        plan->lanes[n].barrier =
            find_barrier(draft, reader_member(reader_item(draft->lanes, n), "barrier"));
        check_alone(draft, n);
    }
}

static uint32_t find_opposite(struct draft *draft, const struct name_index *ids, uint32_t n,
                              const char *id)
{
    const struct name_entry *entry = id ? name_index_find(ids, id) : NULL;

    if (entry && entry->value != n)
        return entry->value;
    if (id)
        mistake_add(draft->context.mistakes,
                    section_place(reader_item(draft->lanes, n), "opposite"),
                    "lane: opposite \"%s\" is no other lane; allowed: the id of one", id);
    return PLAN_NONE;
}

void section_lanes(struct draft *draft)
{
    struct site_plan *plan = &draft->config.plan;
    struct name_index *ids = name_index_create();
    const char *opposites[LANES_MAX] = {NULL};

    plan->lanes_count = reader_size(draft->lanes);
    if (plan->lanes_count > LANES_MAX)
        plan->lanes_count = LANES_MAX; /* told by the table */
    plan->lanes = arena_new(draft->context.memory, plan->lanes_count, sizeof *plan->lanes);
    for (uint32_t n = 0; n < plan->lanes_count; n++)
        take_lane(draft, n, ids, &opposites[n]);
    for (uint32_t n = 0; n < plan->lanes_count; n++)
        plan->lanes[n].opposite = find_opposite(draft, ids, n, opposites[n]);
    name_index_destroy(ids);
}
