/*
 * ChirpStack v4 and v3, JSON over MQTT. Pure.
 * Sources: chirpstack integration.proto; messages quoted in the public ioBroker LoRaWAN adapter and
 * in tago-io/decoders (v3).
 *
 *  topic  application/{application}/device/{dev_eui}/event/{up|join|status|ack|txack|log|…}
 *  v4     {"deduplicationId","time","deviceInfo":{"applicationId","deviceName","devEui"},"devAddr",
 *          "fCnt","fPort","confirmed","data","object","rxInfo":[{"rssi","snr","gwTime"}]}
 *  v3     {"devEUI" base64,"applicationID","deviceName","devAddr" base64,"fCnt","fPort",
 *          "confirmedUplink","publishedAt","data","objectJSON","rxInfo":[{"rssi","loRaSNR"}]}
 *
 * Zeros may be left out. rxInfo[].gwTime is the clock of a gateway and is not believed. The session
 * is told by the device's address, which a join changes.
 *
 * To a device: application/{application}/device/{dev_eui}/command/down
 *  v4     {"id" UUID,"devEui","confirmed","fPort","data"}; the id comes back as queueItemId
 *  v3     {"confirmed","fPort","data"}
 */
#include "sensors/network/parts.h"

#include <string.h>

#include "daemon/core/text.h"

enum { PORT_MAX = 255, PART = 32 };
static const int64_t counter_max = UINT32_MAX;

/* The names of the same things in the two versions. */
struct version {
    const char *eui, *application, *name, *time, *confirmed, *object, *snr, *trouble;
    bool nested; /* the first three stand inside of deviceInfo */
};

static const struct version v4 = {"devEui", "applicationId", "deviceName", "time", "confirmed",
                                  "object", "snr",           "code",       true};
static const struct version v3 = {
    "devEUI", "applicationID", "deviceName", "publishedAt", "confirmedUplink",
    "object", "loRaSNR",       "type",       false};

static const struct {
    const char *event;
    enum envelope_kind kind;
} kinds[] = {
    {"up", ENVELOPE_UPLINK},    {"join", ENVELOPE_JOINED}, {"txack", ENVELOPE_SENT},
    {"ack", ENVELOPE_ACKED},    {"log", ENVELOPE_TROUBLE}, {"error", ENVELOPE_TROUBLE},
    {"status", ENVELOPE_OTHER},
};

static enum envelope_kind kind_of(const char *topic)
{
    char event[PART], word[PART];

    if (!topic)
        return ENVELOPE_UPLINK;
    if (!parts_topic(topic, 4, word, sizeof word) || strcmp(word, "event") != 0 ||
        !parts_topic(topic, 5, event, sizeof event))
        return ENVELOPE_OTHER;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].event, event))
            return kinds[i].kind;
    return ENVELOPE_OTHER;
}

static enum refusal read_ids(const char *topic, const struct json *body,
                             const struct version *version, struct envelope *ret)
{
    const struct json *ids = version->nested ? json_member(body, "deviceInfo") : body;
    const char *eui = json_text(json_member(ids, version->eui), NULL);
    char named[ENVELOPE_TEXT], topic_eui[ENVELOPE_EUI];

    if (!eui)
        return REFUSED_KIND;
    if (!parts_eui(eui, ret->dev_eui) ||
        !parts_text(json_member(ids, version->application), ret->application_id, ENVELOPE_TEXT) ||
        !parts_text(json_member(body, "deduplicationId"), ret->deduplication_id, ENVELOPE_TEXT) ||
        !parts_text(json_member(body, "devAddr"), ret->session, ENVELOPE_TEXT))
        return REFUSED_RANGE;
    parts_text(json_member(ids, version->name), ret->device_id, ENVELOPE_TEXT);
    /* A device may speak on its own topic only. */
    if (topic && (!parts_topic(topic, 3, named, sizeof named) || !parts_eui(named, topic_eui) ||
                  strcmp(topic_eui, ret->dev_eui) != 0))
        return REFUSED_INTEGRITY;
    return REFUSED_NOT;
}

static enum refusal read_uplink(const struct json *body, const struct version *version,
                                struct envelope *ret)
{
    const struct json *gateways = json_member(body, "rxInfo");
    int64_t port;

    if (!parts_number(json_member(body, "fPort"), PORT_MAX, &port) ||
        !parts_number(json_member(body, "fCnt"), counter_max, &ret->counter))
        return REFUSED_RANGE;
    ret->port = (int32_t)port;
    ret->confirmed = json_bool(json_member(body, version->confirmed), false);
    ret->object = json_member(body, version->object);
    for (size_t i = 0; i < json_size(gateways); i++)
        parts_gateway(json_item(gateways, i), version->snr, ret);
    return parts_payload(json_member(body, "data"), ret);
}

static enum refusal read_event(const char *topic, const struct json *body,
                               const struct version *version, struct envelope *ret)
{
    struct envelope envelope = parts_empty();
    enum refusal refused;

    if (json_kind(body) != JSON_KIND_OBJECT)
        return REFUSED_KIND;
    envelope.kind = kind_of(topic);
    refused = read_ids(topic, body, version, &envelope);
    if (!refused && !parts_time(json_member(body, version->time), envelope.network_time, &envelope))
        refused = REFUSED_RANGE;
    if (!refused && envelope.kind == ENVELOPE_UPLINK)
        refused = read_uplink(body, version, &envelope);
    if (envelope.kind == ENVELOPE_ACKED && !json_bool(json_member(body, "acknowledged"), true))
        envelope.kind = ENVELOPE_UNACKED;
    text_copy(envelope.downlink_id, sizeof envelope.downlink_id,
              json_text(json_member(body, "queueItemId"), ""));
    if (envelope.kind == ENVELOPE_TROUBLE)
        text_copy(envelope.trouble, sizeof envelope.trouble,
                  json_text(json_member(body, version->trouble), "not told"));
    if (!refused)
        *ret = envelope;
    return refused;
}

static enum refusal read_v4(const char *topic, const struct json *body, struct envelope *ret)
{
    return read_event(topic, body, &v4, ret);
}

static enum refusal read_v3(const char *topic, const struct json *body, struct envelope *ret)
{
    return read_event(topic, body, &v3, ret);
}

static void add_down(const struct envelope_downlink *down, struct text *body)
{
    text_json_bool(body, "confirmed", down->confirmed);
    text_json_int(body, "fPort", down->frame->port);
    parts_add_base64(body, "data", down->frame);
    text_add(body, "}");
}

static void write_down_v4(const struct envelope_downlink *down, struct text *body)
{
    text_add(body, "{");
    text_json_pair(body, "id", down->id);
    text_json_pair(body, "devEui", down->dev_eui);
    add_down(down, body);
}

static void write_down_v3(const struct envelope_downlink *down, struct text *body)
{
    text_add(body, "{");
    add_down(down, body);
}

#define EVENT(name) "application/+/device/+/event/" name

const struct network_format chirpstack_format = {
    .name = "chirpstack-v4",
    .read = read_v4,
    .topics = {EVENT("up"), EVENT("join"), EVENT("txack"), EVENT("ack"), EVENT("log")},
    .down = "command/down",
    .down_again = "command/down",
    .write_down = write_down_v4,
};

const struct network_format chirpstack_v3_format = {
    .name = "chirpstack-v3",
    .read = read_v3,
    .topics = {EVENT("up"), EVENT("join"), EVENT("txack"), EVENT("ack"), EVENT("error")},
    .down = "command/down",
    .down_again = "command/down",
    .write_down = write_down_v3,
};
