/* The records of differences with statements, as a database holds them: of each the newest. */
#ifndef REPORT_DIFFERENCES_H
#define REPORT_DIFFERENCES_H

#include "daemon/report/report.h"

/* In the order of their coming; the caller frees `ret`. */
bool report_differences(struct report_source *source, struct record_difference **ret,
                        uint32_t *ret_count, struct err *err);

/* One record's body. */
void report_difference_read(const char *body, struct record_difference *ret);

#endif
