/*
 * The audit: proves a database, or a backup of one, from its own records (DESIGN section 6, the
 * rules marked *), while the daemon works or not. Opens the file for reading only and looks at one
 * moment of it. Used by parkctl audit; any thread.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include <stddef.h>

#include "daemon/base/err.h"

/* One rule looked at, with its counts, or with the first record that breaks it. */
struct audit_finding {
    int rule;         /* DESIGN section 6; 0: the file itself */
    const char *name; /* "chain", "uplink city" … */
    bool good;
    char text[ERR_TEXT_SIZE];
};

typedef void audit_finding_fn(void *arg, const struct audit_finding *finding);

/* Tells each finding in the order of the rules and counts those that are not good. False when the
 * file cannot be opened or is not ours. */
bool audit_run(const char *path, audit_finding_fn *fn, void *arg, size_t *ret_breaches,
               struct err *err);

/* The same with the root key that was given at the installation, in `root_path` (NULL: none). */
bool audit_run_rooted(const char *path, const char *root_path, audit_finding_fn *fn, void *arg,
                      size_t *ret_breaches, struct err *err);

#endif
