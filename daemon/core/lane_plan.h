/*
 * A lane as the configuration states it: where it leads, what is wired, how long things take, whom
 * it lets through. Plain data; nothing changes while the gateway runs. Included by plan.h.
 */
#ifndef CORE_LANE_PLAN_H
#define CORE_LANE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/lane_words.h"

/* What is wired, as bits. Less than both loops, camera and limits is a degraded lane: what it
 * records says so (enum passage_evidence). */
enum lane_wiring {
    LANE_HAS_PRESENCE = 1, /* loop in front of the boom, P */
    LANE_HAS_CLOSING = 2,  /* loop or photocell under it, C */
    LANE_HAS_LIMITS = 4,   /* both end positions are read */
    LANE_HAS_CAMERA = 8,
    LANE_HAS_BARRIER = 16,  /* none: a lane that counts or reads only */
    LANE_HAS_COUNTER = 32,  /* the barrier counts its operations */
    LANE_CAMERA_PULSES = 64 /* the camera's answer opens; no barrier device of ours */
};

enum { LANES_MAX = 64 };

/* All in milliseconds; notes 3.2 name them. */
struct lane_times {
    int64_t ident;      /* presence without a read: no plate */
    int64_t pair;       /* a read waits so long for its vehicle */
    int64_t ask;        /* presence without a read: the camera is asked once */
    int64_t decision;   /* a decision dies, TTL */
    int64_t travel;     /* the boom's way, either end */
    int64_t back;       /* presence gone and nothing under the boom: it backed out */
    int64_t no_pass;    /* open and nobody drives: close */
    int64_t stuck;      /* something stands under the boom */
    int64_t settle;     /* after a start: both loops clear so long before anything closes */
    int64_t chatter;    /* shorter pulses of a loop are no vehicle's */
    int64_t loop_stuck; /* a loop on so long with the boom down is in fault */
};

struct lane_plan {
    const char *id;
    const char *name;
    uint32_t lot;   /* that it leads into or out of */
    uint32_t outer; /* nested areas (场中场): the lot around it, left when this one is entered; or
                       PLAN_NONE */
    enum lane_direction direction;
    unsigned wiring; /* bits of enum lane_wiring */
    struct lane_times times;
    uint32_t opposite;         /* the lane that may not be open at the same time, or PLAN_NONE */
    uint32_t classes;          /* VEHICLE_BIT()s that may use it */
    uint32_t min_confidence;   /* of a read that decides, 0 … 100 */
    bool open_when_disk_fails; /* DESIGN 3.3's exception: let cars out */
    bool camera_opens;         /* LANE_CAMERA_PULSES, as the file says it */
    uint32_t orders_per_min;   /* openings that platforms may ask for; 0: none */
    uint32_t barrier;          /* in the configuration's barriers, or PLAN_NONE */
};

/* As an installation has them when the configuration says nothing. */
extern const struct lane_times lane_times_usual;

#endif
