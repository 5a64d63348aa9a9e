/*
 * A camera that speaks through a broker: what it says comes up here, what it is told goes down. A
 * message is acknowledged when camera_link_release() says that what it made is durable. The loop's
 * thread.
 */
#ifndef NETWORK_CAMERA_LINK_H
#define NETWORK_CAMERA_LINK_H

#include "daemon/base/loop.h"
#include "daemon/uplink/settings.h"
#include "sensors/lane/camera_order.h"

struct camera_link_settings {
    const char *url; /* mqtts://host[:port]; mqtt:// to this machine only; NULL: no broker */
    const char *username, *password; /* NULL for none */
    struct tls_settings tls;
};

struct camera_link_hooks {
    void *arg;
    /* A message of the camera's. */
    void (*message)(void *arg, uint32_t camera, const struct camera_request *request);
    /* The camera answered an order; `id` as it was given. */
    void (*answered)(void *arg, uint32_t camera, const char *id, bool accepted);
};

struct camera_link_camera {
    const char *site, *id; /* make the client's id */
    uint32_t index;        /* what hooks call it */
    const struct camera_family *family;
    const char *device;
};

struct camera_link;

/* Borrows the settings and the camera's texts. */
struct camera_link *camera_link_create(const struct camera_link_settings *settings,
                                       const struct camera_link_camera *camera, struct loop *loop,
                                       const struct camera_link_hooks *hooks, struct err *err);
void camera_link_destroy(struct camera_link *link); /* takes NULL */

/* False: there is no connection, or the family has no such order; nothing was sent. */
bool camera_link_tell(struct camera_link *link, enum camera_action action, int32_t output,
                      const char *id, int64_t now_s);

/* The same of a change of its list: camera_list_body(). */
bool camera_link_list(struct camera_link *link, const char *body, const char *id, int64_t now_s);

/* Whether something waits to be acknowledged. */
bool camera_link_holds(const struct camera_link *link);
void camera_link_release(struct camera_link *link);

#endif
