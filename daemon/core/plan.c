/* The plan's words. Pure; any thread. */
#include "daemon/core/plan.h"

#include <assert.h>

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
