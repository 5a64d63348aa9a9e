/*
 * The event loop: descriptors, timers, signals and "after this turn". One thread. Callbacks may
 * add, change and remove any source, their own too. A descriptor handed in is duplicated, so that a
 * library which closes its own behind our back cannot make us watch a stranger (rule 13): remove
 * the watch and add it again after each reconnect.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"

struct loop;
struct loop_watch;
struct loop_timer;
struct loop_turn;

enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4 }; /* HANGUP: error or hang-up, always told */

typedef void loop_watch_fn(void *arg, unsigned events);
typedef void loop_fn(void *arg);

struct loop *loop_create(struct err *err); /* NULL on failure */
void loop_destroy(struct loop *loop);      /* after all its sources; takes NULL */

/* Runs until loop_stop(); returns its code, or -1 when the loop itself failed (err says why). */
int loop_run(struct loop *loop, struct err *err);
void loop_stop(struct loop *loop, int code);

/* Level-triggered. NULL on failure (out of descriptors), with err set. */
struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned events, loop_watch_fn *fn,
                              void *arg, struct err *err);
void loop_watch_events(struct loop_watch *watch, unsigned events);
void loop_unwatch(struct loop_watch *watch); /* takes NULL */

/* A timer at rest until loop_timer_after(). It fires once each time it is set. */
struct loop_timer *loop_timer(struct loop *loop, loop_fn *fn, void *arg);
void loop_timer_after(struct loop_timer *timer, int64_t delay_ms); /* from now; re-arms */
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_destroy(struct loop_timer *timer); /* takes NULL */

/* Runs `fn` at the end of every turn in which anything else happened: where the records of one turn
 * become one batch. Until loop_after_turn_stop(). */
struct loop_turn *loop_after_turn(struct loop *loop, loop_fn *fn, void *arg);
void loop_after_turn_stop(struct loop_turn *turn); /* takes NULL */

/* Runs `fn` on the signal, which is blocked first (call before any thread is made). */
bool loop_signal(struct loop *loop, int signal_number, loop_fn *fn, void *arg, struct err *err);

/* To the service manager: "READY=1", "STATUS=…", "WATCHDOG=1". Nothing happens without one. */
void loop_notify(const char *state);

#endif
