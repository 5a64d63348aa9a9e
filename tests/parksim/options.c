/*
 * Reading options from a table.
 */
#include "tests/parksim/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/sim.h"

static _Noreturn void explain(const struct option_row *rows, const char *usage, FILE *to)
{
    fprintf(to, "usage: %s\n\n", usage);
    for (const struct option_row *row = rows; row->name; row++) {
        char form[64];
        snprintf(form, sizeof form, "--%s %s", row->name, row->metavar);
        fprintf(to, "  %-30s %s\n", form, row->help);
    }
    exit(to == stdout ? 0 : 2);
}

static void set(const struct option_row *row, const char *value)
{
    char *end;
    double decimal;
    switch (row->kind) {
    case OPTION_TEXT:
        *(const char **)row->to = value;
        return;
    case OPTION_NUMBER:
        if (!sim_number(value, row->min, row->max, row->to))
            sim_fail("--%s %s: %lld to %lld is allowed", row->name, value, (long long)row->min,
                     (long long)row->max);
        return;
    case OPTION_DECIMAL:
        decimal = strtod(value, &end);
        if (end == value || *end || !(decimal >= (double)row->min && decimal <= (double)row->max))
            sim_fail("--%s %s: %lld to %lld is allowed", row->name, value, (long long)row->min,
                     (long long)row->max);
        *(double *)row->to = decimal;
    }
}

void options_read(const struct option_row *rows, const char *usage, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strcmp(name, "--help") == 0)
            explain(rows, usage, stdout);
        if (strncmp(name, "--", 2) != 0)
            explain(rows, usage, stderr);
        name += 2;
        size_t size = strcspn(name, "=");
        const struct option_row *row = rows;
        while (row->name && (strlen(row->name) != size || memcmp(row->name, name, size) != 0))
            row++;
        if (!row->name || (!name[size] && i + 1 == argc))
            explain(rows, usage, stderr);
        set(row, name[size] ? name + size + 1 : argv[++i]);
    }
}
