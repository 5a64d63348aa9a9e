/*
 * The fields of each kind of record: key, form, and where its value lies in struct record. The one
 * table from which a record's canonical bytes are written (record.c) and read back (store's
 * record_read.c). Bytes are hashed and kept for ever: keys and order never change, a new fact gets
 * a new key at the end, left out where it says nothing. Constant.
 */
#ifndef CORE_RECORD_FIELDS_H
#define CORE_RECORD_FIELDS_H

#include "daemon/core/record.h"

enum field_form {
    FIELD_TEXT,  /* char[size]: one line, control characters become spaces */
    FIELD_SOME,  /* the same, left out when empty */
    FIELD_INT,   /* int64_t or uint64_t */
    FIELD_INT32, /* int32_t or uint32_t */
    FIELD_BOOL,
    FIELD_FLAG,   /* bool, left out when false */
    FIELD_AMOUNT, /* int64_t, left out when 0 */
    FIELD_SIDE,   /* int64_t, left out when RECORD_NO_AMOUNT */
    FIELD_TIME,   /* utc_ms */
    FIELD_MOMENT, /* utc_ms, left out when 0 */
    FIELD_STEP,   /* utc_ms: a time, "unobservable", or left out (record_lane.h) */
    FIELD_WORD,   /* enum, by `words` */
    FIELD_COLOUR, /* enum plate_colour */
    FIELD_CLASS,  /* enum vehicle_class */
    FIELD_OPENER, /* enum plate_opener, left out when none */
    FIELD_BAY,    /* index: "lot", "zone", "bay" */
    FIELD_STALL,  /* index or PLAN_NONE: "bay" alone, left out when none; "lot" stands before it */
    FIELD_ZONE,   /* index or PLAN_NONE: "zone" */
    FIELD_LOT,    /* index or PLAN_NONE: "lot" */
    FIELD_LANE,   /* index: "lot", "lane" */
    FIELD_WAY,    /* index or PLAN_NONE: "lane" alone */
    FIELD_DEVICE, /* index: "bus", "device" */
    FIELD_BAY_STATE,
    FIELD_BAY_REASON,
    FIELD_BAY_CONDITION,
    FIELD_DEVICE_STATE
};

struct record_field {
    const char *key; /* of forms that write several keys: NULL */
    enum field_form form;
    uint16_t offset, size; /* in struct record */
    const struct words *words;
};

struct record_fields {
    const char *name; /* of the kind */
    const struct record_field *fields;
    uint32_t count;
};

const struct record_fields *record_fields(enum record_kind kind);

#endif
