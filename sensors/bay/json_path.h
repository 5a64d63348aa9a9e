/*
 * Where the values of a sensor stand in an object that somebody else has decoded: the network
 * server, a platform of an operator, the maker's own cloud. The configuration states a path per
 * value and which values mean occupied and free. Plain data; pure.
 */
#ifndef SENSORS_BAY_JSON_PATH_H
#define SENSORS_BAY_JSON_PATH_H

#include "daemon/base/json.h"
#include "sensors/report.h"

enum { JSON_MAP_VALUES = 8 };

/* Paths are "payload.parking_state", "rx[0].rssi"; NULL: the object has no such value. */
struct json_map {
    const char *name;                        /* what a sensor's `map` names it by */
    const char *state;                       /* the path of the state */
    const char *occupied[JSON_MAP_VALUES];   /* "1", "BUSY", "true"; any other value than */
    const char *free[JSON_MAP_VALUES];       /* these is refused */
    const char *identity;                    /* the sensor's id, where the topic has none */
    const char *battery_v, *battery_percent; /* numbers, or text that is a number */
    const char *temperature;                 /* °C */
    const char *signal_dbm;                  /* radio */
    const char *arrivals;                    /* cars, as the device counts them */
    const char *counter;                     /* messages, as the device counts them */
    const char *field[3], *field_base[3];    /* magnetic field and its empty-bay value */
    const char *device_ms, *platform_ms;     /* milliseconds since 1970 */
};

/* A map that comes with parkd, by name; NULL when there is none. */
const struct json_map *json_map_find(const char *name);

/* The value at `path` inside of `from`; NULL when there is none or the path is not well formed. */
const struct json *json_path_find(const struct json *from, const char *path);

/* True where `path` is well formed: names and [indices] with points between them. */
bool json_path_valid(const char *path);

#endif
