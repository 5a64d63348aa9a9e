/* The report records of a database, and a period as one of them states it. */
#ifndef REPORT_CLOSED_H
#define REPORT_CLOSED_H

#include "daemon/report/report.h"

/* A report as it was recorded. */
struct report_closed {
    uint64_t seq;
    utc_ms at; /* when it was closed */
    struct record_report report;
};

/* In order, as many as there are; the caller frees `ret`. */
bool report_closed_all(struct report_source *source, struct report_closed **ret,
                       uint32_t *ret_count, struct err *err);

/* The newest report about the day, or NULL. */
const struct report_closed *report_closed_day(const struct report_closed *all, uint32_t count,
                                              const char *day);

/* The main sums of the site, in a fixed order: what a difference is told by, since a digest tells
 * only that there is one. The first that differs, or NULL. */
void report_sums(const struct report_figures *figures, char ret[RECORD_PHRASE]);
const char *report_sums_differ(const char *then, const char *now);

#endif
