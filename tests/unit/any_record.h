/*
 * Records of any kind made from the table of their fields: the longest that there can be, and
 * random ones.
 */
#ifndef UNIT_ANY_RECORD_H
#define UNIT_ANY_RECORD_H

#include <string.h>

#include "daemon/core/record_fields.h"

/* A text that fills its place with `byte`. */
static inline void any_record_fill(char *text, size_t size, int byte)
{
    memset(text, byte, size - 1);
    text[size - 1] = '\0';
}

/* The index of the longest name among an enum's values from 0 to `count`. */
static inline int any_record_widest(const char *(*name)(int value), int count)
{
    int widest = 0;

    for (int i = 1; i < count; i++)
        if (strlen(name(i)) > strlen(name(widest)))
            widest = i;
    return widest;
}

static inline const char *any_record_colour(int value)
{
    return plate_colour_name((enum plate_colour)value);
}

static inline const char *any_record_class(int value)
{
    return vehicle_name((enum vehicle_class)value);
}

static inline int any_record_widest_word(const struct words *words)
{
    int widest = 0;

    for (int i = 1; i < words->count; i++)
        if (strlen(words->names[i]) > strlen(words->names[widest]))
            widest = i;
    return widest;
}

/* An enum's value whose name is as long as any; places are the first of the plan (all zeroes). */
static inline int any_record_long_value(const struct record_field *field)
{
    switch (field->form) {
    case FIELD_WORD:
        return any_record_widest_word(field->words);
    case FIELD_COLOUR:
        return any_record_widest(any_record_colour, PLATE_COLOURS);
    case FIELD_CLASS:
        return any_record_widest(any_record_class, VEHICLE_CLASSES);
    case FIELD_OPENER:
        return OPENER_OFFLINE_WHITELIST;
    case FIELD_BAY_STATE:
        return BAY_OUT_OF_SERVICE;
    case FIELD_BAY_REASON:
        return BAY_BY_SUSPICION;
    case FIELD_BAY_CONDITION:
        return BAY_STUCK_OCCUPIED;
    case FIELD_DEVICE_STATE:
        return DEVICE_OFFLINE;
    default:
        return 0;
    }
}

static inline void any_record_long_field(void *at, const struct record_field *field, int byte)
{
    static const int64_t least = INT64_MIN;
    static const int32_t least32 = INT32_MIN;
    static const utc_ms when = {1795316526123};
    static const bool yes = true;
    int value = any_record_long_value(field);

    switch (field->form) {
    case FIELD_TEXT:
    case FIELD_SOME:
        any_record_fill(at, field->size, byte);
        return;
    case FIELD_INT:
        memcpy(at, &least, sizeof least);
        return;
    case FIELD_INT32:
        memcpy(at, &least32, sizeof least32);
        return;
    case FIELD_BOOL:
    case FIELD_FLAG:
        memcpy(at, &yes, sizeof yes);
        return;
    case FIELD_TIME:
    case FIELD_MOMENT:
    case FIELD_STEP:
        memcpy(at, &when, sizeof when);
        return;
    default:
        memcpy(at, &value, sizeof value);
    }
}

static inline void any_record_longest(struct record *ret, enum record_kind kind, int byte)
{
    const struct record_fields *fields = record_fields(kind);

    memset(ret, 0, sizeof *ret);
    ret->kind = kind;
    ret->at = (utc_ms){1795316526123};
    ret->time_uncertain = true;
    for (uint32_t i = 0; i < fields->count; i++)
        any_record_long_field((char *)ret + fields->fields[i].offset, &fields->fields[i], byte);
}

#endif
