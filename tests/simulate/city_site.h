/*
 * The site of simulate_city: a car park with lanes, a street with a stay for each bay, and a street
 * whose sensors alone are known. Cars come, park, pay or do not, have their plate or entry put
 * right, and leave; each turn of theirs is a record. Counts what each platform has to hold in the
 * end. Virtual time, one seed.
 */
/* long: the site and its traffic are read together */
#ifndef SIMULATE_CITY_SITE_H
#define SIMULATE_CITY_SITE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/civil.h"
#include "daemon/store/record_read.h"
#include "tests/simulate/seeded.h"

enum { LANES_LOT, STREET, SENSED, LOTS, STREET_BAYS = 30, BAYS = 2 * STREET_BAYS, PARK_BAYS = 200 };
enum { MINUTE = 60000, HOUR = 60 * MINUTE, ROWS_MAX = 400000 };
static const int64_t day_ms = INT64_C(86400000);
static const int64_t begin_ms = INT64_C(1795276800000); /* 2026-11-22T00:00 in China */

/* A vehicle on its way; `at` is when something happens to it next. */
enum car_step { CAR_PAYS, CAR_LEAVES, CAR_PAYS_LATER };
struct car {
    enum car_step step;
    int64_t at, entered;
    char stay[IDENT_SIZE], order[IDENT_SIZE];
    char plate[PLATE_SIZE];
    uint32_t lot, bay;
    int64_t fee, paid, billed;
    bool pass;
    enum pay_channel channel;
};

/* What came of the traffic, by lot, as each platform counts. */
struct city_tally {
    uint64_t entries, exits, payments, unpaid, bills, told_payments, plates, corrections;
};

struct city_site {
    struct seeded random;
    int64_t now, end;
    int cars_a_day; /* of a lot */
    struct site_plan plan;
    struct lot_plan lots[LOTS];
    struct zone_plan zones[LOTS];
    struct bay_plan bays[BAYS];
    char bay_ids[BAYS][16];
    struct lane_plan lanes[2];
    struct ident ident;
    struct store_row *rows;
    size_t rows_count;
    struct car *cars; /* unordered; few hundred */
    size_t cars_count;
    int64_t next_arrival[LOTS];
    uint32_t inside[LOTS];
    bool taken[BAYS];
    struct city_tally tally[LOTS];
    void (*on_row)(void *arg, const struct store_row *row, uint32_t lot);
    void (*on_count)(void *arg, uint32_t lot);
    void *arg;
};

static inline void site_make(struct city_site *s, uint64_t seed, int64_t days, int cars_a_day)
{
    static const char *const lots[LOTS] = {"A", "B", "C"};
    static const char *const lanes[2] = {"A-in", "A-out"};
    static const int32_t offset_s[] = {8 * 3600};
    static const struct civil_zone china = {NULL, offset_s, 0};

    *s = (struct city_site){.random = seeded_from(seed),
                            .now = begin_ms,
                            .end = begin_ms + days * day_ms,
                            .cars_a_day = cars_a_day,
                            .ident.tag = (uint32_t)seed};
    s->rows = memory_new(ROWS_MAX, sizeof *s->rows);
    s->cars = memory_new(ROWS_MAX, sizeof *s->cars);
    for (uint32_t i = 0; i < LOTS; i++) {
        s->lots[i] = (struct lot_plan){.id = lots[i], .name = lots[i], .on_street = i != LANES_LOT};
        s->zones[i] = (struct zone_plan){.id = lots[i], .name = lots[i], .lot = i};
        s->next_arrival[i] = begin_ms + seeded_between(&s->random, 1000, HOUR);
    }
    s->lots[LANES_LOT].policy.stays = STAYS_FROM_LANES;
    s->lots[STREET].policy.stays = STAYS_FROM_BAYS;
    for (uint32_t i = 0; i < 2; i++)
        s->lanes[i] = (struct lane_plan){.id = lanes[i], .lot = LANES_LOT};
    for (uint32_t i = 0; i < BAYS; i++) {
        snprintf(s->bay_ids[i], sizeof s->bay_ids[i], "%s-%03u", i < STREET_BAYS ? "B" : "C", i);
        s->bays[i] = (struct bay_plan){
            .id = s->bay_ids[i], .zone = i < STREET_BAYS ? STREET : SENSED, .device = PLAN_NONE};
    }
    s->plan = (struct site_plan){.id = "s",
                                 .lots = s->lots,
                                 .lots_count = LOTS,
                                 .zones = s->zones,
                                 .zones_count = LOTS,
                                 .bays = s->bays,
                                 .bays_count = BAYS,
                                 .lanes = s->lanes,
                                 .lanes_count = 2,
                                 .civil = &china};
}

static inline uint32_t site_capacity(uint32_t lot)
{
    return lot == LANES_LOT ? PARK_BAYS : STREET_BAYS;
}

static inline void put(struct city_site *s, struct record *record, uint32_t lot)
{
    char bytes[RECORD_BODY_MAX + 1];
    struct text body;
    struct store_row *row = &s->rows[s->rows_count++];

    if (s->rows_count == ROWS_MAX)
        abort();
    record->at = (utc_ms){s->now};
    text_init(&body, bytes, sizeof bytes);
    record_encode(record, &s->plan, &body);
    *row = (struct store_row){
        .seq = s->rows_count, .at = record->at, .kind = record->kind, .body_size = body.used};
    row->body = memcpy(memory_new(body.used + 1, 1), bytes, body.used);
    snprintf(row->id, sizeof row->id, "%032" PRIx64, row->seq * UINT64_C(0x9e3779b97f4a7c15));
    s->on_row(s->arg, row, lot);
}

static inline void count(struct city_site *s, uint32_t lot, bool comes)
{
    s->inside[lot] += comes ? 1 : UINT32_MAX;
    s->on_count(s->arg, lot);
}

static inline bool chance(struct city_site *s, uint64_t of_100)
{
    return seeded_below(&s->random, 100) < of_100;
}

/* ---- what happens ---- */

static inline void put_sensed(struct city_site *s, uint32_t bay, bool comes)
{
    struct record record = {.kind = RECORD_BAY_CHANGED,
                            .bay_changed = {.bay = bay,
                                            .from = comes ? BAY_FREE : BAY_OCCUPIED,
                                            .to = comes ? BAY_OCCUPIED : BAY_FREE}};

    put(s, &record, SENSED);
}

static inline void put_opened(struct city_site *s, const struct car *car)
{
    struct record record = {
        .kind = RECORD_STAY_OPENED,
        .stay_opened = {.lot = car->lot,
                        .bay = car->bay,
                        .lane = car->lot == LANES_LOT ? 0 : PLAN_NONE,
                        .colour = car->plate[0] ? PLATE_BLUE : PLATE_COLOUR_UNKNOWN,
                        .kind = car->pass ? STAY_PASS : STAY_TEMPORARY}};

    text_copy(record.stay_opened.stay, IDENT_SIZE, car->stay);
    text_copy(record.stay_opened.plate, PLATE_SIZE, car->plate);
    put(s, &record, car->lot);
}

static inline uint32_t free_bay(struct city_site *s, uint32_t lot)
{
    uint32_t first = lot == STREET ? 0 : STREET_BAYS;
    uint32_t bay = first + (uint32_t)seeded_below(&s->random, STREET_BAYS);

    while (s->taken[bay])
        bay = first + (bay + 1 - first) % STREET_BAYS;
    return bay;
}

/* Some stay for seconds: the exit is there before its entry has been taken. */
static inline int64_t stays_for(struct city_site *s, uint32_t lot)
{
    if (chance(s, 2))
        return seeded_between(&s->random, 500, 8000);
    return seeded_between(&s->random, 3 * MINUTE, lot == LANES_LOT ? 9 * HOUR : 2 * HOUR);
}

static inline void arrive(struct city_site *s, uint32_t lot)
{
    struct car *car = &s->cars[s->cars_count];

    s->next_arrival[lot] =
        s->now + seeded_between(&s->random, 1000, 2 * day_ms / s->cars_a_day - 1000);
    if (s->inside[lot] >= site_capacity(lot) - 1)
        return;
    s->cars_count++;
    int64_t leaves = s->now + stays_for(s, lot);
    *car = (struct car){.step = CAR_PAYS,
                        .at = leaves - s->now > 2 * MINUTE ? leaves - MINUTE : leaves,
                        .entered = s->now,
                        .lot = lot,
                        .bay = lot == LANES_LOT ? PLAN_NONE : free_bay(s, lot),
                        .pass = lot == LANES_LOT && chance(s, 5)};
    if (car->bay != PLAN_NONE)
        s->taken[car->bay] = true;
    ident_next(&s->ident, (utc_ms){s->now}, car->stay);
    if (lot == LANES_LOT && !chance(s, 2))
        snprintf(car->plate, PLATE_SIZE, "皖A%05u", (unsigned)seeded_below(&s->random, 100000));
    count(s, lot, true);
    s->tally[lot].entries++;
    if (lot == SENSED)
        put_sensed(s, car->bay, true);
    else
        put_opened(s, car);
}

static inline void put_payment(struct city_site *s, struct car *car, enum pay_when when)
{
    static const enum pay_channel channels[] = {CHANNEL_CASH, CHANNEL_WECHAT, CHANNEL_ALIPAY,
                                                CHANNEL_UNIONPAY, CHANNEL_WALLET};
    struct record record = {.kind = RECORD_PAYMENT,
                            .payment = {.lot = car->lot,
                                        .amount_fen = car->fee,
                                        .channel = channels[seeded_below(&s->random, 5)],
                                        .when = when,
                                        .entered = {car->entered},
                                        .billed = {car->billed},
                                        .receivable_fen = car->fee,
                                        .payable_fen = car->fee}};

    text_copy(record.payment.stay, IDENT_SIZE, car->stay);
    text_copy(record.payment.order, IDENT_SIZE, car->order);
    ident_next(&s->ident, (utc_ms){s->now}, record.payment.payment);
    text_copy(record.payment.plate, PLATE_SIZE, car->plate);
    car->paid = car->fee;
    car->channel = record.payment.channel;
    s->tally[car->lot].payments++;
    s->tally[car->lot].told_payments += car->channel != CHANNEL_WALLET;
    put(s, &record, car->lot);
}

static inline void put_order(struct city_site *s, struct car *car)
{
    struct record record = {
        .kind = RECORD_ORDER,
        .order = {.lot = car->lot,
                  .money = {.receivable_fen = car->fee, .payable_fen = car->fee},
                  .due_fen = car->fee,
                  .until = {s->now + 15 * MINUTE},
                  .entered = {car->entered}}};

    ident_next(&s->ident, (utc_ms){s->now}, car->order);
    car->billed = s->now;
    text_copy(record.order.stay, IDENT_SIZE, car->stay);
    text_copy(record.order.order, IDENT_SIZE, car->order);
    text_copy(record.order.plate, PLATE_SIZE, car->plate);
    s->tally[car->lot].bills++;
    put(s, &record, car->lot);
}

static inline void put_amended(struct city_site *s, struct car *car, enum stay_change change)
{
    struct record record = {.kind = RECORD_STAY_AMENDED,
                            .stay_amended = {.lot = car->lot, .change = change, .bay = car->bay}};

    text_copy(record.stay_amended.stay, IDENT_SIZE, car->stay);
    text_copy(record.stay_amended.plate_was, PLATE_SIZE, car->plate);
    if (change == STAY_PLATE)
        snprintf(car->plate, PLATE_SIZE, "皖B%05u", (unsigned)seeded_below(&s->random, 100000));
    else
        car->entered -= 5 * MINUTE;
    record.stay_amended.entered = (utc_ms){car->entered};
    text_copy(record.stay_amended.plate, PLATE_SIZE, car->plate);
    *(change == STAY_PLATE ? &s->tally[car->lot].plates : &s->tally[car->lot].corrections) += 1;
    put(s, &record, car->lot);
}

/* A minute before it leaves: what is wrong is put right, and who owes pays, or does not. */
static inline void pay(struct city_site *s, struct car *car)
{
    car->step = CAR_LEAVES;
    if (s->now - car->entered < 2 * MINUTE - 1000 || car->lot == SENSED)
        return;
    car->at = s->now + MINUTE;
    if (car->lot == LANES_LOT && car->plate[0] && chance(s, 2))
        put_amended(s, car, STAY_PLATE);
    if (chance(s, 2))
        put_amended(s, car, STAY_ENTRY);
    car->fee = car->pass ? 0 : (s->now - car->entered) / HOUR * 300;
    if (!car->fee)
        return;
    if (car->lot == LANES_LOT)
        put_order(s, car);
    if (!chance(s, 4))
        put_payment(s, car, PAID_INSIDE);
}

static inline void put_closed(struct city_site *s, const struct car *car)
{
    enum stay_outcome outcome = car->pass              ? OUTCOME_PASS
                                : !car->fee            ? OUTCOME_FREE
                                : car->paid < car->fee ? OUTCOME_UNPAID
                                                       : OUTCOME_PAID;
    struct record record = {
        .kind = RECORD_STAY_CLOSED,
        .stay_closed = {.lot = car->lot,
                        .bay = car->bay,
                        .lane = car->lot == LANES_LOT ? 1 : PLAN_NONE,
                        .colour = car->plate[0] ? PLATE_BLUE : PLATE_COLOUR_UNKNOWN,
                        .kind = car->pass ? STAY_PASS : STAY_TEMPORARY,
                        .entered = {car->entered},
                        .outcome = outcome,
                        .money = {.receivable_fen = car->fee, .payable_fen = car->fee},
                        .received_fen = car->paid}};

    text_copy(record.stay_closed.stay, IDENT_SIZE, car->stay);
    text_copy(record.stay_closed.plate, PLATE_SIZE, car->plate);
    if (car->lot == LANES_LOT)
        text_copy(record.stay_closed.entry_lane, RECORD_WORD, s->lanes[0].id);
    if (car->paid)
        text_copy(record.stay_closed.channel, RECORD_WORD,
                  words_name(&pay_channel_words, (int)car->channel));
    s->tally[car->lot].unpaid += outcome == OUTCOME_UNPAID;
    put(s, &record, car->lot);
}

static inline void leave(struct city_site *s, size_t which)
{
    struct car *car = &s->cars[which];

    count(s, car->lot, false);
    s->tally[car->lot].exits++;
    if (car->bay != PLAN_NONE)
        s->taken[car->bay] = false;
    if (car->lot == SENSED)
        put_sensed(s, car->bay, false);
    else
        put_closed(s, car);
    car->step = CAR_PAYS_LATER;
    car->at = s->now + HOUR;
    if (car->paid >= car->fee || chance(s, 50))
        s->cars[which] = s->cars[--s->cars_count];
}

static inline int64_t site_next(const struct city_site *s)
{
    int64_t next = INT64_MAX;

    for (int lot = 0; lot < LOTS && s->now < s->end; lot++)
        if (s->next_arrival[lot] < next)
            next = s->next_arrival[lot];
    for (size_t i = 0; i < s->cars_count; i++)
        if (s->cars[i].at < next)
            next = s->cars[i].at;
    return next;
}

static inline void site_drive(struct city_site *s)
{
    for (uint32_t lot = 0; lot < LOTS && s->now < s->end; lot++)
        if (s->now >= s->next_arrival[lot])
            arrive(s, lot);
    for (size_t i = s->cars_count; i-- > 0;) {
        struct car *car = &s->cars[i];

        if (s->now < car->at)
            continue;
        if (car->step == CAR_PAYS) {
            pay(s, car);
        } else if (car->step == CAR_LEAVES) {
            leave(s, i);
        } else {
            put_payment(s, car, PAID_AFTER);
            s->cars[i] = s->cars[--s->cars_count];
        }
    }
}

#endif
