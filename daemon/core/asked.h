/*
 * What platforms asked of us lately: the first verdict on each of their orders, so that an order
 * which comes again is answered and not carried out, and how often each lane and each uplink was
 * asked. State is the fold of RECORD_PLATFORM, live and at the start alike. The newest ASKED_MAX
 * orders are known. Of what is older than these: an order that has an end is refused because that
 * has passed, a payment is told apart by its transaction, and a list says the same twice. Pure.
 */
#ifndef CORE_ASKED_H
#define CORE_ASKED_H

#include "daemon/core/record.h"

enum { ASKED_MAX = 4096 };

struct asked;

struct asked *asked_create(void);
void asked_destroy(struct asked *asked); /* takes NULL */

/* Any record, in journal order, those of other kinds are ignored; `seq` 0: it is not durable yet.
 */
void asked_apply(struct asked *asked, const struct record *record, uint64_t seq);
/* It is, now. */
void asked_kept(struct asked *asked, const struct record *record, uint64_t seq);

/* Whether the order of this uplink was judged before, with the verdict and its reason. */
struct asked_verdict {
    enum platform_verdict verdict;
    char reason[RECORD_PHRASE];
    uint64_t seq; /* of its record; 0: not durable yet */
};
bool asked_before(const struct asked *asked, const char *uplink, const char *id,
                  struct asked_verdict *ret);

/* Orders of the uplink that were judged after `since`, and not after `now`: after a step back of
 * the clock those of the future do not count. / Of all uplinks: openings of the lane, done. */
uint32_t asked_orders(const struct asked *asked, const char *uplink, utc_ms since, utc_ms now);
uint32_t asked_openings(const struct asked *asked, const char *lane, utc_ms since, utc_ms now);

#endif
