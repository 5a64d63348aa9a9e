/*
 * Encoding requests and judging answers, for RTU and TCP framing. Pure.
 *
 *   RTU   unit | function | data … | crc low | crc high
 *   TCP   transaction:2 | protocol:2 = 0 | length:2 | unit | function | data …
 *   read  … | byte count | values …
 *   write … | address:2 | value or count:2          (the request repeated)
 *   refusal  function + 0x80 | code
 */
#include "sensors/bus/frame.h"

#include <assert.h>
#include <string.h>

enum { MBAP_SIZE = 6, CRC_SIZE = 2 };

static uint16_t big_endian(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void put_big_endian(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

/* Reflected polynomial 0xA001, four bits a step: entry n is the CRC of nibble n. */
uint16_t frame_crc(const uint8_t *bytes, size_t size)
{
    static const uint16_t nibble[16] = {0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00,
                                        0x2800, 0xE401, 0xA001, 0x6C00, 0x7800, 0xB401,
                                        0x5000, 0x9C01, 0x8801, 0x4400};
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < size; i++) {
        crc = (uint16_t)(crc >> 4) ^ nibble[(crc ^ bytes[i]) & 15];
        crc = (uint16_t)(crc >> 4) ^ nibble[(crc ^ bytes[i] >> 4) & 15];
    }
    return crc;
}

static bool is_read(const struct frame_request *request)
{
    return request->function <= 4;
}

/* How many words function 16 writes. */
static uint16_t words_count(const struct frame_request *request)
{
    return request->count > 1 ? request->count : 1;
}

static uint16_t wire_value(const struct frame_request *request)
{
    if (is_read(request))
        return request->count;
    if (request->function == 5 && !request->raw)
        return request->value ? 0xFF00 : 0;
    return request->function == 16 ? words_count(request) : request->value;
}

/* Bytes of values in the answer to a read. */
static size_t values_size(const struct frame_request *request)
{
    return request->function <= 2 ? (request->count + 7u) / 8 : 2u * request->count;
}

/* From the unit to the last byte before the CRC. */
static size_t body_encode(const struct frame_request *request, uint8_t *body)
{
    body[0] = request->unit;
    body[1] = request->function;
    put_big_endian(body + 2, request->address);
    put_big_endian(body + 4, wire_value(request));
    if (request->function != 16)
        return 6;
    uint16_t count = words_count(request);
    body[6] = (uint8_t)(2 * count);
    for (uint16_t i = 0; i < count; i++)
        put_big_endian(body + 7 + 2 * i, request->count > 1 ? request->words[i] : request->value);
    return 7 + 2u * count;
}

size_t frame_encode(enum frame_kind kind, const struct frame_request *request,
                    uint8_t out[FRAME_MAX])
{
    assert(request->unit != 0);
    assert(request->function != 16 || request->count <= FRAME_WORDS_MAX);
    assert(!is_read(request) || (request->count > 0 && values_size(request) <= FRAME_DATA_MAX));
    if (kind == FRAME_TCP) {
        size_t size = body_encode(request, out + MBAP_SIZE);
        put_big_endian(out, request->transaction);
        put_big_endian(out + 2, 0);
        put_big_endian(out + 4, (uint16_t)size);
        return MBAP_SIZE + size;
    }
    size_t size = body_encode(request, out);
    uint16_t crc = frame_crc(out, size);
    out[size] = (uint8_t)crc;
    out[size + 1] = (uint8_t)(crc >> 8);
    return size + CRC_SIZE;
}

static size_t body_size(const struct frame_request *request)
{
    return is_read(request) ? 3 + values_size(request) : 6;
}

size_t frame_answer_size(enum frame_kind kind, const struct frame_request *request)
{
    return body_size(request) + (kind == FRAME_TCP ? MBAP_SIZE : CRC_SIZE);
}

/* Modbus V1.1b3 section 7 names 1 to 8, 10 and 11. */
static bool is_exception_code(uint8_t code)
{
    return code >= 1 && code <= 11 && code != 9;
}

/* Judges unit, function and length as far as they have come; `ret_size` is the body's full size. */
static enum frame_verdict check_head(const struct frame_request *request, const uint8_t *body,
                                     size_t size, size_t *ret_size)
{
    *ret_size = body_size(request);
    if (size >= 1 && body[0] != request->unit)
        return FRAME_BAD_UNIT;
    if (size < 2)
        return FRAME_MORE;
    if (body[1] == (request->function | 0x80)) {
        *ret_size = 3;
        return FRAME_EXCEPTION;
    }
    if (body[1] != request->function)
        return FRAME_BAD_FUNCTION;
    if (size >= 3 && is_read(request) && body[2] != values_size(request))
        return FRAME_BAD_LENGTH;
    return FRAME_GOOD;
}

/* The question for 17 to 24 bits from address 0x0300 on has the form of its own answer: three bytes
 * of values. An adapter that echoes would be believed. */
static bool is_question(const struct frame_request *request, const uint8_t *body)
{
    uint8_t question[FRAME_MAX];

    return body_encode(request, question) == body_size(request) &&
           !memcmp(question, body, body_size(request));
}

/* Judges a complete body that check_head() found to be `verdict`. */
static enum frame_verdict check_body(const struct frame_request *request, const uint8_t *body,
                                     enum frame_verdict verdict, struct frame_answer *ret)
{
    if (verdict == FRAME_EXCEPTION) {
        if (!is_exception_code(body[2]))
            return FRAME_BAD_CODE;
        *ret = (struct frame_answer){.exception = body[2]};
        return FRAME_EXCEPTION;
    }
    if (is_read(request) && is_question(request, body))
        return FRAME_QUESTION;
    if (is_read(request)) {
        *ret = (struct frame_answer){.data = body + 3, .size = values_size(request)};
        return FRAME_GOOD;
    }
    if (big_endian(body + 2) != request->address || big_endian(body + 4) != wire_value(request))
        return FRAME_BAD_ECHO;
    *ret = (struct frame_answer){0};
    return FRAME_GOOD;
}

static enum frame_verdict check_rtu(const struct frame_request *request, const uint8_t *bytes,
                                    size_t size, struct frame_answer *ret)
{
    size_t body;
    enum frame_verdict verdict = check_head(request, bytes, size, &body);
    if (verdict != FRAME_GOOD && verdict != FRAME_EXCEPTION)
        return verdict;
    if (size < body + CRC_SIZE)
        return FRAME_MORE;
    if (frame_crc(bytes, body) != (bytes[body] | bytes[body + 1] << 8))
        return FRAME_BAD_CRC;
    if (size > body + CRC_SIZE)
        return FRAME_TRAILING;
    return check_body(request, bytes, verdict, ret);
}

static enum frame_verdict check_tcp(const struct frame_request *request, const uint8_t *bytes,
                                    size_t size, struct frame_answer *ret)
{
    size_t body;
    if (size >= 2 && big_endian(bytes) != request->transaction)
        return FRAME_BAD_TRANSACTION;
    if (size >= 4 && big_endian(bytes + 2) != 0)
        return FRAME_BAD_PROTOCOL;
    if (size < MBAP_SIZE)
        return FRAME_MORE;
    enum frame_verdict verdict = check_head(request, bytes + MBAP_SIZE, size - MBAP_SIZE, &body);
    if (verdict != FRAME_GOOD && verdict != FRAME_EXCEPTION)
        return verdict;
    if (big_endian(bytes + 4) != body)
        return FRAME_BAD_LENGTH;
    if (size < MBAP_SIZE + body)
        return FRAME_MORE;
    if (size > MBAP_SIZE + body)
        return FRAME_TRAILING;
    return check_body(request, bytes + MBAP_SIZE, verdict, ret);
}

enum frame_verdict frame_check(enum frame_kind kind, const struct frame_request *request,
                               const uint8_t *bytes, size_t size, struct frame_answer *ret)
{
    return kind == FRAME_TCP ? check_tcp(request, bytes, size, ret)
                             : check_rtu(request, bytes, size, ret);
}

const char *frame_verdict_name(enum frame_verdict verdict)
{
    static const char *const names[FRAME_VERDICTS] = {
        [FRAME_GOOD] = "answers",
        [FRAME_EXCEPTION] = "refuses",
        [FRAME_MORE] = "answer cut short",
        [FRAME_BAD_CRC] = "bad checksum",
        [FRAME_BAD_UNIT] = "answer of another unit",
        [FRAME_BAD_FUNCTION] = "answer to another function",
        [FRAME_BAD_LENGTH] = "answer of another length",
        [FRAME_QUESTION] = "the question came back",
        [FRAME_BAD_ECHO] = "other write confirmed",
        [FRAME_BAD_TRANSACTION] = "answer to another request",
        [FRAME_BAD_PROTOCOL] = "not the Modbus protocol",
        [FRAME_BAD_CODE] = "unknown exception code",
        [FRAME_TRAILING] = "bytes after the answer",
    };
    return names[verdict];
}
