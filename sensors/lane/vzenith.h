/*
 * What the messages of Vzenith's family have in common over HTTP and MQTT. Over MQTT texts are
 * base64 and some names are written apart (color_type). Only sensors/lane includes this. Pure.
 */
#ifndef SENSORS_LANE_VZENITH_H
#define SENSORS_LANE_VZENITH_H

#include "sensors/lane/camera.h"

struct vzenith_message {
    const struct camera_document *document;
    bool base64;                   /* texts are */
    struct plate_time sent;        /* of an MQTT envelope */
    struct camera_message *answer; /* what is filled */
};

/* Whether the object holds a message that HTTP would carry (AlarmInfoPlate, …); if so, decodes it.
 */
bool vzenith_decode_object(const struct vzenith_message *message, struct tree object);

/* {"license",…}, wherever it stands. */
void vzenith_decode_plate(const struct vzenith_message *message, struct tree plate);

/* {"source","value"}, wherever it stands. */
void vzenith_decode_input(struct tree input, struct camera_message *ret);

/* {"topic","message"} or the envelope alone. */
void vzenith_decode_mqtt(const struct vzenith_message *message, struct tree envelope);

/* What we answer to a camera, as it stands in captures. */
void vzenith_decode_reply(struct tree reply, struct camera_message *ret);

/* What we answer to it live. */
camera_answer_fn vzenith_answer;

#endif
