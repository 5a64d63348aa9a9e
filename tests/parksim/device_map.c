/*
 * The register maps. Constant data and pure functions.
 *
 * concentrator-words  address i (holding and input registers alike): bay i + 1, 0 free, 1 occupied
 * concentrator-bits   address i (coils and discrete inputs alike): bay i + 1, 1 occupied
 * procon-ld120/ld220  Procon LD120 and LD220 loop detectors, manual V3.0 (2005), "Modbus
 * registers": 10001 fault 10002 detect (LD220: 10003/10004 for loop 2), 30001 version and type
 * 34/35, 30002 bit 0 fault, bit 1 detect (LD220: bits 2 and 3 for loop 2), 40010/40011 arrivals; at
 * most 8 registers a request dfrobot-sen0310     DFRobot SEN0310 wiki: 0 product id, 1 vendor id, 2
 * address, 3 baud, 4 parity, 5 distance in cm, 6 temperature in 0.1 °C, 7 external temperature, 8
 * control
 */
#include "tests/parksim/device_map.h"

#include <string.h>

#include "tests/parksim/board.h"

enum {
    DISTANCE_FREE_CM = 238,
    DISTANCE_CAR_CM = 86,
    SEN0310_PASSIVE = 0x04, /* measures only when triggered */
    SEN0310_TRIGGER = 0x08,
};

static bool is_word(enum space space)
{
    return space == SPACE_HOLDING || space == SPACE_INPUT_WORD;
}

/* An address that shows one bay, when the device has that bay. */
static int one_bay(const struct sensed *sensed, uint32_t bay, int *ret_first)
{
    *ret_first = (int)bay;
    return bay < sensed->bays;
}

static int words_bays(const struct sensed *sensed, enum space space, uint16_t address,
                      int *ret_first)
{
    return is_word(space) ? one_bay(sensed, address, ret_first) : 0;
}

static int bits_bays(const struct sensed *sensed, enum space space, uint16_t address,
                     int *ret_first)
{
    return is_word(space) ? 0 : one_bay(sensed, address, ret_first);
}

static bool words_read(const struct sensed *sensed, enum space space, uint16_t address,
                       uint16_t *ret)
{
    int bay;
    if (!words_bays(sensed, space, address, &bay))
        return false;
    *ret = sensed->occupied[bay];
    return true;
}

static bool bits_read(const struct sensed *sensed, enum space space, uint16_t address,
                      uint16_t *ret)
{
    int bay;
    if (!bits_bays(sensed, space, address, &bay))
        return false;
    *ret = sensed->occupied[bay];
    return true;
}

/* Discrete inputs 10001 on: fault and detect of each loop in turn; 30002: all loops. */
static int procon_bays(const struct sensed *sensed, enum space space, uint16_t address,
                       int *ret_first)
{
    *ret_first = 0;
    if (space == SPACE_INPUT_WORD)
        return address == 1 ? (int)sensed->bays : 0;
    if (space != SPACE_INPUT_BIT || address % 2 == 0)
        return 0;
    return one_bay(sensed, address / 2, ret_first);
}

static uint16_t procon_status(const struct sensed *sensed)
{
    uint16_t word = 0;
    for (uint32_t i = 0; i < sensed->bays; i++)
        word |= (uint16_t)(sensed->occupied[i] ? 2u << (2 * i) : 0);
    return word;
}

static bool procon_read(const struct sensed *sensed, enum space space, uint16_t address,
                        uint16_t *ret)
{
    int bay;
    *ret = 0;
    switch (space) {
    case SPACE_INPUT_BIT: /* faults, open and short loops read 0 */
        *ret = procon_bays(sensed, space, address, &bay) && sensed->occupied[bay];
        return address < 8;
    case SPACE_COIL:
        return address == 8 || address == 9;
    case SPACE_INPUT_WORD:
        *ret = address == 0 ? (uint16_t)(0x0300 | (33 + sensed->bays)) : procon_status(sensed);
        return address < 2;
    case SPACE_HOLDING:
        if (address == 9 || address == 10)
            *ret = (uint16_t)(address == 9 ? sensed->arrivals >> 16 : sensed->arrivals);
        return address >= 2 && address <= 13;
    }
    return false;
}

/* No two measurements are quite the same: a value that never moves is a broken sensor. */
static uint16_t distance(const struct sensed *sensed)
{
    return (uint16_t)((sensed->occupied[0] ? DISTANCE_CAR_CM : DISTANCE_FREE_CM) +
                      sensed->answers % 3);
}

static int sen0310_bays(const struct sensed *sensed, enum space space, uint16_t address,
                        int *ret_first)
{
    (void)sensed;
    *ret_first = 0;
    return is_word(space) && address == 5;
}

/* A distance held since the last trigger may tell of a car that has left. */
static bool sen0310_shows(const struct sensed *sensed)
{
    if (!(sensed->control & SEN0310_PASSIVE))
        return sensed->occupied[0];
    return sensed->held_distance < (DISTANCE_CAR_CM + DISTANCE_FREE_CM) / 2;
}

static bool sen0310_read(const struct sensed *sensed, enum space space, uint16_t address,
                         uint16_t *ret)
{
    static const uint16_t constant[] = {0x0310, 0x3343, 0x000b, 5, 1, 0, 215, 0x8000, 0};
    if (!is_word(space) || address >= sizeof constant / sizeof constant[0])
        return false;
    *ret = constant[address];
    if (address == 5)
        *ret = sensed->control & SEN0310_PASSIVE ? sensed->held_distance : distance(sensed);
    if (address == 8)
        *ret = sensed->control;
    return true;
}

static bool sen0310_write(struct sensed *sensed, uint16_t address, uint16_t value)
{
    if (address != 8)
        return false;
    sensed->control = value & (uint16_t)~SEN0310_TRIGGER;
    if (value & SEN0310_TRIGGER || !sensed->held_distance)
        sensed->held_distance = distance(sensed);
    return true;
}

static int no_bays(const struct sensed *sensed, enum space space, uint16_t address, int *ret_first)
{
    (void)sensed;
    (void)space;
    (void)address;
    *ret_first = 0;
    return 0;
}

static const struct device_map maps[] = {
    {"concentrator-words", 2000, 0, words_read, NULL, words_bays, NULL, NULL},
    {"concentrator-bits", 2000, 0, bits_read, NULL, bits_bays, NULL, NULL},
    {"procon-ld120", 1, 8, procon_read, NULL, procon_bays, NULL, NULL},
    {"procon-ld220", 2, 8, procon_read, NULL, procon_bays, NULL, NULL},
    {"dfrobot-sen0310", 1, 0, sen0310_read, sen0310_write, sen0310_bays, sen0310_shows, NULL},
    {"came-gard", 0, 0, board_gard_read, NULL, no_bays, NULL, board_gard_coil},
    {"came-gard-1", 0, 0, board_gard_1_read, NULL, no_bays, NULL, board_gard_1_coil},
    {"relay-board", 0, 0, board_relay_read, NULL, no_bays, NULL, board_relay_coil},
    {"relay-plate", 0, 0, board_plate_read, NULL, no_bays, NULL, board_plate_coil},
};

const struct device_map *device_map_find(const char *name)
{
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        if (strcmp(maps[i].name, name) == 0)
            return &maps[i];
    }
    return NULL;
}

const char *device_map_names(void)
{
    return "concentrator-words, concentrator-bits, procon-ld120, procon-ld220 and dfrobot-sen0310 "
           "are allowed; for barriers came-gard, came-gard-1, relay-board and relay-plate";
}
