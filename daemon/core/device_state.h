/* The words for a device: whether it answers. Pure; any thread. */
#ifndef CORE_DEVICE_STATE_H
#define CORE_DEVICE_STATE_H

#include <stdbool.h>

enum device_state { DEVICE_NEW, DEVICE_ONLINE, DEVICE_OFFLINE, DEVICE_STATES };

const char *device_state_name(enum device_state state); /* "online" */
bool device_state_parse(const char *name, enum device_state *ret);

#endif
