/*
 * A list of parkctl report in one of its forms: table, JSON, CSV or one self-contained page. All
 * are written from the same cells, and end with the same count and sums.
 */
#ifndef CTL_REPORT_LIST_H
#define CTL_REPORT_LIST_H

#include "daemon/ctl/report.h"
#include "daemon/ctl/table.h"
#include "daemon/report/lists.h"

struct list_writer;

/* A list that is being shown. */
struct listing {
    const struct ctl *ctl;
    const struct list_writer *writer;
    const char *name, *period; /* "arrears", "2024-03-13" */
    const struct civil_zone *zone;
    const struct list_column *columns;
    struct table *table;
    FILE *file;
    uint32_t count;
    int64_t fen[LIST_COLUMNS]; /* sums of the columns of money */
};

struct list_writer {
    void (*begin)(struct listing *listing);
    void (*row)(struct listing *listing, const struct list_cell *cells, uint32_t count);
    void (*end)(struct listing *listing);
};

extern const struct list_writer list_as_table, list_as_json, list_as_csv, list_as_html;

#endif
