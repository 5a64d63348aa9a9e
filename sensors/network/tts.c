/*
 * The Things Stack v3, over MQTT or as a webhook's body. Pure.
 * Sources: its page "Data Formats" (fields that are "", 0 or false are left out; times have up to
 * nine fractional digits); messages quoted in the public ioBroker LoRaWAN adapter.
 *
 *  topic  v3/{application}[@{tenant}]/devices/{device}/up | join |
 * down/{queued,sent,ack,nack,failed} body
 * {"end_device_ids":{"device_id","application_ids":{"application_id"},"dev_eui"},
 *          "received_at","uplink_message":{"session_key_id","f_port","f_cnt","frm_payload",
 *          "decoded_payload","rx_metadata":[{"rssi","snr","time"}],"received_at","confirmed"}}
 *
 * rx_metadata[].time is the clock of a gateway: real messages have one of several in 1971. Only
 * received_at is the server's.
 *
 * To a device: the same up to its id, then /down/push, or /down/replace, which empties its queue:
 *  {"downlinks":[{"f_port","frm_payload","confirmed","priority","correlation_ids"}]}
 * A correlation id comes back in the events of the downlink.
 */
#include "sensors/network/parts.h"

#include <stdio.h>
#include <string.h>

#define OURS "parkd:" /* begins the correlation ids that we give */

enum { PORT_MAX = 255, PART = 32 };
static const int64_t counter_max = UINT32_MAX;

static const struct {
    const char *after_device; /* of the topic */
    const char *member;       /* of the body, where the topic is not known */
    enum envelope_kind kind;
} kinds[] = {
    {"up", "uplink_message", ENVELOPE_UPLINK},
    {"join", "join_accept", ENVELOPE_JOINED},
    {"down/queued", "downlink_queued", ENVELOPE_QUEUED},
    {"down/sent", "downlink_sent", ENVELOPE_SENT},
    {"down/ack", "downlink_ack", ENVELOPE_ACKED},
    {"down/nack", "downlink_nack", ENVELOPE_UNACKED},
    {"down/failed", "downlink_failed", ENVELOPE_UNACKED},
};

/* What stands behind "devices/{device}/", or NULL. */
static const char *after_device(const char *topic)
{
    char part[PART];

    if (!parts_topic(topic, 2, part, sizeof part) || strcmp(part, "devices") != 0)
        return NULL;
    for (int slashes = 0; topic && slashes < 4; slashes++) {
        topic = strchr(topic, '/');
        topic = topic ? topic + 1 : NULL;
    }
    return topic;
}

static enum envelope_kind kind_of(const char *topic, const struct json *body)
{
    const char *rest = topic ? after_device(topic) : NULL;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (topic ? rest && !strcmp(rest, kinds[i].after_device)
                  : json_member(body, kinds[i].member) != NULL)
            return kinds[i].kind;
    return ENVELOPE_OTHER;
}

static enum refusal read_ids(const char *topic, const struct json *body, struct envelope *ret)
{
    const struct json *ids = json_member(body, "end_device_ids");
    const char *eui = json_text(json_member(ids, "dev_eui"), "");
    const struct json *application = json_member(ids, "application_ids");
    char named[ENVELOPE_TEXT];

    if (!ids)
        return REFUSED_KIND;
    if ((*eui && !parts_eui(eui, ret->dev_eui)) ||
        !parts_text(json_member(ids, "device_id"), ret->device_id, ENVELOPE_TEXT) ||
        !parts_text(json_member(application, "application_id"), ret->application_id, ENVELOPE_TEXT))
        return REFUSED_RANGE;
    if (!*ret->dev_eui && !*ret->device_id)
        return REFUSED_KIND;
    /* A device may speak on its own topic only. */
    if (topic &&
        (!parts_topic(topic, 3, named, sizeof named) || strcmp(named, ret->device_id) != 0))
        return REFUSED_INTEGRITY;
    return REFUSED_NOT;
}

static enum refusal read_uplink(const struct json *body, struct envelope *ret)
{
    const struct json *up = json_member(body, "uplink_message");
    const struct json *gateways = json_member(up, "rx_metadata");
    const struct json *battery = json_member(json_member(up, "last_battery_percentage"), "value");
    int64_t port;

    if (json_kind(up) != JSON_KIND_OBJECT)
        return REFUSED_KIND;
    if (!parts_number(json_member(up, "f_port"), PORT_MAX, &port) ||
        !parts_number(json_member(up, "f_cnt"), counter_max, &ret->counter) ||
        !parts_text(json_member(up, "session_key_id"), ret->session, ENVELOPE_TEXT) ||
        !parts_time(json_member(up, "received_at"), ret->network_time, ret) ||
        !parts_time(json_member(body, "received_at"), ret->application_time, ret))
        return REFUSED_RANGE;
    ret->port = (int32_t)port;
    ret->confirmed = json_bool(json_member(up, "confirmed"), false);
    ret->object = json_member(up, "decoded_payload");
    double percent = json_decimal(battery, -1);
    if (percent >= 0 && percent <= 100)
        ret->battery_percent = (int32_t)percent;
    for (size_t i = 0; i < json_size(gateways); i++)
        parts_gateway(json_item(gateways, i), "snr", ret);
    return parts_payload(json_member(up, "frm_payload"), ret);
}

/* Which of our downlinks an event is of. */
static void read_downlink_id(const struct json *ids, struct envelope *ret)
{
    for (size_t i = 0; i < json_size(ids); i++) {
        const char *id = json_text(json_item(ids, i), "");
        if (!strncmp(id, OURS, strlen(OURS)))
            text_copy(ret->downlink_id, sizeof ret->downlink_id, id + strlen(OURS));
    }
}

static void read_event(const struct json *body, struct envelope *ret)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct json *event = json_member(body, kinds[i].member);
        if (json_kind(event) == JSON_KIND_OBJECT)
            read_downlink_id(json_member(event, "correlation_ids"), ret);
    }
    read_downlink_id(json_member(body, "correlation_ids"), ret);
}

static enum refusal read_tts(const char *topic, const struct json *body, struct envelope *ret)
{
    struct envelope envelope = parts_empty();
    enum refusal refused;

    if (json_kind(body) != JSON_KIND_OBJECT)
        return REFUSED_KIND;
    envelope.kind = kind_of(topic, body);
    refused = read_ids(topic, body, &envelope);
    if (!refused && envelope.kind == ENVELOPE_UPLINK)
        refused = read_uplink(body, &envelope);
    else if (!refused)
        read_event(body, &envelope);
    /* Typed in at the server's console, not sent by the device. */
    if (json_bool(json_member(body, "simulated"), false))
        envelope.kind = ENVELOPE_OTHER;
    if (!refused)
        *ret = envelope;
    return refused;
}

static void write_down(const struct envelope_downlink *down, struct text *body)
{
    char id[ENVELOPE_TEXT];

    snprintf(id, sizeof id, OURS "%s", down->id);
    text_add(body, "{\"downlinks\":[{");
    text_json_int(body, "f_port", down->frame->port);
    parts_add_base64(body, "frm_payload", down->frame);
    text_json_bool(body, "confirmed", down->confirmed);
    text_json_pair(body, "priority", "NORMAL");
    text_add(body, ",\"correlation_ids\":[");
    text_json_string(body, id);
    text_add(body, "]}]}");
}

/* down/push and down/replace are ours to write: all of "down" would bring them back. */
const struct network_format tts_format = {
    .name = "tts-v3",
    .read = read_tts,
    .topics = {"v3/+/devices/+/up", "v3/+/devices/+/join", "v3/+/devices/+/down/queued",
               "v3/+/devices/+/down/sent", "v3/+/devices/+/down/ack", "v3/+/devices/+/down/nack",
               "v3/+/devices/+/down/failed"},
    .down = "down/push",
    .down_again = "down/replace",
    .write_down = write_down,
};

const struct network_format *network_find(const char *name)
{
    static const struct {
        const char *name;
        const struct network_format *format;
    } formats[] = {
        {"tts", &tts_format},
        {"tts-v3", &tts_format},
        {"chirpstack", &chirpstack_format},
        {"chirpstack-v4", &chirpstack_format},
        {"chirpstack-v3", &chirpstack_v3_format},
    };

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(formats[i].name, name))
            return formats[i].format;
    return NULL;
}
