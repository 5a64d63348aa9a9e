/* The address of a platform: scheme://host[:port][/path]. Pure. */
#ifndef UPLINK_URL_H
#define UPLINK_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"

struct url {
    char scheme[8]; /* "https", "http", "mqtts", "mqtt" */
    char host[256]; /* without the brackets of an IPv6 literal */
    uint16_t port;  /* the scheme's own when none is named */
    bool secure;    /* over TLS */
};

/* False for any other scheme, a user, a query, a fragment, white space, and for http:// to another
 * machine than this. A path is for http and https only. */
bool url_parse(const char *text, struct url *ret, struct err *err);

#endif
