/*
 * The hash chain over the journal: what a record's hash and id are, and whether a stretch of the
 * journal follows from where it begins. Inside of daemon/store, its tests, and where records are
 * proved (report/evidence.c).
 */
#ifndef STORE_CHAIN_H
#define STORE_CHAIN_H

#include "daemon/base/crypto.h"
#include "daemon/store/row.h"
#include "daemon/store/sql.h"

/* A place in the chain: a record, or what was before the first. */
struct chain {
    uint64_t seq;
    struct hash hash;
};

struct hash chain_genesis(const char *genesis);

/* The hash of the record that follows `before`; `kind` as it is written. */
struct hash chain_next(const struct hash *before, const struct store_row *row, const char *kind);

void chain_id(const struct hash *hash, char ret[RECORD_ID_SIZE]);

/* Follows the journal from `at` over at most `limit` records and moves `at` along. False, with `at`
 * at the last good record, when the next one is missing or has another hash, or on a failure to
 * read: err names it. */
bool chain_follow(struct sql *sql, struct chain *at, uint64_t limit, struct err *err);

/* Proves each held record by the hash of the one before it, which was kept for that. False on the
 * first that is not as it was written. */
bool chain_held(struct sql *sql, uint64_t *ret_count, struct err *err);

/* The row of a query that selects seq, at_ms, kind, body, hash. Borrowed until the next step. */
bool chain_row(const struct statement *statement, struct store_row *ret, struct err *err);

/* The hash in `column`; false when it has not the size of one. */
bool chain_hash(const struct statement *statement, int column, struct hash *ret);

#endif
