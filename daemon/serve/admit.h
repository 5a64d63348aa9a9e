/*
 * Who comes in, and what he may: a client of the control socket by the groups of its process, one
 * of TCP by Host, Origin and token. Whoever is turned away is told why, and it is recorded.
 */
#ifndef SERVE_ADMIT_H
#define SERVE_ADMIT_H

#include "daemon/serve/api.h"

struct admit;

/* Copies the settings; borrows loop and live. */
struct admit *admit_create(const struct serve_settings *settings, struct loop *loop,
                           const struct live *live);
void admit_destroy(struct admit *admit); /* takes NULL */

/* A connection to the control socket; false: it is to be cut. Whoever has no role there gets no
 * byte through to the parser, and holds none of the few connections. */
bool admit_connection(struct admit *admit, int fd);

struct visit {
    struct http_exchange *exchange;
    const char *path;          /* what is asked for, as the table of routes has it; NULL: no such */
    enum role least;           /* who may */
    const char *scheme;        /* "http://" or "https://"; NULL: at the control socket */
    struct serve_actor *actor; /* filled in: who asks */
};

/* False: it has been refused, the exchange is answered. */
bool admit_request(struct admit *admit, const struct visit *visit);

#endif
