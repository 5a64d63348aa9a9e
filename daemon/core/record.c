/*
 * The canonical bytes of a record, written from the fields of its kind (record_kinds.c). These
 * bytes are hashed and kept for ever, so a form never writes otherwise than it does.
 */
#include "daemon/core/record.h"

#include <assert.h>
#include <string.h>

#include "daemon/core/record_fields.h"

/* One field on its way out. */
struct writing {
    const struct record_field *field;
    const void *value;
    const struct site_plan *plan;
    struct text *out;
};

/* A free text as one line. Besides being readable this bounds it: at worst every byte is not UTF-8
 * and becomes three, where an escaped control character would take six. */
static void write_text(const struct writing *w)
{
    char line[RECORD_PHRASE];

    text_copy(line, sizeof line, w->value);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 0x20)
            *c = ' ';
    text_json_pair(w->out, w->field->key, line);
}

static void write_some(const struct writing *w)
{
    if (*(const char *)w->value)
        write_text(w);
}

static void write_int(const struct writing *w)
{
    text_json_int(w->out, w->field->key, *(const int64_t *)w->value);
}

static void write_amount(const struct writing *w)
{
    if (*(const int64_t *)w->value)
        write_int(w);
}

static void write_side(const struct writing *w)
{
    if (*(const int64_t *)w->value != RECORD_NO_AMOUNT)
        write_int(w);
}

static void write_int32(const struct writing *w)
{
    text_json_int(w->out, w->field->key, *(const int32_t *)w->value);
}

static void write_bool(const struct writing *w)
{
    text_json_bool(w->out, w->field->key, *(const bool *)w->value);
}

static void write_flag(const struct writing *w)
{
    if (*(const bool *)w->value)
        write_bool(w);
}

static void add_time(struct text *out, const char *key, utc_ms at)
{
    char text[UTC_TEXT_SIZE];

    text_json_pair(out, key, utc_text(at, text));
}

static void write_time(const struct writing *w)
{
    add_time(w->out, w->field->key, *(const utc_ms *)w->value);
}

static void write_moment(const struct writing *w)
{
    if (((const utc_ms *)w->value)->ms != 0)
        write_time(w);
}

static void write_step(const struct writing *w)
{
    if (((const utc_ms *)w->value)->ms == STEP_UNOBSERVABLE.ms)
        text_json_pair(w->out, w->field->key, "unobservable");
    else
        write_moment(w);
}

/* An enum of ours, whatever its name. */
static int number(const struct writing *w)
{
    int value;

    memcpy(&value, w->value, sizeof value);
    return value;
}

static uint32_t place(const struct writing *w)
{
    return *(const uint32_t *)w->value;
}

static void write_word(const struct writing *w)
{
    text_json_pair(w->out, w->field->key, words_name(w->field->words, number(w)));
}

static void write_colour(const struct writing *w)
{
    text_json_pair(w->out, w->field->key, plate_colour_name((enum plate_colour)number(w)));
}

static void write_class(const struct writing *w)
{
    text_json_pair(w->out, w->field->key, vehicle_name((enum vehicle_class)number(w)));
}

static void write_opener(const struct writing *w)
{
    const char *name = plate_opener_name((enum plate_opener)number(w));

    if (name)
        text_json_pair(w->out, w->field->key, name);
}

static void write_lot(const struct writing *w)
{
    if (place(w) != PLAN_NONE)
        text_json_pair(w->out, "lot", w->plan->lots[place(w)].id);
}

static void write_zone(const struct writing *w)
{
    if (place(w) != PLAN_NONE)
        text_json_pair(w->out, "zone", w->plan->zones[place(w)].id);
}

static void write_stall(const struct writing *w)
{
    if (place(w) != PLAN_NONE)
        text_json_pair(w->out, "bay", w->plan->bays[place(w)].id);
}

static void write_bay(const struct writing *w)
{
    text_json_pair(w->out, "lot", w->plan->lots[plan_lot(w->plan, place(w))].id);
    text_json_pair(w->out, "zone", w->plan->zones[w->plan->bays[place(w)].zone].id);
    write_stall(w);
}

static void write_way(const struct writing *w)
{
    if (place(w) != PLAN_NONE)
        text_json_pair(w->out, "lane", w->plan->lanes[place(w)].id);
}

static void write_lane(const struct writing *w)
{
    assert(place(w) < w->plan->lanes_count);
    text_json_pair(w->out, "lot", w->plan->lots[w->plan->lanes[place(w)].lot].id);
    write_way(w);
}

static void write_device(const struct writing *w)
{
    assert(place(w) < w->plan->devices_count);
    const struct device_plan *device = &w->plan->devices[place(w)];

    text_json_pair(w->out, "bus", device->bus);
    text_json_pair(w->out, "device", device->id);
}

static void write_bay_state(const struct writing *w)
{
    text_json_pair(w->out, w->field->key, bay_state_name((enum bay_state)number(w)));
}

static void write_bay_reason(const struct writing *w)
{
    text_json_pair(w->out, w->field->key, bay_reason_name((enum bay_reason)number(w)));
}

static void write_bay_condition(const struct writing *w)
{
    text_json_pair(w->out, w->field->key, bay_condition_name((enum bay_condition)number(w)));
}

static void write_device_state(const struct writing *w)
{
    text_json_pair(w->out, w->field->key, device_state_name((enum device_state)number(w)));
}

static void (*const forms[])(const struct writing *w) = {
    [FIELD_TEXT] = write_text,
    [FIELD_SOME] = write_some,
    [FIELD_INT] = write_int,
    [FIELD_AMOUNT] = write_amount,
    [FIELD_SIDE] = write_side,
    [FIELD_INT32] = write_int32,
    [FIELD_BOOL] = write_bool,
    [FIELD_FLAG] = write_flag,
    [FIELD_TIME] = write_time,
    [FIELD_MOMENT] = write_moment,
    [FIELD_STEP] = write_step,
    [FIELD_WORD] = write_word,
    [FIELD_COLOUR] = write_colour,
    [FIELD_CLASS] = write_class,
    [FIELD_OPENER] = write_opener,
    [FIELD_BAY] = write_bay,
    [FIELD_STALL] = write_stall,
    [FIELD_ZONE] = write_zone,
    [FIELD_LOT] = write_lot,
    [FIELD_LANE] = write_lane,
    [FIELD_WAY] = write_way,
    [FIELD_DEVICE] = write_device,
    [FIELD_BAY_STATE] = write_bay_state,
    [FIELD_BAY_REASON] = write_bay_reason,
    [FIELD_BAY_CONDITION] = write_bay_condition,
    [FIELD_DEVICE_STATE] = write_device_state,
};

void record_encode(const struct record *record, const struct site_plan *plan, struct text *out)
{
    const struct record_fields *kind = record_fields(record->kind);
    size_t start = out->used;

    text_append(out, "{", 1);
    text_json_pair(out, "type", kind->name);
    add_time(out, "at", record->at);
    if (record->time_uncertain)
        text_json_pair(out, "time", "uncertain");
    for (uint32_t i = 0; i < kind->count; i++) {
        const struct record_field *field = &kind->fields[i];

        forms[field->form](&(struct writing){
            .field = field,
            .value = (const char *)record + field->offset,
            .plan = plan,
            .out = out,
        });
    }
    text_append(out, "}", 1);
    assert(out->used - start <= RECORD_BODY_MAX);
}

const char *record_kind_name(enum record_kind kind)
{
    return record_fields(kind)->name;
}

bool record_kind_parse(const char *name, enum record_kind *ret)
{
    for (int i = 0; i < RECORD_KINDS; i++)
        if (!strcmp(name, record_fields((enum record_kind)i)->name)) {
            *ret = (enum record_kind)i;
            return true;
        }
    return false;
}
