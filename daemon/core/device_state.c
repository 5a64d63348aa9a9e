/* The table of a device's words. They stand in records that are kept for ever: never rename one. */
#include "daemon/core/device_state.h"

#include <assert.h>
#include <string.h>

static const char *const names[DEVICE_STATES] = {
    [DEVICE_NEW] = "new",
    [DEVICE_ONLINE] = "online",
    [DEVICE_OFFLINE] = "offline",
};

const char *device_state_name(enum device_state state)
{
    assert(state < DEVICE_STATES);
    return names[state];
}

bool device_state_parse(const char *name, enum device_state *ret)
{
    for (int i = 0; i < DEVICE_STATES; i++)
        if (!strcmp(name, names[i])) {
            *ret = (enum device_state)i;
            return true;
        }
    return false;
}
