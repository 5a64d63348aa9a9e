/*
 * Libelium PARKING-V1 (Sigfox and LoRaWAN) and Smart Parking v2. Pure.
 * Sources: Libelium PARKING-V1 user manual pp. 11-16 and 58-60; ELEMENT IoT's public parser for it;
 * the public Python package libelium-parking-sensor-v2 (v2: header only, the rest is unpublished).
 * The two generations cannot be told apart by their frames: the configuration says which it is.
 */
#include "sensors/cursor.h"
#include "sensors/drivers.h"

/*
 *  | occupied 1, battery low 1, 0 0, type 4 (v2: 3) | counter | 9 bytes by type
 *
 *  0 info        °C | X | Y | Z | 0 | (mV - 2800) / 4       80 04 1e 01ad 1093 93ee 00 c7
 *  1 keep-alive  hh | mm | °C | X | Y | Z                   81 17 0c 1e 3c f448 0064 00c8
 *  2 daily       3 × u16 | resets | configuration | 0
 *  3 error       0 0 sigfox lora rtc x y z | °C | X | Y | Z | (mV - 2800) / 4
 *  4 start 1     °C | reference X | Y | Z | u16 mV
 *  5 start 2     firmware, night ×4, radio, sleep, keep-alive, threshold
 *  6, 7, 8       service, downlink, rssi: as type 1
 *
 * Axes are s16, big-endian. Firmware 1 has a raw u16 where the later ones have int8 °C, so its
 * frames have 12 bytes:  04 00 003f 34b9 0917 3f60 0fc2 = start 1, 4.034 V
 */
enum { WITH_COUNTER = 1, TYPE_ERROR = 3, SIZE = 11, SIZE_FIRMWARE_1 = 12 };
enum revision { FIRMWARE_2, FIRMWARE_1 };

struct layout {
    enum report_event event;
    uint8_t temperature, axes, battery, battery_mv; /* places; 0 none */
};

static const struct layout layouts[] = {
    {EVENT_STATUS_CHANGE, 2, 3, 10, 0}, {EVENT_HEARTBEAT, 4, 5, 0, 0},
    {EVENT_DAILY_SUMMARY, 0, 0, 0, 0},  {EVENT_SENSOR_ERROR, 3, 4, 10, 0},
    {EVENT_STARTUP, 2, 3, 0, 9},        {EVENT_CONFIG_REPORT, 0, 0, 0, 0},
    {EVENT_SERVICE, 4, 5, 0, 0},        {EVENT_SERVICE, 4, 5, 0, 0},
    {EVENT_SERVICE, 4, 5, 0, 0},
};

static const enum report_event v2_events[8] = {
    EVENT_STATUS_CHANGE, EVENT_HEARTBEAT,     EVENT_CONFIG_UPLINK, EVENT_CONFIG_DOWNLINK,
    EVENT_STARTUP,       EVENT_CONFIG_REPORT, EVENT_RTC_SYNC,      EVENT_RTC_UPDATE_REQUEST,
};

static void take_header(const struct sensor_frame *frame, struct report *ret)
{
    report_state(ret, frame->bytes[0] >> 7);
    ret->battery = frame->bytes[0] & 0x40 ? BATTERY_LOW : BATTERY_OK;
    ret->frame_counter = frame->bytes[WITH_COUNTER];
}

static void take_axes(const struct sensor_frame *frame, size_t at, bool baseline,
                      struct report *ret)
{
    struct cursor c = cursor_at(frame->bytes, frame->size, at);
    int16_t *axes = baseline ? ret->field_base : ret->field;

    for (int i = 0; i < 3; i++)
        axes[i] = cursor_s16be(&c);
    ret->baseline = baseline;
    ret->magnetic = !baseline;
}

/* `wide`: one byte more, at the temperature. */
static void take_body(const struct sensor_frame *frame, const struct layout *layout, size_t wide,
                      struct report *ret)
{
    if (layout->temperature && !wide)
        ret->temperature_decidegrees = (int8_t)frame->bytes[layout->temperature] * 10;
    if (layout->axes)
        take_axes(frame, layout->axes + wide, layout->event == EVENT_STARTUP, ret);
    if (layout->battery)
        ret->battery_mv = 2800 + 4 * frame->bytes[layout->battery + wide];
    if (layout->battery_mv) {
        struct cursor c = cursor_at(frame->bytes, frame->size, layout->battery_mv + wide);
        ret->battery_mv = cursor_u16be(&c);
    }
    if (layout->event == EVENT_SENSOR_ERROR && frame->bytes[2] & 0x3f)
        ret->fault = frame->bytes[2] & 0x07 ? "an axis of its magnetometer fails"
                                            : "its radio or clock fails";
    if (layout->event == EVENT_STARTUP)
        ret->reset_cause = "unknown";
}

static enum refusal decode_v1(const struct sensor_frame *frame, struct report *ret)
{
    size_t wide = frame->revision == FIRMWARE_1;
    uint8_t type = frame->size ? frame->bytes[0] & 0x0f : 0;

    if (frame->size != (wide ? SIZE_FIRMWARE_1 : SIZE))
        return REFUSED_LENGTH;
    if (type >= sizeof layouts / sizeof *layouts) {
        ret->event = EVENT_UNKNOWN_FRAME_TYPE;
        return REFUSED_KIND;
    }
    ret->event = layouts[type].event;
    take_header(frame, ret);
    take_body(frame, &layouts[type], wide, ret);
    return REFUSED_NOT;
}

static enum refusal decode_v2(const struct sensor_frame *frame, struct report *ret)
{
    if (frame->size != SIZE)
        return REFUSED_LENGTH;
    ret->event = v2_events[frame->bytes[0] & 0x07];
    take_header(frame, ret);
    return REFUSED_NOT;
}

const struct sensor_driver libelium_parking_v1_driver = {
    .name = "libelium/parking-v1",
    .device = "Libelium PARKING-V1",
    .revisions = {"fw2", "fw1"},
    .keepalive_ms = 3 * 3600000LL,
    .decode = decode_v1,
    .tool = "Libelium's Smart Devices App",
};

const struct sensor_driver libelium_smart_parking_v2_driver = {
    .name = "libelium/smart-parking-v2",
    .device = "Libelium Smart Parking v2",
    .revisions = {"any"},
    .decode = decode_v2,
    .tool = "Libelium's Smart Devices App",
};
