/*
 * A small site with money, for the tests of stays, decisions and sharing: lot A is entered and left
 * by lanes, lot B's stays come from its two bays; both ask one yuan a begun hour. Every record is
 * kept, so that a test can rebuild the stays from nothing else.
 */
/* long: one fixture, with what makes it and what asks it */
#ifndef UNIT_STAYS_BENCH_H
#define UNIT_STAYS_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/stays.h"
#include "tests/unit/small_site.h"
#include "tests/unit/tariff_fixture.h"

enum { BENCH_RECORDS = 4096, BENCH_ROOM = 32, LOT_A = 0, LOT_B = 1, LANE_A_IN = 0, LANE_A_OUT = 1 };
enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };

struct bench {
    struct small_site site;
    struct lane_plan lanes[2];
    struct fixture tariff;
    struct ident ident;
    struct stays *stays;
    struct record records[BENCH_RECORDS];
    uint32_t count;
    const char *why;
    bool again;
};

static inline void bench_put(void *arg, const struct record *record)
{
    struct bench *b = arg;

    assert_true(b->count < BENCH_RECORDS);
    b->records[b->count++] = *record;
}

static inline struct record_sink bench_sink(struct bench *b)
{
    return (struct record_sink){bench_put, b};
}

static inline void bench_init(struct bench *b)
{
    memset(b, 0, sizeof *b);
    small_site_init(&b->site);
    fixture_init(&b->tariff);
    tariff_prepare(&b->tariff.tariffs[0]);
    for (int i = 0; i < 2; i++)
        b->site.lots[i].policy = (struct lot_policy){.stays = STAYS_FROM_LANES,
                                                     .tariff = &b->tariff.book,
                                                     .tariff_id = "fixture",
                                                     .leave_ms = 15 * MINUTE_MS,
                                                     .pay_at_exit = true,
                                                     .refuse_when_full = VEHICLE_ALL,
                                                     .plate_distance = 4};
    b->site.lots[LOT_B].policy.stays = STAYS_FROM_BAYS;
    b->site.lots[LOT_B].policy.bay_settle_ms = MINUTE_MS;
    b->lanes[0] = (struct lane_plan){.id = "in", .direction = LANE_IN, .classes = VEHICLE_ALL};
    b->lanes[1] = (struct lane_plan){.id = "out", .direction = LANE_OUT, .classes = VEHICLE_ALL};
    b->site.plan.lanes = b->lanes;
    b->site.plan.lanes_count = 2;
    b->ident.tag = 7;
    b->stays = stays_create(&b->site.plan, &b->ident, BENCH_ROOM);
}

static inline int bench_set_up(void **state)
{
    static struct bench bench;

    bench_init(&bench);
    *state = &bench;
    return 0;
}

static inline int bench_tear_down(void **state)
{
    struct bench *b = *state;

    stays_destroy(b->stays);
    return 0;
}

/* The stays as a start makes them from the records. */
static inline void bench_rebuild(struct bench *b)
{
    stays_destroy(b->stays);
    b->stays = stays_create(&b->site.plan, &b->ident, BENCH_ROOM);
    for (uint32_t i = 0; i < b->count; i++)
        stays_apply(b->stays, &b->records[i]);
}

/* Minutes after ten o'clock of a Wednesday. */
static inline utc_ms bench_at(int64_t minutes)
{
    return (utc_ms){WEDNESDAY_TEN * 1000 + minutes * MINUTE_MS};
}

/* The newest record, which must be of this kind. */
static inline const struct record *bench_last(struct bench *b, enum record_kind kind)
{
    assert_true(b->count > 0);
    assert_int_equal(b->records[b->count - 1].kind, kind);
    return &b->records[b->count - 1];
}

static inline const char *bench_arrive(struct bench *b, const char *plate, int64_t minutes)
{
    static char ids[8][IDENT_SIZE];
    static uint32_t next;
    struct stay_arrival arrival = {
        .lot = LOT_A, .bay = PLAN_NONE, .lane = 0, .at = bench_at(minutes)};
    char *id = ids[next++ % 8];

    text_copy(arrival.plate, sizeof arrival.plate, plate);
    stays_arrive(b->stays, &arrival, bench_sink(b), id);
    return id;
}

static inline enum stay_outcome bench_leave(struct bench *b, const char *stay, int64_t minutes)
{
    struct stay_departure departure = {.lane = 1, .at = bench_at(minutes)};

    text_copy(departure.stay, sizeof departure.stay, stay);
    return stays_leave(b->stays, &departure, bench_sink(b));
}

static inline enum stay_outcome bench_force(struct bench *b, const char *stay, int64_t minutes,
                                            enum stay_outcome outcome)
{
    struct stay_departure departure = {.lane = 1,
                                       .at = bench_at(minutes),
                                       .forced = true,
                                       .outcome = outcome,
                                       .actor = "li",
                                       .reason = "said so"};

    text_copy(departure.stay, sizeof departure.stay, stay);
    return stays_leave(b->stays, &departure, bench_sink(b));
}

static inline bool bench_pay(struct bench *b, const char *stay, int64_t fen, const char *number,
                             int64_t minutes)
{
    struct money_in money = {.amount_fen = fen, .channel = CHANNEL_WECHAT, .at = bench_at(minutes)};

    text_copy(money.stay, sizeof money.stay, stay);
    text_copy(money.transaction, sizeof money.transaction, number);
    return stays_pay(b->stays, &money, bench_sink(b), &b->again, &b->why);
}

static inline bool bench_refund(struct bench *b, const char *payment, int64_t fen,
                                const char *number, int64_t minutes)
{
    struct money_back money = {.amount_fen = fen, .reason = "too much", .at = bench_at(minutes)};

    text_copy(money.payment, sizeof money.payment, payment);
    text_copy(money.transaction, sizeof money.transaction, number);
    return stays_refund(b->stays, &money, bench_sink(b), &b->again, &b->why);
}

static inline bool bench_amend(struct bench *b, const char *stay, int64_t minutes,
                               struct record_stay_amended change)
{
    text_copy(change.stay, sizeof change.stay, stay);
    return stays_amend(b->stays, &change, bench_at(minutes), bench_sink(b), &b->why);
}

static inline bool bench_list(struct bench *b, enum list_kind list, const char *plate, int64_t from,
                              int64_t until)
{
    struct record_list change = {
        .list = list, .on = true, .lot = PLAN_NONE, .from = bench_at(from)};

    if (until)
        change.until = bench_at(until);
    text_copy(change.plate, sizeof change.plate, plate);
    return stays_list(b->stays, &change, bench_at(from), bench_sink(b), &b->why);
}

static inline struct stay_price bench_price(struct bench *b, const char *stay, int64_t minutes)
{
    struct stay_price price;

    assert_true(stays_price(b->stays, stay, bench_at(minutes), NULL, &price));
    const struct money_chain *m = &price.money;
    assert_int_equal(m->receivable_fen - m->relief_pass_fen - m->relief_class_fen -
                         m->relief_coupon_fen - m->relief_other_fen,
                     m->payable_fen);
    return price;
}

#endif
