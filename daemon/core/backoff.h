/*
 * How long to wait before the next attempt: exponential with full jitter, so that many gateways
 * which lost the same platform do not return together. Pure; the random value is the caller's.
 */
#ifndef CORE_BACKOFF_H
#define CORE_BACKOFF_H

#include <stdint.h>

/* A delay in [0, min(max_ms, base_ms * 2^attempt)], even over that range. `attempt` counts from 0;
 * any value is fine. */
int64_t backoff_ms(int64_t base_ms, int64_t max_ms, uint32_t attempt, uint64_t random);

/* The same on top of `floor_ms`, the wait that the other side asked for (Retry-After): never
 * earlier, and not all at that very moment. */
int64_t backoff_after_ms(int64_t floor_ms, int64_t base_ms, int64_t max_ms, uint32_t attempt,
                         uint64_t random);

#endif
