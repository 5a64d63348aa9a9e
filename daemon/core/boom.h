/*
 * A boom as the lanes see it, whatever make of barrier moves it: the canonical state ("treat
 * anything not closed as possibly open"). Made from what a driver decoded; plain data, copied
 * freely.
 */
#ifndef CORE_BOOM_H
#define CORE_BOOM_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/units.h"
#include "daemon/core/words.h"

enum boom_state {
    BOOM_UNKNOWN,
    BOOM_CLOSED,
    BOOM_OPENING,
    BOOM_OPEN,
    BOOM_CLOSING,
    BOOM_STOPPED,
    BOOM_FAULT,
    BOOM_STATES
};
extern const struct words boom_state_words;

enum boom_hold { BOOM_HOLD_NONE, BOOM_HELD_OPEN, BOOM_HELD_CLOSED, BOOM_LOCKED, BOOM_HOLDS };

/* How far the state may be believed. */
enum boom_quality {
    BOOM_OBSERVED,     /* the device tells it */
    BOOM_INFERRED,     /* by the time since the command: no limit is wired */
    BOOM_UNOBSERVABLE, /* nothing tells, nothing was commanded lately */
    BOOM_STALE,        /* the device does not answer now */
    BOOM_QUALITIES
};
extern const struct words boom_quality_words;

/* Inputs, as bits; `wired` says which of them mean anything. */
enum boom_input {
    BOOM_PRESENCE = 1, /* loop in front */
    BOOM_CLOSING_LOOP = 2,
    BOOM_PHOTOCELL = 4,
    BOOM_LIMIT_OPEN = 8,
    BOOM_LIMIT_CLOSED = 16,
    BOOM_EMERGENCY = 32, /* fire */
    BOOM_ARM_DETACHED = 64,
    BOOM_DOOR_OPEN = 128,
    BOOM_BUTTON = 256
};

enum { BOOM_ERROR_SIZE = 48 };

struct boom {
    enum boom_state state;
    int32_t position; /* 0 closed … 100 open, -1 unknown */
    enum boom_hold hold;
    enum boom_quality quality;
    unsigned inputs, wired; /* bits of enum boom_input */
    uint64_t operations;    /* opened and closed, as the device counts */
    bool counts;            /* it does */
    int32_t error;          /* the maker's code, 0 none */
    char error_text[BOOM_ERROR_SIZE];
    mono_ms at; /* of the answer */
};

/* What became of one command on the wire; told once or twice of each (sent, then answered). */
enum boom_progress {
    BOOM_TOLD_SENT,     /* the last byte was written */
    BOOM_TOLD_ACCEPTED, /* the device echoed or confirmed it */
    BOOM_TOLD_REFUSED,  /* exception, locked */
    BOOM_TOLD_UNKNOWN,  /* the reply was lost: the state decides, nobody repeats */
    BOOM_TOLD_NOTHING   /* the line is down, or it was too late */
};

#endif
