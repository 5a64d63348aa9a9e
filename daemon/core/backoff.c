/* The two formulas of backoff.h. */
#include "daemon/core/backoff.h"

#include <assert.h>

int64_t backoff_ms(int64_t base_ms, int64_t max_ms, uint32_t attempt, uint64_t random)
{
    assert(base_ms > 0 && max_ms > 0 && max_ms < INT64_MAX);
    int64_t limit_ms = max_ms;

    if (attempt < 62 && base_ms <= max_ms >> attempt)
        limit_ms = base_ms << attempt;
    return (int64_t)(random % ((uint64_t)limit_ms + 1));
}

int64_t backoff_after_ms(int64_t floor_ms, int64_t base_ms, int64_t max_ms, uint32_t attempt,
                         uint64_t random)
{
    assert(floor_ms >= 0);
    int64_t delay_ms = backoff_ms(base_ms, max_ms, attempt, random);

    return delay_ms > INT64_MAX - floor_ms ? INT64_MAX : floor_ms + delay_ms;
}
