/* The table of barrier drivers, and what several of them share. Pure. */
#include "sensors/lane/barriers.h"

#include <string.h>

#define BARRIER_DRIVER_ROW(name) &name##_barrier,
static const struct barrier_driver *const drivers[] = {BARRIER_DRIVERS(BARRIER_DRIVER_ROW)};

size_t barriers_count(void)
{
    return sizeof drivers / sizeof *drivers;
}

const struct barrier_driver *barriers_at(size_t index)
{
    return drivers[index];
}

const struct barrier_driver *barriers_find(const char *name)
{
    for (size_t i = 0; i < barriers_count(); i++)
        if (strcmp(drivers[i]->name, name) == 0)
            return drivers[i];
    return NULL;
}

struct barrier_options barriers_defaults(void)
{
    struct barrier_options options = {.open = BARRIER_NONE,
                                      .stop = BARRIER_NONE,
                                      .close = BARRIER_NONE,
                                      .hold = BARRIER_NONE,
                                      .channels = 8,
                                      .pulse_ms = 500,
                                      .hold_ms = 60000,
                                      .poll_ms = 100,
                                      .status_ms = 500,
                                      .travel_ms = 8000};
    for (int i = 0; i < BARRIER_INPUTS; i++)
        options.inputs[i] = BARRIER_NONE;
    return options;
}

void barriers_inputs(const struct barrier_options *options, struct barrier_place place,
                     struct barrier_map *map)
{
    for (int i = 0; i < BARRIER_INPUTS; i++) {
        if (options->inputs[i] == BARRIER_NONE)
            continue;
        map->inputs[i] = place;
        map->inputs[i].inverted = options->inverted[i];
        if (place.in_word)
            map->inputs[i].bit = (uint8_t)options->inputs[i];
        else
            map->inputs[i].address = (uint16_t)(place.address + options->inputs[i]);
    }
}
