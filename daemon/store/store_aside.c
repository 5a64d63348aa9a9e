/*
 * A damaged database is set aside, and the service goes on with a fresh one. See store.h. Whether a
 * file is damaged is decided by reading all of it, once, at a start that failed or that follows an
 * end for this reason; a disk that does not answer, or a foreign file, is no damage.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"
#include "daemon/store/inside.h"
#include "daemon/store/schema.h"

static char *beside(const char *path, const char *ending)
{
    return memory_format("%s%s", path, ending);
}

/* Asks the next start to look at the whole file. */
void store_suspect(const struct store *store)
{
    char *path = beside(store->path, "-suspect");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0)
        close(fd);
    free(path);
}

bool store_is_damaged(const struct store *store)
{
    return sql_is_damaged(store->sql);
}

static bool is_suspect(const char *path)
{
    char *mark = beside(path, "-suspect");
    bool suspect = access(mark, F_OK) == 0;

    free(mark);
    return suspect;
}

/* A database of ours was here: its note is beside it. Somebody else's file is no damage. */
static bool was_ours(const char *path)
{
    struct acknowledged known;
    bool ours = acknowledged_open(&known, path, NULL) && known.id[0];

    acknowledged_close(&known);
    return ours;
}

/* Nobody has it open now, so it may be looked at without SQLite (S6). */
static bool has_another_head(const char *path)
{
    static const char magic[16] = "SQLite format 3";
    char head[sizeof magic] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return false;
    ssize_t size = read(fd, head, sizeof head);
    close(fd);
    return size > 0 && memcmp(head, magic, (size_t)size) != 0;
}

/* SQLite's own check of the pages. True: they are not good; `why` says what. */
static bool pages_are_bad(struct sql *sql, struct err *why)
{
    struct statement *check = sql_prepare(sql, "PRAGMA quick_check(1)", why);
    enum sql_step step = check ? sql_step(check, why) : SQL_FAILED;
    bool bad = step == SQL_FAILED && sql_is_damaged(sql);

    const char *found = step == SQL_ROW ? sql_text(check, 0, NULL) : "ok";
    if (strcmp(found, "ok") != 0) { /* below a line of heading */
        const char *line = strrchr(found, '\n');
        bad = true;
        err_set(why, "%s", line ? line + 1 : found);
    }
    sql_finalize(check);
    return bad;
}

static bool chain_is_broken(struct sql *sql, struct err *why)
{
    struct statement *anchor = sql_prepare(sql, "SELECT anchor_seq, anchor_hash FROM meta", why);
    struct chain at = {.seq = 0};

    if (!anchor)
        return sql_is_damaged(sql);
    enum sql_step step = sql_step(anchor, why);
    bool good = step == SQL_ROW && chain_hash(anchor, 1, &at.hash);
    at.seq = good ? (uint64_t)sql_int(anchor, 0) : 0;
    sql_finalize(anchor);
    if (!good && step != SQL_FAILED)
        err_set(why, "it does not say where its chain begins");
    good = good && chain_follow(sql, &at, INT64_MAX, why);
    return !good && (sql_is_damaged(sql) || sql_is_well(sql));
}

/* True with what is wrong with it in `why`. */
static bool is_damaged(const char *path, struct err *why)
{
    if (has_another_head(path)) {
        err_set(why, "it does not begin as a database does");
        return was_ours(path);
    }
    struct sql *sql = sql_open(path, SQL_READ, why);
    if (!sql)
        return false;
    bool damaged =
        pages_are_bad(sql, why) ||
        (schema_check(sql, path, NULL) ? chain_is_broken(sql, why) : sql_is_damaged(sql));
    sql_close(sql);
    return damaged;
}

/* How many records it holds that no platform has acknowledged, as far as can be read. */
static uint64_t count_lost(const char *path)
{
    struct acknowledged known;
    int64_t head = 0;
    struct sql *sql = sql_open(path, SQL_READ, NULL);

    if (sql)
        sql_number(sql, "SELECT coalesce(max(seq), 0) FROM journal", &head, NULL);
    sql_close(sql);
    if (acknowledged_open(&known, path, NULL) && (uint64_t)head > known.seq)
        head -= (int64_t)known.seq;
    acknowledged_close(&known);
    return head > 0 ? (uint64_t)head : 1;
}

/* The database with all that belongs to it. */
static bool move_aside(const char *path, const char *aside, struct err *err)
{
    static const char *const endings[] = {"-wal", "-shm", "-acknowledged", "-suspect"};

    if (rename(path, aside))
        return err_errno(err, "database \"%s\": it is damaged and cannot be set aside", path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *from = beside(path, endings[i]), *to = beside(aside, endings[i]);
        if (rename(from, to) && errno != ENOENT)
            log_warning("store: \"%s\" could not be set aside with the database", from);
        free(from);
        free(to);
    }
    return true;
}

static bool declare_loss(struct store *store, const char *aside, uint64_t count, struct err *err)
{
    struct record record = {.kind = RECORD_LOSS, .at = clock_utc()};
    const char *name = strrchr(aside, '/');
    char body[RECORD_BODY_MAX + 1];
    struct text text;

    assert(name);
    text_copy(record.loss.what, sizeof record.loss.what, "records");
    snprintf(record.loss.reason, sizeof record.loss.reason, "the database was damaged: see \"%s\"",
             name + 1);
    record.loss.count = count;
    record.loss.from = record.loss.to = record.at;
    text_init(&text, body, sizeof body);
    record_encode(&record, NULL, &text);
    struct store_row row = {
        .at = record.at, .kind = record.kind, .body = text.bytes, .body_size = text.used};
    struct store_batch batch = {.rows = &row, .rows_count = 1};
    return store_commit(store, &batch, err);
}

static struct store *begin_fresh(const char *path, const struct err *why, struct err *err)
{
    char *aside = memory_format("%s.damaged-%" PRId64, path, clock_utc().ms / 1000);
    uint64_t lost = count_lost(path);
    struct store *store = NULL;

    if (move_aside(path, aside, err)) {
        log_error("store: the database is damaged: %s; it is kept as \"%s\", and a fresh one is "
                  "begun; parkctl audit --db shows what can still be read",
                  why->text, aside);
        store = store_open(path, STORE_WRITE, err);
    }
    if (store && !declare_loss(store, aside, lost, err)) {
        store_close(store);
        store = NULL;
    }
    free(aside);
    return store;
}

struct store *store_open_or_begin(const char *path, struct err *err)
{
    bool suspect = is_suspect(path);
    struct store *store = suspect ? NULL : store_open(path, STORE_WRITE, err);
    struct err why;

    if (store)
        return store;
    if (is_damaged(path, &why))
        return begin_fresh(path, &why, err);
    if (suspect) { /* it was not the file, or it is mended */
        char *mark = beside(path, "-suspect");
        unlink(mark);
        free(mark);
        return store_open(path, STORE_WRITE, err);
    }
    return NULL;
}
