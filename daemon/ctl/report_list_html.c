/* A list as one self-contained page, for the screen and for paper. See report_list.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/core/decimal.h"
#include "daemon/ctl/report_list.h"

enum { TITLE_SIZE = 128, CELL_SIZE = 64 };

static const struct {
    const char *name, *english, *chinese;
} titles[] = {
    {"shift", "Shifts", "班次"},
    {"arrears", "Arrears", "欠费"},
    {"openings", "Openings without a decision", "非系统放行开闸"},
    {"corrections", "Corrections", "更正"},
    {"differences", "Differences with the channels", "对账差异"},
    {"lanes", "Lane by lane", "分车道核对"},
    {"check", "Five-way check", "五方核对"},
};

static const char *title_of(const struct listing *listing)
{
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (!strcmp(titles[i].name, listing->name))
            return listing->ctl->language == WORDS_CHINESE ? titles[i].chinese : titles[i].english;
    return listing->name;
}

static bool is_number(enum list_form form)
{
    return form == LIST_NUMBER || form == LIST_FEN;
}

static void begin(struct listing *listing)
{
    enum words_language language = listing->ctl->language;
    char title[TITLE_SIZE], made[UTC_TEXT_SIZE];

    snprintf(title, sizeof title, "%s %s", title_of(listing), listing->period);
    report_html_begin(listing->file, language, title);
    fputs("<h1>", listing->file);
    report_html_text(listing->file, title);
    fputs("</h1><p class=\"head\">", listing->file);
    if (listing->ctl->lot) {
        report_html_text(listing->file, words_in(language, "Lot"));
        fputs(" ", listing->file);
        report_html_text(listing->file, listing->ctl->lot);
        fputs(" · ", listing->file);
    }
    fprintf(listing->file, "%s %s</p>\n<div class=\"scroll\"><table class=\"list\"><thead><tr>",
            words_in(language, "made"), utc_text(clock_utc(), made));
    for (uint32_t i = 0; listing->columns[i].head; i++) {
        fputs(is_number(listing->columns[i].form) ? "<th class=\"number\">" : "<th>",
              listing->file);
        report_html_text(listing->file, words_in(language, listing->columns[i].head));
        fputs("</th>", listing->file);
    }
    fputs("</tr></thead><tbody>\n", listing->file);
}

/* As a person reads it: yuan, local time, words of the language. */
static const char *cell_text(const struct listing *listing, const struct list_cell *cell,
                             enum list_form form, char ret[CELL_SIZE])
{
    if (!cell->known)
        return "-";
    if (form == LIST_TEXT)
        return words_in(listing->ctl->language, cell->text);
    if (form == LIST_FEN)
        return decimal_text(cell->number, 2, ret);
    if (form == LIST_NUMBER)
        snprintf(ret, CELL_SIZE, "%" PRId64, cell->number);
    else
        civil_text(listing->zone, cell->number / 1000, ret);
    return ret;
}

static void put_cell(struct listing *listing, const char *text, enum list_form form)
{
    fputs(is_number(form) ? "<td class=\"number\">" : "<td>", listing->file);
    report_html_text(listing->file, text);
    fputs("</td>", listing->file);
}

static void put_row(struct listing *listing, const struct list_cell *cells, uint32_t count)
{
    char text[CELL_SIZE];

    fputs("<tr>", listing->file);
    for (uint32_t i = 0; i < count; i++) {
        enum list_form form = listing->columns[i].form;

        put_cell(listing, cell_text(listing, &cells[i], form, text), form);
    }
    fputs("</tr>\n", listing->file);
}

static void end(struct listing *listing)
{
    char text[CELL_SIZE];

    snprintf(text, sizeof text, "%s: %u", words_in(listing->ctl->language, "Count"),
             listing->count);
    fputs("</tbody><tfoot><tr class=\"sum\">", listing->file);
    for (uint32_t i = 0; listing->columns[i].head; i++) {
        enum list_form form = listing->columns[i].form;

        put_cell(listing,
                 form == LIST_FEN ? decimal_text(listing->fen[i], 2, text)
                 : i              ? ""
                                  : text,
                 form);
    }
    fputs("</tr></tfoot></table></div></body></html>\n", listing->file);
}

const struct list_writer list_as_html = {begin, put_row, end};
