/*
 * One entry lane on the bench, for the tests of the lane: its barrier's inputs are set by hand,
 * time moves by later(), what comes out is kept. Included by one file a program.
 */
/* long: the bench is one page */
#ifndef UNIT_LANE_BENCH_H
#define UNIT_LANE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/lane.h"

enum {
    KEPT = 128,
    P = BOOM_PRESENCE,
    C = BOOM_CLOSING_LOOP,
    FIRE = BOOM_EMERGENCY,
    LOOPS = LANE_HAS_PRESENCE | LANE_HAS_CLOSING,
    WHOLE = LOOPS | LANE_HAS_CAMERA | LANE_HAS_BARRIER | LANE_HAS_LIMITS
};

struct bench {
    struct lot_plan lot;
    struct lane_plan is;
    struct site_plan plan;
    struct ident ident;
    struct lane_hooks hooks;
    struct lane *lane;
    struct lane_past past;
    struct now now;
    struct boom barrier;
    struct record kept[KEPT];
    struct lane_order orders[KEPT];
    struct record_passage passages[KEPT];
    struct lane_vehicle asked, gone;
    size_t kept_count, orders_count, passages_count, asks, gones, triggers;
    bool opposite_open;
    const char *why;
};

static inline void bench_keep(void *arg, const struct record *r)
{
    struct bench *b = arg;

    assert_true(b->kept_count < KEPT);
    b->kept[b->kept_count++] = *r;
    lane_past_apply(&b->past, 0, r);
}
static inline void bench_ask(void *arg, uint32_t lane, const struct lane_vehicle *v)
{
    struct bench *b = arg;

    (void)lane;
    b->asked = *v;
    b->asks++;
}
static inline void bench_trigger(void *arg, uint32_t lane)
{
    (void)lane;
    ((struct bench *)arg)->triggers++;
}
static inline void bench_send(void *arg, uint32_t lane, const struct lane_order *order)
{
    struct bench *b = arg;

    (void)lane;
    assert_true(b->orders_count < KEPT);
    b->orders[b->orders_count++] = *order;
}
static inline void bench_passed(void *arg, uint32_t lane, struct record_passage *p, utc_ms at)
{
    struct bench *b = arg;

    (void)lane;
    assert_true(at.ms <= b->now.utc.ms && b->passages_count < KEPT);
    b->passages[b->passages_count++] = *p;
}
static inline void bench_gone(void *arg, uint32_t lane, const struct lane_vehicle *v)
{
    struct bench *b = arg;

    (void)lane;
    b->gone = *v;
    b->gones++;
}
static inline bool bench_may_open(void *arg, uint32_t lane)
{
    (void)lane;
    return !((struct bench *)arg)->opposite_open;
}

static inline void bench_start(struct bench *b)
{
    struct lane_past past = b->past;

    b->ident.tag++;
    b->lane = lane_create(&b->plan, 0, &b->hooks, &b->ident);
    lane_restore(b->lane, &past, b->now);
}

static inline enum lane_state state_of(const struct bench *b)
{
    struct lane_view view;

    lane_view(b->lane, &view);
    return view.state;
}
#define assert_state(b, expected) \
    assert_string_equal(words_name(&lane_state_words, (int)state_of(b)), expected)

/* Time passes; the barrier is heard every half second, the lane ticks when it asked to. */
static inline void later(struct bench *b, int64_t ms)
{
    int64_t end = b->now.mono.ms + ms;

    while (b->now.mono.ms < end) {
        int64_t next = lane_next(b->lane).ms, heard = b->now.mono.ms + 500;
        next = next < b->now.mono.ms + 1 ? b->now.mono.ms + 1 : next;
        next = next < heard ? next : heard;
        next = next < end ? next : end;
        b->now.utc.ms += next - b->now.mono.ms;
        b->now.mono.ms = next;
        if (next == heard)
            lane_sense(b->lane, &b->barrier, b->now);
        lane_tick(b->lane, b->now);
    }
}

/* The inputs change, and stay so long enough to be believed. */
static inline void inputs(struct bench *b, unsigned on)
{
    b->barrier.inputs = on;
    lane_sense(b->lane, &b->barrier, b->now);
    later(b, b->is.times.chatter);
}

static inline void boom(struct bench *b, enum boom_state is)
{
    b->barrier.state = is;
    lane_sense(b->lane, &b->barrier, b->now);
}

static inline void bench_init(struct bench *b, unsigned wiring)
{
    *b = (struct bench){
        .lot = {.id = "A", .name = "Lot"},
        .is = {.id = "in", .wiring = wiring, .times = lane_times_usual, .opposite = PLAN_NONE},
        .barrier = {.wired = P | C | FIRE, .quality = BOOM_OBSERVED, .state = BOOM_CLOSED},
        .now = {{1000000}, {1795316400000}}};
    b->plan = (struct site_plan){.lots = &b->lot, .lanes = &b->is, .lots_count = 1};
    b->plan.lanes_count = 1;
    b->hooks = (struct lane_hooks){.arg = b,
                                   .records = {bench_keep, b},
                                   .ask = bench_ask,
                                   .trigger = bench_trigger,
                                   .send = bench_send,
                                   .passed = bench_passed,
                                   .gone = bench_gone,
                                   .may_open = bench_may_open};
    if (!(wiring & LANE_HAS_LIMITS))
        b->barrier.quality = BOOM_UNOBSERVABLE;
    bench_start(b);
    inputs(b, 0);
}

static inline void reads(struct bench *b, const char *plate)
{
    struct lane_read read = {.confidence = 90};

    text_copy(read.plate, sizeof read.plate, plate);
    lane_read(b->lane, &read, b->now);
}

static inline bool decides(struct bench *b, enum decision_verdict verdict)
{
    struct lane_decision d = {.verdict = verdict, .cause = CAUSE_DECISION, .stay = "STAY"};

    text_copy(d.vehicle, sizeof d.vehicle, b->asked.id);
    text_copy(d.plate, sizeof d.plate, b->asked.read.plate);
    return lane_decide(b->lane, &d, b->now);
}

static inline const struct lane_order *newest_order(const struct bench *b)
{
    assert_true(b->orders_count > 0);
    return &b->orders[b->orders_count - 1];
}

static inline void told(struct bench *b, enum boom_progress progress)
{
    lane_told(b->lane, newest_order(b)->command, progress, b->now.utc, b->now);
}

/* The newest order is written, accepted and obeyed. */
static inline void obeyed(struct bench *b)
{
    bool closes = newest_order(b)->action == LANE_CLOSE;

    assert_true(lane_still_wants(b->lane, newest_order(b), b->now));
    told(b, BOOM_TOLD_SENT);
    told(b, BOOM_TOLD_ACCEPTED);
    if (!(b->is.wiring & LANE_HAS_LIMITS))
        return;
    later(b, 200);
    boom(b, closes ? BOOM_CLOSING : BOOM_OPENING);
    later(b, 1000);
    boom(b, closes ? BOOM_CLOSED : BOOM_OPEN);
}

/* A car comes, is read and let through; the boom is up. */
static inline void let_in(struct bench *b, const char *plate)
{
    inputs(b, P);
    reads(b, plate);
    assert_true(decides(b, DECISION_ALLOW));
    obeyed(b);
    assert_state(b, "OPEN_WAIT");
}

static inline void drives_through(struct bench *b)
{
    inputs(b, P | C);
    inputs(b, C);
    inputs(b, 0);
}

static inline bool acts(struct bench *b, enum lane_operation operation, int64_t for_ms)
{
    struct lane_act act = {.operation = operation,
                           .cause = CAUSE_OPERATOR,
                           .actor = "wang",
                           .reason = "asked by phone",
                           .until = {b->now.utc.ms + for_ms}};

    return lane_act(b->lane, &act, b->now, &b->why);
}

static inline const struct record *newest(const struct bench *b, enum record_kind kind)
{
    for (size_t i = b->kept_count; i-- > 0;)
        if (b->kept[i].kind == kind)
            return &b->kept[i];
    fail_msg("no %s record", record_kind_name(kind));
    return NULL;
}

static inline size_t count_of(const struct bench *b, enum record_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < b->kept_count; i++)
        count += b->kept[i].kind == kind;
    return count;
}

static inline size_t orders_of(const struct bench *b, enum lane_action action)
{
    size_t count = 0;

    for (size_t i = 0; i < b->orders_count; i++)
        count += b->orders[i].action == action;
    return count;
}

#endif
