/*
 * A record: one fact that the gateway holds for ever. This is its form in memory before it is
 * durable; record_encode() gives the canonical JSON that the journal stores, hashes and sends.
 * Adding a kind: the enum, its member of the union, its fields and row in record_kinds.c, and its
 * line in parkd(8).
 */
/* long: a record's kinds and their members are read as one page */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "daemon/core/bay_state.h"
#include "daemon/core/device_state.h"
#include "daemon/core/plan.h"
#include "daemon/core/record_lane.h"
#include "daemon/core/record_report.h"
#include "daemon/core/record_stay.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"

enum record_kind {
    RECORD_GATEWAY,       /* started, stopped, reloaded */
    RECORD_BAY_CHANGED,   /* what the world is told of a bay has changed */
    RECORD_BAY_HEALTH,    /* a bay became or ceased to be suspect */
    RECORD_DEVICE_HEALTH, /* a device came, went, or answers wrongly */
    RECORD_CLOCK_STEP,    /* the wall clock was moved */
    RECORD_OPERATOR,      /* a person acted */
    RECORD_LOSS,          /* something had to be given up: what, how many, of which span */
    RECORD_RETENTION,     /* old records were removed; the chain goes on from the anchor */
    RECORD_BAY_AMENDED,   /* a late message told of a stay, or of its absence, between two times */
    RECORD_PLATE_READ,    /* a camera read a plate */
    RECORD_DECISION,      /* a vehicle at a lane was let through, refused, asked about */
    RECORD_COMMAND,       /* a barrier is about to be told something */
    RECORD_OUTCOME,       /* what came of it */
    RECORD_PASSAGE,       /* a vehicle went through a lane */
    RECORD_LANE,          /* a lane is held, evacuated, out of service, or back */
    RECORD_OPENING,       /* a barrier opened, and nobody had asked */
    RECORD_STAY_OPENED,   /* a vehicle came to stay */
    RECORD_STAY_AMENDED,  /* something about a stay was put right */
    RECORD_STAY_CLOSED,   /* it left, with this outcome */
    RECORD_ORDER,         /* a demand for payment */
    RECORD_PAYMENT,
    RECORD_REFUND,
    RECORD_COUPON,     /* a discount for a stay */
    RECORD_LIST,       /* a plate came onto a list, or left it */
    RECORD_SHIFT,      /* a cashier's shift began or ended */
    RECORD_OCCUPANCY,  /* an entry in the account of a lot's occupancy */
    RECORD_SHARING,    /* off-peak sharing of bays began, ended, fell short */
    RECORD_PLATFORM,   /* a platform asked something of us: what, and what was done */
    RECORD_DAY_CHECK,  /* a day of a lot compared with what a platform holds of it */
    RECORD_REPORT,     /* a business day was closed, with the digest of its figures */
    RECORD_SEAL,       /* the chain up to here, sealed with a key that is gone since */
    RECORD_DIFFERENCE, /* what reconciling with a channel's statement has found, or its end */
    RECORD_KINDS
};

enum { RECORD_BODY_MAX = 2048 };

struct record {
    enum record_kind kind;
    utc_ms at;           /* when it happened, as well as we know */
    bool time_uncertain; /* the clock was not synchronised, or was stepped meanwhile */
    union {
        struct {
            char event[RECORD_WORD]; /* "started", "stopped", "reloaded" */
            char version[RECORD_WORD];
        } gateway;
        struct {
            uint32_t bay;
            enum bay_state from, to;
            enum bay_reason reason;
            bool inferred; /* sensor.h: the message that told of it was lost */
        } bay_changed;
        struct {
            uint32_t bay;
            enum bay_condition condition;
            bool on;
        } bay_health;
        struct {
            uint32_t device;
            enum device_state state;
            char reason[RECORD_WORD]; /* "answers", "timeout", "crc", "exception 2", … */
        } device_health;
        struct {
            int64_t delta_ms; /* the clock was moved forward by this much */
        } clock_step;
        struct {
            char act[RECORD_WORD];     /* "out_of_service", "back_in_service", "outbox_drop", … */
            char subject[RECORD_WORD]; /* what was acted on */
            char actor[RECORD_WORD];   /* who: user name or "uid N" */
            char reason[RECORD_PHRASE];
        } operator_act;
        struct {
            char what[RECORD_WORD]; /* "records", "uplink city", … */
            char reason[RECORD_PHRASE];
            uint64_t count;
            utc_ms from, to;
        } loss;
        struct {
            uint32_t bay;
            enum bay_state state; /* what it was, though not told then */
            utc_ms until;         /* from the record's own time */
        } bay_amended;
        struct {
            uint64_t through_seq; /* records up to and with this one are gone */
            uint64_t count;
            char hash[65]; /* chain hash of that record, hex */
            utc_ms newest; /* of all that is gone by now, this happened last */
        } retention;
        struct {
            uint64_t epoch;           /* of the key */
            uint64_t through_seq;     /* the newest record that it covers */
            char seal[65];            /* of the chain there, hex */
            char next[65];            /* commitment to the key of the epoch that follows, hex */
            char erased[RECORD_WORD]; /* whose key went with it: "plates 3"; empty: nothing */
        } seal;
        struct record_plate_read plate_read;
        struct record_decision decision;
        struct record_command command;
        struct record_outcome outcome;
        struct record_passage passage;
        struct record_lane lane;
        struct record_opening opening;
        struct record_stay_opened stay_opened;
        struct record_stay_amended stay_amended;
        struct record_stay_closed stay_closed;
        struct record_order order;
        struct record_payment payment;
        struct record_refund refund;
        struct record_coupon coupon;
        struct record_list list;
        struct record_shift shift;
        struct record_occupancy occupancy;
        struct record_sharing sharing;
        struct record_platform platform;
        struct record_day_check day_check;
        struct record_report report;
        struct record_difference difference;
    };
};

/* Where records go as the core makes them. `put` copies the record. */
struct record_sink {
    void (*put)(void *arg, const struct record *record);
    void *arg;
};

/*
 * Appends the canonical JSON of `record`, one object without white space, keys in fixed order:
 * {"type":"bay_changed","at":"2026-11-22T03:02:06.123Z","lot":"A","zone":"A1","bay":"A-001",
 *  "from":"free","to":"occupied","reason":"reading"}
 * `"time":"uncertain"` follows `at` where it applies. The keys of each kind are the names of its
 * members above. A control character in a text becomes a space. A body never exceeds
 * RECORD_BODY_MAX; ids in the plan are shorter than RECORD_WORD.
 */
void record_encode(const struct record *record, const struct site_plan *plan, struct text *out);

const char *record_kind_name(enum record_kind kind); /* "bay_changed" */
bool record_kind_parse(const char *name, enum record_kind *ret);

#endif
