/*
 * A parkd.conf that fits the field, so that nobody has to keep two descriptions in step.
 */
#ifndef PARKSIM_CONFIG_WRITE_H
#define PARKSIM_CONFIG_WRITE_H

#include "tests/parksim/plan.h"

/* What the plan does not say. NULL texts: the gateway's own default, or left out. */
struct config_options {
    const char *store, *listen, *control, *maps, *tariffs;
    const char *mqtt, *city;          /* uplinks; NULL: none */
    const char *cameras;              /* where cameras post; NULL: none is written */
    const char *token_file, *ca_file; /* of the city */
    const char *extra;                /* a file of further settings, appended */
    int64_t poll_ms, response_ms;     /* 0: the map's */
};

/* "-" is standard output. Ends the process when it cannot be written. */
void config_write(const char *path, const struct plan *plan, const struct config_options *options);

#endif
