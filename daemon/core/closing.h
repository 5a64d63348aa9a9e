/*
 * The closing of business days: which day was closed last, and the number and digest that the next
 * report follows. The fold of the report records, live and at the start. Pure.
 */
#ifndef CORE_CLOSING_H
#define CORE_CLOSING_H

#include "daemon/core/record.h"

struct closing {
    int64_t number; /* of the newest report; 0: none yet */
    char digest[RECORD_DIGEST];
    int32_t day;  /* the newest that is closed; means nothing before there is one */
    utc_ms until; /* where it ended */
};

void closing_apply(struct closing *closing, const struct record *record); /* others: nothing */

/* Numbers the report and says whether it closes its day or supplements it: days are closed in their
 * order, once each, and when they are over. False with the reason in `why`. */
bool closing_report(const struct closing *closing, utc_ms now, struct record_report *report,
                    const char **why);

#endif
