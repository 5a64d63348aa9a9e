/*
 * Which lots and bays the platform has an old picture of. State, not history: a bit each, set again
 * as often as it likes, so that the newest wins and nothing queues. Pure; memory is taken in
 * stale_create() only.
 */
#ifndef UPLINK_STALE_H
#define UPLINK_STALE_H

#include "daemon/core/plan.h"

struct stale;

/* Everything is stale at first. A lot is stale again `refresh_ms` after it was taken; 0: never. */
struct stale *stale_create(const struct site_plan *plan, int64_t refresh_ms);
void stale_destroy(struct stale *stale); /* takes NULL */

void stale_all(struct stale *stale);
void stale_bay(struct stale *stale, uint32_t bay); /* and its lot */
void stale_bay_alone(struct stale *stale, uint32_t bay);
void stale_lot(struct stale *stale, uint32_t lot);

/* Takes one, each in its turn; false when none is stale. */
bool stale_take_lot(struct stale *stale, mono_ms now, uint32_t *ret_lot);
bool stale_take_bay(struct stale *stale, uint32_t *ret_bay);

/* When the next lot becomes stale by age alone; MONO_NEVER when none does. */
mono_ms stale_next(const struct stale *stale);

#endif
