/*
 * Cars that move as a file says: lines of "MS BAY free|occupied", MS counted from script_start(),
 * in order of time; # begins a comment.
 */
#ifndef PARKSIM_SCRIPT_H
#define PARKSIM_SCRIPT_H

#include "tests/parksim/field.h"
#include "tests/parksim/loop.h"

struct script;

struct script *script_create(struct loop *loop, struct field *field, const char *path);
void script_destroy(struct script *script); /* takes NULL */
void script_start(struct script *script);

#endif
