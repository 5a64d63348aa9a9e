/* Opening and closing the store. See store.h. */
#include "daemon/store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "daemon/base/crash.h"
#include "daemon/base/memory.h"
#include "daemon/store/inside.h"
#include "daemon/store/schema.h"

/* How much of the chain is followed at each opening: after an orderly end, and after any other. A
 * start must not grow with the file; parkctl audit follows all of it. */
enum { FOLLOW_CLEAN = 1000, FOLLOW_UNCLEAN = 10000 };

/* Two writers would meet the WAL-reset fault (S2) and break the chain: the first holds this lock.
 * It lies beside the database, whose own locks belong to SQLite (S6). */
static bool lock_writer(struct store *store, struct err *err)
{
    char *path = memory_format("%s-lock", store->path);

    store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock < 0)
        err_errno(err,
                  "database \"%s\": cannot open \"%s\" beside it; check that the folder exists and "
                  "belongs to the daemon's user",
                  store->path, path);
    free(path);
    if (store->lock < 0)
        return false;
    if (!flock(store->lock, LOCK_EX | LOCK_NB))
        return true;
    return err_set(err, "database \"%s\": another parkd works with it; stop that one first",
                   store->path);
}

/* SQLite would create it readable for all. Once it is there nobody but SQLite opens it (S6). */
static bool create_private(const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
    else if (errno != EEXIST)
        return err_errno(err, "database \"%s\": cannot be created", path);
    return true;
}

/* What the file says about itself, besides the head. */
struct opening {
    struct chain anchor;
    uint64_t projected;
    bool clean, copied;
};

static bool read_meta(struct store *store, struct opening *ret, struct err *err)
{
    struct statement *select =
        sql_prepare(store->sql,
                    "SELECT lineage, anchor_seq, anchor_hash, projected, clean, copied, "
                    "(SELECT max(seq) FROM journal), (SELECT min(seq) FROM journal) FROM meta",
                    err);

    if (!select)
        return false;
    enum sql_step step = sql_step(select, err);
    if (step == SQL_ROW) {
        text_copy(store->head.lineage, sizeof store->head.lineage, sql_text(select, 0, NULL));
        ret->anchor.seq = (uint64_t)sql_int(select, 1);
        if (!chain_hash(select, 2, &ret->anchor.hash))
            step = SQL_END;
        ret->projected = (uint64_t)sql_int(select, 3);
        ret->clean = sql_int(select, 4);
        ret->copied = sql_int(select, 5);
        store->head.seq = (uint64_t)sql_int(select, 6);
        store->head.first = (uint64_t)sql_int(select, 7);
    }
    sql_finalize(select);
    if (step == SQL_END)
        return err_set(err,
                       "database \"%s\": it does not say what it is; restore the newest backup "
                       "(parkd-backup restore)",
                       store->path);
    if (store->head.seq < ret->anchor.seq)
        store->head.seq = ret->anchor.seq;
    if (ret->projected > store->head.seq)
        ret->projected = store->head.seq;
    return step == SQL_ROW;
}

/* The chain at record `seq`. */
bool store_hash(struct store *store, uint64_t seq, struct hash *ret, struct err *err)
{
    struct statement *select =
        sql_prepare(store->sql, "SELECT hash FROM journal WHERE seq = ?1", err);

    if (!select)
        return false;
    sql_bind_int(select, 1, (int64_t)seq);
    enum sql_step step = sql_step(select, err);
    bool good = step == SQL_ROW && chain_hash(select, 0, ret);
    sql_finalize(select);
    if (!good && step != SQL_FAILED)
        err_set(err, "record %" PRIu64 " is missing", seq);
    return good;
}

static bool check_head(struct store *store, const struct opening *opening, struct err *err)
{
    uint64_t limit = opening->clean ? FOLLOW_CLEAN : FOLLOW_UNCLEAN;
    uint64_t length = store->head.seq - opening->anchor.seq;
    struct chain at = opening->anchor;

    if (length > limit) {
        at.seq = store->head.seq - limit;
        length = limit;
        if (!store_hash(store, at.seq, &at.hash, err))
            goto broken;
    }
    if (!chain_follow(store->sql, &at, length, err))
        goto broken;
    assert(at.seq == store->head.seq); /* the rows were followed up to the last */
    store->head.hash = at.hash;
    return true;
broken:
    return err_prefix(err,
                      "database \"%s\" does not hold together (parkctl audit shows more; restore "
                      "the newest backup with parkd-backup restore)",
                      store->path);
}

/* After a power cut: the tables that are small. The journal is proved by its chain. */
static bool check_tables(struct store *store, struct err *err)
{
    static const char *const tables[] = {"meta",   "bay",    "bay_condition", "device", "uplink",
                                         "outbox", "latest", "stay",          "plate"};
    char text[128];
    int64_t bad = 0;

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        snprintf(text, sizeof text,
                 "SELECT count(*) FROM pragma_quick_check('%s') WHERE quick_check <> 'ok'",
                 tables[i]);
        if (!sql_number(store->sql, text, &bad, err))
            return false;
        if (bad)
            return err_set(err,
                           "database \"%s\": table %s is damaged; restore the newest backup "
                           "(parkd-backup restore)",
                           store->path, tables[i]);
    }
    return true;
}

static bool begin_lineage(struct store *store, void *arg, struct err *err)
{
    return store_begin_lineage(store, arg, err);
}

static bool begin_writing(struct store *store, const struct opening *opening, struct err *err)
{
    store->projected = opening->projected;
    store->delivery = delivery_create(store->sql, err);
    store->insert = sql_prepare(store->sql,
                                "INSERT INTO journal(seq, at_ms, kind, body, hash) "
                                "VALUES(?1, ?2, ?3, ?4, ?5)",
                                err);
    if (!store->delivery || !store->insert)
        return false;
    if (!opening->clean && !check_tables(store, err))
        return false;
    if (!sql_run(store->sql, "UPDATE meta SET clean = 0", err))
        return false;
    crash_point("opened");
    if (opening->copied || store_is_behind(store)) {
        struct store_head head = store->head;
        if (!store_transact(store, begin_lineage, &head, err))
            return false;
        store->head = head;
        store_note_head(store);
    }
    return store_begin_sealing(store, err) && store_catch_up(store, err) &&
           sql_checkpoint(store->sql, err);
}

static bool open_keys(struct store *store, struct err *err)
{
    if (store->mode == STORE_WRITE)
        return keys_open(&store->keys, store->path, err);
    keys_read(&store->keys, store->path);
    return true;
}

static bool open_file(struct store *store, struct err *err)
{
    struct opening opening = {.clean = false};
    bool writes = store->mode == STORE_WRITE;

    if (writes && (!lock_writer(store, err) || !create_private(store->path, err) ||
                   !acknowledged_open(&store->acknowledged, store->path, err)))
        return false;
    store->sql = sql_open(store->path, writes ? SQL_WRITE : SQL_READ, err);
    if (!store->sql)
        return false;
    if (writes ? !schema_migrate(store->sql, store->path, err)
               : !schema_check(store->sql, store->path, err))
        return false;
    /* One snapshot, for the writer may go on meanwhile. */
    if (!sql_run(store->sql, "BEGIN", err) || !read_meta(store, &opening, err) ||
        !check_head(store, &opening, err) || !sql_run(store->sql, "COMMIT", err)) {
        sql_rollback(store->sql);
        return false;
    }
    store->read = sql_prepare(store->sql,
                              "SELECT seq, at_ms, kind, body, hash FROM facts WHERE seq >= ?1 "
                              "ORDER BY seq LIMIT ?2",
                              err);
    if (!store->read || !open_keys(store, err))
        return false;
    store->plates = plates_create(store->sql, &store->keys, writes, err);
    return store->plates && (!writes || begin_writing(store, &opening, err));
}

static void release(struct store *store)
{
    sql_finalize(store->read);
    sql_finalize(store->insert);
    delivery_destroy(store->delivery);
    plates_destroy(store->plates);
    sql_close(store->sql);
    keys_close(&store->keys);
    acknowledged_close(&store->acknowledged);
    if (store->lock >= 0)
        close(store->lock);
    free(store->path);
    free(store);
}

struct store *store_open(const char *path, enum store_mode mode, struct err *err)
{
    struct store *store = memory_new(1, sizeof *store);

    store->path = memory_text(path);
    store->mode = mode;
    store->lock = store->acknowledged.fd = store->keys.fd = -1;
    if (open_file(store, err))
        return store;
    release(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    /* Should this fail, then the next opening looks closer; nothing is lost. */
    if (store->mode == STORE_WRITE && store_catch_up(store, NULL))
        sql_run(store->sql, "UPDATE meta SET clean = 1", NULL);
    crash_point("before_close");
    release(store);
    crash_point("after_close");
}

void store_head(const struct store *store, struct store_head *ret)
{
    *ret = store->head;
}
