/* Values that more than one city platform asks for. See city_fields.h. */
#include "daemon/uplink/city_fields.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/core/civil.h"

/* ---- what they are made of ---- */

char *city_fields_time(utc_ms at, char text[CITY_TIME])
{
    utc_ms local = {at.ms + INT64_C(8) * 3600 * 1000};
    char utc[UTC_TEXT_SIZE];

    utc_text(local, utc);
    utc[10] = ' ';
    utc[CITY_TIME - 1] = '\0'; /* seconds, not rounded */
    memcpy(text, utc, CITY_TIME);
    return text;
}

bool city_fields_key(struct text *out, const char *name, const char *key, struct err *err)
{
    if (!city_key_valid(key))
        return err_set(err, "\"%s\" is no key: 1 to 32 of [0-9A-Za-z_-]", key);
    text_json_pair(out, name, key);
    return true;
}

bool city_fields_money(struct text *out, const char *name, int64_t fen, struct err *err)
{
    if (fen < 0 || fen > CITY_MONEY_MAX)
        return err_set(err, "%" PRId64 " fen is more or less than a platform takes", fen);
    text_json_int(out, name, fen);
    return true;
}

bool city_fields_code(struct text *out, const struct city_field *field, int index, const char *word,
                      struct err *err)
{
    if (field->codes[index] == CITY_NO_CODE)
        return err_set(err, "the platform has no code for \"%s\"", word);
    text_json_int(out, field->name, field->codes[index]);
    return true;
}

static bool add_time(struct text *out, const char *name, utc_ms at)
{
    char text[CITY_TIME];

    text_json_pair(out, name, city_fields_time(at, text));
    return true;
}

static bool add_count(struct text *out, const char *name, int64_t count)
{
    text_json_int(out, name, count);
    return true;
}

/* ---- words ---- */

bool city_field_lot(const struct city_fact *fact, const struct city_field *field, struct text *out,
                    struct err *err)
{
    (void)err;
    text_json_pair(out, field->name, fact->lot->code);
    return true;
}

bool city_field_plate(const struct city_fact *fact, const struct city_field *field,
                      struct text *out, struct err *err)
{
    (void)err;
    text_json_pair(out, field->name, *fact->plate ? fact->plate : field->word);
    return true;
}

bool city_field_stay(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    return city_fields_key(out, field->name, fact->stay, err);
}

bool city_field_record(const struct city_fact *fact, const struct city_field *field,
                       struct text *out, struct err *err)
{
    return city_fields_key(out, field->name, fact->id, err);
}

bool city_field_code(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    (void)fact;
    return city_fields_code(out, field, 0, field->name, err);
}

/* GA 36: what a plate looks like goes by what it is on. */
static const enum plate_colour usual[VEHICLE_CLASSES] = {
    [VEHICLE_SMALL] = PLATE_BLUE,
    [VEHICLE_MEDIUM] = PLATE_YELLOW,
    [VEHICLE_LARGE] = PLATE_YELLOW,
    [VEHICLE_NEV] = PLATE_GREEN,
    [VEHICLE_NEV_LARGE] = PLATE_YELLOW_GREEN,
    [VEHICLE_DISABLED] = PLATE_BLUE,
    [VEHICLE_DIESEL] = PLATE_BLUE,
    [VEHICLE_MOTORCYCLE] = PLATE_YELLOW,
    [VEHICLE_POLICE] = PLATE_WHITE,
    [VEHICLE_MILITARY] = PLATE_WHITE,
    [VEHICLE_FIRE] = PLATE_WHITE,
    [VEHICLE_AMBULANCE] = PLATE_WHITE,
    [VEHICLE_RESCUE] = PLATE_WHITE,
};

bool city_field_colour(const struct city_fact *fact, const struct city_field *field,
                       struct text *out, struct err *err)
{
    enum plate_colour colour = fact->colour;

    if (colour == PLATE_COLOUR_UNKNOWN && field->codes[colour] == CITY_NO_CODE)
        colour = usual[fact->class];
    return city_fields_code(out, field, (int)colour, plate_colour_name(colour), err);
}

bool city_field_class(const struct city_fact *fact, const struct city_field *field,
                      struct text *out, struct err *err)
{
    return city_fields_code(out, field, (int)fact->class, vehicle_name(fact->class), err);
}

bool city_field_kind(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    return city_fields_code(out, field, (int)fact->kind,
                            words_name(&stay_kind_words, (int)fact->kind), err);
}

bool city_field_channel(const struct city_fact *fact, const struct city_field *field,
                        struct text *out, struct err *err)
{
    if (fact->channel == PAY_CHANNELS)
        return err_set(err, "how it was paid is not known");
    return city_fields_code(out, field, (int)fact->channel,
                            words_name(&pay_channel_words, (int)fact->channel), err);
}

static bool add_place(const struct city_fact *fact, const char *id, const char *name,
                      struct text *out)
{
    text_json_pair(out, name, city_place(fact->context, id));
    return true;
}

bool city_field_entrance(const struct city_fact *fact, const struct city_field *field,
                         struct text *out, struct err *err)
{
    (void)err;
    return add_place(fact, fact->entrance, field->name, out);
}

bool city_field_exit(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    (void)err;
    return add_place(fact, fact->exit, field->name, out);
}

/* ---- moments ---- */

bool city_field_in_ms(const struct city_fact *fact, const struct city_field *field,
                      struct text *out, struct err *err)
{
    (void)err;
    return add_count(out, field->name, fact->entered.ms);
}

bool city_field_out_ms(const struct city_fact *fact, const struct city_field *field,
                       struct text *out, struct err *err)
{
    (void)err;
    return add_count(out, field->name, fact->left.ms);
}

bool city_field_now_ms(const struct city_fact *fact, const struct city_field *field,
                       struct text *out, struct err *err)
{
    (void)err;
    return add_count(out, field->name, fact->context->platform_now.ms);
}

bool city_field_in_time(const struct city_fact *fact, const struct city_field *field,
                        struct text *out, struct err *err)
{
    (void)err;
    return add_time(out, field->name, fact->entered);
}

bool city_field_out_time(const struct city_fact *fact, const struct city_field *field,
                         struct text *out, struct err *err)
{
    (void)err;
    return add_time(out, field->name, fact->left);
}

bool city_field_now_time(const struct city_fact *fact, const struct city_field *field,
                         struct text *out, struct err *err)
{
    (void)err;
    return add_time(out, field->name, fact->context->platform_now);
}

bool city_field_at_time(const struct city_fact *fact, const struct city_field *field,
                        struct text *out, struct err *err)
{
    (void)err;
    return add_time(out, field->name, fact->record->at);
}

/* ---- counts and money ---- */

static const struct city_counts *counts_of(const struct city_fact *fact)
{
    return city_counts(fact->context, fact->lot);
}

bool city_field_total(const struct city_fact *fact, const struct city_field *field,
                      struct text *out, struct err *err)
{
    (void)err;
    return add_count(out, field->name, counts_of(fact)->capacity);
}

bool city_field_open(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    (void)err;
    return add_count(out, field->name,
                     (int64_t)counts_of(fact)->capacity - counts_of(fact)->out_of_service);
}

bool city_field_free(const struct city_fact *fact, const struct city_field *field, struct text *out,
                     struct err *err)
{
    (void)err;
    return add_count(out, field->name, counts_of(fact)->free);
}

bool city_field_receivable(const struct city_fact *fact, const struct city_field *field,
                           struct text *out, struct err *err)
{
    return city_fields_money(out, field->name, fact->money->receivable_fen, err);
}

bool city_field_payable(const struct city_fact *fact, const struct city_field *field,
                        struct text *out, struct err *err)
{
    return city_fields_money(out, field->name, fact->money->payable_fen, err);
}

bool city_field_received(const struct city_fact *fact, const struct city_field *field,
                         struct text *out, struct err *err)
{
    return city_fields_money(out, field->name, fact->received_fen, err);
}
