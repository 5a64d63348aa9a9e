/* A reading: what a device said about one bay, decoded. A refused frame makes none. Pure. */
#ifndef CORE_READING_H
#define CORE_READING_H

#include <stdbool.h>
#include <stdint.h>

enum sensed {
    SENSED_FREE,
    SENSED_OCCUPIED,
    SENSED_FAULT,
    SENSED_NOTHING /* in no reading: the bay has not been heard yet */
};

struct reading {
    uint32_t bay;
    enum sensed sensed;
    bool inferred; /* no message told of it when it happened: sensor.h, S6 and S7 */
};

#endif
