/*
 * What a family of cameras is made of, and what its decode works on: the message once it is split
 * into parts, in UTF-8 and parsed. Only sensors/lane includes this. Pure.
 */
#ifndef SENSORS_LANE_FAMILY_H
#define SENSORS_LANE_FAMILY_H

#include "sensors/lane/camera_answer.h"
#include "sensors/lane/multipart.h"
#include "sensors/lane/tree.h"

struct camera_form; /* the fields of a form, as they came */

struct camera_document {
    const char *topic; /* of MQTT, or NULL */
    struct tree root;  /* the JSON object or XML element; none where the message is a form */
    const char *name;  /* of the XML root; "" of JSON */
    const struct camera_form *form;
    const struct camera_request *request;
};

/* Fills `ret`, which comes empty with the images that the parts hold. */
typedef void camera_decode_fn(const struct camera_document *document, struct camera_message *ret);

/* Writes what the camera expects to hear; returns the content type. */
typedef const char *camera_answer_fn(const struct camera_answer *answer, struct text *out);

struct camera_family {
    const char *name;
    camera_decode_fn *decode;
    camera_answer_fn *answer; /* NULL: any 200 will do */
    bool answer_opens;
    int64_t silence_ms; /* a camera that is not heard for so long is offline; 0: it may be silent */
};

/* One line a family, and no second place to change. */
#define CAMERA_FAMILIES(row)                                                               \
    row(vzenith) row(hikvision) row(dahua) row(platerecognizer) row(openalpr) row(frigate) \
        row(verify)

#define CAMERA_FAMILY_DECLARE(family) extern const struct camera_family family##_family;
CAMERA_FAMILIES(CAMERA_FAMILY_DECLARE)

/* Copies the form's field; false, with `ret` empty, when it has none or it does not fit. */
bool form_field(const struct camera_form *form, const char *name, char *ret, size_t size);

#endif
