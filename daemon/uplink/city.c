/* What adapters of city platforms share. See city.h. */
#include "daemon/uplink/city.h"

#include <assert.h>
#include <string.h>

#include "daemon/core/civil.h"

enum { KEY_MAX = 32 };

const char *city_place(const struct adapter_context *context, const char *id)
{
    const struct uplink_settings *settings = context->settings;

    for (uint32_t i = 0; i < settings->places_count; i++)
        if (strcmp(settings->places[i].id, id) == 0)
            return settings->places[i].code;
    return id;
}

const struct city_counts *city_counts(const struct adapter_context *context,
                                      const struct uplink_lot *lot)
{
    return &context->counts[lot->lot];
}

static const struct civil_zone *zone(const struct adapter_context *context)
{
    return context->plan->civil ? context->plan->civil : &civil_utc;
}

static int64_t seconds(utc_ms at)
{
    return at.ms >= 0 ? at.ms / 1000 : -((-at.ms + 999) / 1000);
}

void city_date(const struct adapter_context *context, utc_ms at, char ret[CITY_DATE])
{
    char text[CIVIL_DATE_TEXT];

    civil_date_text(civil_day(civil_local_s(zone(context), seconds(at))), text);
    text_copy(ret, CITY_DATE, text);
}

bool city_key_valid(const char *key)
{
    static const char alphabet[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
    size_t size = strspn(key, alphabet);

    return size > 0 && size <= KEY_MAX && !key[size];
}
