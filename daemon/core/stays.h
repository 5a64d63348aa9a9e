/*
 * The stays of the site and their money: open stays, what they owe and have paid, arrears, plates
 * on lists, shifts. State is the fold of records: stays_apply() takes them in, live and at the
 * start alike; each act works out records, puts them into the sink and applies them. Pure: no
 * clock, no I/O. Money never leaves here but as a record.
 */
/* long: the contract of stays and money is read as one page */
#ifndef CORE_STAYS_H
#define CORE_STAYS_H

#include "daemon/core/record.h"
#include "daemon/core/tariff.h"

enum { STAY_PAYMENTS = 32, STAY_FREEZES = 4, STAYS_NEAR = 8 };

/* Money that moved for a stay: a payment, or a refund of one. */
struct stay_payment {
    char payment[IDENT_SIZE];
    char order[IDENT_SIZE]; /* empty: none was named */
    char transaction[RECORD_TRANSACTION];
    utc_ms at;
    int64_t fen;          /* below 0: given back */
    int64_t refunded_fen; /* of a payment: given back so far */
    enum pay_channel channel;
    bool settled; /* with it all that was due then was paid */
    const struct stay_payment *next;
};

struct stay {
    char id[IDENT_SIZE];
    uint32_t lot, bay, lane; /* bay, lane: PLAN_NONE not known */
    char plate[PLATE_SIZE];  /* empty: none is known */
    char ticket[IDENT_SIZE]; /* empty: it has none */
    enum plate_colour colour;
    enum vehicle_class class;
    enum stay_kind kind;
    utc_ms entered;
    bool entry_missing, time_uncertain;
    bool overstayed;       /* a shared car, there after the end of the shared hours */
    int64_t clock_step_ms; /* the wall clock was moved by so much since the entry */
    struct tariff_span frozen[STAY_FREEZES]; /* cost nothing */
    uint32_t frozen_count;
    char order[IDENT_SIZE];              /* the newest; empty: none */
    int64_t due_fen;                     /* that it demands */
    utc_ms order_until;                  /* its price holds until then */
    utc_ms billed;                       /* when it was made */
    int64_t receivable_fen, payable_fen; /* that it stands on */
    utc_ms settled, leave_by;            /* all was paid then, free to leave until then; 0: not */
    int64_t settled_step_ms;             /* what clock_step_ms was then */
    const struct stay_payment *payments; /* oldest first */
    uint32_t payments_count;
    int64_t received_fen; /* payments less refunds */
    struct tariff_coupon coupons[TARIFF_COUPONS];
    uint32_t coupons_count;
    bool closed; /* left; kept while there is room, those that owe the longest */
    utc_ms left;
    enum stay_outcome outcome;
    struct money_chain money; /* of a closed one */
};

/* What a closed stay owes; below 0: what is owed to the driver. An open one: 0. */
int64_t stay_arrears(const struct stay *stay);

struct stays;

/* Borrows plan and ident. `room`: stays at most; beyond it the oldest closed ones are forgotten,
 * those that owe last; when all are open, an entry is still recorded, with a loss. */
struct stays *stays_create(const struct site_plan *plan, struct ident *ident, uint32_t room);
void stays_destroy(struct stays *stays); /* takes NULL */

/* One record of any kind, in journal order; those of other things are ignored. */
void stays_apply(struct stays *stays, const struct record *record);

const struct stay *stays_find(const struct stays *stays, const char *id);
/* Open in `lot`, exactly this plate; the newest. */
const struct stay *stays_by_plate(const struct stays *stays, uint32_t lot, const char *plate);
/* Open, by the ticket that it was given; the newest. */
const struct stay *stays_by_ticket(const struct stays *stays, const char *ticket);
/* The open stay in `lot` whose ticket, or whose own id, is shown. */
const struct stay *stays_of_ticket(const struct stays *stays, uint32_t lot, const char *ticket);
/* Closed, of this lot and plate: the one that left last; NULL when none is known any more. */
const struct stay *stays_last(const struct stays *stays, uint32_t lot, const char *plate);
const struct stay *stays_on_bay(const struct stays *stays, uint32_t bay);
uint32_t stays_inside(const struct stays *stays, uint32_t lot, uint32_t classes);
uint32_t stays_of_kind(const struct stays *stays, uint32_t lot, enum stay_kind kind);

/* Open stays of `lot` whose plates come near, the nearest first; match.h gives the distance. */
struct stay_near {
    const struct stay *stay;
    uint32_t distance; /* tenths of a character */
};
uint32_t stays_near(const struct stays *stays, uint32_t lot, const char *plate,
                    struct stay_near ret[STAYS_NEAR]);

/* Each stay that is open, oldest first, after those that left and owe; false stops. */
typedef bool stay_fn(void *arg, const struct stay *stay);
void stays_each(const struct stays *stays, stay_fn *fn, void *arg);

/* Each plate on a list; each open shift with the cash that should be in its drawer. */
typedef void stay_listed_fn(void *arg, const struct record_list *entry);
void stays_each_listed(const struct stays *stays, stay_listed_fn *fn, void *arg);
typedef void stay_shift_fn(void *arg, const char *shift, const char *cashier, int64_t expected_fen);
void stays_each_shift(const struct stays *stays, stay_shift_fn *fn, void *arg);

/* What the plate is to this lot. */
struct plate_standing {
    bool pass, pass_expired, pass_in_use, exempt, blocked, locked;
    int64_t arrears_fen;
    char group[RECORD_WORD];
};
void stays_standing(const struct stays *stays, uint32_t lot, const char *plate,
                    enum vehicle_class class, utc_ms now, struct plate_standing *ret);

/* An arrival. `ret` gets the new stay's id. */
struct stay_arrival {
    uint32_t lot, bay, lane;
    char plate[PLATE_SIZE];
    enum plate_colour colour;
    enum vehicle_class class;
    char passage[IDENT_SIZE];
    char ticket[IDENT_SIZE];
    bool entry_missing;
    utc_ms at;
};
void stays_arrive(struct stays *stays, const struct stay_arrival *arrival, struct record_sink out,
                  char ret[IDENT_SIZE]);

/* What a stay would cost if it left at `at` (a closed one: had it stayed until then); demanded by
 * an order (whose id is in the stay then) unless there is nothing to pay. A closed stay's order
 * demands its arrears. False: no such stay. `trace` may be NULL. */
struct stay_price {
    struct money_chain money;
    int64_t received_fen, due_fen;
    utc_ms until; /* the price holds until then; only of an order */
    char tariff[RECORD_WORD], version[RECORD_WORD];
    bool overstayed, manual; /* manual: the tariff leaves it to a person */
};
bool stays_price(const struct stays *stays, const char *stay, utc_ms at, struct tariff_trace *trace,
                 struct stay_price *ret);
bool stays_order(struct stays *stays, const char *stay, utc_ms at, struct record_sink out,
                 struct stay_price *ret);

/* A departure: closes the stay with what it comes to. `forced`: by a person, with the outcome.
 * Gives OUTCOMES, and records nothing, when no such stay is open. */
struct stay_departure {
    char stay[IDENT_SIZE];
    uint32_t lane;
    char passage[IDENT_SIZE];
    utc_ms at;
    bool forced;
    enum stay_outcome outcome; /* released or void, when forced */
    char actor[RECORD_WORD], reason[RECORD_PHRASE];
};
enum stay_outcome stays_leave(struct stays *stays, const struct stay_departure *departure,
                              struct record_sink out);

/* Acts of people and platforms. Each says in `ret_why` why it refuses: no such stay, refunded
 * already, a repetition (which is no error: `ret_again`). */
struct money_in {
    char stay[IDENT_SIZE], order[IDENT_SIZE]; /* one of them may be empty */
    int64_t amount_fen;
    enum pay_channel channel;
    char transaction[RECORD_TRANSACTION]; /* the same twice is one payment */
    char actor[RECORD_WORD], shift[IDENT_SIZE];
    bool at_exit; /* the vehicle waits at the lane */
    utc_ms at;
};
bool stays_pay(struct stays *stays, const struct money_in *money, struct record_sink out,
               bool *ret_again, const char **ret_why);

struct money_back {
    char payment[IDENT_SIZE];
    int64_t amount_fen;
    char transaction[RECORD_TRANSACTION];
    char actor[RECORD_WORD], shift[IDENT_SIZE], reason[RECORD_PHRASE];
    utc_ms at;
};
bool stays_refund(struct stays *stays, const struct money_back *money, struct record_sink out,
                  bool *ret_again, const char **ret_why);

/* A closed stay takes another plate only, or is reverted; merging voids `other`, which must be
 * without money. */
bool stays_amend(struct stays *stays, const struct record_stay_amended *change, utc_ms at,
                 struct record_sink out, const char **ret_why);
/* One vehicle, two stays: `entry` never ended, `exit` was made when it left (orphan.h finds them).
 * Then one stay from the entry to the exit is left, the one that had money; the other is void. */
struct stay_pairing {
    char entry[IDENT_SIZE], exit[IDENT_SIZE];
    char actor[RECORD_WORD], reason[RECORD_PHRASE];
    utc_ms at;
};
bool stays_pair(struct stays *stays, const struct stay_pairing *pairing, struct record_sink out,
                const char **ret_why);
bool stays_coupon(struct stays *stays, const struct record_coupon *coupon, utc_ms at,
                  struct record_sink out, const char **ret_why);
bool stays_list(struct stays *stays, const struct record_list *change, utc_ms at,
                struct record_sink out, const char **ret_why);
/* Opening makes the id when it is empty; closing works out what is expected. `ret`: the id. */
bool stays_shift(struct stays *stays, const struct record_shift *shift, utc_ms at,
                 struct record_sink out, char ret[IDENT_SIZE], const char **ret_why);

/* bay_changed or bay_amended, live: applies it (twice does no harm), and opens and closes stays
 * where the lot's stays come from its bays. */
void stays_bay(struct stays *stays, const struct record *bay, struct record_sink out);

#endif
