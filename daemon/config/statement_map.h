/*
 * Column maps: how the statements of a channel that parkd does not know by itself look, from files
 * of configuration. See parkd-reconcile(7). One thread.
 */
#ifndef CONFIG_STATEMENT_MAP_H
#define CONFIG_STATEMENT_MAP_H

#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/reconcile/layout.h"

enum { STATEMENT_MAPS_MAX = 16 };

struct statement_maps;

struct statement_maps *statement_maps_create(void);
void statement_maps_destroy(struct statement_maps *maps); /* takes NULL */

/* Adds the map of one file. False with err: its first mistake as file:line, and how many more. */
bool statement_maps_read(struct statement_maps *maps, const char *path, struct err *err);

/* All of them; NULL behind the last. Borrowed from the maps. */
const struct layout *const *statement_maps_list(const struct statement_maps *maps);

#endif
