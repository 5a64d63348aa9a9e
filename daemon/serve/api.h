/*
 * The routes: a table of method, path and function. A route's function writes its answer, or says
 * what is to be done with the request; it does nothing else, so it may be run again with more room.
 */
#ifndef SERVE_API_H
#define SERVE_API_H

#include "daemon/serve/http.h"
#include "daemon/serve/live.h"

enum api_outcome {
    API_TEXT,     /* `out` is the body */
    API_CONSTANT, /* `constant` is */
    API_STREAM,   /* events from now on */
    API_COMMAND   /* `command` goes to the gateway, which answers */
};

struct api_call {
    const struct live *live;
    struct http_exchange *exchange; /* for the query */
    const struct http_request *request;
    struct now now;
    bool trusted;              /* control socket, or a token was shown: plates in full */
    char subject[RECORD_WORD]; /* what stands for the path's '*' */

    enum api_outcome outcome;
    int status;        /* 200 unless the function says otherwise */
    const char *type;  /* application/json likewise */
    const char *allow; /* with 405 */
    struct text out;
    const char *constant;
    size_t constant_size;
    struct serve_request command;
};

typedef void api_fn(struct api_call *call);

struct api_route {
    const char *method, *path; /* '*' stands for one part of the path */
    api_fn *run;
    enum role least;       /* who may: role.h. Above viewer: the control socket only */
    const char *summary;   /* for GET /api/v1; NULL: not listed */
    uint32_t room_per_bay; /* bytes to begin with, where the answer grows with the bays */
};

/* Finds the route of call->request and fills in call->subject. There is always one: at worst it
 * answers 404 or 405. */
const struct api_route *api_find(struct api_call *call);

/* Who may use it: where the table says nothing, installers. */
enum role api_least_role(const struct api_call *call, const struct api_route *route);

/* Its path as the table has it, or NULL when there is none. */
const char *api_path(const struct api_call *call, const struct api_route *route);

/* Runs the route's function with as much room as its answer needs, up to a bound. With API_TEXT
 * the caller free()s call->out.bytes. */
void api_run(struct api_call *call, const struct api_route *route);

/* The answer is {"error":…,"hint":…}. */
void api_refuse(struct api_call *call, int status, const char *error, const char *hint);

/* Answers the exchange so, where no route is run. */
void api_turn_down(struct http_exchange *exchange, int status, const char *error, const char *hint);

#endif
