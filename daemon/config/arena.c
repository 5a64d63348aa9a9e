/* Blocks in a chain; a request larger than a block gets one of its own. */
#include "daemon/config/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

enum { BLOCK_SIZE = 16 * 1024 };

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *blocks; /* the newest first */
};

struct arena *arena_create(void)
{
    return memory_new(1, sizeof(struct arena));
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;
    while (arena->blocks) {
        struct block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    free(arena);
}

static void *take(struct arena *arena, size_t size, size_t alignment)
{
    struct block *block = arena->blocks;
    size_t at = block ? (block->used + alignment - 1) & ~(alignment - 1) : 0;

    if (!block || at > block->size || size > block->size - at) {
        size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        block = memory_new(1, sizeof *block + room);
        *block = (struct block){.next = arena->blocks, .size = room};
        arena->blocks = block;
        at = 0;
    }
    block->used = at + size;
    return block->bytes + at;
}

void *arena_new(struct arena *arena, size_t count, size_t size)
{
    assert(size > 0 && count <= SIZE_MAX / size);
    return take(arena, count * size, alignof(max_align_t));
}

void *arena_copy(struct arena *arena, const void *items, size_t count, size_t size)
{
    void *copy = arena_new(arena, count, size);
    if (count)
        memcpy(copy, items, count * size);
    return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(take(arena, size, 1), text, size);
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    char none[1]; /* only the length is wanted of the first */
    va_list list, again;

    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(none, sizeof none, format, list);
    va_end(list);
    assert(length >= 0);
    char *text = take(arena, (size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
