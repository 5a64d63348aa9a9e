/* See road.h. */
#include "tests/parksim/road.h"

#include <stdio.h>
#include <string.h>

const char *const road_behaviours[ROAD_BEHAVIOURS + 1] = {
    "ordinary", "backs-out", "creeps", "turns", "sticks", "tailgates", "wrong-way", NULL,
};

static const double step_s = ROAD_STEP_US / 1e6, ahead_mps = 4, back_mps = 2;
static const double length_m = 4.5, gap_m = 3.6, begin_m = -8, end_m = 8;
static const double line_m = -1.2, boom_clear = 0.9;

/* Up since so long that it was not opened for someone else. */
enum { HELD_US = 4000000 };

static double rear(const struct road_car *car)
{
    return car->x - car->length;
}

static bool on(const struct road *road, double from, double to)
{
    for (int i = 0; i < ROAD_CARS; i++)
        if (road->cars[i].here && road->cars[i].x > from && rear(&road->cars[i]) < to)
            return true;
    return false;
}

bool road_empty(const struct road *road)
{
    for (int i = 0; i < ROAD_CARS; i++)
        if (road->cars[i].here)
            return false;
    return true;
}

struct road_car *road_arrive(struct road *road, const char *plate, enum road_behaviour behaviour,
                             int64_t patience_us)
{
    double x = begin_m;
    struct road_car *free = NULL;

    for (int i = 0; i < ROAD_CARS; i++) {
        struct road_car *car = &road->cars[i];
        if (!car->here)
            free = car;
        else if (rear(car) - gap_m < x)
            x = rear(car) - gap_m;
    }
    if (!free)
        return NULL;
    *free = (struct road_car){.here = true,
                              .behaviour = behaviour,
                              .patience_us = patience_us,
                              .x = behaviour == ROAD_AGAINST ? end_m + length_m : x,
                              .length = length_m};
    snprintf(free->plate, sizeof free->plate, "%s", plate);
    return free;
}

/* The next one before it on the road; NULL: none. */
static const struct road_car *before(const struct road *road, const struct road_car *car)
{
    const struct road_car *found = NULL;

    for (int i = 0; i < ROAD_CARS; i++) {
        const struct road_car *other = &road->cars[i];
        if (other != car && other->here && other->x > car->x && (!found || other->x < found->x))
            found = other;
    }
    return found;
}

/* A car goes when the boom rose for it, or has been up for long; a tailgater whenever it is up. */
static bool may_go(const struct road *road, const struct road_car *car)
{
    bool up = road->up >= boom_clear;

    if (car->behaviour == ROAD_TAILGATES)
        return up;
    return up && (car->rose || car->open_us >= HELD_US);
}

static bool turns_round(const struct road_car *car)
{
    if (car->behaviour == ROAD_BACKS_OUT)
        return car->waited_us >= car->patience_us;
    if (car->behaviour == ROAD_CREEPS)
        return car->x >= 0.8;
    return car->behaviour == ROAD_TURNS && rear(car) >= -0.4;
}

static bool stands(struct road_car *car, road_fn *tell, void *arg)
{
    if (car->behaviour != ROAD_STICKS || car->x < 1.6 || car->waited_us >= car->patience_us)
        return false;
    if (car->waited_us == 0)
        tell(arg, car, ROAD_STUCK);
    car->waited_us += ROAD_STEP_US;
    return true;
}

/* At the line it looks at the boom. */
static void look(const struct road *road, struct road_car *car, road_fn *tell, void *arg)
{
    if (!car->waits)
        tell(arg, car, ROAD_WAITS);
    car->waits = true;
    car->rose = car->rose || (car->open_us == 0 && road->up > 0 && road->up < boom_clear);
    car->open_us = road->up >= boom_clear ? car->open_us + ROAD_STEP_US : 0;
    if (car->behaviour == ROAD_BACKS_OUT)
        car->waited_us += ROAD_STEP_US;
}

static void drive_on(const struct road *road, struct road_car *car, road_fn *tell, void *arg)
{
    const struct road_car *first = before(road, car);
    double to = car->x + ahead_mps * step_s;
    bool at_line = car->x < -0.4 && to > line_m;

    if (turns_round(car)) {
        car->back = true;
        return;
    }
    if (stands(car, tell, arg))
        return;
    if (first && to > rear(first) - gap_m)
        return;
    if (at_line)
        look(road, car, tell, arg);
    if (at_line && (car->behaviour == ROAD_BACKS_OUT || !may_go(road, car)))
        return;
    car->x = to;
}

static void drive_back(struct road_car *car, double mps)
{
    car->x -= mps * step_s;
}

static void drive_against(const struct road *road, struct road_car *car)
{
    bool at_boom = rear(car) >= 2.1 && rear(car) < 2.3;

    if (!at_boom || road->up >= boom_clear)
        drive_back(car, ahead_mps);
}

static void drive(const struct road *road, struct road_car *car, road_fn *tell, void *arg)
{
    if (car->behaviour == ROAD_AGAINST)
        drive_against(road, car);
    else if (car->back)
        drive_back(car, back_mps);
    else
        drive_on(road, car, tell, arg);
}

/* Off the closing loop on the side that it drives to: through. */
static void notice(struct road_car *car, road_fn *tell, void *arg)
{
    bool against = car->behaviour == ROAD_AGAINST;
    bool under = car->x > 0 && rear(car) < 2;
    bool through = against ? car->x <= 0 : rear(car) >= 2;

    if (car->under && !under && through)
        tell(arg, car, ROAD_PASSED);
    car->under = under;
    if (rear(car) >= end_m || (car->x <= begin_m && (against || car->back))) {
        car->here = false;
        if (car->back)
            tell(arg, car, ROAD_LEFT);
    }
}

void road_step(struct road *road, double up, road_fn *tell, void *arg)
{
    road->up = up;
    for (int i = 0; i < ROAD_CARS; i++) {
        struct road_car *car = &road->cars[i];
        if (!car->here)
            continue;
        drive(road, car, tell, arg);
        notice(car, tell, arg);
    }
    road->presence = on(road, -3, -1);
    road->closing = on(road, 0, 2);
}
