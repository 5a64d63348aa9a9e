/*
 * Closed reports proved: each as it was written, numbers without a gap, each day closed once and in
 * order, each report bound to the one before, also when the records that it tells of were pruned.
 * Those that are there make the figures again: the sums, and the digest that was recorded where
 * nothing is gone that they stand on. Part of parkctl audit; any thread.
 */
#ifndef REPORT_PROVE_H
#define REPORT_PROVE_H

#include "daemon/store/audit.h"

/* Tells one finding, and one more for each report that does not hold. */
bool report_prove(const char *path, audit_finding_fn *fn, void *arg, size_t *breaches,
                  struct err *err);

#endif
