/*
 * A text of rows and cells, read a row at a time: commas or another separator, LF or CRLF, cells in
 * double quotes (which may hold separators and line ends), UTF-8 with or without a byte order mark
 * or GBK. A row that begins with "#" is one cell, as is every row of an answer in JSON or XML.
 * WeChat puts a back-quote before each value: in a row that begins with one, a separator is only
 * one that a back-quote follows, so that a name of goods may hold commas. Bounded memory; one
 * thread.
 */
#ifndef RECONCILE_ROWS_H
#define RECONCILE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/crypto.h"
#include "daemon/reconcile/source.h"

enum { ROWS_CELLS_MAX = 64, ROWS_BYTES_MAX = 65536 };

/* Borrowed until the next row. */
struct row {
    uint32_t line; /* of the file, from 1: where it begins */
    uint32_t cells_count;
    char *cells[ROWS_CELLS_MAX]; /* UTF-8, without quotes, back-quotes and space around */
};

enum rows_got { ROWS_ROW, ROWS_END, ROWS_WRONG };

struct rows;

/* Borrows the source. */
struct rows *rows_create(const struct source *source);
void rows_destroy(struct rows *rows); /* takes NULL */

/* The next row that is not empty. ROWS_WRONG with err ("file:line: what, what next"). */
enum rows_got rows_next(struct rows *rows, struct row *ret, struct err *err);

/* SHA-256 of all bytes of the source; once, behind the last row. */
struct hash rows_digest(struct rows *rows);

#endif
