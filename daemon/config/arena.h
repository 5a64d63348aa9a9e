/*
 * Memory that lives and dies with one configuration: taken in pieces, given back as a whole. Never
 * fails (base/memory.h).
 */
#ifndef CONFIG_ARENA_H
#define CONFIG_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_create(void);
void arena_destroy(struct arena *arena); /* takes NULL */

void *arena_new(struct arena *arena, size_t count, size_t size); /* zeroed, aligned for any type */
char *arena_text(struct arena *arena, const char *text);         /* copy; NULL stays NULL */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A copy of `count` items that the caller has grown elsewhere. */
void *arena_copy(struct arena *arena, const void *items, size_t count, size_t size);

#endif
