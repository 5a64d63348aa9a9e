/*
 * Random numbers that a seed repeats on every machine: xorshift64*, Vigna, "An experimental
 * exploration of Marsaglia's xorshift generators, scrambled", 2016.
 */
#ifndef SIMULATE_SEEDED_H
#define SIMULATE_SEEDED_H

#include <stdint.h>

struct seeded {
    uint64_t state; /* never 0 */
};

static inline struct seeded seeded_from(uint64_t seed)
{
    return (struct seeded){seed * UINT64_C(0x9e3779b97f4a7c15) | 1};
}

/* Below `limit`, which is under 2^31. */
static inline uint64_t seeded_below(struct seeded *s, uint64_t limit)
{
    s->state ^= s->state >> 12;
    s->state ^= s->state << 25;
    s->state ^= s->state >> 27;
    return (s->state * UINT64_C(2685821657736338717) >> 33) % limit;
}

static inline int64_t seeded_between(struct seeded *s, int64_t from, int64_t to)
{
    return from + (int64_t)seeded_below(s, (uint64_t)(to - from));
}

#endif
