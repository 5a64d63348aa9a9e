/*
 * The schema's versions: makes a new file, brings an old one forward, refuses one that is newer or
 * not ours. Inside of daemon/store only.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "daemon/store/sql.h"

/* For a writer: afterwards the file has the newest schema. */
bool schema_migrate(struct sql *sql, const char *path, struct err *err);
/* For a reader: says whether it has. */
bool schema_check(struct sql *sql, const char *path, struct err *err);

#endif
