/* The inside of struct store, for the files of daemon/store that make up store.h. */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "daemon/store/acknowledged.h"
#include "daemon/store/chain.h"
#include "daemon/store/delivery.h"
#include "daemon/store/keys.h"
#include "daemon/store/plates.h"
#include "daemon/store/sql.h"
#include "daemon/store/store.h"

struct store {
    struct sql *sql;
    char *path;
    enum store_mode mode;
    int lock; /* the lock file of the one writer; -1 a reader */
    struct statement *insert;
    struct statement *read;
    struct delivery *delivery;
    struct acknowledged acknowledged; /* a writer's */
    struct keys keys;
    struct plates *plates;
    struct store_head head;
    uint64_t projected; /* the projections are that far */
    int64_t keep_days[STORE_CLASSES];
    uint64_t sealed; /* the newest record that is a seal; 0: none */
};

/* Adds a record of the store's own, which names no bay, in the caller's transaction and moves
 * `head`, a copy of the store's, along. */
bool store_append_own(struct store *store, const struct record *record, struct store_head *head,
                      struct err *err);

/* Brings the projections to `to`, in the caller's transaction; the caller sets store->projected
 * once that is committed. */
bool store_project(struct store *store, uint64_t to, struct err *err);

/* The chain at record `seq`; false when it is not in the journal. */
bool store_hash(struct store *store, uint64_t seq, struct hash *ret, struct err *err);

/* A copy of the database was put to use: a random word in the chain, and for what a platform had
 * acknowledged beyond it a loss. In the caller's transaction. */
bool store_begin_lineage(struct store *store, struct store_head *head, struct err *err);
/* True when a platform has acknowledged what this database does not hold. */
bool store_is_behind(struct store *store);

/* A platform has acknowledged record `seq`, and that is durable. */
void store_note_acknowledged(struct store *store, uint64_t seq);
/* The database begins anew behind its head. */
void store_note_head(struct store *store);

/* At the opening of a writer: brings the ratchet to where the journal's newest seal says that it
 * is, and seals what was written before there were keys, or with others. */
bool store_begin_sealing(struct store *store, struct err *err);

/* Brings the projections to the head. */
bool store_catch_up(struct store *store, struct err *err);

/* Tells the rows of a bound query. Always leaves it at rest: a reader in the middle of one would
 * keep the WAL from being reused (S3). */
bool store_tell(struct store *store, struct statement *query, store_row_fn *fn, void *arg,
                struct err *err);

/* Runs `work` between BEGIN IMMEDIATE and COMMIT; what fails leaves nothing behind. */
typedef bool store_work_fn(struct store *store, void *arg, struct err *err);
bool store_transact(struct store *store, store_work_fn *work, void *arg, struct err *err);

#endif
