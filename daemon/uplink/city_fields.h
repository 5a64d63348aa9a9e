/*
 * Values that more than one city platform asks for. Each is a city_write_fn. `codes` are indexed by
 * the enum named beside it. Pure.
 */
#ifndef UPLINK_CITY_FIELDS_H
#define UPLINK_CITY_FIELDS_H

#include "daemon/uplink/city_fact.h"

/* Platforms of the mainland: local times carry no zone and are UTC+8. */
enum { CITY_TIME = 20, CITY_MONEY_MAX = 1000000000 };

city_write_fn city_field_lot;     /* the lot's code */
city_write_fn city_field_plate;   /* `word` where the vehicle has none */
city_write_fn city_field_stay;    /* the stay's id: a key */
city_write_fn city_field_record;  /* the record's id: a key */
city_write_fn city_field_code;    /* codes[0] */
city_write_fn city_field_class;   /* by enum vehicle_class */
city_write_fn city_field_kind;    /* by enum stay_kind */
city_write_fn city_field_channel; /* by enum pay_channel; without a payment there is no word */
/* By enum plate_colour; where no camera told, the colour that the class of vehicle has. */
city_write_fn city_field_colour;
/* The platform's name of the lane, or, where it came in or left by none, of the bay; our id of the
 * lot where neither is known. */
city_write_fn city_field_entrance, city_field_exit;

/* Moments: milliseconds of the epoch, and "2026-11-22 11:02:06". */
city_write_fn city_field_in_ms, city_field_out_ms, city_field_now_ms;
city_write_fn city_field_in_time, city_field_out_time, city_field_now_time;
city_write_fn city_field_at_time; /* of the record */

city_write_fn city_field_total, city_field_open, city_field_free; /* bays, as of now */

/* Fen, 0 … CITY_MONEY_MAX. */
city_write_fn city_field_receivable, city_field_payable, city_field_received;

/* What they are made of. */
char *city_fields_time(utc_ms at, char text[CITY_TIME]);
bool city_fields_key(struct text *out, const char *name, const char *key, struct err *err);
bool city_fields_money(struct text *out, const char *name, int64_t fen, struct err *err);
bool city_fields_code(struct text *out, const struct city_field *field, int index, const char *word,
                      struct err *err);

#endif
