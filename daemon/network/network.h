/*
 * One network server: a subscription at its broker, and the sensors that speak through it. A
 * message is read, decoded, put in order and told as readings; its acknowledgement leaves when the
 * gateway says that all of that is durable. On the loop's thread.
 */
#ifndef NETWORK_NETWORK_H
#define NETWORK_NETWORK_H

#include "daemon/base/loop.h"
#include "daemon/core/counter.h"
#include "daemon/core/record.h"
#include "daemon/core/sensor.h"
#include "daemon/network/settings.h"
#include "daemon/network/strangers.h"
#include "sensors/bus/bus.h"

/* Told in the order of the messages. */
struct network_hooks {
    void *arg;
    /* `now` is when it happened, on both clocks. */
    void (*reading)(void *arg, const struct reading *reading, struct now now);
    /* A stay in the past: RECORD_BAY_AMENDED. */
    void (*amended)(void *arg, const struct record *record);
    void (*device)(void *arg, uint32_t device, enum device_state state, const char *reason);
    /* A station on the way of what was asked of it, for the record: "sent: recalibrate". */
    void (*asked)(void *arg, uint32_t device, const char *word);
    /* A counting sensor's report. */
    void (*counted)(void *arg, uint32_t device, const struct counter_report *report);
    /* The bay may be silent for so long from now on. */
    void (*silence)(void *arg, uint32_t bay, int64_t limit_ms);
};

struct network;

/* Borrows settings and plan. A broker that cannot be reached is retried, not an error. */
struct network *network_create(const struct network_settings *settings,
                               const struct site_plan *plan, struct loop *loop,
                               const struct network_hooks *hooks, struct err *err);
void network_destroy(struct network *network); /* takes NULL */

/* Before the first message: what is on record of a bay (sensor.h, S5). */
void network_restore(struct network *network, uint32_t bay, bool occupied, utc_ms since);

/* What a person wants of the sensor of a bay that network_senses(): begins to follow it up.
 * `ret_wait_ms`: the sensor listens when it is next heard, so much later at most. False with err:
 * why it cannot be asked, and what to do. */
bool network_ask(struct network *network, uint32_t bay, const struct downlink_wish *wish,
                 int64_t *ret_wait_ms, struct err *err);
bool network_senses(const struct network *network, uint32_t bay);
/* All that was recorded is durable: what was asked may go. */
void network_settled(struct network *network);
/* Before the first message: the last word on record of a device. What was under way is unknown. */
void network_restore_ask(struct network *network, uint32_t device, const char *word, utc_ms since);

/* True while something received waits for network_release(). */
bool network_holds(const struct network *network);
void network_release(struct network *network);

/* Once a second: sensors that have fallen silent. */
void network_tick(struct network *network, struct now now);

void network_stats(const struct network *network, struct bus_stats *ret);
void network_device_stats(const struct network *network, uint32_t n, struct bus_device_stats *ret);
/* NULL from `index` on that there is none; the latest heard are kept. */
const struct network_stranger *network_stranger(const struct network *network, uint32_t index);

#endif
