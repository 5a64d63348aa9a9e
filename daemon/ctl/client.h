/* Requests to the live daemon over its control socket. Blocking; one at a time. */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include <stddef.h>

#include "daemon/base/json.h"
#include "daemon/ctl/ctl.h"

/* GETs `path`. The document, or NULL with what is wrong and what to do. With --json the answer is
 * printed as it came, too. The caller releases the document. */
struct json *client_get(const struct ctl *ctl, const char *path, struct err *err);

/* POSTs `body`; the answer is printed with --json. False with what the gateway said. */
bool client_post(const struct ctl *ctl, const char *path, const char *body, struct err *err);

/* The same, and what it answered: the caller releases the document. NULL with err. */
struct json *client_send(const struct ctl *ctl, const char *path, const char *body,
                         struct err *err);

/* Tells each event of the stream until the daemon goes (false) or `fn` does not want more (true).
 * `json` is what the event carries, as text and read; both borrowed for the call. */
typedef bool client_event_fn(void *arg, const char *event, const char *json,
                             const struct json *data);
bool client_watch(const struct ctl *ctl, const char *path, client_event_fn *fn, void *arg,
                  struct err *err);

/* Appends a part of a path or query, percent-encoded. */
struct text;
void client_encode(struct text *out, const char *part);

#endif
