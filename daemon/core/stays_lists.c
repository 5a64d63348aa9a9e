/*
 * Plates on lists: passes, exempt, blocked and locked ones, each for a span and a lot or all of
 * them. What ended is kept while there is room, because a stay is priced by the passes of its whole
 * time. Loop's thread.
 */
#include <string.h>

#include "daemon/core/stays_inside.h"

static uint64_t plate_hash(enum list_kind list, const char *plate)
{
    return stays_index_hash(plate, list);
}

static bool lies_in(const struct stays_listed *entry, utc_ms at)
{
    return at.ms >= entry->from.ms && (entry->until.ms == 0 || at.ms < entry->until.ms);
}

static bool ended(const struct stays_listed *entry, utc_ms at)
{
    return entry->until.ms != 0 && entry->until.ms <= at.ms;
}

static bool about(const struct stays_listed *entry, enum list_kind list, uint32_t lot,
                  const char *plate)
{
    return entry->list == list && (entry->lot == PLAN_NONE || entry->lot == lot) &&
           strcmp(entry->plate, plate) == 0;
}

/* The next entry about the plate in this lot, from number `n` of its chain on. */
static uint32_t seek(const struct stays *stays, uint32_t n, enum list_kind list, uint32_t lot,
                     const char *plate)
{
    while (n != INDEX_END && !about(&stays->listed[n], list, lot, plate))
        n = stays_index_next(&stays->by_listed, n);
    return n;
}

static uint32_t first(const struct stays *stays, enum list_kind list, uint32_t lot,
                      const char *plate)
{
    return plate[0] ? seek(stays, stays_index_first(&stays->by_listed, plate_hash(list, plate)),
                           list, lot, plate)
                    : INDEX_END;
}

static uint32_t next(const struct stays *stays, uint32_t n, uint32_t lot)
{
    const struct stays_listed *entry = &stays->listed[n];

    return seek(stays, stays_index_next(&stays->by_listed, n), entry->list, lot, entry->plate);
}

static const struct stays_listed *valid(const struct stays *stays, enum list_kind list,
                                        uint32_t lot, const char *plate, utc_ms at)
{
    for (uint32_t n = first(stays, list, lot, plate); n != INDEX_END; n = next(stays, n, lot))
        if (lies_in(&stays->listed[n], at))
            return &stays->listed[n];
    return NULL;
}

bool stays_lists_has(const struct stays *stays, enum list_kind list, uint32_t lot,
                     const char *plate, utc_ms at)
{
    return valid(stays, list, lot, plate, at) != NULL;
}

static void drop(struct stays *stays, uint32_t n)
{
    struct stays_listed *entry = &stays->listed[n];

    stays_index_drop(&stays->by_listed, plate_hash(entry->list, entry->plate), n);
    if (entry->group[0])
        stays_index_drop(&stays->by_group, stays_index_hash(entry->group, 0), n);
    entry->plate[0] = '\0';
    stays_keep_give(&stays->free_listed, n);
}

/* The one that ended first gives its place up; INDEX_END: none has. */
static uint32_t ended_first(const struct stays *stays, utc_ms at)
{
    uint32_t oldest = INDEX_END;

    for (uint32_t n = 0; n < stays->free_listed.room; n++) {
        const struct stays_listed *entry = &stays->listed[n];

        if (ended(entry, at) &&
            (oldest == INDEX_END || entry->until.ms < stays->listed[oldest].until.ms))
            oldest = n;
    }
    return oldest;
}

static bool is_full(const struct stays *stays, utc_ms at)
{
    return stays->free_listed.fresh == stays->free_listed.room &&
           ended_first(stays, at) == INDEX_END;
}

static uint32_t make_room(struct stays *stays, utc_ms at)
{
    uint32_t oldest = ended_first(stays, at);

    if (oldest == INDEX_END)
        return INDEX_END;
    drop(stays, oldest);
    return stays_keep_take(&stays->free_listed);
}

static void put_on(struct stays *stays, const struct record *record)
{
    const struct record_list *r = &record->list;
    uint32_t n = stays_keep_take(&stays->free_listed);

    if (n == INDEX_END)
        n = make_room(stays, record->at);
    if (n == INDEX_END)
        return;
    struct stays_listed *entry = &stays->listed[n];
    *entry = (struct stays_listed){
        .list = r->list, .lot = r->lot, .bays = r->bays, .from = r->from, .until = r->until};
    if (entry->from.ms == 0)
        entry->from = record->at;
    text_copy(entry->plate, sizeof entry->plate, r->plate);
    text_copy(entry->group, sizeof entry->group, r->group);
    stays_index_put(&stays->by_listed, plate_hash(r->list, r->plate), n);
    if (entry->group[0])
        stays_index_put(&stays->by_group, stays_index_hash(r->group, 0), n);
}

/* From now on; what has not begun never will. */
static void take_off(struct stays *stays, const struct record *record)
{
    const struct record_list *r = &record->list;

    for (uint32_t n = stays_index_first(&stays->by_listed, plate_hash(r->list, r->plate));
         n != INDEX_END; n = stays_index_next(&stays->by_listed, n)) {
        struct stays_listed *entry = &stays->listed[n];
        utc_ms end = entry->from.ms > record->at.ms ? entry->from : record->at;

        if (about(entry, r->list, r->lot, r->plate) && entry->lot == r->lot &&
            !ended(entry, record->at))
            entry->until = end;
    }
}

void stays_lists_apply(struct stays *stays, const struct record *record)
{
    if (record->list.on)
        put_on(stays, record);
    else
        take_off(stays, record);
}

void stays_each_listed(const struct stays *stays, stay_listed_fn *fn, void *arg)
{
    for (uint32_t n = 0; n < stays->free_listed.room; n++) {
        const struct stays_listed *entry = &stays->listed[n];
        struct record_list shown = {.list = entry->list,
                                    .on = true,
                                    .lot = entry->lot,
                                    .bays = entry->bays,
                                    .from = entry->from,
                                    .until = entry->until};

        if (!entry->plate[0])
            continue;
        text_copy(shown.plate, sizeof shown.plate, entry->plate);
        text_copy(shown.group, sizeof shown.group, entry->group);
        fn(arg, &shown);
    }
}

static bool parks_on_pass(const struct stays *stays, uint32_t lot, const char *plate)
{
    const struct stay *stay = stays_by_plate(stays, lot, plate);

    return stay && stay->kind == STAY_PASS;
}

static bool inside_on_pass(const struct stays *stays, const struct stays_listed *entry)
{
    if (entry->lot != PLAN_NONE)
        return parks_on_pass(stays, entry->lot, entry->plate);
    for (uint32_t lot = 0; lot < stays->plan->lots_count; lot++)
        if (parks_on_pass(stays, lot, entry->plate))
            return true;
    return false;
}

/* Whether the other cars of the group have taken all of its bays. */
static bool taken(const struct stays *stays, const struct stays_listed *pass, uint32_t lot,
                  utc_ms at)
{
    uint32_t inside = 0;

    if (!pass->group[0] || pass->bays == 0)
        return false;
    for (uint32_t n = stays_index_first(&stays->by_group, stays_index_hash(pass->group, 0));
         n != INDEX_END; n = stays_index_next(&stays->by_group, n)) {
        const struct stays_listed *other = &stays->listed[n];

        if (strcmp(other->group, pass->group) == 0 && strcmp(other->plate, pass->plate) != 0 &&
            valid(stays, PLATES_PASS, lot, other->plate, at) == other)
            inside += inside_on_pass(stays, other);
    }
    return inside >= pass->bays;
}

/* It had a pass here, and has none. */
static bool expired(const struct stays *stays, uint32_t lot, const char *plate, utc_ms at)
{
    for (uint32_t n = first(stays, PLATES_PASS, lot, plate); n != INDEX_END;
         n = next(stays, n, lot))
        if (ended(&stays->listed[n], at))
            return true;
    return false;
}

static int64_t arrears(const struct stays *stays, uint32_t lot, const char *plate)
{
    int64_t fen = 0;
    uint64_t hash = stays_index_hash(plate, lot);

    for (uint32_t n = stays_index_first(&stays->by_plate, hash); n != INDEX_END;
         n = stays_index_next(&stays->by_plate, n)) {
        const struct stay *stay = &stays->slots[n].stay;
        int64_t owed = stay_arrears(stay);

        if (stay->lot == lot && owed > 0 && strcmp(stay->plate, plate) == 0)
            fen += owed;
    }
    return fen;
}

void stays_standing(const struct stays *stays, uint32_t lot, const char *plate,
                    enum vehicle_class class, utc_ms now, struct plate_standing *ret)
{
    const struct stays_listed *pass = valid(stays, PLATES_PASS, lot, plate, now);

    *ret = (struct plate_standing){
        .pass = pass != NULL,
        .pass_in_use = pass && taken(stays, pass, lot, now),
        .pass_expired = !pass && expired(stays, lot, plate, now),
        .exempt = stays->plan->lots[lot].policy.exempt & VEHICLE_BIT(class) ||
                  stays_lists_has(stays, PLATES_EXEMPT, lot, plate, now),
        .blocked = stays_lists_has(stays, PLATES_BLOCKED, lot, plate, now),
        .locked = stays_lists_has(stays, PLATES_LOCKED, lot, plate, now),
    };
    if (pass)
        text_copy(ret->group, sizeof ret->group, pass->group);
    for (uint32_t i = 0; i < stays->plan->lots_count && plate[0]; i++)
        ret->arrears_fen += arrears(stays, i, plate);
}

/* A group's pass counts for the cars that came in on it; a pass of one's own always. */
static bool covers(const struct stays_listed *pass, const struct stay *stay)
{
    return pass->bays == 0 || !pass->group[0] || stay->kind == STAY_PASS;
}

uint32_t stays_lists_passes(const struct stays *stays, const struct stay *stay,
                            struct tariff_span *ret, uint32_t room)
{
    uint32_t count = 0;

    for (uint32_t n = first(stays, PLATES_PASS, stay->lot, stay->plate);
         n != INDEX_END && count < room; n = next(stays, n, stay->lot)) {
        const struct stays_listed *pass = &stays->listed[n];

        if (covers(pass, stay))
            ret[count++] = (struct tariff_span){
                pass->from.ms / 1000, pass->until.ms == 0 ? INT64_MAX : pass->until.ms / 1000};
    }
    return count;
}

bool stays_list(struct stays *stays, const struct record_list *change, utc_ms at,
                struct record_sink out, const char **ret_why)
{
    struct record record = {.kind = RECORD_LIST, .at = at, .list = *change};

    *ret_why = NULL;
    if (!change->plate[0])
        *ret_why = "no plate is given; name one";
    else if (change->until.ms != 0 && change->until.ms <= change->from.ms)
        *ret_why = "it ends before it begins; put the times right";
    else if (!change->on && !stays_lists_has(stays, change->list, change->lot, change->plate, at) &&
             first(stays, change->list, change->lot, change->plate) == INDEX_END)
        *ret_why = "the plate is not on this list";
    else if (change->on && is_full(stays, at))
        *ret_why = "the lists are full; take plates off, or raise the number of stays";
    if (*ret_why)
        return false;
    stays_emit(stays, &record, out);
    return true;
}
