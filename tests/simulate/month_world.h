/*
 * A site of lots with bays, lanes and a cashier for months of virtual time: cars that come, stay,
 * pay and leave, as records in a database, and beside them a slow book of what was done, kept by
 * lot and day and never read back from the records. Functions are static inline so that a program
 * needs no second file.
 */
/* long: a simulated site and its slow book are read together */
#ifndef TESTS_MONTH_WORLD_H
#define TESTS_MONTH_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/core/civil.h"
#include "daemon/store/store.h"
#include "tests/simulate/seeded.h"

enum {
    MONTH_LOTS = 6,
    MONTH_BAYS = 2000,
    MONTH_GROUP = 4000,
    MONTH_DAYS = 400,
    MONTH_QUARTER_MS = 900000,
    MONTH_FIRST_DAY = 19783 /* 2024-03-01 */
};
enum { MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000, ZONE_MS = 8 * HOUR_MS };

/* What was done in a lot on a business day. */
struct month_book {
    int64_t entries, exits, opened, closed, present_end;
    int64_t outcomes[OUTCOMES], openings[CAUSES], corrections[STAY_CHANGES];
    int64_t entry_missing, tailgates, stayed_s, left_owing, by_hand;
    int64_t receivable, relief_pass, relief_class, relief_coupon, relief_other, payable, settled;
    int64_t received[PAY_CHANNELS], refunds[PAY_CHANNELS], inside, arrears_paid;
    int64_t arrears_opened, arrears_collected, refunds_after;
    int64_t prepaid_end, arrears_end; /* balances at the end of the day */
    int64_t bays_ms;
};

enum month_event {
    MONTH_ENTER,
    MONTH_PAY,
    MONTH_LEAVE,
    MONTH_REFUND,
    MONTH_ARREARS,
    MONTH_OPENING,
    MONTH_BOOK,   /* money whose callback was lost is booked */
    MONTH_TOLD,   /* its callback comes at last */
    MONTH_HAND,   /* a stay whose exit was misread is ended by a person */
    MONTH_SHIFT,  /* a drawer is counted */
    MONTH_ANCHOR, /* the account of a lot's occupancy begins anew */
    MONTH_UNASKED /* a barrier opened that nobody had asked to */
};

struct month_car {
    uint32_t lot, bay;
    enum vehicle_class class;
    enum stay_kind kind;
    int64_t entered_ms, left_ms, paid_ms, paid_fen, net_fen, owes_fen;
    int64_t billed_fen, billed_ms;
    bool owes, has_bay, tailgate, no_entry, ended;
    bool misread;   /* its plate at the exit */
    bool misplaced; /* the vehicle that it was taken for */
    bool lost;      /* it paid, and the gateway does not know */
    bool planted;   /* its payment is not as it should be at the channel */
    enum pay_channel channel;
    uint32_t stay, payment, order, passage;
};

struct month_bank; /* month_bank.h */

struct month_due {
    int64_t at_ms;
    enum month_event event;
    uint32_t car, order;
};

struct month {
    struct seeded random;
    struct site_plan plan;
    struct lot_plan lots[MONTH_LOTS];
    struct zone_plan zones[MONTH_LOTS];
    struct lane_plan lanes[2 * MONTH_LOTS];
    struct bay_plan bays[MONTH_BAYS];
    bool taken[MONTH_BAYS];
    int64_t taken_ms[MONTH_BAYS];
    char names[MONTH_BAYS + 3 * MONTH_LOTS][16];
    struct store *store;
    struct store_row *rows;
    char (*bodies)[RECORD_BODY_MAX];
    uint32_t rows_count;
    uint64_t records;
    struct month_due *heap;
    uint32_t heap_count, heap_room, order;
    struct month_car *cars;
    uint32_t cars_count, cars_room;
    uint32_t serial;
    int64_t begin_ms; /* local midnight */
    int32_t days;
    struct month_book (*books)[MONTH_DAYS]; /* by lot */
    int64_t drawer[MONTH_LOTS];             /* cash of the shift */
    struct month_bank *bank; /* NULL: nothing is planted, and no statement asked for */
};

static inline void month_die(const char *why)
{
    fprintf(stderr, "simulated month: %s\n", why);
    exit(1);
}

static inline uint32_t month_below(struct month *m, uint32_t limit)
{
    return (uint32_t)seeded_below(&m->random, limit);
}

static inline void month_commit(struct month *m)
{
    struct store_batch batch = {.rows = m->rows, .rows_count = m->rows_count};
    struct err err;

    if (m->rows_count && !store_commit(m->store, &batch, &err))
        month_die(err.text);
    m->rows_count = 0;
    if (!store_tidy(m->store, true, &err) || !store_tidy(m->store, true, &err))
        month_die(err.text);
}

static inline void month_put(struct month *m, const struct record *record)
{
    struct text text;

    if (m->rows_count == MONTH_GROUP)
        month_commit(m);
    text_init(&text, m->bodies[m->rows_count], RECORD_BODY_MAX);
    record_encode(record, &m->plan, &text);
    m->rows[m->rows_count] = (struct store_row){.at = record->at,
                                                .kind = record->kind,
                                                .body = m->bodies[m->rows_count],
                                                .body_size = text.used};
    m->rows_count++;
    m->records++;
}

static inline void month_name(char ret[IDENT_SIZE], char letter, uint32_t number)
{
    snprintf(ret, IDENT_SIZE, "%c%09u", letter, number);
}

/* The book of a lot on the business day of `at`; beyond the last, one that nobody reads. */
static inline struct month_book *month_book(struct month *m, uint32_t lot, int64_t at_ms)
{
    int64_t day = (at_ms - m->begin_ms) / DAY_MS;

    return &m->books[lot][day < 0 ? 0 : day >= MONTH_DAYS ? MONTH_DAYS - 1 : day];
}

/* A heap by time; what falls together keeps the order in which it was thought of. */
static inline bool month_before(const struct month_due *a, const struct month_due *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static inline void month_later(struct month *m, int64_t at_ms, enum month_event event, uint32_t car)
{
    struct month_due due = {at_ms, event, car, m->order++};
    uint32_t at = m->heap_count++;

    if (m->heap_count > m->heap_room) {
        m->heap_room = m->heap_room ? 2 * m->heap_room : 1024;
        m->heap = memory_grow(m->heap, m->heap_room, sizeof *m->heap);
    }
    for (; at && month_before(&due, &m->heap[(at - 1) / 2]); at = (at - 1) / 2)
        m->heap[at] = m->heap[(at - 1) / 2];
    m->heap[at] = due;
}

static inline struct month_due month_next(struct month *m)
{
    struct month_due top = m->heap[0], last = m->heap[--m->heap_count];
    uint32_t at = 0;

    for (uint32_t child = 1; child < m->heap_count; child = 2 * at + 1) {
        if (child + 1 < m->heap_count && month_before(&m->heap[child + 1], &m->heap[child]))
            child++;
        if (!month_before(&m->heap[child], &last))
            break;
        m->heap[at] = m->heap[child];
        at = child;
    }
    m->heap[at] = last;
    return top;
}

static inline void month_plan(struct month *m)
{
    static const char *const sites[MONTH_LOTS] = {"A", "B", "C", "D", "E", "F"};
    uint32_t name = 0;

    m->plan = (struct site_plan){.id = "S",
                                 .name = "Site",
                                 .zone = "Asia/Shanghai",
                                 .lots = m->lots,
                                 .zones = m->zones,
                                 .bays = m->bays,
                                 .lanes = m->lanes,
                                 .lots_count = MONTH_LOTS,
                                 .zones_count = MONTH_LOTS,
                                 .bays_count = MONTH_BAYS,
                                 .lanes_count = 2 * MONTH_LOTS};
    for (uint32_t i = 0; i < MONTH_LOTS; i++) {
        m->lots[i].id = sites[i];
        m->lots[i].name = sites[i];
        m->zones[i] = (struct zone_plan){.id = m->names[name], .name = "", .lot = i};
        snprintf(m->names[name++], 16, "%s1", sites[i]);
        for (uint32_t out = 0; out < 2; out++) {
            m->lanes[2 * i + out] = (struct lane_plan){
                .id = m->names[name], .lot = i, .direction = out ? LANE_OUT : LANE_IN};
            snprintf(m->names[name++], 16, "%s-%s", sites[i], out ? "out" : "in");
        }
    }
    for (uint32_t i = 0; i < MONTH_BAYS; i++) {
        snprintf(m->names[name], 16, "%s-%04u", sites[i % MONTH_LOTS], i);
        m->bays[i] =
            (struct bay_plan){.id = m->names[name++], .zone = i % MONTH_LOTS, .device = PLAN_NONE};
    }
}

static inline void month_bay(struct month *m, uint32_t bay, int64_t at_ms, enum bay_state from,
                             enum bay_state to)
{
    month_put(m,
              &(struct record){
                  .kind = RECORD_BAY_CHANGED,
                  .at = {at_ms},
                  .bay_changed = {.bay = bay, .from = from, .to = to, .reason = BAY_BY_READING}});
    for (int64_t t = m->taken_ms[bay]; from == BAY_OCCUPIED && t < at_ms;) {
        int64_t next = t - (t - m->begin_ms) % DAY_MS + DAY_MS, end = next < at_ms ? next : at_ms;

        month_book(m, m->bays[bay].zone, t)->bays_ms += end - t;
        t = end;
    }
    m->taken_ms[bay] = at_ms;
    m->taken[bay] = to == BAY_OCCUPIED;
}

/* Of so many days from the local midnight of `first_day` on (days since 1970-01-01). */
static inline struct month *month_create(uint64_t seed, const char *path, int32_t first_day,
                                         int32_t days)
{
    struct month *m = memory_new(1, sizeof *m);
    struct err err;

    m->random = seeded_from(seed);
    m->days = days;
    m->begin_ms = (int64_t)first_day * DAY_MS - ZONE_MS;
    m->rows = memory_new(MONTH_GROUP, sizeof *m->rows);
    m->bodies = memory_new(MONTH_GROUP, sizeof *m->bodies);
    m->books = memory_new(MONTH_LOTS, sizeof *m->books);
    month_plan(m);
    m->store = store_open(path, STORE_WRITE, &err);
    if (!m->store)
        month_die(err.text);
    for (uint32_t bay = 0; bay < MONTH_BAYS; bay++)
        month_bay(m, bay, m->begin_ms - HOUR_MS, BAY_UNKNOWN, BAY_FREE);
    return m;
}

static inline void month_destroy(struct month *m)
{
    store_close(m->store);
    free(m->rows);
    free(m->bodies);
    free(m->books);
    free(m->heap);
    free(m->cars);
    free(m);
}

#endif
