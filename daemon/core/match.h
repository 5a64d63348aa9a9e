/*
 * How near two plates are: an edit distance in tenths of a character in which letters and digits
 * that cameras mistake for each other (0 D Q O, B 8, 2 Z, 5 S, A 4, 1 I, …) cost little. Pure.
 */
#ifndef CORE_MATCH_H
#define CORE_MATCH_H

#include <stdint.h>

enum { MATCH_SAME = 0, MATCH_CONFUSABLE = 2, MATCH_UNREAD = 3 /* "?" */, MATCH_EDIT = 10 };

/* Both in normal form (plate.h). Never more than `bound`: beyond it `bound` is returned. */
uint32_t match_distance(const char *a, const char *b, uint32_t bound);

#endif
