/*
 * The moment that a server dates its answer with. Pure.
 */
#ifndef UPLINK_HTTP_DATE_H
#define UPLINK_HTTP_DATE_H

#include "daemon/core/units.h"

/* "Sun, 06 Nov 1994 08:49:37 GMT", or a form that servers used before; 0 ms for anything else. */
utc_ms http_date_read(const char *text);

#endif
