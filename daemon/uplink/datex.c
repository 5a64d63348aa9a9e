/*
 * DATEX II v3, documented in parkd-datex(7): a ParkingStatusPublication with all lots (and, where
 * asked for, all bays) pushed whole: POST {url}. The order of elements is the schema's. Traps
 * (tests use the same numbers):
 *
 *   1. numberOfSpacesOverride are the bays in service: with it the vacant ones add up.
 *   2. occupancy is a percentage, not a share.
 *   3. A SpaceStatus must say occupied or not: a bay of which we know neither is left out.
 *   4. Nothing free while bays are unknown is "unknown", not "full".
 *   5. Where vehicles are counted at the lanes, that count stands for the bays' (vacancy_read.h).
 */
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/uplink/vacancy_read.h"
#include "daemon/uplink/wire.h"

enum { STATE_SIZE = 4 * 1024 * 1024 };

static void element_time(struct text *out, const char *name, const char *time)
{
    text_add(out, "<%s>%s</%s>", name, time, name);
}

static void element_number(struct text *out, const char *name, int64_t number)
{
    text_add(out, "<%s>%lld</%s>", name, (long long)number, name);
}

static void open(const struct adapter_context *context, struct adapter_request *ret)
{
    static const char head[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<d2:payload xmlns:d2=\"http://datex2.eu/schema/3/d2Payload\""
        " xmlns:com=\"http://datex2.eu/schema/3/common\""
        " xmlns:fac=\"http://datex2.eu/schema/3/facilities\""
        " xmlns:prk=\"http://datex2.eu/schema/3/parking\""
        " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
        " xsi:type=\"prk:ParkingStatusPublication\" lang=\"en\" modelBaseVersion=\"3\">\n";
    char now[UTC_TEXT_SIZE];

    ret->method = "POST";
    wire_header(ret, "Content-Type", "application/xml; charset=utf-8");
    text_append(&ret->body, head, sizeof head - 1);
    element_time(&ret->body, "com:publicationTime", utc_text(context->now, now));
    text_add(&ret->body,
             "<com:publicationCreator><com:country>%s</com:country>"
             "<com:nationalIdentifier>%s</com:nationalIdentifier></com:publicationCreator>\n"
             "<prk:headerInformation><com:informationStatus>real</com:informationStatus>"
             "</prk:headerInformation>\n",
             context->plan->country, context->plan->id);
}

static void close(const struct adapter_context *context, struct adapter_request *ret)
{
    (void)context;
    text_add(&ret->body, "</d2:payload>\n");
}

/* What every parkingStatusInformation begins with. */
static void begin(const struct adapter_context *context, const char *type, const char *id,
                  struct text *out)
{
    text_add(out,
             "<prk:parkingStatusInformation xsi:type=\"prk:%s\">"
             "<fac:reference targetClass=\"fac:FacilityObject\" id=\"%s%s\" version=\"1\"/>",
             type, context->settings->entity_prefix, id);
}

static void end(struct text *out)
{
    text_add(out, "</prk:parkingStatusInformation>\n");
}

static int64_t in_service(const struct vacancy_counts *counts)
{
    return counts->capacity - counts->out_of_service;
}

static void add_occupancy(const struct vacancy_counts *counts, struct text *out)
{
    double occupied = (double)counts->occupied;

    text_add(out, "<prk:occupancy>");
    element_number(out, "prk:numberOfSpacesOverride", in_service(counts)); /* trap 1 */
    element_number(out, "prk:numberOfVacantSpaces", counts->free);
    element_number(out, "prk:numberOfOccupiedSpaces", counts->occupied);
    if (in_service(counts) > 0) /* trap 2 */
        text_add(out, "<prk:occupancy>%.2f</prk:occupancy>",
                 100 * occupied / (double)in_service(counts));
    text_add(out, "</prk:occupancy>");
}

/* Trap 4. */
static const char *place_status(const struct vacancy_counts *counts)
{
    if (counts->free > 0)
        return "spacesAvailable";
    return counts->unknown > 0 ? "unknown" : "full";
}

static bool encode_lot(const struct adapter_context *context, uint32_t lot,
                       const struct text *vacancy, struct adapter_request *ret, struct err *err)
{
    struct json *state = json_read(vacancy->bytes, vacancy->used, vacancy->size, err);
    struct vacancy_counts counts = vacancy_read(state);
    struct text *out = &ret->body;

    if (!state)
        return false;
    begin(context, "PlaceStatus", context->plan->lots[lot].id, out);
    element_time(out, "fac:lastUpdated", json_text(json_member(state, "as_of"), ""));
    text_add(out, "<fac:openingStatus>%s</fac:openingStatus>",
             in_service(&counts) > 0 ? "open" : "closed");
    add_occupancy(&counts, out);
    if (in_service(&counts) > 0)
        text_add(out, "<prk:status>%s</prk:status>", place_status(&counts));
    end(out);
    json_release(state);
    return true;
}

static bool encode_bay(const struct adapter_context *context, uint32_t bay,
                       const struct text *state, struct adapter_request *ret, struct err *err)
{
    struct json *read = json_read(state->bytes, state->used, state->size, err);
    const char *word = json_text(json_member(read, "state"), "");
    const char *since = json_text(json_member(read, "since"), NULL);
    bool occupied = strcmp(word, "occupied") == 0;
    struct text *out = &ret->body;

    if (!read)
        return false;
    if (since && (occupied || strcmp(word, "free") == 0)) { /* trap 3 */
        begin(context, "SpaceStatus", context->plan->bays[bay].id, out);
        element_time(out, "fac:lastUpdated", since);
        text_add(out, "<prk:occupied>%s</prk:occupied>", occupied ? "true" : "false");
        element_time(out, "prk:measurementOrCalculationTime", since);
        end(out);
    }
    json_release(read);
    return true;
}

const struct adapter adapter_datex = {
    .name = "datex",
    .transport = ADAPTER_HTTP,
    .keys = (const char *const[]){"token_file", "entity_prefix", "bays", NULL},
    .state_size = STATE_SIZE,
    .snapshot = true,
    .open = open,
    .close = close,
    .classify_state = wire_classify_whole,
    .lot = encode_lot,
    .bay = encode_bay,
};
