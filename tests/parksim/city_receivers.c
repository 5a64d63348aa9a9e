/* The protocols of cities that the platform speaks: one row each. */
#include <string.h>

#include "tests/parksim/city_book.h"

const struct city_receiver *const city_receivers[] = {NULL};

const struct city_receiver *city_receiver_of(const char *path)
{
    for (const struct city_receiver *const *at = city_receivers; *at; at++)
        if (strncmp(path, (*at)->path, strlen((*at)->path)) == 0)
            return *at;
    return NULL;
}
