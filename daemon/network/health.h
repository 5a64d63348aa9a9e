/* long: what is counted, told and found of a sensor is one page */
/*
 * How one radio sensor is, from its own reports and from what its messages lack. Pure; memory is
 * the caller's. The first of these that is so is told, with the next step in words.
 */
#ifndef NETWORK_HEALTH_H
#define NETWORK_HEALTH_H

#include "daemon/core/sensor.h"
#include "daemon/core/text.h"
#include "sensors/network/envelope.h"

struct health_counts {
    uint64_t heard, echoes, late, missed, epochs, resets, refused[REFUSALS];
};

struct sensor_health {
    struct health_counts counts;
    enum battery_level battery;
    int32_t battery_mv, temperature_decidegrees; /* REPORT_NONE: never told */
    int32_t rssi_dbm[2];                         /* smoothed; of the free and the occupied bay */
    int32_t snr_centi[2];
    uint32_t gateways;
    bool tilted;
    const char *fault;       /* the device's own words, or NULL */
    const char *reset_cause; /* of the last start, or NULL */
    int64_t resets_day;      /* the day of `resets_today` */
    uint32_t resets_today;
    enum refusal last_refusal;
    uint32_t joined_today; /* and how often it has joined the network anew */
    int64_t joined_day;
    const char *complaint; /* the server's, in our words, or NULL; gone with the next message */
    uint32_t together;     /* changes of the bay next to it at the same moment, less the others */
};

void health_init(struct sensor_health *health);
void health_refused(struct sensor_health *health, enum refusal refused);
void health_heard(struct sensor_health *health, const struct report *report,
                  const struct envelope *envelope, const struct sensor_outcome *outcome);

/* What the network server tells of it: a new session; a complaint by ChirpStack's code. */
void health_joined(struct sensor_health *health, utc_ms at);
void health_complaint(struct sensor_health *health, const char *code);

/* The bay has changed; `together`: and one next to it did within seconds. Two cars do that now and
 * then, a sensor that sees its neighbour's car does it each time. */
void health_changed(struct sensor_health *health, bool together);

/* What is wrong, the worst first. */
enum health_finding {
    HEALTH_FINE,
    HEALTH_FAULT,
    HEALTH_BATTERY_CRITICAL,
    HEALTH_COMPLAINT,
    HEALTH_REFUSED,
    HEALTH_TILTED,
    HEALTH_RESTARTS,
    HEALTH_JOINS,
    HEALTH_BATTERY_LOW,
    HEALTH_MISSED,
    HEALTH_MIRRORS,
    HEALTH_WEAK,
    HEALTH_FINDINGS
};

enum health_finding health_finding(const struct sensor_health *health);
const char *health_finding_name(enum health_finding finding); /* "weak_radio"; "" when fine */
/* Appends what is wrong and what to do; nothing when all is well. */
void health_words(const struct sensor_health *health, struct text *out);

#endif
