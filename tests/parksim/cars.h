/*
 * Cars that come and go by themselves: arrivals at random, stays as people park, a seed that makes
 * the day repeatable. Cars live in their own time, whose unit is the mean stay; the rate of changes
 * is the speed of that time.
 */
#ifndef PARKSIM_CARS_H
#define PARKSIM_CARS_H

#include "tests/parksim/field.h"
#include "tests/parksim/loop.h"

struct cars;

/* Parks the first cars, `occupancy` of 0 to 1 of the bays. No car moves before cars_rate(). */
struct cars *cars_create(struct loop *loop, struct field *field, uint64_t seed, double occupancy);
void cars_destroy(struct cars *cars);

/* Changes (arrivals and departures) a second from now on; 0 stands still. */
void cars_rate(struct cars *cars, double changes_per_s);

#endif
