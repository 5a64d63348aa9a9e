/*
 * One lane: the state machine between loops, camera, decision and boom (the table stands in
 * lane.c; its names are those of the field). Pure: what is sensed, read, decided and asked goes in
 * with the time; records, orders to the barrier and questions come out through hooks. It knows
 * nothing of stays and money: yard.h puts both together.
 *
 * Must hold, always: no OPEN without presence, except held, evacuated or forced by a person; no
 * CLOSE while the closing loop is on; each physical passage is told once, on the trailing edge of
 * the closing loop; every OPEN has a cause; a decision is used once and dies with its vehicle;
 * late, doubled and offline reads never open; evacuation beats everything; after a restart nothing
 * is sent again.
 */
/* long: the contract of the lane is read as one page */
#ifndef CORE_LANE_H
#define CORE_LANE_H

#include "daemon/core/boom.h"
#include "daemon/core/record.h"

enum lane_state {
    LANE_IDLE,
    LANE_PRESENT,
    LANE_NO_PLATE,
    LANE_DECIDE,
    LANE_DENIED,
    LANE_WAIT_PAY,
    LANE_WAIT_OPERATOR,
    LANE_OPENING,
    LANE_OPEN_WAIT,
    LANE_PASSING,
    LANE_PASSED,
    LANE_CLOSING,
    LANE_BACKOUT,
    LANE_TAILGATE,
    LANE_WRONG_WAY,
    LANE_LOOP_SUSPECT,
    LANE_STUCK_UNDER,
    LANE_OPEN_FAIL,
    LANE_CLOSE_FAIL,
    LANE_FAULT,
    LANE_HELD,
    LANE_EVACUATE,
    LANE_COMMS_LOST,
    LANE_RESYNC,
    LANE_STATES
};
extern const struct words lane_state_words; /* "IDLE", "PRESENT", … as in the notes */

/* A plate as the lane uses it: the best read so far of the vehicle that is there. */
struct lane_read {
    char plate[PLATE_SIZE]; /* empty: the camera says there is none */
    enum plate_colour colour;
    enum vehicle_class class;
    int32_t confidence;
    char event[36];
    bool turned_back; /* the camera saw it turn back */
    bool passed;      /* the camera saw it pass: evidence where no closing loop is wired */
};

/* One approach. A decision names it and dies with it. */
struct lane_vehicle {
    char id[IDENT_SIZE];
    struct lane_read read;
    bool has_read;
    bool present; /* on the presence loop, or read where no loop is wired */
    utc_ms since;
};

struct lane_decision {
    char vehicle[IDENT_SIZE]; /* must be the one that is there; else it is ignored */
    enum decision_verdict verdict;
    enum decision_reason reason;
    enum lane_cause cause;
    char stay[IDENT_SIZE];
    char plate[PLATE_SIZE]; /* as finally known: the operator may have put it right */
    char actor[RECORD_WORD];
    char words[RECORD_PHRASE]; /* why, by a person */
    char ticket[IDENT_SIZE];   /* that the vehicle has shown or was given */
};

/* To be written to the barrier once the command's record is durable, and not after `until`. */
struct lane_order {
    char command[IDENT_SIZE];
    enum lane_action action;
    mono_ms until;            /* later it is not sent any more: the vehicle has had its time */
    char vehicle[IDENT_SIZE]; /* whose decision it is, empty: nobody's. Asked again before the coil:
                                 lane_still_wants() */
};

struct lane_hooks {
    void *arg;
    struct record_sink records; /* its commands, outcomes, modes and openings */
    /* Who is it, may it pass? Answered by lane_decide(), at once or later. Again when a better read
     * came before the decision. */
    void (*ask)(void *arg, uint32_t lane, const struct lane_vehicle *vehicle);
    void (*trigger)(void *arg, uint32_t lane); /* the camera should read now */
    void (*send)(void *arg, uint32_t lane, const struct lane_order *order);
    /* A vehicle went through: everything but `stay` is filled in. Not yet a record. */
    void (*passed)(void *arg, uint32_t lane, struct record_passage *passage, utc_ms at);
    /* It went away without passing: its decision is void, its bill stays open. */
    void (*gone)(void *arg, uint32_t lane, const struct lane_vehicle *vehicle);
    /* Interlock: whether the lane opposite lets this one open now (plan.opposite); asked again
     * while the decision lives. NULL: always. Never asked for an evacuation. */
    bool (*may_open)(void *arg, uint32_t lane);
    /* A loop (one bit of enum lane_wiring) came on at `at`: to be compared with those of the lanes
     * beside it. NULL: nobody does. */
    void (*rose)(void *arg, uint32_t lane, unsigned loop, mono_ms at);
};

struct lane;

/* Borrows plan, hooks and ident. Begins in RESYNC: nothing closes until the loops were clear for
 * `times.settle`, nothing that was asked before the start is sent again. */
struct lane *lane_create(const struct site_plan *plan, uint32_t index,
                         const struct lane_hooks *hooks, struct ident *ident);
void lane_destroy(struct lane *lane); /* takes NULL */

/* Start-up, from durable records: a hold that still runs, an evacuation, commands without an
 * outcome (which end as unknown), the operation counter as last recorded. All zero, then each
 * record in order through lane_past_apply(), which ignores those of other lanes and things. */
enum { LANE_STORIES = 3 }; /* commands of a lane that run at one time */
struct lane_past {
    enum lane_mode mode;
    utc_ms until;
    char reason[RECORD_PHRASE], actor[RECORD_WORD];
    bool out_of_service; /* by a person, whatever mode came after */
    char out_reason[RECORD_PHRASE], out_actor[RECORD_WORD];
    char unfinished[LANE_STORIES][IDENT_SIZE]; /* commands without an outcome; empty: none */
    bool moves[LANE_STORIES];                  /* those that open or close */
    char opened[IDENT_SIZE]; /* the one of them that opens, and why; empty: none */
    enum lane_cause opened_cause;
    uint64_t operations;
    bool has_operations;
    uint32_t own_moves; /* told to open or close since `operations` was recorded */
};
void lane_past_apply(struct lane_past *past, uint32_t lane, const struct record *record);
void lane_restore(struct lane *lane, const struct lane_past *past, struct now now);

/* What the barrier device says now: on change, and at least twice a second. A lane without a
 * barrier gets its loops by it all the same. */
void lane_sense(struct lane *lane, const struct boom *barrier, struct now now);

/* A fresh read by the lane's camera: neither late, nor offline, nor doubled. */
void lane_read(struct lane *lane, const struct lane_read *read, struct now now);

/* Whether the camera is heard of; without it the lane degrades. */
void lane_camera(struct lane *lane, bool online, struct now now);

/* The loop came on at the same moment as one of a lane beside it. Again and again, and no read nor
 * passage between, it is crosstalk: the loop is not believed any more. */
void lane_echoes(struct lane *lane, unsigned loop);

/* The answer to `ask`; a payment or a person's approval later is another one. False when it is not
 * for the vehicle that is there now. */
bool lane_decide(struct lane *lane, const struct lane_decision *decision, struct now now);

/* What became of an order. `at` is when it happened on the wire. */
void lane_told(struct lane *lane, const char *command, enum boom_progress progress, utc_ms at,
               struct now now);

/* Just before the coil is written: whether the order still stands. */
bool lane_still_wants(const struct lane *lane, const struct lane_order *order, struct now now);

/* A person's act. `until`: of a hold. False with a word why not in `ret_why`. */
enum lane_operation {
    LANE_DO_OPEN, /* forced, with a reason */
    LANE_DO_HOLD,
    LANE_DO_RELEASE,
    LANE_DO_CLOSE,
    LANE_DO_RESET, /* the trouble was put right */
    LANE_DO_OUT_OF_SERVICE,
    LANE_DO_IN_SERVICE,
    LANE_DO_EVACUATE,
    LANE_DO_EVACUATION_ENDS, /* by a person only */
    LANE_OPERATIONS
};
struct lane_act {
    enum lane_operation operation;
    enum lane_cause cause; /* operator, platform, test, evacuation */
    char actor[RECORD_WORD];
    char reason[RECORD_PHRASE];
    utc_ms until;
};
bool lane_act(struct lane *lane, const struct lane_act *act, struct now now, const char **ret_why);
/* Whether the same at this moment would be done. */
bool lane_may(struct lane *lane, const struct lane_act *act, struct now now, const char **ret_why);

/* Whether its boom may be open or is about to be: what the interlock of the lane opposite asks.
 * Whatever is not known to be closed may be open. */
bool lane_may_be_open(const struct lane *lane);

/* Timers. Call at lane_next() at the latest. */
void lane_tick(struct lane *lane, struct now now);
mono_ms lane_next(const struct lane *lane);

/* For people. */
struct lane_view {
    enum lane_state state;
    enum lane_mode mode;
    utc_ms since, until;
    struct lane_vehicle vehicle; /* id empty: none */
    struct boom barrier;
    unsigned suspect;            /* bits of enum lane_wiring that are wired and not believed */
    char trouble[RECORD_PHRASE]; /* with the next step; empty: none */
    uint64_t passages_in, passages_out, openings, unasked;
};
void lane_view(const struct lane *lane, struct lane_view *ret);
enum lane_mode lane_mode(const struct lane *lane); /* that alone */

#endif
