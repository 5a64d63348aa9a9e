/*
 * Vzenith's family over MQTT, on {sn}/device/message/up/{name} or device/{sn}/message/up/{name}
 * (down: what servers send). The object that HTTP would carry stands in an envelope, its texts in
 * base64; or in "body", its names written apart.
 *
 *   {"id":"a1","sn":"0670f9b9-d723fc2c","name":"ivs_result","version":"1.0","timestamp":1709530000,
 *    "payload":{"AlarmInfoPlate":{…,"license":"6LS1QTEyMzQ1",…}}}
 *
 * Names and shapes of public receivers and senders. Pure.
 */
#include <string.h>
#include <strings.h>

#include "sensors/lane/vzenith.h"
#include "sensors/network/parts.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct camera_text envelope_texts[] = {CAMERA_TEXT("sn", read.device)};

/* lanectrl_result's event_type. */
static const struct {
    int64_t number;
    enum lane_event event;
} lane_events[] = {
    {81, LANE_EVENT_PERSON_STAYS},
    {82, LANE_EVENT_VEHICLE_STAYS},
    {83, LANE_EVENT_PASSED},
    {84, LANE_EVENT_TURNED_BACK},
    {85, LANE_EVENT_TAILGATE},
    {96, LANE_EVENT_CROWD},
    {97, LANE_EVENT_CROWD},
    {112, LANE_EVENT_NON_MOTOR_STAYS},
    {113, LANE_EVENT_NON_MOTOR_STAYS},
};

typedef void decode_fn(const struct vzenith_message *message, struct tree payload);

static void decode_result(const struct vzenith_message *message, struct tree payload)
{
    static const char *const paths[] = {"result.PlateResult", "result.plate_result", "PlateResult",
                                        "plate_result", NULL};
    struct tree first = tree_item(tree_at(payload, "result"), 0);
    struct tree plate = tree_any(tree_has(first) ? first : payload, paths);

    if (!vzenith_decode_object(message, payload))
        vzenith_decode_plate(message, tree_has(plate) ? plate : payload);
}

static void decode_quick_result(const struct vzenith_message *message, struct tree payload)
{
    decode_result(message, payload);
    message->answer->read.provisional = true;
}

static void decode_lane_event(const struct vzenith_message *message, struct tree payload)
{
    static const char *const paths[] = {"plate_result", "PlateResult", NULL};
    struct camera_message *ret = message->answer;
    struct tree plate = tree_any(tree_item(tree_at(payload, "result"), 0), paths);
    struct tree type = tree_at(payload, "event_type");
    int64_t number = tree_int(type, -1);

    if (number < 0) {
        camera_refuse(ret, "a lane's event has no event_type");
        return;
    }
    ret->read.time = message->sent;
    if (tree_has(tree_at(plate, "license")))
        vzenith_decode_plate(message, plate);
    if (*ret->reason)
        return;
    ret->kind = CAMERA_LANE_EVENT;
    ret->event = LANE_EVENT_OTHER;
    for (size_t i = 0; i < COUNT(lane_events); i++)
        if (lane_events[i].number == number)
            ret->event = lane_events[i].event;
}

static void decode_gpio_in(const struct vzenith_message *message, struct tree payload)
{
    static const char *const paths[] = {"result.TriggerResult", "TriggerResult", "trigger_result",
                                        NULL};
    struct tree input = tree_any(payload, paths);

    message->answer->read.time = message->sent;
    if (!vzenith_decode_object(message, payload))
        vzenith_decode_input(tree_has(input) ? input : payload, message->answer);
}

static void decode_keep_alive(const struct vzenith_message *message, struct tree payload)
{
    (void)payload;
    message->answer->kind = CAMERA_HEARTBEAT;
    message->answer->read.time = message->sent;
}

static void decode_snapshot(const struct vzenith_message *message, struct tree payload)
{
    (void)payload;
    camera_ignore(message->answer, "a snapshot without a read");
}

static const struct {
    const char *name;
    decode_fn *decode;
} messages[] = {
    {"ivs_result", decode_result},          {"quick_ivs_result", decode_quick_result},
    {"lanectrl_result", decode_lane_event}, {"gpio_in", decode_gpio_in},
    {"keep_alive", decode_keep_alive},      {"snapshot", decode_snapshot},
};

/* Contacts 0 and 1 are wired to open and to close by convention; 2 is a pulse. */
static void decode_gpio_out(const struct vzenith_message *message, struct tree payload)
{
    struct camera_message *ret = message->answer;
    int64_t io = tree_int(tree_at(payload, "io"), -1);
    int64_t value = tree_int(tree_at(payload, "value"), -1);
    int64_t delay_ms = tree_int(tree_at(payload, "delay"), 500);
    bool open = io == 0;

    if (io < 0 || io > 3 || value < 0 || value > 2 || delay_ms < 0 || delay_ms > 600000) {
        camera_refuse(ret, "gpio_out has io 0 to 3, value 0 to 2 and delay up to 600000");
        return;
    }
    if (value != 2 || io > 1) {
        camera_mean(ret, CAMERA_COMMAND, "%s IO %d",
                    value == 2   ? "pulse"
                    : value == 1 ? "switch on"
                                 : "switch off",
                    (int)io);
        return;
    }
    text_copy(ret->gate, sizeof ret->gate, open ? "open" : "close");
    camera_mean(ret, CAMERA_COMMAND, "%s: pulse IO %d for %d ms; %s is the same with io %d",
                ret->gate, (int)io, (int)delay_ms, open ? "close" : "open", open ? 1 : 0);
}

static const struct {
    const char *name, *means;
} commands[] = {
    {"serial_data", "send bytes on the serial line"},
    {"ivs_trigger", "read a plate now"},
    {"snapshot", "take a picture"},
    {"set_time", "set the clock"},
    {"white_list_operator", "change the camera's own list"},
};

static void decode_command(const struct vzenith_message *message, const char *name,
                           struct tree payload)
{
    if (!strcmp(name, "gpio_out")) {
        decode_gpio_out(message, payload);
        return;
    }
    for (size_t i = 0; i < COUNT(commands); i++)
        if (!strcmp(name, commands[i].name)) {
            camera_mean(message->answer, CAMERA_COMMAND, "%s", commands[i].means);
            return;
        }
    camera_ignore(message->answer, "a command \"%.40s\" is not known", name);
}

/* The camera's answer to a command: a code as of HTTP. */
static void decode_answer(struct tree envelope, struct tree payload, struct camera_message *ret)
{
    int64_t code = tree_int(tree_at(envelope, "code"), tree_int(tree_at(payload, "code"), 200));

    ret->accepted = code == 200 || code == 0;
    if (ret->accepted)
        camera_mean(ret, CAMERA_REPLY, "accepted - NOT proof of movement");
    else
        camera_mean(ret, CAMERA_REPLY, "rejected: code %d",
                    code > 0 && code < 65536 ? (int)code : -1);
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);

    return size >= end_size && !strcmp(text + size - end_size, end);
}

/* The serial number stands first or second in the topic. */
static void take_device(const char *topic, struct camera_message *ret)
{
    char part[PLATE_ID];

    if (*ret->read.device || !parts_topic(topic, 0, part, sizeof part))
        return;
    if (strcmp(part, "device") != 0 || parts_topic(topic, 1, part, sizeof part))
        text_copy(ret->read.device, sizeof ret->read.device, part);
}

static const char *name_of(struct tree envelope, const char *topic)
{
    const char *name = tree_word(tree_at(envelope, "name")), *slash = strrchr(topic, '/');

    return *name ? name : slash ? slash + 1 : topic;
}

void vzenith_decode_mqtt(const struct vzenith_message *message, struct tree root)
{
    const char *told = message->document->topic;
    const char *topic = told ? told : tree_word(tree_at(root, "topic"));
    struct tree wrapped = tree_at(root, "message");
    struct tree envelope = tree_has(wrapped) ? wrapped : root;
    struct tree payload = tree_at(envelope, "payload"), body = tree_at(payload, "body");
    struct vzenith_message inner = *message;
    const char *name = name_of(envelope, topic);

    inner.base64 = true;
    camera_texts(envelope, envelope_texts, COUNT(envelope_texts), message->answer);
    take_device(topic, message->answer);
    if (camera_epoch(tree_at(envelope, "timestamp"), &inner.sent))
        inner.sent.source = CLOCK_MESSAGE;
    payload = tree_has(body) ? body : payload;
    if (!tree_has(payload))
        payload = envelope;
    if (ends_with(topic, "/reply")) {
        decode_answer(envelope, payload, message->answer);
        return;
    }
    if (strstr(topic, "/down/") || !strcmp(name, "gpio_out")) {
        decode_command(&inner, name, payload);
        return;
    }
    for (size_t i = 0; i < COUNT(messages); i++)
        if (!strcmp(name, messages[i].name)) {
            messages[i].decode(&inner, payload);
            return;
        }
    if (!vzenith_decode_object(&inner, payload))
        camera_ignore(message->answer, "a message \"%.40s\" is not known", name);
}
