/*
 * The list of plates that a camera lets in by itself, as each family is told of changes: in the
 * answer to a heartbeat, by MQTT, or by requests to the camera's own server. Pure.
 */
#ifndef SENSORS_LANE_CAMERA_LIST_H
#define SENSORS_LANE_CAMERA_LIST_H

#include "daemon/core/civil.h"
#include "daemon/core/held_list.h"
#include "sensors/lane/cameras.h"

enum camera_list_way {
    CAMERA_LIST_NONE,    /* the family has no such list that we know how to change */
    CAMERA_LIST_ANSWER,  /* within the answer to a sign of life */
    CAMERA_LIST_PUBLISH, /* by its broker */
    CAMERA_LIST_REQUEST  /* by its own server */
};

/* `broker`: it speaks through one. */
enum camera_list_way camera_list_way(const struct camera_family *family, bool broker);

/* So many changes of one kind fit into one message, at most. */
enum { CAMERA_LIST_BATCH = 5 };
uint32_t camera_list_batch(const struct camera_family *family, bool broker, bool add);

struct camera_list_part {
    const struct held_change *changes; /* of one kind */
    uint32_t count;
    const struct civil_zone *zone; /* of the camera's clock */
    utc_ms now;
};

/* Appends ,"white_list_operate":{…} for the answer of the Vzenith family. */
void camera_list_answer(const struct camera_list_part *part, struct text *out);

/* Appends the payload's body of the Vzenith family's white_list_operator. */
void camera_list_body(const struct camera_list_part *part, struct text *out);

/* The step-th request of this part to the camera's own server; false: there are no more. */
struct camera_list_request {
    const char *method;
    struct text target, body;
};
bool camera_list_request(const struct camera_family *family, const struct camera_list_part *part,
                         uint32_t step, struct camera_list_request *ret);

/* Whether the camera has taken the request. `text`: its answer's body. */
bool camera_list_taken(const struct camera_family *family, bool add, uint32_t step, int status,
                       const char *text, size_t size);

#endif
