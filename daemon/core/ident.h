/*
 * Ids of stays, orders, passages, payments and commands: made once, stored before anyone is told,
 * at most 32 characters of [0-9A-Z], as the city platforms ask (Hefei: orderId ≤ 32,
 * [0-9A-Za-z_-]). Ascending in the order of their making. Pure: the caller gives the tag.
 */
#ifndef CORE_IDENT_H
#define CORE_IDENT_H

#include "daemon/core/units.h"

enum { IDENT_SIZE = 24 }; /* with the NUL */

struct ident {
    uint32_t tag; /* random at each start, so that ids never come twice, whatever the clock does */
    int64_t last_ms;
    uint32_t counter; /* within the millisecond */
};

/* 9 digits of the millisecond, 4 of the counter, 7 of the tag, in Crockford's base 32. */
void ident_next(struct ident *ident, utc_ms now, char ret[IDENT_SIZE]);

#endif
