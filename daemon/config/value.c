/* One function a type, in a table. See value.h. */
#include "daemon/config/value.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "daemon/config/secret.h"
#include "daemon/config/suggest.h"

enum { ID_MAX = 31, TEXT_MAX = 255 };

static void put_text(const struct option *option, void *target, const char *text)
{
    memcpy((char *)target + option->offset, &text, sizeof text);
}

/* Integers of all widths live in the structs; the row knows the width, and its range fits it. */
static void put_whole(const struct option *option, void *target, int64_t value)
{
    void *at = (char *)target + option->offset;

    switch (option->size) {
    case sizeof(int8_t):
        *(uint8_t *)at = (uint8_t)value;
        break;
    case sizeof(int16_t):
        *(uint16_t *)at = (uint16_t)value;
        break;
    case sizeof(int32_t):
        *(uint32_t *)at = (uint32_t)value;
        break;
    default:
        assert(option->size == sizeof value);
        *(int64_t *)at = value;
    }
}

static int64_t scaled(const struct option *option, int64_t written)
{
    return written * (option->scale ? option->scale : 1);
}

bool value_is_id(const char *text)
{
    size_t length = strlen(text);

    if (length < 1 || length > ID_MAX || !isalnum((unsigned char)text[0]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
            return false;
    return true;
}

static bool put_id(const struct option *option, const struct reader_node *node, void *target,
                   const struct option_context *context, struct err *err)
{
    if (!value_is_id(reader_text(node)))
        return err_set(err, "\"%.60s\" is no id", reader_text(node));
    put_text(option, target, arena_text(context->memory, reader_text(node)));
    return true;
}

static bool put_plain(const struct option *option, const struct reader_node *node, void *target,
                      const struct option_context *context, struct err *err)
{
    const char *text = reader_text(node);
    int64_t length = (int64_t)strlen(text);

    if (length < option->min || length > (option->max ? option->max : TEXT_MAX))
        return err_set(err, "is %lld bytes long", (long long)length);
    for (const char *p = text; *p; p++)
        if (iscntrl((unsigned char)*p))
            return err_set(err, "holds a control character");
    put_text(option, target, arena_text(context->memory, text));
    return true;
}

static bool put_number(const struct option *option, const struct reader_node *node, void *target,
                       const struct option_context *context, struct err *err)
{
    int64_t value = reader_whole(node);

    (void)context;
    if (option->choices ? !option_choice_name(option->choices, value)
                        : value < option->min || value > option->max)
        return err_set(err, "%lld is out of range", (long long)value);
    put_whole(option, target, scaled(option, value));
    return true;
}

static bool put_real(const struct option *option, const struct reader_node *node, void *target,
                     const struct option_context *context, struct err *err)
{
    double value = reader_real(node);

    (void)context;
    if (!(value >= (double)option->min && value <= (double)option->max))
        return err_set(err, "%g is out of range", value);
    memcpy((char *)target + option->offset, &value, sizeof value);
    return true;
}

static bool put_bool(const struct option *option, const struct reader_node *node, void *target,
                     const struct option_context *context, struct err *err)
{
    (void)context;
    (void)err;
    *(bool *)((char *)target + option->offset) = reader_bool(node);
    return true;
}

static bool put_choice(const struct option *option, const struct reader_node *node, void *target,
                       const struct option_context *context, struct err *err)
{
    struct suggest search = {.typed = reader_text(node)};

    (void)context;
    for (const struct option_choice *c = option->choices; c->name; c++) {
        if (strcmp(c->name, search.typed) == 0) {
            put_whole(option, target, c->value);
            return true;
        }
        suggest_offer(&search, c->name);
    }
    if (search.nearest)
        return err_set(err, "\"%.60s\" is unknown (did you mean \"%s\"?)", search.typed,
                       search.nearest);
    return err_set(err, "\"%.60s\" is unknown", search.typed);
}

static bool put_file(const struct option *option, const struct reader_node *node, void *target,
                     const struct option_context *context, struct err *err)
{
    char path[SECRET_PATH_SIZE];

    if (!secret_path(reader_file(node), reader_text(node), path, err) ||
        !secret_check(path, option->type == OPTION_PRIVATE_FILE, err))
        return false;
    put_text(option, target, arena_text(context->memory, path));
    return true;
}

static bool put_secret(const struct option *option, const struct reader_node *node, void *target,
                       const struct option_context *context, struct err *err)
{
    char path[SECRET_PATH_SIZE], secret[SECRET_SIZE];

    if (!secret_path(reader_file(node), reader_text(node), path, err) ||
        !secret_read(path, secret, err))
        return false;
    put_text(option, target, arena_text(context->memory, secret));
    explicit_bzero(secret, sizeof secret);
    return true;
}

static bool put_list(const struct option *option, const struct reader_node *node, void *target,
                     const struct option_context *context, struct err *err)
{
    uint32_t count = reader_size(node);

    (void)context;
    if (count < option->min || count > option->max)
        return err_set(err, "has %u items", count);
    memcpy((char *)target + option->offset, &node, sizeof node);
    return true;
}

static const struct {
    enum reader_type from;
    bool (*put)(const struct option *option, const struct reader_node *node, void *target,
                const struct option_context *context, struct err *err);
} types[OPTION_TYPES] = {
    [OPTION_ID] = {READER_TEXT, put_id},
    [OPTION_NAME] = {READER_TEXT, put_plain},
    [OPTION_TEXT] = {READER_TEXT, put_plain},
    [OPTION_WHOLE] = {READER_WHOLE, put_number},
    [OPTION_REAL] = {READER_REAL, put_real},
    [OPTION_BOOL] = {READER_BOOL, put_bool},
    [OPTION_CHOICE] = {READER_TEXT, put_choice},
    [OPTION_FILE] = {READER_TEXT, put_file},
    [OPTION_PRIVATE_FILE] = {READER_TEXT, put_file},
    [OPTION_SECRET] = {READER_TEXT, put_secret},
    [OPTION_GROUP] = {READER_GROUP, NULL},
    [OPTION_LIST] = {READER_LIST, put_list},
};

enum reader_type value_reader_type(enum option_type type)
{
    return types[type].from;
}

bool value_put(const struct option *option, const struct reader_node *node, void *target,
               const struct option_context *context, struct err *err)
{
    return types[option->type].put(option, node, target, context, err);
}

void value_put_otherwise(const struct option *option, void *target)
{
    double real = (double)option->otherwise;

    switch (option->type) {
    case OPTION_WHOLE:
    case OPTION_CHOICE:
        put_whole(option, target, scaled(option, option->otherwise));
        break;
    case OPTION_REAL:
        memcpy((char *)target + option->offset, &real, sizeof real);
        break;
    case OPTION_BOOL:
        *(bool *)((char *)target + option->offset) = option->otherwise != 0;
        break;
    default:
        put_text(option, target, option->text);
    }
}
