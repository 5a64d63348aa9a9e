/* The only file that includes SQLite. See sql.h. S1 … S13: the faults of 3.40.1 and their cures. */
/* long: one file knows the library */
#include "daemon/store/sql.h"

#include <assert.h>
#include <malloc.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/crash.h"
#include "daemon/base/crypto.h"
#include "daemon/base/memory.h"

struct sql {
    sqlite3 *db;
    char *path;
    int wal_pages;
    int page_bytes;
    bool damaged; /* so it was when a transaction was rolled back */
};

/* A statement is SQLite's own; the name keeps its types inside. */
static sqlite3_stmt *inner(const struct statement *statement)
{
    return (sqlite3_stmt *)(uintptr_t)statement;
}

/* What a person does about it. */
static const struct {
    int code;
    const char *next;
} next_steps[] = {
    {SQLITE_FULL, "the disk is full; free space on it, nothing is lost meanwhile"},
    {SQLITE_IOERR, "the disk does not take or give data; look at the kernel's log for its faults"},
    {SQLITE_READONLY, "it may not be written; check its owner and that the disk is writable"},
    {SQLITE_PERM, "it may not be opened; check its owner"},
    {SQLITE_CANTOPEN, "check that the folder exists and belongs to the daemon's user"},
    {SQLITE_BUSY, "another program keeps it locked; end that one"},
    {SQLITE_CORRUPT, "the file is damaged; restore the newest backup (parkd-backup restore)"},
    {SQLITE_NOTADB, "this is no database; move it away or restore a backup"},
};

static bool fail(const struct sql *sql, int code, const char *doing, struct err *err)
{
    const char *next = "this is a fault of the program; please report it";

    for (size_t i = 0; i < sizeof next_steps / sizeof *next_steps; i++)
        if ((code & 0xff) == next_steps[i].code)
            next = next_steps[i].next;
    return err_set(err, "database \"%s\": %s: %s; %s", sql->path, doing,
                   sql->db ? sqlite3_errmsg(sql->db) : sqlite3_errstr(code), next);
}

bool sql_is_damaged(const struct sql *sql)
{
    int code = sqlite3_errcode(sql->db) & 0xff;

    return sql->damaged || code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

bool sql_is_well(const struct sql *sql)
{
    return sqlite3_errcode(sql->db) == SQLITE_OK;
}

static int note_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct sql *sql = arg;

    (void)db;
    (void)name;
    sql->wal_pages = pages;
    return SQLITE_OK;
}

/*
 * Page size: the bytes written for a change in commits of five are 1.0 KB with pages of 1 KB, 1.1
 * with 2 KB and 1.5 with 4 KB (tests/bench/bench_store). A small cache is enough for what is read
 * again, the ends of trees; only a transaction that brings the projections on may need more for a
 * moment, and would write pages twice without it. Without autocheckpoint, since the writer chooses
 * when (S2, S3); without mmap (S9).
 */
static const char *const settings[] = {
    [SQL_WRITE] = "PRAGMA page_size=1024;"
                  "PRAGMA cache_size=-512;"
                  "PRAGMA cache_spill=-4096;"
                  "PRAGMA journal_mode=WAL;"
                  "PRAGMA synchronous=FULL;" /* S1 */
                  "PRAGMA wal_autocheckpoint=0;"
                  "PRAGMA journal_size_limit=4194304;"
                  "PRAGMA foreign_keys=ON;",
    [SQL_READ] = "PRAGMA wal_autocheckpoint=0;"
                 "PRAGMA query_only=OFF;", /* temporary tables only: the file is open for reading */
    [SQL_COPY] = "PRAGMA journal_mode=OFF;"
                 "PRAGMA synchronous=OFF;",
};

/* What a writer's file must say of itself, whatever SQLite answered to the settings. */
static const struct {
    const char *question, *answer, *why;
} writers[] = {
    {"PRAGMA journal_mode", "wal",
     "write-ahead logging does not work there; put it on a local disk"},
    {"PRAGMA synchronous", "2", "synchronous=FULL was not taken"}, /* S1 */
};

static bool keeps_settings(struct sql *sql, struct err *err)
{
    bool good = true;

    for (size_t i = 0; i < sizeof writers / sizeof *writers && good; i++) {
        struct statement *ask = sql_prepare(sql, writers[i].question, err);

        if (!ask)
            return false;
        good = sql_step(ask, err) == SQL_ROW;
        if (good && strcmp(sql_text(ask, 0, NULL), writers[i].answer) != 0)
            good = err_set(err, "database \"%s\": %s", sql->path, writers[i].why);
        sql_finalize(ask);
    }
    return good;
}

/* row_sum(…): a number made of the values, which another of them changes (schema-5.sql). */
static void row_sum(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct crypto_stream *stream = crypto_stream_begin();
    int64_t sum = 0;

    for (int i = 0; i < count; i++) {
        int64_t number = sqlite3_value_int64(values[i]);
        bool is_number = sqlite3_value_type(values[i]) == SQLITE_INTEGER;
        const void *bytes = is_number ? (const void *)&number : sqlite3_value_blob(values[i]);
        int32_t size = is_number ? (int32_t)sizeof number : sqlite3_value_bytes(values[i]);

        crypto_stream_add(stream, &size, sizeof size);
        crypto_stream_add(stream, size ? bytes : "", (size_t)size);
    }
    struct hash hash = crypto_stream_end(stream);
    for (int i = 0; i < 7; i++) /* fits without a sign */
        sum = sum << 8 | hash.bytes[i];
    sqlite3_result_int64(context, sum);
}

static bool settle(struct sql *sql, enum sql_mode mode, struct err *err)
{
    int64_t value = 0;

    sqlite3_extended_result_codes(sql->db, 1);
    sqlite3_busy_timeout(sql->db, 5000); /* S5 */
    sqlite3_create_function(sql->db, "row_sum", -1,
                            SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL, row_sum,
                            NULL, NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, mode != SQL_COPY, NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, mode == SQL_READ, NULL);
    if (!sql_run(sql,
                 "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
                 "PRAGMA temp_store=MEMORY;",
                 err) ||
        !sql_run(sql, settings[mode], err) || !sql_number(sql, "PRAGMA page_size", &value, err))
        return false;
    sql->page_bytes = (int)value;
    if (mode != SQL_WRITE)
        return true;
    if (!keeps_settings(sql, err))
        return false;
    sqlite3_wal_hook(sql->db, note_wal, sql);
    return true;
}

/*
 * SQLite takes its memory where we do: running out ends the process there. Otherwise it would come
 * back as texts that are empty or as statements that fail, and look like damage.
 */
static void *take_memory(int size)
{
    return memory_grow(NULL, (size_t)size, 1);
}

static void *grow_memory(void *old, int size)
{
    return memory_grow(old, (size_t)size, 1);
}

static int memory_size(void *memory)
{
    return (int)malloc_usable_size(memory);
}

static int round_up(int size)
{
    return (size + 7) & ~7;
}

static int begin_memory(void *arg)
{
    (void)arg;
    return SQLITE_OK;
}

static void end_memory(void *arg)
{
    (void)arg;
}

/* Refused, and without effect, once SQLite is in use. */
static void share_memory(void)
{
    static const sqlite3_mem_methods methods = {.xMalloc = take_memory,
                                                .xFree = free,
                                                .xRealloc = grow_memory,
                                                .xSize = memory_size,
                                                .xRoundup = round_up,
                                                .xInit = begin_memory,
                                                .xShutdown = end_memory};

    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

struct sql *sql_open(const char *path, enum sql_mode mode, struct err *err)
{
    static const int flags[] = {
        [SQL_WRITE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
        [SQL_READ] = SQLITE_OPEN_READONLY,
        [SQL_COPY] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
    };
    struct sql *sql = memory_new(1, sizeof *sql);

    share_memory();
    sql->path = memory_text(path);
    int code = sqlite3_open_v2(path, &sql->db, flags[mode] | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK ? settle(sql, mode, err) : fail(sql, code, "cannot be opened", err))
        return sql;
    sql_close(sql);
    return NULL;
}

void sql_close(struct sql *sql)
{
    if (!sql)
        return;
    int code = sqlite3_close(sql->db);
    assert(code == SQLITE_OK); /* else a statement was forgotten */
    (void)code;
    free(sql->path);
    free(sql);
}

bool sql_run(struct sql *sql, const char *text, struct err *err)
{
    int code = sqlite3_exec(sql->db, text, NULL, NULL, NULL);

    if (code == SQLITE_OK)
        return true;
    return fail(sql, code, "failed", err);
}

bool sql_number(struct sql *sql, const char *text, int64_t *ret, struct err *err)
{
    struct statement *statement = sql_prepare(sql, text, err);

    if (!statement)
        return false;
    enum sql_step step = sql_step(statement, err);
    if (step == SQL_ROW)
        *ret = sql_int(statement, 0);
    else if (step == SQL_END)
        err_set(err, "database \"%s\": no answer to \"%s\"", sql->path, text);
    sql_finalize(statement);
    return step == SQL_ROW;
}

void sql_rollback(struct sql *sql)
{
    sql->damaged = sql_is_damaged(sql);
    /* Some failures have rolled back already. */
    if (!sqlite3_get_autocommit(sql->db))
        sqlite3_exec(sql->db, "ROLLBACK", NULL, NULL, NULL);
}

struct statement *sql_prepare(struct sql *sql, const char *text, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);

    if (code != SQLITE_OK)
        fail(sql, code, "a statement was refused", err);
    return (struct statement *)statement;
}

void sql_finalize(struct statement *statement)
{
    sqlite3_finalize(inner(statement));
}

void sql_bind_int(struct statement *statement, int at, int64_t value)
{
    int code = sqlite3_bind_int64(inner(statement), at, value);

    assert(code == SQLITE_OK);
    (void)code;
}

void sql_bind_text(struct statement *statement, int at, const char *bytes, size_t size)
{
    int code = sqlite3_bind_text(inner(statement), at, bytes, (int)size, SQLITE_STATIC);

    assert(code == SQLITE_OK);
    (void)code;
}

void sql_bind_blob(struct statement *statement, int at, const void *bytes, size_t size)
{
    int code = sqlite3_bind_blob(inner(statement), at, bytes, (int)size, SQLITE_STATIC);

    assert(code == SQLITE_OK);
    (void)code;
}

/* The connection's path for the message: a statement knows its connection, not our struct. */
static void fail_statement(sqlite3_stmt *statement, int code, struct err *err)
{
    sqlite3 *db = sqlite3_db_handle(statement);
    const char *path = sqlite3_db_filename(db, "main");
    struct sql sql = {.db = db, .path = (char *)(uintptr_t)path}; /* empty: in memory */

    fail(&sql, code, "failed", err);
}

enum sql_step sql_step(struct statement *statement, struct err *err)
{
    int code = sqlite3_step(inner(statement));

    if (code == SQLITE_ROW)
        return SQL_ROW;
    if (code != SQLITE_DONE)
        fail_statement(inner(statement), code, err);
    sqlite3_reset(inner(statement));
    return code == SQLITE_DONE ? SQL_END : SQL_FAILED;
}

bool sql_do(struct statement *statement, struct err *err)
{
    enum sql_step step = sql_step(statement, err);

    assert(step != SQL_ROW);
    return step == SQL_END;
}

void sql_reset(struct statement *statement)
{
    sqlite3_reset(inner(statement));
}

int64_t sql_int(const struct statement *statement, int column)
{
    return sqlite3_column_int64(inner(statement), column);
}

const char *sql_text(const struct statement *statement, int column, size_t *ret_size)
{
    const unsigned char *text = sqlite3_column_text(inner(statement), column);

    if (ret_size)
        *ret_size = text ? (size_t)sqlite3_column_bytes(inner(statement), column) : 0;
    return text ? (const char *)text : "";
}

const void *sql_blob(const struct statement *statement, int column, size_t *ret_size)
{
    const void *blob = sqlite3_column_blob(inner(statement), column);

    *ret_size = blob ? (size_t)sqlite3_column_bytes(inner(statement), column) : 0;
    return blob;
}

int64_t sql_wal_bytes(const struct sql *sql)
{
    return (int64_t)sql->wal_pages * (sql->page_bytes + 24); /* a frame has a header of 24 */
}

bool sql_checkpoint(struct sql *sql, struct err *err)
{
    int pages = 0, moved = 0;
    crash_point("before_checkpoint");
    int code =
        sqlite3_wal_checkpoint_v2(sql->db, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);

    if (code != SQLITE_OK)
        return fail(sql, code, "the write-ahead log cannot be moved into it", err);
    crash_point("after_checkpoint");
    /* What a reader holds back is tried again after as much again was written. */
    sql->wal_pages = 0;
    return true;
}

struct sql_copy *sql_copy_begin(struct sql *from, struct sql *to, struct err *err)
{
    sqlite3_backup *copy = sqlite3_backup_init(to->db, "main", from->db, "main");

    if (!copy)
        fail(to, sqlite3_errcode(to->db), "cannot be copied to", err);
    return (struct sql_copy *)copy;
}

bool sql_copy_step(struct sql_copy *copy, int pages, int *ret_left, int *ret_total, struct err *err)
{
    sqlite3_backup *backup = (sqlite3_backup *)copy;
    int code = sqlite3_backup_step(backup, pages);

    if (code != SQLITE_OK && code != SQLITE_DONE) {
        struct sql none = {.path = (char *)(uintptr_t) "the copy"};
        return fail(&none, code, "copying failed", err);
    }
    *ret_left = code == SQLITE_DONE ? 0 : sqlite3_backup_remaining(backup);
    *ret_total = sqlite3_backup_pagecount(backup);
    assert(code == SQLITE_DONE || *ret_left > 0);
    return true;
}

void sql_copy_end(struct sql_copy *copy)
{
    sqlite3_backup_finish((sqlite3_backup *)copy);
}
