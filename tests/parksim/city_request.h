/*
 * One HTTP request to the platform, whole, and what it is answered. Texts may be NULL where the
 * client sent none; they are borrowed for the call.
 */
#ifndef PARKSIM_CITY_REQUEST_H
#define PARKSIM_CITY_REQUEST_H

#include <stddef.h>

struct city_request {
    const char *method, *path;
    const char *content_type, *authorization, *idempotency_key;
    const char *auth_token, *link; /* X-Auth-Token, Link */
    const char *options, *token;   /* of the query */
    const char *body;              /* NUL behind it */
    size_t body_size;
};

struct city_answer {
    int status;
    const char *content_type;
    char *text; /* malloc'd, or NULL: nothing to say */
};

#endif
