/*
 * What the city platform holds: each record once by its id, the newest vacancy of each lot, and
 * every breach of the protocol that it has seen. Appended to a file before the answer leaves, and
 * read back at the start, so that a restart forgets nothing.
 */
#ifndef PARKSIM_CITY_STATE_H
#define PARKSIM_CITY_STATE_H

#include <jansson.h>
#include <stdbool.h>

struct city_state;

struct city_state *city_state_create(const char *path); /* NULL: memory only */
void city_state_destroy(struct city_state *state);

/* The bytes under this Idempotency-Key are new or the same as before; false: others (a breach). */
bool city_state_key(struct city_state *state, const char *key, const char *bytes, size_t size);

/* A record of right form: "accepted", "duplicate", or "refused" with the reason set. */
const char *city_state_record(struct city_state *state, const char *site, const json_t *record,
                              const char **ret_reason);
/* It was refused for reasons of our own: the next one of its bay follows on it all the same. */
void city_state_passed_over(struct city_state *state, const char *site, const json_t *record);

void city_state_vacancy(struct city_state *state, const json_t *vacancy);

/* Someone broke the protocol. */
void city_state_violation(struct city_state *state, const char *what, const char *which);

/* Everything so far is in the file. */
void city_state_flush(struct city_state *state);

/* New references. */
json_t *city_state_lots(const struct city_state *state);
json_t *city_state_status(const struct city_state *state);

#endif
