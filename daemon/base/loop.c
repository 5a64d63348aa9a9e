/* The event loop over sd-event; the only file that includes it. See loop.h. */
#include "daemon/base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/memory.h"

enum { TIMER_ACCURACY_US = 500 };

struct loop {
    sd_event *event;
    bool stopped; /* asked for, also before loop_run() */
    int code;
};

struct loop_watch {
    sd_event_source *source;
    loop_watch_fn *fn;
    void *arg;
};

struct loop_timer {
    sd_event_source *source;
    loop_fn *fn;
    void *arg;
};

struct loop_turn {
    sd_event_source *source;
    loop_fn *fn;
    void *arg;
};

/* A signal's callback: lives as long as its source, which the event loop keeps. */
struct callback {
    loop_fn *fn;
    void *arg;
};

static bool failed(struct err *err, const char *what, int negative_errno)
{
    return err_set(err, "event loop: %s: %s", what, strerror(-negative_errno));
}

struct loop *loop_create(struct err *err)
{
    sd_event *event = NULL;
    int r = sd_event_new(&event);

    if (r < 0) {
        failed(err, "cannot be made", r);
        return NULL;
    }
    struct loop *loop = memory_new(1, sizeof *loop);
    loop->event = event;
    return loop;
}

void loop_destroy(struct loop *loop)
{
    if (!loop)
        return;
    sd_event_unref(loop->event);
    free(loop);
}

int loop_run(struct loop *loop, struct err *err)
{
    /* Not sd_event_loop(), which after its end cannot be begun again. */
    while (!loop->stopped) {
        int code = sd_event_run(loop->event, UINT64_MAX);
        if (code < 0) {
            failed(err, "stopped", code);
            return -1;
        }
    }
    loop->stopped = false;
    return loop->code;
}

void loop_stop(struct loop *loop, int code)
{
    loop->code = code;
    loop->stopped = true;
}

static uint32_t to_epoll(unsigned events)
{
    return (events & LOOP_READ ? EPOLLIN : 0u) | (events & LOOP_WRITE ? EPOLLOUT : 0u);
}

static unsigned from_epoll(uint32_t revents)
{
    return (revents & EPOLLIN ? LOOP_READ : 0u) | (revents & EPOLLOUT ? LOOP_WRITE : 0u) |
           (revents & (EPOLLERR | EPOLLHUP) ? LOOP_HANGUP : 0u);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
    struct loop_watch *watch = arg;

    (void)source;
    (void)fd;
    watch->fn(watch->arg, from_epoll(revents)); /* may free `watch` */
    return 0;
}

struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned events, loop_watch_fn *fn,
                              void *arg, struct err *err)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (own < 0) {
        err_errno(err, "event loop: descriptor %d cannot be watched", fd);
        return NULL;
    }
    struct loop_watch *watch = memory_new(1, sizeof *watch);
    watch->fn = fn;
    watch->arg = arg;
    int r = sd_event_add_io(loop->event, &watch->source, own, to_epoll(events), on_io, watch);
    if (r < 0) {
        failed(err, "descriptor cannot be watched", r);
        close(own);
        free(watch);
        return NULL;
    }
    sd_event_source_set_io_fd_own(watch->source, true);
    return watch;
}

void loop_watch_events(struct loop_watch *watch, unsigned events)
{
    sd_event_source_set_io_events(watch->source, to_epoll(events));
}

void loop_unwatch(struct loop_watch *watch)
{
    if (!watch)
        return;
    sd_event_source_disable_unref(watch->source);
    free(watch);
}

static int on_time(sd_event_source *source, uint64_t usec, void *arg)
{
    struct loop_timer *timer = arg;

    (void)source;
    (void)usec;
    timer->fn(timer->arg); /* may free `timer` */
    return 0;
}

struct loop_timer *loop_timer(struct loop *loop, loop_fn *fn, void *arg)
{
    struct loop_timer *timer = memory_new(1, sizeof *timer);

    timer->fn = fn;
    timer->arg = arg;
    /* The kernel's timer descriptor is made with the first of them, at start; see memory.h. */
    if (sd_event_add_time(loop->event, &timer->source, CLOCK_BOOTTIME, UINT64_MAX,
                          TIMER_ACCURACY_US, on_time, timer) < 0)
        memory_out();
    sd_event_source_set_enabled(timer->source, SD_EVENT_OFF);
    return timer;
}

void loop_timer_after(struct loop_timer *timer, int64_t delay_ms)
{
    uint64_t delay_us = delay_ms > 0 ? (uint64_t)delay_ms * 1000 : 0;

    sd_event_source_set_time_relative(timer->source, delay_us);
    sd_event_source_set_enabled(timer->source, SD_EVENT_ONESHOT);
}

void loop_timer_stop(struct loop_timer *timer)
{
    sd_event_source_set_enabled(timer->source, SD_EVENT_OFF);
}

void loop_timer_destroy(struct loop_timer *timer)
{
    if (!timer)
        return;
    sd_event_source_disable_unref(timer->source);
    free(timer);
}

static int on_post(sd_event_source *source, void *arg)
{
    struct loop_turn *turn = arg;

    (void)source;
    turn->fn(turn->arg);
    return 0;
}

struct loop_turn *loop_after_turn(struct loop *loop, loop_fn *fn, void *arg)
{
    struct loop_turn *turn = memory_new(1, sizeof *turn);

    turn->fn = fn;
    turn->arg = arg;
    if (sd_event_add_post(loop->event, &turn->source, on_post, turn) < 0)
        memory_out();
    return turn;
}

void loop_after_turn_stop(struct loop_turn *turn)
{
    if (!turn)
        return;
    sd_event_source_disable_unref(turn->source);
    free(turn);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
    struct callback *callback = arg;

    (void)source;
    (void)info;
    callback->fn(callback->arg);
    return 0;
}

bool loop_signal(struct loop *loop, int signal_number, loop_fn *fn, void *arg, struct err *err)
{
    sd_event_source *source = NULL;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signal_number);
    sigprocmask(SIG_BLOCK, &set, NULL);

    struct callback *callback = memory_new(1, sizeof *callback);
    *callback = (struct callback){.fn = fn, .arg = arg};
    int r = sd_event_add_signal(loop->event, &source, signal_number, on_signal, callback);
    if (r < 0) {
        free(callback);
        return failed(err, "a signal cannot be taken", r);
    }
    sd_event_source_set_destroy_callback(source, free);
    sd_event_source_set_floating(source, true);
    sd_event_source_unref(source);
    return true;
}

void loop_notify(const char *state)
{
    sd_notify(0, state);
}
