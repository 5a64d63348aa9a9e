/* Files of plain objects: one JSON object a line, or CSV with a header of the same names. */
#ifndef RECONCILE_OBJECTS_H
#define RECONCILE_OBJECTS_H

#include "daemon/base/err.h"
#include "daemon/base/json.h"

struct object; /* one of them; borrowed for the call */

/* A text, or a whole number as text; NULL when it is not there or something else. */
const char *object_text(const struct object *object, const char *name);

/* What stands there as JSON; NULL in CSV. */
const struct json *object_member(const struct object *object, const char *name);

/* Calls `fn` for each until it returns false. False with err ("file:line: …"). */
typedef bool object_fn(void *arg, const struct object *object, struct err *err);
bool objects_each(const char *path, object_fn *fn, void *arg, struct err *err);

#endif
