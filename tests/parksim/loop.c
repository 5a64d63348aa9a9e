/*
 * The loop: epoll for descriptors, one timerfd for the earliest timer, one signalfd. Timers stand
 * in a list ordered by due time; there are only some tens of them.
 */
#include "tests/parksim/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/parksim/sim.h"

enum { EVENTS = 64 };

struct loop {
    int epoll_fd, timer_fd, signal_fd;
    struct loop_watch timer_watch, signal_watch;
    struct loop_timer *first;
    int64_t alarm_us; /* what the timerfd is set to; 0 none */
    bool stop;
};

static void timer_rang(void *arg)
{
    struct loop *loop = arg;
    uint64_t count;
    if (read(loop->timer_fd, &count, sizeof count) < 0 && errno != EAGAIN)
        sim_fail("timerfd: %s", strerror(errno));
    loop->alarm_us = 0;
}

static void signal_came(void *arg)
{
    loop_stop(arg);
}

struct loop *loop_create(void)
{
    struct loop *loop = sim_alloc(1, sizeof *loop);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    loop->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (loop->epoll_fd < 0 || loop->timer_fd < 0 || loop->signal_fd < 0)
        sim_fail("event loop: %s", strerror(errno));
    loop->timer_watch = (struct loop_watch){.fd = -1, .fn = timer_rang, .arg = loop};
    loop->signal_watch = (struct loop_watch){.fd = -1, .fn = signal_came, .arg = loop};
    loop_watch(loop, &loop->timer_watch, loop->timer_fd);
    loop_watch(loop, &loop->signal_watch, loop->signal_fd);
    return loop;
}

void loop_destroy(struct loop *loop)
{
    close(loop->signal_fd);
    close(loop->timer_fd);
    close(loop->epoll_fd);
    free(loop);
}

void loop_stop(struct loop *loop)
{
    loop->stop = true;
}

void loop_watch(struct loop *loop, struct loop_watch *watch, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};
    watch->fd = fd;
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        sim_fail("epoll_ctl: %s", strerror(errno));
}

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
    if (watch->fd < 0)
        return;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->fd = -1;
}

void loop_cancel(struct loop *loop, struct loop_timer *timer)
{
    if (!timer->armed)
        return;
    struct loop_timer **at = &loop->first;
    while (*at != timer)
        at = &(*at)->next;
    *at = timer->next;
    timer->armed = false;
}

void loop_at(struct loop *loop, struct loop_timer *timer, int64_t due_us)
{
    loop_cancel(loop, timer);
    struct loop_timer **at = &loop->first;
    while (*at && (*at)->due_us <= due_us)
        at = &(*at)->next;
    timer->due_us = due_us;
    timer->next = *at;
    timer->armed = true;
    *at = timer;
}

static void fire_due(struct loop *loop)
{
    int64_t now_us = sim_mono_us();
    while (loop->first && loop->first->due_us <= now_us && !loop->stop) {
        struct loop_timer *timer = loop->first;
        loop->first = timer->next;
        timer->armed = false;
        timer->fn(timer->arg);
    }
}

/* Sets the timerfd only when the earliest timer became another one: most turns cost nothing. */
static void set_alarm(struct loop *loop)
{
    int64_t due_us = loop->first ? loop->first->due_us : 0;
    if (!due_us || due_us == loop->alarm_us)
        return;
    struct itimerspec at = {
        .it_value = {.tv_sec = due_us / 1000000, .tv_nsec = due_us % 1000000 * 1000}};
    if (!at.it_value.tv_sec && !at.it_value.tv_nsec)
        at.it_value.tv_nsec = 1; /* zero would disarm it */
    timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
    loop->alarm_us = due_us;
}

void loop_run(struct loop *loop, loop_fn *turn, void *arg)
{
    struct epoll_event events[EVENTS];
    loop->stop = false;
    while (!loop->stop) {
        turn(arg);
        set_alarm(loop);
        int count = epoll_wait(loop->epoll_fd, events, EVENTS, -1);
        if (count < 0 && errno != EINTR)
            sim_fail("epoll_wait: %s", strerror(errno));
        for (int i = 0; i < count && !loop->stop; i++) {
            struct loop_watch *watch = events[i].data.ptr;
            if (watch->fd >= 0)
                watch->fn(watch->arg);
        }
        fire_due(loop);
    }
    turn(arg);
}
