/* How a reconciliation is shown. */
#ifndef CTL_RECONCILE_H
#define CTL_RECONCILE_H

#include "daemon/ctl/ctl.h"
#include "daemon/reconcile/matching.h"

/* What there is to show; borrowed. */
struct reconciled {
    const struct matching_input *input;
    const struct matching *match;
};

void reconcile_tables(const struct reconciled *reconciled, enum words_language language);
void reconcile_json(const struct reconciled *reconciled);

#endif
