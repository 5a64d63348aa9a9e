/*
 * A small lot with an entry and an exit on the bench, whole with its stays, for the tests of the
 * yard and of what orders it about: loops and cameras are set by hand, boards obey at once, time
 * moves by wait_ms(), what comes out is kept. Included by one file a program.
 */
/* long: the bench is one page */
#ifndef UNIT_YARD_BENCH_H
#define UNIT_YARD_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/yard.h"
#include "tests/unit/small_site.h"
#include "tests/unit/tariff_fixture.h"

enum { RECORDS = 400, ORDERS = 64 };
#define CAR "苏A12345"

struct bench {
    struct small_site site;
    struct fixture tariff;
    struct yard *yard;
    struct boom booms[SMALL_LANES];
    struct record records[RECORDS];
    uint32_t records_count;
    struct lane_order orders[ORDERS];
    uint32_t lanes[ORDERS], orders_count, orders_done;
    struct now now;
    uint32_t events;
};

static inline void on_record(void *arg, const struct record *record)
{
    struct bench *b = arg;

    assert_true(b->records_count < RECORDS);
    b->records[b->records_count++] = *record;
}

static inline void on_order(void *arg, uint32_t lane, const struct lane_order *order)
{
    struct bench *b = arg;

    assert_true(b->orders_count < ORDERS);
    b->lanes[b->orders_count] = lane;
    b->orders[b->orders_count++] = *order;
}

static inline void on_trigger(void *arg, uint32_t lane)
{
    (void)arg;
    (void)lane;
}

static inline void sense(struct bench *b, uint32_t lane)
{
    b->booms[lane].at = b->now.mono;
    yard_sense(b->yard, lane, &b->booms[lane], b->now);
}

/* The boards do at once what they are told. */
static inline void obey(struct bench *b)
{
    while (b->orders_done < b->orders_count) {
        uint32_t n = b->orders_done++, lane = b->lanes[n];
        struct boom *boom = &b->booms[lane];
        bool open = b->orders[n].action == LANE_OPEN || b->orders[n].action == LANE_HOLD;
        const unsigned limits = BOOM_LIMIT_OPEN | BOOM_LIMIT_CLOSED;

        if (!yard_still_wants(b->yard, lane, &b->orders[n], b->now))
            continue;
        yard_told(b->yard, lane, b->orders[n].command, BOOM_TOLD_SENT, b->now.utc, b->now);
        yard_told(b->yard, lane, b->orders[n].command, BOOM_TOLD_ACCEPTED, b->now.utc, b->now);
        boom->state = open ? BOOM_OPEN : BOOM_CLOSED;
        boom->inputs = (boom->inputs & ~limits) | (open ? BOOM_LIMIT_OPEN : BOOM_LIMIT_CLOSED);
        sense(b, lane);
    }
}

static inline void wait_ms(struct bench *b, int64_t ms)
{
    for (int64_t left = ms; left > 0; left -= 500) {
        b->now.mono.ms += 500;
        b->now.utc.ms += 500;
        sense(b, A_IN);
        sense(b, A_OUT);
        yard_tick(b->yard, b->now);
        obey(b);
    }
}

static inline void loops(struct bench *b, uint32_t lane, unsigned on)
{
    const unsigned both = BOOM_PRESENCE | BOOM_CLOSING_LOOP;

    b->booms[lane].inputs = (b->booms[lane].inputs & ~both) | on;
    wait_ms(b, 500);
}

static inline struct plate_read a_read(struct bench *b, const char *plate)
{
    struct plate_read read = plate_read_empty();

    text_copy(read.plate, sizeof read.plate, plate);
    text_copy(read.device, sizeof read.device, "cam");
    read.plausible = true;
    read.colour = PLATE_BLUE;
    read.confidence = 97;
    read.time = (struct plate_time){.source = CLOCK_READ, .at = b->now.utc};
    return read;
}

static inline bool see(struct bench *b, uint32_t lane, const struct plate_read *read)
{
    char event[36];

    snprintf(event, sizeof event, "%016x", ++b->events * 0x1000);
    return yard_read(b->yard, lane, read, event, b->now);
}

static inline void begin(struct bench *b)
{
    const struct yard_hooks hooks = {
        .arg = b,
        .records = {.put = on_record, .arg = b},
        .send = on_order,
        .trigger = on_trigger,
    };

    b->yard = yard_create(&b->site.plan, &hooks, 7);
    b->orders_count = b->orders_done = 0;
}

static inline void start(struct bench *b)
{
    const unsigned wired = BOOM_PRESENCE | BOOM_CLOSING_LOOP | BOOM_LIMIT_OPEN | BOOM_LIMIT_CLOSED;

    memset(b, 0, sizeof *b);
    small_site_init(&b->site);
    fixture_init(&b->tariff);
    for (int i = 0; i < FIXTURE_VERSIONS; i++)
        tariff_prepare(&b->tariff.tariffs[i]);
    b->site.lots[0].policy = (struct lot_policy){.stays = STAYS_FROM_LANES,
                                                 .tariff = &b->tariff.book,
                                                 .tariff_id = "fixture",
                                                 .reopen_ms = 300000,
                                                 .leave_ms = 900000,
                                                 .plate_distance = 4,
                                                 .pay_at_exit = true,
                                                 .spaces = 100};
    for (uint32_t lane = 0; lane < SMALL_LANES; lane++) {
        b->site.lanes[lane].wiring = LANE_HAS_PRESENCE | LANE_HAS_CLOSING | LANE_HAS_LIMITS |
                                     LANE_HAS_CAMERA | LANE_HAS_BARRIER;
        b->site.lanes[lane].times = lane_times_usual;
        b->site.lanes[lane].classes = VEHICLE_ALL;
        b->booms[lane] = (struct boom){
            .state = BOOM_CLOSED, .position = -1, .wired = wired, .inputs = BOOM_LIMIT_CLOSED};
    }
    b->now = (struct now){{1000000}, {WEDNESDAY_TEN * 1000}};
    begin(b);
    yard_started(b->yard, b->now);
    for (uint32_t lane = 0; lane < SMALL_LANES; lane++)
        yard_camera(b->yard, lane, true, b->now);
    wait_ms(b, 15000);
}

static inline void drive_through(struct bench *b, uint32_t lane)
{
    loops(b, lane, BOOM_PRESENCE | BOOM_CLOSING_LOOP);
    loops(b, lane, BOOM_CLOSING_LOOP);
    loops(b, lane, 0);
    wait_ms(b, 5000);
}

/* To the boom, read and answered; not through it. */
static inline void drive_up(struct bench *b, uint32_t lane, const char *plate)
{
    struct plate_read read = a_read(b, plate);

    loops(b, lane, BOOM_PRESENCE);
    assert_true(see(b, lane, &read));
    obey(b);
    wait_ms(b, 500);
}

static inline uint32_t count(const struct bench *b, enum record_kind kind)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < b->records_count; i++)
        n += b->records[i].kind == kind;
    return n;
}

static inline const struct record *last(const struct bench *b, enum record_kind kind)
{
    for (uint32_t i = b->records_count; i > 0; i--)
        if (b->records[i - 1].kind == kind)
            return &b->records[i - 1];
    fail_msg("no %s", record_kind_name(kind));
    return NULL;
}

static inline void stop(struct bench *b)
{
    yard_destroy(b->yard);
}

#endif
