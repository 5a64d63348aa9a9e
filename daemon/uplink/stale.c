/* Which lots and bays the platform has an old picture of. See stale.h. */
#include "daemon/uplink/stale.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

/* Bytes, so that memchr() finds the next. */
struct set {
    uint8_t *stale;
    uint32_t count, size, cursor;
};

struct stale {
    const struct site_plan *plan;
    int64_t refresh_ms;
    struct set lots, bays;
    mono_ms *taken; /* of each lot */
};

static void set_init(struct set *set, uint32_t size)
{
    *set = (struct set){.stale = memory_new(size ? size : 1, 1), .size = size};
}

static void set_add(struct set *set, uint32_t index)
{
    set->count += !set->stale[index];
    set->stale[index] = 1;
}

static bool set_take(struct set *set, uint32_t *ret)
{
    if (!set->count)
        return false;
    uint8_t *at = memchr(set->stale + set->cursor, 1, set->size - set->cursor);
    if (!at)
        at = memchr(set->stale, 1, set->cursor);
    *at = 0;
    set->count--;
    *ret = (uint32_t)(at - set->stale);
    set->cursor = (*ret + 1) % set->size;
    return true;
}

struct stale *stale_create(const struct site_plan *plan, int64_t refresh_ms)
{
    struct stale *stale = memory_new(1, sizeof *stale);

    *stale = (struct stale){.plan = plan, .refresh_ms = refresh_ms};
    set_init(&stale->lots, plan->lots_count);
    set_init(&stale->bays, plan->bays_count);
    stale->taken = memory_new(plan->lots_count + 1, sizeof *stale->taken);
    stale_all(stale);
    return stale;
}

void stale_destroy(struct stale *stale)
{
    if (!stale)
        return;
    free(stale->taken);
    free(stale->bays.stale);
    free(stale->lots.stale);
    free(stale);
}

void stale_all(struct stale *stale)
{
    for (uint32_t i = 0; i < stale->lots.size; i++)
        set_add(&stale->lots, i);
    for (uint32_t i = 0; i < stale->bays.size; i++)
        set_add(&stale->bays, i);
}

void stale_lot(struct stale *stale, uint32_t lot)
{
    set_add(&stale->lots, lot);
}

void stale_bay_alone(struct stale *stale, uint32_t bay)
{
    set_add(&stale->bays, bay);
}

void stale_bay(struct stale *stale, uint32_t bay)
{
    set_add(&stale->bays, bay);
    set_add(&stale->lots, stale->plan->zones[stale->plan->bays[bay].zone].lot);
}

bool stale_take_lot(struct stale *stale, mono_ms now, uint32_t *ret_lot)
{
    for (uint32_t i = 0; stale->refresh_ms > 0 && i < stale->lots.size; i++) {
        if (mono_reached(now, mono_after(stale->taken[i], stale->refresh_ms)))
            set_add(&stale->lots, i);
    }
    if (!set_take(&stale->lots, ret_lot))
        return false;
    stale->taken[*ret_lot] = now;
    return true;
}

bool stale_take_bay(struct stale *stale, uint32_t *ret_bay)
{
    return set_take(&stale->bays, ret_bay);
}

mono_ms stale_next(const struct stale *stale)
{
    mono_ms next = MONO_NEVER;

    for (uint32_t i = 0; stale->refresh_ms > 0 && i < stale->lots.size; i++)
        next = mono_earlier(next, mono_after(stale->taken[i], stale->refresh_ms));
    return next;
}
