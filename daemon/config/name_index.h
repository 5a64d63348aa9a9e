/* Names and what they stand for, found by hash: 10,000 bays must not make loading quadratic. */
#ifndef CONFIG_NAME_INDEX_H
#define CONFIG_NAME_INDEX_H

#include <stdint.h>

#include "daemon/config/mistake.h"

struct name_entry {
    const char *name; /* borrowed */
    uint32_t value;
    struct place place; /* where it was given */
};

struct name_index;

struct name_index *name_index_create(void);
void name_index_destroy(struct name_index *index); /* takes NULL */

/* NULL when there is none. Both are valid until the next put. */
const struct name_entry *name_index_find(const struct name_index *index, const char *name);
/* Adds the entry; when the name is there already nothing changes and that entry is returned. */
const struct name_entry *name_index_put(struct name_index *index, struct name_entry entry);

#endif
