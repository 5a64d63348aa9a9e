/* A value inside of a JSON or XML message. Pure. See tree.h. */
#include "sensors/lane/tree.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_SIZE = 64, NUMBER_SIZE = 32 };

struct search {
    const char *name;
    const struct json *found;
};

static bool same_name(void *arg, const char *key, const struct json *value)
{
    struct search *search = arg;

    if (strcasecmp(key, search->name) == 0)
        search->found = value;
    return !search->found;
}

static struct tree member(struct tree from, const char *name)
{
    struct search search = {.name = name, .found = json_member(from.json, name)};

    if (from.xml)
        return (struct tree){.xml = xml_child(from.xml, name)};
    if (!search.found && json_kind(from.json) == JSON_KIND_OBJECT)
        json_each(from.json, same_name, &search);
    return (struct tree){.json = search.found};
}

struct tree tree_at(struct tree from, const char *path)
{
    char name[NAME_SIZE];

    for (;;) {
        size_t size = strcspn(path, ".");

        snprintf(name, sizeof name, "%.*s", (int)size, path);
        from = member(from, name);
        if (!path[size])
            return from;
        path += size + 1;
    }
}

struct tree tree_any(struct tree from, const char *const paths[])
{
    struct tree found = {0};

    for (size_t i = 0; paths[i] && !tree_has(found); i++)
        found = tree_at(from, paths[i]);
    return found;
}

struct tree tree_item(struct tree list, size_t index)
{
    if (list.xml)
        return (struct tree){.xml = xml_item(list.xml, index)};
    return (struct tree){.json = json_item(list.json, index)};
}

size_t tree_size(struct tree list)
{
    size_t size = 0;

    if (!list.xml)
        return json_size(list.json);
    while (xml_item(list.xml, size))
        size++;
    return size;
}

const char *tree_word(struct tree tree)
{
    return tree.xml ? xml_text(tree.xml) : json_text(tree.json, "");
}

bool tree_text(struct tree tree, char *ret, size_t size)
{
    char number[NUMBER_SIZE];
    const char *word = tree_word(tree);

    ret[0] = '\0';
    switch (json_kind(tree.json)) {
    case JSON_KIND_INT:
        snprintf(number, sizeof number, "%" PRId64, json_int(tree.json, 0));
        word = number;
        break;
    case JSON_KIND_DECIMAL:
        snprintf(number, sizeof number, "%.15g", json_decimal(tree.json, 0));
        word = number;
        break;
    case JSON_KIND_BOOL:
        word = json_bool(tree.json, false) ? "true" : "false";
        break;
    default:
        break;
    }
    if (!*word || strlen(word) >= size)
        return false;
    memcpy(ret, word, strlen(word) + 1);
    return true;
}

int64_t tree_int(struct tree tree, int64_t otherwise)
{
    const char *word = tree_word(tree);
    char *end = NULL;

    if (json_kind(tree.json) == JSON_KIND_INT)
        return json_int(tree.json, otherwise);
    if (*word) {
        errno = 0;
        int64_t number = strtoll(word, &end, 10);
        if (end != word && !*end && !errno)
            return number;
    }
    double decimal = tree_decimal(tree, NAN);
    /* Beyond this a double skips integers. */
    return fabs(decimal) < 9007199254740992.0 ? (int64_t)decimal : otherwise;
}

double tree_decimal(struct tree tree, double otherwise)
{
    const char *word = tree_word(tree);
    char *end = NULL;

    if (!*word)
        return json_decimal(tree.json, otherwise);
    double number = strtod(word, &end);
    return end != word && !*end && isfinite(number) ? number : otherwise;
}

bool tree_is(struct tree tree)
{
    if (json_kind(tree.json) == JSON_KIND_BOOL)
        return json_bool(tree.json, false);
    return strcasecmp(tree_word(tree), "true") == 0 || tree_int(tree, 0) == 1;
}
