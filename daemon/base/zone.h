/*
 * Time zones by their IANA names, from the zone files of the system (package tzdata), whatever the
 * process's own zone is. What lies beyond the file's table is worked out to the year 2200 from its
 * rule. Immutable once opened.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "daemon/base/err.h"
#include "daemon/core/civil.h"

struct zone;

#define ZONE_FOLDER "/usr/share/zoneinfo"

/* "Asia/Shanghai"; NULL with err when there is no such zone or its file cannot be believed. */
struct zone *zone_open(const char *folder, const char *name, struct err *err);
void zone_close(struct zone *zone); /* takes NULL */

/* Borrowed from the zone. */
const struct civil_zone *zone_civil(const struct zone *zone);

/* The same from a file's bytes. */
struct zone *zone_parse(const unsigned char *bytes, size_t size, struct err *err);

#endif
