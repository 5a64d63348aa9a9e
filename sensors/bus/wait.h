/*
 * Waiting on a bus: for a descriptor or for a time, never past the deadline, and given up within
 * 50 ms when the owner wants the thread to end. Any thread.
 */
#ifndef SENSORS_BUS_WAIT_H
#define SENSORS_BUS_WAIT_H

#include <stdbool.h>
#include <stdint.h>

struct wait {
    bool (*stopped)(void *arg); /* NULL: never */
    void *arg;
};

enum wait_event { WAIT_READY, WAIT_TIMEOUT, WAIT_STOPPED };

/* Until `fd` is ready for `events` (of poll(2); an error or a hang-up counts as ready). fd -1:
 * until the deadline. Times are clock_mono_us(). */
enum wait_event wait_for(const struct wait *wait, int fd, short events, int64_t deadline_us);

#endif
