/* Chains of numbers by hash. See stays_index.h. */
#include "daemon/core/stays_index.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/memory.h"

void stays_index_init(struct stays_index *index, uint32_t room)
{
    uint32_t heads = 16;

    assert(room <= UINT32_C(1) << 30);
    while (heads < room)
        heads *= 2;
    *index = (struct stays_index){.heads = memory_new(heads, sizeof *index->heads),
                                  .nexts = memory_new(room, sizeof *index->nexts),
                                  .mask = heads - 1};
}

void stays_index_fini(struct stays_index *index)
{
    free(index->nexts);
    free(index->heads);
}

static uint32_t *head(const struct stays_index *index, uint64_t hash)
{
    return &index->heads[(uint32_t)(hash ^ hash >> 32) & index->mask];
}

void stays_index_put(struct stays_index *index, uint64_t hash, uint32_t number)
{
    uint32_t *first = head(index, hash);

    index->nexts[number] = *first;
    *first = number + 1;
}

void stays_index_drop(struct stays_index *index, uint64_t hash, uint32_t number)
{
    uint32_t *at = head(index, hash);

    while (*at != number + 1) {
        assert(*at); /* else it was never put */
        at = &index->nexts[*at - 1];
    }
    *at = index->nexts[number];
}

uint32_t stays_index_first(const struct stays_index *index, uint64_t hash)
{
    return *head(index, hash) - 1; /* 0 becomes INDEX_END */
}

uint32_t stays_index_next(const struct stays_index *index, uint32_t number)
{
    return index->nexts[number] - 1;
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv). */
uint64_t stays_index_hash(const char *text, uint64_t seed)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ seed;

    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        hash = (hash ^ *p) * UINT64_C(0x100000001b3);
    return hash;
}
