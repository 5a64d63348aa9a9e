/* A report as JSON: numbers as they are, null where nothing is known. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/text.h"
#include "daemon/ctl/report.h"

enum { PIECE_SIZE = 1024 };

static void put_string(FILE *file, const char *key, const char *value)
{
    char bytes[PIECE_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_json_string(&out, value);
    fprintf(file, "\"%s\":%s,", key, bytes);
}

static void put_number(FILE *file, const char *before, const char *key, int64_t value)
{
    fprintf(file, "%s\"%s\":", before, key);
    if (value == REPORT_UNKNOWN)
        fputs("null", file);
    else
        fprintf(file, "%" PRId64, value);
}

static void put_figure(FILE *file, const struct report_figures *figures, enum figure figure)
{
    const struct figure_row *row = figure_row(figure);
    const int64_t *values = figures->values[figure];

    if (row->unit > UNIT_FEN) {
        fprintf(file, "\"%s\":{", row->key);
        put_number(file, "", "of", values[0]);
        put_number(file, ",", "in", values[1]);
        fputs("}", file);
    } else if (row->family) {
        fprintf(file, "\"%s\":{", row->key);
        put_number(file, "", "total", figure_sum(figures, figure));
        for (int word = 0; word < row->family->count; word++)
            put_number(file, ",", words_name(row->family, word), values[word]);
        fputs("}", file);
    } else {
        put_number(file, "", row->key, values[0]);
    }
}

static void put_curve(FILE *file, const char *key, const int64_t *values, size_t count)
{
    fprintf(file, "%s\"%s\":[", strcmp(key, "present_ms") ? "," : "", key);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "%s%" PRId64, i ? "," : "", values[i]);
    fputs("]", file);
}

#define CURVE(member)                                          \
    put_curve(file, #member, (const int64_t *)figures->member, \
              sizeof figures->member / sizeof(int64_t))

static void put_figures(FILE *file, const struct report_figures *figures)
{
    const char *section = "";

    fputs("{", file);
    put_string(file, "lot", figures->lot);
    fprintf(file, "\"bays\":%" PRId64, figures->bays);
    for (enum figure figure = 0; figure < FIGURES; figure++) {
        const char *next = figure_row(figure)->section;
        bool same = !strcmp(section, next);

        if (same)
            fputs(",", file);
        else
            fprintf(file, "%s\"%s\":{", *section ? "}," : ",", next);
        put_figure(file, figures, figure);
        section = next;
    }
    fputs("},\"curves\":{", file);
    CURVE(present_ms);
    CURVE(bays_ms);
    CURVE(covered_ms);
    CURVE(entries);
    CURVE(exits);
    CURVE(lengths);
    CURVE(heat_ms);
    CURVE(heat_covered_ms);
    fputs("}}", file);
}

void report_json(const struct report_page *page, FILE *file)
{
    const struct report *report = page->report;
    char from[UTC_TEXT_SIZE], to[UTC_TEXT_SIZE], until[UTC_TEXT_SIZE];

    fputs("{", file);
    put_string(file, "report", page->kind);
    put_string(file, "period", page->period);
    put_string(file, "zone", page->zone);
    put_string(file, "cut", page->cut);
    put_string(file, "from", utc_text(report->ask.period.from, from));
    put_string(file, "to", utc_text(report->ask.period.to, to));
    put_string(file, "until", utc_text(report->ask.until, until));
    put_string(file, "made", page->made);
    put_string(file, "state", page->state);
    put_string(file, "digest", page->digest);
    if (page->number) {
        fprintf(file, "\"number\":%" PRId64 ",", page->number);
        put_string(file, "previous", page->previous);
        put_string(file, "closed_by", page->actor);
    }
    fprintf(file, "\"through\":%" PRIu64 ",\"whole\":%s,\"figures\":[", report->through,
            report->whole ? "true" : "false");
    for (uint32_t i = 0; i < page->columns_count; i++) {
        fputs(i ? "," : "", file);
        put_figures(file, page->columns[i]);
    }
    fputs("]}\n", file);
}
