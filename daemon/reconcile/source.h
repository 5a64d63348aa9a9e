/*
 * Where the bytes of a statement come from: a file, a member of a zip archive, memory. Borrowed
 * from whoever opened it; read once, from the beginning to the end, by one thread.
 */
#ifndef RECONCILE_SOURCE_H
#define RECONCILE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

struct source {
    const char *name; /* for messages: "bill.zip: detail.csv" */

    /* Fills in up to `size` bytes; 0 at the end, -1 with err. */
    int64_t (*read)(void *arg, char *bytes, size_t size, struct err *err);
    void *arg;
};

/* Calls `fn` with the file, or with each member when it is a zip archive, until it returns false.
 * False with err, too, when something cannot be read. */
typedef bool source_fn(void *arg, const struct source *source, struct err *err);
bool source_each(const char *path, source_fn *fn, void *arg, struct err *err);

struct source_bytes {
    const char *bytes;
    size_t size, used;
};

/* Of memory that is borrowed while it is read; `bytes` holds how far. */
struct source source_of_bytes(const char *name, struct source_bytes *bytes);

#endif
