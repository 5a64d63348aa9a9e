/*
 * The gateway: the only module that knows the core, the store, the field, the uplinks and serve. It
 * carries readings in, records to the store, and what has become durable out. One loop, one thread.
 */
#ifndef GATEWAY_H
#define GATEWAY_H

#include "daemon/base/loop.h"
#include "daemon/config/config.h"

struct gateway;

/* Opens the store, restores the bays, starts buses, uplinks and serve. Borrows config and loop. On
 * failure NULL with err, and nothing is left running. */
struct gateway *gateway_create(const struct config *config, struct loop *loop, struct err *err);

/* Records the stop, commits, closes in the mirror order. Takes NULL. */
void gateway_destroy(struct gateway *gateway);

#endif
