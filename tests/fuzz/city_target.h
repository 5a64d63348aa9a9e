/*
 * What the fuzz target of the cities' platforms does with any bytes: the first says whose answer it
 * is. Nothing crashes, and what is taken is within its bounds. Calls: call_target.h.
 */
#ifndef FUZZ_CITY_TARGET_H
#define FUZZ_CITY_TARGET_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/uplink/city.h"

extern const struct adapter adapter_hefei, adapter_hangzhou, adapter_qingdao, adapter_xuzhou;

static inline void fuzz_city_id(void *arg, const char *stay)
{
    *(size_t *)arg += strlen(stay);
}

static inline void fuzz_city_answer(const struct city *city, const char *body, size_t size)
{
    struct adapter_reply reply = {.status = 200, .retry_after_ms = -1, .body = body, .size = size};
    struct city_said said;
    size_t ids = 0;
    struct city_held held = {.id = fuzz_city_id, .arg = &ids};

    city->read(&reply, &said);
    assert(said.platform_time.ms >= 0 && strlen(said.message) < sizeof said.message);
    for (int what = 0; city->checked && what < CITY_CHECKS; what++)
        city->checked(&reply, (enum city_check)what, &held, NULL);
}

static inline void fuzz_city(const uint8_t *bytes, size_t size)
{
    static const struct adapter *const adapters[] = {&adapter_hefei, &adapter_hangzhou,
                                                     &adapter_qingdao, &adapter_xuzhou};

    if (size == 0)
        return;
    char *text = strndup((const char *)bytes + 1, size - 1);
    fuzz_city_answer(adapters[bytes[0] & 3]->city, text, strlen(text));
    free(text);
}

#endif
