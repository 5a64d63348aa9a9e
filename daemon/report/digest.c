/* The digest of figures: of their canonical text, so that another program can take it, too. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/report/figures.h"

enum { LINE_SIZE = 160 };

static void add_line(void *arg, const struct figure_row *row, const char *word, int64_t value)
{
    char line[LINE_SIZE];

    if (row->moves)
        return;
    int size =
        snprintf(line, sizeof line, "%s.%s%s%s=", row->section, row->key, *word ? "." : "", word);

    if (value == REPORT_UNKNOWN)
        size += snprintf(line + size, sizeof line - (size_t)size, "unknown\n");
    else
        size += snprintf(line + size, sizeof line - (size_t)size, "%" PRId64 "\n", value);
    crypto_stream_add(arg, line, (size_t)size);
}

static void add_curve(struct crypto_stream *stream, const char *name, const int64_t *values,
                      size_t count)
{
    char line[LINE_SIZE];

    for (size_t i = 0; i < count; i++) {
        int size = snprintf(line, sizeof line, "curve.%s.%zu=%" PRId64 "\n", name, i, values[i]);
        crypto_stream_add(stream, line, (size_t)size);
    }
}

#define CURVE(member)                                            \
    add_curve(stream, #member, (const int64_t *)figures->member, \
              sizeof figures->member / sizeof(int64_t))

struct hash figures_digest(const struct report_figures *figures, uint32_t count)
{
    struct crypto_stream *stream = crypto_stream_begin();

    for (; count; count--, figures++) {
        char line[LINE_SIZE];
        int size = snprintf(line, sizeof line, "lot=%s\n", figures->lot);

        crypto_stream_add(stream, line, (size_t)size);
        figures_each(figures, add_line, stream);
        CURVE(present_ms);
        CURVE(bays_ms);
        CURVE(covered_ms);
        CURVE(entries);
        CURVE(exits);
        CURVE(lengths);
        CURVE(heat_ms);
        CURVE(heat_covered_ms);
    }
    return crypto_stream_end(stream);
}
