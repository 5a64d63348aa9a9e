/*
 * A whole HTTP/1.x request as bytes, as captured from a camera: where its parts stand, and its body
 * with the chunks joined. For captures and tests; the daemon's listener does this for live ones.
 * Pure; the parts are borrowed from the bytes.
 */
#ifndef SENSORS_LANE_HTTP_REQUEST_H
#define SENSORS_LANE_HTTP_REQUEST_H

#include <stddef.h>

#include "daemon/base/err.h"

enum { HTTP_HEAD_MAX = 16384, HTTP_VALUE_MAX = 512 };

struct http_request {
    char path[HTTP_VALUE_MAX];
    char content_type[HTTP_VALUE_MAX]; /* empty where the request names none */
    size_t body_offset;                /* from the start of the bytes */
    size_t body_size;
    char *joined; /* the body where it came in chunks (then the offset means nothing), or NULL */
};

/* Whether the bytes begin as a request does ("POST /path HTTP/1.1"). */
bool http_request_looks(const char *bytes, size_t size);

/* False with err: no request, or one that is cut off. The caller frees ret->joined. */
bool http_request_read(const char *bytes, size_t size, struct http_request *ret, struct err *err);

#endif
