/* Whom a lot takes, for how much: the group `parking` of a lot, and the tariffs that lots name. */
#include "daemon/config/section_parking.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/zone.h"
#include "daemon/config/tariff_fields.h"
#include "daemon/config/tariff_library.h"

enum { MINUTE_S = 60, DAY_MIN = 1440 };

#define EXEMPT                                                                                 \
    (VEHICLE_BIT(VEHICLE_POLICE) | VEHICLE_BIT(VEHICLE_MILITARY) | VEHICLE_BIT(VEHICLE_FIRE) | \
     VEHICLE_BIT(VEHICLE_AMBULANCE) | VEHICLE_BIT(VEHICLE_RESCUE))

struct hours_draft {
    const struct reader_node *classes, *days;
    const char *from, *to, *zone;
    uint32_t bays;
    int32_t closing_min;
};

static const struct option_choice sources[] = {
    {"none", STAYS_NONE},
    {"lanes", STAYS_FROM_LANES},
    {"bays", STAYS_FROM_BAYS},
    {NULL, 0},
};
static const struct option_choice passbacks[] = {
    {"off", PASSBACK_OFF},
    {"soft", PASSBACK_SOFT},
    {"hard", PASSBACK_HARD},
    {NULL, 0},
};
static const struct option_choice no_entries[] = {
    {"ask", NO_ENTRY_ASK},
    {"let_out", NO_ENTRY_LET_OUT},
    {"last", NO_ENTRY_LAST},
    {NULL, 0},
};

#define HOURS_ROWS                                                                             \
    {.key = "days",                                                                            \
     .type = OPTION_LIST,                                                                      \
     OPTION_AT(struct hours_draft, days),                                                      \
     .max = 10,                                                                                \
     .meaning = "mon … sun, work, weekend, holiday; without it every day."},                   \
        {.key = "from",                                                                        \
         .type = OPTION_TEXT,                                                                  \
         .required = true,                                                                     \
         OPTION_AT(struct hours_draft, from),                                                  \
         .min = 5,                                                                             \
         .max = 5,                                                                             \
         .meaning = "hh:mm in the site's zone."},                                              \
    {                                                                                          \
        .key = "to", .type = OPTION_TEXT, .required = true, OPTION_AT(struct hours_draft, to), \
        .min = 5, .max = 5, .meaning = "hh:mm; before `from` it is on the next morning."       \
    }

static const struct option_table window_table = {
    "window",
    (const struct option[]){
        {.key = "classes",
         .type = OPTION_LIST,
         OPTION_AT(struct hours_draft, classes),
         .max = VEHICLE_CLASSES,
         .meaning = "Classes of vehicles that may come in then; without it all."},
        HOURS_ROWS,
        {.key = NULL},
    },
};

static const struct option_table sharing_table = {
    "sharing",
    (const struct option[]){
        {.key = "zone",
         .type = OPTION_ID,
         OPTION_AT(struct hours_draft, zone),
         .meaning = "The zone whose bays are shared; without it the lot's."},
        {.key = "bays",
         .type = OPTION_WHOLE,
         .required = true,
         OPTION_AT(struct hours_draft, bays),
         .min = 1,
         .max = 65536,
         .meaning = "Bays that are promised to the public in these hours."},
        {.key = "closing_minutes",
         .type = OPTION_WHOLE,
         OPTION_AT(struct hours_draft, closing_min),
         .max = 720,
         .otherwise = 30,
         .meaning = "No new car in the last minutes before the end."},
        HOURS_ROWS,
        {.key = NULL},
    },
};

const struct option_table parking_table = {
    "parking",
    (const struct option[]){
        {.key = "stays",
         .type = OPTION_CHOICE,
         OPTION_AT(struct parking_draft, stays),
         .choices = sources,
         .meaning = "Where stays come from: the lanes of a closed lot, or the bays of a road "
                    "section; none: only vacancy is kept."},
        {.key = "tariff",
         .type = OPTION_ID,
         OPTION_AT(struct parking_draft, policy.tariff_id),
         .meaning = "What a stay costs: a file of the folder `tariffs`; without it nothing."},
        {.key = "spaces",
         .type = OPTION_WHOLE,
         OPTION_AT(struct parking_draft, policy.spaces),
         .max = 65536,
         .meaning = "Vehicles inside at most; 0: as many as its bays in service."},
        {.key = "refuse_when_full",
         .type = OPTION_LIST,
         OPTION_AT(struct parking_draft, refuse_when_full),
         .max = VEHICLE_CLASSES,
         .meaning = "Classes of vehicles that a full lot refuses; without it all, [] none. Passes "
                    "and exempt vehicles come in all the same."},
        {.key = "exempt",
         .type = OPTION_LIST,
         OPTION_AT(struct parking_draft, exempt),
         .max = VEHICLE_CLASSES,
         .meaning = "Classes that always pass and never pay; without it police, military, fire, "
                    "ambulance and rescue."},
        {.key = "passback",
         .type = OPTION_CHOICE,
         OPTION_AT(struct parking_draft, passback),
         .choices = passbacks,
         .otherwise = PASSBACK_SOFT,
         .meaning = "A plate that comes in and is inside already: let in, let in and recorded "
                    "(soft), refused (hard)."},
        {.key = "no_entry",
         .type = OPTION_CHOICE,
         OPTION_AT(struct parking_draft, no_entry),
         .choices = no_entries,
         .meaning = "A plate at the exit that no stay is known of: ask a person, let it out, or "
                    "go on with its last stay."},
        {.key = "reopen_s",
         .type = OPTION_WHOLE,
         OPTION_AT(struct parking_draft, policy.reopen_ms),
         .max = 3600,
         .scale = 1000,
         .otherwise = 300,
         .meaning = "The same plate again at the same lane so soon: the boom opens, nothing is "
                    "counted as a new stay."},
        {.key = "leave_s",
         .type = OPTION_WHOLE,
         OPTION_AT(struct parking_draft, policy.leave_ms),
         .max = 7200,
         .scale = 1000,
         .otherwise = 900,
         .meaning = "Time to leave after a payment."},
        {.key = "same_side_s",
         .type = OPTION_WHOLE,
         OPTION_AT(struct parking_draft, policy.same_side_ms),
         .max = 600,
         .scale = 1000,
         .meaning = "A plate read so shortly before at a lane of the other direction is that "
                    "lane's car; 0: never."},
        {.key = "plate_distance",
         .type = OPTION_WHOLE,
         OPTION_AT(struct parking_draft, policy.plate_distance),
         .max = 30,
         .otherwise = 4,
         .meaning = "At an exit a stay whose plate is at most so far from the one read is its own, "
                    "in tenths of a character; letters that cameras confuse are 2. 0: exactly."},
        {.key = "block_arrears",
         .type = OPTION_BOOL,
         OPTION_AT(struct parking_draft, policy.block_arrears),
         .meaning = "A plate that owes waits for a person."},
        {.key = "pay_at_exit",
         .type = OPTION_BOOL,
         OPTION_AT(struct parking_draft, policy.pay_at_exit),
         .otherwise = true,
         .meaning = "The boom waits for the payment; else the car leaves and owes."},
        {.key = "bay_settle_s",
         .type = OPTION_WHOLE,
         OPTION_AT(struct parking_draft, policy.bay_settle_ms),
         .max = 3600,
         .scale = 1000,
         .otherwise = 60,
         .meaning = "Stays from bays: a bay that is occupied for less is no stay."},
        {.key = "adjust_limit",
         .type = OPTION_WHOLE,
         OPTION_AT(struct parking_draft, policy.adjust_limit),
         .max = 1000,
         .otherwise = 10,
         .meaning = "Drift of the count of vehicles that is booked without asking a person."},
        {.key = "windows",
         .type = OPTION_LIST,
         OPTION_AT(struct parking_draft, windows),
         .max = LOT_HOURS,
         .members = &window_table,
         .meaning = "Hours in which classes of vehicles may come in; without it always."},
        {.key = "sharing",
         .type = OPTION_LIST,
         OPTION_AT(struct parking_draft, sharing),
         .max = LOT_SHARED,
         .members = &sharing_table,
         .meaning = "Off-peak sharing: hours in which an institution's bays are public."},
        {.key = NULL},
    },
};

static void take_hours(struct draft *draft, const struct reader_node *node,
                       const struct hours_draft *from, struct lot_hours *ret)
{
    const struct option_context *context = &draft->context;
    uint32_t days = from->days ? tariff_fields_days(from->days, context) : TARIFF_DAYS_ALL;

    ret->days = (uint8_t)days; /* the same bits; a working day put in for a holiday is a Monday */
    ret->from_min = tariff_fields_time(from->from, 0, node, context) / MINUTE_S;
    ret->to_min = tariff_fields_time(from->to, 0, node, context) / MINUTE_S;
    if (ret->to_min <= ret->from_min)
        ret->to_min += DAY_MIN;
}

static uint32_t find_zone(struct draft *draft, const struct reader_node *node, uint32_t lot,
                          const char *id)
{
    const struct site_plan *plan = &draft->config.plan;

    for (uint32_t z = 0; id && z < plan->zones_count; z++)
        if (plan->zones[z].lot == lot && plan->zones[z].id && !strcmp(plan->zones[z].id, id))
            return z;
    if (id)
        mistake_add(draft->context.mistakes, section_place(node, "zone"),
                    "sharing: zone \"%s\" is none of this lot; allowed: one of its zones", id);
    return PLAN_NONE;
}

static void take_windows(struct draft *draft, const struct parking_draft *from,
                         struct lot_policy *ret)
{
    for (uint32_t i = 0; i < reader_size(from->windows) && i < LOT_HOURS; i++) {
        const struct reader_node *node = reader_item(from->windows, i);
        struct hours_draft hours = {0};

        option_defaults(&window_table, &hours);
        option_apply(&window_table, node, &hours, &draft->context);
        ret->windows[i].classes =
            tariff_fields_classes(hours.classes, VEHICLE_ALL, &draft->context);
        take_hours(draft, node, &hours, &ret->windows[i].hours);
        ret->windows_count = i + 1;
    }
}

static void take_sharing(struct draft *draft, const struct parking_draft *from, uint32_t lot,
                         struct lot_policy *ret)
{
    for (uint32_t i = 0; i < reader_size(from->sharing) && i < LOT_SHARED; i++) {
        const struct reader_node *node = reader_item(from->sharing, i);
        struct hours_draft hours = {0};

        option_defaults(&sharing_table, &hours);
        option_apply(&sharing_table, node, &hours, &draft->context);
        ret->sharing[i].zone = find_zone(draft, node, lot, hours.zone);
        ret->sharing[i].bays = hours.bays;
        ret->sharing[i].closing_min = hours.closing_min;
        take_hours(draft, node, &hours, &ret->sharing[i].hours);
        ret->sharing_count = i + 1;
    }
}

void parking_take(struct draft *draft, const struct reader_node *group, uint32_t lot,
                  const struct parking_draft *from)
{
    struct lot_policy *ret = &draft->config.plan.lots[lot].policy;
    const struct option_context *context = &draft->context;

    *ret = from->policy;
    ret->stays = (enum stay_source)from->stays;
    ret->passback = (enum passback)from->passback;
    ret->no_entry = (enum no_entry)from->no_entry;
    ret->refuse_when_full = tariff_fields_classes(from->refuse_when_full, VEHICLE_ALL, context);
    ret->exempt = tariff_fields_classes(from->exempt, EXEMPT, context);
    take_windows(draft, from, ret);
    take_sharing(draft, from, lot, ret);
    if (ret->tariff_id && ret->stays == STAYS_NONE)
        mistake_add(context->mistakes, section_place(reader_member(group, "parking"), "tariff"),
                    "parking: tariff without stays; allowed: with stays = \"lanes\" or \"bays\"");
}

/* "tariffs" beside the file that says so, or the full path. */
static char *beside(struct draft *draft, const char *key, const char *path)
{
    const struct reader_node *said = reader_member(draft->root, key);
    const char *file = reader_file(said ? said : draft->root);
    const char *slash = strrchr(file, '/');
    int folder = slash ? (int)(slash - file + 1) : 0;
    char whole[512];

    snprintf(whole, sizeof whole, "%.*s%s", path[0] == '/' ? 0 : folder, file, path);
    return (char *)arena_text(draft->context.memory, whole);
}

static void open_tariff(struct draft *draft, uint32_t lot)
{
    struct lot_policy *policy = &draft->config.plan.lots[lot].policy;
    const struct reader_node *group = reader_member(reader_item(draft->lots, lot), "parking");
    struct err err;

    policy->tariff = tariff_library_book(draft->config.tariffs, policy->tariff_id, &err);
    if (!policy->tariff)
        mistake_add(draft->context.mistakes, section_place(group, "tariff"), "parking: tariff: %s",
                    err.text);
    else if (!draft->config.plan.calendar)
        draft->config.plan.calendar = policy->tariff->calendar;
}

void parking_tariffs(struct draft *draft)
{
    struct site_plan *plan = &draft->config.plan;
    struct err err;

    if (plan->zone)
        draft->config.zone = zone_open(ZONE_FOLDER, plan->zone, &err);
    if (draft->config.zone)
        plan->civil = zone_civil(draft->config.zone);
    draft->config.tariffs = tariff_library_create(beside(draft, "tariffs", draft->tariffs),
                                                  beside(draft, "calendars", draft->calendars));
    for (uint32_t lot = 0; lot < plan->lots_count; lot++)
        if (plan->lots[lot].policy.tariff_id)
            open_tariff(draft, lot);
}
