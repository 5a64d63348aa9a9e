/* See held_list.h for the numbered rules. */
#include "daemon/core/held_list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/text.h"

struct entry {
    char plate[PLATE_SIZE];
    utc_ms from, until; /* wanted; until 0: open */
    utc_ms told;        /* the end that the camera was told */
    bool wanted, held, due;
    bool flying, adding; /* under way, as an addition */
    bool refused;
};

struct held_list {
    struct entry *entries, *wants, *spare; /* `room` each; entries and wants by plate */
    uint32_t count, wants_count, room, left_out;
    int64_t lease_ms;
};

static int by_plate(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->plate, ((const struct entry *)b)->plate);
}

static bool later(utc_ms a, utc_ms b)
{
    return a.ms == 0 ? b.ms != 0 : b.ms != 0 && a.ms > b.ms;
}

void held_list_begin(struct held_list *list)
{
    list->wants_count = list->left_out = 0;
}

void held_list_want(struct held_list *list, const char *plate, utc_ms from, utc_ms until)
{
    if (!plate[0])
        return;
    if (list->wants_count == list->room) {
        list->left_out++; /* rule 4 */
        return;
    }
    struct entry *want = &list->wants[list->wants_count++];
    *want = (struct entry){.from = from, .until = until, .wanted = true, .due = true};
    text_copy(want->plate, sizeof want->plate, plate);
}

/* A plate that is wanted twice is wanted for the longer span. */
static void sort_wants(struct held_list *list)
{
    uint32_t kept = 0;

    if (list->wants_count)
        qsort(list->wants, list->wants_count, sizeof *list->wants, by_plate);
    for (uint32_t i = 0; i < list->wants_count; i++) {
        struct entry *last = kept ? &list->wants[kept - 1] : NULL;
        const struct entry *want = &list->wants[i];

        if (!last || by_plate(last, want)) {
            list->wants[kept++] = *want;
            continue;
        }
        if (want->from.ms < last->from.ms)
            last->from = want->from;
        if (later(want->until, last->until))
            last->until = want->until;
    }
    list->wants_count = kept;
}

/* What the entry is from now on; `want` NULL: nobody wants it. False: it may be forgotten. */
static bool compare(struct entry *entry, const struct entry *want, utc_ms now)
{
    bool changed = entry->wanted != (want != NULL) ||
                   (want && (entry->from.ms != want->from.ms || entry->until.ms != want->until.ms));

    entry->wanted = want != NULL;
    entry->refused = entry->refused && !changed;
    if (want) {
        entry->due |= changed || (!entry->held && !entry->flying);
        entry->from = want->from;
        entry->until = want->until;
        return true;
    }
    if (entry->flying)
        return true;
    if (entry->told.ms <= now.ms)
        entry->held = false; /* the camera has let it go by itself */
    entry->due = entry->held;
    return entry->held;
}

void held_list_end(struct held_list *list, utc_ms now)
{
    struct entry *old = list->entries;
    uint32_t i = 0, w = 0, kept = 0;

    sort_wants(list);
    while (i < list->count || w < list->wants_count) {
        int order = i == list->count         ? 1
                    : w == list->wants_count ? -1
                                             : by_plate(&old[i], &list->wants[w]);
        struct entry *entry = order <= 0 ? &old[i++] : NULL;
        const struct entry *want = order >= 0 ? &list->wants[w++] : NULL;
        bool stays = !entry || compare(entry, want, now);

        if (stays && kept < list->room)
            list->spare[kept++] = entry ? *entry : *want;
        else
            list->left_out += stays;
    }
    list->entries = list->spare;
    list->spare = old;
    list->count = kept;
}

void held_list_renew(struct held_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        list->entries[i].due = true;
        list->entries[i].refused = false;
    }
}

static void put(struct held_list *list, struct entry *entry, utc_ms now, struct held_change *ret)
{
    const utc_ms lease = {now.ms + list->lease_ms};

    *ret = (struct held_change){.add = entry->wanted, .from = entry->from};
    memcpy(ret->plate, entry->plate, sizeof ret->plate);
    ret->until = later(lease, entry->until) ? entry->until : lease;
    entry->flying = true;
    entry->adding = entry->wanted;
    entry->due = false;
    if (entry->wanted)
        entry->told = ret->until;
}

uint32_t held_list_take(struct held_list *list, struct held_most most, utc_ms now,
                        struct held_change *ret)
{
    uint32_t taken = 0;

    for (uint32_t i = 0; i < list->count; i++)
        if (list->entries[i].flying)
            return 0;
    for (int add = 0; add <= 1 && !taken; add++) {
        uint32_t max = add ? most.additions : most.removals;

        for (uint32_t i = 0; i < list->count && taken < max; i++) {
            struct entry *entry = &list->entries[i];

            if (entry->due && !entry->refused && entry->wanted == (add != 0))
                put(list, entry, now, &ret[taken++]);
        }
    }
    return taken;
}

/* What was wanted when it went may be unwanted now, or the other way round. */
void held_list_done(struct held_list *list, bool taken)
{
    for (uint32_t i = 0; i < list->count; i++) {
        struct entry *entry = &list->entries[i];

        if (!entry->flying)
            continue;
        entry->flying = false;
        if (taken)
            entry->held = entry->adding;
        entry->due |= !taken || entry->held != entry->wanted;
    }
}

void held_list_refused(struct held_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        list->entries[i].refused |= list->entries[i].flying;
    held_list_done(list, false);
}

void held_list_figures(const struct held_list *list, struct held_figures *ret)
{
    *ret = (struct held_figures){.left_out = list->left_out};
    for (uint32_t i = 0; i < list->count; i++) {
        ret->held += list->entries[i].held;
        ret->due += list->entries[i].due || list->entries[i].flying;
        ret->refused += list->entries[i].refused;
    }
}

struct held_list *held_list_create(uint32_t room, int64_t lease_ms)
{
    struct held_list *list = memory_new(1, sizeof *list);

    assert(room > 0 && lease_ms > 0);
    list->entries = memory_new(room, sizeof *list->entries);
    list->wants = memory_new(room, sizeof *list->wants);
    list->spare = memory_new(room, sizeof *list->spare);
    list->room = room;
    list->lease_ms = lease_ms;
    return list;
}

void held_list_destroy(struct held_list *list)
{
    if (!list)
        return;
    free(list->entries);
    free(list->wants);
    free(list->spare);
    free(list);
}
