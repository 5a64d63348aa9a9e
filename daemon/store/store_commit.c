/* Writing: batches, projections, checkpoints. See store.h. */
#include "daemon/store/store.h"

#include <assert.h>
#include <string.h>

#include "daemon/base/crash.h"
#include "daemon/store/inside.h"
#include "daemon/store/projections.h"

/* When the steps of store_tidy() are due. The WAL: large enough that a page which many records
 * changed is moved once, small enough to be read back in no time after a power cut. The stride of
 * the projections: 1,000 records are 5 ms, and more would save little writing. */
enum { WAL_BYTES = 1024 * 1024, WAL_BYTES_IDLE = WAL_BYTES / 4, STRIDE_RECORDS = 1000 };

bool store_transact(struct store *store, store_work_fn *work, void *arg, struct err *err)
{
    assert(store->mode == STORE_WRITE);
    /* IMMEDIATE: a lock that is refused is refused here (S5). */
    if (!sql_run(store->sql, "BEGIN IMMEDIATE", err))
        return false;
    if (work(store, arg, err) && sql_run(store->sql, "COMMIT", err))
        return true;
    sql_rollback(store->sql);
    return false;
}

/* Adds a record in the caller's transaction and moves `head`, a copy of the store's, along. */
static bool append(struct store *store, struct store_row *row, struct store_head *head,
                   struct err *err)
{
    const char *kind = record_kind_name(row->kind);
    struct store_row written;

    assert(row->body_size > 0 && row->body_size <= RECORD_BODY_MAX);
    row->seq = head->seq + 1;
    if (!plates_hide(store->plates, row, &written, err))
        return false;
    struct hash hash = chain_next(&head->hash, &written, kind);
    sql_bind_int(store->insert, 1, (int64_t)row->seq);
    sql_bind_int(store->insert, 2, row->at.ms);
    sql_bind_text(store->insert, 3, kind, strlen(kind));
    sql_bind_text(store->insert, 4, written.body, written.body_size);
    sql_bind_blob(store->insert, 5, hash.bytes, sizeof hash.bytes);
    if (!sql_do(store->insert, err))
        return false;
    chain_id(&hash, row->id);
    head->seq = row->seq;
    head->hash = hash;
    if (!head->first)
        head->first = row->seq;
    return true;
}

bool store_append_own(struct store *store, const struct record *record, struct store_head *head,
                      struct err *err)
{
    char bytes[RECORD_BODY_MAX + 1];
    struct text body;

    text_init(&body, bytes, sizeof bytes);
    record_encode(record, NULL, &body);
    struct store_row row = {
        .at = record->at, .kind = record->kind, .body = body.bytes, .body_size = body.used};
    return append(store, &row, head, err);
}

struct commit {
    struct store_batch *batch;
    struct store_head head;
};

static bool commit_batch(struct store *store, void *arg, struct err *err)
{
    struct commit *commit = arg;
    struct store_batch *batch = commit->batch;

    for (size_t i = 0; i < batch->rows_count; i++)
        if (!append(store, &batch->rows[i], &commit->head, err))
            return false;
    crash_point("in_commit");
    for (size_t i = 0; i < batch->progress_count; i++)
        if (!delivery_save(store->delivery, &batch->progress[i], err))
            return false;
    return true;
}

bool store_commit(struct store *store, struct store_batch *batch, struct err *err)
{
    struct commit commit = {batch, store->head};

    if (!store_transact(store, commit_batch, &commit, err))
        return false;
    store->head = commit.head;
    for (size_t i = 0; i < batch->progress_count; i++)
        if (batch->progress[i].since)
            store_note_acknowledged(store, batch->progress[i].through);
    return true;
}

bool store_project(struct store *store, uint64_t to, struct err *err)
{
    if (!projections_advance(store->sql, store->projected + 1, to, err))
        return false;
    struct statement *update = sql_prepare(store->sql, "UPDATE meta SET projected = ?1", err);
    if (!update)
        return false;
    sql_bind_int(update, 1, (int64_t)to);
    bool good = sql_do(update, err);
    sql_finalize(update);
    return good;
}

static bool catch_up(struct store *store, void *arg, struct err *err)
{
    (void)arg;
    bool good = store_project(store, store->head.seq, err);
    crash_point("projected");
    return good;
}

bool store_catch_up(struct store *store, struct err *err)
{
    if (store->projected == store->head.seq)
        return true;
    if (!store_transact(store, catch_up, NULL, err))
        return false;
    store->projected = store->head.seq;
    return true;
}

bool store_tidy(struct store *store, bool idle, struct err *err)
{
    if (store->head.seq - store->projected >= STRIDE_RECORDS)
        return store_catch_up(store, err);
    if (sql_wal_bytes(store->sql) >= (idle ? WAL_BYTES_IDLE : WAL_BYTES))
        return sql_checkpoint(store->sql, err);
    return true;
}

static bool rebuild(struct store *store, void *arg, struct err *err)
{
    (void)arg;
    store->projected = 0;
    return projections_clear(store->sql, err) && store_project(store, store->head.seq, err);
}

bool store_rebuild(struct store *store, struct err *err)
{
    uint64_t before = store->projected;

    if (!store_transact(store, rebuild, NULL, err)) {
        store->projected = before;
        return false;
    }
    store->projected = store->head.seq;
    return true;
}
