/*
 * What the files of stays share: where stays, money, lists and shifts are kept, and how they are
 * found. Only stays_apply.c and what it calls changes any of it. Not for others.
 */
/* long: one store, whose parts and the way to them are read together */
#ifndef CORE_STAYS_INSIDE_H
#define CORE_STAYS_INSIDE_H

#include "daemon/core/stays.h"
#include "daemon/core/stays_index.h"

enum { STAYS_SHIFTS = 64 };

/* Numbers that are free, of 0 to room - 1. */
struct stays_pool {
    uint32_t *free;
    uint32_t free_count, fresh, room; /* from `fresh` on none was ever taken */
};

struct stays_slot {
    struct stay stay; /* id empty: not taken */
    uint32_t before, after;
    int64_t clock_base_ms; /* of the steps of the clock before the entry */
    char coupon_ids[TARIFF_COUPONS][RECORD_WORD];
};

/* In the order in which they came to it. */
struct stays_chain {
    uint32_t first, last, count;
};

struct stays_payment {
    struct stay_payment payment;
    uint32_t slot;
};

struct stays_order {
    char order[IDENT_SIZE], stay[IDENT_SIZE];
};

struct stays_listed {
    enum list_kind list;
    uint32_t lot;
    char plate[PLATE_SIZE];
    char group[RECORD_WORD];
    uint32_t bays;
    utc_ms from, until; /* 0: open */
};

struct stays_shift {
    char shift[IDENT_SIZE]; /* empty: free */
    char cashier[RECORD_WORD];
    uint32_t lot;
    int64_t float_fen, expected_fen; /* the float and what came and went in cash */
};

struct stays_bay {
    uint32_t stay, last; /* slots + 1: that stands here, that left last; 0: none */
    utc_ms doubt;        /* not known to be occupied since then; 0: no doubt */
};

struct stays_lot {
    uint32_t inside[VEHICLE_CLASSES];
    uint32_t kinds[STAY_KINDS];
};

struct stays {
    const struct site_plan *plan;
    struct ident *ident;
    uint32_t room;
    int64_t clock_ms; /* all steps of the clock so far */

    struct stays_slot *slots;
    struct stays_pool free_slots;
    struct stays_chain open, left; /* left: closed ones that owe nothing, or are owed something */
    struct stays_chain owing;      /* closed ones that owe */
    struct stays_index by_id, by_plate, by_ticket;
    struct stays_bay *bays;
    struct stays_lot *lots;

    struct stays_payment *payments;
    struct stays_pool free_payments;
    struct stays_index by_payment, by_transaction;
    struct stays_order *orders; /* a ring */
    uint32_t orders_next;
    struct stays_index by_order;

    struct stays_listed *listed;
    struct stays_pool free_listed;
    struct stays_index by_listed, by_group;

    struct stays_shift shifts[STAYS_SHIFTS];
};

static inline void stays_emit(struct stays *stays, const struct record *record,
                              struct record_sink out)
{
    out.put(out.arg, record);
    stays_apply(stays, record);
}

/* stays_keep.c: places. */
void stays_keep_pool(struct stays_pool *pool, uint32_t room);
uint32_t stays_keep_take(struct stays_pool *pool); /* INDEX_END: none is free */
void stays_keep_give(struct stays_pool *pool, uint32_t number);
struct stays_slot *stays_keep_new(struct stays *stays); /* NULL: all are open */
struct stays_slot *stays_keep_find(const struct stays *stays, const char *id);
void stays_keep_place(struct stays *stays, struct stays_slot *slot);    /* as its stay says */
void stays_keep_displace(struct stays *stays, struct stays_slot *slot); /* before it changes */
bool stays_keep_forget(struct stays *stays); /* the oldest closed one; false: there is none */

/* stays_money.c: orders, payments and refunds as recorded. */
void stays_money_order(struct stays *stays, const struct record *record);
void stays_money_payment(struct stays *stays, const struct record *record);
void stays_money_refund(struct stays *stays, const struct record *record);
void stays_money_forget(struct stays *stays, struct stays_slot *slot);
struct stays_payment *stays_money_find(const struct stays *stays, const char *payment);
/* That a payment, or a refund, of this channel was told under this number already. */
const struct stays_payment *stays_money_known(const struct stays *stays, enum pay_channel channel,
                                              const char *transaction, bool refund);
struct stays_slot *stays_money_ordered(const struct stays *stays, const char *order);
/* stays_shift.c */
void stays_shift_apply(struct stays *stays, const struct record *record);
void stays_shift_cash(struct stays *stays, const char *shift, int64_t fen);
/* Open under this id, or where that is empty by this cashier; NULL: none. */
const struct stays_shift *stays_shift_of(const struct stays *stays, const char *shift,
                                         const char *cashier);

/* stays_lists.c */
void stays_lists_apply(struct stays *stays, const struct record *record);
bool stays_lists_has(const struct stays *stays, enum list_kind list, uint32_t lot,
                     const char *plate, utc_ms at);
/* The spans under which a stay costs nothing, ascending; at most `room`. */
uint32_t stays_lists_passes(const struct stays *stays, const struct stay *stay,
                            struct tariff_span *ret, uint32_t room);

/* stays_price.c: what `stay`, as if it were open, comes to at `at`. */
void stays_price_now(const struct stays *stays, const struct stay *stay, utc_ms at,
                     struct tariff_trace *trace, struct stay_price *ret);
/* Until when that holds, where a tariff priced it. */
utc_ms stays_price_until(const struct stays *stays, const struct stay *stay, utc_ms at);

#endif
