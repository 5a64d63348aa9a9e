/*
 * PNI PlacePod: magneto-inductive, LoRaWAN; senses presence, or counts vehicles in a lane. Pure.
 * Sources: PNI-Cloud/PlacePod-Api models/Packet.js, lib/PacketFactory.js, test/CayenneLpp.test.js;
 * akenza-io/device-type-library types/pnicorp/placePod; Cayenne LPP (sizes of its types).
 */
#include "sensors/cursor.h"
#include "sensors/drivers.h"

/*
 * Records in any order, values big-endian. An empty frame: the device has started.
 *
 *   | channel | type | value …  repeated
 *
 *  15 66 vv    presence                     37 66 vv    presence, keep-alive
 *  21 00 nn    vehicle count, 128 = reset   37 00 nn    the same, keep-alive
 *  03 02 hhll  battery, 0.01 V              02 67 hhll  temperature, 0.1 °C
 *  01 tt vv    recalibrated (1 = done)      1c tt vv    deactivated     3f tt vv  rebooted
 *  05 00 rr    error register               06 00 ss    error state
 *
 *  0302016d 026700eb 376601 = 3.65 V, 23.5 °C, occupied (keep-alive)
 *  156601 156600 = a car came and went
 */
enum channel {
    CHANNEL_RECALIBRATE = 0x01,
    CHANNEL_TEMPERATURE = 0x02,
    CHANNEL_BATTERY = 0x03,
    CHANNEL_ERROR_REGISTER = 0x05,
    CHANNEL_ERROR_STATE = 0x06,
    CHANNEL_PRESENCE = 0x15,
    CHANNEL_DEACTIVATE = 0x1c,
    CHANNEL_COUNT = 0x21,
    CHANNEL_KEEPALIVE = 0x37,
    CHANNEL_REBOOT = 0x3f
};
enum type {
    TYPE_DIGITAL = 0x00,
    TYPE_ANALOG = 0x02,
    TYPE_PRESENCE = 0x66,
    TYPE_TEMPERATURE = 0x67
};
enum { COUNT_RESET = 128 };

/* What the device itself does not send but the format knows is passed over by its size. */
static const struct {
    uint8_t type, size;
} sizes[] = {{0x00, 1}, {0x01, 1}, {0x02, 2}, {0x03, 2}, {0x65, 2}, {0x66, 1},
             {0x67, 2}, {0x68, 1}, {0x71, 6}, {0x73, 2}, {0x86, 6}, {0x88, 9}};

static size_t size_of(uint8_t type)
{
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i].type == type)
            return sizes[i].size;
    return 0;
}

static enum refusal take_presence(struct report *ret, int32_t value, enum report_event event)
{
    if (value != 0 && value != 1)
        return REFUSED_RANGE;
    report_state(ret, value == 1);
    ret->event = event;
    return REFUSED_NOT;
}

static enum refusal take_count(struct report *ret, int32_t value, enum report_event event)
{
    if (value < 0 || value > COUNT_RESET)
        return REFUSED_RANGE;
    ret->count_reset = ret->count_reset || value == COUNT_RESET;
    ret->count = value == COUNT_RESET ? 0 : value;
    ret->event = event;
    return REFUSED_NOT;
}

/* What a frame is for, the last of the strongest: a state, an answer, an error, anything else. */
static void take_event(struct report *ret, enum report_event event)
{
    static const uint8_t strength[EVENTS] = {
        [EVENT_STATUS_CHANGE] = 4,   [EVENT_HEARTBEAT] = 4,       [EVENT_VEHICLE_COUNT] = 4,
        [EVENT_COUNT_HEARTBEAT] = 4, [EVENT_RECALIBRATE_ACK] = 3, [EVENT_REBOOT_ACK] = 3,
        [EVENT_DEACTIVATE_ACK] = 3,  [EVENT_SENSOR_ERROR] = 2,    [EVENT_DEVICE_INFO] = 1,
    };

    if (strength[event] >= strength[ret->event])
        ret->event = event;
}

static void take_answer(struct report *ret, int32_t value, enum report_event event)
{
    ret->acknowledged = value;
    ret->acknowledges = event;
    take_event(ret, event);
}

static enum refusal take(struct report *ret, uint8_t channel, uint8_t type, int32_t value)
{
    switch (channel << 8 | type) {
    case CHANNEL_PRESENCE << 8 | TYPE_PRESENCE:
        return take_presence(ret, value, EVENT_STATUS_CHANGE);
    case CHANNEL_KEEPALIVE << 8 | TYPE_PRESENCE:
        return take_presence(ret, value, EVENT_HEARTBEAT);
    case CHANNEL_COUNT << 8 | TYPE_DIGITAL:
        return take_count(ret, value, EVENT_VEHICLE_COUNT);
    case CHANNEL_KEEPALIVE << 8 | TYPE_DIGITAL:
        return take_count(ret, value, EVENT_COUNT_HEARTBEAT);
    case CHANNEL_BATTERY << 8 | TYPE_ANALOG:
        ret->battery_mv = (int16_t)value * 10;
        take_event(ret, EVENT_DEVICE_INFO);
        return REFUSED_NOT;
    case CHANNEL_TEMPERATURE << 8 | TYPE_TEMPERATURE:
        ret->temperature_decidegrees = (int16_t)value;
        take_event(ret, EVENT_DEVICE_INFO);
        return REFUSED_NOT;
    case CHANNEL_ERROR_REGISTER << 8 | TYPE_DIGITAL:
    case CHANNEL_ERROR_STATE << 8 | TYPE_DIGITAL:
        ret->fault = "the device reports an error";
        take_event(ret, EVENT_SENSOR_ERROR);
        return REFUSED_NOT;
    default:
        break;
    }
    if (channel == CHANNEL_RECALIBRATE)
        take_answer(ret, value, EVENT_RECALIBRATE_ACK);
    else if (channel == CHANNEL_DEACTIVATE)
        take_answer(ret, value, EVENT_DEACTIVATE_ACK);
    else if (channel == CHANNEL_REBOOT)
        take_answer(ret, value, EVENT_REBOOT_ACK);
    return REFUSED_NOT;
}

static enum refusal take_record(struct cursor *c, struct report *ret)
{
    uint8_t channel = cursor_u8(c), type = cursor_u8(c);
    size_t size = size_of(type);

    if (!size)
        return REFUSED_KIND;
    if (cursor_left(c) < size)
        return REFUSED_LENGTH;
    if (size > 2) {
        cursor_skip(c, size);
        return REFUSED_NOT;
    }
    return take(ret, channel, type, size == 2 ? cursor_u16be(c) : cursor_u8(c));
}

static enum refusal decode(const struct sensor_frame *frame, struct report *ret)
{
    struct cursor c = cursor_at(frame->bytes, frame->size, 0);
    enum refusal refused = REFUSED_NOT;

    if (frame->size == 0)
        ret->event = EVENT_STARTUP;
    else if (frame->size < 3)
        return REFUSED_LENGTH;
    /* One byte too many is padding: the maker's own module keeps the records before it. */
    while (!refused && cursor_left(&c) > 1)
        refused = take_record(&c, ret);
    if (!refused && ret->event == EVENT_MALFORMED) {
        ret->event = EVENT_UNKNOWN_FRAME_TYPE;
        return REFUSED_KIND;
    }
    if (refused)
        ret->event = EVENT_MALFORMED;
    return refused;
}

const struct sensor_driver pni_placepod_driver = {
    .name = "pni/placepod",
    .device = "PNI PlacePod",
    .revisions = {"any"},
    .decode = decode,
    .recalibrated = EVENT_RECALIBRATE_ACK,
    .tool = "PNI's PlacePod dashboard",
};
