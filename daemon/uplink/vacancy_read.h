/*
 * Counts of a lot, as a driver is to see them, from its canonical JSON. Where vehicles are counted
 * at the lanes ("estimate") so many bays in service are taken as vehicles are believed to be
 * inside, and none is unknown. free + occupied + unknown + out_of_service = capacity. Pure.
 */
#ifndef UPLINK_VACANCY_READ_H
#define UPLINK_VACANCY_READ_H

#include <stdbool.h>
#include <stdint.h>

struct json;

struct vacancy_counts {
    int64_t capacity, free, occupied, unknown, out_of_service;
    bool at_lanes; /* vehicles are counted at the lanes */
    bool at_bays;  /* the state of some bay is known */
};

struct vacancy_counts vacancy_read(const struct json *state);

#endif
