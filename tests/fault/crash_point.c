/*
 * What daemon/base/crash.h does in the test build. PARKD_CRASH="name:3" kills the process, as a
 * power cut would its memory, when it passes that moment for the third time. PARKD_CRASH_NUMBERS=
 * "keep_ms=2000,no_flush=1" gives numbers.
 */
#include "daemon/base/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the process: moments are passed by several threads. */
static atomic_uint passed;

void crash_point(const char *name)
{
    const char *wanted = getenv("PARKD_CRASH");
    size_t size = strlen(name);

    if (!wanted || strncmp(wanted, name, size) != 0 || wanted[size] != ':')
        return;
    if (atomic_fetch_add(&passed, 1) + 1 == (unsigned)atoi(wanted + size + 1))
        kill(getpid(), SIGKILL);
}

int64_t crash_number(const char *name, int64_t otherwise)
{
    const char *at = getenv("PARKD_CRASH_NUMBERS");
    size_t size = strlen(name);

    for (; at && *at; at += strcspn(at, ","), at += *at == ',')
        if (!strncmp(at, name, size) && at[size] == '=')
            return atoll(at + size + 1);
    return otherwise;
}
