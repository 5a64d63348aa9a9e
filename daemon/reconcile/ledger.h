/*
 * Differences over several runs of one day: what a run finds is put beside what is known. A
 * difference is the same when it is about the same thing (payment, refund, fee, settlement or shift
 * of the same numbers), whatever class it is in by now: so a missing payment becomes a late one,
 * and closes. Pure; texts are borrowed from both sides.
 */
#ifndef RECONCILE_LEDGER_H
#define RECONCILE_LEDGER_H

#include "daemon/reconcile/matching.h"

enum ledger_change { LEDGER_SAME, LEDGER_NEW, LEDGER_CHANGED, LEDGER_CHANGES };

struct ledger_entry {
    struct difference difference;
    enum ledger_change change; /* against what was known: what is to be recorded */
};

/* Below, at or above 0 as a's subject is to b's. */
int ledger_compare(const struct difference *a, const struct difference *b);

/* The id of a's subject, the same in every run: "D" and 16 hex digits. */
void ledger_id(const struct difference *a, char ret[IDENT_SIZE]);

/* Writes at most `known_count` + `found_count` entries, sorted by subject; returns how many.
 * 1. What a person or a bill has resolved stays so while its amounts stay.
 * 2. What is known to be open and is found no more has closed itself.
 * 3. What a bill has told is not taken back by a run without that bill.
 * 4. The same again changes nothing but ages. */
struct ledger_lists {
    const struct difference *known, *found;
    uint32_t known_count, found_count;
};
uint32_t ledger_merge(const struct ledger_lists *lists, struct ledger_entry *ret);

#endif
