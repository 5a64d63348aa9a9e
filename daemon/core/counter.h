/*
 * A lane counted by one sensor or by a pair of them, front and back: reports of 7-bit counters
 * become passages. Pure; memory is the caller's. Rules (tests and manual use the same numbers):
 *
 *  C1 What passed between two reports is the difference of their counts, over the wrap at 128.
 *  C2 The first count that is known is where counting begins; it is no passage.
 *  C3 A sensor that began anew counts from 0: what passed since its last report is lost, and the
 *     next passages say so (reset).
 *  C4 Reports that are missing make the number no less exact, but nobody knows when within the gap
 *     they passed (gap).
 *
 *  C5 The two of a pair wait COUNTER_PAIR_MS for each other; the larger difference counts, as in
 *     PNI's own lanes. The one that stayed silent is remembered (misses); when it turns out that
 *     only its report was lost, what its partner told for it is not told again.
 *
 *  C6 A pair without a set direction tells it by who reported first. Where that cannot be told,
 *     because one was silent or both came at once, the vehicles are told without a direction.
 */
#ifndef CORE_COUNTER_H
#define CORE_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/units.h"

enum counter_way { COUNTER_IN, COUNTER_OUT, COUNTER_BOTH };
enum counter_quality { COUNTER_EXACT, COUNTER_GAP, COUNTER_RESET, COUNTER_QUALITIES };

enum { COUNTER_PAIR_MS = 10000, COUNTER_WRAP = 128 };

struct counter_report {
    uint32_t count; /* 0 … 127 */
    bool reset;     /* it counts anew */
    bool missed;    /* reports before it are missing */
    struct now at;
};

struct counter_side {
    bool known, counted; /* a first count is known; it reported passages that wait for the other */
    uint32_t count, vehicles;
    enum counter_quality quality;
    struct now at;
    uint64_t misses;   /* C5 */
    uint32_t told_for; /* C5: by the partner alone, since its last report */
};

struct counter {
    enum counter_way way;
    bool pair;
    struct counter_side sides[2]; /* front, back */
};

struct counter_passage {
    enum counter_way way; /* COUNTER_BOTH: not known (C6) */
    enum counter_quality quality;
    uint32_t vehicles;
    struct now at;
};

void counter_init(struct counter *counter, enum counter_way way, bool pair);

/* Start-up: what the side counted when it was last recorded. */
void counter_restore(struct counter *counter, uint32_t side, uint32_t count);

/* One report of a side. True when vehicles passed. */
bool counter_hear(struct counter *counter, uint32_t side, const struct counter_report *report,
                  struct counter_passage *ret);

/* A pair whose wait has ended. True when vehicles passed. */
bool counter_tick(struct counter *counter, mono_ms now, struct counter_passage *ret);

const char *counter_quality_name(enum counter_quality quality); /* "exact", "gap", "reset" */

#endif
