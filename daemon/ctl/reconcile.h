/* A reconciliation, how it is shown, and what it tells the daemon. */
#ifndef CTL_RECONCILE_H
#define CTL_RECONCILE_H

#include "daemon/ctl/ctl.h"
#include "daemon/reconcile/ledger.h"
#include "daemon/report/report.h"

/* What there is to show; borrowed. */
struct reconciled {
    const struct matching_input *input;
    const struct matching *match;
    const uint32_t *changes; /* by enum ledger_change; NULL: nothing was recorded */
};

void reconcile_tables(const struct reconciled *reconciled, enum words_language language);
void reconcile_json(const struct reconciled *reconciled);

/* A run over the journal of a gateway. */
struct reconcile_run {
    struct reconciled shown;
    struct matching *match; /* of `shown` */
    struct report_source *source;
    const struct civil_zone *zone; /* of the channels */
    bool records;                  /* the daemon is told */
    uint32_t changes[LEDGER_CHANGES];
};

/* Merges the run with what is known from earlier ones; tells the daemon what is new or has changed;
 * what a person has resolved is shown as that. */
bool reconcile_ledger(const struct ctl *ctl, struct reconcile_run *run, struct err *err);

#endif
