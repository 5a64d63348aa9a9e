/*
 * A line: a listening TCP port or a pty, with the pollers that are connected to it. A line can be
 * cut (down) and mended (up) while the simulator runs. Pollers stand in a pool made with the line.
 */
#ifndef PARKSIM_LINE_H
#define PARKSIM_LINE_H

#include "tests/parksim/field.h"
#include "tests/parksim/framing.h"
#include "tests/parksim/loop.h"

enum { LINE_POLLERS = 32, POLLER_PENDING = 8, POLLER_INPUT = 1024 };

struct line;
struct poller;

/* An answer that has to wait for its time. */
struct pending {
    struct loop_timer timer;
    struct poller *poller;
    struct field_device *device;
    struct fault fault;
    struct request request;
    struct frame frame; /* drip: what is being sent */
    size_t sent;
    bool used;
};

struct poller {
    struct line *line;
    struct loop_watch watch; /* fd -1: nobody is here */
    uint8_t input[POLLER_INPUT];
    size_t input_size;
    int64_t heard_us;
    int64_t free_us; /* the wire is busy until then */
    struct pending pending[POLLER_PENDING];
};

/* A cycle: from one request to the next like it, of the first that came. */
struct line_stats {
    uint64_t requests, answers, bad, cycles;
    int64_t cycle_min_us, cycle_max_us, cycle_sum_us;
    int64_t mark_us;
    struct request mark;
};

struct line {
    struct loop *loop;
    struct field *field;
    struct plan_line *plan; /* its port is set when it was 0 */
    uint32_t index;
    const struct framing *framing;
    int64_t turnaround_us;
    struct loop_watch listener; /* TCP */
    int slave_fd;               /* pty: kept open so that the master never sees a hang-up */
    struct poller pollers[LINE_POLLERS];
    struct line_stats stats;
};

struct line *line_create(struct loop *loop, struct field *field, struct plan *plan, uint32_t index);
void line_destroy(struct line *line);

void line_up(struct line *line);   /* nothing when it is up */
void line_down(struct line *line); /* closes every connection; nothing when it is down */

/* poller.c: someone is connected through `fd`, which the poller takes; false: no room. */
bool poller_open(struct line *line, int fd);
void poller_close(struct poller *poller);

#endif
