/*
 * One thread, one epoll, a few timers of a microsecond's grain. Timers and watches are the caller's
 * memory and must outlive the loop's use of them; a watch's memory is never handed to anyone else
 * within a turn (pools, not the heap), so a stale event is at worst a read of nothing.
 */
#ifndef PARKSIM_LOOP_H
#define PARKSIM_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
typedef void loop_fn(void *arg);

struct loop_watch {
    int fd; /* -1: at rest */
    loop_fn *fn;
    void *arg;
};

struct loop_timer {
    int64_t due_us;
    bool armed;
    loop_fn *fn;
    void *arg;
    struct loop_timer *next;
};

struct loop *loop_create(void);
void loop_destroy(struct loop *loop);

/* Runs until loop_stop(), SIGINT or SIGTERM. `turn` runs before each wait: where a turn's output is
 * flushed. */
void loop_run(struct loop *loop, loop_fn *turn, void *arg);
void loop_stop(struct loop *loop);

/* Watches `fd` for reading. Level-triggered; a hang-up counts as readable. */
void loop_watch(struct loop *loop, struct loop_watch *watch, int fd);
void loop_unwatch(struct loop *loop, struct loop_watch *watch); /* before closing the descriptor */

/* Fires once at `due_us` of sim_mono_us(); re-arms. */
void loop_at(struct loop *loop, struct loop_timer *timer, int64_t due_us);
void loop_cancel(struct loop *loop, struct loop_timer *timer);

#endif
