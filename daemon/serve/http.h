/*
 * An HTTP server on one listening socket, on the loop, over libmicrohttpd. A request is handed up
 * whole; it is answered at once, later, or with a stream that is written as the client takes it.
 * Everything a client can make us hold is bounded: connections, header memory, bodies, idle time,
 * and the time for a whole request.
 */
/* long: what a server promises to those behind it stands on one page */
#ifndef SERVE_HTTP_H
#define SERVE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "daemon/base/loop.h"

struct http_server;
struct http_exchange; /* one request and its answer; lives until hooks->closed has been told */

enum { HTTP_REQUEST_BODY_MAX = 4096 };

struct http_request {
    const char *method, *path; /* path percent-decoded, without the query */
    const char *body;          /* NUL-terminated */
    size_t body_size;          /* a longer one than the server's limit never comes up here */
};

struct http_hooks {
    void *arg;
    /* A connection came; false: it is cut before anything is read. */
    bool (*opened)(void *arg, int fd);
    /* Answer it, stream it, or keep it and answer it later. */
    void (*request)(void *arg, struct http_exchange *exchange, const struct http_request *request);
    /* The exchange is over, answered or not; its address is invalid after this call. */
    void (*closed)(void *arg, struct http_exchange *exchange);
};

struct http_limits {
    unsigned connections; /* at most so many at a time; further ones wait in the backlog */
    unsigned idle_s;      /* a client that neither sends nor takes for so long is cut off */
    const char *certificate, *key; /* PEM, for TLS 1.2 and 1.3; NULL: without TLS */
    unsigned request_s;            /* so is one whose request is not whole by then; 0: never */
    unsigned per_address;          /* connections of one address; 0: as many as there are */
    size_t body_max;               /* of one request; 0: HTTP_REQUEST_BODY_MAX */
    size_t bodies_max;             /* of all together; 0: as the connections' bodies add up to */
};

/* Takes `fd`, which listens already. */
struct http_server *http_server_create(struct loop *loop, int fd, const struct http_limits *limits,
                                       const struct http_hooks *hooks, struct err *err);
void http_server_destroy(struct http_server *server); /* closes all exchanges; takes NULL */

/* NULL when the request has none. Borrowed for the exchange's life. */
const char *http_exchange_header(const struct http_exchange *exchange, const char *name);
const char *http_exchange_query(const struct http_exchange *exchange, const char *key);
int http_exchange_socket(const struct http_exchange *exchange);

struct http_answer {
    int status;
    const char *type;  /* Content-Type */
    const char *allow; /* 405: the methods that are there; NULL otherwise */
    char *body;        /* free()d when sent, unless `constant` */
    size_t size;
    bool constant;
};

/* Exactly once an exchange: this, or one of the next two. Takes `body`. */
void http_exchange_answer(struct http_exchange *exchange, const struct http_answer *answer);

/* Closes the connection without an answer. */
void http_exchange_drop(struct http_exchange *exchange);

/* Within hooks->closed: whether the answer was written whole. */
bool http_exchange_written(const struct http_exchange *exchange);

/* Copies at most `size` bytes of the stream to `bytes`. 0: nothing now, ask again after
 * http_exchange_wake(). Negative: the stream ends. */
typedef ssize_t http_fill_fn(void *arg, char *bytes, size_t size);

/* Answers 200 with a stream of `type`. */
void http_exchange_stream(struct http_exchange *exchange, const char *type, http_fill_fn *fill,
                          void *arg);
void http_exchange_wake(struct http_exchange *exchange);

#endif
