/*
 * The store on its own thread: the loop hands over a batch and is told when it is durable. One
 * batch is under way at a time; what arrives meanwhile gathers in the next (group commit). All on
 * the loop's thread except the inside.
 *
 * While the disk does not take records they are kept here and tried again. At STORE_WAITING_MAX the
 * worker stops taking them: it drops and counts until the caller has fetched the loss with
 * store_worker_loss() and added its record, so that the gap in the journal is where that stands.
 */
#ifndef STORE_STORE_WORKER_H
#define STORE_STORE_WORKER_H

#include "daemon/base/loop.h"
#include "daemon/store/store.h"

enum { STORE_WAITING_MAX = 100000 };

struct store_settings {
    const char *path;
    int64_t gather_ms, seal_ms; /* wait so long for company; seal so often, 0 hourly */
    int64_t keep_days;          /* retention of records; 0 for ever */
    /* Longer than that, 0 not (store_keep()); then the plates' keys go, 0 never. */
    int64_t keep_lanes_days, keep_money_days, keep_plates_days;
    int64_t ballast_mb;     /* kept on the disk for when it is full; 0 none */
    uint32_t batch_records; /* at most so many in one transaction */
};

/* What the loop is told. Rows and texts are borrowed for the call. */
struct store_hooks {
    void *arg;
    /* A batch is durable: its rows with seq and id, and the records that the caller gave with them.
     * Also told of the worker's own retention records; so no seq is ever left out. */
    void (*committed)(void *arg, const struct store_row *rows, const struct record *records,
                      size_t count);
    /* The answer to store_worker_read(). `end`: nothing newer is in the journal. */
    void (*page)(void *arg, uint32_t tag, const struct store_row *rows, size_t count, bool end);
    /* A backup has ended; err->text is empty when it went well. */
    void (*done)(void *arg, uint32_t tag, const struct err *err);
    /* Commits fail (disk full, I/O error), or work again (err NULL). Records are kept. */
    void (*trouble)(void *arg, const struct err *err);
    /* The file is damaged: the process is to end, the next start sets it aside. */
    void (*damaged)(void *arg, const struct err *err);
};

struct store_worker;

/* Starts the thread; takes over `store`, also on failure. Copies the settings and hooks. */
struct store_worker *store_worker_create(struct store *store, const struct store_settings *settings,
                                         struct loop *loop, const struct store_hooks *hooks,
                                         struct err *err);
/* Commits what has gathered, then stops; calls no hook any more. What a full disk does not take
 * within some seconds is lost, and logged. Takes NULL. */
void store_worker_destroy(struct store_worker *worker);

/* Copies the record and its encoded body into the batch that gathers. */
void store_worker_add(struct store_worker *worker, const struct record *record, const char *body,
                      size_t body_size);
/* Merges into the batch that gathers; copies. Alone it is committed within a second. */
void store_worker_progress(struct store_worker *worker, const struct outbox_progress *progress);

/* Asks for rows from `from`; answered by hooks->page with `tag`. */
void store_worker_read(struct store_worker *worker, uint32_t tag, uint64_t from, uint32_t limit);
void store_worker_backup(struct store_worker *worker, uint32_t tag, const char *path);

/* What was dropped at the bound; false when nothing was. Afterwards records are taken again, this
 * loss first: call it when hooks->trouble says that commits work again. */
struct store_loss {
    uint64_t count;
    utc_ms from, to;
};
bool store_worker_loss(struct store_worker *worker, struct store_loss *ret);

struct store_worker_stats {
    uint64_t waiting; /* records added and not yet durable */
    uint64_t head_seq, batches, records, last_commit_us, worst_commit_us;
    mono_ms last_commit; /* for the watchdog: the thread answered then */
};
void store_worker_stats(const struct store_worker *worker, struct store_worker_stats *ret);

#endif
