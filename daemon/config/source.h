/*
 * The text of one document: a file with all that it includes, as one text, and where each of its
 * lines came from. `@include "pattern"` on a line of its own takes the matching files in order of
 * their names; the pattern is relative to the file that says so (libconfig's own directive knows
 * neither). Lives as long as its creator wants.
 */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include <stdbool.h>

#include "daemon/config/mistake.h"

struct source;

/* NULL when any file cannot be read or its text cannot be taken apart; that has been told. */
struct source *source_open(const char *path, struct mistakes *mistakes);
void source_close(struct source *source); /* takes NULL */

const char *source_text(const struct source *source);

/* Where line `line` (from 1) of the text came from; beyond the end: the last line. */
struct place source_place(const struct source *source, unsigned line);

#endif
