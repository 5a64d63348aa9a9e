/* The words of barrier.h. */
#include "daemon/core/barrier.h"

const char *barrier_state_name(enum barrier_state state)
{
    static const char *const names[BARRIER_STATES] = {"unknown", "closed",  "opening", "open",
                                                      "closing", "stopped", "fault"};
    return names[state];
}

const char *barrier_hold_name(enum barrier_hold hold)
{
    static const char *const names[BARRIER_HOLDS] = {"none", "held_open", "held_closed",
                                                     "device_locked"};
    return names[hold];
}

const char *barrier_quality_name(enum barrier_quality quality)
{
    static const char *const names[BARRIER_QUALITIES] = {"unobservable", "observed", "inferred",
                                                         "stale"};
    return names[quality];
}

const char *barrier_input_name(enum barrier_input input)
{
    static const char *const names[BARRIER_INPUTS] = {"presence_loop", "closing_loop", "photocell",
                                                      "limit_open",    "limit_closed", "emergency",
                                                      "arm_detached",  "door_open",    "button"};
    return names[input];
}

const char *barrier_signal_name(enum barrier_signal signal)
{
    static const char *const names[SIGNALS] = {"not_wired", "unknown", "off", "on"};
    return names[signal];
}

const char *barrier_action_name(enum barrier_action action)
{
    static const char *const names[BARRIER_ACTIONS] = {"stop", "open", "close", "hold", "release"};
    return names[action];
}
