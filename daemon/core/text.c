/*
 * The text buffer and the JSON written with it. Pure; memory is the caller's. Plain stretches are
 * copied whole: record bodies are nearly all plain and are written thousands of times a second.
 */
#include "daemon/core/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_init(struct text *t, char *bytes, size_t size)
{
    assert(size > 0);
    *t = (struct text){.bytes = bytes, .size = size};
    bytes[0] = '\0';
}

void text_append(struct text *t, const char *bytes, size_t size)
{
    size_t room = t->size - 1 - t->used;
    if (size > room) {
        size = room;
        t->overflow = true;
    }
    memcpy(t->bytes + t->used, bytes, size);
    t->used += size;
    t->bytes[t->used] = '\0';
}

static void append(struct text *t, const char *s)
{
    text_append(t, s, strlen(s));
}

void text_add(struct text *t, const char *format, ...)
{
    size_t room = t->size - t->used;
    va_list args;

    va_start(args, format);
    int needed = vsnprintf(t->bytes + t->used, room, format, args);
    va_end(args);
    assert(needed >= 0);
    if ((size_t)needed < room) {
        t->used += (size_t)needed;
        return;
    }
    t->used = t->size - 1;
    t->overflow = true;
}

void text_comma(struct text *t)
{
    if (t->used && !strchr("{[:,", t->bytes[t->used - 1]))
        text_append(t, ",", 1);
}

/* Length of the well-formed UTF-8 character at `s` (a NUL ends the text), or 0. RFC 3629, section
 * 4: no overlong forms, no surrogates, nothing above U+10FFFF. */
static size_t utf8_length(const unsigned char *s)
{
    static const struct {
        unsigned char first, last, second_min, second_max;
        size_t length;
    } forms[] = {
        {0x01, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (s[0] < forms[i].first || s[0] > forms[i].last)
            continue;
        if (forms[i].length > 1 && (s[1] < forms[i].second_min || s[1] > forms[i].second_max))
            return 0;
        for (size_t n = 2; n < forms[i].length; n++)
            if ((s[n] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Appends what cannot stand in a JSON string as it is; returns how many bytes of `s` it covers. */
static size_t add_escaped(struct text *t, const unsigned char *s)
{
    if (*s == '"' || *s == '\\') {
        text_append(t, *s == '"' ? "\\\"" : "\\\\", 2);
        return 1;
    }
    if (*s < 0x20) {
        text_add(t, "\\u%04x", *s);
        return 1;
    }
    size_t length = utf8_length(s);
    if (length) {
        text_append(t, (const char *)s, length);
        return length;
    }
    append(t, "\xef\xbf\xbd"); /* U+FFFD */
    return 1;
}

void text_json_string(struct text *t, const char *s)
{
    if (!s) {
        append(t, "null");
        return;
    }
    const unsigned char *at = (const unsigned char *)s;

    text_append(t, "\"", 1);
    while (*at) {
        size_t run = 0;
        while (plain(at[run]))
            run++;
        text_append(t, (const char *)at, run);
        at += run;
        if (*at)
            at += add_escaped(t, at);
    }
    text_append(t, "\"", 1);
}

static void add_key(struct text *t, const char *key)
{
    text_comma(t);
    text_append(t, "\"", 1);
    append(t, key);
    text_append(t, "\":", 2);
}

void text_json_pair(struct text *t, const char *key, const char *value)
{
    add_key(t, key);
    text_json_string(t, value);
}

void text_json_int(struct text *t, const char *key, int64_t value)
{
    char digits[20]; /* of UINT64_MAX */
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    add_key(t, key);
    if (value < 0)
        text_append(t, "-", 1);
    text_append(t, digits + at, sizeof digits - at);
}

void text_json_bool(struct text *t, const char *key, bool value)
{
    add_key(t, key);
    append(t, value ? "true" : "false");
}

void text_copy(char *to, size_t to_size, const char *from)
{
    assert(to_size > 0);
    size_t size = strnlen(from, to_size);
    if (size == to_size) {
        size--;
        while (size && ((unsigned char)from[size] & 0xc0) == 0x80)
            size--;
    }
    memcpy(to, from, size);
    to[size] = '\0';
}
