/*
 * What the city platform accepts, strictly: types, members, sums. Written from the protocol's
 * description, not from the gateway's code. Pure; the answers are constant texts.
 */
#ifndef PARKSIM_CITY_CHECK_H
#define PARKSIM_CITY_CHECK_H

#include <jansson.h>
#include <stdbool.h>

/* NULL when the body is a vacancy of this lot, else what is wrong with it. */
const char *city_check_vacancy(const json_t *body, const char *lot);

/* NULL when this is {"site":…,"records":[…]} and nothing else. */
const char *city_check_envelope(const json_t *body);

/* NULL when this is a record that the platform knows. */
const char *city_check_record(const json_t *record);

#endif
