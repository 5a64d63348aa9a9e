/*
 * Nwave NPS310 SM and NPS405 SM/FM: magnetometer and proximity, LoRaWAN. Pure.
 * Sources: TheThingsNetwork/lorawan-devices vendor/nwave/{nps310sm,nps405}.js and *-codec.yaml;
 * Nwave, "LoRaWAN Parking Sensor - Getting Started" (battery limits, meaning of the duration).
 */
#include "sensors/drivers.h"

/*
 * The FPort says what a frame is. The state is bit 0; an earlier public revision of the NPS405
 * decoder had it in bit 7 of ports 1, 2 and 10 (revision "bit7").
 *
 *  port 1  status     NPS310 | state                       01 = occupied
 *                     NPS405 | duration 7 bit, state       95 = occupied, free for 74 min before
 *  port 2  heartbeat  NPS310 | state                       00
 *                     NPS405 | state | (mV - 2500) / 4 | int8 (°C - 10) × 2 [| 3 unpublished]
 *                              00d3d800590b = free, 3.344 V, -10 °C
 *  port 3  start-up   | firmware ×3 | reset cause | state  0204090200 = 2.4.9, power on, free
 *  port 6  debug      | anything
 *  port 10 user tag   NPS405 | as port 1; a state of 0 means "not known" | u32 tag
 *                              or | as port 1 | tag battery 0.1 V | u32 tag
 *
 * Duration of the state before: < 90 minutes as it is; 90 … 119 in steps of 5 from 90; 120 … 126 in
 * steps of 60 from 240; 127: 660 or more.
 */
enum { BIT_0, BIT_7 }; /* revisions of the NPS405 */

static const char *const causes_310[] = {NULL,           "watchdog", "power_on",
                                         "user_request", "brownout", "other"};
static const char *const causes_405[] = {"rejoin", "watchdog", "power_on", "user_request",
                                         NULL,     NULL,       "brownout", "other"};

static bool size_fits(const struct sensor_frame *frame, size_t size)
{
    return frame->size >= size && frame->size <= size + SENSOR_APPENDED;
}

static const char *cause_of(const char *const *causes, size_t known, uint8_t number)
{
    return number < known && causes[number] ? causes[number] : "unknown";
}

static enum refusal unknown_port(struct report *ret)
{
    ret->event = EVENT_UNKNOWN_PORT;
    return REFUSED_KIND;
}

static enum refusal decode_startup(const struct sensor_frame *frame, const char *const *causes,
                                   size_t known, struct report *ret)
{
    if (!size_fits(frame, 5))
        return REFUSED_LENGTH;
    ret->event = EVENT_STARTUP;
    ret->reset_cause = cause_of(causes, known, frame->bytes[3]);
    report_state(ret, frame->bytes[4] & 1);
    return REFUSED_NOT;
}

static enum refusal decode_debug(const struct sensor_frame *frame, struct report *ret)
{
    ret->event = frame->size ? EVENT_DEBUG : EVENT_MALFORMED;
    return frame->size ? REFUSED_NOT : REFUSED_LENGTH;
}

static enum refusal decode_310(const struct sensor_frame *frame, struct report *ret)
{
    if (frame->port == 3)
        return decode_startup(frame, causes_310, sizeof causes_310 / sizeof *causes_310, ret);
    if (frame->port == 6)
        return decode_debug(frame, ret);
    if (frame->port != 1 && frame->port != 2)
        return unknown_port(ret);
    if (!size_fits(frame, 1))
        return REFUSED_LENGTH;
    ret->event = frame->port == 1 ? EVENT_STATUS_CHANGE : EVENT_HEARTBEAT;
    report_state(ret, frame->bytes[0] & 1);
    return REFUSED_NOT;
}

static bool state_of(const struct sensor_frame *frame)
{
    return frame->bytes[0] >> (frame->revision == BIT_7 ? 7 : 0) & 1;
}

static void take_duration(const struct sensor_frame *frame, struct report *ret)
{
    int32_t code = frame->revision == BIT_7 ? frame->bytes[0] & 0x7f : frame->bytes[0] >> 1;

    if (code < 90) {
        ret->previous_minutes = code;
        ret->previous_error_minutes = 0;
    } else if (code < 120) {
        ret->previous_minutes = 90 + 5 * (code - 90);
        ret->previous_error_minutes = 4;
    } else if (code < 127) {
        ret->previous_minutes = 240 + 60 * (code - 120);
        ret->previous_error_minutes = 59;
    } else {
        ret->previous_minutes = 660;
    }
}

/* The maker's limits: a cold battery shows less and is still good. */
static enum battery_level battery_of(int32_t mv, int32_t decidegrees)
{
    int32_t critical_mv = decidegrees >= -50 ? 2900 : 2800;

    if (mv >= critical_mv + 100)
        return BATTERY_OK;
    return mv >= critical_mv ? BATTERY_LOW : BATTERY_CRITICAL;
}

static enum refusal decode_405_heartbeat(const struct sensor_frame *frame, struct report *ret)
{
    if (!size_fits(frame, 3))
        return REFUSED_LENGTH;
    ret->event = EVENT_HEARTBEAT;
    report_state(ret, state_of(frame));
    ret->battery_mv = 2500 + 4 * frame->bytes[1];
    ret->temperature_decidegrees = (int8_t)frame->bytes[2] * 5 + 100;
    ret->battery = battery_of(ret->battery_mv, ret->temperature_decidegrees);
    return REFUSED_NOT;
}

static enum refusal decode_405_tag(const struct sensor_frame *frame, struct report *ret)
{
    if (frame->size != 5 && frame->size != 6)
        return REFUSED_LENGTH;
    ret->event = EVENT_USER_TAG;
    if (state_of(frame)) {
        report_state(ret, true);
        take_duration(frame, ret);
    }
    return REFUSED_NOT;
}

static enum refusal decode_405(const struct sensor_frame *frame, struct report *ret)
{
    switch (frame->port) {
    case 1:
        if (!size_fits(frame, 1))
            return REFUSED_LENGTH;
        ret->event = EVENT_STATUS_CHANGE;
        report_state(ret, state_of(frame));
        take_duration(frame, ret);
        return REFUSED_NOT;
    case 2:
        return decode_405_heartbeat(frame, ret);
    case 3:
        return decode_startup(frame, causes_405, sizeof causes_405 / sizeof *causes_405, ret);
    case 6:
        return decode_debug(frame, ret);
    case 10:
        return decode_405_tag(frame, ret);
    default:
        return unknown_port(ret);
    }
}

const struct sensor_driver nwave_nps310sm_driver = {
    .name = "nwave/nps310sm",
    .device = "Nwave NPS310 SM",
    .revisions = {"any"},
    .decode = decode_310,
    .tool = "Nwave's mobile app",
};

const struct sensor_driver nwave_nps405_driver = {
    .name = "nwave/nps405",
    .device = "Nwave NPS405 SM or FM",
    .revisions = {"bit0", "bit7"},
    .decode = decode_405,
    .tool = "Nwave's mobile app",
};
