/* Reports and envelopes as JSON. See decoded.h. */
#include "sensors/decoded.h"

#include <stdlib.h>
#include <string.h>

#include "sensors/bay/json_path.h"
#include "sensors/drivers.h"

enum { LINE_MAX_BYTES = 65536 };

static void add_null(struct text *out, const char *key)
{
    text_comma(out);
    text_add(out, "\"%s\":null", key);
}

/* `value` of 1/`unit`, without the zeros that say nothing; REPORT_NONE is null. */
static void add_decimal(struct text *out, const char *key, int32_t value, int32_t unit)
{
    char digits[12];

    if (!report_has(value)) {
        add_null(out, key);
        return;
    }
    text_comma(out);
    text_add(out, "\"%s\":%s%d", key, value < 0 ? "-" : "", abs(value / unit));
    int32_t rest = abs(value % unit);
    if (!rest)
        return;
    size_t used = 0;
    for (int32_t place = unit / 10; rest; place /= 10) {
        digits[used++] = (char)('0' + rest / place);
        rest %= place;
    }
    text_append(out, ".", 1);
    text_append(out, digits, used);
}

void decoded_report(const struct report *report, struct text *out)
{
    text_add(out, "{");
    if (report->states)
        text_json_bool(out, "occupied", report->occupied[report->states - 1]);
    else
        add_null(out, "occupied");
    add_decimal(out, "battery_v", report->battery_mv, 1000);
    add_decimal(out, "temperature_c", report->temperature_decidegrees, 10);
    text_json_pair(out, "event", report_event_name(report->event));
    text_add(out, "}");
}

/* {"refused":"length","event":"malformed"} */
static void say_refusal(enum refusal refused, enum report_event event, struct text *out)
{
    text_add(out, "{");
    text_json_pair(out, "refused", refusal_name(refused));
    text_json_pair(out, "event", report_event_name(event));
    text_add(out, "}");
}

static int nibble(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;

    return found ? (int)((found - digits) % 16) : -1;
}

static bool read_hex(const char *hex, uint8_t *bytes, size_t room, size_t *ret_size)
{
    size_t length = strlen(hex);

    if (length % 2 || length / 2 > room)
        return false;
    for (size_t i = 0; i < length / 2; i++) {
        int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    *ret_size = length / 2;
    return true;
}

static bool decode_line(const struct json *line, struct text *out, struct err *err)
{
    const char *device = json_text(json_member(line, "device"), NULL);
    const char *hex = json_text(json_member(line, "hex"), NULL);
    uint8_t bytes[REPORT_FRAME_MAX + 1];
    const struct sensor_driver *driver;
    struct report report;
    struct sensor_frame frame = {.bytes = bytes};

    if (!device || !drivers_find(device, &driver, &frame.revision))
        return err_set(err, "there is no driver \"%s\"; parkd.conf(5) lists them",
                       device ? device : "");
    if (!hex || !read_hex(hex, bytes, sizeof bytes, &frame.size))
        return err_set(err, "\"hex\" must be pairs of hex digits, at most %d bytes",
                       REPORT_FRAME_MAX);
    frame.port = (int32_t)json_int(json_member(line, "fport"), -1);
    enum refusal refused = drivers_decode(driver, &frame, &report);
    if (refused)
        say_refusal(refused, report.event, out);
    else
        decoded_report(&report, out);
    return true;
}

bool decoded_line(const char *line, size_t size, struct text *out, struct err *err)
{
    struct json *json = json_read(line, size, LINE_MAX_BYTES, err);
    bool ok = json && decode_line(json, out, err);

    json_release(json);
    return ok;
}

/* ---- envelopes ---- */

static void add_text(struct text *out, const char *key, const char *value)
{
    if (*value)
        text_json_pair(out, key, value);
}

static void add_radio(struct text *out, const struct envelope *envelope)
{
    text_json_int(out, "gateway_count", envelope->gateways);
    add_decimal(out, "best_rssi", envelope->rssi_dbm, 1);
    add_decimal(out, "best_snr", envelope->snr_centi, 100);
}

static void add_payload(struct text *out, const struct envelope *envelope)
{
    text_comma(out);
    text_add(out, "\"payload_hex\":\"");
    for (size_t i = 0; i < envelope->payload_size; i++)
        text_add(out, "%02x", envelope->payload[i]);
    text_add(out, "\"");
}

static void add_envelope(struct text *out, const struct envelope *envelope, bool tts)
{
    static const char *const kinds[ENVELOPE_KINDS] = {"uplink", "joined",  "queued",  "sent",
                                                      "acked",  "unacked", "trouble", "other"};

    text_add(out, "{");
    if (envelope->kind != ENVELOPE_UPLINK)
        text_json_pair(out, "kind", kinds[envelope->kind]);
    add_text(out, "dev_eui", envelope->dev_eui);
    add_text(out, "device_id", envelope->device_id);
    add_text(out, "application_id", envelope->application_id);
    add_text(out, "deduplication_id", envelope->deduplication_id);
    add_text(out, tts ? "session_key_id" : "dev_addr", envelope->session);
    if (envelope->kind == ENVELOPE_UPLINK) {
        text_json_int(out, "f_port", envelope->port);
        text_json_int(out, "f_cnt", envelope->counter);
        text_json_bool(out, "confirmed", envelope->confirmed);
        add_payload(out, envelope);
    }
    add_text(out, tts ? "network_received_at" : "time", envelope->network_time);
    add_text(out, "app_received_at", envelope->application_time);
    if (envelope->kind == ENVELOPE_UPLINK)
        add_radio(out, envelope);
    text_add(out, "}");
}

static void add_axes(struct text *out, const char *key, bool known, const int16_t axes[3])
{
    if (known) {
        text_comma(out);
        text_add(out, "\"%s\":[%d,%d,%d]", key, axes[0], axes[1], axes[2]);
    }
}

static void add_state(struct text *out, const struct json *value)
{
    if (json_kind(value) == JSON_KIND_INT)
        text_json_int(out, "parking_state", json_int(value, 0));
    else if (json_kind(value) == JSON_KIND_BOOL)
        text_json_bool(out, "parking_state", json_bool(value, false));
    else
        text_json_pair(out, "parking_state", json_text(value, NULL));
}

static enum refusal decode_object(const struct json_map *map, const struct json *body,
                                  struct text *out)
{
    struct sensor_frame frame = {.port = -1, .object = body, .map = map};
    struct report report;
    enum refusal refused = drivers_decode(&json_path_driver, &frame, &report);

    if (refused)
        return refused;
    text_add(out, "{");
    add_state(out, json_path_find(body, map->state));
    if (report.states)
        text_json_bool(out, "occupied", report.occupied[report.states - 1]);
    else
        add_null(out, "occupied");
    add_decimal(out, "battery_v", report.battery_mv, 1000);
    add_decimal(out, "temperature_c", report.temperature_decidegrees, 10);
    add_axes(out, "mag", report.magnetic, report.field);
    add_axes(out, "mag_base", report.baseline, report.field_base);
    add_decimal(out, "rssi_dbm", report.signal_dbm, 1);
    if (report.device_ms)
        text_json_int(out, "device_time_ms", report.device_ms);
    if (report.platform_ms)
        text_json_int(out, "platform_time_ms", report.platform_ms);
    text_add(out, "}");
    return REFUSED_NOT;
}

static enum refusal decode_envelope(const struct network_format *format, const char *topic,
                                    const struct json *body, struct text *out)
{
    struct envelope envelope;
    enum refusal refused = format->read(topic, body, &envelope);

    if (!refused)
        add_envelope(out, &envelope, format == &tts_format);
    return refused;
}

bool decoded_envelope(const char *name, const char *topic, const char *bytes, size_t size,
                      struct text *out, enum refusal *ret_refused, struct err *err)
{
    const struct network_format *format = network_find(name);
    const struct json_map *map = json_map_find(strcmp(name, "nbiot-json") ? name : "ctwing/p-md");

    if (!format && !map)
        return err_set(err,
                       "there is no envelope \"%s\"; give tts-v3, chirpstack-v4, chirpstack-v3, "
                       "nbiot-json or a map",
                       name);
    struct json *body = json_read(bytes, size, ENVELOPE_JSON_MAX, err);
    if (!body)
        return false;
    enum refusal refused =
        format ? decode_envelope(format, topic, body, out) : decode_object(map, body, out);
    if (refused)
        say_refusal(refused, EVENT_MALFORMED, out);
    json_release(body);
    *ret_refused = refused;
    return true;
}
