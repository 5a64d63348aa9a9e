/*
 * Modbus frames: a request made into bytes, and the bytes of an answer checked against the request.
 * An answer is believed only when every field that can be checked is right; libmodbus 3.1.6 leaves
 * out the unit, half of the protocol id, the length and what trails (reliability B1, B4-B6). Pure.
 *
 * Source: "Modbus Application Protocol Specification V1.1b3" (functions, exceptions), "Modbus over
 * Serial Line V1.02" 2.5.1 (RTU frame, CRC), "Modbus Messaging on TCP/IP V1.0b" 3.1.3 (MBAP).
 */
#ifndef SENSORS_BUS_FRAME_H
#define SENSORS_BUS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_MAX = 260, FRAME_DATA_MAX = 250, FRAME_WORDS_MAX = 32 };

enum frame_kind { FRAME_RTU, FRAME_TCP };

struct frame_request {
    uint8_t unit;     /* 1 … 255; 0 (broadcast) is never answered and never sent */
    uint8_t function; /* 1, 2, 3, 4 read; 5, 6 write one value; 16 one or several */
    uint16_t address;
    uint16_t count; /* reads: bits or words; function 16: words, from 2 on */
    uint16_t value; /* writes; a coil is 0 or 1 */
    bool raw;       /* the coil's value goes on the wire as it is: 0x5500, a time, … */
    uint16_t words[FRAME_WORDS_MAX]; /* function 16 with a count */
    uint16_t transaction;            /* TCP only: a new one for each request */
};

enum frame_verdict {
    FRAME_GOOD,
    FRAME_EXCEPTION, /* the device refuses, properly */
    FRAME_MORE,      /* right so far, not complete */
    /* The rest is not an answer to this request. */
    FRAME_BAD_CRC,
    FRAME_BAD_UNIT,
    FRAME_BAD_FUNCTION,
    FRAME_BAD_LENGTH, /* byte count or MBAP length */
    FRAME_QUESTION,   /* a read that comes back as it was sent */
    FRAME_BAD_ECHO,   /* a write confirmed for another address or value */
    FRAME_BAD_TRANSACTION,
    FRAME_BAD_PROTOCOL,
    FRAME_BAD_CODE, /* an exception code that does not exist */
    FRAME_TRAILING, /* bytes after the frame */
    FRAME_VERDICTS
};

struct frame_answer {
    uint8_t exception;   /* FRAME_EXCEPTION: 1 … 11 */
    const uint8_t *data; /* FRAME_GOOD of a read: bits or words, borrowed from the bytes */
    size_t size;
};

/* Writes the request to `out`; its size. */
size_t frame_encode(enum frame_kind kind, const struct frame_request *request,
                    uint8_t out[FRAME_MAX]);

/* Bytes of a complete good answer. */
size_t frame_answer_size(enum frame_kind kind, const struct frame_request *request);

/* Judges the `size` bytes received so far. `ret` is set with FRAME_GOOD and FRAME_EXCEPTION. */
enum frame_verdict frame_check(enum frame_kind kind, const struct frame_request *request,
                               const uint8_t *bytes, size_t size, struct frame_answer *ret);

/* "wrong unit", "bad checksum", …; in words that fit a record's reason. */
const char *frame_verdict_name(enum frame_verdict verdict);

/* CRC-16/MODBUS. */
uint16_t frame_crc(const uint8_t *bytes, size_t size);

#endif
