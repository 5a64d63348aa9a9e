/*
 * Giving up, memory, clocks, random numbers. No state of its own. One thread.
 */
#include "tests/parksim/sim.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void sim_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("parksim: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void *sim_alloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        sim_fail("out of memory");
    return memory;
}

char *sim_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(sim_alloc(1, size), text, size);
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t sim_mono_us(void)
{
    return clock_ns(CLOCK_MONOTONIC) / 1000;
}

int64_t sim_utc_ms(void)
{
    return clock_ns(CLOCK_REALTIME) / 1000000;
}

char *sim_utc_text(int64_t utc_ms, char text[SIM_TIME_SIZE])
{
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t used = strftime(text, SIM_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + used, SIM_TIME_SIZE - used, ".%03uZ", (unsigned)(utc_ms % 1000));
    return text;
}

uint64_t sim_random(struct sim_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t sim_random_below(struct sim_random *random, uint32_t below)
{
    return (uint32_t)(((sim_random(random) >> 32) * below) >> 32);
}

double sim_random_unit(struct sim_random *random)
{
    return (double)(sim_random(random) >> 11) / 9007199254740992.0;
}

bool sim_number(const char *text, int64_t min, int64_t max, int64_t *ret)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || errno || value < min || value > max)
        return false;
    *ret = value;
    return true;
}

char *sim_absolute(const char *path, char absolute[PATH_MAX])
{
    char here[PATH_MAX] = "";
    if (path[0] != '/' && !getcwd(here, sizeof here))
        sim_fail("working directory: %s", strerror(errno));
    if (snprintf(absolute, PATH_MAX, "%s%s%s", here, *here ? "/" : "", path) >= PATH_MAX)
        sim_fail("%s: too long a path", path);
    return absolute;
}

char *sim_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        sim_fail("out of memory");
    char part[16384];
    size_t got;
    while ((got = fread(part, 1, sizeof part, file)) > 0)
        fwrite(part, 1, got, memory);
    bool ok = !ferror(file);
    fclose(file);
    if (fclose(memory) != 0)
        sim_fail("out of memory");
    if (ok)
        return text;
    free(text);
    return NULL;
}
