/*
 * The store: one SQLite file that holds the journal (all records, hash-chained), projections (the
 * latest of each thing, computed from the journal alone) and each uplink's delivery state.
 * Blocking: the daemon calls it from the store worker only (store_worker.h), parkctl opens it
 * read-only.
 *
 * One connection writes and checkpoints (reliability S2); WAL, synchronous=FULL, read back at
 * opening. hash(n) = SHA-256(hash(n-1) ‖ seq ‖ at ‖ kind ‖ 0 ‖ body), integers 64-bit big-endian;
 * hash(0) is the hash of the database's random lineage. A record's id is the first 16 bytes of its
 * hash in hex: made once, before any attempt to deliver, bound to its content, and different after
 * a restored backup.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/crypto.h"
#include "daemon/base/err.h"
#include "daemon/core/record.h"
#include "daemon/core/units.h"

enum { RECORD_ID_SIZE = 33, UPLINK_NAME_SIZE = 32, STORE_SCHEMA_VERSION = 1 };

struct store;
enum store_mode { STORE_WRITE, STORE_READ };

/* Creates the file (mode 0600) when it is not there and `mode` is STORE_WRITE; migrates forward. A
 * newer schema, a file that is no database, a chain head that does not verify: refused with the
 * next step. */
struct store *store_open(const char *path, enum store_mode mode, struct err *err);
void store_close(struct store *store); /* takes NULL */

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
 * delivered unless an exception row says otherwise; every one above `through` is pending. */
struct outbox_progress {
    char uplink[UPLINK_NAME_SIZE];
    uint32_t kinds; /* bits 1 << enum record_kind that it takes */
    uint64_t since; /* first seq that is due: records before the uplink existed are not */
    uint64_t through;
    uint64_t delivered;        /* counted as acknowledged, for the audit */
    struct outbox_mark *marks; /* changed exceptions; OUTBOX_DELIVERED removes the row */
    size_t marks_count;
};

/* One transaction. `rows[].body` is the caller's; seq and id are filled in. `head` gets the new
 * head. */
struct store_batch {
    struct store_row *rows;
    size_t rows_count;
    struct outbox_progress *progress;
    size_t progress_count;
};

/* All or nothing; durable when it returns true. On false nothing of the batch is in the file. */
bool store_commit(struct store *store, struct store_batch *batch, struct err *err);

struct store_head {
    uint64_t seq;   /* of the newest record; 0 in an empty journal */
    uint64_t first; /* oldest record still held */
    struct hash hash;
    char lineage[33];
};
void store_head(const struct store *store, struct store_head *ret);

typedef bool store_row_fn(void *arg, const struct store_row *row); /* false stops */

/* Rows with seq >= from in order, at most `limit`. */
bool store_read(struct store *store, uint64_t from, size_t limit, store_row_fn *fn, void *arg,
                struct err *err);

/* The projection: the latest row of each subject of `kind`, in the order of the subjects' ids. */
bool store_latest(struct store *store, enum record_kind kind, store_row_fn *fn, void *arg,
                  struct err *err);

/* An uplink's state as persisted; one that is not known yet begins after the head. `ret->marks` is
 * allocated (exceptions not delivered, by seq): the caller frees it. */
bool store_progress(struct store *store, const char *uplink, struct outbox_progress *ret,
                    struct err *err);

/* Removes rows older than `before` in a batch of at most `limit`, never one that an uplink still
 * has to deliver; appends the retention record that anchors the chain. `ret_removed` may be NULL.
 */
bool store_prune(struct store *store, utc_ms before, utc_ms now, size_t limit, size_t *ret_removed,
                 struct err *err);

/* Copies the open database to `path` in small steps, checks the copy, syncs it and renames it into
 * place. `progress` (may be NULL) is told done and total pages; returning false gives up cleanly.
 */
typedef bool store_progress_fn(void *arg, int done, int total);
bool store_backup(struct store *store, const char *path, store_progress_fn *progress, void *arg,
                  struct err *err);

/* Moves the WAL into the file; called when the loop is quiet. */
bool store_checkpoint(struct store *store, struct err *err);

/* Empties the projections and computes them from the journal again (as far as it is held; what was
 * pruned is kept by the anchor's copy). */
bool store_rebuild(struct store *store, struct err *err);

#endif
