/* Which layout a header belongs to: columns are found by their names, never by place. */
#include <string.h>

#include "daemon/reconcile/inside.h"

/* Steps over space; a full-width bracket is read as an ASCII one. */
static char next_byte(const char **at)
{
    *at += strspn(*at, " \t");
    bool bracket = strncmp(*at, "（", 3) == 0 || strncmp(*at, "）", 3) == 0;
    char byte = !bracket ? **at : (*at)[2] == "（"[2] ? '(' : ')';
    *at += bracket ? 3 : byte != '\0';
    return byte;
}

static bool is_same(const char *a, const char *b)
{
    for (char x = next_byte(&a), y = next_byte(&b);; x = next_byte(&a), y = next_byte(&b)) {
        if (x != y)
            return false;
        if (!x)
            return true;
    }
}

static bool is_named(const struct layout_column *column, const char *name)
{
    for (size_t n = 0; n < LAYOUT_NAMES && column->names[n]; n++)
        if (is_same(column->names[n], name))
            return true;
    return false;
}

struct fit {
    const struct layout *layout;
    int at[FIELDS];
    const struct layout_column *missing, *twice;
    size_t found, required;
};

static struct fit fit(const struct layout *layout, const struct row *row)
{
    struct fit fit = {.layout = layout};

    for (size_t i = 0; i < FIELDS; i++)
        fit.at[i] = COLUMN_NONE;
    for (size_t i = 0; i < layout->columns_count; i++) {
        const struct layout_column *column = &layout->columns[i];

        for (uint32_t c = 0; c < row->cells_count; c++) {
            if (!is_named(column, row->cells[c]))
                continue;
            if (fit.at[column->field] != COLUMN_NONE)
                fit.twice = column;
            fit.at[column->field] = (int)c;
        }
        fit.required += column->required;
        if (column->required && fit.at[column->field] == COLUMN_NONE)
            fit.missing = column;
        else
            fit.found += column->required;
    }
    return fit;
}

/* The layout of which the largest part is there. */
static struct fit best_fit(const struct reading *reading, const struct row *row)
{
    const struct layout *const *extra = reading->reader->extra;
    struct fit best = {.required = 1};
    const struct layout *layout;

    for (size_t i = 0; (layout = layout_at(i)) || (extra && *extra); i++) {
        struct fit one = fit(layout ? layout : *extra++, row);

        if (one.found * best.required > best.found * one.required)
            best = one;
    }
    return best;
}

bool header_take(struct reading *reading, const struct row *row, struct err *err)
{
    struct fit best = best_fit(reading, row);
    if (best.found * 2 < best.required || !best.layout)
        return reading_wrong(reading, row, err,
                             "this is the header of no statement that is known; give the file as "
                             "downloaded, or a column map with --columns");
    if (best.twice)
        return reading_wrong(reading, row, err, "column \"%s\" stands twice; download it again",
                             best.twice->names[0]);
    if (best.missing)
        return reading_wrong(reading, row, err,
                             "column \"%s\" of %s is missing; download the whole statement",
                             best.missing->names[0], best.layout->id);
    reading->layout = best.layout;
    reading->cells_count = row->cells_count;
    memcpy(reading->at, best.at, sizeof best.at);
    reading->facts->layout = best.layout;
    reading->facts->channel = best.layout->channel;
    return true;
}
