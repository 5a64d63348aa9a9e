/*
 * What records say of lanes: reads, decisions, the actuation ledger, passages. Members in the order
 * of their keys in the body. Included by record.h.
 */
/* long: what is recorded of lanes stands on one page */
#ifndef CORE_RECORD_LANE_H
#define CORE_RECORD_LANE_H

#include "daemon/core/ident.h"
#include "daemon/core/lane_words.h"
#include "daemon/core/plate_read.h"
#include "daemon/core/vehicle.h"

enum { RECORD_WORD = 32, RECORD_PHRASE = 128 };

/* A step of the actuation ledger: when, STEP_ABSENT when it did not come, or STEP_UNOBSERVABLE
 * where nothing is wired that would tell. */
#define STEP_ABSENT ((utc_ms){0})
#define STEP_UNOBSERVABLE ((utc_ms){-1})

/* A camera's read that is no repetition of an earlier one. `at` is the read's own time. */
struct record_plate_read {
    uint32_t lane;
    char device[RECORD_WORD];
    char event[36]; /* digest of plate_read_key(): a resent read is known by it after a restart */
    char plate[PLATE_SIZE];
    enum plate_colour colour;
    enum vehicle_class class;
    int32_t confidence; /* 0 … 100, -1 not told */
    bool offline;
    enum plate_opener opened_by;
    char images[RECORD_WORD]; /* where its pictures are kept, empty: none */
};

struct record_decision {
    uint32_t lane;
    char vehicle[IDENT_SIZE]; /* of this approach; a decision dies with it (rule 7) */
    char plate[PLATE_SIZE];
    enum decision_verdict verdict;
    enum decision_reason reason;
    char stay[IDENT_SIZE]; /* the one it is about, or empty */
    char actor[RECORD_WORD];
    char ticket[IDENT_SIZE]; /* that it has shown or was given; empty: none */
};

/* Durable before the coil is written (rule 8). */
struct record_command {
    uint32_t lane;
    char command[IDENT_SIZE];
    enum lane_action action;
    enum lane_cause cause;
    char stay[IDENT_SIZE];
    char actor[RECORD_WORD];
    char reason[RECORD_PHRASE];
    utc_ms until; /* of a hold: the lease's end */
};

/* One a command, when its story has ended. */
struct record_outcome {
    uint32_t lane;
    char command[IDENT_SIZE];
    enum command_result result;
    utc_ms sent, accepted, moved, limit, passed; /* steps */
    char trouble[RECORD_WORD];
};

/* One physical vehicle through one lane (rule 6). `at` is when it had left the closing loop. */
struct record_passage {
    uint32_t lane;
    char passage[IDENT_SIZE];
    enum lane_direction direction; /* as it drove: a wrong-way one against its lane */
    enum passage_kind kind;
    enum passage_evidence evidence;
    enum lane_cause cause;
    char plate[PLATE_SIZE]; /* empty: not known */
    enum plate_colour colour;
    enum vehicle_class class;
    char stay[IDENT_SIZE];
    char command[IDENT_SIZE];
    uint32_t vehicles;         /* 1; a counting sensor tells of several at once */
    char quality[RECORD_WORD]; /* of what was counted: counter.h; empty: exact */
};

struct record_lane {
    uint32_t lane;
    enum lane_mode mode;
    char reason[RECORD_PHRASE];
    char actor[RECORD_WORD];
    utc_ms until; /* of a hold; 0: none */
};

/* An opening that nobody asked for, by the operation counter or the limit switch. With 0 openings:
 * the counter as first seen, from which on it is compared. */
struct record_opening {
    uint32_t lane;
    enum lane_cause cause; /* button, unasked */
    uint32_t openings;
    uint64_t counter; /* as the device shows it now */
};

#endif
