/* Lists as a table, as JSON and as CSV. See report_list.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/charset.h"
#include "daemon/core/decimal.h"
#include "daemon/core/text.h"
#include "daemon/ctl/report_list.h"

enum { LINE_SIZE = 4096 };

static void put_cell(struct listing *listing, const struct list_cell *cell, enum list_form form)
{
    char text[DECIMAL_TEXT], at[UTC_TEXT_SIZE];

    if (!cell->known)
        table_text(listing->table, NULL);
    else if (form == LIST_FEN)
        table_text(listing->table, decimal_text(cell->number, 2, text));
    else if (form == LIST_TIME)
        table_time(listing->table, utc_text((utc_ms){cell->number}, at));
    else if (form == LIST_NUMBER)
        table_number(listing->table, cell->number);
    else
        table_word(listing->table, cell->text);
}

static void put_row(struct listing *listing, const struct list_cell *cells, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        put_cell(listing, &cells[i], listing->columns[i].form);
}

static bool is_number(enum list_form form)
{
    return form == LIST_NUMBER || form == LIST_FEN;
}

static void put_json(struct listing *listing, const struct list_cell *cells, uint32_t count)
{
    char bytes[LINE_SIZE], at[UTC_TEXT_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "%s{", listing->count > 1 ? "," : "");
    for (uint32_t i = 0; i < count; i++) {
        enum list_form form = listing->columns[i].form;

        if (!cells[i].known)
            text_json_pair(&out, listing->columns[i].key, NULL);
        else if (is_number(form))
            text_json_int(&out, listing->columns[i].key, cells[i].number);
        else
            text_json_pair(&out, listing->columns[i].key,
                           form == LIST_TIME ? utc_text((utc_ms){cells[i].number}, at)
                                             : cells[i].text);
    }
    text_add(&out, "}");
    fputs(bytes, stdout);
}

static void put_line(const struct listing *listing, const char *line)
{
    size_t size = strlen(line);
    char *converted = listing->ctl->gbk ? charset_to_gbk(line, size, &size) : NULL;

    fwrite(converted ? converted : line, 1, size, stdout);
    free(converted);
}

/* A quote in a text is doubled (RFC 4180). */
static void add_quoted(struct text *out, const char *text)
{
    text_add(out, "\"");
    for (; *text; text++)
        text_add(out, *text == '"' ? "\"\"" : "%c", *text);
    text_add(out, "\"");
}

static void put_csv(struct listing *listing, const struct list_cell *cells, uint32_t count)
{
    char bytes[LINE_SIZE], at[UTC_TEXT_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    for (uint32_t i = 0; i < count; i++) {
        enum list_form form = listing->columns[i].form;

        text_add(&out, "%s", i ? "," : "");
        if (cells[i].known && is_number(form))
            text_add(&out, "%" PRId64, cells[i].number);
        else if (cells[i].known)
            add_quoted(&out,
                       form == LIST_TIME ? utc_text((utc_ms){cells[i].number}, at) : cells[i].text);
    }
    text_add(&out, "\r\n");
    put_line(listing, bytes);
}

static void begin_table(struct listing *listing)
{
    struct table_column heads[LIST_COLUMNS];
    uint32_t count = 0;

    for (; listing->columns[count].head; count++)
        heads[count] = (struct table_column){listing->columns[count].head,
                                             is_number(listing->columns[count].form) ? TABLE_RIGHT
                                                                                     : TABLE_LEFT};
    listing->table = table_create(listing->ctl->language, heads, count);
}

static void end_table(struct listing *listing)
{
    char text[DECIMAL_TEXT];

    table_print(listing->table);
    printf("%s: %u", words_in(listing->ctl->language, "Count"), listing->count);
    for (uint32_t i = 0; listing->columns[i].head; i++)
        if (listing->columns[i].form == LIST_FEN)
            printf("; %s: %s", words_in(listing->ctl->language, listing->columns[i].head),
                   decimal_text(listing->fen[i], 2, text));
    putchar('\n');
}

static void begin_json(struct listing *listing)
{
    (void)listing;
    fputs("{\"rows\":[", stdout);
}

static void end_json(struct listing *listing)
{
    uint32_t told = 0;

    printf("],\"count\":%u,\"sums\":{", listing->count);
    for (uint32_t i = 0; listing->columns[i].head; i++)
        if (listing->columns[i].form == LIST_FEN)
            printf("%s\"%s\":%" PRId64, told++ ? "," : "", listing->columns[i].key,
                   listing->fen[i]);
    puts("}}");
}

static void begin_csv(struct listing *listing)
{
    char bytes[LINE_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    for (uint32_t i = 0; listing->columns[i].head; i++)
        text_add(&out, "%s%s", i ? "," : "", listing->columns[i].key);
    text_add(&out, "\r\n");
    fputs(listing->ctl->gbk ? "" : "\xef\xbb\xbf", stdout);
    put_line(listing, bytes);
}

static void end_csv(struct listing *listing)
{
    (void)listing; /* a row of sums would be taken for a row */
}

const struct list_writer list_as_table = {begin_table, put_row, end_table};
const struct list_writer list_as_json = {begin_json, put_json, end_json};
const struct list_writer list_as_csv = {begin_csv, put_csv, end_csv};
