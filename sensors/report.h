/*
 * A report: all that one frame of a bay sensor says, in our words and units. What a frame does not
 * carry is REPORT_NONE (or 0, or NULL, as each line says). A frame that is refused makes no report:
 * the bay keeps its state, and the refusal is counted. Plain data; pure.
 */
/* long: the words of every sensor stand on one page */
#ifndef SENSORS_REPORT_H
#define SENSORS_REPORT_H

#include <stdbool.h>
#include <stdint.h>

/* Why a frame is not believed. Not an error: a value with a counter. */
enum refusal {
    REFUSED_NOT,       /* it is believed */
    REFUSED_LENGTH,    /* empty, truncated, or longer than its layout */
    REFUSED_KIND,      /* a port, type or device that this decoder does not know */
    REFUSED_INTEGRITY, /* its own marks contradict each other: header, length byte, trailer */
    REFUSED_RANGE,     /* a value that the device cannot mean */
    REFUSALS
};

/* What the frame was sent for. */
enum report_event {
    EVENT_MALFORMED, /* refused */
    EVENT_UNKNOWN_PORT,
    EVENT_UNKNOWN_FRAME_TYPE,
    EVENT_STATUS_CHANGE,
    EVENT_HEARTBEAT,
    EVENT_STARTUP,
    EVENT_TELEMETRY, /* periodic, the state is inside */
    EVENT_THRESHOLD_ALARM,
    EVENT_CONFIG_REPORT,
    EVENT_CONFIG_UPLINK,
    EVENT_CONFIG_DOWNLINK,
    EVENT_DEVICE_INFO,
    EVENT_USAGE,
    EVENT_DEBUG,
    EVENT_USER_TAG,
    EVENT_DAILY_SUMMARY,
    EVENT_SENSOR_ERROR,
    EVENT_SERVICE,
    EVENT_RECALIBRATE_ACK,
    EVENT_REBOOT_ACK,
    EVENT_DEACTIVATE_ACK,
    EVENT_VEHICLE_COUNT,
    EVENT_COUNT_HEARTBEAT,
    EVENT_RTC_SYNC,
    EVENT_RTC_UPDATE_REQUEST,
    EVENTS
};

enum battery_level { BATTERY_UNKNOWN, BATTERY_OK, BATTERY_LOW, BATTERY_CRITICAL, BATTERY_LEVELS };

#define REPORT_NONE INT32_MIN

enum {
    REPORT_FRAME_MAX = 255, /* bytes; LoRaWAN carries 242 at most */
    REPORT_STATES = 85      /* the shortest state record known takes three bytes */
};

struct report {
    enum report_event event;
    bool occupied[REPORT_STATES]; /* in the order of the frame; the last is the present state */
    uint8_t states;               /* how many; 0: the frame carries no state */
    int32_t distance_mm; /* to the first obstacle, where the device leaves the rest to us */
    int32_t battery_mv, battery_percent;
    enum battery_level battery; /* as the device itself judges it, or its maker's table */
    int32_t temperature_decidegrees;
    int32_t previous_minutes;       /* how long the state before this one had lasted */
    int32_t previous_error_minutes; /* it may have been longer by so much; NONE: without bound */
    int32_t count;                  /* of vehicles, as the device keeps it, wrapping at 128 */
    bool count_reset;               /* the device began to count anew */
    int64_t arrivals;               /* of cars, in the device's life; -1 none */
    int32_t frame_counter;          /* the device's own 8 or 16 bits */
    int32_t acknowledged;           /* the value of an acknowledgement; 1: done */
    enum report_event acknowledges; /* and of what: its event; 0 of nothing */
    const char *reset_cause;        /* a word, or NULL */
    const char *fault;              /* what the device says is wrong with it, or NULL */
    bool tilted;                    /* the device no longer looks where it was mounted to */
    bool magnetic, baseline;        /* the next two lines hold something */
    int16_t field[3], field_base[3];
    int32_t signal_dbm;
    int64_t device_ms, platform_ms; /* clocks inside of the message, UTC; 0 none */
};

/* A report that says nothing yet. */
struct report report_of(enum report_event event);
/* Appends one state; more than fit are the frame's fault and cut (the last one stays the last). */
void report_state(struct report *report, bool occupied);

const char *refusal_name(enum refusal refusal);         /* "length" */
const char *report_event_name(enum report_event event); /* "status_change" */
const char *battery_level_name(enum battery_level level);

/* A field that nobody has reported yet is REPORT_NONE. */
static inline bool report_has(int32_t value)
{
    return value != REPORT_NONE;
}

#endif
