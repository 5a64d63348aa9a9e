/*
 * What people and the core have ordered of a bus: commands to barriers and the contents of signs,
 * and which of it goes out next. Pure, in the caller's time; used by the bus thread only.
 *
 *  O1 The release of a relay that has been pressed long enough goes first, then commands in the
 *     order in which they came; both before every poll.
 *  O2 A command whose time is over is not sent.
 *  O3 A command is written once. The release of a relay changes nothing when it comes twice: it is
 *     tried up to ORDERS_RELEASES times.
 *  O4 Of a sign only the newest content is kept. It is written when nothing else is due, or has
 *     waited for ORDERS_PATIENCE_US, and then between two polls; never before a command.
 */
#ifndef SENSORS_BUS_ORDERS_H
#define SENSORS_BUS_ORDERS_H

#include "sensors/bus/bus.h"
#include "sensors/bus/frame.h"
#include "sensors/lane/barrier.h"

enum { ORDERS_COMMANDS = 16, ORDERS_RELEASES = 5, ORDERS_RELEASE_MS = 100 };
enum { ORDERS_PATIENCE_US = 1000000 };

enum order_kind { ORDER_COMMAND, ORDER_RELEASE, ORDER_SIGN };

/* One order, by value. */
struct order {
    enum order_kind kind;
    struct bus_command command; /* ORDER_SIGN: its device only */
    bool proof;                 /* of the check at the start: told to nobody */
    struct barrier_write writes[BARRIER_WRITES];
    uint8_t writes_count;
    struct frame_request sign; /* complete */
    int64_t queued_us;
    int64_t due_us; /* ORDER_RELEASE, set here */
    uint8_t tries;  /* likewise */
};

struct orders;

struct orders *orders_create(uint32_t devices); /* of the bus */
void orders_destroy(struct orders *orders);     /* takes NULL */

/* Copies it. False when there is no room for one more command. */
bool orders_add(struct orders *orders, const struct order *order);

/* Takes out what goes next; false when nothing does. `polls_due`: a poll could be made now.
 * `ret_due_us`, when it is false, is when there will be something, INT64_MAX for never. */
bool orders_next(struct orders *orders, int64_t now_us, bool polls_due, struct order *ret,
                 int64_t *ret_due_us);
/* A command waits. */
bool orders_waiting(const struct orders *orders);

/* How the first write of a command, or a release, was answered: schedules what must follow. True
 * when a release is given up. */
bool orders_done(struct orders *orders, const struct order *order, enum command_outcome outcome,
                 int64_t now_us);

#endif
