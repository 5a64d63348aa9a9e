/*
 * What records say of stays and money. Members in the order of their keys in the body. A plate
 * stands under the key `plate` or `plate_was`, nowhere else: it is personal data (rule 20).
 * Included by record.h.
 */
/* long: what is recorded of stays and money stands on one page */
#ifndef CORE_RECORD_STAY_H
#define CORE_RECORD_STAY_H

#include "daemon/core/record_lane.h"
#include "daemon/core/stay_words.h"

enum { RECORD_TRANSACTION = 48 };

/* receivable − relief_… = payable (rule 12). The receivable is what the tariff asks of any vehicle
 * of the class; each relief is why this one pays less. */
struct money_chain {
    int64_t receivable_fen;
    int64_t relief_pass_fen, relief_class_fen, relief_coupon_fen, relief_other_fen;
    int64_t payable_fen;
};

/* `at` is the entry. */
struct record_stay_opened {
    uint32_t lot;
    uint32_t bay;  /* that it stands on, or PLAN_NONE */
    uint32_t lane; /* by which it came, or PLAN_NONE */
    char stay[IDENT_SIZE];
    char plate[PLATE_SIZE];
    enum plate_colour colour;
    enum vehicle_class class;
    enum stay_kind kind;
    char passage[IDENT_SIZE];
    bool entry_missing;      /* made at the exit or by a person: `at` is not when it came */
    char ticket[IDENT_SIZE]; /* by which a vehicle without a plate is known; empty: none */
};

struct record_stay_amended {
    uint32_t lot;
    char stay[IDENT_SIZE];
    enum stay_change change;
    char plate_was[PLATE_SIZE];
    char plate[PLATE_SIZE];
    enum vehicle_class class;
    enum stay_kind kind;
    utc_ms entered;         /* as it is now */
    uint32_t bay;           /* PLAN_NONE: not known */
    char other[IDENT_SIZE]; /* the stay that it was merged with */
    utc_ms until;
    char actor[RECORD_WORD];
    char reason[RECORD_PHRASE];
};

/* `at` is the exit. One a stay; a reverted exit is followed by another. */
struct record_stay_closed {
    uint32_t lot;
    uint32_t bay;
    uint32_t lane;
    char stay[IDENT_SIZE];
    char plate[PLATE_SIZE];
    enum plate_colour colour;
    enum vehicle_class class;
    enum stay_kind kind;
    utc_ms entered;
    enum stay_outcome outcome;
    struct money_chain money;
    int64_t received_fen; /* payments less refunds of this stay until now */
    char tariff[RECORD_WORD];
    char version[RECORD_WORD]; /* "2024-07-01": valid from */
    char passage[IDENT_SIZE];
    bool overstayed;
    char actor[RECORD_WORD];
    char reason[RECORD_PHRASE];
    char entry_lane[RECORD_WORD]; /* by which it came: the exit is told without its entry at hand */
    char channel[RECORD_WORD];    /* of the last payment of this stay, a pay channel's word */
};

/* One demand for payment. A newer order of the same stay replaces it. */
struct record_order {
    uint32_t lot;
    char stay[IDENT_SIZE];
    char order[IDENT_SIZE];
    char plate[PLATE_SIZE];
    struct money_chain money;
    int64_t received_fen; /* before this order */
    int64_t due_fen;      /* what it demands */
    utc_ms until;         /* the price holds until then */
    bool final;           /* after the exit: arrears */
    utc_ms entered;       /* of the stay */
};

struct record_payment {
    uint32_t lot;
    char stay[IDENT_SIZE];
    char order[IDENT_SIZE];
    char payment[IDENT_SIZE];
    char plate[PLATE_SIZE];
    int64_t amount_fen;
    enum pay_channel channel;
    enum pay_when when;
    char transaction[RECORD_TRANSACTION]; /* the channel's own number */
    utc_ms leave_by;                      /* free to leave until then */
    char shift[IDENT_SIZE];
    char actor[RECORD_WORD];
    utc_ms entered;                      /* of the stay */
    utc_ms billed;                       /* of the order; 0: there was none */
    int64_t receivable_fen, payable_fen; /* of the order, or of the stay as it left */
};

struct record_refund {
    uint32_t lot;
    char stay[IDENT_SIZE];
    char order[IDENT_SIZE];
    char payment[IDENT_SIZE]; /* that is given back, in part or whole */
    char refund[IDENT_SIZE];
    int64_t amount_fen;
    enum pay_channel channel;
    char transaction[RECORD_TRANSACTION];
    char shift[IDENT_SIZE];
    char actor[RECORD_WORD];
    char reason[RECORD_PHRASE];
};

/* A merchant's or the operator's discount for one stay (tariff_stay.h). */
struct record_coupon {
    uint32_t lot;
    char stay[IDENT_SIZE];
    char coupon[RECORD_WORD];
    enum coupon_kind kind;
    int64_t value; /* seconds, percent, fen */
    char issuer[RECORD_WORD];
    char actor[RECORD_WORD];
};

/* A plate came onto a list or left it. */
struct record_list {
    enum list_kind list;
    bool on;
    uint32_t lot; /* PLAN_NONE: every lot */
    char plate[PLATE_SIZE];
    char group[RECORD_WORD]; /* plates that share `bays`, "" alone */
    uint32_t bays;           /* so many of the group may be inside at once; 0: all */
    utc_ms from, until;      /* 0: open */
    char actor[RECORD_WORD];
    char reason[RECORD_PHRASE];
};

/* Closing: expected and counted are cash; over or short is their difference. */
struct record_shift {
    enum shift_event event;
    uint32_t lot; /* PLAN_NONE: the site */
    char shift[IDENT_SIZE];
    char cashier[RECORD_WORD];
    char witness[RECORD_WORD]; /* the second signature */
    int64_t float_fen;         /* in the drawer at the opening */
    int64_t expected_fen, counted_fen;
    char denominations[RECORD_PHRASE]; /* "100x3,50x1": yuan by count */
    char reason[RECORD_PHRASE];
};

/* An entry in the account of a lot's occupancy: never a silent reset. */
struct record_occupancy {
    uint32_t lot;
    enum occupancy_event event;
    uint32_t lane;     /* that it is laid to, or PLAN_NONE: the bays or nobody */
    int64_t delta;     /* vehicles booked */
    int64_t inside;    /* the estimate from now on */
    int64_t low, high; /* its interval */
    char evidence[RECORD_PHRASE];
    char actor[RECORD_WORD];
};

struct record_sharing {
    uint32_t lot;
    uint32_t zone; /* PLAN_NONE: the whole lot */
    enum sharing_event event;
    uint32_t promised, open; /* bays */
    utc_ms until;
    char stay[IDENT_SIZE]; /* of an overstay */
};

/* What a platform asked of us, and what we did about it. */
struct record_platform {
    char uplink[RECORD_WORD];
    char id[64]; /* the platform's own: the same id is never executed twice */
    enum platform_act act;
    char subject[RECORD_PHRASE]; /* the stay, lane or group; a plate stands in `plate` */
    char plate[PLATE_SIZE];
    enum platform_verdict verdict;
    char reason[RECORD_PHRASE]; /* of a refusal */
    char actor[RECORD_WORD];    /* who asked there, where it says so */
    char note[RECORD_PHRASE];   /* and why */
    utc_ms not_after;           /* 0: not told */
};

/* A day of a lot with a platform: what we hold against what it holds. */
struct record_day_check {
    uint32_t lot;
    char uplink[RECORD_WORD];
    char day[RECORD_WORD]; /* "2026-11-21" */
    enum day_verdict verdict;
    int64_t entries, exits;                 /* that we hold */
    int64_t entries_missing, exits_missing; /* there: sent again */
    int64_t entries_strange, exits_strange; /* there, and not here */
    char examples[RECORD_PHRASE];           /* ids of some of them */
};

#endif
