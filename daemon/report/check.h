/*
 * The five-way check of a day: payments, orders, stays, passages with the openings of barriers,
 * stops on bays as their sensors saw them, and what platforms have accepted. Of these each must
 * explain the others; the check lists what does not, and counts all of it lane by lane. Inside of
 * daemon/report only: questions for lists.c. ?1 ≤ time < ?2; ?3 the lot, '' all.
 */
#ifndef REPORT_CHECK_H
#define REPORT_CHECK_H

#include "daemon/core/text.h"

enum { CHECK_SQL_SIZE = 16384 };

/* The period's records but changes of bays, as table `day`. */
#define CHECK_DAY                                                                             \
    "WITH day AS MATERIALIZED (SELECT seq, at_ms, kind, body, body->>'stay' AS stay, "        \
    "body->>'lot' AS lot FROM journal INDEXED BY journal_at WHERE kind <> 'bay_changed' AND " \
    "at_ms >= ?1 AND at_ms < ?2) "

/* at_ms, seq, way, finding, lot, lane, stay, detail. */
void check_findings(struct text *ret);

/* lot, lane ('' of none), then a count each. */
extern const char check_lanes[];

#endif
