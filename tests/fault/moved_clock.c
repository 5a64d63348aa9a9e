/*
 * A wall clock that somebody moves, under the real daemon, as a shared object that is preloaded.
 * The file that PARKD_CLOCK names holds two numbers: by how many milliseconds the clock is off, and
 * 1 when the kernel calls it synchronised.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static long long offset_ms(int *ret_synchronised)
{
    const char *path = getenv("PARKD_CLOCK");
    FILE *file = path ? fopen(path, "re") : NULL;
    long long ms = 0;

    *ret_synchronised = 1;
    if (file) {
        if (fscanf(file, "%lld %d", &ms, ret_synchronised) < 1)
            ms = 0;
        fclose(file);
    }
    return ms;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int synchronised, code = (int)syscall(SYS_clock_gettime, clock, time);

    if (code == 0 && clock == CLOCK_REALTIME) {
        long long ns = time->tv_nsec + offset_ms(&synchronised) % 1000 * 1000000;
        time->tv_sec += offset_ms(&synchronised) / 1000 + (ns >= 1000000000) - (ns < 0);
        time->tv_nsec = (ns + 1000000000) % 1000000000;
    }
    return code;
}

time_t time(time_t *ret)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}

int adjtimex(struct timex *state)
{
    int synchronised;

    offset_ms(&synchronised);
    state->status = synchronised ? 0 : STA_UNSYNC;
    return synchronised ? TIME_OK : TIME_ERROR;
}
