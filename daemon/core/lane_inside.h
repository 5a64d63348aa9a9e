/*
 * What the files of a lane share: its memory, its events and the functions that rows of the table
 * name. Private to lane*.c. Two machines run on one set of events: the vehicle in front (IDLE …
 * WAIT_OPERATOR, and OPENING for "may pass") and the boom (IDLE, OPENING … RESYNC).
 */
/* long: the lane's memory is read as one page */
#ifndef CORE_LANE_INSIDE_H
#define CORE_LANE_INSIDE_H

#include "daemon/core/lane.h"

enum lane_event {
    LANE_ARRIVES, /* onto the presence loop */
    LANE_LEAVES,  /* off it, nothing under the boom */
    LANE_GONE,    /* and it did not come back */
    LANE_UNDER,   /* onto the closing loop */
    LANE_BACKED,  /* off it, and nobody passed */
    LANE_WENT,    /* passed */
    LANE_AGAINST, /* passed the wrong way */
    LANE_READS,
    LANE_TURNED, /* the camera saw it turn back */
    LANE_ALLOWS,
    LANE_DENIES,
    LANE_ASKS,
    LANE_WANTS_PAY,
    LANE_UP,   /* the boom is seen open */
    LANE_DOWN, /* and closed */
    LANE_REFUSED,
    LANE_UNSENT,
    LANE_TIME, /* the state's own time is over */
    LANE_TROUBLE,
    LANE_WELL,
    LANE_LOST,
    LANE_HEARD,
    LANE_HOLDS,
    LANE_LETS_GO,
    LANE_FORCES,
    LANE_SHUTS,
    LANE_RESETS,
    LANE_FIRE,
    LANE_FIRE_ENDS,
    LANE_EVENTS
};

/* One row: in a state of `from`, at `event`, if `guard` (NULL: always): do, then be in `next`
 * (LANE_STATES: where it is). The first row that fits counts. */
struct lane_row {
    uint32_t from; /* bits of states */
    enum lane_event event;
    bool (*guard)(const struct lane *lane, struct now now);
    enum lane_state next;
    void (*action)(struct lane *lane, struct now now);
};
struct lane_rows {
    const struct lane_row *rows;
    uint32_t count;
};
extern const struct lane_rows lane_table_vehicle, lane_table_boom;

enum { LANE_ON_PRESENCE, LANE_ON_CLOSING, LANE_LOOPS };

struct lane_loop {
    bool wired, raw, on; /* `on`: what stayed so for times.chatter */
    bool suspect;
    const char *why;            /* it is suspect */
    bool noisy;                 /* it chatters: what outlasts that is still an edge */
    mono_ms raw_since, changed; /* `changed`: of `on`, dated at the edge */
    uint32_t shorts;            /* pulses too short for a vehicle since `shorts_from` */
    mono_ms shorts_from;
    bool echoed;     /* it came on together with a loop of another lane */
    uint32_t echoes; /* so often, one after the other */
};

/* Where what is on the closing loop came from; LANE_UNTOLD: the presence loop was not believed. */
enum lane_began { LANE_NEAR, LANE_FAR, LANE_UNSEEN, LANE_UNTOLD };

struct lane_approach {
    struct lane_vehicle vehicle;
    enum lane_state phase; /* LANE_OPENING: it may pass */
    struct lane_decision decision;
    mono_ms phase_ends, trigger_at, decided_until;
    mono_ms left_at; /* off the presence loop since; MONO_NEVER: it is there */
    bool used;       /* the decision opened the boom */
    bool left_up;    /* it left the presence loop while nothing hindered it from passing */
};

struct lane_story { /* of one command */
    struct record_outcome outcome;
    enum lane_action action;
    enum lane_cause cause;
    char vehicle[IDENT_SIZE];
    bool running, unknown;
    mono_ms until, ends; /* not written later; over at the latest, MONO_NEVER: the state says */
};
enum { LANE_EVACUATION_TRIES = 6 }; /* each after twice the time */
enum { LANE_STORY_OPEN, LANE_STORY_CLOSE, LANE_STORY_OTHER };

struct lane {
    const struct site_plan *plan;
    const struct lane_plan *is;
    uint32_t index;
    struct lane_hooks hooks;
    struct ident *ident;

    enum lane_state state; /* of the boom */
    utc_ms since;
    mono_ms ends, asks_again;
    struct lane_approach front, under; /* vehicle.id empty: none */
    bool front_is_under;
    struct lane_read candidate; /* read before its vehicle is there */
    mono_ms candidate_until;    /* MONO_NEVER: none */
    char last_plate[PLATE_SIZE];
    mono_ms last_plate_until;

    struct boom barrier;
    bool heard, was_up, silent_start; /* `silent_start`: the loops were not seen before */
    bool camera_lost, limits_suspect;
    struct lane_loop loops[LANE_LOOPS];
    mono_ms clear_since;
    mono_ms started;

    enum lane_began began; /* of what is on the closing loop */
    bool fell, rose, turned, against, forward_hint;
    uint32_t doubts;
    mono_ms left_presence;
    uint32_t reads_alone, pulses_alone, opens_alone, cycles_stuck, together;

    struct lane_story stories[LANE_STORIES];
    uint32_t retries;
    enum lane_cause open_cause; /* why the boom is up */
    char open_command[IDENT_SIZE];
    char past_open[IDENT_SIZE]; /* told to open before the start, and what became of it is not
                                   known; empty: none */
    enum lane_cause past_cause;
    mono_ms past_until; /* so long it explains a boom that is up */
    uint32_t permits;   /* vehicles that it may let through without a decision of their own */

    bool out_of_service, held, evacuating;
    utc_ms held_until;
    mono_ms held_ends;
    struct lane_act by;              /* the last person's act */
    struct lane_act held_by, out_by; /* whose it is that it is held, out of service */
    enum lane_mode told_mode;
    utc_ms told_until;
    bool told_out;
    uint64_t operations;
    bool has_operations;
    uint32_t own_moves;    /* lane_watch_counter() */
    bool own_late;         /* one of them was not counted when the next was given */
    bool pressed;          /* the button, since the boom was down */
    uint32_t counted;      /* own moves since the counter was recorded */
    mono_ms counted_until; /* it is recorded again then */
    uint64_t passages[LANE_DIRECTIONS], openings, unasked;
};

/* lane_step.c: the machine. */
void lane_step_fire(struct lane *lane, enum lane_event event, struct now now);
void lane_step_time(struct lane *lane, struct now now);
bool lane_step_in(const struct lane *lane, uint32_t states);
#define LANE_BIT(state) (UINT32_C(1) << LANE_##state)

/* lane_loops.c */
bool lane_loops_believed(const struct lane *lane, int loop);
bool lane_loops_noisy(const struct lane *lane);
bool lane_loops_under(const struct lane *lane); /* anything on the closing loop, however short */
void lane_loops_feed(struct lane *lane, const struct boom *barrier, struct now now);
void lane_loops_settle(struct lane *lane, struct now now);
mono_ms lane_loops_next(const struct lane *lane);
void lane_loops_doubt(struct lane *lane, int loop, const char *why);
void lane_loops_read_alone(struct lane *lane);
void lane_loops_seen(struct lane *lane); /* a vehicle is there: what the loops tell is no echo */
void lane_loops_judge(struct lane *lane, struct now now);

/* lane_passage.c */
void lane_passage_edge(struct lane *lane, int loop, struct now at, struct now now);
void lane_passage_seen_first(struct lane *lane, struct now now);
bool lane_passage_blind(const struct lane *lane); /* no loop tells of passing */
void lane_passage_of_front(struct lane *lane, struct now now);
void lane_passage_distrust(struct lane *lane, struct now now);
bool lane_passage_up(const struct lane *lane);
void lane_passage_left(struct lane *lane, struct now now);

/* lane_vehicle.c */
bool lane_vehicle_allowed(const struct lane *lane, struct now now);
void lane_vehicle_read(struct lane *lane, const struct lane_read *read, struct now now);
bool lane_vehicle_decide(struct lane *lane, const struct lane_decision *d, struct now now);
void lane_vehicle_arrive(struct lane *lane, struct now now);
void lane_vehicle_forget(struct lane *lane, bool passed);
void lane_vehicle_ask(struct lane *lane, struct now now);
void lane_vehicle_time(struct lane *lane, struct now now);
mono_ms lane_vehicle_next(const struct lane *lane);

/* lane_command.c */
void lane_command_give(struct lane *lane, enum lane_action action, enum lane_cause cause,
                       struct now now);
void lane_command_end(struct lane *lane, int story, struct now now);
void lane_command_end_all(struct lane *lane, struct now now);
void lane_command_boom(struct lane *lane, struct now now);
void lane_command_passed(struct lane *lane, utc_ms at, struct now now);
void lane_command_told(struct lane *lane, const char *command, enum boom_progress progress,
                       utc_ms at, struct now now);
void lane_command_time(struct lane *lane, struct now now);
bool lane_command_sent(const struct lane *lane, int story);
mono_ms lane_command_next(const struct lane *lane);
const struct lane_story *lane_command_find(const struct lane *lane, const char *command);

/* lane_watch.c: what is observed of the boom. */
bool lane_watch_has_boom(const struct lane *lane);
bool lane_watch_limits(const struct lane *lane);
bool lane_watch_closed(const struct lane *lane);
bool lane_watch_open(const struct lane *lane);
void lane_watch_counter(struct lane *lane, struct now now);
void lane_watch_opened(struct lane *lane, struct now now);
void lane_watch_explain(struct lane *lane, struct now now);
void lane_watch_mode(struct lane *lane, struct now now);
void lane_watch_service(struct lane *lane, struct now now); /* a person changed it */
const char *lane_watch_trouble(const struct lane *lane);
unsigned lane_watch_suspect(const struct lane *lane);

#endif
