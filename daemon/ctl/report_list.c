/* parkctl report shift, arrears, openings, corrections and check: lists, record by record. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/charset.h"
#include "daemon/core/decimal.h"
#include "daemon/core/text.h"
#include "daemon/ctl/report.h"
#include "daemon/ctl/table.h"
#include "daemon/report/lists.h"

enum { LINE_SIZE = 4096 };

/* A list that is being shown. */
struct listing {
    const struct ctl *ctl;
    const struct list_column *columns;
    struct table *table; /* NULL: another form */
    uint32_t count;
    int64_t fen[LIST_COLUMNS]; /* sums of the columns of money */
};

static const struct {
    const char *name;
    enum report_list list;
    bool fails; /* what it lists is wrong */
} kinds[] = {
    {"shift", LIST_SHIFTS, false},      {"arrears", LIST_ARREARS, false},
    {"openings", LIST_OPENINGS, false}, {"corrections", LIST_CORRECTIONS, false},
    {"check", LIST_CHECK, true},
};

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

static void put_json(const struct listing *listing, const struct list_cell *cells, uint32_t count)
{
    char bytes[LINE_SIZE], at[UTC_TEXT_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "%s{", listing->count > 1 ? "," : "");
    for (uint32_t i = 0; i < count; i++) {
        enum list_form form = listing->columns[i].form;

        if (!cells[i].known)
            text_json_pair(&out, listing->columns[i].key, NULL);
        else if (form == LIST_NUMBER || form == LIST_FEN)
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

static void put_csv(const struct listing *listing, const struct list_cell *cells, uint32_t count)
{
    char bytes[LINE_SIZE], at[UTC_TEXT_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    for (uint32_t i = 0; i < count; i++) {
        enum list_form form = listing->columns[i].form;

        text_add(&out, "%s", i ? "," : "");
        if (cells[i].known && (form == LIST_NUMBER || form == LIST_FEN))
            text_add(&out, "%" PRId64, cells[i].number);
        else if (cells[i].known)
            add_quoted(&out,
                       form == LIST_TIME ? utc_text((utc_ms){cells[i].number}, at) : cells[i].text);
    }
    text_add(&out, "\r\n");
    put_line(listing, bytes);
}

static bool on_row(void *arg, const struct list_cell *cells, uint32_t count)
{
    struct listing *listing = arg;

    listing->count++;
    for (uint32_t i = 0; i < count; i++)
        listing->fen[i] += listing->columns[i].form == LIST_FEN ? cells[i].number : 0;
    if (listing->ctl->json)
        put_json(listing, cells, count);
    else if (listing->ctl->csv)
        put_csv(listing, cells, count);
    else
        for (uint32_t i = 0; i < count; i++)
            put_cell(listing, &cells[i], listing->columns[i].form);
    return true;
}

static void begin(struct listing *listing)
{
    struct table_column heads[LIST_COLUMNS];
    char bytes[LINE_SIZE];
    struct text out;
    uint32_t count = 0;

    text_init(&out, bytes, sizeof bytes);
    for (; listing->columns[count].head; count++) {
        enum list_form form = listing->columns[count].form;

        heads[count] = (struct table_column){listing->columns[count].head,
                                             form == LIST_NUMBER || form == LIST_FEN ? TABLE_RIGHT
                                                                                     : TABLE_LEFT};
        text_add(&out, "%s%s", count ? "," : "", listing->columns[count].key);
    }
    text_add(&out, "\r\n");
    if (listing->ctl->json) {
        fputs("{\"rows\":[", stdout);
    } else if (listing->ctl->csv) {
        fputs(listing->ctl->gbk ? "" : "\xef\xbb\xbf", stdout);
        put_line(listing, bytes);
    } else {
        listing->table = table_create(listing->ctl->language, heads, count);
    }
}

static void end(struct listing *listing)
{
    char text[DECIMAL_TEXT];
    uint32_t told = 0;

    if (listing->ctl->json) {
        printf("],\"count\":%u,\"sums\":{", listing->count);
        for (uint32_t i = 0; listing->columns[i].head; i++)
            if (listing->columns[i].form == LIST_FEN)
                printf("%s\"%s\":%" PRId64, told++ ? "," : "", listing->columns[i].key,
                       listing->fen[i]);
        puts("}}");
        return;
    }
    if (!listing->table)
        return;
    table_print(listing->table);
    printf("%s: %u", words_in(listing->ctl->language, "Count"), listing->count);
    for (uint32_t i = 0; listing->columns[i].head; i++)
        if (listing->columns[i].form == LIST_FEN)
            printf("; %s: %s", words_in(listing->ctl->language, listing->columns[i].head),
                   decimal_text(listing->fen[i], 2, text));
    putchar('\n');
}

static bool run(const struct ctl *ctl, struct report_work *work, size_t kind,
                struct listing *listing, struct err *err)
{
    struct report_period period;

    if (!report_work_begin(ctl, work, err) || !report_work_period(ctl, work, &period, err))
        return false;
    work->source = report_open(ctl->db, err);
    if (!work->source)
        return false;
    begin(listing);
    bool good = list_run(work->source, kinds[kind].list, &period, ctl->lot, on_row, listing, err);
    end(listing);
    return good;
}

enum ctl_exit report_list_command(const struct ctl *ctl)
{
    struct report_work work = {.page.kind = ctl->words[0]};
    struct listing listing = {.ctl = ctl};
    struct err err;
    size_t kind = 0;

    while (strcmp(kinds[kind].name, ctl->words[0]) != 0)
        kind++;
    listing.columns = list_columns(kinds[kind].list);
    bool good = run(ctl, &work, kind, &listing, &err);
    report_work_end(&work);
    if (!good)
        return ctl_refused(ctl, &err);
    return kinds[kind].fails && listing.count ? CTL_REFUSED : CTL_DONE;
}
