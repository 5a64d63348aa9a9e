/* One frame through one driver, for the tests of drivers. */
#ifndef FRAME_BENCH_H
#define FRAME_BENCH_H

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sensors/drivers.h"

struct heard {
    enum refusal refused;
    struct report report;
};

/* `hex` without spaces in it; the frame lies in memory of exactly its size for the sanitizers. */
static inline struct heard hear(const char *device, int32_t port, const char *hex)
{
    struct heard heard;
    struct sensor_frame frame = {.port = port, .size = strlen(hex) / 2};
    const struct sensor_driver *driver = NULL;
    bool found = drivers_find(device, &driver, &frame.revision);
    uint8_t *bytes = malloc(frame.size ? frame.size : 1);

    assert(found && bytes);
    (void)found;
    for (size_t i = 0; i < frame.size; i++) {
        unsigned byte = 0;
        int read = sscanf(hex + 2 * i, "%2x", &byte);
        assert(read == 1);
        (void)read;
        bytes[i] = (uint8_t)byte;
    }
    frame.bytes = bytes;
    heard.refused = drivers_decode(driver, &frame, &heard.report);
    free(bytes);
    return heard;
}

#endif
