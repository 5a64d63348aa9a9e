/* What adapters of city platforms share. See city.h. */
#include "daemon/uplink/city.h"

#include <string.h>

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

bool city_key_valid(const char *key)
{
    static const char alphabet[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
    size_t size = strspn(key, alphabet);

    return size > 0 && size <= KEY_MAX && !key[size];
}
