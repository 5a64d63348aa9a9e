/*
 * Cars at the lanes of the plan: each has its road (road.h) and moves its loops; those that came in
 * park on a free bay of the lot and leave through one of its exits. By hand, a car at a time, or at
 * random with a seed. What really happened goes into the truth log. Memory is taken at the start.
 */
#ifndef PARKSIM_TRAFFIC_H
#define PARKSIM_TRAFFIC_H

#include <stdio.h>

#include "tests/parksim/field.h"
#include "tests/parksim/loop.h"
#include "tests/parksim/road.h"

struct traffic;

/* A camera sees the plate of a car that came to the boom. */
typedef void traffic_read_fn(void *arg, const char *lane, const char *plate);

/* Borrows loop and field. */
struct traffic *traffic_create(struct loop *loop, struct field *field, uint64_t seed);
void traffic_destroy(struct traffic *traffic); /* takes NULL */
void traffic_reads(struct traffic *traffic, traffic_read_fn *fn, void *arg);

/* Arrivals a minute over all entries, with cars that behave badly among them; 0: nobody comes, and
 * nobody who is parked leaves. */
void traffic_rate(struct traffic *traffic, double cars_per_min);

/* Control commands. */
void traffic_car(struct traffic *traffic, char **words, FILE *out);  /* car LANE PLATE … */
void traffic_cars(struct traffic *traffic, char **words, FILE *out); /* cars rate N, cars stay S */
void traffic_quiet(struct traffic *traffic, FILE *out);
void traffic_status(const struct traffic *traffic, FILE *out);

#endif
