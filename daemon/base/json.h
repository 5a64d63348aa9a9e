/*
 * Reading JSON that others wrote: bounded, duplicate keys refused, never a crash. (What we write is
 * made with core/text.h.) A value is borrowed from its document and lives as long as it.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

struct json; /* a value, or a whole document */

/* Parses one value of at most `limit` bytes; NULL with err ("line 3 column 7: …"). */
struct json *json_read(const char *bytes, size_t size, size_t limit, struct err *err);
void json_release(struct json *document); /* takes NULL */

/* NULL when `from` is NULL, not an object or array, or has no such member: chains are safe. */
const struct json *json_member(const struct json *from, const char *key);
const struct json *json_item(const struct json *from, size_t index);
size_t json_size(const struct json *array); /* items of an array, 0 for anything else */

/* `otherwise` when the value is NULL or of another type. */
const char *json_text(const struct json *value, const char *otherwise);
int64_t json_int(const struct json *value, int64_t otherwise);
bool json_bool(const struct json *value, bool otherwise);
double json_decimal(const struct json *value, double otherwise); /* never for money */

enum json_kind {
    JSON_KIND_NONE, /* the value is NULL: there is none */
    JSON_KIND_NULL,
    JSON_KIND_BOOL,
    JSON_KIND_INT,
    JSON_KIND_DECIMAL,
    JSON_KIND_TEXT,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT
};
enum json_kind json_kind(const struct json *value);

/* Calls `fn` for each member of an object, in the order of the text, until it returns false. */
typedef bool json_member_fn(void *arg, const char *key, const struct json *value);
void json_each(const struct json *object, json_member_fn *fn, void *arg);

#endif
