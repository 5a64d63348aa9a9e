/*
 * What stands behind the figures, record by record: shifts, arrears, openings that no decision
 * explains, corrections, and what the five-way check finds between payments, orders, stays,
 * passages with openings, bay sensors and uploads; differences with the channels. Each list is a
 * question to the journal.
 */
#ifndef REPORT_LISTS_H
#define REPORT_LISTS_H

#include "daemon/report/report.h"

enum report_list {
    LIST_SHIFTS,
    LIST_ARREARS,
    LIST_OPENINGS,
    LIST_CORRECTIONS,
    LIST_CHECK, /* what does not fit */
    LIST_LANES, /* all ways counted, lane by lane */
    LIST_DIFFERENCES,
    REPORT_LISTS
};
enum list_form { LIST_TEXT, LIST_NUMBER, LIST_FEN, LIST_TIME };

enum { LIST_COLUMNS = 18 };

struct list_column {
    const char *head; /* English; a key in JSON as well, with "_" and the unit */
    const char *key;
    enum list_form form;
};

/* NULL-terminated. */
const struct list_column *list_columns(enum report_list list);

/* A row's cells: text, or a number where the form says so; `known` false: nothing is known.
 * Borrowed for the call; false stops. */
struct list_cell {
    bool known;
    int64_t number;
    const char *text;
};
typedef bool list_fn(void *arg, const struct list_cell *cells, uint32_t count);

/* Of the period and, unless it is NULL, `only` of the lot, or of differences in that state; in the
 * order of time. */
bool list_run(struct report_source *source, enum report_list list,
              const struct report_period *period, const char *only, list_fn *fn, void *arg,
              struct err *err);

#endif
