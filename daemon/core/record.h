/*
 * A record: one fact that the gateway holds for ever. This is its form in memory before it is
 * durable; record_encode() gives the canonical JSON that the journal stores, hashes and sends.
 * Adding a kind: the enum, its member of the union, its row in record.c, and its line in parkd(8).
 */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "daemon/core/plan.h"
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
    RECORD_KINDS
};

enum bay_state { BAY_UNKNOWN, BAY_FREE, BAY_OCCUPIED, BAY_OUT_OF_SERVICE, BAY_STATES };

enum bay_reason {
    BAY_BY_READING,  /* the sensor said so */
    BAY_BY_SILENCE,  /* not heard within its limit */
    BAY_BY_FAULT,    /* the sensor says that it is faulty */
    BAY_BY_OPERATOR, /* taken out of service, or returned */
    BAY_BY_SUSPICION /* suspect, or no longer, in a lot where suspect counts as unknown */
};

/* Bits of one word; each change of one bit is one record. */
enum bay_condition { BAY_FLAPPING = 1, BAY_STUCK_OCCUPIED = 2, BAY_STUCK_FREE = 4 };

enum device_state { DEVICE_NEW, DEVICE_ONLINE, DEVICE_OFFLINE, DEVICE_STATES };

enum { RECORD_WORD = 32, RECORD_PHRASE = 128, RECORD_BODY_MAX = 1024 };

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
            uint64_t through_seq; /* records up to and with this one are gone */
            uint64_t count;
            char hash[65]; /* chain hash of that record, hex */
        } retention;
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
 * `"time":"uncertain"` follows `at` where it applies. A body never exceeds RECORD_BODY_MAX.
 */
void record_encode(const struct record *record, const struct site_plan *plan, struct text *out);

const char *record_kind_name(enum record_kind kind); /* "bay_changed" */
bool record_kind_parse(const char *name, enum record_kind *ret);
const char *bay_state_name(enum bay_state state); /* "free" */
bool bay_state_parse(const char *name, enum bay_state *ret);
const char *bay_reason_name(enum bay_reason reason);
bool bay_reason_parse(const char *name, enum bay_reason *ret);
const char *bay_condition_name(enum bay_condition condition);
bool bay_condition_parse(const char *name, enum bay_condition *ret);
const char *device_state_name(enum device_state state);

#endif
