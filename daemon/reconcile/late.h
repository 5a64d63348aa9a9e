/*
 * Differences of earlier days that are open, against the bills of later ones: money that came with
 * the next day's bill closes what waited for it. Pure; texts are borrowed from both sides.
 */
#ifndef RECONCILE_LATE_H
#define RECONCILE_LATE_H

#include "daemon/reconcile/matching.h"

/* False when the bills say nothing about it. Otherwise what it is by now: resolved, or open with
 * both amounts. */
bool late_answer(const struct difference *known, const struct bills *bills, struct difference *ret);

#endif
