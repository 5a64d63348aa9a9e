/*
 * What has arrived for the driver, whatever protocol it came by: a row a platform and lot. From the
 * book of registered lots, from the entities of the brokers, and from the newest publication.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/city.h"
#include "tests/parksim/sim.h"

/* ---- registered lots ---- */

static void add_registered(json_t *boards, const struct city_book *book)
{
    json_t *status = city_book_status(book), *lot;
    json_int_t now = city_book_now_ms(book);
    size_t i;

    json_array_foreach(json_object_get(status, "lots"), i, lot)
    {
        json_int_t at = json_integer_value(json_object_get(lot, "counts_at"));
        json_t *last = json_array_get(json_object_get(lot, "last"), 0);

        if (!at && !last)
            continue; /* nothing has come */
        json_t *board =
            json_pack("{sO,sO,sO,sO}", "platform", json_object_get(lot, "platform"), "lot",
                      json_object_get(lot, "code"), "entries", json_object_get(lot, "entries"),
                      "exits", json_object_get(lot, "exits"));
        if (at)
            json_object_update_new(
                board, json_pack("{sO,sO,sI}", "total", json_object_get(lot, "total"), "free",
                                 json_object_get(lot, "free"), "age_ms", now - at));
        if (last)
            json_object_set_new(
                board, "record_age_ms",
                json_integer(now - json_integer_value(json_object_get(last, "at"))));
        json_array_append_new(boards, board);
    }
    json_decref(status);
}

/* ---- entities ---- */

/* Of NGSI-LD when its counts carry the moment in the form of that protocol. */
static const char *protocol_of(const json_t *entity)
{
    return json_object_get(json_object_get(entity, "availableSpotNumber"), "observedAt")
               ? "ngsi-ld"
               : "ngsi-v2";
}

static json_t *value_of(const json_t *entity, const char *name)
{
    return json_object_get(json_object_get(entity, name), "value");
}

static void add_entities(json_t *boards, json_t *entities)
{
    const char *id;
    json_t *entity;

    json_object_foreach(entities, id, entity)
    {
        if (!value_of(entity, "availableSpotNumber"))
            continue; /* a bay */
        json_array_append_new(boards,
                              json_pack("{ss,ss,sO*,sO*,sO,sO*}", "platform", protocol_of(entity),
                                        "lot", id, "name", value_of(entity, "name"), "total",
                                        value_of(entity, "totalSpotNumber"), "free",
                                        value_of(entity, "availableSpotNumber"), "as_of",
                                        value_of(entity, "observationDateTime")));
    }
}

/* ---- the publication ---- */

/* What stands between `open` and `close` after `at` and before `end`; "" when nothing does. */
static void between(const char *at, const char *end, const char *marks[2], char ret[64])
{
    const char *from = strstr(at, marks[0]);
    const char *to = from ? strstr(from + strlen(marks[0]), marks[1]) : NULL;
    size_t size = to ? (size_t)(to - from) - strlen(marks[0]) : 0;

    ret[0] = '\0';
    if (!to || to > end || size > 63)
        return;
    memcpy(ret, from + strlen(marks[0]), size);
    ret[size] = '\0';
}

static void add_publication(json_t *boards, const char *document)
{
    const char *id[] = {" id=\"", "\""}, *as_of[] = {"lastUpdated>", "<"};
    const char *total[] = {"numberOfSpacesOverride>", "<"},
               *left[] = {"numberOfVacantSpaces>", "<"};
    char values[4][64];

    for (const char *at = document; at && (at = strstr(at, "prk:PlaceStatus")) != NULL; at++) {
        const char *end = strstr(at, "</prk:parkingStatusInformation>");

        if (!end)
            return;
        between(at, end, id, values[0]);
        between(at, end, as_of, values[1]);
        between(at, end, total, values[2]);
        between(at, end, left, values[3]);
        json_array_append_new(boards,
                              json_pack("{ss,ss,ss,sI,sI}", "platform", "datex", "lot", values[0],
                                        "as_of", values[1], "total", (json_int_t)atoll(values[2]),
                                        "free", (json_int_t)atoll(values[3])));
    }
}

json_t *city_boards(const struct city_context *context)
{
    json_t *boards = json_array();

    if (context->book)
        add_registered(boards, context->book);
    add_entities(boards, city_ngsi_entities(context->ngsi));
    add_publication(boards, city_ngsi_publication(context->ngsi));
    return boards;
}
