/*
 * A record out of its canonical JSON: the inverse of record_encode(), by the same table of fields
 * (core/record_fields.h). Names become the plan's indexes; the reader holds them sorted and borrows
 * the plan. Used at the start, by the audit and by parkctl; any thread, one at a time.
 */
#ifndef STORE_RECORD_READ_H
#define STORE_RECORD_READ_H

#include "daemon/base/err.h"
#include "daemon/core/record.h"

enum record_read {
    RECORD_READ_DONE,
    RECORD_READ_STRANGER, /* it names a lot, zone, bay, lane or device that the plan lacks */
    RECORD_READ_BROKEN    /* it is not what record_encode() writes */
};

struct record_reader;

struct record_reader *record_read_create(const struct site_plan *plan);
void record_read_destroy(struct record_reader *reader); /* takes NULL */

/* `ret` is set on RECORD_READ_DONE only, `err` (which may be NULL) otherwise. What stands beside
 * the fact and is gone from the plan (the bay that a stay was on, the lane by which it came) is
 * read as not known: the fact itself is not given up for it. */
enum record_read record_read(const struct record_reader *reader, const char *body, size_t size,
                             struct record *ret, struct err *err);

#endif
