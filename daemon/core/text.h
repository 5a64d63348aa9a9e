/*
 * A bounded text buffer and the JSON that we write with it. Memory is the caller's; a text that
 * does not fit is cut and `overflow` stays set, so that one check at the end is enough. Pure, no
 * allocation. Why our own and not jansson: a record's bytes are hashed, so their form must be ours
 * for ever, and the hot path writes thousands a second. What others wrote is parsed with
 * base/json.h.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *bytes; /* always NUL-terminated once text_init() has run */
    size_t size; /* of `bytes`, with the NUL; at least 1 */
    size_t used; /* without the NUL */
    bool overflow;
};

void text_init(struct text *t, char *bytes, size_t size);

/* Appends; printf's rules. */
void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends the bytes as they are. */
void text_append(struct text *t, const char *bytes, size_t size);

/* Appends a comma, but none where nothing stands before it: in an empty text and after `{`, `[`,
 * `:` and `,`. So a list needs no "first" flag: text_comma(t) ahead of each item. */
void text_comma(struct text *t);

/* Appends `s` as a JSON string with quotes; control characters as \u00xx, UTF-8 passed through;
 * bytes that are not UTF-8 become U+FFFD. NULL becomes `null`. */
void text_json_string(struct text *t, const char *s);

/* Appends `,"key":"value"`, `,"key":123`, `,"key":true` (the comma only where one is needed). */
void text_json_pair(struct text *t, const char *key, const char *value);
void text_json_int(struct text *t, const char *key, int64_t value);
void text_json_bool(struct text *t, const char *key, bool value);

/* Copies `from` into `to`, cut at a UTF-8 boundary where it does not fit; always NUL-terminated. */
void text_copy(char *to, size_t to_size, const char *from);

#endif
