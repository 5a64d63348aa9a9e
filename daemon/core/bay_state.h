/*
 * The words for a bay: what the world is told of it, why, and what makes it suspect. Pure; any
 * thread.
 */
#ifndef CORE_BAY_STATE_H
#define CORE_BAY_STATE_H

#include <stdbool.h>

enum bay_state { BAY_UNKNOWN, BAY_FREE, BAY_OCCUPIED, BAY_OUT_OF_SERVICE, BAY_STATES };

enum bay_reason {
    BAY_BY_READING,   /* the sensor said so */
    BAY_BY_SILENCE,   /* not heard within its limit, or never yet */
    BAY_BY_FAULT,     /* the sensor says that it is faulty */
    BAY_BY_OPERATOR,  /* taken out of service, or returned */
    BAY_BY_SUSPICION, /* suspect, or no longer, in a lot where suspect counts as unknown */
    BAY_REASONS
};

/* Bits of one word; each change of one bit is one record. */
enum bay_condition {
    BAY_FLAPPING = 1,
    BAY_STUCK_OCCUPIED = 2,
    BAY_STUCK_FREE = 4,
    BAY_CONDITIONS_END = 8 /* `for (c = 1; c < BAY_CONDITIONS_END; c <<= 1)` meets each */
};

const char *bay_state_name(enum bay_state state); /* "free" */
bool bay_state_parse(const char *name, enum bay_state *ret);
const char *bay_reason_name(enum bay_reason reason); /* "silence" */
bool bay_reason_parse(const char *name, enum bay_reason *ret);
const char *bay_condition_name(enum bay_condition condition); /* one bit: "stuck_free" */
bool bay_condition_parse(const char *name, enum bay_condition *ret);

#endif
