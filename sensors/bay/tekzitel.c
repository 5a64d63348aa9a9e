/*
 * Tekzitel TEKZIPARK: magnetometer, radar and Bluetooth beacons, LoRaWAN. Pure.
 * Source: TheThingsNetwork/lorawan-devices vendor/tekzitel/tekzipark.js (no published examples).
 */
#include "sensors/cursor.h"
#include "sensors/drivers.h"

/*
 *   0                                                                        1    2
 * | occupied, 0, good battery, obstruction, radar, no beacon, reset, alive | °C | parking id | …
 *
 *  port 1: … nothing, or | int8 beacon dBm | u16 beacon id …   ac 19 05 c2 1234 = occupied, 25 °C
 *  port 2: … deflection int8 ×3 | baseline int8 ×3 | fault | obstruction | reflection
 *              29 f6 07 000000 f80a40 03 00 01 = free, -10 °C, fault 3, keep-alive
 *
 * Downlink, port 3: 8 bytes of bit fields, all written at once; there is no read-back, so the rest
 * of them must be known before one can be set. Bit 3 of byte 3 restarts the magnetometer, which
 * takes its baseline anew (that this is the recalibration is read out of its name).
 *
 *   0                         1                   2              3
 * | baseline offset, radar, … | … deflection, … | … samples, … | sleep ×3, reset, restart, delay ×3
 * | 4                                 5           6          7 | … Z ×3, self-heal, alive ×2     |
 * radar, … | beacons, … | beacon dBm |
 */
enum { PORT_NORMAL = 1, PORT_DEBUG = 2, PORT_DOWN = 3 };
enum { SIZE_NORMAL = 3, SIZE_DEBUG = 12, FAULT_AT = 9 };
enum { SIZE_DOWN = 8, RESTART_AT = 3, RESTART = 0x08 };
enum flag { ALIVE = 0x01, RESET = 0x02, GOOD_BATTERY = 0x20, OCCUPIED = 0x80 };

/* Beacons follow their strength in pairs of bytes. */
static bool size_fits(const struct sensor_frame *frame)
{
    if (frame->port == PORT_DEBUG)
        return frame->size >= SIZE_DEBUG && frame->size <= SIZE_DEBUG + SENSOR_APPENDED;
    return frame->size == SIZE_NORMAL || (frame->size > SIZE_NORMAL && frame->size % 2 == 0);
}

static void take_debug(const struct sensor_frame *frame, struct report *ret)
{
    struct cursor c = cursor_at(frame->bytes, frame->size, SIZE_NORMAL);

    for (int i = 0; i < 3; i++)
        ret->field[i] = cursor_s8(&c);
    for (int i = 0; i < 3; i++)
        ret->field_base[i] = cursor_s8(&c);
    ret->magnetic = ret->baseline = true;
    if (frame->bytes[FAULT_AT])
        ret->fault = "the device reports a fault code";
}

static enum refusal decode(const struct sensor_frame *frame, struct report *ret)
{
    if (frame->port != PORT_NORMAL && frame->port != PORT_DEBUG) {
        ret->event = EVENT_UNKNOWN_PORT;
        return REFUSED_KIND;
    }
    if (!size_fits(frame))
        return REFUSED_LENGTH;
    uint8_t flags = frame->bytes[0];

    ret->event = flags & ALIVE ? EVENT_HEARTBEAT : EVENT_STATUS_CHANGE;
    if (flags & RESET) {
        ret->event = EVENT_STARTUP;
        ret->reset_cause = "unknown";
    }
    report_state(ret, flags & OCCUPIED);
    ret->battery = flags & GOOD_BATTERY ? BATTERY_OK : BATTERY_LOW;
    ret->temperature_decidegrees = (int8_t)frame->bytes[1] * 10;
    if (frame->port == PORT_DEBUG)
        take_debug(frame, ret);
    return REFUSED_NOT;
}

static bool encode(const struct sensor_downlink *row, const struct downlink_wish *wish,
                   struct downlink_frame *ret, struct err *err)
{
    if (!wish->settings || wish->settings->size != SIZE_DOWN)
        return err_set(err, "a TEKZIPARK takes all its settings at once and tells none; put the 8 "
                            "bytes it was set to into the sensor's settings");
    *ret = *wish->settings;
    ret->port = row->port;
    ret->bytes[RESTART_AT] |= RESTART;
    return true;
}

static const struct sensor_downlink downlinks[] = {
    {.name = DOWNLINK_RECALIBRATE,
     .meaning = "restart of the magnetometer",
     .port = PORT_DOWN,
     .encode = encode},
    {.name = NULL},
};

const struct sensor_driver tekzitel_tekzipark_driver = {
    .name = "tekzitel/tekzipark",
    .device = "Tekzitel TEKZIPARK",
    .revisions = {"any"},
    .decode = decode,
    .downlinks = downlinks,
    .tool = "Tekzitel's app",
};
