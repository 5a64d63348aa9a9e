/*
 * A value inside of a JSON or XML message, read alike, because cameras send the same fields in both
 * and write numbers as texts at will. Borrowed from its document. Pure.
 */
#ifndef SENSORS_LANE_TREE_H
#define SENSORS_LANE_TREE_H

#include "daemon/base/json.h"
#include "daemon/base/xml.h"

/* At most one is set; none: there is no such value. */
struct tree {
    const struct json *json;
    const struct xml_node *xml;
};

static inline bool tree_has(struct tree tree)
{
    return tree.xml || json_kind(tree.json) > JSON_KIND_NULL;
}

/* "result.PlateResult": the member of the member. Case is ignored. */
struct tree tree_at(struct tree from, const char *path);

/* The first of them that exists; `paths` ends with NULL. */
struct tree tree_any(struct tree from, const char *const paths[]);

/* Items of a JSON array, children of an XML element. */
struct tree tree_item(struct tree list, size_t index);
size_t tree_size(struct tree list);

/* The text of a text, "" of anything else. */
const char *tree_word(struct tree tree);

/* Copies a text, number or truth value as text; false, with `ret` empty, when there is none or it
 * does not fit. */
bool tree_text(struct tree tree, char *ret, size_t size);

/* Numbers, also written as text. */
int64_t tree_int(struct tree tree, int64_t otherwise);
double tree_decimal(struct tree tree, double otherwise);

bool tree_is(struct tree tree); /* true, "true", 1 or "1" */

#endif
