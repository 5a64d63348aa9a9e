/*
 * The yard's own state, shared by its files only: yard.c (building, restoring, time), yard_read.c
 * (cameras), yard_ask.c (may it pass?), yard_ticket.c (no plate), yard_pass.c (what a passage does
 * to stays), yard_people.c (acts and payments).
 */
/* long: what the files of the yard share, on one page */
#ifndef CORE_YARD_INSIDE_H
#define CORE_YARD_INSIDE_H

#include "daemon/core/recent.h"
#include "daemon/core/sharing.h"
#include "daemon/core/yard.h"

/* What a camera's clock is known to be wrong by (yard_read.c). */
struct read_clock {
    int64_t lag_ms; /* arrival less the camera's own time */
    uint32_t votes; /* reads that agreed on it */
};

/* A vehicle that was decided on and has not passed yet: what its passage will do. */
struct lane_case {
    char vehicle[IDENT_SIZE];
    char stay[IDENT_SIZE];
    char plate[PLATE_SIZE];
    enum decision_verdict verdict;
    enum decision_reason reason;
    char actor[RECORD_WORD], words[RECORD_PHRASE]; /* a person's, when one decided */
    char ticket[IDENT_SIZE];
};

struct yard_lane {
    struct yard *yard;
    struct lane *lane;
    struct lane_past past;  /* gathered while restoring */
    struct lane_case open;  /* vehicle empty: none */
    struct lane_case first; /* of the one before it, which may still be under the boom */
    /* Restored: whom the lane let through before the start, and who has not passed yet; so long it
     * is the one that passes without a plate of its own. Vehicle empty: nobody. */
    struct lane_case before;
    utc_ms before_until;
    struct read_clock clock;
    unsigned rose_loop; /* that came on last, a bit of enum lane_wiring; 0: none */
    mono_ms rose_at;
};

/* One lot: its bays by state. */
struct yard_lot {
    uint32_t states[BAY_STATES];
    bool seen_evacuating; /* one of its lanes is, this tick */
    bool evacuating;      /* time costs nothing until it is over */
    bool stays_told;      /* its stays are known to agree with that: not so after a start */
};

struct yard {
    const struct site_plan *plan;
    struct yard_hooks hooks;
    struct ident ident;
    struct stays *stays;
    struct estimates *estimates;
    struct recent *recent;
    struct sharing *sharing;
    struct yard_lane *lanes;
    struct yard_lot *lots;
    uint8_t *bays;        /* enum bay_state of each */
    uint32_t *in_service; /* bays of each zone */
    struct now now;       /* of the call under way: the lanes' hooks have none of their own */
    bool time_uncertain;
    mono_ms minute; /* when the estimates are looked at next */
};

/* Hands a record out and takes it into the fold; not for records of stays, which apply themselves.
 */
void yard_emit(struct yard *yard, const struct record *record);

/* The lanes' hooks. */
void yard_ask(void *arg, uint32_t lane, const struct lane_vehicle *vehicle);
void yard_passed(void *arg, uint32_t lane, struct record_passage *passage, utc_ms at);
bool yard_may_open(void *arg, uint32_t lane);
void yard_gone(void *arg, uint32_t lane, const struct lane_vehicle *vehicle);

/* Records a decision and gives it to the lane; false when its vehicle is not there any more. */
bool yard_decide(struct yard *yard, uint32_t lane, const struct lane_decision *decision,
                 int64_t due_fen);

/* The same question once more, with a ticket that the vehicle was given or has shown. */
void yard_ask_with(struct yard *yard, uint32_t lane, const struct lane_vehicle *vehicle,
                   const char *ticket);

/* Vehicles that wait for a payment, and owe nothing now, are decided on again. */
void yard_ask_again(struct yard *yard);

/* As are those that were not let through, of this plate. */
void yard_ask_of(struct yard *yard, const char *plate);

/* A lot that begins or ceases to be evacuated: its stays' time stands still meanwhile. */
void yard_watch_evacuation(struct yard *yard);

/* What the estimate of a lot is made of, beside records. */
struct estimate_now yard_lot_now(const struct yard *yard, uint32_t lot);

#endif
