/* Open addressing with linear probing, at most half full. */
#include "daemon/config/name_index.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

enum { SLOTS_FIRST = 64 };

struct name_index {
    struct name_entry *slots; /* free where the name is NULL */
    uint32_t slots_count;     /* a power of two */
    uint32_t used;
};

/* FNV-1a, 32 bits. */
static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u;

    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash;
}

struct name_index *name_index_create(void)
{
    struct name_index *index = memory_new(1, sizeof *index);
    index->slots_count = SLOTS_FIRST;
    index->slots = memory_new(SLOTS_FIRST, sizeof *index->slots);
    return index;
}

void name_index_destroy(struct name_index *index)
{
    if (!index)
        return;
    free(index->slots);
    free(index);
}

/* The slot that holds the name, or the free one where it belongs. */
static struct name_entry *slot_of(const struct name_index *index, const char *name)
{
    uint32_t mask = index->slots_count - 1;
    uint32_t at = hash_of(name) & mask;

    while (index->slots[at].name && strcmp(index->slots[at].name, name) != 0)
        at = (at + 1) & mask;
    return &index->slots[at];
}

const struct name_entry *name_index_find(const struct name_index *index, const char *name)
{
    const struct name_entry *slot = slot_of(index, name);
    return slot->name ? slot : NULL;
}

static void grow(struct name_index *index)
{
    struct name_entry *old = index->slots;
    uint32_t old_count = index->slots_count;

    index->slots_count *= 2;
    index->slots = memory_new(index->slots_count, sizeof *index->slots);
    for (uint32_t i = 0; i < old_count; i++)
        if (old[i].name)
            *slot_of(index, old[i].name) = old[i];
    free(old);
}

const struct name_entry *name_index_put(struct name_index *index, struct name_entry entry)
{
    struct name_entry *slot = slot_of(index, entry.name);

    if (slot->name)
        return slot;
    *slot = entry;
    if (2 * ++index->used > index->slots_count)
        grow(index);
    return NULL;
}
