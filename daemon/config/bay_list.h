/*
 * Lists of bays as people write them: "A-001..A-100, A-105, -". A range counts the number at the
 * end of its two names, with leading zeros where the first has them; "-" stands for no bay. Pure.
 */
#ifndef CONFIG_BAY_LIST_H
#define CONFIG_BAY_LIST_H

#include <stdbool.h>

#include "daemon/base/err.h"

enum { BAY_LIST_RANGE_MAX = 20000 };

/* Told each name in the order of the list, NULL for "-"; borrowed for the call. */
typedef void bay_list_fn(void *arg, const char *name);

/* False with err at the first item that cannot be read; those before it have been told. */
bool bay_list_each(const char *list, bay_list_fn *fn, void *arg, struct err *err);

#endif
