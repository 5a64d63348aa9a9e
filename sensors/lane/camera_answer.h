/*
 * What each family of cameras is answered, to the byte. An answer acknowledges a message, so it
 * leaves when what the message made is durable; one that opens makes the camera pulse its contact.
 * Pure.
 */
#ifndef SENSORS_LANE_CAMERA_ANSWER_H
#define SENSORS_LANE_CAMERA_ANSWER_H

#include "sensors/lane/cameras.h"

/* What is kept of a message until it is answered. */
struct camera_answer {
    enum camera_kind kind;
    bool offline;  /* a stored read: the next one is asked for */
    bool open;     /* the camera's contact `output` is to pulse */
    bool read_now; /* the camera is to read at once, where an answer can say so */
    int32_t output;
    const char *list; /* of a heartbeat: camera_list_answer(), until it is written; or NULL */
    char device[PLATE_ID], plate[PLATE_SIZE], event_id[PLATE_LONG_ID];
};

/* Longer than any answer. */
enum { CAMERA_ANSWER_MAX = 2048 };

/* An answer that opens nothing. */
struct camera_answer camera_answer_to(const struct camera_message *message);

/* Writes the body; returns its content type. */
const char *camera_answer_write(const struct camera_family *family,
                                const struct camera_answer *answer, struct text *out);

/* Whether an answer of this family can make the camera open. */
bool camera_answer_opens(const struct camera_family *family);

#endif
