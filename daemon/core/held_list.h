/*
 * The plates that a camera lets in by itself while it has no server: what it should hold against
 * what it has said that it holds. Pure; memory is taken in held_list_create() only.
 *
 *   1. Only differences go: a plate that came, whose span changed, that left.
 *   2. A plate is held when the camera has taken it, never before. After a restart nothing is known
 *      to be held, and all of it goes again.
 *   3. Each entry ends by itself at the end of a lease at the latest, and is renewed long before:
 *      what a camera was not told while it, or we, were away does not stay in it for ever.
 *   4. The bound: what does not fit is not held, and counted.
 */
#ifndef CORE_HELD_LIST_H
#define CORE_HELD_LIST_H

#include "daemon/core/plate.h"
#include "daemon/core/units.h"

struct held_change {
    bool add; /* or a removal; a later add of the same plate replaces its span */
    char plate[PLATE_SIZE];
    utc_ms from, until; /* of an addition */
};

struct held_list;

struct held_list *held_list_create(uint32_t room, int64_t lease_ms);
void held_list_destroy(struct held_list *list); /* takes NULL */

/* All that should be held, anew: begin, each plate, end. `until` 0: open. A plate that is given
 * twice has the longer span. */
void held_list_begin(struct held_list *list);
void held_list_want(struct held_list *list, const char *plate, utc_ms from, utc_ms until);
void held_list_end(struct held_list *list, utc_ms now);

/* Rule 3: every lease is as if it ended. */
void held_list_renew(struct held_list *list);

/* Changes of one kind, up to so many: removals first. They are under way until they are done. 0:
 * none is due, or some are under way. */
struct held_most {
    uint32_t removals, additions;
};
uint32_t held_list_take(struct held_list *list, struct held_most most, utc_ms now,
                        struct held_change *ret);
void held_list_done(struct held_list *list, bool taken);
/* What is under way will not be taken, ever: it is not tried again before the next renewal. */
void held_list_refused(struct held_list *list);

struct held_figures {
    uint32_t held, due, refused, left_out;
};
void held_list_figures(const struct held_list *list, struct held_figures *ret);

#endif
