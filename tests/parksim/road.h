/*
 * The stretch of road at one boom: cars as lengths on a line, driven as people drive. Metres, in
 * the lane's own direction: presence loop from -3 to -1, closing loop from 0 to 2, the boom at 1.
 * It moves as time passes: whoever looks gives the time and how far the boom is up. Pure.
 */
#ifndef PARKSIM_ROAD_H
#define PARKSIM_ROAD_H

#include <stdbool.h>
#include <stdint.h>

enum { ROAD_CARS = 8, ROAD_PLATE = 24, ROAD_STEP_US = 20000 };

enum road_behaviour {
    ROAD_ORDINARY,  /* waits for the boom to rise for it */
    ROAD_BACKS_OUT, /* loses patience in front of the boom */
    ROAD_CREEPS,    /* onto the closing loop and back */
    ROAD_TURNS,     /* off the presence loop, and back all the same */
    ROAD_STICKS,    /* stands under the boom for its patience */
    ROAD_TAILGATES, /* follows the one before under its boom */
    ROAD_AGAINST,   /* drives the wrong way */
    ROAD_BEHAVIOURS
};
extern const char *const road_behaviours[ROAD_BEHAVIOURS + 1]; /* ends with NULL */

enum road_event {
    ROAD_WAITS,  /* in front of the boom, on the presence loop */
    ROAD_PASSED, /* off the closing loop, where it wanted to go */
    ROAD_LEFT,   /* away without passing */
    ROAD_STUCK,  /* it stopped under the boom */
    ROAD_EVENTS
};

struct road_car {
    bool here;
    char plate[ROAD_PLATE];
    uint32_t number;
    enum road_behaviour behaviour;
    int64_t patience_us;
    double x, length;  /* of its front, as the lane leads; a wrong-way car's is its rear light */
    int64_t waited_us; /* at the line, or under the boom */
    int64_t open_us;   /* the boom has been up in front of it so long */
    bool back, waits, rose, under;
};

typedef void road_fn(void *arg, const struct road_car *car, enum road_event event);

struct road {
    struct road_car cars[ROAD_CARS];
    double up; /* 0 … 1: the boom */
    bool presence, closing;
};

/* A car at the end of the queue; NULL when there is no more room. */
struct road_car *road_arrive(struct road *road, const char *plate, enum road_behaviour behaviour,
                             int64_t patience_us);

/* One step of ROAD_STEP_US with the boom `up` of 1; tells what happened. */
void road_step(struct road *road, double up, road_fn *tell, void *arg);
bool road_empty(const struct road *road);

#endif
