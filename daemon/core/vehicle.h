/* Classes of vehicles, as tariffs tell them apart. Constant. */
#ifndef CORE_VEHICLE_H
#define CORE_VEHICLE_H

#include <stdbool.h>
#include <stdint.h>

enum vehicle_class {
    VEHICLE_SMALL, /* blue plate; where a tariff says nothing else, any car */
    VEHICLE_MEDIUM,
    VEHICLE_LARGE,     /* yellow plate */
    VEHICLE_NEV,       /* green plate: new energy */
    VEHICLE_NEV_LARGE, /* yellow-green plate */
    VEHICLE_DISABLED,  /* driver with a disability */
    VEHICLE_DIESEL,
    VEHICLE_MOTORCYCLE,
    VEHICLE_POLICE,
    VEHICLE_MILITARY,
    VEHICLE_FIRE,
    VEHICLE_AMBULANCE,
    VEHICLE_RESCUE,
    VEHICLE_CLASSES
};

/* Sets of classes are bits. */
#define VEHICLE_BIT(class) (UINT32_C(1) << (class))
#define VEHICLE_ALL (VEHICLE_BIT(VEHICLE_CLASSES) - 1)

const char *vehicle_name(enum vehicle_class class); /* "small", "nev_large" */

/* A class's name, or "car" for a small one; false, with `ret` untouched, for another word. */
bool vehicle_parse(const char *name, enum vehicle_class *ret);

#endif
