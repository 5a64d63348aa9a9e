/*
 * Guidance signs as data: how a number of free bays, "full" and "not known" are written into a
 * display's registers, and when. Pure; the bus does the writing, behind everything else.
 *
 *  G1 What is shown is what was asked for last; what came in between is never written.
 *  G2 A change is written at once, and everything again each refresh_ms: a sign that was off shows
 *     the truth soon after.
 *  G3 What was not confirmed is written again after SIGN_RETRY_MS.
 */
#ifndef SENSORS_SIGN_SIGN_H
#define SENSORS_SIGN_SIGN_H

#include "daemon/base/err.h"
#include "daemon/core/units.h"
#include "sensors/bus/frame.h"

enum { SIGN_WIDTH = 8, SIGN_RETRY_MS = 1000 };

enum sign_form {
    SIGN_NUMBER, /* one register holds the number */
    SIGN_DIGITS, /* a register a character: 0 … 9, blank_code, dash_code */
    SIGN_BCD,    /* four such characters in a register, the first in its highest bits */
    SIGN_ASCII,  /* two characters in a register, the first in its high byte */
    SIGN_FORMS
};

struct sign_map {
    const char *name, *device;
    uint8_t function; /* 6 (one register only) or 16 */
    uint16_t address;
    enum sign_form form;
    uint8_t width; /* characters; of a number: digits, which bound it */
    bool zeros;    /* leading zeros instead of blanks */
    uint16_t blank_code, dash_code;
    const char *full, *unknown; /* texts of `width` at most; digits, blank and "-" but for ASCII */
    uint16_t full_value, unknown_value; /* SIGN_NUMBER */
    uint16_t brightness_address;        /* written once a refresh; 0: it has none */
    uint16_t brightness;
    int64_t response_ms;
};

bool sign_map_check(const struct sign_map *map, struct err *err);

struct sign_value {
    bool known;
    uint32_t free; /* 0: full */
};

/* The write that shows it. More than the width can hold is shown as its greatest number. */
struct frame_request sign_encode(const struct sign_map *map, uint8_t unit,
                                 const struct sign_value *value);

/* A sign's schedule; zeroed at the start, when nothing has been asked for. */
struct sign {
    bool asked, shown; /* shown: confirmed since the last change */
    bool under_way;
    struct sign_value value;
    bool dim_due;       /* the brightness follows */
    mono_ms written_at; /* last */
};

void sign_show(struct sign *sign, const struct sign_value *value);
/* True with the write that is due now. */
bool sign_next(struct sign *sign, const struct sign_map *map, uint8_t unit, int64_t refresh_ms,
               mono_ms now, struct frame_request *ret);
void sign_written(struct sign *sign, bool confirmed);

#endif
