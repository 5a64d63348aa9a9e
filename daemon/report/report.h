/*
 * A report: the figures of each lot and of all of them over a period, made from the journal alone,
 * in one pass and for reading only. The same journal up to the same record gives the same figures
 * for ever, so that a closed report can be proved. One connection, one thread, one snapshot.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "daemon/base/err.h"
#include "daemon/report/figures.h"
#include "daemon/report/period.h"

struct plate_reader;
struct report_source;
struct sql;

/* Opens the file for reading; NULL with err. */
struct report_source *report_open(const char *path, struct err *err);
void report_close(struct report_source *source);            /* takes NULL */
struct sql *report_sql(const struct report_source *source); /* borrowed */
/* What puts plates into the place of tokens; borrowed. */
struct plate_reader *report_plates(const struct report_source *source);

struct report_head {
    uint64_t seq, first; /* newest record; oldest that is still held in the chain */
    utc_ms at;           /* of the newest */
    utc_ms gone;         /* of what was pruned nothing happened later than this; 0: nothing was */
    char hash[HASH_HEX_SIZE];
};
struct report_head report_head(const struct report_source *source);

struct report_ask {
    struct report_period period;
    const struct civil_zone *zone;
    uint64_t through;       /* records after this one are not looked at; 0: all */
    utc_ms until;           /* what is not over ends here: the present, or the period's end */
    const int32_t *fee_ppm; /* a channel's fee, millionths; -1 unknown; NULL: all but cash */
};

/* `lots` by name; `all` are the figures of the site, made beside them and not from them. */
struct report {
    struct report_ask ask;
    uint64_t through;
    bool whole;   /* no record of the period has been pruned */
    bool founded; /* nor one that says how a device was when it began */
    struct report_figures all, *lots;
    uint32_t lots_count;
};

struct report *report_make(struct report_source *source, const struct report_ask *ask,
                           struct err *err);
void report_destroy(struct report *report); /* takes NULL */

/* The digest of the canonical figures: of all, then of each lot. */
void report_digest(const struct report *report, char ret[HASH_HEX_SIZE]);

#endif
