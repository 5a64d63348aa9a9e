/*
 * Which requests read a device: the values that its map names, merged into as few requests as its
 * limits allow. Pure; allocates while building.
 */
#ifndef SENSORS_BUS_BLOCKS_H
#define SENSORS_BUS_BLOCKS_H

#include "sensors/bay/modbus_map.h"
#include "sensors/bus/bus.h"

struct block {
    uint8_t function;
    bool background; /* counts and temperature: read seldom */
    uint16_t address, count;
    int64_t period_ms; /* barriers; 0: the device's */
    bool once;         /* barriers: only when the device comes online */
};

/* The requests in order: states and faults first, then the background; at least one of the first.
 * `ret` is allocated, the caller frees it. Returns how many. */
uint32_t blocks_of(const struct device_settings *device, struct block **ret);

/* The requests of the barriers that share the unit of device `n`, each once. None, with `ret` NULL,
 * when an earlier device has the same unit, and for signs, which are only written. */
uint32_t blocks_of_barriers(const struct bus_settings *settings, uint32_t n, struct block **ret);

#endif
