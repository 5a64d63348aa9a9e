/* The tables of a bay's words. They stand in records that are kept for ever: never rename one. */
#include "daemon/core/bay_state.h"

#include <assert.h>
#include <string.h>

static const char *const state_names[BAY_STATES] = {
    [BAY_UNKNOWN] = "unknown",
    [BAY_FREE] = "free",
    [BAY_OCCUPIED] = "occupied",
    [BAY_OUT_OF_SERVICE] = "out_of_service",
};

static const char *const reason_names[BAY_REASONS] = {
    [BAY_BY_READING] = "reading",   [BAY_BY_SILENCE] = "silence",     [BAY_BY_FAULT] = "fault",
    [BAY_BY_OPERATOR] = "operator", [BAY_BY_SUSPICION] = "suspicion",
};

static const char *const condition_names[BAY_CONDITIONS_END] = {
    [BAY_FLAPPING] = "flapping",
    [BAY_STUCK_OCCUPIED] = "stuck_occupied",
    [BAY_STUCK_FREE] = "stuck_free",
};

/* The place of `name` in a table that may have gaps, or -1. */
static int find(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (names[i] && !strcmp(name, names[i]))
            return i;
    return -1;
}

const char *bay_state_name(enum bay_state state)
{
    assert(state < BAY_STATES);
    return state_names[state];
}

bool bay_state_parse(const char *name, enum bay_state *ret)
{
    int found = find(state_names, BAY_STATES, name);

    if (found < 0)
        return false;
    *ret = (enum bay_state)found;
    return true;
}

const char *bay_reason_name(enum bay_reason reason)
{
    assert(reason < BAY_REASONS);
    return reason_names[reason];
}

bool bay_reason_parse(const char *name, enum bay_reason *ret)
{
    int found = find(reason_names, BAY_REASONS, name);

    if (found < 0)
        return false;
    *ret = (enum bay_reason)found;
    return true;
}

const char *bay_condition_name(enum bay_condition condition)
{
    assert(condition < BAY_CONDITIONS_END && condition_names[condition]);
    return condition_names[condition];
}

bool bay_condition_parse(const char *name, enum bay_condition *ret)
{
    int found = find(condition_names, BAY_CONDITIONS_END, name);

    if (found < 0)
        return false;
    *ret = (enum bay_condition)found;
    return true;
}
