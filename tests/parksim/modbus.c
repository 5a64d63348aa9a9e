/*
 * The protocol around a device's registers: functions 1 to 4 read, 5, 6 and 16 write what can be
 * written; all else is refused as a real device would.
 */
#include "tests/parksim/modbus.h"

enum { READ_BITS_MAX = 2000, READ_WORDS_MAX = 125, WRITE_WORDS_MAX = 123 };

static uint16_t word_at(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

bool modbus_reads(const struct modbus_pdu *request, struct modbus_range *ret)
{
    static const enum space spaces[] = {SPACE_COIL, SPACE_INPUT_BIT, SPACE_HOLDING,
                                        SPACE_INPUT_WORD};
    uint8_t function = request->bytes[0];
    if (function < 1 || function > 4 || request->size != 5)
        return false;
    ret->space = spaces[function - 1];
    ret->address = word_at(request->bytes + 1);
    ret->count = word_at(request->bytes + 3);
    return true;
}

size_t modbus_answer_size(const struct modbus_pdu *request)
{
    struct modbus_range range;
    if (!modbus_reads(request, &range))
        return 5;
    bool bits = range.space == SPACE_COIL || range.space == SPACE_INPUT_BIT;
    return 2 + (bits ? (range.count + 7u) / 8 : 2u * range.count);
}

void modbus_refuse(const struct modbus_pdu *request, uint8_t exception, struct modbus_pdu *ret)
{
    ret->bytes[0] = request->bytes[0] | 0x80;
    ret->bytes[1] = exception;
    ret->size = 2;
}

/* 0, or the exception. */
static int read_bits(const struct device_map *map, const struct sensed *sensed,
                     const struct modbus_range *range, struct modbus_pdu *ret)
{
    size_t bytes = (range->count + 7u) / 8;
    if (range->count < 1 || range->count > READ_BITS_MAX)
        return MODBUS_ILLEGAL_VALUE;
    for (size_t i = 0; i < bytes; i++)
        ret->bytes[2 + i] = 0;
    for (uint32_t i = 0; i < range->count; i++) {
        uint16_t value;
        if (range->address + i > UINT16_MAX ||
            !map->read(sensed, range->space, (uint16_t)(range->address + i), &value))
            return MODBUS_ILLEGAL_ADDRESS;
        ret->bytes[2 + i / 8] |= (uint8_t)(value << i % 8);
    }
    ret->bytes[1] = (uint8_t)bytes;
    ret->size = 2 + bytes;
    return 0;
}

static int read_words(const struct device_map *map, const struct sensed *sensed,
                      const struct modbus_range *range, struct modbus_pdu *ret)
{
    if (range->count < 1 || range->count > READ_WORDS_MAX)
        return MODBUS_ILLEGAL_VALUE;
    for (uint32_t i = 0; i < range->count; i++) {
        uint16_t value;
        if (range->address + i > UINT16_MAX ||
            !map->read(sensed, range->space, (uint16_t)(range->address + i), &value))
            return MODBUS_ILLEGAL_ADDRESS;
        ret->bytes[2 + 2 * i] = (uint8_t)(value >> 8);
        ret->bytes[3 + 2 * i] = (uint8_t)value;
    }
    ret->bytes[1] = (uint8_t)(2 * range->count);
    ret->size = 2 + 2u * range->count;
    return 0;
}

static int write_words(const struct device_map *map, struct sensed *sensed,
                       const struct modbus_pdu *request, struct modbus_pdu *ret)
{
    const uint8_t *bytes = request->bytes;
    uint16_t address = word_at(bytes + 1);
    bool single = bytes[0] == 6;
    uint16_t count = single ? 1 : word_at(bytes + 3);
    size_t head = single ? 3 : 6;
    if (count < 1 || count > WRITE_WORDS_MAX || request->size != head + 2u * count)
        return MODBUS_ILLEGAL_VALUE;
    if (!single && bytes[5] != 2 * count)
        return MODBUS_ILLEGAL_VALUE;
    for (uint32_t i = 0; i < count; i++) {
        if (!map->write ||
            !map->write(sensed, (uint16_t)(address + i), word_at(bytes + head + 2 * i)))
            return MODBUS_ILLEGAL_ADDRESS;
    }
    for (size_t i = 0; i < 5; i++)
        ret->bytes[i] = bytes[i]; /* both answers repeat the request's first five bytes */
    ret->size = 5;
    return 0;
}

void modbus_answer(const struct device_map *map, struct sensed *sensed,
                   const struct modbus_pdu *request, struct modbus_pdu *ret)
{
    struct modbus_range range;
    int exception = MODBUS_ILLEGAL_FUNCTION;
    uint8_t function = request->bytes[0];
    ret->bytes[0] = function;
    if (modbus_reads(request, &range)) {
        bool bits = range.space == SPACE_COIL || range.space == SPACE_INPUT_BIT;
        exception =
            bits ? read_bits(map, sensed, &range, ret) : read_words(map, sensed, &range, ret);
        if (map->request_max && range.count > map->request_max)
            exception = MODBUS_ILLEGAL_VALUE;
    } else if ((function == 6 || function == 16) && request->size >= 5) {
        exception = write_words(map, sensed, request, ret);
    } else if (function == 5 && map->coil && request->size == 5) {
        exception = map->coil(sensed, word_at(request->bytes + 1), word_at(request->bytes + 3))
                        ? 0
                        : MODBUS_ILLEGAL_ADDRESS;
        *ret = *request; /* repeated */
    } else if (function >= 1 && function <= 4) {
        exception = MODBUS_ILLEGAL_VALUE;
    }
    if (exception)
        modbus_refuse(request, (uint8_t)exception, ret);
}
