/* The plan's words. Pure; any thread. */
#include "daemon/core/plan.h"

#include <assert.h>
#include <string.h>

static const char *const class_names[BAY_CLASSES] = {
    [BAY_ORDINARY] = "ordinary",
    [BAY_ACCESSIBLE] = "accessible",
    [BAY_CHARGING] = "charging",
    [BAY_RESERVED] = "reserved",
};

const char *bay_class_name(enum bay_class class)
{
    assert(class < BAY_CLASSES);
    return class_names[class];
}

uint32_t plan_lot(const struct site_plan *plan, uint32_t bay)
{
    assert(bay < plan->bays_count);
    return plan->zones[plan->bays[bay].zone].lot;
}

/* A part of a plan that has a mistake may have no id. */
static bool is(const char *its, const char *id)
{
    return its && id && strcmp(its, id) == 0;
}

uint32_t plan_find_lot(const struct site_plan *plan, const char *id)
{
    for (uint32_t i = 0; i < plan->lots_count; i++)
        if (is(plan->lots[i].id, id))
            return i;
    return PLAN_NONE;
}

uint32_t plan_find_lane(const struct site_plan *plan, const char *id)
{
    for (uint32_t i = 0; i < plan->lanes_count; i++)
        if (is(plan->lanes[i].id, id))
            return i;
    return PLAN_NONE;
}

uint32_t plan_find_bay(const struct site_plan *plan, const char *id)
{
    for (uint32_t i = 0; i < plan->bays_count; i++)
        if (is(plan->bays[i].id, id))
            return i;
    return PLAN_NONE;
}
