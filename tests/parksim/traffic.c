/*
 * Cars at lanes. A car's life: to an entry, through it, to a free bay, there for its stay, off the
 * bay, to an exit and through that. A car that passed an exit, or an entry the wrong way, is gone.
 */
#include "tests/parksim/traffic.h"

#include <stdlib.h>
#include <string.h>

#include "tests/parksim/board.h"
#include "tests/parksim/sim.h"

enum { GUESTS = 512, TRIES = 16, SECOND_US = 1000000, MINUTE_US = 60000000 };
enum { PATIENCE_S = 6, WAY_S = 3, STAY_S = 60, NO_BAY = -1, ODD_PERCENT = 12 };

/* A car that is inside. */
struct guest {
    bool here, driving_out;
    char plate[ROAD_PLATE];
    uint32_t lot;
    int64_t bay;               /* or NO_BAY */
    int64_t park_us, leave_us; /* 0: not known yet, or done */
};

struct traffic {
    struct loop *loop;
    struct field *field;
    struct sim_random random;
    struct loop_timer timer;
    struct road *roads; /* one a gate of the plan */
    struct guest guests[GUESTS];
    traffic_read_fn *read;
    void *read_arg;
    double cars_per_min;
    int64_t stay_us, next_arrival_us, stepped_us;
    uint64_t arrivals, passages_in, passages_out, anomalies;
    uint32_t lane; /* whose road is being driven on */
};

static struct boom *boom_of(struct traffic *t, uint32_t lane)
{
    const struct plan_gate *gate = &t->field->plan->gates[lane];
    struct boom *boom = &t->field->devices[gate->unit].sensed.board->booms[gate->place];

    boom_move(boom, sim_mono_us());
    return boom;
}

static struct guest *find_guest(struct traffic *t, const char *plate)
{
    for (int i = 0; i < GUESTS; i++)
        if (t->guests[i].here && strcmp(t->guests[i].plate, plate) == 0)
            return &t->guests[i];
    return NULL;
}

static int64_t between(struct traffic *t, int64_t from, int64_t to)
{
    return from + (int64_t)(sim_random_unit(&t->random) * (double)(to - from));
}

/* 1. Inside. */

static int64_t free_bay(struct traffic *t, uint32_t lot)
{
    const struct plan_lot *place = &t->field->plan->lots[lot];

    for (int i = 0; place->bays && i < TRIES; i++) {
        uint32_t bay = place->first + sim_random_below(&t->random, place->bays);
        if (!t->field->occupied[bay])
            return bay;
    }
    return NO_BAY;
}

static void come_inside(struct traffic *t, const char *plate, uint32_t lot)
{
    int64_t now_us = sim_mono_us();

    for (int i = 0; i < GUESTS; i++) {
        struct guest *guest = &t->guests[i];
        if (guest->here)
            continue;
        *guest = (struct guest){.here = true, .lot = lot, .bay = NO_BAY};
        memcpy(guest->plate, plate, ROAD_PLATE);
        guest->park_us = now_us + between(t, SECOND_US, WAY_S * SECOND_US);
        guest->leave_us = guest->park_us + between(t, t->stay_us / 2, t->stay_us * 3 / 2);
        return;
    }
}

static void go_outside(struct guest *guest)
{
    if (guest)
        guest->here = false;
}

/* An exit of the lot, or any of its lanes for one that drives the wrong way; -1: there is none. */
static int64_t choose_lane(struct traffic *t, uint32_t lot, bool out)
{
    const struct plan *plan = t->field->plan;
    uint32_t begin = plan->gates_count ? sim_random_below(&t->random, plan->gates_count) : 0;

    for (uint32_t i = 0; i < plan->gates_count; i++) {
        uint32_t lane = (begin + i) % plan->gates_count;
        const struct plan_gate *gate = &plan->gates[lane];
        if (gate->is_lane && (lot == PLAN_NO_LOT || gate->lot == lot) && gate->out == out)
            return lane;
    }
    return -1;
}

static enum road_behaviour draw_behaviour(struct traffic *t)
{
    static const enum road_behaviour odd[] = {ROAD_BACKS_OUT, ROAD_CREEPS, ROAD_TURNS,
                                              ROAD_TAILGATES, ROAD_STICKS};

    if (sim_random_below(&t->random, 100) >= ODD_PERCENT)
        return ROAD_ORDINARY;
    return odd[sim_random_below(&t->random, sizeof odd / sizeof odd[0])];
}

static void leave_bay(struct traffic *t, struct guest *guest)
{
    int64_t lane = choose_lane(t, guest->lot, true);

    if (guest->bay != NO_BAY)
        field_set(t->field, (uint32_t)guest->bay, false);
    guest->bay = NO_BAY;
    guest->leave_us = 0;
    guest->driving_out = true;
    if (lane < 0 ||
        !road_arrive(&t->roads[lane], guest->plate, ROAD_ORDINARY, PATIENCE_S * SECOND_US))
        guest->leave_us = sim_mono_us() + WAY_S * SECOND_US; /* a full queue: later */
}

static void mind_guest(struct traffic *t, struct guest *guest, int64_t now_us)
{
    if (guest->park_us && now_us >= guest->park_us) {
        guest->park_us = 0;
        guest->bay = free_bay(t, guest->lot);
        if (guest->bay != NO_BAY)
            field_set(t->field, (uint32_t)guest->bay, true);
    }
    if (!guest->park_us && guest->leave_us && now_us >= guest->leave_us && t->cars_per_min > 0)
        leave_bay(t, guest);
}

/* 2. At the booms. */

static void tell_truth(struct traffic *t, const struct road_car *car, const char *event)
{
    const struct plan_gate *gate = &t->field->plan->gates[t->lane];
    bool out = gate->out != (car->behaviour == ROAD_AGAINST);

    truth_car(t->field->truth, &(struct truth_car){.event = event,
                                                   .lane = gate->id,
                                                   .plate = car->plate,
                                                   .behaviour = road_behaviours[car->behaviour],
                                                   .out = out});
}

static void passed(struct traffic *t, const struct road_car *car)
{
    const struct plan_gate *gate = &t->field->plan->gates[t->lane];
    bool out = gate->out != (car->behaviour == ROAD_AGAINST);

    tell_truth(t, car, "passage");
    if (out)
        go_outside(find_guest(t, car->plate));
    else
        come_inside(t, car->plate, gate->lot);
    t->passages_in += !out;
    t->passages_out += out;
    if (car->behaviour == ROAD_AGAINST || car->behaviour == ROAD_TAILGATES) {
        tell_truth(t, car, "anomaly");
        t->anomalies++;
    }
}

static void on_road(void *arg, const struct road_car *car, enum road_event event)
{
    struct traffic *t = arg;
    struct guest *guest = find_guest(t, car->plate);

    if (event == ROAD_PASSED) {
        passed(t, car);
    } else if (event == ROAD_WAITS) {
        tell_truth(t, car, "waits");
        if (t->read)
            t->read(t->read_arg, t->field->plan->gates[t->lane].id, car->plate);
    } else {
        tell_truth(t, car, "anomaly");
        t->anomalies++;
    }
    if (event == ROAD_LEFT && guest && guest->driving_out) /* it turned back into the lot */
        guest->leave_us = sim_mono_us() + WAY_S * SECOND_US;
}

/* Loops change where cars change them: a loop that was set by hand stays as it is. */
static void drive_lane(struct traffic *t, uint32_t lane)
{
    struct road *road = &t->roads[lane];
    struct boom *boom = boom_of(t, lane);
    bool presence = road->presence, closing = road->closing;

    if (road_empty(road) && !presence && !closing)
        return;
    t->lane = lane;
    road_step(road, (double)boom->position_us / (double)boom->travel_us, on_road, t);
    if (road->presence != presence)
        boom->presence = road->presence;
    if (road->closing != closing)
        boom->closing = road->closing;
}

static void draw_plate(struct traffic *t, char plate[ROAD_PLATE])
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";

    memcpy(plate, "皖A", 4);
    for (int i = 4; i < 9; i++) /* at least one digit, as every plate has */
        plate[i] = letters[sim_random_below(&t->random, sizeof letters - 1)];
    plate[7] = (char)('0' + sim_random_below(&t->random, 10));
    plate[9] = '\0';
}

static void arrive(struct traffic *t)
{
    int64_t lane = choose_lane(t, PLAN_NO_LOT, false);
    char plate[ROAD_PLATE];
    double mean_us = MINUTE_US / t->cars_per_min;

    t->next_arrival_us += (int64_t)(2 * mean_us * sim_random_unit(&t->random));
    draw_plate(t, plate);
    if (lane >= 0 && road_arrive(&t->roads[lane], plate, draw_behaviour(t),
                                 between(t, SECOND_US, PATIENCE_S * SECOND_US)))
        t->arrivals++;
}

static void step(struct traffic *t, int64_t now_us)
{
    for (uint32_t lane = 0; lane < t->field->plan->gates_count; lane++)
        drive_lane(t, lane);
    for (int i = 0; i < GUESTS; i++)
        if (t->guests[i].here)
            mind_guest(t, &t->guests[i], now_us);
    if (t->cars_per_min > 0 && now_us >= t->next_arrival_us)
        arrive(t);
}

/* As many steps as time has passed, so that a slow machine drives no slower. */
static void move(void *arg)
{
    struct traffic *t = arg;
    int64_t now_us = sim_mono_us();

    for (; t->stepped_us + ROAD_STEP_US <= now_us; t->stepped_us += ROAD_STEP_US)
        step(t, now_us);
    loop_at(t->loop, &t->timer, t->stepped_us + ROAD_STEP_US);
}

/* 3. Commands. */

static int64_t find_lane(const struct traffic *t, const char *id)
{
    for (uint32_t i = 0; i < t->field->plan->gates_count; i++)
        if (strcmp(t->field->plan->gates[i].id, id) == 0 && t->field->plan->gates[i].is_lane)
            return i;
    return -1;
}

void traffic_car(struct traffic *t, char **words, FILE *out)
{
    int64_t lane = find_lane(t, words[1]), seconds = PATIENCE_S;
    int behaviour = 0;

    if (lane < 0) {
        fputs("error: no such lane; the plan's word lane makes one of a barrier", out);
        return;
    }
    while (words[3] && road_behaviours[behaviour] &&
           strcmp(road_behaviours[behaviour], words[3]) != 0)
        behaviour++;
    if (behaviour == ROAD_BEHAVIOURS ||
        (words[3] && words[4] && !sim_number(words[4], 0, 3600, &seconds))) {
        fputs("error: ordinary, backs-out, creeps, turns, sticks, tailgates or wrong-way, and its "
              "seconds of patience from 0 to 3600, are allowed",
              out);
        return;
    }
    struct guest *guest = find_guest(t, words[2]);
    if (guest) { /* it leaves, whatever it had in mind */
        if (guest->bay != NO_BAY)
            field_set(t->field, (uint32_t)guest->bay, false);
        guest->bay = NO_BAY;
        guest->park_us = guest->leave_us = 0;
        guest->driving_out = true;
    }
    bool room =
        strlen(words[2]) < ROAD_PLATE &&
        road_arrive(&t->roads[lane], words[2], (enum road_behaviour)behaviour, seconds * SECOND_US);
    fputs(room ? "ok" : "error: the queue is full, or the plate too long", out);
}

void traffic_rate(struct traffic *t, double cars_per_min)
{
    t->cars_per_min = cars_per_min;
    t->next_arrival_us = sim_mono_us();
}

void traffic_cars(struct traffic *t, char **words, FILE *out)
{
    char *end;
    double value = strtod(words[2], &end);
    bool rate = strcmp(words[1], "rate") == 0;

    if ((!rate && strcmp(words[1], "stay") != 0) || *end || !(value >= 0 && value <= 1000000)) {
        fputs("error: cars rate CARS-PER-MINUTE and cars stay SECONDS are allowed", out);
        return;
    }
    if (rate)
        traffic_rate(t, value);
    else
        t->stay_us = (int64_t)(value * SECOND_US);
    fputs("ok", out);
}

void traffic_quiet(struct traffic *t, FILE *out)
{
    traffic_rate(t, 0);
    fputs("ok", out);
}

void traffic_status(const struct traffic *t, FILE *out)
{
    uint32_t inside = 0, queued = 0;

    for (int i = 0; i < GUESTS; i++)
        inside += t->guests[i].here;
    for (uint32_t lane = 0; lane < t->field->plan->gates_count; lane++)
        for (int i = 0; i < ROAD_CARS; i++)
            queued += t->roads[lane].cars[i].here;
    fprintf(out,
            "{\"inside\":%u,\"at_lanes\":%u,\"arrivals\":%llu,\"passages_in\":%llu,"
            "\"passages_out\":%llu,\"anomalies\":%llu}",
            inside, queued, (unsigned long long)t->arrivals, (unsigned long long)t->passages_in,
            (unsigned long long)t->passages_out, (unsigned long long)t->anomalies);
}

struct traffic *traffic_create(struct loop *loop, struct field *field, uint64_t seed)
{
    struct traffic *t = sim_alloc(1, sizeof *t);

    t->loop = loop;
    t->field = field;
    t->random.state = seed;
    t->roads = sim_alloc(field->plan->gates_count + 1, sizeof *t->roads);
    t->stay_us = STAY_S * SECOND_US;
    t->stepped_us = sim_mono_us();
    t->timer = (struct loop_timer){.fn = move, .arg = t};
    if (field->plan->gates_count)
        loop_at(loop, &t->timer, t->stepped_us + ROAD_STEP_US);
    return t;
}

void traffic_reads(struct traffic *t, traffic_read_fn *fn, void *arg)
{
    t->read = fn;
    t->read_arg = arg;
}

void traffic_destroy(struct traffic *t)
{
    if (!t)
        return;
    loop_cancel(t->loop, &t->timer);
    free(t->roads);
    free(t);
}
