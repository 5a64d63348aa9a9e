/* long: what is signed and what is not, each beside its rules */
/*
 * What the fuzz targets of platforms' calls do with any bytes. "s…" is a business object that the
 * target signs itself, as the platform would: what stands behind the signature is reached. Anything
 * else is what comes over the network: a path, a line feed, the query's token, a line feed, a body.
 * Nothing crashes; what is taken is within its bounds, and only what was signed.
 */
#ifndef FUZZ_CALL_TARGET_H
#define FUZZ_CALL_TARGET_H

#include <assert.h>

#include "tests/unit/city_caller.h"

#define FUZZ_CALL_PATH "/platforms/city"

static inline struct city_bench *fuzz_call_bench(const struct adapter *adapter)
{
    static struct city_bench bench;

    if (!bench.own_1024)
        bench_init(&bench, "tests/unit/city");
    bench_use(&bench, adapter);
    return &bench;
}

static inline void fuzz_call_take(struct city_bench *b, const struct city_call *call,
                                  bool was_signed)
{
    const struct site_plan *plan = &b->site.plan;
    struct city_order order;
    bool is_signed;

    if (!b->settings.adapter->city->receive(&b->context, call, &order, &is_signed, NULL))
        return;
    assert(is_signed && was_signed);
    assert(order.act < PLATFORM_ACTS && *order.id && strlen(order.id) < sizeof order.id);
    assert(!order.lot || order.lot == &b->lots[LOT_A] || order.lot == &b->lots[LOT_B]);
    assert(order.act == PLATFORM_PAID ? !order.not_after.ms : order.lot && order.not_after.ms);
    assert(order.amount_fen >= 0 && order.amount_fen <= 1000000000);
    assert(strlen(order.stay) < sizeof order.stay && strlen(order.note) < sizeof order.note);
    assert(order.act != PLATFORM_OPEN || plan_find_lane(plan, order.lane) != PLAN_NONE);
}

static inline void fuzz_call_sign(struct city_bench *b, const char *business)
{
    static struct city_caller caller;
    struct city_call call = {.path = FUZZ_CALL_PATH, .token = caller.token, .body = caller.body};

    caller.b = b;
    caller.at_ms = CITY_NOW.ms;
    if (b->settings.adapter == &adapter_hefei)
        caller_hefei(&caller, business);
    else if (b->settings.adapter == &adapter_xuzhou)
        caller_xuzhou(&caller, FUZZ_CALL_PATH, business);
    else
        caller_hangzhou(&caller, business);
    call.size = strlen(caller.body);
    fuzz_call_take(b, &call, true);
}

static inline void fuzz_call_raw(struct city_bench *b, char *text)
{
    char *token = strchr(text, '\n'), *body = token ? strchr(token + 1, '\n') : NULL;

    if (!body)
        return;
    *token++ = *body++ = '\0';
    struct city_call call = {
        .path = text, .token = *token ? token : NULL, .body = body, .size = strlen(body)};
    fuzz_call_take(b, &call, false);
}

static inline void fuzz_call(const struct adapter *adapter, const uint8_t *bytes, size_t size)
{
    struct city_bench *b = fuzz_call_bench(adapter);
    char *text = strndup((const char *)bytes, size);

    if (text[0] == 's')
        fuzz_call_sign(b, text + 1);
    else
        fuzz_call_raw(b, text);
    free(text);
}

#endif
