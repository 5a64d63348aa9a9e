/*
 * The makes of simulated cameras: what each posts, and what it takes for an answer. Written from
 * the makers' protocols, apart from the gateway's code. Pure.
 */
#ifndef PARKSIM_CAMERA_MAKE_H
#define PARKSIM_CAMERA_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CAMERA_PLATE = 32, CAMERA_BODY = 4096, CAMERA_CHANGES = 8 };

enum camera_sends { CAMERA_SENDS_READ, CAMERA_SENDS_STORED, CAMERA_SENDS_BEAT };

struct camera_sending {
    enum camera_sends what;
    const char *lane; /* also the camera's serial number */
    char plate[CAMERA_PLATE];
    uint32_t id;
    int64_t utc_ms; /* of the read */
    bool listed;    /* the camera let it in by its own list, while it had no server */
};

struct camera_heard {
    bool taken;        /* the camera is content: it sends the next */
    bool opens;        /* it pulses its contact */
    const char *wrong; /* NULL, or what the protocol does not allow */
    int changes;       /* of its own list, additions or else removals */
    bool adds;
    char plates[CAMERA_CHANGES][CAMERA_PLATE];
};

struct camera_make {
    const char *name, *type; /* Content-Type */
    const char *path;        /* behind /cameras/ID */
    bool keeps;              /* what is not taken, for later; else see `again_ms` */
    int64_t again_ms;        /* sends it again so much later, for ever; 0: loses it */
    int64_t beat_ms;         /* 0: no sign of life */
    /* Returns the size: a picture holds any byte. */
    size_t (*write)(const struct camera_sending *sending, char body[CAMERA_BODY]);
    void (*hear)(const struct camera_sending *sending, const char *body, struct camera_heard *ret);
};

const struct camera_make *camera_make_find(const char *name); /* NULL: vzenith, hikvision, dahua */

#endif
