/*
 * What the configuration says of business days, for programs that need no more of it: a viewer may
 * read the file, but not the secrets that it names.
 */
#ifndef CONFIG_CONFIG_REPORT_H
#define CONFIG_CONFIG_REPORT_H

#include <stdbool.h>

#include "daemon/base/err.h"

struct report_settings {
    const char *zone; /* of the site; NULL: the file does not say */
    const char *cut;  /* "04:00" */
    const char *fees; /* as fees_read() takes them; "" when nothing is known */
};

/* Reads `path`; false with the first mistake that concerns it. Free what was returned. */
bool config_report(const char *path, struct report_settings *ret, struct err *err);
void config_report_free(struct report_settings *settings);

#endif
