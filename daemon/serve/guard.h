/*
 * What a TCP client must show. The listener is on loopback as a rule, but a web page that the
 * operator has open may send requests there too: by a name that it has rebound to 127.0.0.1, or
 * across origins. Such a request carries a Host that is a name, or an Origin. Pure.
 */
#ifndef SERVE_GUARD_H
#define SERVE_GUARD_H

#include <stdbool.h>

/* Literal addresses and "localhost", with or without a port: no name of somebody's can be one. */
bool guard_host(const char *host);

/* None, or the page's own: `scheme` ("http://" or "https://") and the Host (which guard_host() has
 * let through). Browsers name it when they load a script module. */
bool guard_origin(const char *origin, const char *scheme, const char *host);

/* "Bearer TOKEN", compared in constant time. `header` may be NULL. */
bool guard_token(const char *header, const char *token);

#endif
