/*
 * Bodies of the requests that one server is receiving: on the heap, each bounded, and all of them
 * together. They grow as bytes come, whatever a sender announces. The loop's thread.
 */
#ifndef SERVE_BODY_H
#define SERVE_BODY_H

#include <stdbool.h>
#include <stddef.h>

struct body_pool {
    size_t each_max, all_max;
    size_t room; /* of all bodies now */
};

struct body {
    char *bytes; /* NUL-terminated; NULL while empty */
    size_t used, room;
};

/* Appends. False, with nothing changed, when a bound would be passed. */
bool body_take(struct body_pool *pool, struct body *body, const char *bytes, size_t size);
void body_free(struct body_pool *pool, struct body *body);

#endif
