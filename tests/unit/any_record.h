/*
 * Records of any kind made from the table of their fields: the longest that there can be, and
 * random ones.
 */
/* long: one maker of records for each form of field */
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

static inline void any_record_long_side(void *at)
{
    static const int64_t least = INT64_MIN + 1; /* the least itself stands for none */

    memcpy(at, &least, sizeof least);
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
    case FIELD_AMOUNT:
        memcpy(at, &least, sizeof least);
        return;
    case FIELD_SIDE:
        any_record_long_side(at);
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

/* A random text of one line that fits, in part of letters that are longer than a byte. */
static inline void any_record_text(char *text, size_t size, uint64_t (*next)(void *), void *seed)
{
    static const char *const letters[] = {"a", "Z", "7", " ", "\"", "\\", "-", "皖", "é", "/"};
    size_t used = 0, length = next(seed) % size;

    text[0] = '\0';
    for (;;) {
        const char *letter = letters[next(seed) % (sizeof letters / sizeof *letters)];

        if (used + strlen(letter) > length)
            return;
        strcpy(text + used, letter);
        used += strlen(letter);
    }
}

/* A place of the plan, or where the form allows it none. */
static inline uint32_t any_record_place(const struct record_field *field,
                                        const struct site_plan *plan, uint64_t random)
{
    const bool may_miss = field->form == FIELD_STALL || field->form == FIELD_WAY ||
                          field->form == FIELD_ZONE || field->form == FIELD_LOT;
    uint32_t count = 0;

    if (field->form == FIELD_BAY || field->form == FIELD_STALL)
        count = plan->bays_count;
    else if (field->form == FIELD_ZONE)
        count = plan->zones_count;
    else if (field->form == FIELD_LOT)
        count = plan->lots_count;
    else if (field->form == FIELD_LANE || field->form == FIELD_WAY)
        count = plan->lanes_count;
    else
        count = plan->devices_count;
    if (may_miss && random % 4 == 0)
        return PLAN_NONE;
    return (uint32_t)(random / 4 % count);
}

static inline void any_record_enum(void *at, const struct record_field *field, uint64_t random)
{
    int value = 0;

    if (field->form == FIELD_WORD)
        value = (int)(random % (unsigned)field->words->count);
    else if (field->form == FIELD_COLOUR)
        value = (int)(random % PLATE_COLOURS);
    else if (field->form == FIELD_CLASS)
        value = (int)(random % VEHICLE_CLASSES);
    else if (field->form == FIELD_OPENER)
        value = (int)(random % OPENERS);
    else if (field->form == FIELD_BAY_STATE)
        value = (int)(random % BAY_STATES);
    else if (field->form == FIELD_BAY_REASON)
        value = (int)(random % BAY_REASONS);
    else if (field->form == FIELD_BAY_CONDITION)
        value = 1 << random % 3;
    else
        value = (int)(random % DEVICE_STATES);
    memcpy(at, &value, sizeof value);
}

static inline void any_record_number(void *at, const struct record_field *field, uint64_t random)
{
    bool yes = random & 1;
    int64_t ms = (int64_t)(random % 4000000000000);

    if (field->form == FIELD_STEP && random % 3 == 0)
        ms = STEP_UNOBSERVABLE.ms;
    if ((field->form == FIELD_STEP || field->form == FIELD_MOMENT) && random % 3 == 1)
        ms = 0;
    if (field->form == FIELD_BOOL || field->form == FIELD_FLAG)
        memcpy(at, &yes, sizeof yes);
    else if (field->form == FIELD_INT || field->form == FIELD_INT32 ||
             field->form == FIELD_AMOUNT || field->form == FIELD_SIDE)
        memcpy(at, &random, field->size);
    else
        memcpy(at, &ms, sizeof ms);
}

/* Any record of `kind` that there can be on the plan, all its bytes set. */
static inline void any_record(struct record *ret, enum record_kind kind,
                              const struct site_plan *plan, uint64_t (*next)(void *), void *seed)
{
    const struct record_fields *fields = record_fields(kind);

    memset(ret, 0, sizeof *ret);
    ret->kind = kind;
    ret->at.ms = (int64_t)(next(seed) % 4000000000000);
    ret->time_uncertain = next(seed) & 1;
    for (uint32_t i = 0; i < fields->count; i++) {
        const struct record_field *field = &fields->fields[i];
        void *at = (char *)ret + field->offset;

        if (field->form <= FIELD_SOME) {
            any_record_text(at, field->size, next, seed);
        } else if (field->form <= FIELD_STEP) {
            any_record_number(at, field, next(seed));
        } else if (field->form >= FIELD_BAY && field->form <= FIELD_DEVICE) {
            uint32_t place = any_record_place(field, plan, next(seed));
            memcpy(at, &place, sizeof place);
        } else {
            any_record_enum(at, field, next(seed));
        }
    }
}

#endif
