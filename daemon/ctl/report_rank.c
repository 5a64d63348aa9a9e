/*
 * parkctl report rank: the assessment sheet of a month, lots of one or several databases by rank.
 * No city has published a scorecard with points: the mark is the mean of the rates that are known,
 * and each rate stands beside it, so that another weighting can be taken from the same sheet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/ctl/report.h"
#include "daemon/ctl/report_text.h"
#include "daemon/ctl/table.h"

enum { PER_MILLE = 1000 };

/* Rates of which more is better. */
static const enum figure marked[] = {FIGURE_PAID_RATE, FIGURE_ENTRY_KNOWN, FIGURE_ONLINE,
                                     FIGURE_COMPLETE,  FIGURE_SHARED_BAYS, FIGURE_SHARED_HOURS};
/* What else stands on the sheet. */
static const enum figure shown[] = {FIGURE_TURNOVER, FIGURE_UTILISATION, FIGURE_AVERAGE_STAY,
                                    FIGURE_PEAK_BAYS, FIGURE_ARREARS_RATE};

enum { MARKED = sizeof marked / sizeof *marked, SHOWN = sizeof shown / sizeof *shown };

struct ranked {
    struct report_figures figures;
    const char *db;
    int32_t per_mille; /* -1: nothing is known to mark it by */
};

struct ranking {
    struct ranked *lots;
    uint32_t count;
};

static int32_t mark(const struct report_figures *figures)
{
    int64_t sum = 0, known = 0;

    for (size_t i = 0; i < MARKED; i++) {
        const int64_t *values = figures->values[marked[i]];

        if (values[0] == REPORT_UNKNOWN || values[1] == REPORT_UNKNOWN || values[1] <= 0)
            continue;
        sum += values[0] * PER_MILLE / values[1];
        known++;
    }
    return known ? (int32_t)(sum / known) : -1;
}

static void take(struct ranking *ranking, const struct report *report, const char *db)
{
    ranking->lots =
        memory_grow(ranking->lots, ranking->count + report->lots_count + 1, sizeof *ranking->lots);
    for (uint32_t i = 0; i < report->lots_count; i++)
        ranking->lots[ranking->count++] =
            (struct ranked){report->lots[i], db, mark(&report->lots[i])};
}

static int by_mark(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    if (left->per_mille != right->per_mille)
        return left->per_mille > right->per_mille ? -1 : 1;
    return strcmp(left->figures.lot, right->figures.lot);
}

static void put_lot(const struct ctl *ctl, struct table *table, const struct ranked *lot,
                    uint32_t rank)
{
    char value[REPORT_VALUE_SIZE];

    table_number(table, rank);
    table_text(table, lot->figures.lot);
    if (ctl->dbs_count > 1)
        table_text(table, lot->db);
    snprintf(value, sizeof value, "%d.%d", lot->per_mille / 10, lot->per_mille % 10);
    table_text(table, lot->per_mille < 0 ? NULL : value);
    for (size_t i = 0; i < MARKED; i++)
        table_text(table, report_value(&lot->figures, marked[i], 0, value));
    for (size_t i = 0; i < SHOWN; i++)
        table_text(table, report_value(&lot->figures, shown[i], 0, value));
}

static const char *head_of(const struct ctl *ctl, enum figure figure)
{
    return report_label(ctl->language, figure_row(figure)->section, figure_row(figure)->key);
}

static void show(const struct ctl *ctl, const struct ranking *ranking)
{
    struct table_column columns[4 + MARKED + SHOWN] = {{"Rank", TABLE_RIGHT}, {"Lot", TABLE_LEFT}};
    uint32_t count = 2;

    if (ctl->dbs_count > 1)
        columns[count++] = (struct table_column){"Database", TABLE_LEFT};
    columns[count++] = (struct table_column){"Mark", TABLE_RIGHT};
    for (size_t i = 0; i < MARKED; i++)
        columns[count++] = (struct table_column){head_of(ctl, marked[i]), TABLE_RIGHT};
    for (size_t i = 0; i < SHOWN; i++)
        columns[count++] = (struct table_column){head_of(ctl, shown[i]), TABLE_RIGHT};
    struct table *table = table_create(ctl->language, columns, count);
    for (uint32_t i = 0; i < ranking->count; i++)
        put_lot(ctl, table, &ranking->lots[i], i + 1);
    table_print(table);
}

/* The whole figures of each, in their order: other forms are those of a report. */
static void print_as(const struct ctl *ctl, struct report_work *work, const struct ranking *ranking)
{
    struct report_page *page = &work->page;

    page->columns = memory_grow(page->columns, ranking->count + 1, sizeof *page->columns);
    page->columns_count = 0;
    for (uint32_t i = 0; i < ranking->count; i++)
        page->columns[page->columns_count++] = &ranking->lots[i].figures;
    if (ctl->json)
        report_json(page, stdout);
    else
        report_csv(page, ctl->gbk, stdout);
}

enum ctl_exit report_rank_command(const struct ctl *ctl)
{
    struct report_work work = {.page.kind = "month"};
    struct ranking ranking = {.lots = NULL};
    struct report_period period;
    struct err err;
    bool good =
        report_work_begin(ctl, &work, &err) && report_work_period(ctl, &work, &period, &err);

    for (uint32_t i = 0; good && i < (ctl->dbs_count ? ctl->dbs_count : 1); i++) {
        struct ctl one = *ctl;

        one.db = ctl->dbs_count ? ctl->dbs[i] : ctl->db;
        report_work_drop(&work);
        good = report_work_make(&one, &work, &period, &err);
        if (good)
            take(&ranking, work.report, one.db);
    }
    if (good && ranking.count)
        qsort(ranking.lots, ranking.count, sizeof *ranking.lots, by_mark);
    if (good && (ctl->json || ctl->csv))
        print_as(ctl, &work, &ranking);
    else if (good)
        show(ctl, &ranking);
    free(ranking.lots);
    report_work_end(&work);
    return good ? CTL_DONE : ctl_refused(ctl, &err);
}
