/* "Did you mean": the word of a list that is nearest to a mistyped one. Pure. */
#ifndef CONFIG_SUGGEST_H
#define CONFIG_SUGGEST_H

#include <stddef.h>

/* A search over words offered one by one; begin with {.typed = word}. */
struct suggest {
    const char *typed;
    const char *nearest; /* borrowed from the offers; NULL while none is near enough */
    size_t distance;
};

void suggest_offer(struct suggest *search, const char *word);

#endif
