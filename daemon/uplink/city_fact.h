/*
 * One fact as a city's platform asks for it, whatever record it came from, and requests written
 * from tables of fields: an operation is a row a field, in the order in which they are sent. Pure;
 * borrows everything.
 */
#ifndef UPLINK_CITY_FACT_H
#define UPLINK_CITY_FACT_H

#include "daemon/uplink/city.h"

struct city_fact {
    const struct adapter_context *context;
    const struct uplink_lot *lot;
    const struct record *record; /* NULL: of an operation that is about none */
    const char *id;              /* of the record */
    const char *stay, *plate;    /* "" where there is none */
    enum plate_colour colour;
    enum vehicle_class class;
    enum stay_kind kind;
    utc_ms entered, left;            /* 0: not known */
    const char *entrance, *exit;     /* our ids of lane, bay or lot; NULL: not of a stay */
    const char *bay;                 /* our id, or NULL */
    const struct money_chain *money; /* of an exit or an order, else NULL */
    int64_t received_fen;
    enum pay_channel channel; /* PAY_CHANNELS: none, or not known */
};

/* False with err when no platform is told of such a record. */
bool city_fact(const struct adapter_context *context, const struct city_item *item,
               struct city_fact *ret, struct err *err);
struct city_fact city_fact_lot(const struct adapter_context *context, const struct uplink_lot *lot);
/* Of the vehicle on a picture. */
struct city_fact city_fact_photo(const struct adapter_context *context,
                                 const struct city_photo *photo);

struct city_field;
/* Appends the member, or nothing where it is optional and there is nothing to say; false with err
 * when the platform has no word for the fact. */
typedef bool city_write_fn(const struct city_fact *fact, const struct city_field *field,
                           struct text *out, struct err *err);

/* Where the platform has no code for a word of ours. */
enum { CITY_NO_CODE = INT16_MIN };

struct city_field {
    const char *name;
    city_write_fn *write;
    const int16_t *codes; /* by the enum that `write` is about, or NULL */
    const char *word;     /* what `write` makes of it */
};

/* Appends {"name":value,…}; a row without a name ends. */
bool city_fact_write(const struct city_field *fields, const struct city_fact *fact,
                     struct text *out, struct err *err);

#endif
