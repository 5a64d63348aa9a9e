/* Counting sensors of lots without barriers: each counter is a lane that nothing but them tells of.
 */
#include <string.h>

#include "daemon/config/section_parking.h"

struct counter_draft {
    const char *id, *name, *front, *back;
    int32_t direction;
};

static const struct option_choice ways[] = {
    {"in", COUNTER_IN}, {"out", COUNTER_OUT}, {"both", COUNTER_BOTH}, {NULL, 0}};

const struct option_table counter_table = {
    "counter",
    (const struct option[]){
        {.key = "id",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct counter_draft, id),
         .meaning = "Unique in the site, among lanes too; stands in records of passages."},
        {.key = "name",
         .type = OPTION_NAME,
         OPTION_AT(struct counter_draft, name),
         .min = 1,
         .max = 100,
         .meaning = "What people read; without it the id."},
        {.key = "front",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct counter_draft, front),
         .meaning = "The counting sensor, one of a network's that has no bay; of a pair the one "
                    "outside."},
        {.key = "back",
         .type = OPTION_ID,
         OPTION_AT(struct counter_draft, back),
         .meaning = "Of a pair the one inside."},
        {.key = "direction",
         .type = OPTION_CHOICE,
         OPTION_AT(struct counter_draft, direction),
         .choices = ways,
         .meaning = "Which way the vehicles go. both: a pair tells it by which of the two counts "
                    "first."},
        {.key = NULL},
    },
};

/* The sensor of a network with this id and no bay; it counts for nobody else then. */
static uint32_t take_sensor(struct draft *draft, const struct reader_node *node, const char *key,
                            const char *id)
{
    const struct config *config = &draft->config;

    for (uint32_t n = 0; id && n < config->networks_count; n++)
        for (uint32_t i = 0; i < config->networks[n].sensors_count; i++) {
            struct network_sensor *sensor = &config->networks[n].sensors[i];
            const char *its_id = config->plan.devices[sensor->device].id;
            if (!its_id || strcmp(its_id, id) != 0 || sensor->bay != PLAN_NONE || sensor->counts)
                continue;
            sensor->counts = true;
            return sensor->device;
        }
    if (id)
        mistake_add(draft->context.mistakes, section_place(node, key),
                    "counter: %s \"%s\" is no sensor that counts for it; allowed: a network's "
                    "sensor without a bay, once",
                    key, id);
    return PLAN_NONE;
}

static void take_counter(struct draft *draft, const struct reader_node *node, uint32_t lot)
{
    struct site_plan *plan = &draft->config.plan;
    struct counter_config *counter = &draft->config.counters[draft->config.counters_count++];
    struct lane_plan *lane = &plan->lanes[plan->lanes_count];
    struct counter_draft from = {.id = NULL};

    option_defaults(&counter_table, &from);
    option_apply(&counter_table, node, &from, &draft->context);
    counter->lane = plan->lanes_count;
    counter->way = (enum counter_way)from.direction;
    counter->front = take_sensor(draft, node, "front", from.front);
    counter->back = take_sensor(draft, node, "back", from.back);
    if (counter->way == COUNTER_BOTH && !from.back)
        mistake_add(draft->context.mistakes, section_place(node, "direction"),
                    "counter: direction \"both\" needs a back; allowed: in, out");
    for (uint32_t i = 0; from.id && i < plan->lanes_count; i++)
        if (plan->lanes[i].id && !strcmp(plan->lanes[i].id, from.id))
            mistake_add(draft->context.mistakes, section_place(node, "id"),
                        "counter: id \"%s\" is a lane's or counter's already; allowed: each once",
                        from.id);
    *lane = (struct lane_plan){.id = from.id,
                               .name = from.name ? from.name : from.id,
                               .lot = lot,
                               .outer = PLAN_NONE,
                               .opposite = PLAN_NONE,
                               .direction = counter->way == COUNTER_OUT ? LANE_OUT : LANE_IN,
                               .times = lane_times_usual,
                               .classes = VEHICLE_ALL};
    plan->lanes_count++;
}

static const struct reader_node *counters_of(const struct draft *draft, uint32_t lot)
{
    return reader_member(reader_item(draft->lots, lot), "counters");
}

/* A sensor senses a bay or counts. */
static void check_sensors(struct draft *draft)
{
    const struct config *config = &draft->config;

    for (uint32_t n = 0; n < config->networks_count; n++)
        for (uint32_t i = 0; i < config->networks[n].sensors_count; i++) {
            const struct network_sensor *sensor = &config->networks[n].sensors[i];
            const struct reader_node *node =
                reader_item(reader_member(reader_item(draft->networks, n), "sensors"), i);
            if (sensor->bay == PLAN_NONE && !sensor->counts && !reader_member(node, "bay"))
                mistake_add(draft->context.mistakes, reader_place(node),
                            "sensor: bay is missing; allowed: without one only the front or back "
                            "of a counter");
        }
}

void section_counters(struct draft *draft)
{
    struct site_plan *plan = &draft->config.plan;
    uint32_t count = 0;

    for (uint32_t lot = 0; lot < reader_size(draft->lots); lot++)
        count += reader_size(counters_of(draft, lot));
    struct lane_plan *lanes =
        arena_new(draft->context.memory, plan->lanes_count + count, sizeof *lanes);
    if (plan->lanes_count)
        memcpy(lanes, plan->lanes, plan->lanes_count * sizeof *lanes);
    plan->lanes = lanes;
    draft->config.counters =
        arena_new(draft->context.memory, count, sizeof *draft->config.counters);
    for (uint32_t lot = 0; lot < reader_size(draft->lots); lot++)
        for (uint32_t i = 0; i < reader_size(counters_of(draft, lot)); i++)
            take_counter(draft, reader_item(counters_of(draft, lot), i), lot);
    check_sensors(draft);
}
