/* An answer, and what may happen to it. See wire.h. */
#include "tests/fault/wire.h"

#include <assert.h>
#include <string.h>

size_t wire_draw(struct wire *wire, size_t below)
{
    return (size_t)seeded_below(&wire->random, below);
}

/* "Modbus over Serial Line V1.02" 6.2.2, bit by bit. */
static uint16_t checksum(const uint8_t *bytes, size_t size)
{
    uint16_t crc = 0xffff;

    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
    }
    return crc;
}

static void seal(struct wire *wire)
{
    uint16_t crc = checksum(wire->bytes, wire->size);

    if (wire->kind == FRAME_TCP)
        return;
    wire->bytes[wire->size++] = (uint8_t)crc;
    wire->bytes[wire->size++] = (uint8_t)(crc >> 8);
}

/* The answer to a question for `count` places, from `unit` with `transaction`. */
static void build(struct wire *wire, uint8_t unit, uint8_t function, size_t data_size,
                  uint16_t transaction)
{
    size_t length = 3 + data_size;
    uint8_t *body = wire->bytes;

    if (wire->kind == FRAME_TCP) {
        const uint8_t head[] = {(uint8_t)(transaction >> 8), (uint8_t)transaction, 0, 0,
                                (uint8_t)(length >> 8),      (uint8_t)length};
        memcpy(body, head, sizeof head);
        body += sizeof head;
    }
    body[0] = unit;
    body[1] = function;
    body[2] = (uint8_t)data_size;
    for (size_t i = 0; i < data_size; i++)
        body[3 + i] = i < wire->truth_size ? wire->truth[i] : (uint8_t)wire_draw(wire, 256);
    wire->size = (size_t)(body - wire->bytes) + length;
    seal(wire);
}

void wire_truth(struct wire *wire)
{
    bool bits = wire->request.function <= 2;

    wire->truth_size = bits ? (wire->request.count + 7u) / 8 : 2u * wire->request.count;
    for (size_t i = 0; i < wire->truth_size; i++)
        wire->truth[i] = (uint8_t)wire_draw(wire, 256);
    if (bits && wire->request.count % 8)
        wire->truth[wire->truth_size - 1] &= (uint8_t)(0xff >> (8 - wire->request.count % 8));
}

void wire_answer(struct wire *wire)
{
    wire->at_once = wire_draw(wire, 2);
    build(wire, wire->request.unit, wire->request.function, wire->truth_size,
          wire->request.transaction);
}

void wire_ask(struct wire *wire)
{
    wire->kind = wire_draw(wire, 2) ? FRAME_TCP : FRAME_RTU;
    wire->request = (struct frame_request){.unit = (uint8_t)(1 + wire_draw(wire, 247)),
                                           .function = (uint8_t)(1 + wire_draw(wire, 4)),
                                           .address = (uint16_t)wire_draw(wire, 60000),
                                           .transaction = (uint16_t)wire_draw(wire, 65536)};
    wire->request.count = (uint16_t)(1 + wire_draw(wire, wire->request.function <= 2 ? 1000 : 120));
    wire_truth(wire);
    wire_answer(wire);
}

/* ---- what may happen to it; each leaves something that is not the answer ---- */

/* Up to three bits anywhere: always told by this checksum on frames of this length. TCP has none of
 * its own, so there only the head is hit. */
static void flip_bits(struct wire *wire)
{
    size_t reach = wire->kind == FRAME_TCP ? 9 : wire->size;

    for (size_t n = 1 + wire_draw(wire, 3); n > 0; n--)
        wire->bytes[wire_draw(wire, reach)] ^= (uint8_t)(1u << wire_draw(wire, 8));
}

/* A burst of up to 16 bits, always told too. */
static void burst(struct wire *wire)
{
    size_t reach = wire->kind == FRAME_TCP ? 8 : wire->size - 1, at = wire_draw(wire, reach);

    wire->bytes[at] ^= (uint8_t)(1 + wire_draw(wire, 255));
    wire->bytes[at + 1] ^= (uint8_t)wire_draw(wire, 256);
}

static void cut_short(struct wire *wire)
{
    wire->size = wire_draw(wire, wire->size);
}

static void garbage(struct wire *wire)
{
    wire->size = 1 + wire_draw(wire, FRAME_MAX);
    for (size_t i = 0; i < wire->size; i++)
        wire->bytes[i] = (uint8_t)wire_draw(wire, 256);
}

static void trailing(struct wire *wire)
{
    for (size_t n = 1 + wire_draw(wire, 8); n > 0; n--)
        wire->bytes[wire->size++] = (uint8_t)wire_draw(wire, 256);
    wire->at_once = true;
}

static void noise_before(struct wire *wire)
{
    size_t noise = 1 + wire_draw(wire, 8);

    memmove(wire->bytes + noise, wire->bytes, wire->size);
    for (size_t i = 0; i < noise; i++)
        wire->bytes[i] = (uint8_t)wire_draw(wire, 256);
    wire->size += noise;
    wire->at_once = true;
}

static void byte_lost(struct wire *wire)
{
    size_t at = wire_draw(wire, wire->size);

    memmove(wire->bytes + at, wire->bytes + at + 1, --wire->size - at);
}

static void other_unit(struct wire *wire)
{
    uint8_t unit = (uint8_t)(wire->request.unit + 1 + wire_draw(wire, 254));

    build(wire, unit, wire->request.function, wire->truth_size, wire->request.transaction);
}

static void other_function(struct wire *wire)
{
    uint8_t function = (uint8_t)(wire->request.function + 1 + wire_draw(wire, 254));

    build(wire, wire->request.unit, function, wire->truth_size, wire->request.transaction);
}

static void other_count(struct wire *wire)
{
    size_t size = wire_draw(wire, FRAME_DATA_MAX);

    build(wire, wire->request.unit, wire->request.function, size + (size == wire->truth_size),
          wire->request.transaction);
}

/* An answer from before: with TCP its transaction tells; on a line the link must (fault_line). */
static void stale(struct wire *wire)
{
    if (wire->kind == FRAME_RTU) {
        other_count(wire);
        return;
    }
    wire->truth[0] ^= 1;
    build(wire, wire->request.unit, wire->request.function, wire->truth_size,
          (uint16_t)(wire->request.transaction - 1 - wire_draw(wire, 1000)));
    wire->truth[0] ^= 1;
}

static void echo(struct wire *wire)
{
    wire->size = frame_encode(wire->kind, &wire->request, wire->bytes);
}

static void refusal(struct wire *wire)
{
    build(wire, wire->request.unit, (uint8_t)(wire->request.function | 0x80), 0,
          wire->request.transaction);
}

static void nothing(struct wire *wire)
{
    (void)wire;
}

static const struct {
    const char *name;
    void (*hurt)(struct wire *wire);
} damages[] = {
    {"none", nothing},
    {"flipped bits", flip_bits},
    {"burst", burst},
    {"cut short", cut_short},
    {"garbage", garbage},
    {"trailing bytes", trailing},
    {"noise before", noise_before},
    {"byte lost", byte_lost},
    {"other unit", other_unit},
    {"other function", other_function},
    {"other count", other_count},
    {"stale", stale},
    {"echo", echo},
    {"refusal", refusal},
};
_Static_assert(sizeof damages / sizeof *damages == WIRE_DAMAGES, "the header counts them");

const char *wire_damage_name(size_t damage)
{
    return damages[damage].name;
}

void wire_hurt(struct wire *wire, size_t damage)
{
    damages[damage].hurt(wire);
}

enum frame_verdict wire_hear(struct wire *wire, struct frame_answer *ret)
{
    enum frame_verdict verdict = FRAME_MORE;
    size_t heard = 0;

    while (verdict == FRAME_MORE && heard < wire->size) {
        heard += wire->at_once ? wire->size : 1 + wire_draw(wire, 40);
        if (heard > wire->size)
            heard = wire->size;
        if (heard > FRAME_MAX)
            return FRAME_TRAILING;
        verdict = frame_check(wire->kind, &wire->request, wire->bytes, heard, ret);
    }
    return verdict;
}

bool wire_is_true(const struct wire *wire, const struct frame_answer *answer)
{
    return answer->size == wire->truth_size && !memcmp(answer->data, wire->truth, wire->truth_size);
}
