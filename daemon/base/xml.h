/*
 * Reading XML that others wrote: bounded in size, depth and elements; no document types, so no
 * entities to expand. Names are without their prefix, since makers choose prefixes freely. A node
 * is borrowed from its document and lives as long as it.
 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include <stddef.h>

#include "daemon/base/err.h"

struct xml; /* a whole document */
struct xml_node;

/* Parses UTF-8 of at most `limit` bytes, whatever encoding the document claims; NULL with err
 * ("line 3 column 7: …"). */
struct xml *xml_read(const char *bytes, size_t size, size_t limit, struct err *err);
void xml_release(struct xml *document); /* takes NULL */

const struct xml_node *xml_root(const struct xml *document);

/* NULL when `from` is NULL or has no such child: chains are safe. Case is ignored. */
const struct xml_node *xml_child(const struct xml_node *from, const char *name);
const struct xml_node *xml_item(const struct xml_node *from, size_t index); /* of all children */

const char *xml_name(const struct xml_node *node); /* "" of NULL */
const char *xml_text(const struct xml_node *node); /* trimmed; "" where there is none */

#endif
