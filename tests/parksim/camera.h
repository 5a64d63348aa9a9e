/*
 * Cameras at the lanes of the plan: they post what they see to the gateway, send again what was not
 * answered as their make does, keep it while they are cut off, and hold every answer against the
 * maker's protocol. One request at a time each. Memory is taken at the start.
 */
#ifndef PARKSIM_CAMERA_H
#define PARKSIM_CAMERA_H

#include <stdio.h>

#include "tests/parksim/field.h"
#include "tests/parksim/loop.h"

struct cameras;

/* `gateway` is HOST:PORT, an IPv4 literal. Borrows loop and field. */
struct cameras *cameras_create(struct loop *loop, struct field *field, const char *gateway);
void cameras_destroy(struct cameras *cameras); /* takes NULL */

/* Fits traffic_read_fn: the lane's camera, if it has one, sees a plate. */
void cameras_read(void *cameras, const char *lane, const char *plate);

/* camera LANE read PLATE, offline on|off, deaf N, status */
void cameras_command(struct cameras *cameras, char **words, FILE *out);

#endif
