/*
 * Connections that are sending a request: each has a time for all of it, however steadily it sends.
 * A connection that is late is shut down; whoever owns its descriptor sees its end and closes it.
 * The loop's thread.
 */
#ifndef SERVE_SENDERS_H
#define SERVE_SENDERS_H

#include "daemon/base/loop.h"

struct senders;
struct sender;

/* limit_ms 0: no limit. */
struct senders *senders_create(struct loop *loop, int64_t limit_ms);
void senders_destroy(struct senders *senders); /* with those that are left; takes NULL */

/* A connection begins, and sends; borrows its descriptor until it is removed. */
struct sender *senders_add(struct senders *senders, int fd);
void senders_remove(struct sender *sender); /* takes NULL */

void sender_is_done(struct sender *sender); /* its request is whole */
void sender_again(struct sender *sender);   /* answered: the next request may come */

#endif
