/* A token bucket: at most so many requests a second, a second's worth at once. Pure. */
#ifndef UPLINK_PACE_H
#define UPLINK_PACE_H

#include "daemon/core/units.h"

struct pace {
    double per_s; /* 0: no limit */
    double tokens, most;
    mono_ms filled;
};

void pace_init(struct pace *pace, double per_s, mono_ms now);
bool pace_peek(struct pace *pace, mono_ms now); /* a request may be made now */
bool pace_take(struct pace *pace, mono_ms now); /* makes one; false: not before pace_next() */
mono_ms pace_next(const struct pace *pace);

#endif
