/*
 * parkctl report: what is to be shown, and the forms in which it is. All forms are written from the
 * same struct of figures.
 */
#ifndef CTL_REPORT_H
#define CTL_REPORT_H

#include <stdio.h>

#include "daemon/ctl/ctl.h"
#include "daemon/report/report.h"

enum { REPORT_COLUMNS = 9 };

/* One report with its head; borrowed. */
struct report_page {
    const struct report *report;
    const char *kind;              /* "day", "month" */
    const char *period;            /* "2024-03-13", "2024-03" */
    const char *zone, *cut, *made; /* "Asia/Shanghai", "00:00", RFC 3339 */
    char digest[HASH_HEX_SIZE];
    const char *state; /* "provisional", "closed" */
    const char *lot;   /* only this one; NULL: the site and every lot */
    enum words_language language;
    const struct report_figures *columns[REPORT_COLUMNS]; /* what is shown, in this order */
    uint32_t columns_count;
};

void report_table(const struct report_page *page);
void report_json(const struct report_page *page, FILE *file);
void report_csv(const struct report_page *page, bool gbk, FILE *file);
bool report_html(const struct report_page *page, const char *path, struct err *err);

#endif
