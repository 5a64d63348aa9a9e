/* A report as tables: a section a table, a column a lot; of many lots further tables. */
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/report.h"
#include "daemon/ctl/report_text.h"
#include "daemon/ctl/table.h"

static void put_row(struct table *table, const struct report_page *page, enum figure figure,
                    int word, const char *label, const char *name)
{
    char value[REPORT_VALUE_SIZE];

    table_text(table, label);
    table_text(table, name);
    for (uint32_t i = 0; i < page->columns_count; i++)
        table_text(table, report_value(page->columns[i], figure, word, value));
}

static void put_figure(struct table *table, const struct report_page *page,
                       const struct report_page *beside, enum figure figure)
{
    const struct figure_row *row = figure_row(figure);
    const char *label = report_label(page->language, row->section, row->key);
    const char *total = row->family ? report_word(page->language, "total") : "";

    put_row(table, beside, figure, row->family ? -1 : 0, label, total);
    for (int word = 0; row->family && word < row->family->count; word++)
        if (report_tells(page->columns, page->columns_count, figure, word))
            put_row(table, beside, figure, word, "",
                    report_word(page->language, words_name(row->family, word)));
}

static struct table *begin(const struct report_page *page, const char *section)
{
    struct table_column columns[REPORT_COLUMNS + 2] = {{"", TABLE_LEFT}, {"", TABLE_LEFT}};

    printf("\n");
    columns[0].head = report_label(page->language, section, "");
    for (uint32_t i = 0; i < page->columns_count; i++)
        columns[i + 2] = (struct table_column){
            *page->columns[i]->lot ? page->columns[i]->lot : "Site", TABLE_RIGHT};
    return table_create(page->language, columns, page->columns_count + 2);
}

/* Of a section the columns that stand beside each other. */
static void put_section(const struct report_page *page, const struct report_page *beside,
                        const char *section)
{
    struct table *table = begin(beside, section);

    for (enum figure figure = 0; figure < FIGURES; figure++)
        if (!strcmp(figure_row(figure)->section, section))
            put_figure(table, page, beside, figure);
    table_print(table);
}

void report_table(const struct report_page *page)
{
    const char *section = "";

    printf("%s %s  %s  %s %s  %s\n", words_in(page->language, page->kind), page->period,
           words_in(page->language, page->state), page->zone, page->cut, page->made);
    printf("%s\n", page->digest);
    for (enum figure figure = 0; figure < FIGURES; figure++) {
        if (!strcmp(section, figure_row(figure)->section))
            continue;
        section = figure_row(figure)->section;
        for (uint32_t first = 0; first < page->columns_count; first += REPORT_COLUMNS) {
            struct report_page beside = report_page_slice(page, first);
            put_section(page, &beside, section);
        }
    }
}
