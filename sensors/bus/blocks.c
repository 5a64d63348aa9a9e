/* Merging of adjacent registers: sort what is needed, then run along it once. */
#include "sensors/bus/blocks.h"

#include <stdlib.h>

#include "daemon/base/memory.h"

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
