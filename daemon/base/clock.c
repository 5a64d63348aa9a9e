/* The machine's clocks. See clock.h. */
#include "daemon/base/clock.h"

#include <sys/timex.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

mono_ms clock_mono(void)
{
    return (mono_ms){clock_mono_us() / 1000};
}

int64_t clock_mono_us(void)
{
    return read_us(CLOCK_BOOTTIME);
}

utc_ms clock_utc(void)
{
    return (utc_ms){read_us(CLOCK_REALTIME) / 1000};
}

struct now clock_now(void)
{
    return (struct now){.mono = clock_mono(), .utc = clock_utc()};
}

bool clock_synchronised(bool *ret_known)
{
    struct timex state = {.modes = 0};

    int found = adjtimex(&state);

    *ret_known = found >= 0;
    return found >= 0 && found != TIME_ERROR && !(state.status & STA_UNSYNC);
}
