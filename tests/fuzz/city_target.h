/*
 * What the fuzz target of the cities' platforms does with any bytes: the first says whose answer it
 * is, or whose call. Nothing crashes, and what is taken is within its bounds.
 */
/* long: answers and calls, each beside its rules */
#ifndef FUZZ_CITY_TARGET_H
#define FUZZ_CITY_TARGET_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/crypto_rsa.h"
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

/* The platform's key of the unit tests; without it no signature is right. */
static inline struct crypto_key *fuzz_city_key(void)
{
    char bytes[4096];
    FILE *file = fopen("tests/unit/city/platform-1024.pub", "r");
    size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;

    if (file)
        fclose(file);
    return size ? crypto_key_public(bytes, size, NULL) : NULL;
}

/* A path, a line feed, a body. */
static inline void fuzz_city_call(const struct city *city, const char *text, size_t size)
{
    static struct crypto_key *key;
    key = key ? key : fuzz_city_key();
    const struct uplink_lot lot = {
        .code = "340100A", .account = "dev", .secret = "s3cret", .platform_key = key};
    const struct uplink_settings settings = {.lots = &lot, .lots_count = 1};
    const struct adapter_context context = {.settings = &settings};
    size_t length = strcspn(text, "\n");
    char *path = strndup(text, length), *body = strdup(text + length + (text[length] != 0));
    struct city_call call = {.path = path, .body = body, .size = strlen(body)};
    struct city_order order;
    bool is_signed;

    (void)size;
    if (city->receive(&context, &call, &order, &is_signed, NULL)) {
        assert(order.lot == &lot && order.act < PLATFORM_ACTS && order.amount_fen >= 0);
        assert(order.amount_fen <= 1000000000 && strlen(order.stay) < sizeof order.stay);
    }
    free(path);
    free(body);
}

static inline void fuzz_city(const uint8_t *bytes, size_t size)
{
    static const struct adapter *const adapters[] = {&adapter_hefei, &adapter_hangzhou,
                                                     &adapter_qingdao, &adapter_xuzhou};

    if (size == 0)
        return;
    char *text = strndup((const char *)bytes + 1, size - 1);
    unsigned of = bytes[0] & 7;
    if (of < 4)
        fuzz_city_answer(adapters[of]->city, text, strlen(text));
    else
        fuzz_city_call(adapters[of & 1 ? 1 : 3]->city, text, strlen(text));
    free(text);
}

#endif
