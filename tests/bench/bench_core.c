/*
 * What a reading costs in the core: nanoseconds for one that repeats what is known, nearly all of
 * them, and for one that changes its bay, with its record encoded; beside them the least that any
 * program must do, a compare and a store in an array of the same bays.
 *
 * Usage: bench_core [BAYS]   (10,000). Prints "raw NS", "repeats NS", "changes NS": medians of
 * RUNS.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/core/site.h"

enum { RUNS = 7, READINGS = 2000000, NAME_SIZE = 12 };

struct bench {
    struct site_plan plan;
    struct lot_plan lot;
    struct zone_plan zone;
    struct site *site;
    enum sensed *raw;
    struct now now;
    uint64_t records, bytes;
};

static void put(void *arg, const struct record *record)
{
    struct bench *bench = arg;
    char bytes[RECORD_BODY_MAX + 1];
    struct text body;

    text_init(&body, bytes, sizeof bytes);
    record_encode(record, &bench->plan, &body);
    bench->records++;
    bench->bytes += body.used;
}

static void bench_init(struct bench *bench, uint32_t bays)
{
    char *names = memory_new(bays, NAME_SIZE);

    *bench = (struct bench){.lot = {.id = "A"}, .zone = {.id = "A1"}};
    bench->plan.lots = &bench->lot;
    bench->plan.zones = &bench->zone;
    bench->plan.lots_count = bench->plan.zones_count = 1;
    bench->plan.bays = memory_new(bays, sizeof *bench->plan.bays);
    bench->plan.bays_count = bays;
    for (uint32_t i = 0; i < bays; i++) {
        char *name = names + (size_t)i * NAME_SIZE;
        snprintf(name, NAME_SIZE, "A-%04u", i + 1);
        bench->plan.bays[i] = (struct bay_plan){.id = name, .silence_ms = 15000};
    }
    bench->raw = memory_new(bays, sizeof *bench->raw);
    bench->site = site_create(&bench->plan);
    bench->now = clock_now();
}

/* All bays in turn, a round a second; what they say turns with each round or stays. */
static void raw_readings(struct bench *bench, bool turning)
{
    for (uint32_t i = 0, round = 0; i < READINGS; round++, bench->now.mono.ms += 1000)
        for (uint32_t bay = 0; bay < bench->plan.bays_count; bay++, i++) {
            enum sensed sensed = turning && round % 2 ? SENSED_OCCUPIED : SENSED_FREE;
            volatile enum sensed *place = &bench->raw[bay];
            if (*place != sensed)
                *place = sensed;
        }
}

static void core_readings(struct bench *bench, bool turning)
{
    const struct record_sink out = {put, bench};

    for (uint32_t i = 0, round = 0; i < READINGS; round++, bench->now.mono.ms += 1000)
        for (uint32_t bay = 0; bay < bench->plan.bays_count; bay++, i++) {
            struct reading reading = {bay, turning && round % 2 ? SENSED_OCCUPIED : SENSED_FREE};
            site_reading(bench->site, &reading, bench->now, out);
        }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure(struct bench *bench, const char *name,
                    void (*readings)(struct bench *bench, bool turning), bool turning)
{
    double runs[RUNS];

    for (int i = 0; i < RUNS; i++) {
        int64_t start_us = clock_mono_us();
        readings(bench, turning);
        runs[i] = (double)(clock_mono_us() - start_us) * 1000 / READINGS;
    }
    qsort(runs, RUNS, sizeof *runs, by_size);
    printf("%s %.1f\n", name, runs[RUNS / 2]);
}

int main(int argc, char **argv)
{
    int bays = argc > 1 ? atoi(argv[1]) : 10000;
    struct bench bench;

    if (bays < 1 || bays > READINGS) {
        fprintf(stderr, "bench_core: 1 to %d bays are allowed\n", READINGS);
        return 2;
    }
    bench_init(&bench, (uint32_t)bays);
    measure(&bench, "raw", raw_readings, false);
    measure(&bench, "repeats", core_readings, false);
    measure(&bench, "changes", core_readings, true);
    fprintf(stderr, "%llu records, %llu bytes\n", (unsigned long long)bench.records,
            (unsigned long long)bench.bytes);
    return 0; /* what is still held goes with the process */
}
