/* long: what the files of cameras share stands on one page */
/*
 * Cameras in the gateway. What a camera says goes to the yard (gateway_cameras.c); its answer waits
 * until that is durable, and may carry an order to open (gateway_camera_answers.c). Only the
 * gateway's files include this.
 */
/* long: what the three files of cameras share, on one page */
#ifndef GATEWAY_CAMERAS_H
#define GATEWAY_CAMERAS_H

#include "daemon/gateway_inside.h"

enum { CAMERA_EVENT = 36, CAMERA_SEEN = 16 };

/* A message of a camera; `exchange` NULL: it came through a broker. */
void gateway_cameras_take(struct gateway *g, uint32_t camera, const struct camera_request *request,
                          struct http_exchange *exchange);

/* One camera, live. */
struct camera_live {
    mono_ms heard;
    bool away; /* silent for longer than it should be */
    uint64_t messages, refused;
    uint64_t reads, repeated; /* recorded; come again */
    uint64_t stored, late;    /* of the reads: kept by the camera while it had no server; later
                               * than its clock explains */
    uint64_t photos_kept, photos_dropped;
    mono_ms photo_dropped_at;      /* the newest, */
    char photo_why[RECORD_PHRASE]; /* and what to do about it */
    mono_ms refused_at;            /* the newest that was refused */
    bool lag_known;
    int64_t lag_ms; /* of the newest read: our clock less its own, with the way to us */
    char seen[CAMERA_SEEN][CAMERA_EVENT]; /* the last lane events: they may come again */
    uint32_t seen_next;
    mono_ms read_now_until;         /* until then it is to be asked to read */
    struct camera_teller *teller;   /* of its control's hook */
    struct camera_control *control; /* NULL: it cannot be told by HTTP */
    struct camera_link *link;       /* NULL: it posts */
    struct camera_list *list;       /* NULL: it is told no plates */
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
    struct loop_timer *asker; /* cameras are asked from here, not from within their messages */
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

/* serve's hook: gateway_show_cameras.c */
void gateway_show_camera(void *arg, uint32_t camera, struct serve_camera *ret);

/* More is durable: the answers that waited for it leave; orders first, which may go with them. */
void gateway_cameras_durable(struct gateway *g);
/* What came through brokers is acknowledged when nothing waits for the disk any more. */
void gateway_cameras_release(struct gateway *g);
/* Records were lost: nothing that waits is acknowledged. */
void gateway_cameras_lost(struct gateway *g);

/* gateway_camera_orders.c: cameras that can be told unasked. */
bool camera_orders_start(struct gateway *g, struct err *err);
void camera_orders_stop(struct gateway *g);
/* False: no camera of the lane can be told to open now. */
bool camera_orders_open(struct gateway *g, uint32_t lane, const struct lane_order *order);

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

/* gateway_camera_lists.c: plates that cameras let in by themselves. After the cameras' links. */
void camera_lists_start(struct gateway *g);
void camera_lists_stop(struct gateway *g);
void camera_lists_tick(struct gateway *g, struct now now);
void gateway_camera_lists_durable(struct gateway *g, const struct record *record);
/* What goes with the answer to the camera's sign of life, and whether it was written; NULL:
 * nothing. The text is good until then. */
const char *camera_lists_answer(struct gateway *g, uint32_t camera);
void camera_lists_written(struct gateway *g, uint32_t camera, bool written);
/* The camera's answer through its broker; false: it is none of ours. */
bool camera_lists_answered(struct gateway *g, uint32_t camera, const char *id, bool accepted);
void camera_lists_show(const struct gateway *g, uint32_t camera, struct serve_camera *ret);

/* gateway_camera_reads.c */

/* One message on its way in. */
struct camera_incoming {
    struct gateway *g;
    uint32_t camera;
    const struct camera_config *config;
    const struct camera_request *request;
    struct camera_message message;
    struct camera_wait wait; /* its answer */
};

void camera_reads_take(struct camera_incoming *in);
/* Fills in->wait.event. */
void camera_reads_name(struct camera_incoming *in);

/* Whether the read is of the vehicle that is at the lane now. */
bool camera_wait_is_of(const struct camera_wait *wait, const struct lane_vehicle *vehicle);

struct camera_answers *camera_answers_create(struct gateway *g);
void camera_answers_destroy(struct camera_answers *answers); /* takes NULL */
/* Answers when it may; copies. */
void camera_answers_add(struct gateway *g, const struct camera_wait *wait);
void camera_answers_closed(struct gateway *g, struct http_exchange *exchange);

#endif
