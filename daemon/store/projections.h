/*
 * The projections: the latest of each bay, condition and device, stays and what else the live state
 * stands on, as tables. Each is computed by SQL statements over a stretch of the journal, and what
 * comes out does not depend on where the stretches begin and end; the running daemon, a rebuild, a
 * reader and the audit all use the same one, so that they cannot differ. Inside of daemon/store,
 * and of reports, which are readers of the same file.
 *
 * They follow the journal in strides, not record by record: written with each commit they would
 * double what goes to the flash. `meta.projected` says how far they are.
 */
#ifndef STORE_PROJECTIONS_H
#define STORE_PROJECTIONS_H

#include "daemon/core/record.h"
#include "daemon/store/sql.h"

/* A bay that has changed within so many records is found among them, any other by table bay_stood
 * (schema 7). */
enum { PROJECTIONS_STOOD = 65536 };

/* Takes in the facts from seq `from` to `to`; the caller's transaction. */
bool projections_advance(struct sql *sql, uint64_t from, uint64_t to, struct err *err);

/* Lets go what nobody asks for once the records up to `through` are gone from the journal. Part of
 * each advance as well, so that a projection computed anew holds no more than the old one. */
bool projections_forget(struct sql *sql, uint64_t through, struct err *err);

bool projections_clear(struct sql *sql, struct err *err);

/* Makes empty temporary tables of the same names, which hide those of the file from every statement
 * of this connection: there a reader computes without writing. */
bool projections_shadow(struct sql *sql, struct err *err);
/* That, with the file's rows, and the facts that those do not know yet: what a reader asks is as
 * new as the journal. Until the reader's transaction is rolled back; asked again within it:
 * nothing. */
bool projections_follow(struct sql *sql, struct err *err);
/* Rows in which shadow and file differ, of all projections. */
bool projections_differ(struct sql *sql, int64_t *ret_rows, int64_t *ret_differ, struct err *err);

/* The query for the latest rows (seq, at_ms, kind, body, hash), or NULL: no subject, no latest. */
const char *projections_latest(enum record_kind kind);

#endif
