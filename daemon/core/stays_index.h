/*
 * Finding numbered things by a key: chains of numbers by hash, in fixed storage. It knows no keys:
 * the owner hashes them and compares what it is given. Newest first within a chain. Pure.
 */
#ifndef CORE_STAYS_INDEX_H
#define CORE_STAYS_INDEX_H

#include <stdint.h>

#define INDEX_END UINT32_MAX

struct stays_index {
    uint32_t *heads, *nexts; /* numbers + 1; 0 ends a chain */
    uint32_t mask;
};

void stays_index_init(struct stays_index *index, uint32_t room); /* numbers below `room` */
void stays_index_fini(struct stays_index *index);

/* A number stands in one chain at most. */
void stays_index_put(struct stays_index *index, uint64_t hash, uint32_t number);
void stays_index_drop(struct stays_index *index, uint64_t hash, uint32_t number);

/* for (n = stays_index_first(x, h); n != INDEX_END; n = stays_index_next(x, n)): those of the same
 * hash are among them. */
uint32_t stays_index_first(const struct stays_index *index, uint64_t hash);
uint32_t stays_index_next(const struct stays_index *index, uint32_t number);

/* Of a text that follows on `seed`. */
uint64_t stays_index_hash(const char *text, uint64_t seed);

#endif
