/*
 * The two framings.
 *
 * MBAP (Modbus Messaging on TCP/IP V1.0b, 3.1.3): transaction 2, protocol 2 (zero), length 2 of
 * what follows, unit 1, then the PDU.
 * RTU (Modbus over Serial Line V1.02, 2.5.1): unit 1, PDU, CRC 2 with the low byte first.
 */
#include "tests/parksim/framing.h"

#include <string.h>

#include "tests/parksim/sim.h"

enum { MBAP_HEAD = 7, RTU_REQUEST_MIN = 8, EXTRA_BYTES = 4 };

static void add(struct frame *frame, const void *bytes, size_t size)
{
    memcpy(frame->bytes + frame->size, bytes, size);
    frame->size += size;
}

/* What both framings spoil alike. */
static void spoil(struct frame *frame, enum fault_mode fault)
{
    static const uint8_t extra[EXTRA_BYTES] = {0xde, 0xad, 0xbe, 0xef};
    if (fault == FAULT_TRAILING)
        add(frame, extra, sizeof extra);
    if (fault == FAULT_SHORT)
        frame->size = (frame->size + 1) / 2;
    if (fault == FAULT_GARBAGE) {
        struct sim_random random = {.state = (uint64_t)sim_mono_us()};
        for (size_t i = 0; i < frame->size; i++)
            frame->bytes[i] = (uint8_t)sim_random(&random);
    }
}

static int mbap_take(const uint8_t *bytes, size_t size, struct request *ret)
{
    if (size < MBAP_HEAD)
        return 0;
    size_t length = (size_t)bytes[4] << 8 | bytes[5];
    if (bytes[2] || bytes[3] || length < 2 || length > MODBUS_PDU_MAX + 1)
        return FRAMING_BAD;
    if (size < 6 + length)
        return 0;
    ret->transaction = (uint16_t)(bytes[0] << 8 | bytes[1]);
    ret->unit = bytes[6];
    ret->pdu.size = length - 1;
    memcpy(ret->pdu.bytes, bytes + MBAP_HEAD, ret->pdu.size);
    return (int)(6 + length);
}

static void mbap_wrap(const struct request *request, const struct modbus_pdu *answer,
                      enum fault_mode fault, struct frame *ret)
{
    uint16_t transaction = request->transaction;
    uint8_t unit = request->unit;
    size_t length = answer->size + 1;
    if (fault == FAULT_WRONG_TID)
        transaction ^= 0x0100;
    if (fault == FAULT_WRONG_UNIT)
        unit ^= 0x01;
    uint8_t head[MBAP_HEAD] = {(uint8_t)(transaction >> 8),
                               (uint8_t)transaction,
                               0,
                               fault == FAULT_WRONG_PROTO ? 7 : 0, /* libmodbus looks at both */
                               (uint8_t)(length >> 8),
                               (uint8_t)length,
                               unit};
    ret->size = 0;
    add(ret, head, sizeof head);
    add(ret, answer->bytes, answer->size);
    spoil(ret, fault);
}

/* Polynomial 0xA001, start 0xFFFF (Modbus over Serial Line V1.02, 6.2.2). */
static uint16_t crc(const uint8_t *bytes, size_t size)
{
    uint16_t value = 0xffff;
    for (size_t i = 0; i < size; i++) {
        value ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            value = (uint16_t)(value & 1 ? value >> 1 ^ 0xa001 : value >> 1);
    }
    return value;
}

static int rtu_take(const uint8_t *bytes, size_t size, struct request *ret)
{
    if (size < RTU_REQUEST_MIN)
        return 0;
    size_t whole = RTU_REQUEST_MIN;
    if (bytes[1] == 15 || bytes[1] == 16)
        whole = 9 + (size_t)bytes[6];
    if (whole > MODBUS_PDU_MAX + 3)
        return FRAMING_BAD;
    if (size < whole)
        return 0;
    uint16_t sum = crc(bytes, whole - 2);
    if (bytes[whole - 2] != (uint8_t)sum || bytes[whole - 1] != sum >> 8)
        return FRAMING_BAD;
    ret->transaction = 0;
    ret->unit = bytes[0];
    ret->pdu.size = whole - 3;
    memcpy(ret->pdu.bytes, bytes + 1, ret->pdu.size);
    return (int)whole;
}

static void rtu_wrap(const struct request *request, const struct modbus_pdu *answer,
                     enum fault_mode fault, struct frame *ret)
{
    uint8_t unit = request->unit;
    if (fault == FAULT_WRONG_UNIT)
        unit ^= 0x01;
    ret->size = 0;
    add(ret, &unit, 1);
    add(ret, answer->bytes, answer->size);
    uint16_t sum = crc(ret->bytes, ret->size);
    if (fault == FAULT_CRC)
        sum ^= 0x5a5a;
    uint8_t tail[] = {(uint8_t)sum, (uint8_t)(sum >> 8)};
    add(ret, tail, sizeof tail);
    spoil(ret, fault);
}

const struct framing framing_mbap = {.serial = false, .take = mbap_take, .wrap = mbap_wrap};
const struct framing framing_rtu = {.serial = true, .take = rtu_take, .wrap = rtu_wrap};
