/*
 * Figures in words: the label of each in both languages, and a value as a person reads it. Shared
 * by the table and the page, so that both say the same. Constant data; pure.
 */
#ifndef CTL_REPORT_TEXT_H
#define CTL_REPORT_TEXT_H

#include "daemon/ctl/words.h"
#include "daemon/report/figures.h"

enum { REPORT_VALUE_SIZE = 96 };

/* "volumes" or "volumes.entries"; the key itself when there is no label. */
const char *report_label(enum words_language language, const char *section, const char *key);
const char *report_word(enum words_language language, const char *word); /* of a family */

/* Yuan, percent with its numerator and denominator, hours; "-" where it is not known. `word` -1:
 * the sum of the family. Returns `ret`. */
char *report_value(const struct report_figures *figures, enum figure figure, int word,
                   char ret[REPORT_VALUE_SIZE]);

/* Whether any of them has something to tell there: rows of nothing but 0 are left out. */
bool report_tells(const struct report_figures *const *figures, uint32_t count, enum figure figure,
                  int word);

#endif
