/* The walker and the words of its messages. See option.h. */
#include "daemon/config/option.h"

#include <string.h>

#include "daemon/base/err.h"
#include "daemon/config/suggest.h"
#include "daemon/config/value.h"

enum { ALLOWED_SIZE = 300 };

const char *option_choice_name(const struct option_choice *choices, int64_t value)
{
    for (; choices->name; choices++)
        if (choices->value == value)
            return choices->name;
    return NULL;
}

static void add_choices(const struct option_choice *choices, struct text *out)
{
    for (const struct option_choice *c = choices; c->name; c++)
        text_add(out, "%s%s", c == choices ? "" : ", ", c->name);
}

void option_allowed(const struct option *option, struct text *out)
{
    static const char *const words[OPTION_TYPES] = {
        [OPTION_ID] = "1 to 31 of A-Z a-z 0-9 . _ -, beginning with a letter or digit",
        [OPTION_BOOL] = "true or false",
        [OPTION_FILE] = "the path of a file",
        [OPTION_PRIVATE_FILE] = "the path of a file that not everyone can read",
        [OPTION_SECRET] = "the path of a file that not everyone can read, or credential:NAME",
        [OPTION_GROUP] = "a group { … }",
    };
    long long min = option->min, max = option->max;

    if (words[option->type])
        text_add(out, "%s", words[option->type]);
    else if (option->choices)
        add_choices(option->choices, out);
    else if (option->type == OPTION_WHOLE)
        text_add(out, "a whole number, %lld to %lld", min, max);
    else if (option->type == OPTION_REAL)
        text_add(out, "a number, %lld to %lld", min, max);
    else if (option->type == OPTION_LIST)
        text_add(out, "a list of %lld to %lld items", min, max);
    else
        text_add(out, "a text of %lld to %lld bytes", min, max ? max : 255);
}

/* A default that may not be written stands for "said elsewhere". */
static void add_number(const struct option *option, struct text *out)
{
    if (option->choices || (option->otherwise >= option->min && option->otherwise <= option->max))
        text_add(out, "%lld", (long long)option->otherwise);
}

void option_otherwise(const struct option *option, struct text *out)
{
    if (option->required || option->type == OPTION_GROUP || option->type == OPTION_LIST)
        return;
    if (option->type == OPTION_BOOL)
        text_add(out, "%s", option->otherwise ? "true" : "false");
    else if (option->type == OPTION_CHOICE)
        text_add(out, "%s", option_choice_name(option->choices, option->otherwise));
    else if (option->type == OPTION_WHOLE || option->type == OPTION_REAL)
        add_number(option, out);
    else if (option->text)
        text_add(out, "%s", option->text);
}

void option_defaults(const struct option_table *table, void *target)
{
    for (const struct option *o = table->options; o->key; o++) {
        if (o->type == OPTION_GROUP)
            option_defaults(o->members, (char *)target + o->offset);
        else
            value_put_otherwise(o, target);
    }
}

/* What messages call the group: its key, or what it is in a list. */
static const char *subject(const struct option_table *table, const struct reader_node *group)
{
    return reader_key(group) ? reader_key(group) : table->name;
}

static void tell(const struct option_context *context, const char *group,
                 const struct option *option, struct place place, const char *what)
{
    char bytes[ALLOWED_SIZE];
    struct text allowed;

    text_init(&allowed, bytes, sizeof bytes);
    option_allowed(option, &allowed);
    mistake_add(context->mistakes, place, "%s: %s %s; allowed: %s", group, option->key, what,
                bytes);
}

/* A secret in the file itself would be in every backup and every mail to the support. */
static bool is_secret(const char *key)
{
    static const char *const words[] = {"token", "password", "secret", "api_key", "passwd"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(key, words[i]) == 0)
            return true;
    return false;
}

static void tell_unknown(const struct option_table *table, const char *group,
                         const struct reader_node *member, const struct option_context *context)
{
    const char *key = reader_key(member);
    struct suggest search = {.typed = key};
    char bytes[ALLOWED_SIZE];
    struct text keys;

    text_init(&keys, bytes, sizeof bytes);
    for (const struct option *o = table->options; o->key; o++) {
        text_add(&keys, "%s%s", o == table->options ? "" : ", ", o->key);
        suggest_offer(&search, o->key);
    }
    if (is_secret(key))
        mistake_add(
            context->mistakes, reader_place(member),
            "%s: %s must not stand here, it is a secret; allowed: token_file or password_file "
            "with a file's path, or \"credential:NAME\" with systemd's LoadCredential",
            group, key);
    else if (search.nearest)
        mistake_add(context->mistakes, reader_place(member),
                    "%s: unknown key \"%.60s\" (did you mean \"%s\"?)", group, key, search.nearest);
    else
        mistake_add(context->mistakes, reader_place(member),
                    "%s: unknown key \"%.60s\"; allowed: %s", group, key, bytes);
}

static const struct option *find(const struct option_table *table, const char *key)
{
    for (const struct option *o = table->options; o->key; o++)
        if (strcmp(o->key, key) == 0)
            return o;
    return NULL;
}

static void take(const char *group, const struct option *option, const struct reader_node *node,
                 void *target, const struct option_context *context)
{
    enum reader_type is = reader_type(node), wants = value_reader_type(option->type);
    struct err err;

    if (is != wants && !(is == READER_WHOLE && wants == READER_REAL)) {
        err_set(&err, "is %s", reader_type_words(is));
        tell(context, group, option, reader_place(node), err.text);
    } else if (option->type == OPTION_GROUP) {
        option_apply(option->members, node, (char *)target + option->offset, context);
    } else if (!value_put(option, node, target, context, &err)) {
        tell(context, group, option, reader_place(node), err.text);
    }
}

void option_apply(const struct option_table *table, const struct reader_node *node, void *target,
                  const struct option_context *context)
{
    const char *group = subject(table, node);

    if (reader_type(node) != READER_GROUP) {
        mistake_add(context->mistakes, reader_place(node), "%s is %s; allowed: a group { … }",
                    group, reader_type_words(reader_type(node)));
        return;
    }
    for (uint32_t i = 0; i < reader_size(node); i++) {
        const struct reader_node *member = reader_item(node, i);
        const struct option *option = find(table, reader_key(member));
        if (option)
            take(group, option, member, target, context);
        else
            tell_unknown(table, group, member, context);
    }
    for (const struct option *o = table->options; o->key; o++)
        if (o->required && !reader_member(node, o->key))
            tell(context, group, o, reader_place(node), "is missing");
}
