/*
 * Named moments at which the test build can be killed, and numbers that it can be given. In the
 * product both are nothing: the text is gone after compilation. `make CRASH=1` builds with them,
 * tests/fault/crash_point.c is what they do then, tests/fault/kill.py runs through them all. A new
 * moment is one line here and there; the runner finds it by itself. Any thread.
 */
#ifndef BASE_CRASH_H
#define BASE_CRASH_H

#include <stdint.h>

#ifdef PARKD_CRASH

void crash_point(const char *name);
int64_t crash_number(const char *name, int64_t otherwise);

#else

static inline void crash_point(const char *name)
{
    (void)name;
}

/* What the test gives instead of `otherwise`. */
static inline int64_t crash_number(const char *name, int64_t otherwise)
{
    (void)name;
    return otherwise;
}

#endif

#endif
