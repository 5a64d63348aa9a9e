/*
 * The command line of `parksim field` and `parksim config`: it names a plan, or describes one.
 */
#ifndef PARKSIM_FIELD_OPTIONS_H
#define PARKSIM_FIELD_OPTIONS_H

#include "tests/parksim/config_write.h"
#include "tests/parksim/plan.h"

struct field_options {
    const char *plan_file; /* or "demo" */
    const char *dir;       /* where relative links of ptys are made */
    const char *tcp, *map, *pty, *pty_map, *format;
    int64_t ports, units, bays, pty_units, pty_bays, baud;
    int64_t seed, turnaround_ms;
    double changes_per_s, occupancy;
    const char *script, *truth, *control, *config_file;
    struct config_options config;
};

/* Fills in both; a mistake ends the process. */
void field_options_read(struct field_options *options, struct plan *plan, const char *usage,
                        int argc, char **argv);

#endif
