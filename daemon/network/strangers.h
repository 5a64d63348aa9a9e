/*
 * Sensors that are heard at a network server and are not configured: what an installer has just
 * switched on. A bounded list, the latest first. Pure; memory is the caller's.
 */
#ifndef NETWORK_STRANGERS_H
#define NETWORK_STRANGERS_H

#include "daemon/core/text.h"
#include "sensors/network/envelope.h"

enum { NETWORK_STRANGERS = 32 };

struct network_stranger {
    char address[ENVELOPE_TEXT];
    char name[ENVELOPE_TEXT]; /* as the server calls it */
    int32_t port;
    uint8_t frame[REPORT_FRAME_MAX]; /* its last */
    size_t size;
    utc_ms heard;
    uint64_t frames; /* 0: this place is free, and so are those behind it */
};

/* Takes a frame of `address` into the list; whoever was heard longest ago makes room. True when it
 * was not in the list. */
bool strangers_note(struct network_stranger list[NETWORK_STRANGERS],
                    const struct envelope *envelope, const char *address, utc_ms now);

/* {"network","address","name","frames","heard","fport","hex","fits":[{"driver","occupied",…},…]}:
 * the stranger, and what each driver that believes its last frame makes of it. */
void strangers_json(const struct network_stranger *stranger, const char *network, struct text *out);

#endif
