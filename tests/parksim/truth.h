/*
 * The truth log: JSON lines of what really happened, for a test to hold the gateway against.
 * `change` when a car came or left; `served` when a bay's new state first left in a valid answer;
 * `waits`, `passage` and `anomaly` for cars at lanes; `note` for pollers, lines and faults. Written
 * before each wait of the loop.
 */
#ifndef PARKSIM_TRUTH_H
#define PARKSIM_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

struct truth;

struct truth *truth_create(const char *path); /* NULL path: keeps nothing */
void truth_destroy(struct truth *truth);
void truth_flush(struct truth *truth);

void truth_change(struct truth *truth, const char *bay, bool occupied, int64_t mono_us);

struct truth_served {
    uint64_t seq; /* counts all served events from 1 */
    const char *bay;
    bool occupied;
    int64_t mono_us;    /* when the answer left */
    int64_t changed_us; /* when the state became readable; 0: so from the start */
};
void truth_served(struct truth *truth, const struct truth_served *served);

/* "waits", "passage" or "anomaly" of a car at a lane. */
struct truth_car {
    const char *event, *lane, *plate, *behaviour;
    bool out; /* the way it drives: out of the lot */
};
void truth_car(struct truth *truth, const struct truth_car *car);

/* {"event":"note","line":line,"what":what} */
void truth_note(struct truth *truth, const char *line, const char *what);

#endif
