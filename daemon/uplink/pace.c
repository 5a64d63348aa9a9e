/* A token bucket. See pace.h. */
#include "daemon/uplink/pace.h"

void pace_init(struct pace *pace, double per_s, mono_ms now)
{
    double most = per_s > 1 ? per_s : 1;

    *pace = (struct pace){.per_s = per_s, .tokens = most, .most = most, .filled = now};
}

bool pace_peek(struct pace *pace, mono_ms now)
{
    if (pace->per_s <= 0)
        return true;
    pace->tokens += (double)(now.ms - pace->filled.ms) * pace->per_s / 1000;
    pace->filled = now;
    if (pace->tokens > pace->most)
        pace->tokens = pace->most;
    return pace->tokens >= 1;
}

bool pace_take(struct pace *pace, mono_ms now)
{
    if (!pace_peek(pace, now))
        return false;
    pace->tokens -= pace->per_s > 0;
    return true;
}

mono_ms pace_next(const struct pace *pace)
{
    if (pace->per_s <= 0 || pace->tokens >= 1)
        return pace->filled;
    return mono_after(pace->filled, (int64_t)((1 - pace->tokens) * 1000 / pace->per_s) + 1);
}
