/* The parts that envelopes are made of. Pure. See parts.h. */
#include "sensors/network/parts.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

struct envelope parts_empty(void)
{
    return (struct envelope){.port = -1,
                             .counter = -1,
                             .rssi_dbm = REPORT_NONE,
                             .snr_centi = REPORT_NONE,
                             .battery_percent = REPORT_NONE};
}

/* RFC 4648, table 1; -1 for anything else. */
static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool parts_base64(const char *text, uint8_t *ret, size_t room, size_t *ret_size)
{
    size_t length = strlen(text), used = 0;

    if (length % 4)
        return false;
    size_t padding = length && text[length - 1] == '=' ? 1u + (text[length - 2] == '=') : 0;
    if (length / 4 * 3 - padding > room)
        return false;
    for (size_t i = 0; i < length; i += 4) {
        uint32_t group = 0;
        size_t have = i + 4 == length ? 4 - padding : 4;
        for (size_t n = 0; n < 4; n++) {
            int value = n < have ? sextet(text[i + n]) : 0;
            if (value < 0)
                return false;
            group = group << 6 | (uint32_t)value;
        }
        for (size_t n = 0; n + 1 < have; n++)
            ret[used++] = (uint8_t)(group >> (16 - 8 * n));
    }
    *ret_size = used;
    return true;
}

void parts_add_base64(struct text *out, const char *key, const struct downlink_frame *frame)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char base64[(DOWNLINK_MAX + 2) / 3 * 4 + 1], *to = base64;

    for (uint8_t i = 0; i < frame->size; i += 3) {
        size_t left = (size_t)(frame->size - i);
        uint32_t second = left > 1 ? frame->bytes[i + 1] : 0,
                 third = left > 2 ? frame->bytes[i + 2] : 0;
        uint32_t group = (uint32_t)frame->bytes[i] << 16 | second << 8 | third;

        *to++ = digits[group >> 18];
        *to++ = digits[group >> 12 & 63];
        *to++ = left > 1 ? digits[group >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[group & 63] : '=';
    }
    *to = '\0';
    text_json_pair(out, key, base64);
}

bool parts_eui(const char *text, char ret[ENVELOPE_EUI])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[8];
    size_t size = 0;

    if (strlen(text) == 16 && strspn(text, "0123456789abcdefABCDEF") == 16) {
        for (size_t i = 0; i <= 16; i++)
            ret[i] = (char)tolower((unsigned char)text[i]);
        return true;
    }
    if (!parts_base64(text, bytes, sizeof bytes, &size) || size != sizeof bytes)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret[16] = '\0';
    return true;
}

enum refusal parts_payload(const struct json *text, struct envelope *ret)
{
    const char *base64 = json_text(text, json_kind(text) <= JSON_KIND_NULL ? "" : NULL);

    if (!base64)
        return REFUSED_KIND;
    if (strlen(base64) > (REPORT_FRAME_MAX + 2) / 3 * 4)
        return REFUSED_LENGTH;
    return parts_base64(base64, ret->payload, sizeof ret->payload, &ret->payload_size)
               ? REFUSED_NOT
               : REFUSED_INTEGRITY;
}

bool parts_text(const struct json *value, char *ret, size_t size)
{
    const char *text = json_text(value, json_kind(value) <= JSON_KIND_NULL ? "" : NULL);

    if (!text || strlen(text) >= size)
        return false;
    memcpy(ret, text, strlen(text) + 1);
    return true;
}

bool parts_number(const struct json *value, int64_t maximum, int64_t *ret)
{
    int64_t number = json_int(value, json_kind(value) <= JSON_KIND_NULL ? 0 : -1);

    if (number < 0 || number > maximum)
        return false;
    *ret = number;
    return true;
}

bool parts_time(const struct json *value, char ret[ENVELOPE_TIME], struct envelope *envelope)
{
    utc_ms at;

    if (!parts_text(value, ret, ENVELOPE_TIME))
        return false;
    if (!*ret)
        return true;
    if (!utc_parse(ret, &at))
        return false;
    if (!envelope->timed)
        envelope->at = at;
    envelope->timed = true;
    return true;
}

void parts_gateway(const struct json *gateway, const char *snr, struct envelope *ret)
{
    const double limit = 1000;
    double rssi = json_decimal(json_member(gateway, "rssi"), limit);
    double ratio = json_decimal(json_member(gateway, snr), limit);

    ret->gateways++;
    if (fabs(rssi) < limit && (!report_has(ret->rssi_dbm) || lround(rssi) > ret->rssi_dbm))
        ret->rssi_dbm = (int32_t)lround(rssi);
    if (fabs(ratio) < limit &&
        (!report_has(ret->snr_centi) || lround(ratio * 100) > ret->snr_centi))
        ret->snr_centi = (int32_t)lround(ratio * 100);
}

bool parts_topic(const char *topic, size_t number, char *ret, size_t size)
{
    for (; number; number--) {
        topic = strchr(topic, '/');
        if (!topic)
            return false;
        topic++;
    }
    size_t length = strcspn(topic, "/");

    if (length >= size)
        return false;
    memcpy(ret, topic, length);
    ret[length] = '\0';
    return true;
}

void parts_head(const char *topic, size_t parts, char *ret, size_t size)
{
    size_t length = 0;

    ret[0] = '\0';
    for (; parts; parts--) {
        length += topic[length] == '/';
        length += strcspn(topic + length, "/");
    }
    if (length < size) {
        memcpy(ret, topic, length);
        ret[length] = '\0';
    }
}
