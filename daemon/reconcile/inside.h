/* What the files of the statement reader share: a statement that is being read. */
#ifndef RECONCILE_INSIDE_H
#define RECONCILE_INSIDE_H

#include "daemon/reconcile/rows.h"
#include "daemon/reconcile/statement.h"

enum { COLUMN_NONE = -1 };

struct reading {
    const struct statement_reader *reader;
    const struct source *source;
    const struct layout *layout; /* once the header is known */
    int at[FIELDS];              /* which cell holds the field; COLUMN_NONE */
    uint32_t cells_count;        /* of the header, and so of each row */
    bool totals_next, totals_done, last_done;
    uint32_t totals_seen; /* a bit for each of the layout's totals */
    int totals_at[ROWS_CELLS_MAX];
    struct statement_facts *facts;
};

/* "file:line: …"; always false. */
bool reading_wrong(const struct reading *reading, const struct row *row, struct err *err,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* header.c: whether the row is the header of a layout that is known; fills in layout and `at`. */
bool header_take(struct reading *reading, const struct row *row, struct err *err);

/* line.c: one row of data, into sums and to the reader. */
bool line_take(struct reading *reading, const struct row *row, struct err *err);
bool line_amount(const struct reading *reading, const struct row *row, enum field field,
                 int64_t *ret_mfen, struct err *err);

/* totals.c: a row or "#" line that may be of the totals; `ret_taken` says whether it was. */
bool totals_take(struct reading *reading, const struct row *row, bool *ret_taken, struct err *err);
/* At the end: whether all are there. */
bool totals_complete(const struct reading *reading, const struct row *last, struct err *err);

/* "2024-03-13 08:12:05" by its picture, in local seconds. */
bool line_time(const char *picture, const char *text, int64_t *ret_s);

#endif
