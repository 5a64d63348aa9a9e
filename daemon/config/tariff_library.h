/*
 * The tariffs and calendars of two folders, read when first asked for. A tariff `ID` stands in
 * ID.conf, its other versions in ID@*.conf; a calendar in NAME-YEAR.conf. One thread.
 */
#ifndef CONFIG_TARIFF_LIBRARY_H
#define CONFIG_TARIFF_LIBRARY_H

#include "daemon/base/err.h"
#include "daemon/core/tariff.h"

struct tariff_library;

/* Copies the paths; a missing folder is an empty one. */
struct tariff_library *tariff_library_create(const char *tariffs, const char *calendars);
void tariff_library_destroy(struct tariff_library *library); /* takes NULL */

/* All versions of `id` with their zone and calendar, borrowed from the library. NULL with err: the
 * first mistake as file:line and how many more there are. */
const struct tariff_book *tariff_library_book(struct tariff_library *library, const char *id,
                                              struct err *err);

#endif
