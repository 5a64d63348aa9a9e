/*
 * Places for stays: taken and given back without allocation. Those that are free and were never
 * used stay untouched, so that memory follows what a site has held, not what it may hold. Loop's
 * thread.
 */
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/stays_inside.h"

void stays_keep_pool(struct stays_pool *pool, uint32_t room)
{
    *pool = (struct stays_pool){.free = memory_new(room, sizeof *pool->free), .room = room};
}

uint32_t stays_keep_take(struct stays_pool *pool)
{
    if (pool->free_count > 0)
        return pool->free[--pool->free_count];
    return pool->fresh < pool->room ? pool->fresh++ : INDEX_END;
}

void stays_keep_give(struct stays_pool *pool, uint32_t number)
{
    pool->free[pool->free_count++] = number;
}

static uint32_t number_of(const struct stays *stays, const struct stays_slot *slot)
{
    return (uint32_t)(slot - stays->slots);
}

static struct stays_chain *chain_of(struct stays *stays, const struct stay *stay)
{
    if (!stay->closed)
        return &stays->open;
    return stay_arrears(stay) > 0 ? &stays->owing : &stays->left;
}

/* Whether `slot` came before `other`: ids ascend. */
static bool earlier(const struct stays_slot *slot, const struct stays_slot *other)
{
    return !slot->stay.closed && strcmp(slot->stay.id, other->stay.id) < 0;
}

/* Open ones stand in the order of their ids, also those that come back; closed ones as they come.
 */
static void chain_add(struct stays *stays, struct stays_chain *chain, struct stays_slot *slot)
{
    uint32_t number = number_of(stays, slot);

    slot->before = chain->count ? chain->last : INDEX_END;
    slot->after = INDEX_END;
    while (slot->before != INDEX_END && earlier(slot, &stays->slots[slot->before])) {
        slot->after = slot->before;
        slot->before = stays->slots[slot->before].before;
    }
    *(slot->before == INDEX_END ? &chain->first : &stays->slots[slot->before].after) = number;
    *(slot->after == INDEX_END ? &chain->last : &stays->slots[slot->after].before) = number;
    chain->count++;
}

static void chain_drop(struct stays *stays, struct stays_chain *chain,
                       const struct stays_slot *slot)
{
    *(slot->before == INDEX_END ? &chain->first : &stays->slots[slot->before].after) = slot->after;
    *(slot->after == INDEX_END ? &chain->last : &stays->slots[slot->after].before) = slot->before;
    chain->count--;
}

/* The newest of those that are told to have been there. */
static void stand_on_bay(struct stays *stays, const struct stays_slot *slot)
{
    if (slot->stay.bay == PLAN_NONE)
        return;
    struct stays_bay *bay = &stays->bays[slot->stay.bay];
    uint32_t *at = slot->stay.closed ? &bay->last : &bay->stay;
    if (*at == 0 || stays->slots[*at - 1].stay.entered.ms <= slot->stay.entered.ms)
        *at = number_of(stays, slot) + 1;
}

static void leave_bay(struct stays *stays, const struct stays_slot *slot)
{
    if (slot->stay.bay == PLAN_NONE)
        return;
    struct stays_bay *bay = &stays->bays[slot->stay.bay];
    uint32_t *at = slot->stay.closed ? &bay->last : &bay->stay;
    if (*at == number_of(stays, slot) + 1)
        *at = 0;
}

void stays_keep_place(struct stays *stays, struct stays_slot *slot)
{
    const struct stay *stay = &slot->stay;
    uint32_t number = number_of(stays, slot);

    stays_index_put(&stays->by_id, stays_index_hash(stay->id, 0), number);
    if (stay->plate[0])
        stays_index_put(&stays->by_plate, stays_index_hash(stay->plate, stay->lot), number);
    if (stay->ticket[0])
        stays_index_put(&stays->by_ticket, stays_index_hash(stay->ticket, 0), number);
    chain_add(stays, chain_of(stays, stay), slot);
    stand_on_bay(stays, slot);
    if (stay->closed)
        return;
    stays->lots[stay->lot].inside[stay->class]++;
    stays->lots[stay->lot].kinds[stay->kind]++;
}

void stays_keep_displace(struct stays *stays, struct stays_slot *slot)
{
    const struct stay *stay = &slot->stay;
    uint32_t number = number_of(stays, slot);

    stays_index_drop(&stays->by_id, stays_index_hash(stay->id, 0), number);
    if (stay->plate[0])
        stays_index_drop(&stays->by_plate, stays_index_hash(stay->plate, stay->lot), number);
    if (stay->ticket[0])
        stays_index_drop(&stays->by_ticket, stays_index_hash(stay->ticket, 0), number);
    chain_drop(stays, chain_of(stays, stay), slot);
    leave_bay(stays, slot);
    if (stay->closed)
        return;
    stays->lots[stay->lot].inside[stay->class]--;
    stays->lots[stay->lot].kinds[stay->kind]--;
}

bool stays_keep_forget(struct stays *stays)
{
    const struct stays_chain *chain = stays->left.count > 0 ? &stays->left : &stays->owing;

    if (chain->count == 0)
        return false;
    struct stays_slot *slot = &stays->slots[chain->first];
    stays_keep_displace(stays, slot);
    stays_money_forget(stays, slot);
    slot->stay.id[0] = '\0';
    stays_keep_give(&stays->free_slots, number_of(stays, slot));
    return true;
}

struct stays_slot *stays_keep_new(struct stays *stays)
{
    uint32_t number = stays_keep_take(&stays->free_slots);

    if (number == INDEX_END && stays_keep_forget(stays))
        number = stays_keep_take(&stays->free_slots);
    if (number == INDEX_END)
        return NULL;
    struct stays_slot *slot = &stays->slots[number];
    *slot = (struct stays_slot){.clock_base_ms = stays->clock_ms};
    return slot;
}

struct stays_slot *stays_keep_find(const struct stays *stays, const char *id)
{
    uint64_t hash = stays_index_hash(id, 0);

    for (uint32_t n = stays_index_first(&stays->by_id, hash); n != INDEX_END;
         n = stays_index_next(&stays->by_id, n))
        if (strcmp(stays->slots[n].stay.id, id) == 0)
            return &stays->slots[n];
    return NULL;
}
