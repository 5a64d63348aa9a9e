/*
 * The set of stays: making it, and looking into it. What changes it is in stays_apply.c and the
 * files that it calls; what people and vehicles do is in stays_visit.c (coming and leaving),
 * stays_pay.c, stays_amend.c, stays_lists.c, stays_shift.c and stays_bays.c. Loop's thread.
 */
#include "daemon/core/stays.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/match.h"
#include "daemon/core/stays_inside.h"

/* For each stay there is room for two payments and two orders; beyond that the oldest go. */
enum { PER_STAY = 2 };

struct stays *stays_create(const struct site_plan *plan, struct ident *ident, uint32_t room)
{
    struct stays *stays = memory_new(1, sizeof *stays);
    uint32_t money = room * PER_STAY;

    stays->plan = plan;
    stays->ident = ident;
    stays->room = room;
    stays->slots = memory_new(room, sizeof *stays->slots);
    stays->payments = memory_new(money, sizeof *stays->payments);
    stays->orders = memory_new(money, sizeof *stays->orders);
    stays->listed = memory_new(room, sizeof *stays->listed);
    stays->bays = memory_new(plan->bays_count + 1, sizeof *stays->bays);
    stays->lots = memory_new(plan->lots_count + 1, sizeof *stays->lots);
    stays_keep_pool(&stays->free_slots, room);
    stays_keep_pool(&stays->free_payments, money);
    stays_keep_pool(&stays->free_listed, room);
    stays_index_init(&stays->by_id, room);
    stays_index_init(&stays->by_plate, room);
    stays_index_init(&stays->by_ticket, room);
    stays_index_init(&stays->by_payment, money);
    stays_index_init(&stays->by_transaction, money);
    stays_index_init(&stays->by_order, money);
    stays_index_init(&stays->by_listed, room);
    stays_index_init(&stays->by_group, room);
    return stays;
}

void stays_destroy(struct stays *stays)
{
    if (!stays)
        return;
    stays_index_fini(&stays->by_group);
    stays_index_fini(&stays->by_listed);
    stays_index_fini(&stays->by_order);
    stays_index_fini(&stays->by_transaction);
    stays_index_fini(&stays->by_payment);
    stays_index_fini(&stays->by_ticket);
    stays_index_fini(&stays->by_plate);
    stays_index_fini(&stays->by_id);
    free(stays->free_listed.free);
    free(stays->free_payments.free);
    free(stays->free_slots.free);
    free(stays->lots);
    free(stays->bays);
    free(stays->listed);
    free(stays->orders);
    free(stays->payments);
    free(stays->slots);
    free(stays);
}

int64_t stay_arrears(const struct stay *stay)
{
    return stay->closed ? stay->money.payable_fen - stay->received_fen : 0;
}

const struct stay *stays_find(const struct stays *stays, const char *id)
{
    const struct stays_slot *slot = stays_keep_find(stays, id);

    return slot ? &slot->stay : NULL;
}

static bool same_vehicle(const struct stay *stay, uint32_t lot, const char *plate, bool closed)
{
    return stay->lot == lot && stay->closed == closed && strcmp(stay->plate, plate) == 0;
}

const struct stay *stays_by_plate(const struct stays *stays, uint32_t lot, const char *plate)
{
    const struct stay *newest = NULL;
    uint64_t hash = stays_index_hash(plate, lot);

    for (uint32_t n = stays_index_first(&stays->by_plate, hash); n != INDEX_END && plate[0];
         n = stays_index_next(&stays->by_plate, n)) {
        const struct stay *stay = &stays->slots[n].stay;

        if (same_vehicle(stay, lot, plate, false) && (!newest || strcmp(stay->id, newest->id) > 0))
            newest = stay;
    }
    return newest;
}

const struct stay *stays_by_ticket(const struct stays *stays, const char *ticket)
{
    const struct stay *newest = NULL;

    for (uint32_t n = stays_index_first(&stays->by_ticket, stays_index_hash(ticket, 0));
         n != INDEX_END; n = stays_index_next(&stays->by_ticket, n)) {
        const struct stay *stay = &stays->slots[n].stay;

        if (!stay->closed && strcmp(stay->ticket, ticket) == 0 &&
            (!newest || strcmp(stay->id, newest->id) > 0))
            newest = stay;
    }
    return newest;
}

const struct stay *stays_of_ticket(const struct stays *stays, uint32_t lot, const char *ticket)
{
    const struct stay *stay = stays_by_ticket(stays, ticket);

    if (!stay)
        stay = stays_find(stays, ticket);
    return stay && !stay->closed && stay->lot == lot ? stay : NULL;
}

const struct stay *stays_last(const struct stays *stays, uint32_t lot, const char *plate)
{
    const struct stay *last = NULL;
    uint64_t hash = stays_index_hash(plate, lot);

    for (uint32_t n = stays_index_first(&stays->by_plate, hash); n != INDEX_END && plate[0];
         n = stays_index_next(&stays->by_plate, n)) {
        const struct stay *stay = &stays->slots[n].stay;

        if (same_vehicle(stay, lot, plate, true) && stay->outcome != OUTCOME_VOID &&
            (!last || stay->left.ms > last->left.ms))
            last = stay;
    }
    return last;
}

const struct stay *stays_on_bay(const struct stays *stays, uint32_t bay)
{
    uint32_t number = stays->bays[bay].stay;

    return number ? &stays->slots[number - 1].stay : NULL;
}

uint32_t stays_inside(const struct stays *stays, uint32_t lot, uint32_t classes)
{
    uint32_t count = 0;

    for (uint32_t class = 0; class < VEHICLE_CLASSES; class ++)
        if (classes & VEHICLE_BIT(class))
            count += stays->lots[lot].inside[class];
    return count;
}

uint32_t stays_of_kind(const struct stays *stays, uint32_t lot, enum stay_kind kind)
{
    return stays->lots[lot].kinds[kind];
}

/* Puts `stay` among the nearest; older ones stay ahead of those that are as near. */
static uint32_t place(struct stay_near near[STAYS_NEAR], uint32_t count, struct stay_near found)
{
    uint32_t at = count;

    while (at > 0 && near[at - 1].distance > found.distance)
        at--;
    if (at == STAYS_NEAR)
        return count;
    count = count < STAYS_NEAR ? count + 1 : count;
    memmove(&near[at + 1], &near[at], (count - at - 1) * sizeof *near);
    near[at] = found;
    return count;
}

uint32_t stays_near(const struct stays *stays, uint32_t lot, const char *plate,
                    struct stay_near ret[STAYS_NEAR])
{
    static const uint32_t bound =
        2 * MATCH_EDIT + 1; /* two characters: beyond, no one would pick */
    uint32_t count = 0;

    for (uint32_t n = stays->open.count ? stays->open.first : INDEX_END; n != INDEX_END;
         n = stays->slots[n].after) {
        const struct stay *stay = &stays->slots[n].stay;

        if (stay->lot != lot || !stay->plate[0])
            continue;
        uint32_t distance = match_distance(stay->plate, plate, bound);
        if (distance < bound)
            count = place(ret, count, (struct stay_near){stay, distance});
    }
    return count;
}

static bool each(const struct stays *stays, const struct stays_chain *chain, stay_fn *fn, void *arg)
{
    uint32_t next;

    for (uint32_t n = chain->count ? chain->first : INDEX_END; n != INDEX_END; n = next) {
        next = stays->slots[n].after;
        if (!fn(arg, &stays->slots[n].stay))
            return false;
    }
    return true;
}

void stays_each(const struct stays *stays, stay_fn *fn, void *arg)
{
    if (each(stays, &stays->owing, fn, arg))
        each(stays, &stays->open, fn, arg);
}
