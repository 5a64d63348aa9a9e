/* long: a report's forms and how it is made stand together */
/*
 * parkctl report: what is to be shown, and the forms in which it is. All forms are written from the
 * same struct of figures.
 */
#ifndef CTL_REPORT_H
#define CTL_REPORT_H

#include <stdio.h>

#include "daemon/config/config_report.h"
#include "daemon/ctl/ctl.h"
#include "daemon/report/report.h"

enum { REPORT_COLUMNS = 9 }; /* beside each other on a page; further lots stand below */

/* One report with its head; borrowed. */
struct report_page {
    const struct report *report;
    const char *kind;              /* "day", "month" */
    const char *period;            /* "2024-03-13", "2024-03" */
    const char *zone, *cut, *made; /* "Asia/Shanghai", "00:00", RFC 3339 */
    char digest[HASH_HEX_SIZE];
    const char *state; /* "provisional", "closed", "changed" since it was closed */
    int64_t number;    /* of the closing; 0: none */
    char previous[HASH_HEX_SIZE], actor[RECORD_WORD];
    const char *lot; /* only this one; NULL: the site and every lot */
    enum words_language language;
    const struct report_figures **columns; /* what is shown, in this order; owned by the work */
    uint32_t columns_count;
};

/* The columns from `first` on that stand beside each other: a page that borrows. */
static inline struct report_page report_page_slice(const struct report_page *page, uint32_t first)
{
    struct report_page slice = *page;
    uint32_t left = page->columns_count - first;

    slice.columns += first;
    slice.columns_count = left < REPORT_COLUMNS ? left : REPORT_COLUMNS;
    return slice;
}

/* What a run needs. */
struct report_work {
    struct zone *zone;
    struct report_settings settings; /* of the configuration */
    const char *fees;                /* NULL: nothing is known */
    struct report_source *source;
    struct report *report;
    struct report_clock clock;
    int32_t fee_ppm[PAY_CHANNELS];
    struct report_page page;
    char made[UTC_TEXT_SIZE], period[CIVIL_DATE_TEXT];
};

/* Zone, cut and fees of the command line. / The figures of the period from --db. / Gives back what
 * `make` took, so that it can be made again. */
bool report_work_begin(const struct ctl *ctl, struct report_work *work, struct err *err);
bool report_work_make(const struct ctl *ctl, struct report_work *work,
                      const struct report_period *period, struct err *err);
bool report_work_period(const struct ctl *ctl, struct report_work *work, struct report_period *ret,
                        struct err *err); /* that was asked for */
void report_work_drop(struct report_work *work);
void report_work_end(struct report_work *work);

enum ctl_exit report_rank_command(const struct ctl *ctl);
enum ctl_exit report_list_command(const struct ctl *ctl);
enum ctl_exit report_list_differences(const struct ctl *ctl); /* parkctl reconcile list */
enum ctl_exit report_close_command(const struct ctl *ctl);

void report_table(const struct report_page *page);
void report_json(const struct report_page *page, FILE *file);
void report_csv(const struct report_page *page, bool gbk, FILE *file);
bool report_html(const struct report_page *page, const char *path, struct err *err);

/* A page's beginning, with its style, up to and with its body's tag; text within a page. */
void report_html_begin(FILE *file, enum words_language language, const char *title);
void report_html_text(FILE *file, const char *text);

#endif
