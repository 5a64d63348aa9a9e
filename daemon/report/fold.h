/* long: what folds and what is folded are read together */
/*
 * Records into figures, one by one in the order of their times. Each counts for its lot and for the
 * site. Inside of daemon/report only.
 */
#ifndef REPORT_FOLD_H
#define REPORT_FOLD_H

#include "daemon/report/report.h"
#include "daemon/store/sql.h"

/* As many lots as a configuration may have. */
enum { FOLD_LOTS_MAX = 1000, FOLD_ID_SIZE = 32, FOLD_WINDOWS_MAX = 256 };

/* A number that holds until it changes: how many are there. */
struct fold_level {
    int64_t now, peak;
    utc_ms since;
};

struct fold_lot {
    struct report_figures figures;
    struct fold_level present, bays;                           /* stays; occupied bays */
    int64_t passages[2][REPORT_HOURS], stays[2][REPORT_HOURS]; /* in, out */
    bool seen;    /* by a bay: `bays` means something */
    bool touched; /* it has any figure: a lot that only later came to be is none of the period */
};

/* Off-peak sharing that is on: of a lot and zone. */
struct fold_window {
    char lot[FOLD_ID_SIZE], zone[FOLD_ID_SIZE];
    int64_t promised, open;
    utc_ms since, until; /* since 0: none is on */
};

struct fold {
    struct sql *sql;
    const struct report_ask *ask;
    uint64_t through;
    struct fold_lot *lots; /* [0] the site */
    uint32_t lots_count;
    struct fold_window windows[FOLD_WINDOWS_MAX];
    uint32_t windows_count;
    struct statement *closing; /* what was said of a stay before, newest first */
    char asked[FOLD_ID_SIZE];  /* that stay: a statement borrows what is bound to it */
};

bool fold_init(struct fold *fold, struct sql *sql, const struct report_ask *ask, uint64_t through,
               struct err *err);
void fold_fini(struct fold *fold);

struct fold_record {
    uint64_t seq;
    utc_ms at;
    const char *kind, *body;
};
bool fold_record(struct fold *fold, const struct fold_record *record, struct err *err);

/* The lot's figures, made when it is new; the site's when there is no room for more. */
struct fold_lot *fold_lot(struct fold *fold, const char *name);
struct fold_lot *fold_lot_of(struct fold *fold, const char *body);

/* Both the lot's and the site's. */
void fold_add(struct fold *fold, struct fold_lot *lot, enum figure figure, int word, int64_t value);

/* Stays become more by `delta` at `at`; what went before is laid into the day's quarters. */
void fold_present(struct fold *fold, struct fold_lot *lot, utc_ms at, int64_t delta);

/* A bay was occupied, or known to be free, from … to. */
void fold_span(struct fold *fold, struct fold_lot *lot, utc_ms from, utc_ms to, bool occupied,
               bool known);
void fold_occupied(struct fold *fold, struct fold_lot *lot, int64_t delta); /* for the peak */

void fold_stay(struct fold *fold, const struct fold_record *record);
bool fold_reverted(struct fold *fold, const struct fold_record *record, struct err *err);
/* What the exit had left owing that the record, a reverted one, takes back. */
bool fold_withdrawn(struct fold *fold, const struct fold_record *record, int64_t *ret_fen,
                    struct err *err);
bool fold_refund(struct fold *fold, const struct fold_record *record, struct err *err);
void fold_sharing(struct fold *fold, const struct fold_record *record);
void fold_sharing_ends(struct fold *fold); /* books what is on at the end */

/* What was there at the start and at the end, each asked for on its own. */
bool balances_take(struct fold *fold, struct err *err);
bool fold_bays(struct fold *fold, struct err *err);
bool fold_devices(struct fold *fold, struct err *err);
bool fold_uploads(struct fold *fold, struct err *err);

/* Whether it is held of every device how it was when the period began. */
bool fold_founded(struct fold *fold, bool *ret, struct err *err);

/* All levels to the end, and what follows. */
void fold_finish(struct fold *fold);

#endif
