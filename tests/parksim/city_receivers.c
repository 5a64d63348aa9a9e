/* The protocols of cities that the platform speaks: one row each. */
#include <string.h>

#include "tests/parksim/city_book.h"

extern const struct city_receiver city_hefei, city_hangzhou, city_qingdao, city_xuzhou;

/* The first whose path fits: Hangzhou's lies under Xuzhou's. */
const struct city_receiver *const city_receivers[] = {&city_hefei, &city_hangzhou, &city_qingdao,
                                                      &city_xuzhou, NULL};

const struct city_receiver *city_receiver_of(const char *path)
{
    for (const struct city_receiver *const *at = city_receivers; *at; at++)
        if (strncmp(path, (*at)->path, strlen((*at)->path)) == 0)
            return *at;
    return NULL;
}
