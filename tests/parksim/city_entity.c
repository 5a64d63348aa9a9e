/*
 * Tables of attributes, one a type, after the JSON schemas of smart-data-models/dataModel.Parking.
 */
#include "tests/parksim/city_entity.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum shape { TEXT, COUNT, SHARE, TIME, WORDS, POINT, REFERENCE, REFERENCES };

struct attribute {
    const char *name;
    enum shape shape;
    bool optional;
    const char *allowed; /* TEXT and WORDS: " one two "; NULL: any */
};

static const char lot_words[] =
    " open closed closedAbnormal full almostFull fullAtEntrance spacesAvailable ";

static const struct attribute off_street[] = {
    {"name", TEXT, true, NULL},
    {"parkingSiteId", TEXT, true, NULL},
    {"location", POINT, false, NULL},
    {"totalSpotNumber", COUNT, false, NULL},
    {"availableSpotNumber", COUNT, false, NULL},
    {"occupiedSpotNumber", COUNT, false, NULL},
    {"extraSpotNumber", COUNT, true, NULL},
    {"outOfServiceSlotNumber", COUNT, true, NULL},
    {"occupancy", SHARE, true, NULL},
    {"status", WORDS, false, lot_words},
    {"occupancyModified", TIME, true, NULL},
    {"observationDateTime", TIME, true, NULL},
    {"occupancyDetectionType", WORDS, true,
     " balancing manual modelBased none singleSpaceDetection "},
    {NULL, TEXT, false, NULL},
};

static const struct attribute on_street[] = {
    {"name", TEXT, true, NULL},
    {"parkingSiteId", TEXT, true, NULL},
    {"location", POINT, false, NULL},
    {"totalSpotNumber", COUNT, false, NULL},
    {"availableSpotNumber", COUNT, false, NULL},
    {"occupiedSpotNumber", COUNT, true, NULL},
    {"extraSpotNumber", COUNT, true, NULL},
    {"outOfServiceSlotNumber", COUNT, true, NULL},
    {"occupancyModified", TIME, true, NULL},
    {"observationDateTime", TIME, true, NULL},
    {"occupancyDetectionType", WORDS, true,
     " balancing manual modelBased none singleSpaceDetection "},
    {NULL, TEXT, false, NULL},
};

static const struct attribute spot[] = {
    {"name", TEXT, true, NULL},
    {"location", POINT, false, NULL},
    {"status", TEXT, false, " free occupied closed unknown "},
    {"category", WORDS, false, " onStreet offStreet "},
    {"refParkingSite", REFERENCE, false, NULL},
    {"refDevice", REFERENCES, true, NULL},
    {NULL, TEXT, false, NULL},
};

static const struct {
    const char *type;
    const struct attribute *attributes;
} types[] = {
    {"OffStreetParking", off_street}, {"OnStreetParking", on_street}, {"ParkingSpot", spot}};

/* ---- values ---- */

static bool is_allowed(const json_t *value, const char *allowed)
{
    char word[64];
    const char *text = json_string_value(value);
    if (!text || !*text)
        return false;
    snprintf(word, sizeof word, " %.60s ", text);
    return !allowed || strstr(allowed, word);
}

static bool is_id(const json_t *value)
{
    const char *text = json_string_value(value);
    return text && strncmp(text, "urn:ngsi-ld:", 12) == 0 && strlen(text) <= 256 &&
           !strpbrk(text, " \t<>\"'=;()&#?/");
}

/* RFC 3339 in UTC. */
static bool is_time(const json_t *value)
{
    static const char form[] = "0000-00-00T00:00:00";
    const char *text = json_string_value(value);
    size_t i = 0;
    for (; text && form[i]; i++)
        if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
    return text && text[strlen(text) - 1] == 'Z' &&
           strspn(text + i, ".0123456789") + 1 == strlen(text + i);
}

/* [longitude, latitude]; a latitude beyond 90 shows that they were swapped. */
static bool is_point(const json_t *value)
{
    const json_t *at = json_object_get(value, "coordinates");
    const char *type = json_string_value(json_object_get(value, "type"));
    double east = json_number_value(json_array_get(at, 0));
    double north = json_number_value(json_array_get(at, 1));
    return type && strcmp(type, "Point") == 0 && json_array_size(at) == 2 && east >= -180 &&
           east <= 180 && north >= -90 && north <= 90 && (east != 0 || north != 0);
}

static bool all(const json_t *list, enum shape shape, const char *allowed)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item) if (shape == REFERENCES
                                              ? !is_id(item)
                                              : !is_allowed(item, allowed)) return false;
    return json_array_size(list) > 0;
}

static bool is_of(const json_t *value, const struct attribute *attribute)
{
    switch (attribute->shape) {
    case TEXT:
        return is_allowed(value, attribute->allowed);
    case COUNT:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case SHARE:
        return json_is_number(value) && json_number_value(value) >= 0 &&
               json_number_value(value) <= 1;
    case TIME:
        return is_time(value);
    case POINT:
        return is_point(value);
    case REFERENCE:
        return is_id(value);
    case WORDS:
    case REFERENCES:
        return all(value, attribute->shape, attribute->allowed);
    }
    return false;
}

/* ---- wrapping ---- */

static bool is_type(const json_t *wrapped, const char *type)
{
    const char *given = json_string_value(json_object_get(wrapped, "type"));
    return given && strcmp(given, type) == 0;
}

static const json_t *unwrap_ld(const json_t *wrapped, enum shape shape)
{
    const json_t *observed = json_object_get(wrapped, "observedAt");
    if (observed && !is_time(observed))
        return NULL;
    if (shape == REFERENCE || shape == REFERENCES)
        return is_type(wrapped, "Relationship") ? json_object_get(wrapped, "object") : NULL;
    return is_type(wrapped, shape == POINT ? "GeoProperty" : "Property")
               ? json_object_get(wrapped, "value")
               : NULL;
}

static const json_t *unwrap_v2(const json_t *wrapped, enum shape shape)
{
    if (!json_is_string(json_object_get(wrapped, "type")) ||
        is_type(wrapped, "geo:json") != (shape == POINT) ||
        is_type(wrapped, "DateTime") != (shape == TIME) ||
        is_type(wrapped, "Number") != (shape == COUNT || shape == SHARE))
        return NULL;
    return json_object_get(wrapped, "value");
}

static const json_t *unwrap(const json_t *wrapped, enum shape shape, bool is_ld)
{
    return is_ld ? unwrap_ld(wrapped, shape) : unwrap_v2(wrapped, shape);
}

/* ---- entities ---- */

static const struct attribute *attributes_of(const json_t *entity)
{
    const char *type = json_string_value(json_object_get(entity, "type"));
    for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, type) == 0)
            return types[i].attributes;
    return NULL;
}

static const char *unknown_key(const json_t *entity, const struct attribute *attributes)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)entity, key, value)
    {
        const struct attribute *a = attributes;
        while (a->name && strcmp(a->name, key) != 0)
            a++;
        if (!a->name && strcmp(key, "id") != 0 && strcmp(key, "type") != 0)
            return key;
    }
    return NULL;
}

static json_int_t count(const json_t *entity, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(entity, name), "value"));
}

static bool adds_up(const json_t *entity)
{
    return count(entity, "availableSpotNumber") + count(entity, "occupiedSpotNumber") +
                   count(entity, "outOfServiceSlotNumber") <=
               count(entity, "totalSpotNumber") &&
           count(entity, "extraSpotNumber") <= count(entity, "availableSpotNumber");
}

bool city_entity_check(const json_t *entity, bool is_ld, char what[ENTITY_WHAT])
{
    const struct attribute *attributes = attributes_of(entity);
    snprintf(what, ENTITY_WHAT, "id or type is none of ours");
    if (!attributes || !is_id(json_object_get(entity, "id")))
        return false;
    const char *unknown = unknown_key(entity, attributes);
    snprintf(what, ENTITY_WHAT, "attribute %.60s is not known", unknown ? unknown : "");
    if (unknown)
        return false;
    for (const struct attribute *a = attributes; a->name; a++) {
        const json_t *wrapped = json_object_get(entity, a->name);
        snprintf(what, ENTITY_WHAT, "attribute %s is missing or wrong", a->name);
        if (wrapped ? !is_of(unwrap(wrapped, a->shape, is_ld), a) : !a->optional)
            return false;
    }
    snprintf(what, ENTITY_WHAT, "the counts do not add up");
    return adds_up(entity);
}

const char *city_entity_observed(const json_t *entity, bool is_ld)
{
    const char *key, *newest = "";
    json_t *wrapped;
    json_object_foreach((json_t *)entity, key, wrapped)
    {
        const json_t *instant =
            json_object_get(json_object_get(wrapped, "metadata"), "TimeInstant");
        const json_t *at =
            is_ld ? json_object_get(wrapped, "observedAt") : json_object_get(instant, "value");
        const char *text = json_string_value(at);
        if (text && strcmp(text, newest) > 0)
            newest = text;
    }
    return newest;
}
