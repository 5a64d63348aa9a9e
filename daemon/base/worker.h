/*
 * A worker: one thread for one blocking thing (a bus, the store). It shares nothing with the loop;
 * messages of a fixed type are copied through a socket pair, so there is no lock anywhere. A
 * pointer in a message moves its ownership with it.
 *
 * Loop side: worker_*(). Thread side: port_*(). worker_destroy() closes the loop's end; the thread
 * sees that as PORT_CLOSED, returns, and is joined; what it still sent is thrown away, so hand over
 * what must not be lost before that (a message that asks for it and its answer).
 */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

struct worker;
struct port;

enum { WORKER_MESSAGE_MAX = 4096 };

typedef void worker_main_fn(struct port *port, void *arg);

/* Starts the thread (small stack, all signals blocked). `name` is seen in top(1), 15 characters. */
struct worker *worker_create(const char *name, worker_main_fn *run, void *arg, struct err *err);
void worker_destroy(struct worker *worker); /* takes NULL; waits for the thread */

int worker_fd(const struct worker *worker); /* readable while a message waits; watch it */
/* False when the thread is so far behind that the pair is full; nothing was sent. */
bool worker_send(struct worker *worker, const void *message, size_t size);
/* Copies the next message; false when none waits. */
bool worker_receive(struct worker *worker, void *message, size_t size);

enum port_event { PORT_MESSAGE, PORT_TIMEOUT, PORT_CLOSED };

/* Waits up to timeout_ms (-1: for ever, 0: only looks) for a message. */
enum port_event port_receive(struct port *port, void *message, size_t size, int64_t timeout_ms);
/* Blocks while the loop is behind: that is the back-pressure. False once the loop has gone. */
bool port_send(struct port *port, const void *message, size_t size);

#endif
