/* Waiting in slices with poll(2), which unlike select(2) has no limit on descriptors (B10). */
/* On 32-bit machines with times of 64 bits the checked ppoll() of glibc 2.36 (bits/poll2.h) is the
 * one for times of 32: it takes every time-out for 0. There is no buffer here to be checked. */
#undef _FORTIFY_SOURCE
#include "sensors/bus/wait.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "daemon/base/clock.h"

enum { SLICE_US = 50000 };

enum wait_event wait_for(const struct wait *wait, int fd, short events, int64_t deadline_us)
{
    struct pollfd poll_fd = {.fd = fd, .events = events};
    for (;;) {
        int64_t left_us = deadline_us - clock_mono_us();
        if (left_us < 0)
            left_us = 0;
        int64_t slice_us = left_us < SLICE_US ? left_us : SLICE_US;
        struct timespec timeout = {.tv_nsec = slice_us * 1000};
        int ready = ppoll(&poll_fd, 1, &timeout, NULL);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return WAIT_READY; /* a bad descriptor is found out by using it */
        if (wait->stopped && left_us > slice_us && wait->stopped(wait->arg))
            return WAIT_STOPPED;
        if (ready == 0 && left_us == slice_us)
            return WAIT_TIMEOUT;
    }
}
