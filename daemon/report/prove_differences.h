/*
 * Records of differences proved: each is recorded once for what it says, one that a person resolved
 * was open with the same amounts and tells who and why, and nothing is at risk of a resolved one.
 * Part of parkctl audit; any thread.
 */
#ifndef REPORT_PROVE_DIFFERENCES_H
#define REPORT_PROVE_DIFFERENCES_H

#include "daemon/store/audit.h"

/* Tells one finding, and one more for each record that does not hold. */
bool prove_differences(const char *path, audit_finding_fn *fn, void *arg, size_t *breaches,
                       struct err *err);

#endif
