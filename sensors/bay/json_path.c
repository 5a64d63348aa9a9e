/*
 * Any sensor whose bytes are not public: its values are read out of a decoded object by the paths
 * of a struct json_map. Covers NB-IoT sensors behind an operator's platform and whatever a network
 * server decodes for us. Pure. See json_path.h.
 */
#include "sensors/bay/json_path.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensors/drivers.h"

/*
 * A report of the CTWing / AEP platform (LwM2M, device model P_MD of WXHS), shortened:
 *   {"timestamp":1622186044981,"IMEI":"864016059000000","messageType":"dataReport",
 *    "payload":{"parking_state":0,"battery_voltage":3.656,"ptime":1622186096000,"Park_cnt":52,
 *               "X_value":667,"X_base":733,…}}
 * The device's clock is 51 s ahead of the platform's: both are kept, the platform's is believed.
 * Source: unisoftcn/user-api forms/mag_notify.go. That 1 means occupied is this map's assumption; a
 * site where it is otherwise states its own map.
 */
static const struct json_map maps[] = {
    {.name = "ctwing/p-md",
     .state = "payload.parking_state",
     .occupied = {"1"},
     .free = {"0"},
     .identity = "IMEI",
     .battery_v = "payload.battery_voltage",
     .signal_dbm = "payload.Signal_Power",
     .arrivals = "payload.Park_cnt",
     .counter = "payload.pack_count",
     .field = {"payload.X_value", "payload.Y_value", "payload.Z_value"},
     .field_base = {"payload.X_base", "payload.Y_base", "payload.Z_base"},
     .device_ms = "payload.ptime",
     .platform_ms = "timestamp"},
    /* Fleximodo behind ChirpStack: object.parkingStatus FREE or BUSY. */
    {.name = "fleximodo/object", .state = "parkingStatus", .occupied = {"BUSY"}, .free = {"FREE"}},
};

const struct json_map *json_map_find(const char *name)
{
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        if (!strcmp(maps[i].name, name))
            return &maps[i];
    return NULL;
}

enum { PATH_NAME = 64, PATH_INDEX = 1000 };

/* One step of a path: a name, or an index in brackets. Returns what follows, NULL when it is
 * neither. */
static const char *step(const char *path, char name[PATH_NAME], size_t *ret_index)
{
    size_t length = strcspn(path, ".[");

    *ret_index = PATH_INDEX;
    if (*path == '[') {
        char *end;
        unsigned long index =
            path[1] >= '0' && path[1] <= '9' ? strtoul(path + 1, &end, 10) : PATH_INDEX;
        if (index >= PATH_INDEX || *end != ']')
            return NULL;
        *ret_index = index;
        if (end[1] != '.')
            return end[1] == '\0' || end[1] == '[' ? end + 1 : NULL;
        return end[2] && end[2] != '[' ? end + 2 : NULL;
    }
    if (!length || length >= PATH_NAME)
        return NULL;
    memcpy(name, path, length);
    name[length] = '\0';
    path += length;
    return *path == '.' ? (path[1] && path[1] != '[' ? path + 1 : NULL) : path;
}

bool json_path_valid(const char *path)
{
    char name[PATH_NAME];
    size_t index;

    if (!path || !*path)
        return false;
    while (path && *path)
        path = step(path, name, &index);
    return path != NULL;
}

const struct json *json_path_find(const struct json *from, const char *path)
{
    char name[PATH_NAME];
    size_t index;

    if (!path || !*path)
        return NULL;
    while (from && path && *path) {
        path = step(path, name, &index);
        if (path)
            from = index < PATH_INDEX ? json_item(from, index) : json_member(from, name);
    }
    return path ? from : NULL;
}

/* A number, or a text that is one. */
static bool number_of(const struct json *value, double *ret)
{
    const char *text = json_text(value, NULL);
    char *end;

    if (text && *text) {
        double number = strtod(text, &end);
        if (*end || !isfinite(number))
            return false;
        *ret = number;
        return true;
    }
    if (json_kind(value) != JSON_KIND_INT && json_kind(value) != JSON_KIND_DECIMAL)
        return false;
    *ret = json_decimal(value, 0);
    return true;
}

/* The value at `path` times `scale`, rounded, where it is a number within ±limit. */
static bool take_number(const struct json *object, const char *path, double scale, double limit,
                        double *ret)
{
    double number;

    if (!path || !number_of(json_path_find(object, path), &number))
        return false;
    number = round(number * scale);
    if (!(fabs(number) <= limit))
        return false;
    *ret = number;
    return true;
}

static bool take_i32(const struct json *object, const char *path, double scale, int32_t *ret)
{
    double number;
    bool found = take_number(object, path, scale, 1e9, &number);

    if (found)
        *ret = (int32_t)number;
    return found;
}

static bool take_time(const struct json *object, const char *path, int64_t *ret)
{
    const double year_2200_ms = 7.3e12;
    double number;
    bool found = take_number(object, path, 1, year_2200_ms, &number) && number >= 0;

    if (found)
        *ret = (int64_t)number;
    return found;
}

/* The state's value as the map writes it. */
static const char *word_of(const struct json *value, char word[32])
{
    switch (json_kind(value)) {
    case JSON_KIND_TEXT:
        return json_text(value, "");
    case JSON_KIND_BOOL:
        return json_bool(value, false) ? "true" : "false";
    case JSON_KIND_INT:
        snprintf(word, 32, "%lld", (long long)json_int(value, 0));
        return word;
    case JSON_KIND_DECIMAL:
        snprintf(word, 32, "%g", json_decimal(value, 0));
        return word;
    default:
        return NULL;
    }
}

static bool is_one_of(const char *const values[JSON_MAP_VALUES], const char *word)
{
    for (int i = 0; i < JSON_MAP_VALUES && values[i]; i++)
        if (!strcmp(values[i], word))
            return true;
    return false;
}

static enum refusal take_state(const struct sensor_frame *frame, struct report *ret)
{
    const struct json *value = json_path_find(frame->object, frame->map->state);
    char buffer[32];
    const char *word = value ? word_of(value, buffer) : NULL;

    if (!value)
        return REFUSED_NOT;
    if (!word)
        return REFUSED_KIND;
    bool occupied = is_one_of(frame->map->occupied, word);
    if (!occupied && !is_one_of(frame->map->free, word))
        return REFUSED_RANGE;
    report_state(ret, occupied);
    return REFUSED_NOT;
}

static bool take_axes(const struct json *object, const char *const paths[3], int16_t ret[3])
{
    double axes[3];

    for (int i = 0; i < 3; i++)
        if (!take_number(object, paths[i], 1, INT16_MAX, &axes[i]))
            return false;
    for (int i = 0; i < 3; i++)
        ret[i] = (int16_t)axes[i];
    return true;
}

static bool take_side_values(const struct json *object, const struct json_map *map,
                             struct report *ret)
{
    bool found = false;
    double arrivals;

    found |= take_i32(object, map->battery_v, 1000, &ret->battery_mv);
    found |= take_i32(object, map->battery_percent, 1, &ret->battery_percent);
    found |= take_i32(object, map->temperature, 10, &ret->temperature_decidegrees);
    found |= take_i32(object, map->signal_dbm, 1, &ret->signal_dbm);
    found |= take_i32(object, map->counter, 1, &ret->frame_counter);
    found |= ret->magnetic = take_axes(object, map->field, ret->field);
    found |= ret->baseline = take_axes(object, map->field_base, ret->field_base);
    take_time(object, map->device_ms, &ret->device_ms);
    take_time(object, map->platform_ms, &ret->platform_ms);
    if (take_number(object, map->arrivals, 1, 1e15, &arrivals) && arrivals >= 0) {
        ret->arrivals = (int64_t)arrivals;
        found = true;
    }
    return found;
}

static enum refusal decode(const struct sensor_frame *frame, struct report *ret)
{
    if (!frame->object || !frame->map)
        return REFUSED_KIND;
    enum refusal refused = take_state(frame, ret);
    if (refused)
        return refused;
    bool more = take_side_values(frame->object, frame->map, ret);
    if (!ret->states && !more) {
        ret->event = EVENT_UNKNOWN_FRAME_TYPE;
        return REFUSED_KIND;
    }
    ret->event = ret->states ? EVENT_TELEMETRY : EVENT_DEVICE_INFO;
    return REFUSED_NOT;
}

const struct sensor_driver json_path_driver = {
    .name = "json/path",
    .device = "any sensor that somebody else decodes",
    .revisions = {"any"},
    .decode = decode,
    .tool = "the console of its platform",
};
