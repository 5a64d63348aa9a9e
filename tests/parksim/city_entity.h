/* What an entity must be, in either protocol. Pure. */
#ifndef PARKSIM_CITY_ENTITY_H
#define PARKSIM_CITY_ENTITY_H

#include <jansson.h>
#include <stdbool.h>

enum { ENTITY_WHAT = 160 };

/* False with what is wrong: the type, an attribute that is missing, unknown, wrapped or valued
 * wrongly, counts that do not add up. */
bool city_entity_check(const json_t *entity, bool is_ld, char what[ENTITY_WHAT]);

/* When the newest of its attributes was observed; "" when none says so. */
const char *city_entity_observed(const json_t *entity, bool is_ld);

#endif
