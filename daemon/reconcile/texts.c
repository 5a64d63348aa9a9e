/* Texts in blocks. See texts.h. */
#include "daemon/reconcile/texts.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

enum { BLOCK_SIZE = 65536 };

struct block {
    struct block *next;
    char bytes[];
};

struct texts {
    struct block *blocks; /* the newest first */
    size_t used, size;    /* of the newest */
};

struct texts *texts_create(void)
{
    return memory_new(1, sizeof(struct texts));
}

void texts_destroy(struct texts *texts)
{
    while (texts && texts->blocks) {
        struct block *next = texts->blocks->next;

        free(texts->blocks);
        texts->blocks = next;
    }
    free(texts);
}

const char *texts_keep(struct texts *texts, const char *text)
{
    size_t size = text ? strlen(text) + 1 : 1;

    if (size == 1)
        return "";
    if (size > texts->size - texts->used) {
        size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        struct block *block = memory_new(1, sizeof *block + room);

        block->next = texts->blocks;
        texts->blocks = block;
        texts->size = room;
        texts->used = 0;
    }
    char *copy = memcpy(texts->blocks->bytes + texts->used, text, size);
    texts->used += size;
    return copy;
}
