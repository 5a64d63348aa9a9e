/*
 * Reading bytes that others wrote: a step past the end yields zeros and sets `overrun`, so that a
 * decoder whose length check is wrong still reads nothing foreign. Pure; borrows the bytes.
 */
#ifndef SENSORS_CURSOR_H
#define SENSORS_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
    const uint8_t *bytes;
    size_t size, at;
    bool overrun;
};

static inline struct cursor cursor_at(const uint8_t *bytes, size_t size, size_t at)
{
    return (struct cursor){.bytes = bytes, .size = size, .at = at, .overrun = at > size};
}

static inline size_t cursor_left(const struct cursor *c)
{
    return c->overrun ? 0 : c->size - c->at;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
    if (cursor_left(c) == 0) {
        c->overrun = true;
        return 0;
    }
    return c->bytes[c->at++];
}

static inline int8_t cursor_s8(struct cursor *c)
{
    return (int8_t)cursor_u8(c);
}

static inline uint16_t cursor_u16be(struct cursor *c)
{
    uint16_t high = cursor_u8(c);

    return (uint16_t)(high << 8 | cursor_u8(c));
}

static inline int16_t cursor_s16be(struct cursor *c)
{
    return (int16_t)cursor_u16be(c);
}

static inline uint16_t cursor_u16le(struct cursor *c)
{
    uint16_t low = cursor_u8(c);

    return (uint16_t)(low | cursor_u8(c) << 8);
}

static inline int16_t cursor_s16le(struct cursor *c)
{
    return (int16_t)cursor_u16le(c);
}

static inline void cursor_skip(struct cursor *c, size_t size)
{
    if (size > cursor_left(c))
        c->overrun = true;
    else
        c->at += size;
}

#endif
