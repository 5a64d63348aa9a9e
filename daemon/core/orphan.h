/*
 * Ghosts: stays that never ended, and departures that no stay was known for. One vehicle misread at
 * either end makes one of each. They are paired by what speaks for it, as proposals with a score; a
 * person accepts one (stays_pair()) or does not. Numbered rules, as in the manual:
 *
 *  O1 The departure is not before the entry, and both are of one lot.
 *  O2 The nearer the plates, the more (match.h); a plate that was not read speaks neither way.
 *  O3 The same colour and class speak for it, different ones against it.
 *  O4 Bays are witnesses: one that became occupied soon after the entry and free soon before the
 *     departure, and not in between, speaks for it; so long as the bay of the entry's stay is
 * taken, its vehicle has not left. O5 Each is paired once, the best first. Another that scores
 * nearly as much makes a pair unsure.
 *
 * Pure: values in, values out.
 */
#ifndef CORE_ORPHAN_H
#define CORE_ORPHAN_H

#include "daemon/core/ident.h"
#include "daemon/core/plate.h"
#include "daemon/core/vehicle.h"

enum { ORPHANS_MAX = 256, ORPHAN_LEAST = 45, ORPHAN_SURE = 15, ORPHAN_WAY_MS = 10 * 60000 };

/* One end: an open stay by its entry, or a departure without one. */
struct orphan {
    char stay[IDENT_SIZE];
    char plate[PLATE_SIZE]; /* empty: not read */
    enum plate_colour colour;
    enum vehicle_class class;
    utc_ms at;
    bool taken; /* of an entry: the bay that its stay is on is occupied now */
};

/* A bay's change, in order of time. */
struct orphan_witness {
    uint32_t bay; /* any number that is this bay's alone */
    utc_ms at;
    bool occupied;
};

struct orphans {
    struct orphan entries[ORPHANS_MAX], exits[ORPHANS_MAX];
    uint32_t entries_count, exits_count;
    const struct orphan_witness *witnesses; /* borrowed */
    uint32_t witnesses_count;
};

struct orphan_pair {
    uint32_t entry, exit; /* in orphans */
    uint32_t score;       /* 0 … 100 */
    uint32_t distance;    /* of the plates, tenths of a character */
    bool witnessed;
    bool sure; /* no other scores nearly as much */
};

/* The proposals of one lot, best first; returns how many. */
uint32_t orphan_pairs(const struct orphans *orphans, struct orphan_pair ret[ORPHANS_MAX]);

#endif
