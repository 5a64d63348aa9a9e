/*
 * What cameras are told unasked: to pulse the contact that opens, to read now. By MQTT where they
 * have a broker, by HTTP where they have a server. Pure.
 */
#ifndef SENSORS_LANE_CAMERA_ORDER_H
#define SENSORS_LANE_CAMERA_ORDER_H

#include "sensors/lane/cameras.h"

enum camera_action { CAMERA_DO_OPEN, CAMERA_DO_READ, CAMERA_DO_LIST, CAMERA_ACTIONS };

struct camera_order {
    enum camera_action action;
    const char *id;     /* comes back with the camera's answer */
    const char *device; /* its serial number */
    int32_t output;     /* the contact, from 0 */
    const char *body;   /* of CAMERA_DO_LIST: camera_list_body() */
    int64_t now_s;
    bool device_first; /* topics are {device}/device/…, else device/{device}/… */
};

/* False: the family has no such order, or none by MQTT. */
bool camera_order_publish(const struct camera_family *family, const struct camera_order *order,
                          struct text *topic, struct text *body);

/* The body of a PUT to the camera's gate. False as above. */
bool camera_order_put(const struct camera_family *family, const struct camera_order *order,
                      struct text *body);

/* Where the gate is on the camera's own server as delivered; NULL: it has none that we know. */
const char *camera_order_path(const struct camera_family *family);

/* The topics of a camera's messages and answers; at most CAMERA_TOPICS. 0: the family has none. */
enum { CAMERA_TOPICS = 6, CAMERA_TOPIC = 160 };
uint32_t camera_order_topics(const struct camera_family *family, const char *device,
                             char ret[CAMERA_TOPICS][CAMERA_TOPIC]);

#endif
