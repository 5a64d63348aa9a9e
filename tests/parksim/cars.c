/*
 * Arrivals and departures. By Little's law N cars that stay a mean of one unit arrive N a unit, so
 * half of the changes are arrivals and the lot stays as full as it began.
 */
#include "tests/parksim/cars.h"

#include <stdlib.h>

#include "tests/parksim/sim.h"

enum { DECILES = 10, TRIES = 16, GRAIN_US = 1000 };

/* Minutes that the shortest, 10 %, … 100 % of the stays last: short errands, working days. */
static const double stay_min[DECILES + 1] = {3, 8, 15, 24, 35, 48, 66, 95, 140, 240, 600};

struct departure {
    double due;
    uint32_t bay;
};

struct cars {
    struct loop *loop;
    struct field *field;
    struct sim_random random;
    struct loop_timer timer;
    double population; /* cars that the rate is for */
    double speed;      /* units a second */
    double now;        /* cars' time at `since_us` */
    int64_t since_us;
    double next_arrival;
    double *departs;        /* one a bay: when the car that is there leaves */
    struct departure *heap; /* earliest first; some are out of date: see depart() */
    uint32_t heap_count, heap_size;
};

/* Mean of the table: the length of one unit. */
static double mean_min(void)
{
    double sum = 0;
    for (int i = 0; i < DECILES; i++)
        sum += (stay_min[i] + stay_min[i + 1]) / 2;
    return sum / DECILES;
}

static double draw_stay(struct cars *cars)
{
    double at = sim_random_unit(&cars->random) * DECILES;
    int i = (int)at;
    return (stay_min[i] + (stay_min[i + 1] - stay_min[i]) * (at - i)) / mean_min();
}

/* What is left of the stay of a car found at a random moment: long stays are found more often. */
static double draw_rest(struct cars *cars)
{
    double stay, longest = stay_min[DECILES] / mean_min();
    do {
        stay = draw_stay(cars);
    } while (stay < sim_random_unit(&cars->random) * longest);
    return stay * sim_random_unit(&cars->random);
}

static void heap_push(struct cars *cars, struct departure departure)
{
    uint32_t at = cars->heap_count++;
    while (at && cars->heap[(at - 1) / 2].due > departure.due) {
        cars->heap[at] = cars->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    cars->heap[at] = departure;
}

static struct departure heap_pop(struct cars *cars)
{
    struct departure first = cars->heap[0];
    struct departure last = cars->heap[--cars->heap_count];
    uint32_t at = 0, child;
    while ((child = 2 * at + 1) < cars->heap_count) {
        if (child + 1 < cars->heap_count && cars->heap[child + 1].due < cars->heap[child].due)
            child++;
        if (cars->heap[child].due >= last.due)
            break;
        cars->heap[at] = cars->heap[child];
        at = child;
    }
    cars->heap[at] = last;
    return first;
}

static void park(struct cars *cars, uint32_t bay, double until)
{
    if (cars->heap_count == cars->heap_size)
        return; /* only when bays are switched by hand all the time: the driver goes elsewhere */
    cars->departs[bay] = until;
    heap_push(cars, (struct departure){.due = until, .bay = bay});
    field_set(cars->field, bay, true);
}

/* Whether cars come to it through lanes, which traffic.h drives. */
static bool behind_lanes(const struct field *field, uint32_t bay)
{
    const struct plan *plan = field->plan;
    for (uint32_t i = 0; i < plan->gates_count; i++) {
        const struct plan_lot *lot = &plan->lots[plan->gates[i].lot];
        if (plan->gates[i].is_lane && bay >= lot->first && bay < lot->first + lot->bays)
            return true;
    }
    return false;
}

/* A car looks for a free bay; without one it drives on. */
static void arrive(struct cars *cars)
{
    uint32_t bays = cars->field->plan->bays_count;
    double until = cars->next_arrival + draw_stay(cars);
    /* Gaps even around their mean are random enough and need no logarithm. */
    cars->next_arrival += 2 * sim_random_unit(&cars->random) / cars->population;
    for (int i = 0; i < TRIES; i++) {
        uint32_t bay = sim_random_below(&cars->random, bays);
        if (!cars->field->occupied[bay] && !behind_lanes(cars->field, bay)) {
            park(cars, bay, until);
            return;
        }
    }
}

/* The bay may have been freed by hand and taken by another car: then this departure is void. */
static void depart(struct cars *cars)
{
    struct departure departure = heap_pop(cars);
    if (cars->departs[departure.bay] == departure.due)
        field_set(cars->field, departure.bay, false);
}

static double cars_now(const struct cars *cars, int64_t now_us)
{
    return cars->now + (double)(now_us - cars->since_us) / 1e6 * cars->speed;
}

static double next_event(const struct cars *cars)
{
    if (cars->heap_count && cars->heap[0].due < cars->next_arrival)
        return cars->heap[0].due;
    return cars->next_arrival;
}

/* Everything up to now; then sleeps until the next, at least a grain: what falls into one
 * millisecond happens together. */
static void move(void *arg)
{
    struct cars *cars = arg;
    int64_t now_us = sim_mono_us();
    double now = cars_now(cars, now_us);
    while (next_event(cars) <= now) {
        if (cars->heap_count && cars->heap[0].due < cars->next_arrival)
            depart(cars);
        else
            arrive(cars);
    }
    double wait_us = (next_event(cars) - now) / cars->speed * 1e6;
    if (wait_us > 3600e6)
        wait_us = 3600e6;
    loop_at(cars->loop, &cars->timer, now_us + GRAIN_US + (int64_t)wait_us);
}

void cars_rate(struct cars *cars, double changes_per_s)
{
    int64_t now_us = sim_mono_us();
    cars->now = cars_now(cars, now_us);
    cars->since_us = now_us;
    cars->speed = changes_per_s / (2 * cars->population);
    loop_cancel(cars->loop, &cars->timer);
    if (cars->speed > 0)
        loop_at(cars->loop, &cars->timer, now_us);
}

struct cars *cars_create(struct loop *loop, struct field *field, uint64_t seed, double occupancy)
{
    struct cars *cars = sim_alloc(1, sizeof *cars);
    uint32_t bays = field->plan->bays_count;
    cars->loop = loop;
    cars->field = field;
    cars->random.state = seed;
    cars->timer = (struct loop_timer){.fn = move, .arg = cars};
    cars->population = bays * occupancy < 1 ? 1 : bays * occupancy;
    cars->since_us = sim_mono_us();
    cars->departs = sim_alloc(bays, sizeof *cars->departs);
    cars->heap_size = 2 * bays;
    cars->heap = sim_alloc(cars->heap_size, sizeof *cars->heap);
    for (uint32_t bay = 0; bay < bays; bay++) {
        if (sim_random_unit(&cars->random) < occupancy && !behind_lanes(field, bay))
            park(cars, bay, draw_rest(cars));
    }
    return cars;
}

void cars_destroy(struct cars *cars)
{
    if (!cars)
        return;
    loop_cancel(cars->loop, &cars->timer);
    free(cars->heap);
    free(cars->departs);
    free(cars);
}
