/*
 * The ground truth of one lane, for simulate_lane: cars as lengths on a line, two loops, a boom.
 * Knows nothing of the daemon's states. Metres; a car drives towards larger x, one that drives
 * against the lane towards smaller. Presence loop -3 … -1, closing loop 0 … 2, boom at 1.
 */
/* long: the whole of the physics is read as one page */
#ifndef SIMULATE_SLOW_LANE_H
#define SIMULATE_SLOW_LANE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "tests/simulate/seeded.h"

enum { SLOW_CARS = 6, SLOW_STEP_MS = 50 };

enum slow_mood {
    SLOW_PASSES,
    SLOW_BACKS_OUT, /* after `patience_ms` on the presence loop */
    SLOW_CREEPS,    /* onto the closing loop and back, never off the presence loop */
    SLOW_TURNS,     /* off the presence loop, and back all the same: the camera sees it */
    SLOW_STICKS,    /* stands under the boom */
    SLOW_AGAINST,
    SLOW_MOODS
};

struct slow_car {
    bool here, under, back; /* `under`: it was on the closing loop; `back`: on its way back */
    enum slow_mood mood;
    double x, length, speed; /* of its front, as it drives the lane's way */
    double gap;              /* that it keeps from the one before */
    int64_t waited_ms, patience_ms, reaction_ms;
    uint32_t number;
    bool read, turned_told;
    int64_t on_presence_at; /* 0: never */
};

struct slow_lane {
    struct slow_car cars[SLOW_CARS]; /* in the order of their coming */
    double boom;                     /* 0 down … 1 up */
    int boom_way;                    /* -1, 0, 1 */
    double boom_step;
    bool no_boom;
    uint64_t operations;
};

static inline double slow_rear(const struct slow_car *c)
{
    return c->x - c->length;
}

static inline bool slow_on(const struct slow_lane *l, double from, double to)
{
    for (int i = 0; i < SLOW_CARS; i++)
        if (l->cars[i].here && l->cars[i].x > from && slow_rear(&l->cars[i]) < to)
            return true;
    return false;
}

static inline bool slow_presence(const struct slow_lane *l)
{
    return slow_on(l, -3, -1);
}

static inline bool slow_closing(const struct slow_lane *l)
{
    return slow_on(l, 0, 2);
}

static inline struct slow_car *slow_at_presence(struct slow_lane *l)
{
    struct slow_car *found = NULL;

    for (int i = 0; i < SLOW_CARS; i++) {
        struct slow_car *c = &l->cars[i];
        if (c->here && c->x > -3 && slow_rear(c) < -1 && (!found || c->x > found->x))
            found = c;
    }
    return found;
}

static inline bool slow_empty(const struct slow_lane *l)
{
    for (int i = 0; i < SLOW_CARS; i++)
        if (l->cars[i].here)
            return false;
    return true;
}

static inline struct slow_car *slow_new_car(struct slow_lane *l, struct seeded *r, uint32_t number,
                                            enum slow_mood mood)
{
    double behind = -9;

    for (int i = 0; i < SLOW_CARS; i++)
        if (l->cars[i].here && slow_rear(&l->cars[i]) - 4 < behind)
            behind = slow_rear(&l->cars[i]) - 4;
    for (int i = 0; i < SLOW_CARS; i++) {
        struct slow_car *c = &l->cars[i];
        if (c->here)
            continue;
        *c = (struct slow_car){.here = true, .mood = mood, .number = number};
        c->length = (double)seeded_between(r, 42, 90) / 10;
        c->speed = (double)seeded_between(r, 10, 30) / 10;
        c->gap = seeded_below(r, 10) == 0 ? 2.7 : 3.2;
        c->patience_ms = seeded_between(r, 500, 30000);
        c->reaction_ms = seeded_between(r, 300, 4000);
        c->x = mood == SLOW_AGAINST ? 12 + c->length : behind;
        return c;
    }
    return NULL;
}

/* How far it may go: not into the one before, not into the boom. */
static inline double slow_limit(const struct slow_lane *l, const struct slow_car *c)
{
    double limit = 100;

    for (int i = 0; i < SLOW_CARS; i++) {
        const struct slow_car *o = &l->cars[i];
        if (o != c && o->here && o->x > c->x && slow_rear(o) - c->gap < limit)
            limit = slow_rear(o) - c->gap;
    }
    if (!l->no_boom && l->boom < 0.9 && c->x <= -0.4 && limit > -1.2)
        limit = -1.2;
    return limit;
}

/* Whoever has passed drives on. */
static inline bool slow_turns(const struct slow_car *c)
{
    if (slow_rear(c) >= 2)
        return false;
    if (c->mood == SLOW_BACKS_OUT)
        return c->waited_ms > c->patience_ms;
    if (c->mood == SLOW_CREEPS)
        return c->x > 0.4;
    return c->mood == SLOW_TURNS && c->x > c->length - 0.4;
}

static inline bool slow_follower(const struct slow_lane *l, const struct slow_car *c)
{
    for (int i = 0; i < SLOW_CARS; i++)
        if (l->cars[i].here && l->cars[i].x < c->x && &l->cars[i] != c)
            return true;
    return false;
}

static inline void slow_drive_forward(struct slow_lane *l, struct slow_car *c)
{
    double to = c->x + c->speed * SLOW_STEP_MS / 1000, limit = slow_limit(l, c);
    bool at_line = c->x > -1.5 && c->x <= -0.4;

    if (slow_turns(c) && !slow_follower(l, c)) {
        c->back = true;
        return;
    }
    if (c->mood == SLOW_STICKS && c->x > 1.5 && c->x < 2 && c->waited_ms < 8 * c->patience_ms) {
        c->waited_ms += SLOW_STEP_MS;
        return;
    }
    if (c->mood == SLOW_BACKS_OUT && !slow_follower(l, c) && to > -1.2)
        to = -1.2;
    if (at_line && limit > -0.4 && c->reaction_ms > 0 && c->waited_ms > 0)
        c->reaction_ms -= SLOW_STEP_MS;
    else if (to <= limit)
        c->x = to;
    if (at_line)
        c->waited_ms += SLOW_STEP_MS;
}

static inline void slow_drive_back(const struct slow_lane *l, struct slow_car *c)
{
    double to = c->x - c->speed * SLOW_STEP_MS / 1000;
    bool stopped = c->mood == SLOW_AGAINST && !l->no_boom && l->boom < 0.9 && slow_rear(c) >= 2.1 &&
                   slow_rear(c) < 2.4;

    if (!stopped)
        c->x = to;
}

/* One step of 50 ms. */
static inline void slow_step(struct slow_lane *l)
{
    l->boom += l->boom_way * l->boom_step;
    if (l->boom >= 1 || l->boom <= 0) {
        l->operations += l->boom_way != 0;
        l->boom = l->boom >= 1 ? 1 : 0;
        l->boom_way = 0;
    }
    for (int i = 0; i < SLOW_CARS; i++) {
        struct slow_car *c = &l->cars[i];
        if (!c->here)
            continue;
        if (c->back || c->mood == SLOW_AGAINST)
            slow_drive_back(l, c);
        else
            slow_drive_forward(l, c);
    }
}

/* Whether this car has just passed: off the closing loop on the other side. `ret_against`: which
 * way. Told once. */
static inline bool slow_passed(struct slow_car *c, bool *ret_against)
{
    bool on = c->x > 0 && slow_rear(c) < 2;
    bool was = c->under;

    c->under = on;
    if (!was || on)
        return false;
    *ret_against = c->mood == SLOW_AGAINST;
    return *ret_against ? c->x <= 0 : slow_rear(c) >= 2;
}

static inline bool slow_away(const struct slow_car *c)
{
    return slow_rear(c) > 14 || (c->x < -10 && (c->back || c->mood == SLOW_AGAINST));
}

#endif
