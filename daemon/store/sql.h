/*
 * SQLite in our words; sql.c is the one file that includes its header. A struct sql is one
 * connection, used by one thread. A statement is prepared once, bound, stepped and thereby reset;
 * what it lends (texts, blobs) is good until its next step. Inside of daemon/store only.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

struct sql;
struct statement;
struct sql_copy;

/* READ never writes, checkpoints or creates; COPY is a file that is thrown away when it fails, so
 * it is written without syncs of its own. */
enum sql_mode { SQL_WRITE, SQL_READ, SQL_COPY };

struct sql *sql_open(const char *path, enum sql_mode mode, struct err *err);
void sql_close(struct sql *sql); /* after its statements; takes NULL */

/* Runs statements that give no rows, or whose rows do not matter. */
bool sql_run(struct sql *sql, const char *text, struct err *err);
/* The one value of the one row of a query. */
bool sql_number(struct sql *sql, const char *text, int64_t *ret, struct err *err);
void sql_rollback(struct sql *sql);
/* What the newest call on it found: damage in the file; or nothing that failed. */
bool sql_is_damaged(const struct sql *sql);
bool sql_is_well(const struct sql *sql);

struct statement *sql_prepare(struct sql *sql, const char *text, struct err *err);
void sql_finalize(struct statement *statement); /* takes NULL */

/* Parameters and columns count from 1 and 0, as in SQLite. Texts and blobs are borrowed until the
 * statement is stepped to its end. */
void sql_bind_int(struct statement *statement, int at, int64_t value);
void sql_bind_text(struct statement *statement, int at, const char *bytes, size_t size);
void sql_bind_blob(struct statement *statement, int at, const void *bytes, size_t size);

/* At the end or on failure the statement is ready to be bound again. */
enum sql_step { SQL_ROW, SQL_END, SQL_FAILED };
enum sql_step sql_step(struct statement *statement, struct err *err);
/* For statements without rows. */
bool sql_do(struct statement *statement, struct err *err);
/* Leaves the remaining rows alone. A reader must not stay in the middle: it would hold the WAL. */
void sql_reset(struct statement *statement);

int64_t sql_int(const struct statement *statement, int column);
/* Never NULL; always NUL-terminated. `ret_size` may be NULL. */
const char *sql_text(const struct statement *statement, int column, size_t *ret_size);
const void *sql_blob(const struct statement *statement, int column, size_t *ret_size);

/* Bytes of the WAL as of the last commit of this connection. */
int64_t sql_wal_bytes(const struct sql *sql);
/* Moves the WAL into the file as far as readers allow. */
bool sql_checkpoint(struct sql *sql, struct err *err);

/* Copies `from` into `to`, `pages` a step; `ret_left` counts down to 0, when the copy is whole.
 * Commits on `from` between the steps are copied along. */
struct sql_copy *sql_copy_begin(struct sql *from, struct sql *to, struct err *err);
bool sql_copy_step(struct sql_copy *copy, int pages, int *ret_left, int *ret_total,
                   struct err *err);
void sql_copy_end(struct sql_copy *copy); /* takes NULL */

#endif
