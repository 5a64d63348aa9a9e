/* long: all words about a barrier stand on one page */
/*
 * A barrier as the rest of the gateway knows it, whatever board drives it: what is known of its
 * boom and inputs, how well it is known, and what may be asked of it. Plain data and its words;
 * pure.
 *
 *  B1 What is not CLOSED may be open. Lost communication changes the quality, not the state.
 *  B2 A signal that has not been heard lately is UNKNOWN, never its last value.
 */
#ifndef CORE_BARRIER_H
#define CORE_BARRIER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/units.h"

enum barrier_state {
    BARRIER_UNKNOWN,
    BARRIER_CLOSED,
    BARRIER_OPENING,
    BARRIER_OPEN,
    BARRIER_CLOSING,
    BARRIER_STOPPED, /* between its ends */
    BARRIER_FAULT,
    BARRIER_STATES
};

enum barrier_hold {
    BARRIER_NOT_HELD,
    BARRIER_HELD_OPEN,
    BARRIER_HELD_CLOSED,
    BARRIER_DEVICE_LOCKED,
    BARRIER_HOLDS
};

enum barrier_quality {
    BARRIER_UNOBSERVABLE, /* nothing is wired that could tell, and nothing was asked yet */
    BARRIER_OBSERVED,     /* the device or a limit switch says so */
    BARRIER_INFERRED,     /* from the last command and the time of travel */
    BARRIER_STALE,        /* the device has not answered lately: the state is the last known */
    BARRIER_QUALITIES
};

enum barrier_input {
    BARRIER_PRESENCE_LOOP, /* before the boom */
    BARRIER_CLOSING_LOOP,  /* under or behind it */
    BARRIER_PHOTOCELL,
    BARRIER_LIMIT_OPEN,
    BARRIER_LIMIT_CLOSED,
    BARRIER_EMERGENCY,
    BARRIER_ARM_DETACHED,
    BARRIER_DOOR_OPEN,
    BARRIER_BUTTON,
    BARRIER_INPUTS
};

enum barrier_signal { SIGNAL_NOT_WIRED, SIGNAL_UNKNOWN, SIGNAL_OFF, SIGNAL_ON, SIGNALS };

enum barrier_action {
    BARRIER_DO_STOP,
    BARRIER_DO_OPEN,
    BARRIER_DO_CLOSE,
    BARRIER_DO_HOLD, /* hold open, where the device can; a lease: ask again before it ends */
    BARRIER_DO_RELEASE,
    BARRIER_ACTIONS
};

enum { BARRIER_TEXT = 96 };

struct barrier {
    enum barrier_state state;
    enum barrier_quality quality;
    enum barrier_hold hold;
    int16_t position_percent; /* 0 closed … 100 open; -1 unknown */
    enum barrier_signal inputs[BARRIER_INPUTS];
    bool has_operations, has_temperature;
    uint32_t operations;          /* openings and closings as the device counts them; wraps */
    int32_t temperature;          /* tenths of a degree Celsius */
    uint16_t error_code;          /* the maker's; 0 none */
    char error[BARRIER_TEXT];     /* the same in words; empty: none */
    bool ready;                   /* checked at the start: commands are sent */
    char not_ready[BARRIER_TEXT]; /* why not, with the next step */
    mono_ms heard;                /* its last believed answer */
};

/* How a command ended on the wire. Nothing of it says that the boom has moved. */
enum command_outcome {
    COMMAND_ACCEPTED, /* confirmed by the device */
    COMMAND_REFUSED,  /* the device says no: nothing happened */
    COMMAND_UNKNOWN,  /* sent, and the answer was lost, damaged or late: read back, never repeat */
    COMMAND_NOT_SENT, /* not one byte of it has left us */
    COMMAND_OUTCOMES
};

const char *barrier_state_name(enum barrier_state state);       /* "opening" */
const char *barrier_hold_name(enum barrier_hold hold);          /* "held_open" */
const char *barrier_quality_name(enum barrier_quality quality); /* "observed" */
const char *barrier_input_name(enum barrier_input input);       /* "presence_loop" */
const char *barrier_signal_name(enum barrier_signal signal);    /* "on" */
const char *barrier_action_name(enum barrier_action action);    /* "open" */

#endif
