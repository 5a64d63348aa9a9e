/* Reading others' JSON; the only file that includes jansson. A struct json is a json_t. See json.h.
 */
#include "daemon/base/json.h"

#include <jansson.h>
#include <stdlib.h>

#include "daemon/base/memory.h"

static const json_t *inside(const struct json *value)
{
    return (const json_t *)value;
}

/* Running out of memory ends the process as elsewhere; it is no fault of the text. */
static void *take_memory(size_t size)
{
    return memory_grow(NULL, size, 1);
}

struct json *json_read(const char *bytes, size_t size, size_t limit, struct err *err)
{
    json_error_t why;

    if (size > limit) {
        err_set(err, "the JSON text has %zu bytes; at most %zu are taken", size, limit);
        return NULL;
    }
    json_set_alloc_funcs(take_memory, free);
    json_t *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (!root)
        err_set(err, "line %d column %d: %s", why.line, why.column, why.text);
    return (struct json *)root;
}

void json_release(struct json *document)
{
    json_decref((json_t *)document);
}

const struct json *json_member(const struct json *from, const char *key)
{
    return (const struct json *)json_object_get(inside(from), key);
}

const struct json *json_item(const struct json *from, size_t index)
{
    return (const struct json *)json_array_get(inside(from), index);
}

size_t json_size(const struct json *array)
{
    return json_array_size(inside(array));
}

const char *json_text(const struct json *value, const char *otherwise)
{
    return json_is_string(inside(value)) ? json_string_value(inside(value)) : otherwise;
}

int64_t json_int(const struct json *value, int64_t otherwise)
{
    return json_is_integer(inside(value)) ? json_integer_value(inside(value)) : otherwise;
}

bool json_bool(const struct json *value, bool otherwise)
{
    return json_is_boolean(inside(value)) ? json_is_true(inside(value)) : otherwise;
}

double json_decimal(const struct json *value, double otherwise)
{
    return json_is_number(inside(value)) ? json_number_value(inside(value)) : otherwise;
}

enum json_kind json_kind(const struct json *value)
{
    if (!value)
        return JSON_KIND_NONE;
    switch (json_typeof(inside(value))) {
    case JSON_OBJECT:
        return JSON_KIND_OBJECT;
    case JSON_ARRAY:
        return JSON_KIND_ARRAY;
    case JSON_STRING:
        return JSON_KIND_TEXT;
    case JSON_INTEGER:
        return JSON_KIND_INT;
    case JSON_REAL:
        return JSON_KIND_DECIMAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_KIND_BOOL;
    case JSON_NULL:
        return JSON_KIND_NULL;
    }
    return JSON_KIND_NONE;
}

void json_each(const struct json *object, json_member_fn *fn, void *arg)
{
    const char *key;
    json_t *value;
    json_t *from = (json_t *)object; /* jansson's iterator wants it so; nothing is changed */

    json_object_foreach(from, key, value)
    {
        if (!fn(arg, key, (const struct json *)value))
            return;
    }
}
