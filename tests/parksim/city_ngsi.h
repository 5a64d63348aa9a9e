/*
 * The platform as a context broker and as a DATEX II receiver, strictly: NGSI-v2 batch updates,
 * NGSI-LD upserts, and whole publications. Entities are held in memory only: a restart forgets
 * them, as a broker's may. Written from the published data models, not from the gateway's code.
 *
 *   POST /v2/op/update, /ngsi-ld/v1/entityOperations/upsert?options=update, /datex
 *   GET  /entities  {"entities":{ID:{…}},"batches":N}      GET /datex  the newest publication
 */
#ifndef PARKSIM_CITY_NGSI_H
#define PARKSIM_CITY_NGSI_H

#include <jansson.h>
#include <stdbool.h>

struct city_ngsi;
struct city_answer;
struct city_context;
struct city_request;

struct city_ngsi *city_ngsi_create(void);
void city_ngsi_destroy(struct city_ngsi *ngsi);

/* One of the addresses above; a push, or a look at what is held. */
bool city_ngsi_is_push(const struct city_request *request);
bool city_ngsi_is_look(const struct city_request *request);
json_t *city_ngsi_entities(const struct city_ngsi *ngsi);        /* by id; borrowed */
const char *city_ngsi_publication(const struct city_ngsi *ngsi); /* the newest; NULL: none */
struct city_answer city_ngsi(const struct city_context *context,
                             const struct city_request *request);

#endif
