/*
 * Modbus without its framing: a request's function and data in, the answer's out (Modbus
 * Application Protocol V1.1b3, section 6). Pure but for what a write does to the device.
 */
#ifndef PARKSIM_MODBUS_H
#define PARKSIM_MODBUS_H

#include <stddef.h>
#include <stdint.h>

#include "tests/parksim/device_map.h"

enum { MODBUS_PDU_MAX = 253 };

enum modbus_exception {
    MODBUS_ILLEGAL_FUNCTION = 1,
    MODBUS_ILLEGAL_ADDRESS = 2,
    MODBUS_ILLEGAL_VALUE = 3
};

struct modbus_pdu {
    uint8_t bytes[MODBUS_PDU_MAX];
    size_t size; /* at least 1 */
};

/* An address range that a read request asks for. */
struct modbus_range {
    enum space space;
    uint16_t address, count;
};

/* False when the request reads nothing. */
bool modbus_reads(const struct modbus_pdu *request, struct modbus_range *ret);

void modbus_answer(const struct device_map *map, struct sensed *sensed,
                   const struct modbus_pdu *request, struct modbus_pdu *ret);

/* How long the answer will be when the request is in order: for its time on the wire. */
size_t modbus_answer_size(const struct modbus_pdu *request);

/* The answer that refuses the request. */
void modbus_refuse(const struct modbus_pdu *request, uint8_t exception, struct modbus_pdu *ret);

#endif
