/*
 * Dingtek DO200 (ultrasonic and geomagnetic), DO201 (the same with temperature and humidity) and
 * DO202 (geomagnetic), LoRaWAN. Pure.
 * Sources: TheThingsNetwork/lorawan-devices vendor/dingtek/{do200,do201,do202}-codec.yaml,
 * do201.js.
 */
#include <stdio.h>

#include "sensors/cursor.h"
#include "sensors/drivers.h"

/*
 * FPort 3 where the network tells. The length counts the whole frame. That a park alarm means
 * "occupied" is read out of its name: the maker publishes no list of its values.
 *
 *   0        2      3     4        5 6    7           8               9 10   11 … 16  17 …
 * | 80 00 | type | cmd | length | level | park|level | magnet|battery | 0.01 V | X Y Z | …  | 81 |
 *
 *  type 02 DO200, 31 DO201, 32 DO202; cmd 01, 02 data, 03 parameters
 *  from 17:  DO200  u16 frame counter | 0
 *            DO201, DO202  int8 °C | % humidity | u16 frame counter | 0
 *
 *  80 00 31 01 17 06b4 00 00 0161 0010 fff6 fff0 8b 2d 0001 00 81 = free, 3.53 V
 *     (the maker's own example; its -117 °C shows that side values need not make sense)
 *  80 00 31 03 10 02 01 a8 0f 50 ffff 0a 00 00 81 = parameters: firmware 2.1, upload each 168 h
 *
 * Downlink, FPort 3: hex digits as text, one parameter each.
 *
 * | "8002" | "9999", DO200 "8888" | key, 2 digits | value, 2 digits (magnet of DO201/202: 4) | "81"
 * |
 *
 *  "80029999010481" = upload each 4 h;  "800299990F003C81" = magnet threshold 60
 */
enum { PORT = 3, HEAD = 0x80, TAIL = 0x81, BODY_AT = 5 };

struct model {
    uint8_t type, data_size;
    uint8_t parameter_sizes[2];
    bool climate; /* has temperature and humidity */
};

static const struct model do200 = {0x02, 21, {17, 16}, false};
static const struct model do201 = {0x31, 23, {16, 16}, true};
static const struct model do202 = {0x32, 23, {16, 16}, true};

static enum refusal check(const struct sensor_frame *frame, const struct model *model)
{
    const uint8_t *bytes = frame->bytes;
    bool is_data = frame->size == model->data_size;
    bool is_parameters =
        frame->size == model->parameter_sizes[0] || frame->size == model->parameter_sizes[1];

    if (!is_data && !is_parameters)
        return REFUSED_LENGTH;
    if (bytes[0] != HEAD || bytes[1] != 0 || bytes[frame->size - 1] != TAIL ||
        bytes[4] != frame->size)
        return REFUSED_INTEGRITY;
    if (bytes[2] != model->type)
        return REFUSED_KIND;
    if (is_data ? bytes[3] != 1 && bytes[3] != 2 : bytes[3] != 3)
        return REFUSED_KIND;
    return REFUSED_NOT;
}

static void take_data(const struct sensor_frame *frame, const struct model *model,
                      struct report *ret)
{
    struct cursor c = cursor_at(frame->bytes, frame->size, BODY_AT);

    ret->event = EVENT_TELEMETRY;
    cursor_skip(&c, 2); /* the level: the device has judged it already */
    report_state(ret, cursor_u8(&c) >> 4);
    ret->battery = cursor_u8(&c) & 0x0f ? BATTERY_LOW : BATTERY_OK;
    ret->battery_mv = cursor_u16be(&c) * 10;
    for (int i = 0; i < 3; i++)
        ret->field[i] = cursor_s16be(&c);
    ret->magnetic = true;
    if (model->climate) {
        ret->temperature_decidegrees = cursor_s8(&c) * 10;
        cursor_skip(&c, 1);
    }
    ret->frame_counter = cursor_u16be(&c);
}

static enum refusal decode(const struct sensor_frame *frame, const struct model *model,
                           struct report *ret)
{
    if (frame->port != PORT && frame->port >= 0) {
        ret->event = EVENT_UNKNOWN_PORT;
        return REFUSED_KIND;
    }
    enum refusal refused = check(frame, model);
    if (refused)
        return refused;
    if (frame->bytes[3] == 3)
        ret->event = EVENT_CONFIG_REPORT;
    else
        take_data(frame, model, ret);
    return REFUSED_NOT;
}

static enum refusal decode_do200(const struct sensor_frame *frame, struct report *ret)
{
    return decode(frame, &do200, ret);
}

static enum refusal decode_do201(const struct sensor_frame *frame, struct report *ret)
{
    return decode(frame, &do201, ret);
}

static enum refusal decode_do202(const struct sensor_frame *frame, struct report *ret)
{
    return decode(frame, &do202, ret);
}

static bool write_key(const char *family, const struct sensor_downlink *row, int32_t value,
                      struct downlink_frame *ret)
{
    char text[DOWNLINK_MAX];
    int size = snprintf(text, sizeof text, "8002%s%02X%0*X81", family, row->code, row->digits,
                        (unsigned)value);

    for (int i = 0; i < size; i++)
        ret->bytes[i] = (uint8_t)text[i];
    ret->size = (uint8_t)size;
    return true;
}

static bool encode_do200(const struct sensor_downlink *row, const struct downlink_wish *wish,
                         struct downlink_frame *ret, struct err *err)
{
    (void)err;
    return write_key("8888", row, wish->value, ret);
}

static bool encode_do201(const struct sensor_downlink *row, const struct downlink_wish *wish,
                         struct downlink_frame *ret, struct err *err)
{
    (void)err;
    return write_key("9999", row, wish->value, ret);
}

/* The ranges are those of the maker's own encoder; of the DO200 what two digits hold. */
#define PARAMETER(its_name, words, low, high, its_code, its_digits, its_encode)       \
    {                                                                                 \
        .name = its_name, .meaning = words, .least = low, .most = high, .port = PORT, \
        .code = its_code, .digits = its_digits, .answer = EVENT_CONFIG_REPORT,        \
        .encode = its_encode                                                          \
    }

static const struct sensor_downlink do200_downlinks[] = {
    PARAMETER("upload_h", "hours between messages", 1, 168, 0x01, 2, encode_do200),
    PARAMETER("magnet_mgs", "threshold, mGs", 1, 255, 0x02, 2, encode_do200),
    PARAMETER("magnet_s", "seconds between looks", 1, 255, 0x04, 2, encode_do200),
    {.name = NULL},
};

static const struct sensor_downlink do201_downlinks[] = {
    PARAMETER("upload_h", "hours between messages", 1, 168, 0x01, 2, encode_do201),
    PARAMETER("detect_min", "minutes between looks", 1, 60, 0x08, 2, encode_do201),
    PARAMETER("level_cm", "threshold, cm", 15, 255, 0x02, 2, encode_do201),
    PARAMETER("magnet", "threshold", 1, 65535, 0x0f, 4, encode_do201),
    PARAMETER("battery_percent", "alarm below", 5, 99, 0x05, 2, encode_do201),
    {.name = NULL},
};

const struct sensor_driver dingtek_do200_driver = {
    .name = "dingtek/do200",
    .device = "Dingtek DO200",
    .revisions = {"any"},
    .keepalive_ms = 24 * 3600000LL,
    .decode = decode_do200,
    .downlinks = do200_downlinks,
    .tool = "Dingtek's app",
};

const struct sensor_driver dingtek_do201_driver = {
    .name = "dingtek/do201",
    .device = "Dingtek DO201",
    .revisions = {"any"},
    .keepalive_ms = 24 * 3600000LL,
    .decode = decode_do201,
    .downlinks = do201_downlinks,
    .tool = "Dingtek's app",
};

const struct sensor_driver dingtek_do202_driver = {
    .name = "dingtek/do202",
    .device = "Dingtek DO202",
    .revisions = {"any"},
    .keepalive_ms = 24 * 3600000LL,
    .decode = decode_do202,
    .downlinks = do201_downlinks,
    .tool = "Dingtek's app",
};
