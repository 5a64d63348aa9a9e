/*
 * A camera's own HTTP server, where it can be told to open its gate: PUT with digest
 * authentication. One order at a time; nothing is ever sent again. A password that was refused is
 * not tried again until the next start: cameras lock the account of who guesses. The loop's thread.
 */
#ifndef UPLINK_CAMERA_CONTROL_H
#define UPLINK_CAMERA_CONTROL_H

#include "daemon/base/loop.h"
#include "sensors/lane/camera_order.h"

struct camera_control_settings {
    const char *host; /* address; NULL: the camera cannot be told */
    uint16_t port;
    const char *username, *password;
    const char *path; /* of the gate */
};

enum camera_control_result {
    CAMERA_CONTROL_ACCEPTED, /* which is no proof of movement: a locked gate says so, too */
    CAMERA_CONTROL_REFUSED,
    CAMERA_CONTROL_UNKNOWN /* no answer came */
};

/* `command`: what was given to the order. */
typedef void camera_control_done_fn(void *arg, const char *command,
                                    enum camera_control_result result, const char *trouble);

struct camera_control;

/* Borrows the settings. */
struct camera_control *camera_control_create(const struct camera_control_settings *settings,
                                             const struct camera_family *family, struct loop *loop,
                                             camera_control_done_fn *done, void *arg);
void camera_control_destroy(struct camera_control *control); /* takes NULL; gives up its order */

/* False with err: nothing was sent. */
bool camera_control_open(struct camera_control *control, const char *command, struct err *err);

/* Any other request to its server, with the same care for the password; the texts are borrowed
 * until `said` tells the answer, status 0: none came. False as above. */
struct camera_control_request {
    const char *method, *content_type;
    const struct text *target, *body;
};
typedef void camera_control_said_fn(void *arg, int status, const char *body, size_t size,
                                    const char *trouble);
bool camera_control_ask(struct camera_control *control,
                        const struct camera_control_request *request, camera_control_said_fn *said,
                        struct err *err);

#endif
