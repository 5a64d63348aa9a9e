/*
 * A report as one self-contained page: figures as tables, plots as inline SVG, a print style for
 * A4. Nothing in it is fetched from anywhere.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/embed.h"
#include "daemon/ctl/report.h"
#include "daemon/ctl/report_plot.h"
#include "daemon/ctl/report_text.h"

enum { TITLE_SIZE = 128 };

EMBED(report_css, "daemon/ctl/report.css");

void report_html_text(FILE *file, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", file);
            break;
        case '<':
            fputs("&lt;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        default:
            fputc(*text, file);
        }
}

static const char *say(const struct report_page *page, const char *english, const char *chinese)
{
    return page->language == WORDS_CHINESE ? chinese : english;
}

void report_html_begin(FILE *file, enum words_language language, const char *title)
{
    fprintf(file,
            "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta "
            "name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
            language == WORDS_CHINESE ? "zh-CN" : "en");
    report_html_text(file, title);
    fprintf(file, "</title><style>%s</style></head><body>\n", report_css);
}

static void put_head(const struct report_page *page, FILE *file)
{
    char title[TITLE_SIZE];
    const char *kind = !strcmp(page->kind, "month") ? say(page, "Month report", "停车月报")
                                                    : say(page, "Day report", "停车日报");
    const char *state = !strcmp(page->state, "closed") ? say(page, "closed", "已日结")
                        : !strcmp(page->state, "changed")
                            ? say(page, "changed since closing", "日结后有变")
                            : say(page, "provisional", "暂估");

    snprintf(title, sizeof title, "%s %s", kind, page->period);
    report_html_begin(file, page->language, title);
    fprintf(file, "<h1>%s %s</h1><p class=\"head\"><span class=\"state %s\">%s</span> ", kind,
            page->period, page->state, state);
    if (page->number)
        fprintf(file, "%s %" PRId64 " · ", say(page, "No.", "编号"), page->number);
    report_html_text(file, page->zone);
    fprintf(file, " · %s %s · %s %s · %s %" PRIu64 "<br><code>%s</code>",
            say(page, "day begins", "日切"), page->cut, say(page, "made", "生成"), page->made,
            say(page, "through record", "截至记录"), page->report->through, page->digest);
    if (*page->previous)
        fprintf(file, "<br><code>← %s</code>", page->previous);
    fputs("</p>\n", file);
}

static void put_row(const struct report_page *page, enum figure figure, int word, const char *label,
                    const char *name, FILE *file)
{
    bool check = !strcmp(figure_row(figure)->section, "checks"), bad = false;
    char value[REPORT_VALUE_SIZE];

    for (uint32_t i = 0; check && i < page->columns_count; i++)
        bad = bad || page->columns[i]->values[figure][0];
    fprintf(file, "<tr%s><td>", bad ? " class=\"bad\"" : *label ? " class=\"sum\"" : "");
    report_html_text(file, label);
    fputs("</td><td>", file);
    report_html_text(file, name);
    for (uint32_t i = 0; i < page->columns_count; i++) {
        fputs("</td><td>", file);
        report_html_text(file, report_value(page->columns[i], figure, word, value));
    }
    fputs("</td></tr>\n", file);
}

static void put_figure(const struct report_page *page, const struct report_page *beside,
                       enum figure figure, FILE *file)
{
    const struct figure_row *row = figure_row(figure);
    const char *label = report_label(page->language, row->section, row->key);

    put_row(beside, figure, row->family ? -1 : 0, label,
            row->family ? report_word(page->language, "total") : "", file);
    for (int word = 0; row->family && word < row->family->count; word++)
        if (report_tells(page->columns, page->columns_count, figure, word))
            put_row(beside, figure, word, "",
                    report_word(page->language, words_name(row->family, word)), file);
}

static void put_table(const struct report_page *page, const struct report_page *beside,
                      const char *section, FILE *file)
{
    fputs("<div class=\"scroll\"><table><thead><tr><th></th><th></th>", file);
    for (uint32_t i = 0; i < beside->columns_count; i++) {
        const char *lot = beside->columns[i]->lot;

        fputs("<th>", file);
        report_html_text(file, *lot ? lot : say(page, "Site", "全场"));
        fputs("</th>", file);
    }
    fputs("</tr></thead><tbody>\n", file);
    for (enum figure figure = 0; figure < FIGURES; figure++)
        if (!strcmp(figure_row(figure)->section, section))
            put_figure(page, beside, figure, file);
    fputs("</tbody></table></div>\n", file);
}

static void put_section(const struct report_page *page, const char *section, FILE *file)
{
    fputs("<h2>", file);
    report_html_text(file, report_label(page->language, section, ""));
    fputs("</h2>", file);
    for (uint32_t first = 0; first < page->columns_count; first += REPORT_COLUMNS) {
        struct report_page beside = report_page_slice(page, first);
        put_table(page, &beside, section, file);
    }
}

static void put_plots(const struct report_page *page, FILE *file)
{
    for (uint32_t i = 0; i < page->columns_count; i++) {
        const char *lot = page->columns[i]->lot;

        fputs("<h2>", file);
        report_html_text(file, *lot ? lot : say(page, "Site", "全场"));
        fputs("</h2>", file);
        report_plots(page->columns[i], page->language, file);
    }
}

bool report_html(const struct report_page *page, const char *path, struct err *err)
{
    static const char *const sections[] = {"money",  "channels",   "balances",
                                           "checks", "indicators", "volumes"};
    FILE *file = fopen(path, "w");

    if (!file)
        return err_errno(err, "cannot write \"%s\"", path);
    put_head(page, file);
    report_plots(page->columns[0], page->language, file);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        put_section(page, sections[i], file);
    if (page->columns_count > 1)
        put_plots(page, file);
    fputs("</body></html>\n", file);
    bool good = !ferror(file);
    return (fclose(file) == 0 && good) || err_errno(err, "cannot write \"%s\"", path);
}
