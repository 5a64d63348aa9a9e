/* Tables. See table.h. */
#include "daemon/ctl/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/memory.h"
#include "daemon/core/units.h"

enum { GAP = 2, FIRST_ROOM = 64 };

struct table {
    enum words_language language;
    const struct table_column *columns;
    uint32_t columns_count;
    char **cells; /* row by row; the heads are the first row */
    uint32_t cells_count, room;
};

static void add(struct table *table, char *cell)
{
    if (table->cells_count == table->room) {
        table->room = table->room ? table->room * 2 : FIRST_ROOM;
        table->cells = memory_grow(table->cells, table->room, sizeof *table->cells);
    }
    table->cells[table->cells_count++] = words_clean(cell);
}

struct table *table_create(enum words_language language, const struct table_column *columns,
                           uint32_t count)
{
    struct table *table = memory_new(1, sizeof *table);

    table->language = language;
    table->columns = columns;
    table->columns_count = count;
    for (uint32_t i = 0; i < count; i++)
        table_word(table, columns[i].head);
    return table;
}

void table_text(struct table *table, const char *text)
{
    add(table, memory_text(text ? text : "-"));
}

void table_word(struct table *table, const char *english)
{
    table_text(table, english ? words_in(table->language, english) : NULL);
}

void table_number(struct table *table, int64_t number)
{
    add(table, memory_format("%lld", (long long)number));
}

void table_time(struct table *table, const char *utc)
{
    char local[32];
    struct tm parts;
    utc_ms at;

    if (!utc || !utc_parse(utc, &at)) {
        table_text(table, utc);
        return;
    }
    time_t seconds = (time_t)(at.ms / 1000);
    strftime(local, sizeof local, "%F %T", localtime_r(&seconds, &parts));
    table_text(table, local);
}

static void print_cell(const char *cell, size_t width, enum table_side side, bool last)
{
    int padding = (int)(width - words_width(cell));

    if (side == TABLE_RIGHT)
        printf("%*s%s", padding, "", cell);
    else
        printf("%s%*s", cell, last ? 0 : padding, "");
    printf("%*s", last ? 0 : GAP, "");
}

void table_print(struct table *table)
{
    size_t *widths = memory_new(table->columns_count, sizeof *widths);

    for (uint32_t i = 0; i < table->cells_count; i++) {
        size_t width = words_width(table->cells[i]), *widest = &widths[i % table->columns_count];

        *widest = width > *widest ? width : *widest;
    }
    for (uint32_t i = 0; i < table->cells_count; i++) {
        uint32_t column = i % table->columns_count;
        bool last = column == table->columns_count - 1;

        print_cell(table->cells[i], widths[column], table->columns[column].side, last);
        if (last)
            putchar('\n');
        free(table->cells[i]);
    }
    free(widths);
    free(table->cells);
    free(table);
}
