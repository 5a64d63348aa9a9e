/*
 * The only file that knows libconfig (1.5 in Debian 12). It parses one text that source.c has put
 * together, so lines are looked up there. A syntax error, or a key set twice in one group, ends
 * libconfig's reading: that one mistake is told and the rest of the document is not looked at.
 */
#include "daemon/config/reader.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/config/source.h"

struct reader {
    config_t config; /* first: a node's config is its reader */
    struct source *source;
    struct mistakes *mistakes;
};

static const config_setting_t *setting(const struct reader_node *node)
{
    return (const config_setting_t *)(const void *)node;
}

static const struct reader_node *node_of(const config_setting_t *s)
{
    return (const struct reader_node *)(const void *)s;
}

/* libconfig's words, where an installer needs better ones. */
static const char *in_words(const char *text)
{
    static const char *const words[][2] = {
        {"syntax error", "this cannot be read; allowed: key = value; with groups { … }, lists "
                         "( …, … ) and texts in quotes: look for a missing comma, quote or bracket "
                         "here or just above"},
        {"duplicate setting name", "a key is set twice in this group; keep one of them"},
        {"mismatched element type in array",
         "the items of [ … ] are of different types; allowed: one type, or ( … ) for a list"},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(text, words[i][0]) == 0)
            return words[i][1];
    return text;
}

struct reader *reader_open(const char *path, struct mistakes *mistakes)
{
    struct source *source = source_open(path, mistakes);

    if (!source)
        return NULL;
    struct reader *reader = memory_new(1, sizeof *reader);
    reader->source = source;
    reader->mistakes = mistakes;
    config_init(&reader->config);
    if (config_read_string(&reader->config, source_text(source)))
        return reader;
    mistake_add(mistakes, source_place(source, (unsigned)config_error_line(&reader->config)), "%s",
                in_words(config_error_text(&reader->config)));
    reader_close(reader);
    return NULL;
}

void reader_close(struct reader *reader)
{
    if (!reader)
        return;
    config_destroy(&reader->config);
    source_close(reader->source);
    free(reader);
}

const struct reader_node *reader_root(const struct reader *reader)
{
    return node_of(config_root_setting(&reader->config));
}

enum reader_type reader_type(const struct reader_node *node)
{
    switch (config_setting_type(setting(node))) {
    case CONFIG_TYPE_GROUP:
        return READER_GROUP;
    case CONFIG_TYPE_STRING:
        return READER_TEXT;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return READER_WHOLE;
    case CONFIG_TYPE_FLOAT:
        return READER_REAL;
    case CONFIG_TYPE_BOOL:
        return READER_BOOL;
    default:
        return READER_LIST;
    }
}

const char *reader_type_words(enum reader_type type)
{
    static const char *const words[READER_TYPES] = {
        [READER_GROUP] = "a group { … }",      [READER_LIST] = "a list ( …, … )",
        [READER_TEXT] = "a text in quotes",    [READER_WHOLE] = "a whole number",
        [READER_REAL] = "a number with point", [READER_BOOL] = "true or false",
    };
    return words[type];
}

static const struct reader *reader_of(const struct reader_node *node)
{
    return (const struct reader *)(const void *)setting(node)->config;
}

struct place reader_place(const struct reader_node *node)
{
    return source_place(reader_of(node)->source, config_setting_source_line(setting(node)));
}

const char *reader_file(const struct reader_node *node)
{
    return mistake_path(reader_of(node)->mistakes, reader_place(node).file);
}

uint32_t reader_size(const struct reader_node *node)
{
    return node ? (uint32_t)config_setting_length(setting(node)) : 0;
}

/* libconfig goes on without a text that it had no memory for. */
static const char *had_memory(const char *text)
{
    if (!text)
        memory_out();
    return text;
}

const struct reader_node *reader_item(const struct reader_node *node, uint32_t index)
{
    config_setting_t *item = config_setting_get_elem(setting(node), index);

    if (item && config_setting_is_group(setting(node)))
        had_memory(config_setting_name(item));
    return node_of(item);
}

const char *reader_key(const struct reader_node *member)
{
    return config_setting_name(setting(member));
}

const struct reader_node *reader_member(const struct reader_node *group, const char *key)
{
    return node_of(config_setting_get_member(setting(group), key));
}

const char *reader_text(const struct reader_node *node)
{
    return had_memory(config_setting_get_string(setting(node)));
}

int64_t reader_whole(const struct reader_node *node)
{
    return config_setting_get_int64(setting(node));
}

double reader_real(const struct reader_node *node)
{
    if (config_setting_type(setting(node)) == CONFIG_TYPE_FLOAT)
        return config_setting_get_float(setting(node));
    return (double)reader_whole(node);
}

bool reader_bool(const struct reader_node *node)
{
    return config_setting_get_bool(setting(node)) != 0;
}
