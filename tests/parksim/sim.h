/*
 * What every file of the simulator needs: giving up with a message, memory, clocks, random numbers.
 * parksim checks the gateway, so it shares no code with it.
 */
#ifndef PARKSIM_SIM_H
#define PARKSIM_SIM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_TIME_SIZE = 25 };

/* Prints `parksim: …` and ends the process with 1: wrong use, or the machine refuses. */
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Zeroed; never NULL. Freed with free(). */
void *sim_alloc(size_t count, size_t size);
char *sim_copy(const char *text);

int64_t sim_mono_us(void); /* CLOCK_MONOTONIC: comparable between the processes of a machine */
int64_t sim_utc_ms(void);
/* "2026-11-22T03:02:06.123Z"; returns `text`. */
char *sim_utc_text(int64_t utc_ms, char text[SIM_TIME_SIZE]);

/* SplitMix64: the same seed gives the same day on every machine. */
struct sim_random {
    uint64_t state;
};
uint64_t sim_random(struct sim_random *random);
/* 0 ≤ result < below; below > 0. */
uint32_t sim_random_below(struct sim_random *random, uint32_t below);
double sim_random_unit(struct sim_random *random); /* 0 ≤ result < 1 */

/* A whole decimal number from min to max and nothing else. */
bool sim_number(const char *text, int64_t min, int64_t max, int64_t *ret);

/* `path` seen from the root, whether it exists or not; returns `absolute`. */
char *sim_absolute(const char *path, char absolute[PATH_MAX]);

/* The whole file with a NUL behind it, or NULL when it cannot be read; the caller frees it. */
char *sim_file(const char *path);

#endif
