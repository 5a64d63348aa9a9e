/* Lists of words. See words.h. */
#include "daemon/core/words.h"

#include <assert.h>
#include <string.h>

const char *words_name(const struct words *words, int value)
{
    assert(value >= 0 && value < words->count);
    return words->names[value];
}

bool words_parse(const struct words *words, const char *name, int *ret)
{
    for (int i = 0; i < words->count; i++)
        if (!strcmp(words->names[i], name)) {
            *ret = i;
            return true;
        }
    return false;
}
