/*
 * How a device can misbehave: one row a mode. A faulty answer never counts as served in the truth
 * log, even if a poller that trusts too much might take it.
 */
#ifndef PARKSIM_FAULT_H
#define PARKSIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum fault_mode {
    FAULT_NONE,
    FAULT_SILENT,     /* no answer */
    FAULT_LOST,       /* it does what it is told; the answer is lost */
    FAULT_DRIP,       /* one byte every VALUE ms */
    FAULT_LATE,       /* the right answer, VALUE ms late */
    FAULT_WRONG_UNIT, /* from here on the answer comes at once and is spoilt */
    FAULT_WRONG_TID,
    FAULT_WRONG_PROTO,
    FAULT_TRAILING, /* four bytes too many */
    FAULT_SHORT,    /* half of the answer */
    FAULT_GARBAGE,  /* as many random bytes */
    FAULT_CRC,
    FAULT_RESET,     /* the connection is reset instead of an answer */
    FAULT_EXCEPTION, /* Modbus exception VALUE */
    FAULT_MODES
};

struct fault {
    enum fault_mode mode;
    int64_t value;
};

/* Reads "late" or "late 3000"; NULL, or what is allowed. */
const char *fault_parse(const char *mode, const char *value, bool serial, struct fault *ret);
const char *fault_name(enum fault_mode mode);

#endif
