/*
 * The devices that parksim can be: for each its registers as pure functions of what it senses.
 * A map answers for one address at a time; modbus.c does the protocol around it.
 */
#ifndef PARKSIM_DEVICE_MAP_H
#define PARKSIM_DEVICE_MAP_H

#include <stdbool.h>
#include <stdint.h>

enum space { SPACE_COIL, SPACE_INPUT_BIT, SPACE_HOLDING, SPACE_INPUT_WORD };

/* What a device senses and remembers. */
struct sensed {
    const bool *occupied; /* one a bay */
    uint32_t bays;
    uint32_t arrivals;      /* since it was switched on */
    uint32_t answers;       /* likewise */
    uint16_t control;       /* SEN0310 register 8 */
    uint16_t held_distance; /* SEN0310: measured at the last trigger */
    struct board *board;    /* boards of barriers; NULL: it senses bays */
};

struct device_map {
    const char *name;
    uint16_t bays_max;
    uint16_t request_max; /* most consecutive registers that it answers for; 0: the protocol's */
    /* False when there is no such address. */
    bool (*read)(const struct sensed *sensed, enum space space, uint16_t address, uint16_t *ret);
    /* NULL: nothing can be written. */
    bool (*write)(struct sensed *sensed, uint16_t address, uint16_t value);
    /* How many bays' states are read at this address, and the first of them. */
    int (*bays)(const struct sensed *sensed, enum space space, uint16_t address, int *ret_first);
    /* What it shows of its bay; NULL: how the bay is. */
    bool (*shows)(const struct sensed *sensed);
    /* Boards of barriers (bays_max 0): function 5, with the value as it came. */
    bool (*coil)(struct sensed *sensed, uint16_t address, uint16_t value);
};

const struct device_map *device_map_find(const char *name); /* NULL: no such map */
const char *device_map_names(void);                         /* for a message: what is allowed */

#endif
