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

enum { STAY_PAYMENTS = 16, STAYS_NEAR = 8 };

struct stay_payment {
    char payment[IDENT_SIZE];
    utc_ms at;
    int64_t fen, refunded_fen;
    enum pay_channel channel;
};

struct stay {
    char id[IDENT_SIZE];
    uint32_t lot, bay, lane; /* bay, lane: PLAN_NONE not known */
    char plate[PLATE_SIZE];  /* empty: none is known */
    enum plate_colour colour;
    enum vehicle_class class;
    enum stay_kind kind;
    utc_ms entered;
    bool entry_missing, time_uncertain;
    int64_t clock_step_ms; /* the wall clock was moved by so much since the entry */
    utc_ms frozen_from, frozen_until;
    char order[IDENT_SIZE]; /* the newest */
    int64_t due_fen;        /* that it demands */
    utc_ms leave_by;        /* after a payment; 0: none */
    struct stay_payment payments[STAY_PAYMENTS];
    uint32_t payments_count;
    struct tariff_coupon coupons[TARIFF_COUPONS];
    uint32_t coupons_count;
    bool closed; /* left; kept while it owes, or may be re-opened */
    utc_ms left;
    enum stay_outcome outcome;
    int64_t payable_fen, received_fen; /* of a closed one */
};

struct stays;

/* Borrows plan and ident. `room`: open stays at most; beyond it the oldest closed ones are
 * forgotten first, then an entry is still recorded and a loss of matching is reported. */
struct stays *stays_create(const struct site_plan *plan, struct ident *ident, uint32_t room);
void stays_destroy(struct stays *stays); /* takes NULL */

/* One record of any kind, in journal order; those of other things are ignored. */
void stays_apply(struct stays *stays, const struct record *record);

const struct stay *stays_find(const struct stays *stays, const char *id);
/* Open in `lot`, exactly this plate; the newest. */
const struct stay *stays_by_plate(const struct stays *stays, uint32_t lot, const char *plate);
const struct stay *stays_on_bay(const struct stays *stays, uint32_t bay);
uint32_t stays_inside(const struct stays *stays, uint32_t lot, uint32_t classes);

/* Open stays of `lot` whose plates come near, the nearest first; match.h gives the distance. */
struct stay_near {
    const struct stay *stay;
    uint32_t distance; /* tenths of a character */
};
uint32_t stays_near(const struct stays *stays, uint32_t lot, const char *plate,
                    struct stay_near ret[STAYS_NEAR]);

/* Each stay, oldest first, open (or closed with arrears); false stops. */
typedef bool stay_fn(void *arg, const struct stay *stay);
void stays_each(const struct stays *stays, stay_fn *fn, void *arg);

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
    bool entry_missing;
    utc_ms at;
};
void stays_arrive(struct stays *stays, const struct stay_arrival *arrival, struct record_sink out,
                  char ret[IDENT_SIZE]);

/* What a stay would cost if it left at `at`; demanded by an order (whose id is in the stay then)
 * unless there is nothing to pay. */
struct stay_price {
    struct money_chain money;
    int64_t received_fen, due_fen;
    utc_ms until; /* the price holds until then */
    char tariff[RECORD_WORD], version[RECORD_WORD];
    bool overstayed, manual; /* manual: the tariff leaves it to a person */
};
bool stays_price(const struct stays *stays, const char *stay, utc_ms at, struct tariff_trace *trace,
                 struct stay_price *ret);
bool stays_order(struct stays *stays, const char *stay, utc_ms at, struct record_sink out,
                 struct stay_price *ret);

/* A departure: closes the stay with what it comes to. `forced`: by a person, with the outcome. */
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

bool stays_amend(struct stays *stays, const struct record_stay_amended *change, utc_ms at,
                 struct record_sink out, const char **ret_why);
bool stays_coupon(struct stays *stays, const struct record_coupon *coupon, utc_ms at,
                  struct record_sink out, const char **ret_why);
bool stays_list(struct stays *stays, const struct record_list *change, utc_ms at,
                struct record_sink out, const char **ret_why);
bool stays_shift(struct stays *stays, const struct record_shift *shift, utc_ms at,
                 struct record_sink out, const char **ret_why);

#endif
