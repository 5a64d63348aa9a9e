/*
 * Options as tables: a row says a key's name, type, range, default, place in a struct and meaning;
 * one walker fills structs from groups and tells what is wrong. Tables are constant.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/config/arena.h"
#include "daemon/config/reader.h"
#include "daemon/core/text.h"

enum option_type {
    OPTION_ID,           /* const char *: 1 to 31 of A-Z a-z 0-9 . _ -; it stands in topics */
    OPTION_NAME,         /* const char *: what people read */
    OPTION_TEXT,         /* const char * */
    OPTION_WHOLE,        /* any integer type; `choices` or min and max */
    OPTION_REAL,         /* double */
    OPTION_BOOL,         /* bool */
    OPTION_CHOICE,       /* enum or integer; a word of `choices` */
    OPTION_FILE,         /* const char *: full path of a file that can be read */
    OPTION_PRIVATE_FILE, /* the same of a key: not readable by everyone */
    OPTION_SECRET,       /* const char *: what such a file holds */
    OPTION_GROUP,        /* struct with table `members` */
    OPTION_LIST,         /* const struct reader_node *: the caller walks it; items: `members` */
    OPTION_TYPES
};

struct option_choice {
    const char *name; /* NULL ends a list */
    int64_t value;
};

struct option {
    const char *key; /* NULL ends a table */
    enum option_type type;
    bool required;
    size_t offset, size; /* OPTION_AT() */
    int64_t min, max;    /* of a number; of a text's length in bytes, max 0: 255 */
    int64_t scale;       /* stored = written × scale; 0: 1 */
    int64_t otherwise;   /* default of numbers, choices and bools, as written */
    const char *text;    /* default of texts */
    const struct option_choice *choices;
    const struct option_table *members;
    const char *meaning;
};

struct option_table {
    const char *name; /* for messages: "device" */
    const struct option *options;
};

/* Where a row's value goes. */
#define OPTION_AT(type, member) \
    .offset = offsetof(type, member), .size = sizeof(((type *)NULL)->member)

struct option_context {
    struct arena *memory;      /* for texts */
    struct mistakes *mistakes; /* for all that is wrong */
};

/* Writes the defaults of all rows, those of groups too. */
void option_defaults(const struct option_table *table, void *target);

/* Takes in the members of `node`; what is not there keeps its value. */
void option_apply(const struct option_table *table, const struct reader_node *node, void *target,
                  const struct option_context *context);

/* What may stand behind the key: "a whole number, 1 to 255". */
void option_allowed(const struct option *option, struct text *out);
/* Its default as one would write it; nothing when there is none. */
void option_otherwise(const struct option *option, struct text *out);

/* The name of `value`; NULL when it has none. */
const char *option_choice_name(const struct option_choice *choices, int64_t value);

#endif
