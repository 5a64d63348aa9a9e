/* The heap of deadlines.h. `place` of a thing is its index in the heap plus one; 0: not in it. */
#include "daemon/core/deadlines.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/memory.h"

struct entry {
    mono_ms at;
    uint32_t thing;
};

struct deadlines {
    struct entry *heap;
    uint32_t *place;
    uint32_t count, things;
};

struct deadlines *deadlines_create(uint32_t things)
{
    struct deadlines *d = memory_new(1, sizeof *d);

    d->heap = memory_new(things, sizeof *d->heap);
    d->place = memory_new(things, sizeof *d->place);
    d->things = things;
    return d;
}

void deadlines_destroy(struct deadlines *d)
{
    if (!d)
        return;
    free(d->place);
    free(d->heap);
    free(d);
}

static void put(struct deadlines *d, uint32_t i, struct entry entry)
{
    d->heap[i] = entry;
    d->place[entry.thing] = i + 1;
}

/* Finds the place of `entry` from the hole at `i`: first towards the top, then downwards. */
static void sift(struct deadlines *d, uint32_t i, struct entry entry)
{
    for (uint32_t up; i > 0 && entry.at.ms < d->heap[up = (i - 1) / 2].at.ms; i = up)
        put(d, i, d->heap[up]);
    for (uint32_t down; (down = 2 * i + 1) < d->count; i = down) {
        if (down + 1 < d->count && d->heap[down + 1].at.ms < d->heap[down].at.ms)
            down++;
        if (entry.at.ms <= d->heap[down].at.ms)
            break;
        put(d, i, d->heap[down]);
    }
    put(d, i, entry);
}

static void take_out(struct deadlines *d, uint32_t thing)
{
    uint32_t hole = d->place[thing];

    if (!hole)
        return;
    struct entry last = d->heap[--d->count];
    d->place[thing] = 0;
    if (last.thing != thing)
        sift(d, hole - 1, last);
}

void deadlines_set(struct deadlines *d, uint32_t thing, mono_ms at)
{
    assert(thing < d->things);
    if (at.ms == MONO_NEVER.ms) {
        take_out(d, thing);
        return;
    }
    uint32_t place = d->place[thing];
    sift(d, place ? place - 1 : d->count++, (struct entry){at, thing});
}

mono_ms deadlines_first(const struct deadlines *d, uint32_t *ret_thing)
{
    if (!d->count)
        return MONO_NEVER;
    if (ret_thing)
        *ret_thing = d->heap[0].thing;
    return d->heap[0].at;
}
