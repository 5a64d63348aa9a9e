/* Names of vehicle classes. See vehicle.h. */
#include "daemon/core/vehicle.h"

#include <string.h>

static const char *const names[VEHICLE_CLASSES] = {
    [VEHICLE_SMALL] = "small",         [VEHICLE_MEDIUM] = "medium",
    [VEHICLE_LARGE] = "large",         [VEHICLE_NEV] = "nev",
    [VEHICLE_NEV_LARGE] = "nev_large", [VEHICLE_DISABLED] = "disabled",
    [VEHICLE_DIESEL] = "diesel",       [VEHICLE_MOTORCYCLE] = "motorcycle",
    [VEHICLE_POLICE] = "police",       [VEHICLE_MILITARY] = "military",
    [VEHICLE_FIRE] = "fire",           [VEHICLE_AMBULANCE] = "ambulance",
    [VEHICLE_RESCUE] = "rescue",
};

const char *vehicle_name(enum vehicle_class class)
{
    return names[class];
}

bool vehicle_parse(const char *name, enum vehicle_class *ret)
{
    for (int class = 0; class < VEHICLE_CLASSES; class ++)
        if (strcmp(name, names[class]) == 0) {
            *ret = (enum vehicle_class) class;
            return true;
        }
    if (strcmp(name, "car") != 0)
        return false;
    *ret = VEHICLE_SMALL;
    return true;
}
