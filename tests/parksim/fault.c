/*
 * The table of fault modes: name, where it makes sense, its number's range.
 */
#include "tests/parksim/fault.h"

#include <string.h>

#include "tests/parksim/sim.h"

static const struct row {
    const char *name;
    bool on_tcp, on_serial;
    int64_t otherwise, min, max; /* the number when none is given; max 0: takes no number */
} rows[FAULT_MODES] = {
    [FAULT_NONE] = {"none", true, true, 0, 0, 0},
    [FAULT_SILENT] = {"silent", true, true, 0, 0, 0},
    [FAULT_LOST] = {"lost", true, true, 0, 0, 0},
    [FAULT_DRIP] = {"drip", true, true, 100, 1, 10000},
    [FAULT_LATE] = {"late", true, true, 3000, 1, 60000},
    [FAULT_WRONG_UNIT] = {"wrong-unit", true, true, 0, 0, 0},
    [FAULT_WRONG_TID] = {"wrong-tid", true, false, 0, 0, 0},
    [FAULT_WRONG_PROTO] = {"wrong-proto", true, false, 0, 0, 0},
    [FAULT_TRAILING] = {"trailing", true, true, 0, 0, 0},
    [FAULT_SHORT] = {"short", true, true, 0, 0, 0},
    [FAULT_GARBAGE] = {"garbage", true, true, 0, 0, 0},
    [FAULT_CRC] = {"crc", false, true, 0, 0, 0},
    [FAULT_RESET] = {"reset", true, false, 0, 0, 0},
    [FAULT_EXCEPTION] = {"exception", true, true, 4, 1, 255},
};

const char *fault_name(enum fault_mode mode)
{
    return rows[mode].name;
}

const char *fault_parse(const char *mode, const char *value, bool serial, struct fault *ret)
{
    for (int i = 0; i < FAULT_MODES; i++) {
        const struct row *row = &rows[i];
        if (strcmp(row->name, mode) != 0)
            continue;
        if (!(serial ? row->on_serial : row->on_tcp))
            return "this fault cannot happen on such a line";
        int64_t number = row->otherwise;
        if (value && (!row->max || !sim_number(value, row->min, row->max, &number)))
            return "this fault's number is out of range";
        *ret = (struct fault){.mode = (enum fault_mode)i, .value = number};
        return NULL;
    }
    return "silent, lost, drip [MS], late [MS], wrong-unit, wrong-tid, wrong-proto, trailing, "
           "short, "
           "garbage, crc, reset, exception [N] and none are allowed";
}
