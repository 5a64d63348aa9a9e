/*
 * How the platform can fail on command: one row a mode, for the next so many requests or until it
 * is told `ok`.
 */
#ifndef PARKSIM_CITY_TROUBLE_H
#define PARKSIM_CITY_TROUBLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/parksim/sim.h"

enum trouble_mode {
    TROUBLE_NONE,
    TROUBLE_STATUS,      /* answer `status`, take nothing */
    TROUBLE_HANG,        /* no answer */
    TROUBLE_RESET,       /* the connection is reset, nothing taken */
    TROUBLE_DROP_ANSWER, /* take it, close without an answer */
    TROUBLE_BAD_BODY,    /* take it, answer 200 with no JSON */
    TROUBLE_SLOW         /* take it and answer `delay_ms` later */
};

enum { TROUBLE_WORD = 32 };

struct city_trouble {
    enum trouble_mode mode;
    int64_t left; /* requests; -1: until told otherwise */
    int64_t status, retry_after_s, delay_ms;
    char refuse[TROUBLE_WORD]; /* type or seq of records to refuse */
    int64_t retry_items;       /* so many next records are answered "retry" */
    int64_t chaos_percent;     /* of requests meet one of the modes, beside what else is told */
    struct sim_random random;
};

/* Takes the words of a command ("fail 503 3"). NULL, or what is allowed. */
const char *city_trouble_set(struct city_trouble *trouble, char **words);

/* The trouble that the next request is in; counts it. */
enum trouble_mode city_trouble_next(struct city_trouble *trouble);

/* The record is to be refused on command. */
bool city_trouble_refuses(const struct city_trouble *trouble, const json_t *record);

#endif
