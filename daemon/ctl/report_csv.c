/* A report as CSV (RFC 4180): a line a number, for spreadsheets; UTF-8 with its mark, or GBK. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/charset.h"
#include "daemon/ctl/report.h"
#include "daemon/ctl/report_text.h"

enum { LINE_SIZE = 1024 };

struct sheet {
    const struct report_page *page;
    const struct report_figures *figures;
    bool gbk;
    FILE *file;
};

static void put_line(const struct sheet *sheet, const char *line)
{
    size_t size = strlen(line);
    char *converted = sheet->gbk ? charset_to_gbk(line, size, &size) : NULL;

    fwrite(converted ? converted : line, 1, size, sheet->file);
    free(converted);
}

static void put_number(void *arg, const struct figure_row *row, const char *word, int64_t value)
{
    static const char *const units[] = {"", "fen", "", "", "s"};
    const struct sheet *sheet = arg;
    enum words_language language = sheet->page->language;
    char line[LINE_SIZE], number[REPORT_VALUE_SIZE] = "";

    if (value != REPORT_UNKNOWN)
        snprintf(number, sizeof number, "%" PRId64, value);
    snprintf(line, sizeof line, "\"%s\",%s,%s,%s,\"%s\",\"%s\",\"%s\",%s,%s\r\n",
             sheet->figures->lot, row->section, row->key, word,
             report_label(language, row->section, ""),
             report_label(language, row->section, row->key),
             *word ? report_word(language, word) : "", number, units[row->unit]);
    put_line(sheet, line);
}

void report_csv(const struct report_page *page, bool gbk, FILE *file)
{
    struct sheet sheet = {.page = page, .gbk = gbk, .file = file};
    bool chinese = page->language == WORDS_CHINESE;

    if (!gbk)
        fputs("\xef\xbb\xbf", file);
    put_line(&sheet, "lot,section,key,word,");
    put_line(&sheet, chinese ? "类别,项目,细分,数值,单位\r\n" : "Section,Figure,Of,Value,Unit\r\n");
    for (uint32_t i = 0; i < page->columns_count; i++) {
        sheet.figures = page->columns[i];
        figures_each(sheet.figures, put_number, &sheet);
    }
}
