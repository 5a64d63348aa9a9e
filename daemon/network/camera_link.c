/* A camera behind a broker. See camera_link.h. */
#include "daemon/network/camera_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"
#include "daemon/uplink/broker.h"
#include "daemon/uplink/url.h"

enum {
    TIMEOUT_MS = 10000,
    BACKOFF_MAX_MS = 30000,
    LINES_A_MINUTE = 6,
    CLIENT_ID = 128,
    ORDER_MAX = 2048
};

struct camera_link {
    struct camera_link_camera camera;
    struct camera_link_hooks hooks;
    struct url url;
    char client_id[CLIENT_ID];
    char topics[CAMERA_TOPICS][CAMERA_TOPIC];
    const char *topic_list[CAMERA_TOPICS];
    struct mqtt_subscription subscription;
    struct mqtt_settings mqtt;
    struct broker *broker;
    bool holds;
    bool device_first; /* the shape of topics that the camera was last heard on */
    uint64_t tickets;
    struct log_limit lines;
};

/* {…,"id":…,"code":200,…} on …/gpio_out/reply. */
static void take_answer(struct camera_link *link, const struct camera_request *request)
{
    struct err err;
    struct json *body = json_read(request->bytes, request->size, ORDER_MAX * 8, &err);
    const char *id = json_text(json_member(body, "id"), NULL);
    struct camera_message message;

    cameras_decode(link->camera.family, request, &message);
    if (id && message.kind == CAMERA_REPLY)
        link->hooks.answered(link->hooks.arg, link->camera.index, id, message.accepted);
    json_release(body);
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);

    return size >= end_size && !strcmp(text + size - end_size, end);
}

/* What the broker kept from before is of no vehicle that is there now. */
static void on_received(void *arg, const struct mqtt_message *message)
{
    struct camera_link *link = arg;
    const struct camera_request request = {
        .bytes = message->bytes, .size = message->size, .topic = message->topic};

    link->holds = true;
    if (message->retained)
        return;
    link->device_first = strncmp(message->topic, "device/", 7) != 0;
    if (ends_with(message->topic, "/reply"))
        take_answer(link, &request);
    else
        link->hooks.message(link->hooks.arg, link->camera.index, &request);
}

static void on_connected(void *arg)
{
    struct camera_link *link = arg;

    log_info("camera \"%s\": connected to its broker", link->camera.id);
}

static void on_ready(void *arg)
{
    (void)arg; /* orders go at once or never */
}

static void on_delivered(void *arg, uint64_t ticket)
{
    (void)arg;
    (void)ticket; /* by the broker; the camera's answer is what counts */
}

static void on_lost(void *arg, const char *reason)
{
    struct camera_link *link = arg;

    if (log_allow(&link->lines, clock_mono(), LINES_A_MINUTE))
        log_warning("camera \"%s\": its broker: %s", link->camera.id, reason);
    link->holds = false; /* what was not acknowledged comes again */
}

static void build(struct camera_link *link, const struct camera_link_settings *settings)
{
    const struct camera_link_camera *camera = &link->camera;
    uint32_t count = camera_order_topics(camera->family, camera->device, link->topics);

    for (uint32_t i = 0; i < count; i++)
        link->topic_list[i] = link->topics[i];
    snprintf(link->client_id, sizeof link->client_id, "parkd-%s-camera-%s", camera->site,
             camera->id);
    link->subscription = (struct mqtt_subscription){
        .topics = link->topic_list, .count = count, .received = on_received};
    link->mqtt = (struct mqtt_settings){.host = link->url.host,
                                        .port = link->url.port,
                                        .client_id = link->client_id,
                                        .username = settings->username,
                                        .password = settings->password,
                                        .tls = link->url.secure ? &settings->tls : NULL,
                                        .window = 20,
                                        .timeout_ms = TIMEOUT_MS,
                                        .backoff_max_ms = BACKOFF_MAX_MS,
                                        .subscription = &link->subscription};
}

struct camera_link *camera_link_create(const struct camera_link_settings *settings,
                                       const struct camera_link_camera *camera, struct loop *loop,
                                       const struct camera_link_hooks *hooks, struct err *err)
{
    struct camera_link *link = memory_new(1, sizeof *link);
    const struct broker_hooks broker_hooks = {.arg = link,
                                              .connected = on_connected,
                                              .ready = on_ready,
                                              .delivered = on_delivered,
                                              .lost = on_lost};

    *link = (struct camera_link){.camera = *camera, .hooks = *hooks, .device_first = true};
    if (url_parse(settings->url, &link->url, err)) {
        build(link, settings);
        link->broker = broker_create(&link->mqtt, loop, &broker_hooks, err);
    }
    if (link->broker)
        return link;
    free(link);
    return NULL;
}

void camera_link_destroy(struct camera_link *link)
{
    if (!link)
        return;
    broker_destroy(link->broker);
    free(link);
}

static bool publish(struct camera_link *link, struct camera_order order)
{
    char topic_bytes[CAMERA_TOPIC], body_bytes[ORDER_MAX];
    struct text topic, body;

    order.device = link->camera.device;
    order.device_first = link->device_first;
    text_init(&topic, topic_bytes, sizeof topic_bytes);
    text_init(&body, body_bytes, sizeof body_bytes);
    if (!camera_order_publish(link->camera.family, &order, &topic, &body) || topic.overflow ||
        body.overflow || broker_room(link->broker) == 0 ||
        !broker_publish(link->broker, topic.bytes, &body, false, ++link->tickets))
        return false;
    broker_flush(link->broker);
    return true;
}

bool camera_link_tell(struct camera_link *link, enum camera_action action, int32_t output,
                      const char *id, int64_t now_s)
{
    return publish(
        link, (struct camera_order){.action = action, .id = id, .output = output, .now_s = now_s});
}

bool camera_link_list(struct camera_link *link, const char *body, const char *id, int64_t now_s)
{
    return publish(link, (struct camera_order){
                             .action = CAMERA_DO_LIST, .id = id, .body = body, .now_s = now_s});
}

bool camera_link_holds(const struct camera_link *link)
{
    return link->holds;
}

void camera_link_release(struct camera_link *link)
{
    if (!link->holds)
        return;
    link->holds = false;
    broker_release(link->broker);
}
