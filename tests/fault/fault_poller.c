/*
 * Garbage on the line, under the schedule: what the poller asks is answered, or damaged in every
 * way of wire.h, in virtual time. No reading of a bay may differ from what its device said,
 * whatever came before it; the poller never stands still; and when the line is clean again every
 * device is online.
 *
 *   fault_poller [--quick] [--runs FRAMES] [--seed N] [--results FILE]
 */
#include <inttypes.h>
#include <stdio.h>

#include "sensors/bay/modbus_map.h"
#include "sensors/bus/poller.h"
#include "tests/fault/run.h"
#include "tests/fault/wire.h"

enum {
    FRAMES = 1000000,
    FRAMES_QUICK = 100000,
    DEVICES = 8,
    INPUTS = 16,
    BACKOFF_MS = 5000,
    GOOD_US = 10000,
    SILENT_US = 200000,
    CLEAN_US = 60 * 1000000
};

struct line {
    struct modbus_map map;
    struct device_settings devices[DEVICES];
    struct bus_settings settings;
    struct poller *poller;
    struct modbus_input inputs[DEVICES][INPUTS];
    enum device_state states[DEVICES];
    int64_t now_us;
    struct wire wire;
    uint64_t frames, readings, wrong, stuck;
};

static void begin(struct line *line, enum bus_type type, uint64_t seed)
{
    static const uint32_t bays[INPUTS];

    modbus_map_defaults(&line->map);
    line->map.inputs = INPUTS;
    line->map.state = (struct modbus_place){.function = 2, .stride = 1};
    for (uint32_t n = 0; n < DEVICES; n++)
        line->devices[n] = (struct device_settings){
            .index = n, .unit = n + 1, .map = &line->map, .bays = bays, .inputs = INPUTS};
    line->settings = (struct bus_settings){.id = "line",
                                           .type = type,
                                           .backoff_max_ms = BACKOFF_MS,
                                           .devices = line->devices,
                                           .devices_count = DEVICES};
    line->wire.kind = type == BUS_TCP ? FRAME_TCP : FRAME_RTU;
    line->wire.random = seeded_from(seed);
    line->poller = poller_create(&line->settings, seed, line->now_us);
}

/* Each input's state in the answer is the bit that the device holds. */
static void decode(struct line *line, const struct poller_job *job,
                   const struct frame_answer *answer)
{
    const struct modbus_block block = {job->request.function, job->request.address,
                                       job->request.count, answer->data, answer->size};
    const struct modbus_tuning tuning = {0};

    for (uint32_t n = 0; n < INPUTS; n++) {
        enum sensed sensed;
        mono_ms now = {line->now_us / 1000};
        bool on = line->wire.truth[n / 8] >> n % 8 & 1;

        if (!modbus_map_decode(&line->map, &tuning, &block, n, now, &line->inputs[job->device][n],
                               &sensed))
            continue;
        line->readings++;
        line->wrong += sensed != (on ? SENSED_OCCUPIED : SENSED_FREE);
    }
}

/* One question of the poller; damaged or not. */
static void one(struct line *line, struct poller_job *job, size_t damage)
{
    struct wire *wire = &line->wire;
    struct frame_answer answer = {0};
    int64_t start_us = line->now_us;
    enum link_outcome outcome = LINK_WRONG;

    job->request.transaction = (uint16_t)wire_draw(wire, 65536);
    wire->request = job->request;
    wire_truth(wire);
    wire_answer(wire);
    wire_hurt(wire, damage);
    switch (wire_hear(wire, &answer)) {
    case FRAME_GOOD:
        outcome = LINK_GOOD;
        line->wrong += !wire_is_true(wire, &answer);
        if (job->trusted)
            decode(line, job, &answer);
        break;
    case FRAME_EXCEPTION:
        outcome = LINK_REFUSED;
        break;
    case FRAME_MORE:
        outcome = LINK_SILENT;
        break;
    default:
        break;
    }
    line->now_us += outcome == LINK_SILENT ? SILENT_US : GOOD_US;
    line->states[job->device] = poller_done(line->poller, job, outcome, start_us, line->now_us);
    line->frames++;
}

/* Until then, or for so many frames. Half of the answers are damaged, or none. */
static void live(struct line *line, uint64_t frames, int64_t until_us, bool damaged)
{
    struct poller_job job;
    int64_t due_us = 0;

    for (uint64_t end = line->frames + frames; line->frames < end && line->now_us < until_us;) {
        if (poller_next(line->poller, line->now_us, &job, &due_us)) {
            bool hurt = damaged && wire_draw(&line->wire, 2);
            one(line, &job, hurt ? wire_draw(&line->wire, WIRE_DAMAGES) : 0);
            continue;
        }
        line->stuck += due_us <= line->now_us || due_us > line->now_us + BACKOFF_MS * 2000;
        line->now_us = due_us > line->now_us ? due_us : line->now_us + 1000;
    }
}

static void play(enum bus_type type, const struct run *run, struct line *line)
{
    begin(line, type, run->seed + type);
    live(line, run->runs / 2, INT64_MAX, true);
    live(line, UINT64_MAX - line->frames, line->now_us + CLEAN_US, false);
    for (uint32_t n = 0; n < DEVICES; n++)
        line->stuck += line->states[n] != DEVICE_ONLINE;
    printf("%s: %" PRIu64 " frames in %" PRId64 " s of the line, %" PRIu64 " readings, %" PRIu64
           " wrong, %" PRIu64 " times stuck\n",
           type == BUS_TCP ? "tcp" : "rtu", line->frames, line->now_us / 1000000, line->readings,
           line->wrong, line->stuck);
    poller_destroy(line->poller);
}

int main(int argc, char **argv)
{
    static struct line lines[2];
    struct run run = run_parse(argc, argv, FRAMES, FRAMES_QUICK);

    play(BUS_RTU, &run, &lines[0]);
    play(BUS_TCP, &run, &lines[1]);
    uint64_t wrong = lines[0].wrong + lines[1].wrong, stuck = lines[0].stuck + lines[1].stuck;
    run_result(&run, &(struct run_row){"garbage under the schedule",
                                       "half of what a poller's questions bring is damaged; lost = "
                                       "wrong readings",
                                       run.runs, lines[0].readings + lines[1].readings, wrong, 0});
    return run_end(&run, run.runs - wrong - stuck, wrong + stuck);
}
