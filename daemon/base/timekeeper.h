/*
 * Whether the wall clock is synchronised. The kernel says so where we may ask it; in a sandbox that
 * keeps its programs from the clock altogether the machine's time service says it over the system
 * bus (org.freedesktop.timedate1, property NTPSynchronized; it asks the kernel the same). Who may
 * ask nobody does not call the clock synchronised. One thread, on the loop; never blocks.
 */
#ifndef BASE_TIMEKEEPER_H
#define BASE_TIMEKEEPER_H

#include "daemon/base/loop.h"

struct timekeeper;

struct timekeeper *timekeeper_create(struct loop *loop);
void timekeeper_destroy(struct timekeeper *keeper); /* takes NULL */

/* As known now: the kernel's answer, or the newest of the time service, asked once a minute. */
bool timekeeper_synchronised(const struct timekeeper *keeper);

#endif
