/*
 * The boards that drive booms, seen from their registers. Written from the makers' papers, not from
 * the gateway's code.
 *
 *   came-gard        CAME 803XC-0020: words from 100, coils 0 STOP 1 OPEN 2 partial 3 CLOSE 7 reset
 *   came-gard-1      the same board if its paper counted from 1: all one higher
 *   relay-board      8 relays and 8 inputs. Boom n: relays 3n OPEN, 3n+1 STOP, 3n+2 CLOSE, inputs
 *                    4n limit up, 4n+1 limit down, 4n+2 loop P, 4n+3 loop C
 *   relay-plate      4 relays at 1 … 4 (OPEN, STOP, CLOSE), 0x0100 is on, no inputs
 */
#ifndef PARKSIM_BOARD_H
#define PARKSIM_BOARD_H

#include "tests/parksim/boom.h"
#include "tests/parksim/device_map.h"

enum { BOARD_BOOMS = 2, BOARD_RELAYS = 8 };

struct board {
    struct boom booms[BOARD_BOOMS];
    bool relays[BOARD_RELAYS];
    int64_t off_us[BOARD_RELAYS]; /* a timed pulse ends; 0: none */
    uint16_t modes[BOARD_RELAYS]; /* control modes */
    uint32_t resets;              /* the coil that no gateway may write */
};

/* Of struct device_map. */
bool board_gard_read(const struct sensed *sensed, enum space space, uint16_t address,
                     uint16_t *ret);
bool board_gard_1_read(const struct sensed *sensed, enum space space, uint16_t address,
                       uint16_t *ret);
bool board_relay_read(const struct sensed *sensed, enum space space, uint16_t address,
                      uint16_t *ret);
bool board_plate_read(const struct sensed *sensed, enum space space, uint16_t address,
                      uint16_t *ret);
bool board_gard_coil(struct sensed *sensed, uint16_t address, uint16_t value);
bool board_gard_1_coil(struct sensed *sensed, uint16_t address, uint16_t value);
bool board_relay_coil(struct sensed *sensed, uint16_t address, uint16_t value);
bool board_plate_coil(struct sensed *sensed, uint16_t address, uint16_t value);

#endif
