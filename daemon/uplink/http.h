/*
 * An HTTPS client on the loop, over libcurl. A struct http is one platform's connections and
 * settings; a call is one lane to it: one request at a time, its answer told to a function. Never
 * blocks the loop, follows no redirect, verifies always. Addresses have passed url_parse().
 */
#ifndef UPLINK_HTTP_H
#define UPLINK_HTTP_H

#include "daemon/base/loop.h"
#include "daemon/core/text.h"
#include "daemon/uplink/uplink.h"

enum { HTTP_BODY_MAX = 64 * 1024 }; /* of an answer */

struct http_settings {
    const struct tls_settings *tls;
    const char *token;               /* or NULL */
    const char *username, *password; /* by digest, which does not show the password; or NULL */
    const char *token_head; /* the header that it goes in, "X-Auth-Token: "; NULL: as a bearer */
    int64_t timeout_ms;
    uint32_t connections; /* kept open between requests; 0: two */
};

/* Borrowed for the call. */
struct http_reply {
    int status;             /* 0: no answer came, `trouble` says why */
    int64_t retry_after_ms; /* -1: not said */
    utc_ms date;            /* of its Date header; 0: not said */
    const char *body;       /* NUL behind it */
    size_t size;
    const char *trouble; /* in words, with what to look at */
    bool too_long;       /* an answer came that is longer than HTTP_BODY_MAX */
};

/* May start the next request of its call. */
typedef void http_done_fn(void *arg, const struct http_reply *reply);

struct http;
struct http_call;

/* Borrows the settings for its life. */
struct http *http_create(const struct http_settings *settings, struct loop *loop, struct err *err);
void http_destroy(struct http *http); /* after its calls; takes NULL */

struct http_call *http_call_create(struct http *http, http_done_fn *done, void *arg);
void http_call_destroy(struct http_call *call); /* gives up what is under way; takes NULL */

/* Sends `method` to url and target joined, with "Name: value\n" headers. Borrows the body until
 * done. Only while not busy. */
void http_call_start(struct http_call *call, const char *method, const char *url,
                     const struct text *target, const struct text *headers,
                     const struct text *body);
bool http_call_busy(const struct http_call *call);

/* For parkctl: one blocking request, over a Unix socket or TCP. */
struct http_fetch {
    const char *method, *url;
    const char *unix_socket;        /* NULL: TCP */
    const char *token, *body;       /* NULL: none */
    const char *headers;            /* "Name: value\n" each; NULL: of JSON */
    const struct tls_settings *tls; /* NULL: as the library does */
    int64_t timeout_ms;             /* 0: for ever, for streams */
    /* Told the answer's body piece by piece; false ends the request well. */
    bool (*piece)(void *arg, const char *bytes, size_t size);
    void *arg;
};
bool http_fetch(const struct http_fetch *fetch, int *ret_status, struct err *err);

#endif
