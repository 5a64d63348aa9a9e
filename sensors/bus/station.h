/*
 * A barrier on the loop's side of its bus: what is known of it, its check at the start, and when
 * people are told. Used by bus.c.
 */
#ifndef SENSORS_BUS_STATION_H
#define SENSORS_BUS_STATION_H

#include "sensors/bus/bus.h"
#include "sensors/bus/orders.h"

enum { STATION_TELL_MS = 500 };

struct station {
    const struct device_settings *settings;
    struct barrier_memory memory;
    struct barrier told; /* last */
    mono_ms told_at;
    bool proving; /* a write of the check at the start is under way */
};

void station_init(struct station *station, const struct device_settings *settings);

/* An answer to one of its unit's polls. */
void station_block(struct station *station, const struct modbus_block *block, mono_ms at);

/* A command of it, or a write of the check, has ended. */
void station_result(struct station *station, const struct bus_result *result, bool proof,
                    mono_ms at);

/* Brings it up to this moment. True when it is time to tell `memory.now`. */
bool station_tick(struct station *station, mono_ms at);

/* True with the order that the check at the start wants now. */
bool station_prove(struct station *station, mono_ms at, struct order *ret);

/* The order of a command. False with err when the barrier cannot, or is not ready. */
bool station_order(const struct station *station, const struct bus_command *command,
                   struct order *ret, struct err *err);

#endif
