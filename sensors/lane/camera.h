/* What the decodes of camera families share: each takes one fact into a message. Pure. */
#ifndef SENSORS_LANE_CAMERA_H
#define SENSORS_LANE_CAMERA_H

#include "sensors/lane/family.h"

/* Make the message ignored or malformed; printf's rules. */
void camera_ignore(struct camera_message *message, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void camera_refuse(struct camera_message *message, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void camera_mean(struct camera_message *message, enum camera_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A member that is copied as text: where it stands, and where it goes. */
struct camera_text {
    const char *path;
    size_t offset, size; /* within struct camera_message */
};
#define CAMERA_TEXT(path, member)                        \
    {                                                    \
        path, offsetof(struct camera_message, member),   \
            sizeof(((struct camera_message *)0)->member) \
    }

/* Copies those that are there, in order, into places that are still empty. */
void camera_texts(struct tree from, const struct camera_text texts[], size_t count,
                  struct camera_message *message);

/* Takes the plate; refuses what is longer than a plate. */
void camera_plate(const char *raw, struct camera_message *message);

/* The same of plates of one car (mainland, Hong Kong, Macau) that are joined by "|" or "/":
 * "粤ZJ068澳|MX7742|ZM127". */
void camera_joined_plates(const char *raw, struct camera_message *message);
void camera_add_plate(const char *raw, struct plate_read *read);
void camera_candidate(const char *raw, double confidence, struct plate_read *read);

/* 0 … 100 as told, or 0 … 1 told with a fraction; anything else leaves it untold. */
double camera_confidence(struct tree value);

/* "2026-05-13T14:32:15.123+02:00", also with a blank for the T, "+0200", "Z". A time without a zone
 * is of `zone_minutes` east of Greenwich, or fills time.local only. False for anything else. */
enum { CAMERA_NO_ZONE = INT32_MIN };
bool camera_time(const char *text, int64_t zone_minutes, struct plate_time *ret);

/* Seconds, milliseconds or microseconds since 1970, told apart by their size. */
bool camera_epoch(struct tree value, struct plate_time *ret);
/* The same of whole seconds and microseconds. */
bool camera_seconds(int64_t seconds, int64_t microseconds, struct plate_time *ret);

/* Names a picture; `base64` is its content inside of the message, or none. More than are kept are
 * left out. */
void camera_image(const struct camera_document *document, const char *name, struct tree base64,
                  struct plate_read *read);

/* The address of a picture, without a user's name and password in it. */
void camera_link(const char *link, struct plate_read *read);

/* The direction by our words, case ignored. */
enum plate_direction camera_direction(const char *word);

#endif
