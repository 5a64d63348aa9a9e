/* long: all that serve asks of the gateway, on one page */
/*
 * What serve asks of the gateway: the live state to show, and the commands to carry out. All
 * borrowed, all on the loop's thread.
 */
/* long: all that serve asks of the gateway is read as one page */
#ifndef SERVE_SOURCE_H
#define SERVE_SOURCE_H

#include "daemon/core/view.h"
#include "daemon/serve/acts.h"
#include "daemon/serve/role.h"
#include "daemon/uplink/uplink.h"
#include "sensors/bus/bus.h"

/* An answer that is still owed; given to exactly one serve_answer(). */
struct serve_reply;

struct serve_actor {
    char name[RECORD_WORD]; /* user name from SO_PEERCRED, or "uid N"; over TCP the address */
    enum role role;
};

enum serve_command {
    SERVE_BAY_OUT,
    SERVE_BAY_IN,
    SERVE_BAY_RECALIBRATE,
    SERVE_BAY_SET,
    SERVE_OUTBOX_RETRY,
    SERVE_OUTBOX_DROP,
    SERVE_OUTBOX_FORGET,
    SERVE_UPLINK_CHECK, /* a day of a lot, with its platform */
    SERVE_BACKUP,
    SERVE_ACT,    /* of lanes, stays and money: `act` says which */
    SERVE_REFUSED /* only told, see serve_source.refused */
};

struct serve_request {
    enum serve_command command;
    struct serve_actor actor;
    char subject[RECORD_WORD];  /* bay id, uplink name, what stands in the act's path */
    char reason[RECORD_PHRASE]; /* why, in the operator's words */
    char path[256];             /* backup: where to */
    uint64_t seq;               /* outbox: which record, 0 all */
    enum serve_act act;
    struct serve_words words; /* of the act */
    char what[RECORD_WORD];   /* set: which parameter of the sensor; check: which lot */
    char day[16];             /* check: "2026-11-21" */
    int32_t value;            /* set: to what */
    bool empty;               /* recalibrate: a person says that the bay is empty */
};

/* Vehicles that sensors counted through a lot's lanes. */
struct serve_counted {
    uint64_t in, out;
};

/* A camera, as people are shown it. */
enum serve_list { SERVE_LIST_NONE, SERVE_LIST_BEHIND, SERVE_LIST_IN_STEP };
struct serve_camera {
    const char *id, *lane, *family;
    bool online;
    utc_ms heard; /* 0: not since the start */
    uint64_t messages, refused;
    uint64_t reads, repeated, stored, late; /* gateway_cameras.h */
    uint64_t photos_kept, photos_dropped;
    bool lag_known;
    int64_t lag_ms;
    enum serve_list list;         /* of plates that it lets in by itself */
    uint64_t list_held, list_due; /* plates; changes that it has still to get */
    const char *trouble;          /* a word, NULL when well, */
    char advice[RECORD_PHRASE];   /* and what to do */
};

/* What is shown of the store. */
struct serve_store {
    uint64_t head_seq, waiting, commits, last_commit_us, worst_commit_us;
    char trouble[RECORD_PHRASE]; /* empty when well */
    utc_ms closed_until;         /* business days are closed up to there; 0: none ever was */
};

struct serve_source {
    void *arg;
    const struct site_plan *plan;
    const struct view *view;
    utc_ms started;
    const struct bus_settings *buses;
    uint32_t buses_count;
    const struct uplink_settings *uplinks;
    uint32_t uplinks_count;
    struct now (*now)(void *arg);
    void (*bus)(void *arg, uint32_t bus, struct bus_stats *ret);
    /* The n-th of buses[bus].devices. */
    void (*device)(void *arg, uint32_t bus, uint32_t n, struct bus_device_stats *ret);
    void (*uplink)(void *arg, uint32_t uplink, struct uplink_status *ret);
    void (*marks)(void *arg, uint32_t uplink, uplink_mark_fn *fn, void *fn_arg);
    /* Appends the sensor of this index that is heard and not configured, as one object; false when
     * there is none. */
    bool (*stranger)(void *arg, uint32_t index, struct text *out);
    /* False where nothing counts for the lot. */
    bool (*counted)(void *arg, uint32_t lot, struct serve_counted *ret);
    void (*store)(void *arg, struct serve_store *ret);
    void (*camera)(void *arg, uint32_t camera, struct serve_camera *ret);
    uint32_t cameras_count;
    /* Of all pictures; false where none are kept. */
    bool (*photos)(void *arg, struct photos_worker_figures *ret);
    /* Appends the vacancy of a lot as it is published; NULL: the view's own. */
    void (*vacancy)(void *arg, uint32_t lot, utc_ms as_of, struct text *out);
    /* Of lanes and stays; NULL where the site has none. Each appends JSON: the lane as an object;
     * the open stays, and closed ones that owe, as objects with commas between; what a stay would
     * cost now as an object, false when there is no such stay or open plate. `masked`: plates are
     * shown in part only. */
    void (*lane)(void *arg, uint32_t lane, bool masked, struct text *out);
    void (*stays)(void *arg, bool masked, struct text *out);
    bool (*quote)(void *arg, const char *stay_or_plate, struct text *out);
    /* Plates on lists and open shifts, as {"lists":[…],"shifts":[…]}. */
    void (*lists)(void *arg, struct text *out);
    /* A command; answered with serve_answer() at once or once its record is durable. */
    void (*request)(void *arg, const struct serve_request *request, struct serve_reply *reply);
    /* The actor asked for the subject and was refused, for the reason: to be recorded. */
    void (*refused)(void *arg, const struct serve_request *refused);
};

#endif
