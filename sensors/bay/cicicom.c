/*
 * Cicicom S-LG-I3: magnetic, motion and radar, LoRaWAN; its frames are ASCII text. Pure.
 * Source: actility/device-catalog pull request 127, the maker's seven examples.
 */
#include "sensors/cursor.h"
#include "sensors/drivers.h"

/*
 *  R | state | d.dd volts | ±dd.d °C | V firmware     R03.66+30.0V1.4.0   started, free
 *  C | state                                          C1                  became occupied
 *  K | state | d.dd volts | ±dd.d °C                  K13.55+22.0         keep-alive, occupied
 *  E | d.dd volts | 3 bytes of status                 E3.55 11 22 33      malfunction, no state
 */
enum { SIZE_CHANGE = 2, SIZE_ERROR = 8 };

static bool digit(const struct cursor *c)
{
    return cursor_left(c) && c->bytes[c->at] >= '0' && c->bytes[c->at] <= '9';
}

static bool take_byte(struct cursor *c, char byte)
{
    return cursor_u8(c) == (uint8_t)byte && !c->overrun;
}

/* `whole` digits at most, a point, `parts` digits: as a number of the last digit's unit. */
static bool take_number(struct cursor *c, int whole, int parts, int32_t *ret)
{
    int32_t value = 0;
    int digits = 0;

    for (; digits < whole && digit(c); digits++)
        value = value * 10 + (cursor_u8(c) - '0');
    if (!digits || !take_byte(c, '.'))
        return false;
    for (digits = 0; digits < parts && digit(c); digits++)
        value = value * 10 + (cursor_u8(c) - '0');
    *ret = value;
    return digits == parts;
}

static bool take_volts(struct cursor *c, struct report *ret)
{
    int32_t centivolts;

    if (!take_number(c, 1, 2, &centivolts))
        return false;
    ret->battery_mv = centivolts * 10;
    return true;
}

static bool take_temperature(struct cursor *c, struct report *ret)
{
    uint8_t sign = cursor_u8(c);
    int32_t decidegrees;

    if ((sign != '+' && sign != '-') || !take_number(c, 3, 1, &decidegrees))
        return false;
    ret->temperature_decidegrees = sign == '-' ? -decidegrees : decidegrees;
    return true;
}

/* "V" and digits with points between them, to the end. */
static bool take_firmware(struct cursor *c)
{
    if (!take_byte(c, 'V') || !digit(c))
        return false;
    while (cursor_left(c) && (digit(c) || c->bytes[c->at] == '.'))
        c->at++;
    return c->bytes[c->size - 1] != '.';
}

static enum refusal take_error(struct cursor *c, struct report *ret)
{
    if (c->size != SIZE_ERROR)
        return REFUSED_LENGTH;
    ret->fault = "the device reports a malfunction";
    ret->event = EVENT_SENSOR_ERROR;
    return take_volts(c, ret) ? REFUSED_NOT : REFUSED_INTEGRITY;
}

static enum refusal take_state(struct cursor *c, struct report *ret)
{
    if (!digit(c))
        return REFUSED_INTEGRITY;
    uint8_t state = cursor_u8(c);

    if (state != '0' && state != '1')
        return REFUSED_RANGE;
    report_state(ret, state == '1');
    return REFUSED_NOT;
}

/* What K and R have in common. Cut short is told apart from garbled: the radio does the first. */
static enum refusal take_values(struct cursor *c, struct report *ret)
{
    if (take_volts(c, ret) && take_temperature(c, ret))
        return REFUSED_NOT;
    return c->overrun || cursor_left(c) == 0 ? REFUSED_LENGTH : REFUSED_INTEGRITY;
}

static enum refusal decode(const struct sensor_frame *frame, struct report *ret)
{
    struct cursor c = cursor_at(frame->bytes, frame->size, 0);
    uint8_t letter = cursor_u8(&c);
    enum refusal refused;

    if (frame->size < SIZE_CHANGE)
        return REFUSED_LENGTH;
    if (letter == 'E')
        return take_error(&c, ret);
    if (letter != 'C' && letter != 'K' && letter != 'R')
        return REFUSED_KIND;
    ret->event = letter == 'C'   ? EVENT_STATUS_CHANGE
                 : letter == 'K' ? EVENT_HEARTBEAT
                                 : EVENT_STARTUP;
    refused = take_state(&c, ret);
    if (!refused && letter != 'C')
        refused = take_values(&c, ret);
    if (!refused && letter == 'R') {
        ret->reset_cause = "unknown";
        refused = take_firmware(&c) ? REFUSED_NOT : REFUSED_LENGTH;
    }
    if (!refused && cursor_left(&c))
        refused = REFUSED_LENGTH;
    return refused;
}

const struct sensor_driver cicicom_s_lg_i3_driver = {
    .name = "cicicom/s-lg-i3",
    .device = "Cicicom S-LG-I3",
    .revisions = {"any"},
    .decode = decode,
    .tool = "Cicicom's own tool",
};
