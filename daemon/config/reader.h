/*
 * Configuration files as a tree of values with their places, without libconfig's types. A value is
 * borrowed from its reader and lives as long as it.
 */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/config/mistake.h"

struct reader;      /* one document */
struct reader_node; /* one value in it */

enum reader_type {
    READER_GROUP, /* { key = value; … } */
    READER_LIST,  /* ( … ) or [ … ] */
    READER_TEXT,
    READER_WHOLE,
    READER_REAL,
    READER_BOOL,
    READER_TYPES
};

/* NULL when the file cannot be read or is no libconfig text; that has been told. */
struct reader *reader_open(const char *path, struct mistakes *mistakes);
void reader_close(struct reader *reader); /* takes NULL */

const struct reader_node *reader_root(const struct reader *reader); /* a group */

enum reader_type reader_type(const struct reader_node *node);
const char *reader_type_words(enum reader_type type); /* "a whole number" */
struct place reader_place(const struct reader_node *node);
const char *reader_file(const struct reader_node *node); /* path of the file that says so */

/* Members of a group or items of a list, in the order of the file. NULL counts as empty. */
uint32_t reader_size(const struct reader_node *node);
const struct reader_node *reader_item(const struct reader_node *node, uint32_t index);
const char *reader_key(const struct reader_node *member);
const struct reader_node *reader_member(const struct reader_node *group, const char *key);

/* The value; the caller has looked at the type. A whole number is a real one too. */
const char *reader_text(const struct reader_node *node);
int64_t reader_whole(const struct reader_node *node);
double reader_real(const struct reader_node *node);
bool reader_bool(const struct reader_node *node);

#endif
