/*
 * For who asks a file's tables by queries of its own (reports): the plates behind tokens. Where the
 * key file beside the database is not to be had, or the epoch is erased, the token stays. One
 * connection, its thread.
 */
#ifndef STORE_PLATE_READER_H
#define STORE_PLATE_READER_H

#include "daemon/base/err.h"

struct plate_reader;
struct sql;

/* Borrows `sql`, which has `database` open for reading. */
struct plate_reader *plate_reader_create(struct sql *sql, const char *database, struct err *err);
void plate_reader_destroy(struct plate_reader *reader); /* takes NULL; before the sql */

/* The plate of a token, any other text as it is. / A record's body with its plates, or as it is
 * when nothing in it can be opened. Both borrowed until the next call. */
bool plate_reader_text(struct plate_reader *reader, const char *text, const char **ret,
                       struct err *err);
bool plate_reader_body(struct plate_reader *reader, const char *body, const char **ret,
                       struct err *err);

#endif
