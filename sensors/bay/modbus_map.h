/*
 * A Modbus device as data: where each input's state, fault and count stand, how they are read, and
 * how the device wants to be treated. The configuration fills a struct per kind of device; decoding
 * is one pure function over it. Plain data, borrowed by everyone for the gateway's life.
 */
/* long: one struct a fact about a device; a map reads from top to bottom as its data sheet does */
#ifndef SENSORS_BAY_MODBUS_MAP_H
#define SENSORS_BAY_MODBUS_MAP_H

#include "daemon/base/err.h"
#include "daemon/core/site.h"

enum { MODBUS_MAP_WRITES = 8, MODBUS_MAP_INVALID = 4, MODBUS_MAP_INPUTS = 2000 };

/* Where a value stands: a bit of tables 1 (coils) and 2 (discrete inputs), a word or one bit of a
 * word of tables 3 (holding registers) and 4 (input registers). The number is the function code. */
struct modbus_place {
    uint8_t function;   /* 1 … 4; 0: the device has no such value */
    uint16_t address;   /* of input 0, as on the wire: from 0, the map's address base taken off */
    uint16_t stride;    /* addresses from one input to the next; 0 only for packed bits */
    bool in_word;       /* tables 3, 4: one bit of the word, not the whole word */
    uint8_t bit;        /* in_word: bit of input 0, 0 … 15 */
    uint8_t bit_stride; /* in_word: bits from one input to the next; overflows to the next word */
    bool high_first;    /* in_word: bit 0 is the most significant (0x8000) */
};

enum modbus_compare {
    MODBUS_NONE, /* no such test */
    MODBUS_EQUAL,
    MODBUS_NOT_EQUAL,
    MODBUS_AT_LEAST,
    MODBUS_AT_MOST
};

/* (value & mask) compare operand. A bit's value is 0 or 1. "Invert" of a bit is EQUAL 0. */
struct modbus_test {
    enum modbus_compare compare;
    uint16_t mask; /* 0xffff: the whole value */
    uint16_t operand;
};

/* The state is a distance to the first obstacle: nearer than the threshold is a vehicle, and only
 * threshold + hysteresis or more is free again. */
struct modbus_distance {
    int32_t mm_per_count; /* 10 for centimetres, 1 for millimetres; 0: the state is no distance */
    int32_t threshold_mm, hysteresis_mm;
    uint16_t invalid[MODBUS_MAP_INVALID]; /* raw values that mean "no measurement": a fault */
    uint8_t invalid_count;
    int64_t frozen_ms; /* a raw value that never changes at all for so long is a fault; 0 never */
};

enum modbus_decrease {
    MODBUS_WRAPS, /* a smaller count has passed its maximum */
    MODBUS_RESETS /* a smaller count began at 0 again (power cut, or cleared by hand) */
};

/* A count of passages, held by the device: tells what happened between two polls. */
struct modbus_counter {
    struct modbus_place place; /* words; in_word is not used */
    bool wide;                 /* 32 bits in two words */
    bool low_word_first;       /* wide: the less significant word has the lower address */
    uint32_t maximum;          /* the count after which it is 0; 0: all bits of its width */
    enum modbus_decrease decrease;
};

struct modbus_temperature {
    struct modbus_place place; /* one word for the whole device, two's complement */
    int16_t counts_per_degree; /* 10 for 0.1 °C */
};

/* One write: function 5 (coil; value 0 or 1), 6 or 16 (one register). Function 0: none. */
struct modbus_write {
    uint8_t function;
    uint16_t address, value;
};

enum modbus_poll { MODBUS_POLL_FAST, MODBUS_POLL_NORMAL, MODBUS_POLL_SLOW, MODBUS_POLLS };

struct modbus_map {
    const char *name;      /* what a device's `map` names it by */
    const char *device;    /* maker and model, for people */
    uint16_t inputs;       /* at most so many in one device, 1 … MODBUS_MAP_INPUTS */
    uint8_t factory_unit;  /* unit id as delivered, for the probe; 0 unknown */
    uint32_t factory_baud; /* likewise; 0 unknown */

    struct modbus_place state;
    struct modbus_test occupied;     /* of the state's value; NONE for a distance */
    struct modbus_test free;         /* NONE: whatever is not occupied is free. Else a value that
                                        is neither is a fault */
    struct modbus_distance distance; /* instead of the two tests */
    struct modbus_place fault;       /* function 0: none. May be the state's own word */
    struct modbus_test faulty;
    struct modbus_counter counter;
    struct modbus_temperature temperature;

    struct modbus_write setup[MODBUS_MAP_WRITES]; /* in order, each time the device comes online */
    uint8_t setup_count;
    struct modbus_write trigger; /* before each poll: "measure now" */
    int64_t settle_ms;           /* from set-up or trigger until the values are good */

    uint16_t max_bits, max_words; /* in one request: 1 … 2000, 1 … 125 */
    uint16_t max_hole;            /* addresses without meaning that a request may span */
    int64_t gap_ms;               /* silence that it needs between frames; 0: 3.5 characters */
    int64_t response_ms;          /* from the request's end to the answer's begin */
    uint8_t retries;              /* after the first failure, before it counts as offline */
    enum modbus_poll poll;        /* how often state and faults are read: poller.h */
    int64_t background_ms;        /* how often counts and temperature are read */
    int64_t silence_ms;           /* a bay not heard for longer is unknown (config → bay_plan) */
};

/* Fills in what a map need not say: limits 2000/125, whole masks, 1000 ms, 2 retries, … */
void modbus_map_defaults(struct modbus_map *map);

/* All ranges and what must go together; says the first mistake in the map file's words. */
bool modbus_map_check(const struct modbus_map *map, struct err *err);

/* The word address and count that `input` needs of `place` (count 2 for a wide counter). */
uint16_t modbus_place_address(const struct modbus_place *place, uint32_t input);

/* What a device answered to one request. Borrowed. */
struct modbus_block {
    uint8_t function;
    uint16_t address, count;
    const uint8_t *data; /* function 1, 2: bits, lowest first; 3, 4: big-endian words */
    size_t size;
};

/* What is remembered of one input between answers; zeroed at the start. */
struct modbus_input {
    bool state_known, fault_known, fault, count_known, raw_known;
    enum sensed sensed; /* the last one told */
    uint16_t raw;       /* distance: last raw value, and when it began */
    mono_ms raw_since;
    uint32_t count;    /* the counter's last value */
    uint32_t arrivals; /* changes to occupied that we saw and the counter has not told yet */
    uint64_t passages; /* counted by the device since the start */
    uint64_t missed;   /* of these, seen by no poll */
};

/* A device's own numbers where they differ from the map's; 0: the map's. */
struct modbus_tuning {
    int32_t threshold_mm, hysteresis_mm;
};

/* Takes into `input` what `block` tells about input number `n`. True, with `ret` set, when that is
 * a reading: the state stands in the block and its fault bit (if any) is known. Values outside the
 * block are left as they are. */
bool modbus_map_decode(const struct modbus_map *map, const struct modbus_tuning *tuning,
                       const struct modbus_block *block, uint32_t n, mono_ms now,
                       struct modbus_input *input, enum sensed *ret);

/* The read of this span has failed: fault bits in it are no longer known, so no reading is made
 * from the state alone. */
void modbus_map_lost(const struct modbus_map *map, const struct modbus_block *block, uint32_t n,
                     struct modbus_input *input);

/* The device's temperature in tenths of a degree, when the block holds it. */
bool modbus_map_temperature(const struct modbus_map *map, const struct modbus_block *block,
                            int32_t *ret_decidegrees);

#endif
