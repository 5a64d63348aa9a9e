/*
 * Command line options as a table: a row each, read and explained from the same place.
 */
#ifndef PARKSIM_OPTIONS_H
#define PARKSIM_OPTIONS_H

#include <stdint.h>

enum option_kind { OPTION_TEXT, OPTION_NUMBER, OPTION_DECIMAL };

struct option_row {
    const char *name;    /* without the dashes; NULL ends the table */
    const char *metavar; /* what stands behind it in the usage */
    enum option_kind kind;
    void *to;         /* const char **, int64_t * or double * */
    int64_t min, max; /* of a number or decimal */
    const char *help;
};

/* Reads `--name VALUE` and `--name=VALUE`; anything else, or --help, ends the process with the
 * usage. */
void options_read(const struct option_row *rows, const char *usage, int argc, char **argv);

#endif
