/*
 * Tariffs and calendars from their files (config/tariffs/, config/calendars/; keys in
 * parkd-tariff(7)). A tariff that is returned has passed its proof and is prepared; it lives as
 * long as the arena. What is wrong is added to `mistakes`, all of it in one run.
 */
#ifndef CONFIG_TARIFF_READER_H
#define CONFIG_TARIFF_READER_H

#include "daemon/config/arena.h"
#include "daemon/config/mistake.h"
#include "daemon/core/tariff.h"

/* NULL when there was a mistake. */
struct tariff *tariff_reader_read(const char *path, struct arena *memory,
                                  struct mistakes *mistakes);

/* One year of one calendar. */
struct calendar_year {
    const char *calendar, *source;
    int64_t year;
    const int32_t *holidays, *workdays; /* civil days, ascending */
    uint32_t holidays_count, workdays_count;
};

/* False when there was a mistake. */
bool calendar_reader_read(const char *path, struct arena *memory, struct mistakes *mistakes,
                          struct calendar_year *ret);

#endif
