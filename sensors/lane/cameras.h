/*
 * Cameras of lanes: constant data and one pure decode each. A decode opens nothing, logs nothing,
 * keeps nothing; passwords that a message carries are never copied. Adding a family: its file, its
 * row in CAMERA_FAMILIES, its section in parkd-cameras(7), its captures in tests/captures/lpr.
 */
/* long: what any camera can say stands on one page */
#ifndef SENSORS_LANE_CAMERAS_H
#define SENSORS_LANE_CAMERAS_H

#include "daemon/core/plate_read.h"

enum camera_kind {
    CAMERA_READ,       /* a vehicle; without a plate where `read.plate` is empty */
    CAMERA_INPUT,      /* a contact of the camera changed */
    CAMERA_LANE_EVENT, /* what a vehicle or person did, `event`; with the plate if it is told */
    CAMERA_HEARTBEAT,
    CAMERA_SERIAL,            /* bytes that came on the camera's serial line */
    CAMERA_BAY,               /* a bay that the camera watches */
    CAMERA_AUTHORISE_REQUEST, /* may this vehicle pass? */
    CAMERA_COMMAND,           /* to a camera, in a capture; `means` says what */
    CAMERA_REPLY,             /* an answer to a camera or of one; `means` says what */
    CAMERA_IGNORED,           /* whole, but nothing to us; `reason` */
    CAMERA_MALFORMED,         /* not believed; `reason` */
    CAMERA_KINDS
};

enum lane_event {
    LANE_EVENT_OTHER,
    LANE_EVENT_PERSON_STAYS,
    LANE_EVENT_VEHICLE_STAYS,
    LANE_EVENT_STAY_CLEARED,
    LANE_EVENT_PASSED,
    LANE_EVENT_TURNED_BACK,
    LANE_EVENT_TAILGATE,
    LANE_EVENT_CROWD,
    LANE_EVENT_NON_MOTOR_STAYS,
    LANE_EVENTS
};

enum { CAMERA_REASON = 160, CAMERA_SERIAL_MAX = 1024, CAMERA_BODY_MAX = 8 << 20 };

struct camera_message {
    enum camera_kind kind;
    char reason[CAMERA_REASON], means[CAMERA_REASON];
    bool accepted;       /* of a reply of a camera to an order */
    char gate[PLATE_ID]; /* what a command or reply does to the gate: "open", "close", "lock", … */
    char ip[PLATE_ID];
    struct plate_read read; /* device, lane and time of every kind stand here too */
    enum lane_event event;
    int32_t vehicles; /* in the message; the surest of them is `read` */
    int32_t input;    /* contact from 1; 0: a trigger that is no contact */
    int32_t value;    /* of the input */
    int32_t channel;  /* of the serial line */
    uint8_t serial[CAMERA_SERIAL_MAX];
    size_t serial_size;
    char bay[PLATE_ID], bay_state[PLATE_ID];
};

/* One message as it came. Everything is borrowed for the call. */
struct camera_request {
    const char *bytes; /* the body, at most CAMERA_BODY_MAX; or a captured file of tests */
    size_t size;
    const char *content_type; /* NULL or empty: the body's first bytes tell */
    const char *topic;        /* of MQTT, or NULL */
};

struct camera_family; /* a row of the table; sensors/lane/family.h */

/* "vzenith", "hikvision", "dahua", "platerecognizer", "openalpr", "frigate", "verify"; NULL when
 * there is none. */
const struct camera_family *cameras_find(const char *name);
const struct camera_family *cameras_at(size_t index); /* NULL past the last */
const char *cameras_name(const struct camera_family *family);
/* How long a camera that works is silent at most; 0: as long as nobody drives past. */
int64_t cameras_silence_ms(const struct camera_family *family);

/* Says what the message means. Never fails: what cannot be believed is CAMERA_MALFORMED. Offsets of
 * images count from request->bytes. */
void cameras_decode(const struct camera_family *family, const struct camera_request *request,
                    struct camera_message *ret);

/* The same of a captured file: a body, a whole HTTP request, or {"topic","message"} of MQTT. */
void cameras_decode_capture(const struct camera_family *family, const char *bytes, size_t size,
                            struct camera_message *ret);

const char *camera_kind_name(enum camera_kind kind);
const char *lane_event_name(enum lane_event event);

/* Appends the message as one JSON object; its members stand in parkd-cameras(7). */
void camera_json(const struct camera_message *message, struct text *out);

#endif
