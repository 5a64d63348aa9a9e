/*
 * A closed list of words: the names of an enum in the order of its values. Records, the
 * configuration and the platforms' tables all read them from here. Constant; pure.
 */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

#include <stdbool.h>

struct words {
    const char *const *names;
    int count;
};

/* Defines `words` of the array `names`. */
#define WORDS(names)                                     \
    {                                                    \
        names, (int)(sizeof(names) / sizeof((names)[0])) \
    }

const char *words_name(const struct words *words, int value); /* asserts the range */

/* False, with `ret` untouched, when it is none of the words. */
bool words_parse(const struct words *words, const char *name, int *ret);

#endif
