/*
 * The city platform's HTTP side: vacancy and records in, the driver's page out. Runs on the loop;
 * libmicrohttpd stays inside city.c, what a request means stands in city_api.c.
 */
#ifndef PARKSIM_CITY_H
#define PARKSIM_CITY_H

#include "tests/parksim/city_book.h"
#include "tests/parksim/city_ngsi.h"
#include "tests/parksim/city_state.h"
#include "tests/parksim/city_trouble.h"
#include "tests/parksim/loop.h"
#include "tests/parksim/plan.h"

struct city_settings {
    const char *listen;                 /* HOST:PORT */
    const char *token;                  /* NULL: anyone may push */
    const char *cert, *key, *client_ca; /* PEM texts; NULL: plain HTTP, no client certificates */
    struct city_book *book;             /* of registered lots; NULL: none */
};

struct city;

/* Borrows all; `plan` (may be NULL) names the lots on the page. */
struct city *city_create(struct loop *loop, const struct city_settings *settings,
                         struct city_state *state, struct city_trouble *trouble,
                         const struct plan *plan);
void city_destroy(struct city *city);
uint16_t city_port(const struct city *city);
uint64_t city_connections(const struct city *city); /* that were opened, ever */
/* Lets go the requests that hang. */
void city_release(struct city *city);

struct city_context {
    const struct city_settings *settings;
    struct city_state *state;
    struct city_trouble *trouble;
    const struct plan *plan;
    struct city_ngsi *ngsi;
    struct city_book *book; /* NULL: no lots are registered */
};
/* city_api.c */
struct city_answer city_api(const struct city_context *context, const struct city_request *request);
/* A push, which trouble can befall, and not a look at the page. */
bool city_api_is_push(const struct city_request *request);

/* city_boards.c: [{"platform","lot","total","free", and "age_ms" or "as_of"; of registered lots
 * also "entries","exits","record_age_ms"}], without what has not come. New reference. */
json_t *city_boards(const struct city_context *context);

/* city_page.c */
extern const char city_page[];

#endif
