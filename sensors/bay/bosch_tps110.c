/*
 * Bosch TPS110 / TPL110 parking lot sensor (PLS): magnetometer and radar, LoRaWAN. Pure.
 * Sources: TheThingsNetwork/lorawan-devices vendor/bosch/tpl110-0292.js, tps110-0292-codec.yaml
 * (firmware 0.29); akenza-io/device-type-library types/bosch/parkingLotSensor0_39 (firmware 0.39).
 */
#include "sensors/drivers.h"

/*
 * The FPort says what a frame is. Bits 7..1 of a state byte are reserved: bit 0 alone counts,
 * though one public decoder takes any other value for occupied.
 *
 *  port 1 status     | state                                        01 = occupied
 *  port 2 heartbeat  | state | int8 °C (missing before 0.29)        01ff = occupied, -1 °C
 *  port 3 start-up   | 3 × u32le debug code | firmware ×3 | reset cause | state
 *                      0a000000 970320cd 00020000 002702 03 00 = 0.39.2, system request, free
 *  port 4 device     | u24 + u16 EUI part, hardware, product | product class
 *  port 5 usage      | item | u32 value; item 2: 6 × u24; item 5: 5 × u8, u16
 *                      00 000004d2 = 1234 changes of state
 *  port 6 debug      | u32le time | u16le code | 2 reserved | u16le sequence
 */
struct layout {
    uint8_t least, most; /* bytes */
    enum report_event event;
    int8_t state; /* the place of the state byte; -1 none */
};

static const struct layout layouts[] = {
    [1] = {1, 1, EVENT_STATUS_CHANGE, 0}, [2] = {1, 2, EVENT_HEARTBEAT, 0},
    [3] = {17, 17, EVENT_STARTUP, 16},    [4] = {6, REPORT_FRAME_MAX, EVENT_DEVICE_INFO, -1},
    [5] = {5, 19, EVENT_USAGE, -1},       [6] = {10, 10, EVENT_DEBUG, -1},
};

/* Of a frame on port 5, by its item. */
static const uint8_t usage_sizes[] = {5, 5, 19, 5, 5, 8, 5};

enum revision { BY_FIRMWARE_BYTES, FIRMWARE_0_29, FIRMWARE_0_39 };
enum { FIRMWARE_AT = 12, RESET_CAUSE_AT = 15, CAUSES = 8 };

/* Firmware 0.39 gave number 4 another meaning. */
static const char *const causes_0_29[CAUSES] = {NULL, "watchdog", "power_on", "system_request",
                                                "other"};
static const char *const causes_0_39[CAUSES] = {
    NULL, "watchdog", "power_on", "system_request", "external_pin", "lockup", "brownout", "other"};

static const char *reset_cause(const uint8_t *bytes, uint8_t revision)
{
    bool newer = bytes[FIRMWARE_AT] > 0 || bytes[FIRMWARE_AT + 1] >= 39;
    uint8_t cause = bytes[RESET_CAUSE_AT];

    if (revision != BY_FIRMWARE_BYTES)
        newer = revision == FIRMWARE_0_39;
    const char *word = cause < CAUSES ? (newer ? causes_0_39 : causes_0_29)[cause] : NULL;
    return word ? word : "unknown";
}

static enum refusal check_usage(const struct sensor_frame *frame)
{
    uint8_t item = frame->bytes[0];

    if (item >= sizeof usage_sizes)
        return REFUSED_KIND;
    return frame->size == usage_sizes[item] ? REFUSED_NOT : REFUSED_LENGTH;
}

static enum refusal decode(const struct sensor_frame *frame, struct report *ret)
{
    const int32_t ports = sizeof layouts / sizeof *layouts;

    if (frame->port < 1 || frame->port >= ports) {
        ret->event = EVENT_UNKNOWN_PORT;
        return REFUSED_KIND;
    }
    const struct layout *layout = &layouts[frame->port];
    if (frame->size < layout->least || frame->size > (size_t)layout->most + SENSOR_APPENDED)
        return REFUSED_LENGTH;
    enum refusal refused = layout->event == EVENT_USAGE ? check_usage(frame) : REFUSED_NOT;
    if (refused)
        return refused;

    ret->event = layout->event;
    if (layout->state >= 0)
        report_state(ret, frame->bytes[layout->state] & 1);
    if (layout->event == EVENT_HEARTBEAT && frame->size > 1)
        ret->temperature_decidegrees = (int8_t)frame->bytes[1] * 10;
    if (layout->event == EVENT_STARTUP)
        ret->reset_cause = reset_cause(frame->bytes, frame->revision);
    return REFUSED_NOT;
}

const struct sensor_driver bosch_tps110_driver = {
    .name = "bosch/tps110",
    .device = "Bosch TPS110 parking lot sensor",
    .revisions = {"any", "fw0.29", "fw0.39"},
    .keepalive_ms = 24 * 3600000LL,
    .decode = decode,
    .tool = "Bosch's commissioning tool",
};
