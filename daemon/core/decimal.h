/*
 * Decimal amounts as people and banks write them, exactly, in whole numbers of a small unit. Pure.
 */
#ifndef CORE_DECIMAL_H
#define CORE_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

enum { DECIMAL_TEXT = 32, DECIMAL_PLACES_MAX = 6 };

/* The largest amount that is believed, in the small unit. */
#define DECIMAL_MOST INT64_C(1000000000000000)

/* "-1,234.50" times 10^places: an optional sign, digits (also in groups of three), and a fraction
 * whose digits beyond `places` are zeros. False, with `ret` untouched, for anything else. */
bool decimal_parse(const char *text, int places, int64_t *ret);

/* "12.34" for 1234 with 2 places; returns `text`. */
char *decimal_text(int64_t value, int places, char text[DECIMAL_TEXT]);

#endif
