/*
 * A table on a terminal: columns as wide as their widest cell, wide characters counted as two. The
 * last column is not padded. Made, filled cell by cell, printed and forgotten by one command.
 */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stdint.h>

#include "daemon/ctl/words.h"

enum table_side { TABLE_LEFT, TABLE_RIGHT };

struct table_column {
    const char *head; /* English; shown in the operator's language */
    enum table_side side;
};

struct table;

struct table *table_create(enum words_language language, const struct table_column *columns,
                           uint32_t count);

/* The next cell, row by row; copied, words_clean(). NULL: "-". */
void table_text(struct table *table, const char *text);
void table_word(struct table *table, const char *english); /* in the operator's language */
void table_number(struct table *table, int64_t number);
void table_time(struct table *table, const char *utc); /* RFC 3339; shown in local time */

/* Prints to standard output and frees. */
void table_print(struct table *table);

#endif
