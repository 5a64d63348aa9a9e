/*
 * Numbers that only have to be spread, not secret: jitter, places in a schedule. splitmix64
 * (Steele, Lea, Flood 2014). Pure; the state is the caller's, any value begins a series.
 */
#ifndef CORE_RANDOM_H
#define CORE_RANDOM_H

#include <stdint.h>

uint64_t random_next(uint64_t *state);

#endif
