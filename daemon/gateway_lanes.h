/*
 * Lanes and stays in the gateway (gateway_lanes.c): barriers in, orders out after the commit. Only
 * the gateway's files include this.
 */
#ifndef GATEWAY_LANES_H
#define GATEWAY_LANES_H

#include "daemon/gateway_inside.h"

/* Makes the yard, empty; restoring fills it (gateway_restore.c). */
void gateway_lanes_create(struct gateway *g);
void gateway_lanes_destroy(struct gateway *g);

/* Hooks of buses. */
void gateway_on_barrier(void *arg, uint32_t barrier, const struct barrier *now);
void gateway_on_barrier_result(void *arg, uint32_t barrier, const struct bus_result *result);

/* More records are durable: orders that waited for them leave. */
void gateway_lanes_durable(struct gateway *g);

#endif
