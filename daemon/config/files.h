/*
 * Files whose names match a pattern, in order. By glob(3), whose answer is looked at: files that
 * are missed only because memory ran out would make other fees. Blocking; while building and by
 * parkctl.
 */
#ifndef CONFIG_FILES_H
#define CONFIG_FILES_H

#include <glob.h>
#include <stdbool.h>

/* `flags` are glob's. False: there is none. The caller calls globfree() in any case. */
bool files_matching(const char *pattern, int flags, glob_t *ret);

#endif
