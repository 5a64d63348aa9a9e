/*
 * What goes into the store and comes out of it: a record as the journal holds it, an uplink's
 * delivery state, and the batch that is one transaction. Plain values; ownership stands at each.
 */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "daemon/core/record.h"
#include "daemon/core/units.h"

enum { RECORD_ID_SIZE = 33, UPLINK_NAME_SIZE = 32 };

/* A record as the journal holds it. */
struct store_row {
    uint64_t seq;
    utc_ms at;
    enum record_kind kind;
    const char *body; /* canonical JSON; borrowed from the batch or for the callback's duration */
    size_t body_size;
    char id[RECORD_ID_SIZE];
};

/* What an uplink has done with records; persisted with the next batch. */
enum outbox_state { OUTBOX_DELIVERED, OUTBOX_RETRY, OUTBOX_DEAD, OUTBOX_DROPPED };

/* `OUTBOX_DELIVERED` without an exception row is the normal case: it lives in `through` alone. */
struct outbox_mark {
    uint64_t seq;
    enum outbox_state state;
    uint32_t attempts;
    char reason[RECORD_PHRASE];
};

/* One uplink's delivery state. Every record that the uplink takes, with since <= seq <= through, is
 * delivered unless an exception row says otherwise; every one above `through` is pending unless an
 * exception row says that it was set aside or dropped. An uplink that changes `kinds` begins a new
 * account, since behind `through`, delivered 0; what the old one has set aside is kept, uncounted.
 */
struct outbox_progress {
    char uplink[UPLINK_NAME_SIZE];
    uint32_t kinds; /* bits 1 << enum record_kind that it takes */
    uint64_t since; /* first seq that is due: records before the uplink existed are not; 0: the
                       uplink is forgotten, its account and exceptions go */
    uint64_t through;
    uint64_t delivered;        /* acknowledged, of those up to `through`; for the audit */
    struct outbox_mark *marks; /* changed exceptions; OUTBOX_DELIVERED removes the row */
    size_t marks_count;
};

/* An uplink that the file knows; the name is borrowed for the call. */
typedef void store_uplink_fn(void *arg, const char *uplink);

/* One transaction. `rows[].body` is the caller's; seq and id are filled in by the commit. */
struct store_batch {
    struct store_row *rows;
    size_t rows_count;
    struct outbox_progress *progress;
    size_t progress_count;
};

#endif
