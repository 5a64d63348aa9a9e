/* Bodies of requests. See body.h. */
#include "daemon/serve/body.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

enum { FIRST_ROOM = 4096 };

static bool grow(struct body_pool *pool, struct body *body, size_t needed)
{
    size_t room = body->room ? body->room : FIRST_ROOM;

    while (room < needed)
        room *= 2;
    if (room > pool->each_max + 1)
        room = pool->each_max + 1;
    if (room - body->room > pool->all_max - pool->room)
        return false;
    body->bytes = memory_grow(body->bytes, 1, room);
    pool->room += room - body->room;
    body->room = room;
    return true;
}

bool body_take(struct body_pool *pool, struct body *body, const char *bytes, size_t size)
{
    if (size > pool->each_max - body->used)
        return false;
    size_t needed = body->used + size + 1;
    if (needed > body->room && !grow(pool, body, needed))
        return false;
    memcpy(body->bytes + body->used, bytes, size);
    body->used += size;
    body->bytes[body->used] = '\0';
    return true;
}

void body_free(struct body_pool *pool, struct body *body)
{
    pool->room -= body->room;
    free(body->bytes);
    *body = (struct body){0};
}
