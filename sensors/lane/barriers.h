/*
 * The barrier boards that have a driver: a function that fills a struct barrier_map from what an
 * installer says. Adding one: its file here, its row in BARRIER_DRIVERS, its line in parkd.conf(5).
 * Boards that need no thinking are described by a file instead (config/devices, driver "map").
 */
#ifndef SENSORS_LANE_BARRIERS_H
#define SENSORS_LANE_BARRIERS_H

#include "sensors/lane/barrier.h"

#define BARRIER_NONE (-1)

/* What an installer may say; a driver tells which of it it takes. */
struct barrier_options {
    int32_t base;                    /* of addresses: 0 or 1 */
    int32_t open, stop, close, hold; /* relays; BARRIER_NONE: not wired */
    int32_t inputs[BARRIER_INPUTS];  /* input of the board, or bit; BARRIER_NONE: not wired */
    bool inverted[BARRIER_INPUTS];   /* the contact opens while the signal is on */
    int32_t channels;                /* inputs and relays of the board */
    int64_t pulse_ms, hold_ms;       /* how long a button is pressed; a lease of hold */
    int64_t poll_ms, status_ms;      /* inputs; everything else */
    int64_t travel_ms;
};

enum barrier_option {
    BARRIER_TAKES_BASE = 1,
    BARRIER_TAKES_RELAYS = 2, /* needs open */
    BARRIER_TAKES_HOLD = 4,
    BARRIER_TAKES_INPUTS = 8
};

struct barrier_driver {
    const char *name;   /* "came-gard" */
    const char *device; /* for people */
    unsigned takes;     /* enum barrier_option */
    /* The options are in range and of those taken. */
    void (*build)(const struct barrier_options *options, struct barrier_map *ret);
};

#define BARRIER_DRIVERS(row) row(came_gard) row(relay_board) row(relay_plate)

#define BARRIER_DRIVER_DECLARE(name) extern const struct barrier_driver name##_barrier;
BARRIER_DRIVERS(BARRIER_DRIVER_DECLARE)

size_t barriers_count(void);
const struct barrier_driver *barriers_at(size_t index);
const struct barrier_driver *barriers_find(const char *name); /* NULL: there is none */

/* Nothing wired, and the usual times. */
struct barrier_options barriers_defaults(void);

/* The inputs of a board that reads them at `place` + the option's number, as bits of a table or of
 * a word. */
void barriers_inputs(const struct barrier_options *options, struct barrier_place place,
                     struct barrier_map *map);

#endif
