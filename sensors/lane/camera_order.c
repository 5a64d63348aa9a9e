/*
 * Orders to cameras. See camera_order.h.
 *
 *   Vzenith: {sn}/device/message/down/gpio_out or device/{sn}/message/down/gpio_out
 *     {"id":"65f0c0ffee01","sn":"…","name":"gpio_out","version":"1.0","timestamp":1709530000,
 *      "payload":{"type":"gpio_out","body":{"delay":500,"io":0,"value":2}}}
 *     value 2 is a pulse of `delay` ms, timed by the camera. ivs_trigger reads now.
 *   Hikvision: PUT /ISAPI/Parking/channels/1/barrierGate
 *     <BarrierGate><ctrlMode>open</ctrlMode></BarrierGate>
 */
#include "sensors/lane/camera_order.h"

#include <stdio.h>

#include "sensors/lane/family.h"

enum { PULSE_MS = 500 };

static const char *const names[CAMERA_ACTIONS] = {
    [CAMERA_DO_OPEN] = "gpio_out",
    [CAMERA_DO_READ] = "ivs_trigger",
    [CAMERA_DO_LIST] = "white_list_operator",
};

bool camera_order_publish(const struct camera_family *family, const struct camera_order *order,
                          struct text *topic, struct text *body)
{
    const char *name = names[order->action];

    if (family != &vzenith_family)
        return false;
    text_add(topic, order->device_first ? "%s/device/message/down/%s" : "device/%s/message/down/%s",
             order->device, name);
    text_add(body, "{");
    text_json_pair(body, "id", order->id);
    text_json_pair(body, "sn", order->device);
    text_json_pair(body, "name", name);
    text_json_pair(body, "version", "1.0");
    text_json_int(body, "timestamp", order->now_s);
    text_add(body, ",\"payload\":{\"type\":\"%s\",\"body\":{", name);
    if (order->action == CAMERA_DO_OPEN)
        text_add(body, "\"delay\":%d,\"io\":%d,\"value\":2", PULSE_MS, (int)order->output);
    else if (order->action == CAMERA_DO_LIST)
        text_add(body, "%s", order->body);
    text_add(body, "}}}");
    return true;
}

bool camera_order_put(const struct camera_family *family, const struct camera_order *order,
                      struct text *body)
{
    if (family != &hikvision_family || order->action != CAMERA_DO_OPEN)
        return false;
    text_add(body,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?><BarrierGate><ctrlMode>open</ctrlMode>"
             "</BarrierGate>");
    return true;
}

const char *camera_order_path(const struct camera_family *family)
{
    return family == &hikvision_family ? "/ISAPI/Parking/channels/1/barrierGate" : NULL;
}

uint32_t camera_order_topics(const struct camera_family *family, const char *device,
                             char ret[CAMERA_TOPICS][CAMERA_TOPIC])
{
    static const char *const answered[] = {"gpio_out", "white_list_operator"};
    uint32_t count = 0;

    if (family == &vzenith_family) {
        snprintf(ret[count++], CAMERA_TOPIC, "%s/device/message/up/#", device);
        snprintf(ret[count++], CAMERA_TOPIC, "device/%s/message/up/#", device);
        for (size_t i = 0; i < sizeof answered / sizeof *answered; i++) {
            snprintf(ret[count++], CAMERA_TOPIC, "%s/device/message/down/%s/reply", device,
                     answered[i]);
            snprintf(ret[count++], CAMERA_TOPIC, "device/%s/message/down/%s/reply", device,
                     answered[i]);
        }
    } else if (family == &frigate_family) {
        snprintf(ret[count++], CAMERA_TOPIC, "frigate/tracked_object_update");
    }
    return count;
}
