/*
 * One sensor behind a network: its driver, the order of its messages, its health. Pure; memory is
 * the caller's.
 */
#ifndef NETWORK_MEMBER_H
#define NETWORK_MEMBER_H

#include "daemon/core/civil.h"
#include "daemon/core/device_state.h"
#include "daemon/network/health.h"
#include "daemon/network/settings.h"

struct member {
    const struct network_sensor *settings;
    struct sensor order;
    struct sensor_health health;
    enum device_state state;
    mono_ms heard;
    int64_t limit_ms; /* of silence, as told to the core */
    bool occupied;    /* by the threshold on its distance */
    bool told;        /* what the bay was told last, and when it changed */
    utc_ms changed;
    char place[ENVELOPE_TOPIC]; /* the device's part of its topic; empty until it is heard */
};

void member_init(struct member *member, const struct network_sensor *settings);

/* What one message comes to. `at`: when it was, by the network's time, or the platform's, or else
 * now. */
struct member_heard {
    struct sensor_outcome outcome;
    struct report report;
    utc_ms at;
};

/* Decodes and orders one message. A refusal is counted and leaves `ret` undefined. */
enum refusal member_hear(struct member *member, const struct envelope *envelope, bool retained,
                         utc_ms now, struct member_heard *ret);

/* How long it may be silent now. The limit of the day holds once the day has lasted for it, or a
 * sensor that slept through the night as it should would be called silent at dawn. */
int64_t member_limit_ms(const struct member *member, const struct network_settings *network,
                        const struct civil_zone *zone, utc_ms now);

/* The moment `at` on both clocks; never later than now. */
struct now member_moment(struct now now, utc_ms at);

#endif
