/* Records read back. See record_read.h. */
#include "daemon/store/record_read.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/memory.h"
#include "daemon/core/record_fields.h"

/* Sorted, so that the rows of 10,000 bays find theirs in no time. */
struct id_entry {
    const char *id;
    uint32_t index;
};

struct id_list {
    struct id_entry *entries;
    uint32_t count;
};

struct record_reader {
    struct id_list lots, zones, bays, lanes, devices;
};

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct id_entry *)a)->id, ((const struct id_entry *)b)->id);
}

/* `rows` of `size` bytes each; the id is the first member of each kind of them. */
static struct id_list sorted(const void *rows, size_t size, uint32_t count)
{
    struct id_list list = {.entries = memory_new(count ? count : 1, sizeof *list.entries),
                           .count = count};

    for (uint32_t i = 0; i < count; i++)
        list.entries[i] = (struct id_entry){
            .id = *(const char *const *)((const char *)rows + i * size), .index = i};
    qsort(list.entries, count, sizeof *list.entries, by_id);
    return list;
}

struct record_reader *record_read_create(const struct site_plan *plan)
{
    struct record_reader *reader = memory_new(1, sizeof *reader);

    reader->lots = sorted(plan->lots, sizeof *plan->lots, plan->lots_count);
    reader->zones = sorted(plan->zones, sizeof *plan->zones, plan->zones_count);
    reader->bays = sorted(plan->bays, sizeof *plan->bays, plan->bays_count);
    reader->lanes = sorted(plan->lanes, sizeof *plan->lanes, plan->lanes_count);
    reader->devices = sorted(plan->devices, sizeof *plan->devices, plan->devices_count);
    return reader;
}

void record_read_destroy(struct record_reader *reader)
{
    if (!reader)
        return;
    free(reader->devices.entries);
    free(reader->lanes.entries);
    free(reader->bays.entries);
    free(reader->zones.entries);
    free(reader->lots.entries);
    free(reader);
}

static uint32_t find(const struct id_list *list, const char *id)
{
    const struct id_entry key = {.id = id};
    const struct id_entry *found = bsearch(&key, list->entries, list->count, sizeof key, by_id);

    return found ? found->index : PLAN_NONE;
}

/* One field on its way in. */
struct reading {
    const struct record_reader *reader;
    const struct record_field *field;
    const struct json *member; /* of the field's key, NULL when it has none or is left out */
    const struct json *body;
    void *value;
    struct err *err;
};

static enum record_read broken(const struct reading *r, const char *what)
{
    err_set(r->err, "\"%s\" is %s", r->field->key, what);
    return RECORD_READ_BROKEN;
}

static enum record_read read_text(const struct reading *r)
{
    const char *text = json_text(r->member, NULL);

    if (!text)
        return broken(r, "no text");
    if (strlen(text) >= r->field->size)
        return broken(r, "longer than such a text can be");
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20)
            return broken(r, "more than one line");
    strcpy(r->value, text);
    return RECORD_READ_DONE;
}

static enum record_read read_some(const struct reading *r)
{
    return r->member ? read_text(r) : RECORD_READ_DONE;
}

static enum record_read read_int(const struct reading *r)
{
    int64_t value = json_int(r->member, 0);

    if (json_kind(r->member) != JSON_KIND_INT)
        return broken(r, "no whole number");
    memcpy(r->value, &value, sizeof value);
    return RECORD_READ_DONE;
}

static enum record_read read_amount(const struct reading *r)
{
    return r->member ? read_int(r) : RECORD_READ_DONE;
}

static enum record_read read_side(const struct reading *r)
{
    static const int64_t none = RECORD_NO_AMOUNT;

    if (r->member)
        return read_int(r);
    memcpy(r->value, &none, sizeof none);
    return RECORD_READ_DONE;
}

static enum record_read read_int32(const struct reading *r)
{
    int64_t value = json_int(r->member, 0);
    int32_t narrow = (int32_t)value;

    if (json_kind(r->member) != JSON_KIND_INT || narrow != value)
        return broken(r, "no whole number of 32 bits");
    memcpy(r->value, &narrow, sizeof narrow);
    return RECORD_READ_DONE;
}

static enum record_read read_bool(const struct reading *r)
{
    if (json_kind(r->member) != JSON_KIND_BOOL)
        return broken(r, "neither true nor false");
    *(bool *)r->value = json_bool(r->member, false);
    return RECORD_READ_DONE;
}

static enum record_read read_flag(const struct reading *r)
{
    return r->member ? read_bool(r) : RECORD_READ_DONE;
}

static enum record_read read_time(const struct reading *r)
{
    return utc_parse(json_text(r->member, ""), r->value) ? RECORD_READ_DONE : broken(r, "no time");
}

static enum record_read read_moment(const struct reading *r)
{
    return r->member ? read_time(r) : RECORD_READ_DONE;
}

static enum record_read read_step(const struct reading *r)
{
    if (strcmp(json_text(r->member, ""), "unobservable") != 0)
        return read_moment(r);
    *(utc_ms *)r->value = STEP_UNOBSERVABLE;
    return RECORD_READ_DONE;
}

/* Of the enums of the core, whose parsers leave their result where they do not know the word. */
#define READ_ENUM(name, type, parse)                                      \
    static enum record_read name(const struct reading *r)                 \
    {                                                                     \
        return parse(json_text(r->member, ""), (type *)(r->value))        \
                   ? RECORD_READ_DONE                                     \
                   : broken(r, "a word that this version does not know"); \
    }

static bool colour_parse(const char *name, enum plate_colour *ret)
{
    *ret = plate_colour_parse(name);
    return *name;
}

static bool opener_parse(const char *name, enum plate_opener *ret)
{
    for (int i = OPENER_NONE + 1; i < OPENERS; i++)
        if (!strcmp(name, plate_opener_name((enum plate_opener)i))) {
            *ret = (enum plate_opener)i;
            return true;
        }
    return false;
}

READ_ENUM(read_colour, enum plate_colour, colour_parse)
READ_ENUM(read_class, enum vehicle_class, vehicle_parse)
READ_ENUM(read_known_opener, enum plate_opener, opener_parse)
READ_ENUM(read_bay_state, enum bay_state, bay_state_parse)
READ_ENUM(read_bay_reason, enum bay_reason, bay_reason_parse)
READ_ENUM(read_bay_condition, enum bay_condition, bay_condition_parse)
READ_ENUM(read_device_state, enum device_state, device_state_parse)

static enum record_read read_opener(const struct reading *r)
{
    return r->member ? read_known_opener(r) : RECORD_READ_DONE;
}

static enum record_read read_word(const struct reading *r)
{
    int value;

    if (!words_parse(r->field->words, json_text(r->member, ""), &value))
        return broken(r, "a word that this version does not know");
    memcpy(r->value, &value, sizeof value);
    return RECORD_READ_DONE;
}

/* `needed`: the fact is of this place. */
static enum record_read read_place(const struct reading *r, const struct id_list *list,
                                   const char *key, bool needed)
{
    const char *id = json_text(json_member(r->body, key), NULL);
    uint32_t *index = r->value;

    *index = id ? find(list, id) : PLAN_NONE;
    if (id && *index == PLAN_NONE && needed) {
        err_set(r->err, "the configuration has no %s \"%s\" (any more)", key, id);
        return RECORD_READ_STRANGER;
    }
    return RECORD_READ_DONE;
}

/* The same where it may not be left out. */
static enum record_read read_subject(const struct reading *r, const struct id_list *list,
                                     const char *key)
{
    enum record_read done = read_place(r, list, key, true);

    if (done == RECORD_READ_DONE && *(uint32_t *)r->value == PLAN_NONE) {
        err_set(r->err, "it names no %s", key);
        return RECORD_READ_BROKEN;
    }
    return done;
}

static enum record_read read_lot(const struct reading *r)
{
    return read_place(r, &r->reader->lots, "lot", true);
}

static enum record_read read_zone(const struct reading *r)
{
    return read_place(r, &r->reader->zones, "zone", true);
}

static enum record_read read_stall(const struct reading *r)
{
    return read_place(r, &r->reader->bays, "bay", false);
}

static enum record_read read_way(const struct reading *r)
{
    return read_place(r, &r->reader->lanes, "lane", false);
}

static enum record_read read_bay(const struct reading *r)
{
    return read_subject(r, &r->reader->bays, "bay");
}

static enum record_read read_lane(const struct reading *r)
{
    return read_subject(r, &r->reader->lanes, "lane");
}

static enum record_read read_device(const struct reading *r)
{
    return read_subject(r, &r->reader->devices, "device");
}

static enum record_read (*const forms[])(const struct reading *r) = {
    [FIELD_TEXT] = read_text,
    [FIELD_SOME] = read_some,
    [FIELD_INT] = read_int,
    [FIELD_AMOUNT] = read_amount,
    [FIELD_SIDE] = read_side,
    [FIELD_INT32] = read_int32,
    [FIELD_BOOL] = read_bool,
    [FIELD_FLAG] = read_flag,
    [FIELD_TIME] = read_time,
    [FIELD_MOMENT] = read_moment,
    [FIELD_STEP] = read_step,
    [FIELD_WORD] = read_word,
    [FIELD_COLOUR] = read_colour,
    [FIELD_CLASS] = read_class,
    [FIELD_OPENER] = read_opener,
    [FIELD_BAY] = read_bay,
    [FIELD_STALL] = read_stall,
    [FIELD_ZONE] = read_zone,
    [FIELD_LOT] = read_lot,
    [FIELD_LANE] = read_lane,
    [FIELD_WAY] = read_way,
    [FIELD_DEVICE] = read_device,
    [FIELD_BAY_STATE] = read_bay_state,
    [FIELD_BAY_REASON] = read_bay_reason,
    [FIELD_BAY_CONDITION] = read_bay_condition,
    [FIELD_DEVICE_STATE] = read_device_state,
};

static bool read_head(const struct json *body, struct record *ret, struct err *err)
{
    const char *type = json_text(json_member(body, "type"), "");

    if (!record_kind_parse(type, &ret->kind))
        return err_set(err, "this version knows no records of kind \"%.32s\"", type);
    if (!utc_parse(json_text(json_member(body, "at"), ""), &ret->at))
        return err_set(err, "it does not say when it happened");
    ret->time_uncertain = json_member(body, "time") != NULL;
    return true;
}

static enum record_read read_body(const struct record_reader *reader, const struct json *body,
                                  struct record *ret, struct err *err)
{
    enum record_read done = RECORD_READ_DONE;

    if (!read_head(body, ret, err))
        return RECORD_READ_BROKEN;
    const struct record_fields *kind = record_fields(ret->kind);
    for (uint32_t i = 0; i < kind->count && done == RECORD_READ_DONE; i++) {
        const struct record_field *field = &kind->fields[i];

        done = forms[field->form](&(struct reading){
            .reader = reader,
            .field = field,
            .member = field->key ? json_member(body, field->key) : NULL,
            .body = body,
            .value = (char *)ret + field->offset,
            .err = err,
        });
    }
    return done;
}

enum record_read record_read(const struct record_reader *reader, const char *body, size_t size,
                             struct record *ret, struct err *err)
{
    struct record record;
    struct json *json = json_read(body, size, RECORD_BODY_MAX, err);

    if (!json)
        return RECORD_READ_BROKEN;
    memset(&record, 0, sizeof record); /* a record is compared and copied as a whole */
    enum record_read done = read_body(reader, json, &record, err);
    json_release(json);
    if (done == RECORD_READ_DONE)
        *ret = record;
    return done;
}
