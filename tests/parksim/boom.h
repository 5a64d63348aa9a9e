/*
 * A boom, its limit switches, and the loops and button at it. It moves as time passes: whoever
 * looks gives the time. Pure.
 */
#ifndef PARKSIM_BOOM_H
#define PARKSIM_BOOM_H

#include <stdbool.h>
#include <stdint.h>

enum { BOOM_ENDS = 2, BOOM_TRAVEL_MS = 2000 };

enum boom_limit { BOOM_LIMIT_WORKS, BOOM_LIMIT_ON, BOOM_LIMIT_OFF };

struct boom {
    int64_t position_us; /* of travel: 0 is down, travel_us is up */
    int64_t travel_us;
    int way; /* 1 up, -1 down, 0 at rest */
    int64_t seen_us;
    bool stuck;                        /* the motor turns, the boom does not */
    enum boom_limit limits[BOOM_ENDS]; /* down, up */
    bool presence, closing, button;    /* loops P and C; the attendant's button */
    uint32_t operations;               /* openings and closings begun */
    uint32_t opens, closes, stops;     /* commands that reached it */
    int64_t opened_us;                 /* when the last of them came that opens */
};

void boom_init(struct boom *boom, int64_t now_us);

/* Brings it up to this moment. */
void boom_move(struct boom *boom, int64_t now_us);

/* Someone presses: the board, or a person. way 0 stops. */
void boom_press(struct boom *boom, int way, int64_t now_us);

/* What its limit switch says. */
bool boom_limit(const struct boom *boom, bool up);
int boom_percent(const struct boom *boom);

#endif
