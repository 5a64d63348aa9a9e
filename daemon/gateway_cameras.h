/*
 * Cameras in the gateway. What a camera says goes to the yard (gateway_cameras.c); its answer waits
 * until that is durable, and may carry an order to open (gateway_camera_answers.c). Only the
 * gateway's files include this.
 */
#ifndef GATEWAY_CAMERAS_H
#define GATEWAY_CAMERAS_H

#include "daemon/gateway_inside.h"

enum { CAMERA_EVENT = 36, CAMERA_SEEN = 16 };

/* One camera, live. */
struct camera_live {
    mono_ms heard;
    bool away; /* silent for longer than it should be */
    uint64_t messages, refused;
    char seen[CAMERA_SEEN][CAMERA_EVENT]; /* the last lane events: they may come again */
    uint32_t seen_next;
    mono_ms read_now_until; /* the next answer until then asks it to read */
    struct log_limit lines;
};

/* The camera's contacts of a lane, as a boom's inputs. */
struct camera_loops {
    unsigned wired, on;
};

struct camera_answers;

struct gateway_cameras {
    struct camera_listener *listener; /* NULL: none is configured */
    struct camera_live *live;         /* as config.cameras */
    struct camera_loops loops[LANES_MAX];
    bool away[LANES_MAX];                     /* the lane has no camera now */
    enum decision_verdict verdict[LANES_MAX]; /* told during a read; DECISIONS: none */
    struct camera_answers *answers;
};

/* After the store and before the field. */
bool gateway_cameras_start(struct gateway *g, struct err *err);
void gateway_cameras_stop(struct gateway *g);
void gateway_cameras_tick(struct gateway *g, struct now now);

/* The yard's hooks: the camera of the lane is to read; somebody was decided on. */
void gateway_cameras_trigger(struct gateway *g, uint32_t lane);
void gateway_cameras_told(struct gateway *g, uint32_t lane, const struct record_decision *decision);

/* An order to a lane whose boom a camera opens; its record is durable and the lane wants it still.
 * True: the yard has been told what became of it. False: nothing carries it now; ask again. */
bool gateway_cameras_order(struct gateway *g, uint32_t lane, const struct lane_order *order);

/* More is durable: the answers that waited for it leave; orders first, which may go with them. */
void gateway_cameras_durable(struct gateway *g);
/* Records were lost: nothing that waits is acknowledged. */
void gateway_cameras_lost(struct gateway *g);

/* gateway_camera_answers.c */

struct camera_wait {
    struct http_exchange *exchange;
    uint32_t camera;
    struct camera_answer answer;
    uint64_t after;           /* leaves when so many records are durable */
    bool may_open;            /* a decision may come that goes with it, */
    mono_ms until;            /* if it comes so soon */
    char event[CAMERA_EVENT]; /* of the read */
};

/* Whether the read is of the vehicle that is at the lane now. */
bool camera_wait_is_of(const struct camera_wait *wait, const struct lane_vehicle *vehicle);

struct camera_answers *camera_answers_create(struct gateway *g);
void camera_answers_destroy(struct camera_answers *answers); /* takes NULL */
/* Answers when it may; copies. */
void camera_answers_add(struct gateway *g, const struct camera_wait *wait);
void camera_answers_closed(struct gateway *g, struct http_exchange *exchange);

#endif
