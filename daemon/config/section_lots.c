/* Lots, their zones, and the bays that zones list. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/config/bay_list.h"
#include "daemon/config/section_parking.h"
#include "daemon/config/sections.h"

enum { BAYS_MAX = 65536 };

struct lot_draft {
    struct lot_plan plan;
    struct parking_draft parking;
    const struct reader_node *zones, *counters; /* the second: section_counters() */
};

struct zone_draft {
    const char *id, *name, *bays;
    const char *classes[BAY_CLASSES]; /* bays of this class */
    enum bay_class class;             /* of the others */
    bool unsensed;
};

static const struct option_choice classes[] = {
    {"ordinary", BAY_ORDINARY},
    {"accessible", BAY_ACCESSIBLE},
    {"charging", BAY_CHARGING},
    {"reserved", BAY_RESERVED},
    {NULL, 0},
};

static const struct option_table zone_table = {
    "zone",
    (const struct option[]){
        {.key = "id",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct zone_draft, id),
         .meaning = "Unique in the site."},
        {.key = "name",
         .type = OPTION_NAME,
         OPTION_AT(struct zone_draft, name),
         .min = 1,
         .max = 100,
         .meaning = "What people read; without it the id."},
        {.key = "bays",
         .type = OPTION_TEXT,
         .required = true,
         OPTION_AT(struct zone_draft, bays),
         .min = 1,
         .max = 65535,
         .meaning = "Its bays, such as \"A-001..A-100, A-105\"; ids are unique in the site."},
        {.key = "class",
         .type = OPTION_CHOICE,
         OPTION_AT(struct zone_draft, class),
         .choices = classes,
         .meaning = "The class of all bays that the lists below do not name."},
        {.key = "accessible",
         .type = OPTION_TEXT,
         OPTION_AT(struct zone_draft, classes[BAY_ACCESSIBLE]),
         .min = 1,
         .max = 65535,
         .meaning = "Bays of this zone for drivers with a disability."},
        {.key = "charging",
         .type = OPTION_TEXT,
         OPTION_AT(struct zone_draft, classes[BAY_CHARGING]),
         .min = 1,
         .max = 65535,
         .meaning = "Bays of this zone with a charging point."},
        {.key = "reserved",
         .type = OPTION_TEXT,
         OPTION_AT(struct zone_draft, classes[BAY_RESERVED]),
         .min = 1,
         .max = 65535,
         .meaning = "Bays of this zone that are not for the public."},
        {.key = "unsensed",
         .type = OPTION_BOOL,
         OPTION_AT(struct zone_draft, unsensed),
         .meaning = "Bays without a sensor are meant so; they stay unknown."},
        {.key = NULL},
    },
};

static const struct option_choice lot_kinds[] = {
    {"off_street", false},
    {"on_street", true},
    {NULL, 0},
};

static const struct option_table location_table = {
    "location",
    (const struct option[]){
        {.key = "latitude",
         .type = OPTION_REAL,
         .required = true,
         OPTION_AT(struct lot_plan, latitude),
         .min = -90,
         .max = 90,
         .meaning = "Degrees north, WGS-84."},
        {.key = "longitude",
         .type = OPTION_REAL,
         .required = true,
         OPTION_AT(struct lot_plan, longitude),
         .min = -180,
         .max = 180,
         .meaning = "Degrees east, WGS-84."},
        {.key = NULL},
    },
};

const struct option_table lot_table = {
    "lot",
    (const struct option[]){
        {.key = "id",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct lot_draft, plan.id),
         .meaning = "Unique in the site; stands in topics and records."},
        {.key = "name",
         .type = OPTION_NAME,
         OPTION_AT(struct lot_draft, plan.name),
         .min = 1,
         .max = 100,
         .meaning = "What people read; without it the id."},
        {.key = "kind",
         .type = OPTION_CHOICE,
         OPTION_AT(struct lot_draft, plan.on_street),
         .choices = lot_kinds,
         .meaning = "A car park, or bays along a road; for platforms that tell them apart."},
        {.key = "location",
         .type = OPTION_GROUP,
         OPTION_AT(struct lot_draft, plan),
         .members = &location_table,
         .meaning = "Where the lot is, for platforms that ask for it (ngsi-v2, ngsi-ld). Maps of "
                    "AMap and Baidu give shifted degrees: convert them."},
        {.key = "rules",
         .type = OPTION_GROUP,
         OPTION_AT(struct lot_draft, plan.rules),
         .members = &rules_table,
         .meaning = "As the rules of the top level, for this lot; what it does not say is taken "
                    "from there."},
        {.key = "parking",
         .type = OPTION_GROUP,
         OPTION_AT(struct lot_draft, parking),
         .members = &parking_table,
         .meaning = "Whom the lot takes and what a stay costs."},
        {.key = "counters",
         .type = OPTION_LIST,
         OPTION_AT(struct lot_draft, counters),
         .max = 64,
         .members = &counter_table,
         .meaning = "Its ways in and out that counting sensors tell of, where there is no "
                    "barrier."},
        {.key = "zones",
         .type = OPTION_LIST,
         .required = true,
         OPTION_AT(struct lot_draft, zones),
         .min = 1,
         .max = 1000,
         .members = &zone_table,
         .meaning = "Parts of the lot that are counted on their own."},
        {.key = NULL},
    },
};

/* Where names of a list are going. */
struct listing {
    struct draft *draft;
    const struct reader_node *group;
    const char *key;
    uint32_t zone;
    enum bay_class class;
    bool unsensed;
    uint32_t lost; /* beyond BAYS_MAX */
};

static void wrong_name(const struct listing *listing, const char *name, const char *what)
{
    mistake_add(listing->draft->context.mistakes, section_place(listing->group, listing->key),
                "zone: %s: \"%s\" %s", listing->key, name, what);
}

/* Room for one more bay; false when the site is full. */
static bool room_for_bay(struct draft *draft)
{
    struct site_plan *plan = &draft->config.plan;

    if (plan->bays_count < draft->bays_room)
        return true;
    if (plan->bays_count == BAYS_MAX)
        return false;
    draft->bays_room = draft->bays_room ? 2 * draft->bays_room : 256;
    plan->bays = memory_grow(plan->bays, draft->bays_room, sizeof *plan->bays);
    draft->bays_notes = memory_grow(draft->bays_notes, draft->bays_room, sizeof *draft->bays_notes);
    return true;
}

static void add_bay(void *arg, const char *name)
{
    struct listing *listing = arg;
    struct draft *draft = listing->draft;
    struct site_plan *plan = &draft->config.plan;

    if (!name) {
        wrong_name(listing, "-", "stands for an input without a bay; allowed: bay ids");
        return;
    }
    if (!room_for_bay(draft)) {
        listing->lost++;
        return;
    }
    uint32_t n = plan->bays_count++;
    name = arena_text(draft->context.memory, name);
    plan->bays[n] = (struct bay_plan){name, listing->zone, PLAN_NONE, 0, listing->class};
    draft->bays_notes[n] = (struct draft_bay){.place = section_place(listing->group, listing->key),
                                              .unsensed = listing->unsensed};
    section_claim(draft, draft->bays, listing->group, listing->key,
                  (struct name_entry){.name = name, .value = n});
}

static void set_class(void *arg, const char *name)
{
    struct listing *listing = arg;
    struct draft *draft = listing->draft;
    const struct name_entry *entry = name ? name_index_find(draft->bays, name) : NULL;

    if (!entry || draft->config.plan.bays[entry->value].zone != listing->zone) {
        wrong_name(listing, name ? name : "-", "is no bay of this zone; allowed: some of its bays");
        return;
    }
    if (draft->bays_notes[entry->value].classed)
        wrong_name(listing, name, "has a class already; allowed: one list for a bay");
    draft->bays_notes[entry->value].classed = true;
    draft->config.plan.bays[entry->value].class = listing->class;
}

static void each(struct listing *listing, const char *list, bay_list_fn *fn)
{
    struct err err;

    if (!list || bay_list_each(list, fn, listing, &err))
        return;
    mistake_add(listing->draft->context.mistakes, section_place(listing->group, listing->key),
                "zone: %s %s; allowed: ids and ranges such as \"A-001..A-100, A-105\"",
                listing->key, err.text);
}

static void take_bays(struct draft *draft, const struct reader_node *node, uint32_t zone,
                      const struct zone_draft *from)
{
    struct listing listing = {draft, node, "bays", zone, from->class, from->unsensed, 0};

    each(&listing, from->bays, add_bay);
    if (listing.lost)
        mistake_add(draft->context.mistakes, section_place(node, "bays"),
                    "zone: bays has %u more than the site may have; allowed: %d bays", listing.lost,
                    BAYS_MAX);
    for (const struct option_choice *c = classes; c->name; c++) {
        listing.key = c->name;
        listing.class = (enum bay_class)c->value;
        each(&listing, from->classes[c->value], set_class);
    }
}

static void take_zone(struct draft *draft, const struct reader_node *node, uint32_t lot,
                      struct name_index *ids)
{
    struct site_plan *plan = &draft->config.plan;
    struct zone_draft from = {0};
    uint32_t n = plan->zones_count++;

    option_defaults(&zone_table, &from);
    option_apply(&zone_table, node, &from, &draft->context);
    plan->zones[n] = (struct zone_plan){from.id, from.name ? from.name : from.id, lot};
    section_claim(draft, ids, node, "id", (struct name_entry){.name = from.id, .value = n});
    take_bays(draft, node, n, &from);
}

static void take_lot(struct draft *draft, uint32_t n, struct name_index *lot_ids,
                     struct name_index *zone_ids)
{
    const struct reader_node *node = reader_item(draft->lots, n);
    struct lot_draft from = {0};

    option_defaults(&lot_table, &from);
    from.plan.rules = draft->rules;
    option_apply(&lot_table, node, &from, &draft->context);
    if (!from.plan.name)
        from.plan.name = from.plan.id;
    from.plan.located = reader_member(node, "location") != NULL;
    draft->config.plan.lots[n] = from.plan;
    section_claim(draft, lot_ids, node, "id",
                  (struct name_entry){.name = from.plan.id, .value = n});
    for (uint32_t i = 0; i < reader_size(from.zones); i++)
        take_zone(draft, reader_item(from.zones, i), n, zone_ids);
    parking_take(draft, node, n, &from.parking);
}

/* At most so many; a list that is refused for its length is passed over later. */
static uint32_t count_zones(const struct draft *draft)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < reader_size(draft->lots); i++)
        count += reader_size(reader_member(reader_item(draft->lots, i), "zones"));
    return count;
}

void section_lots(struct draft *draft)
{
    struct site_plan *plan = &draft->config.plan;
    struct name_index *lot_ids = name_index_create(), *zone_ids = name_index_create();

    plan->lots_count = reader_size(draft->lots);
    plan->lots = arena_new(draft->context.memory, plan->lots_count, sizeof *plan->lots);
    plan->zones = arena_new(draft->context.memory, count_zones(draft), sizeof *plan->zones);
    for (uint32_t n = 0; n < plan->lots_count; n++)
        take_lot(draft, n, lot_ids, zone_ids);
    struct bay_plan *grown = plan->bays;
    plan->bays = arena_copy(draft->context.memory, grown, plan->bays_count, sizeof *plan->bays);
    free(grown);
    name_index_destroy(zone_ids);
    name_index_destroy(lot_ids);
}

/* The bays of a zone from `first` that nothing senses although something should: how many. */
static uint32_t count_blind(const struct draft *draft, uint32_t first, uint32_t *ret_some)
{
    const struct site_plan *plan = &draft->config.plan;
    uint32_t count = 0;

    for (uint32_t i = first; i < plan->bays_count && plan->bays[i].zone == plan->bays[first].zone;
         i++) {
        if (plan->bays[i].device != PLAN_NONE || draft->bays_notes[i].unsensed)
            continue;
        if (count++ == 0)
            *ret_some = i;
    }
    return count;
}

void section_lots_sensed(struct draft *draft)
{
    const struct site_plan *plan = &draft->config.plan;
    uint32_t some = 0;

    for (uint32_t i = 0; i < plan->bays_count; i++) {
        if (i > 0 && plan->bays[i].zone == plan->bays[i - 1].zone)
            continue;
        uint32_t count = count_blind(draft, i, &some);
        if (count)
            mistake_add(draft->context.mistakes, draft->bays_notes[some].place,
                        "zone: %u of its bays have no sensor, \"%s\" first; allowed: each bay in "
                        "one device's bays, or unsensed = true in the zone",
                        count, plan->bays[some].id);
    }
}
