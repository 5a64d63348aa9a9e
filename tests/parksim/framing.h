/*
 * How requests and answers travel: MBAP (Modbus TCP) and RTU. Own code, because a library would
 * refuse to frame an answer wrongly. Pure.
 */
#ifndef PARKSIM_FRAMING_H
#define PARKSIM_FRAMING_H

#include "tests/parksim/fault.h"
#include "tests/parksim/modbus.h"

enum { FRAMING_MAX = 264, FRAMING_BAD = -1 };

struct request {
    uint16_t transaction; /* MBAP only */
    uint8_t unit;
    struct modbus_pdu pdu;
};

struct frame {
    uint8_t bytes[FRAMING_MAX];
    size_t size;
};

struct framing {
    bool serial;
    /* Looks for one request at the front of `bytes`. The bytes it used; 0: more are needed;
     * FRAMING_BAD: this is no request. */
    int (*take)(const uint8_t *bytes, size_t size, struct request *ret);
    /* Frames the answer, spoilt as `fault` says. */
    void (*wrap)(const struct request *request, const struct modbus_pdu *answer,
                 enum fault_mode fault, struct frame *ret);
};

extern const struct framing framing_mbap;
extern const struct framing framing_rtu;

#endif
