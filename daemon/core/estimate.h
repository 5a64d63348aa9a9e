/*
 * How many vehicles are in a lot: an estimate with an interval and a quality, made of the count by
 * passages, the count by bays and the open stays. Drift is laid to its lane or to the bays and
 * booked as an entry (RECORD_OCCUPANCY), never silently reset; at a provably quiet moment the
 * account begins anew. State is the fold of records. Pure.
 */
#ifndef CORE_ESTIMATE_H
#define CORE_ESTIMATE_H

#include "daemon/core/record.h"

enum estimate_source { ESTIMATE_NONE, ESTIMATE_FLOW, ESTIMATE_BAYS, ESTIMATE_PLATES };

extern const struct words estimate_source_words; /* "none", "flow", "bays", "plates" */

struct estimate {
    int64_t inside, low, high;   /* vehicles; the truth lies within for 99 of 100 moments */
    int64_t flow, bays, plates;  /* the three counts themselves, -1 where there is none */
    uint32_t confidence;         /* 0 … 100 */
    enum estimate_source source; /* the one that weighs most */
};

/* What stands beside the records: told anew at each question. */
struct estimate_now {
    uint32_t occupied, unknown, monitored; /* bays that are sensed */
    uint32_t stays;                        /* open */
    uint32_t capacity; /* vehicles that fit; more than are monitored: blind bays */
    bool lanes_healthy;
};

struct estimates; /* of all lots */
struct estimates *estimates_create(const struct site_plan *plan);
void estimates_destroy(struct estimates *estimates); /* takes NULL */
void estimates_apply(struct estimates *estimates, const struct record *record);
void estimates_lot(const struct estimates *estimates, uint32_t lot,
                   const struct estimate_now *lot_now, utc_ms at, struct estimate *ret);

/* Looks for a quiet moment and for drift; emits the entries. Once a minute. */
void estimates_tick(struct estimates *estimates, uint32_t lot, const struct estimate_now *lot_now,
                    utc_ms at, struct record_sink out);

/* A person counted. False when no lot holds so many. */
bool estimates_declare(struct estimates *estimates, uint32_t lot, int64_t inside, const char *actor,
                       utc_ms at, struct record_sink out);

#endif
