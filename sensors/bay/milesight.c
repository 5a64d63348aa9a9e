/*
 * Milesight EM400-MUD and EM310-UDL: overhead distance sensors, LoRaWAN or NB-IoT. They send a
 * distance; whether it is a car is a threshold of the bay's, not theirs. Pure.
 * Sources: Milesight-IoT/SensorDecoders em-series/{em400-mud,em310-udl}: decoder and README.
 */
#include "sensors/cursor.h"
#include "sensors/drivers.h"

/*
 * Items in any order, values little-endian:  | channel | type | value …
 *
 *  EM400  01 75 %  03 67 s16 0.1 °C  04 82 u16 mm  05 00 tilt  06 88 location (NB-IoT)
 *         83 67 s16 0.1 °C, alarm    84 82 u16 mm, alarm (0 released, 1 raised)
 *  EM310  01 75 %  03 82 u16 mm      04 00 tilt
 *  both   ff/fe …  versions, serial number, settings as answered to a downlink (ff 71 02: parking)
 *
 *  01755c 03670101 04824408 050001 = 92 %, 25.7 °C, 2116 mm, tilted
 *  8367e80001 8482410601 = 23.2 °C and 1601 mm, both beyond their thresholds
 *
 * Over NB-IoT the same items stand behind a header:
 *  02 | u16be id | u16be length of the rest | flag | u16be frame count | protocol | firmware ×4 |
 *  hardware ×4 | serial ×16 | IMEI ×15 | IMSI ×15 | ICCID ×20 | CSQ | u16be size of the items
 *
 * 0 and 65535 mm mean that nothing was measured.
 */
enum what { PASS, CONFIG, BATTERY, TEMPERATURE, DISTANCE, TILT, ALARM_TEMPERATURE, ALARM_DISTANCE };

struct item {
    uint8_t channel, type, size;
    enum what what;
};

enum { ANSWER = 0xfe, DEVICE = 0xff };

static const struct item em400[] = {
    {0x01, 0x75, 1, BATTERY},        {0x03, 0x67, 2, TEMPERATURE},
    {0x04, 0x82, 2, DISTANCE},       {0x05, 0x00, 1, TILT},
    {0x06, 0x88, 9, PASS},           {0x83, 0x67, 3, ALARM_TEMPERATURE},
    {0x84, 0x82, 3, ALARM_DISTANCE}, {0},
};

static const struct item em310[] = {
    {0x01, 0x75, 1, BATTERY}, {0x03, 0x82, 2, DISTANCE}, {0x04, 0x00, 1, TILT}, {0}};

/* Channel ff. The settings of fe are those of ff that are settings. */
static const struct item device_items[] = {
    {DEVICE, 0x01, 1, PASS},   {DEVICE, 0x09, 2, PASS},
    {DEVICE, 0x0a, 2, PASS},   {DEVICE, 0x0b, 1, PASS},
    {DEVICE, 0x0f, 1, PASS},   {DEVICE, 0x16, 8, PASS},
    {DEVICE, 0xfe, 1, PASS},   {DEVICE, 0xff, 2, PASS},
    {DEVICE, 0x02, 2, CONFIG}, {DEVICE, 0x03, 2, CONFIG},
    {DEVICE, 0x06, 9, CONFIG}, {DEVICE, 0x10, 1, CONFIG},
    {DEVICE, 0x13, 1, CONFIG}, {DEVICE, 0x1c, 2, CONFIG},
    {DEVICE, 0x28, 1, CONFIG}, {DEVICE, 0x3e, 1, CONFIG},
    {DEVICE, 0x4a, 1, CONFIG}, {DEVICE, 0x56, 1, CONFIG},
    {DEVICE, 0x70, 2, CONFIG}, {DEVICE, 0x71, 1, CONFIG},
    {DEVICE, 0x77, 2, CONFIG}, {0},
};

static const struct item *find(const struct item *items, uint8_t channel, uint8_t type)
{
    for (; items->size; items++)
        if (items->channel == channel && items->type == type)
            return items;
    return NULL;
}

static const struct item *find_any(const struct item *model, uint8_t channel, uint8_t type)
{
    const struct item *item = find(model, channel, type);

    if (!item && channel == DEVICE)
        item = find(device_items, DEVICE, type);
    if (!item && channel == ANSWER) {
        item = find(device_items, DEVICE, type);
        if (item && item->what != CONFIG)
            item = NULL;
    }
    return item;
}

static void take_distance(struct report *ret, uint16_t mm)
{
    ret->distance_mm = mm;
    if (mm == 0 || mm == UINT16_MAX)
        ret->fault = "nothing measured";
}

static enum refusal take(struct cursor *c, const struct item *item, struct report *ret)
{
    struct cursor value = cursor_at(c->bytes, c->at + item->size, c->at);

    cursor_skip(c, item->size);
    switch (item->what) {
    case PASS:
    case CONFIG:
        break;
    case BATTERY:
        ret->battery_percent = cursor_u8(&value);
        return ret->battery_percent > 100 ? REFUSED_RANGE : REFUSED_NOT;
    case TEMPERATURE:
    case ALARM_TEMPERATURE:
        ret->temperature_decidegrees = cursor_s16le(&value);
        break;
    case DISTANCE:
    case ALARM_DISTANCE:
        take_distance(ret, cursor_u16le(&value));
        break;
    case TILT:
        ret->tilted = cursor_u8(&value);
        break;
    }
    return REFUSED_NOT;
}

static enum report_event event_of(const struct report *ret, unsigned seen)
{
    if (seen & (1u << ALARM_TEMPERATURE | 1u << ALARM_DISTANCE))
        return EVENT_THRESHOLD_ALARM;
    if (report_has(ret->distance_mm))
        return EVENT_TELEMETRY;
    return seen & 1u << CONFIG ? EVENT_CONFIG_REPORT : EVENT_DEVICE_INFO;
}

/* Past the NB-IoT header, where there is one. */
static enum refusal skip_header(struct cursor *c)
{
    enum { START = 0x02, HEADER = 86, BEFORE_REST = 5 };

    if (c->size == 0 || c->bytes[0] != START)
        return REFUSED_NOT;
    struct cursor length = cursor_at(c->bytes, c->size, 3);
    struct cursor items = cursor_at(c->bytes, c->size, HEADER - 2);

    if (c->size < HEADER)
        return REFUSED_LENGTH;
    if (cursor_u16be(&length) != c->size - BEFORE_REST || cursor_u16be(&items) != c->size - HEADER)
        return REFUSED_INTEGRITY;
    cursor_skip(c, HEADER);
    return REFUSED_NOT;
}

static enum refusal decode(const struct sensor_frame *frame, const struct item *model,
                           struct report *ret)
{
    struct cursor c = cursor_at(frame->bytes, frame->size, 0);
    enum refusal refused = skip_header(&c);
    unsigned seen = 0;

    if (!refused && cursor_left(&c) == 0)
        refused = REFUSED_LENGTH;
    while (!refused && cursor_left(&c)) {
        uint8_t channel = cursor_u8(&c), type = cursor_u8(&c);
        const struct item *item = find_any(model, channel, type);
        if (c.overrun || (item && cursor_left(&c) < item->size))
            return REFUSED_LENGTH;
        if (!item && (!seen || channel >= ANSWER))
            return REFUSED_KIND;
        if (!item)
            break; /* a newer firmware's item: its size is not known, what came before is */
        seen |= 1u << item->what;
        refused = take(&c, item, ret);
    }
    ret->event = refused ? EVENT_MALFORMED : event_of(ret, seen);
    return refused;
}

static enum refusal decode_em400(const struct sensor_frame *frame, struct report *ret)
{
    return decode(frame, em400, ret);
}

static enum refusal decode_em310(const struct sensor_frame *frame, struct report *ret)
{
    return decode(frame, em310, ret);
}

const struct sensor_driver milesight_em400_mud_driver = {
    .name = "milesight/em400-mud",
    .device = "Milesight EM400-MUD",
    .revisions = {"any"},
    .raw_distance = true,
    .decode = decode_em400,
    .tool = "Milesight ToolBox",
};

const struct sensor_driver milesight_em310_udl_driver = {
    .name = "milesight/em310-udl",
    .device = "Milesight EM310-UDL",
    .revisions = {"any"},
    .raw_distance = true,
    .decode = decode_em310,
    .tool = "Milesight ToolBox",
};
