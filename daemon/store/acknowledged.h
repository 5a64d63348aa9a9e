/*
 * The newest record that a platform has acknowledged, kept in a small file beside the database:
 * when an older copy of the database is put back, that file is ahead of it, and the store notices.
 * It is written after the commit that says the same, without a sync: it may be behind, never ahead.
 * Inside of daemon/store only.
 */
#ifndef STORE_ACKNOWLEDGED_H
#define STORE_ACKNOWLEDGED_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/store/row.h"

struct acknowledged {
    int fd; /* -1: none */
    uint64_t seq;
    char id[RECORD_ID_SIZE]; /* of record `seq`; empty: nothing is known */
};

/* "DATABASE-acknowledged"; creates it. What it holds is read; what is not whole counts as nothing.
 */
bool acknowledged_open(struct acknowledged *acknowledged, const char *database, struct err *err);
/* For who only looks: false when nothing is known. Opens and closes. */
bool acknowledged_read(struct acknowledged *ret, const char *database);
void acknowledged_close(struct acknowledged *acknowledged);
/* A failure is not told: the file is only behind then, and a full disk is told by the database. */
void acknowledged_write(struct acknowledged *acknowledged, uint64_t seq, const char *id);

#endif
