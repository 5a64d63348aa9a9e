/* Merging of adjacent registers: sort what is needed, then run along it once. */
#include "sensors/bus/blocks.h"

#include <stdlib.h>

#include "daemon/base/memory.h"
#include "sensors/lane/barrier.h"

struct gather {
    struct block *blocks;
    uint32_t count;
};

static void need(struct gather *gather, const struct modbus_place *place, uint32_t input,
                 uint16_t words, bool background)
{
    if (place->function == 0)
        return;
    gather->blocks[gather->count++] = (struct block){.function = place->function,
                                                     .background = background,
                                                     .address = modbus_place_address(place, input),
                                                     .count = words};
}

static int compare(const void *a, const void *b)
{
    const struct block *x = a, *y = b;
    if (x->background != y->background)
        return x->background - y->background;
    if (x->function != y->function)
        return x->function - y->function;
    return x->address - y->address;
}

/* Takes `next` into `block` when one request may read both. */
static bool extend(struct block *block, const struct block *next, const struct modbus_map *map)
{
    uint32_t limit = block->function <= 2 ? map->max_bits : map->max_words;
    uint32_t end = (uint32_t)block->address + block->count;
    uint32_t next_end = (uint32_t)next->address + next->count;
    if (next->background != block->background || next->function != block->function ||
        next->address > end + map->max_hole)
        return false;
    if (next_end <= end)
        return true;
    if (next_end - block->address > limit)
        return false;
    block->count = (uint16_t)(next_end - block->address);
    return true;
}

uint32_t blocks_of(const struct device_settings *device, struct block **ret)
{
    const struct modbus_map *map = device->map;
    struct gather gather = {.blocks =
                                memory_new(3 * (size_t)device->inputs + 2, sizeof *gather.blocks)};
    for (uint32_t i = 0; i < device->inputs; i++) {
        if (device->bays[i] == PLAN_NONE)
            continue;
        need(&gather, &map->state, i, 1, false);
        need(&gather, &map->fault, i, 1, false);
        need(&gather, &map->counter.place, i, map->counter.wide ? 2 : 1, true);
    }
    if (gather.count == 0)
        need(&gather, &map->state, 0, 1, false); /* no bays yet: only to see that it is there */
    need(&gather, &map->temperature.place, 0, 1, true);
    qsort(gather.blocks, gather.count, sizeof *gather.blocks, compare);

    uint32_t merged = 0;
    for (uint32_t i = 1; i < gather.count; i++)
        if (!extend(&gather.blocks[merged], &gather.blocks[i], map))
            gather.blocks[++merged] = gather.blocks[i];
    *ret = gather.blocks;
    return merged + 1;
}

/* A poll that two barriers want at different rates is made at the faster. */
static void add_poll(struct gather *gather, const struct barrier_poll *poll)
{
    for (uint32_t i = 0; i < gather->count; i++) {
        struct block *block = &gather->blocks[i];
        if (block->function != poll->function || block->address != poll->address ||
            block->count != poll->count)
            continue;
        if (poll->period_ms < block->period_ms)
            block->period_ms = poll->period_ms;
        return;
    }
    gather->blocks[gather->count] = (struct block){.function = poll->function,
                                                   .background = gather->count > 0,
                                                   .address = poll->address,
                                                   .count = poll->count,
                                                   .period_ms = poll->period_ms,
                                                   .once = poll->period_ms == 0};
    gather->count++;
}

uint32_t blocks_of_barriers(const struct bus_settings *settings, uint32_t n, struct block **ret)
{
    uint32_t unit = settings->devices[n].unit, barriers = settings->devices_count;
    *ret = NULL;
    for (uint32_t i = 0; i < n; i++)
        if (settings->devices[i].unit == unit)
            return 0;
    if (!settings->devices[n].barrier_map)
        return 0;
    struct gather gather = {
        .blocks = memory_new((size_t)barriers * BARRIER_POLLS, sizeof *gather.blocks)};
    for (uint32_t i = n; i < settings->devices_count; i++) {
        const struct barrier_map *map = settings->devices[i].barrier_map;
        for (uint8_t p = 0; map && settings->devices[i].unit == unit && p < map->polls_count; p++)
            add_poll(&gather, &map->polls[p]);
    }
    *ret = gather.blocks;
    return gather.count;
}
