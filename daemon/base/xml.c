/* Reading others' XML; the only file that includes expat. See xml.h. */
#include "daemon/base/xml.h"

#include <ctype.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/memory.h"

enum { NODES_MAX = 4096, DEPTH_MAX = 32, NAME_MAX_BYTES = 128 };

struct xml_node {
    struct xml_node *parent, *first, *last, *next;
    char *name;
    char *text;
    size_t text_size, text_room;
};

struct xml {
    struct xml_node *root, *open; /* `open`: the element that is being read */
    XML_Parser parser;
    size_t nodes, depth;
    const char *refused; /* why we stopped the parser, or NULL */
};

static void refuse(struct xml *document, const char *why)
{
    document->refused = why;
    XML_StopParser(document->parser, XML_FALSE);
}

static void start_element(void *arg, const char *name, const char **attributes)
{
    struct xml *document = arg;
    const char *colon = strrchr(name, ':');

    (void)attributes;
    if (document->refused)
        return;
    if (++document->nodes > NODES_MAX || document->depth >= DEPTH_MAX ||
        strlen(name) > NAME_MAX_BYTES) {
        refuse(document, "too many elements, too deep or too long a name");
        return;
    }
    struct xml_node *node = memory_new(1, sizeof *node);
    node->name = memory_text(colon ? colon + 1 : name);
    node->parent = document->open;
    if (!document->open)
        document->root = node;
    else if (document->open->last)
        document->open->last->next = node;
    else
        document->open->first = node;
    if (document->open)
        document->open->last = node;
    document->open = node;
    document->depth++;
}

static void trim(struct xml_node *node)
{
    char *text = node->text;
    size_t size = node->text_size, start = 0;

    if (!text)
        return;
    while (size && isspace((unsigned char)text[size - 1]))
        size--;
    while (start < size && isspace((unsigned char)text[start]))
        start++;
    memmove(text, text + start, size - start);
    text[size - start] = '\0';
}

static void end_element(void *arg, const char *name)
{
    struct xml *document = arg;

    (void)name;
    if (document->refused)
        return;
    trim(document->open);
    document->open = document->open->parent;
    document->depth--;
}

static void take_text(void *arg, const char *bytes, int size)
{
    struct xml *document = arg;
    struct xml_node *node = document->open;

    if (document->refused || !node || size <= 0)
        return;
    size_t needed = node->text_size + (size_t)size + 1;
    if (needed > node->text_room) { /* doubled, as the parser hands long texts over by lines */
        node->text_room = 2 * needed;
        node->text = memory_grow(node->text, node->text_room, 1);
    }
    memcpy(node->text + node->text_size, bytes, (size_t)size);
    node->text_size += (size_t)size;
    node->text[node->text_size] = '\0';
}

static void refuse_doctype(void *arg, const char *name, const char *system, const char *public,
                           int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    refuse(arg, "a document type is not taken");
}

struct xml *xml_read(const char *bytes, size_t size, size_t limit, struct err *err)
{
    if (size > limit) {
        err_set(err, "the XML text has %zu bytes; at most %zu are taken", size, limit);
        return NULL;
    }
    struct xml *document = memory_new(1, sizeof *document);
    document->parser = XML_ParserCreate("UTF-8");
    if (!document->parser)
        memory_out();
    XML_SetUserData(document->parser, document);
    XML_SetElementHandler(document->parser, start_element, end_element);
    XML_SetCharacterDataHandler(document->parser, take_text);
    XML_SetStartDoctypeDeclHandler(document->parser, refuse_doctype);
    enum XML_Status status = XML_Parse(document->parser, bytes, (int)size, XML_TRUE);
    bool good = status == XML_STATUS_OK && !document->refused;
    if (!good)
        err_set(err, "line %lu column %lu: %s", XML_GetCurrentLineNumber(document->parser),
                XML_GetCurrentColumnNumber(document->parser),
                document->refused ? document->refused
                                  : XML_ErrorString(XML_GetErrorCode(document->parser)));
    XML_ParserFree(document->parser);
    document->parser = NULL;
    if (good)
        return document;
    xml_release(document);
    return NULL;
}

void xml_release(struct xml *document)
{
    struct xml_node *node = document ? document->root : NULL;

    /* Leaves first, without recursion: a node whose children are gone hands over to its parent. */
    while (node) {
        struct xml_node *child = node->first, *parent = node->parent;
        if (child) {
            node->first = child->next;
            node = child;
            continue;
        }
        free(node->name);
        free(node->text);
        free(node);
        node = parent;
    }
    free(document);
}

const struct xml_node *xml_root(const struct xml *document)
{
    return document ? document->root : NULL;
}

const struct xml_node *xml_child(const struct xml_node *from, const char *name)
{
    const struct xml_node *node = from ? from->first : NULL;

    while (node && strcasecmp(node->name, name) != 0)
        node = node->next;
    return node;
}

const struct xml_node *xml_item(const struct xml_node *from, size_t index)
{
    const struct xml_node *node = from ? from->first : NULL;

    for (; node && index; index--)
        node = node->next;
    return node;
}

const char *xml_name(const struct xml_node *node)
{
    return node ? node->name : "";
}

const char *xml_text(const struct xml_node *node)
{
    return node && node->text ? node->text : "";
}
