/*
 * What cars do in the simulated months of month_world.h, each thing as the records that the gateway
 * makes of it and as a line in the slow book.
 */
/* long: what a car does stands on one page */
#ifndef TESTS_MONTH_CARS_H
#define TESTS_MONTH_CARS_H

#include "tests/simulate/month_world.h"

enum { MONTH_FREE_MS = 30 * MINUTE_MS, MONTH_HALF_HOUR_FEN = 150 };

static inline int64_t month_fee(int64_t stayed_ms)
{
    int64_t halves = (stayed_ms - MONTH_FREE_MS + MONTH_FREE_MS - 1) / MONTH_FREE_MS;

    return stayed_ms <= MONTH_FREE_MS ? 0 : halves * MONTH_HALF_HOUR_FEN;
}

static inline struct money_chain month_chain(const struct month_car *car)
{
    int64_t fee = month_fee(car->left_ms - car->entered_ms);
    struct money_chain chain = {.receivable_fen = fee};

    if (car->no_entry)
        chain.receivable_fen = 0;
    else if (car->kind == STAY_PASS)
        chain.relief_pass_fen = fee;
    else if (car->class == VEHICLE_NEV)
        chain.relief_class_fen = fee / 2;
    else if (car->stay % 16 == 3 && fee > 300)
        chain.relief_coupon_fen = 300;
    chain.payable_fen = chain.receivable_fen - chain.relief_pass_fen - chain.relief_class_fen -
                        chain.relief_coupon_fen;
    return chain;
}

static inline void month_plate(const struct month_car *car, char ret[PLATE_SIZE])
{
    snprintf(ret, PLATE_SIZE, "皖A%05u", car->stay % 100000);
}

/* A command with its outcome, after which a vehicle passes. */
static inline void month_through(struct month *m, const struct month_car *car, int64_t at_ms,
                                 bool out, enum lane_cause cause)
{
    struct record command = {.kind = RECORD_COMMAND, .at = {at_ms}};
    struct record outcome = {.kind = RECORD_OUTCOME, .at = {at_ms + 3000}};
    struct record passage = {.kind = RECORD_PASSAGE, .at = {at_ms + 5000}};
    struct month_book *book = month_book(m, car->lot, at_ms);

    m->serial++;
    if (!car->tailgate || !out) {
        command.command.lane = 2 * car->lot + out;
        month_name(command.command.command, 'C', m->serial);
        command.command.action = LANE_OPEN;
        command.command.cause = cause;
        month_name(command.command.stay, 'S', car->stay);
        month_put(m, &command);
        outcome.outcome.lane = command.command.lane;
        strcpy(outcome.outcome.command, command.command.command);
        outcome.outcome.sent = outcome.outcome.accepted = (utc_ms){at_ms};
        month_put(m, &outcome);
        book->openings[cause]++;
        strcpy(passage.passage.command, command.command.command);
        passage.passage.cause = cause;
    } else {
        passage.passage.kind = PASSAGE_TAILGATE;
        month_book(m, car->lot, at_ms + 5000)->tailgates++;
    }
    passage.passage.lane = 2 * car->lot + out;
    month_name(passage.passage.passage, 'P', m->serial);
    passage.passage.direction = out ? LANE_OUT : LANE_IN;
    passage.passage.class = car->class;
    passage.passage.vehicles = 1;
    month_plate(car, passage.passage.plate);
    month_name(passage.passage.stay, 'S', car->stay);
    month_put(m, &passage);
    if (out)
        month_book(m, car->lot, at_ms + 5000)->exits++;
    else
        month_book(m, car->lot, at_ms + 5000)->entries++;
}

static inline void month_read(struct month *m, const struct month_car *car, int64_t at_ms, bool out)
{
    struct record read = {.kind = RECORD_PLATE_READ, .at = {at_ms}};
    struct record decision = {.kind = RECORD_DECISION, .at = {at_ms}};

    read.plate_read.lane = decision.decision.lane = 2 * car->lot + out;
    snprintf(read.plate_read.event, sizeof read.plate_read.event, "E%09u", ++m->serial);
    month_plate(car, read.plate_read.plate);
    read.plate_read.confidence = 95;
    month_put(m, &read);
    month_name(decision.decision.vehicle, 'V', m->serial);
    month_plate(car, decision.decision.plate);
    decision.decision.reason = DECIDED_TEMPORARY;
    month_put(m, &decision);
}

static inline void month_open_stay(struct month *m, struct month_car *car, int64_t at_ms)
{
    struct record opened = {.kind = RECORD_STAY_OPENED, .at = {at_ms}};
    struct record_stay_opened *o = &opened.stay_opened;

    o->lot = car->lot;
    o->bay = PLAN_NONE;
    o->lane = 2 * car->lot;
    month_name(o->stay, 'S', car->stay);
    month_plate(car, o->plate);
    o->class = car->class;
    o->kind = car->kind;
    if (!car->no_entry)
        month_name(o->passage, 'P', m->serial);
    o->entry_missing = car->no_entry;
    month_put(m, &opened);
    month_book(m, car->lot, at_ms)->opened++;
    month_book(m, car->lot, at_ms)->entry_missing += car->no_entry;
}

static inline uint32_t month_new_car(struct month *m)
{
    if (m->cars_count == m->cars_room) {
        m->cars_room = m->cars_room ? 2 * m->cars_room : 4096;
        m->cars = memory_grow(m->cars, m->cars_room, sizeof *m->cars);
    }
    m->cars[m->cars_count] = (struct month_car){.stay = m->cars_count};
    return m->cars_count++;
}

static inline int64_t month_stay_ms(struct month *m)
{
    uint64_t kind = seeded_below(&m->random, 100);

    if (kind < 20)
        return seeded_between(&m->random, 2 * MINUTE_MS, 30 * MINUTE_MS);
    if (kind < 97)
        return seeded_between(&m->random, 30 * MINUTE_MS, 9 * HOUR_MS);
    return seeded_between(&m->random, 9 * HOUR_MS, 40 * HOUR_MS);
}

static inline void month_enter(struct month *m, int64_t at_ms)
{
    uint32_t index = month_new_car(m);
    struct month_car *car = &m->cars[index];
    uint64_t dice = seeded_below(&m->random, 1000);

    car->lot = (uint32_t)seeded_below(&m->random, MONTH_LOTS);
    car->class = dice % 5 == 0 ? VEHICLE_NEV : dice % 50 == 7 ? VEHICLE_LARGE : VEHICLE_SMALL;
    car->kind = dice % 10 == 4 ? STAY_PASS : STAY_TEMPORARY;
    car->channel = (enum pay_channel)seeded_below(&m->random, 3);
    car->entered_ms = at_ms + 6000;
    car->left_ms = car->entered_ms + month_stay_ms(m);
    car->no_entry = dice == 11;
    car->owes = dice == 500 || dice == 501 || dice == 502;
    car->tailgate = car->owes;
    if (!car->no_entry) {
        month_read(m, car, at_ms, false);
        month_through(m, car, at_ms, false, CAUSE_DECISION);
        month_open_stay(m, car, car->entered_ms);
    }
    car->bay = (uint32_t)seeded_below(&m->random, MONTH_BAYS / MONTH_LOTS) * MONTH_LOTS + car->lot;
    car->has_bay =
        !car->no_entry && !m->taken[car->bay] && car->left_ms - car->entered_ms > 2 * MINUTE_MS;
    if (car->has_bay)
        month_bay(m, car->bay, car->entered_ms, BAY_FREE, BAY_OCCUPIED);
    if (dice % 3 == 0 && !car->owes && !car->no_entry)
        month_later(m, car->left_ms - MINUTE_MS, MONTH_PAY, index);
    month_later(m, car->left_ms, MONTH_LEAVE, index);
}

static inline void month_pay(struct month *m, struct month_car *car, int64_t at_ms, int64_t fen,
                             enum pay_when when)
{
    struct record order = {.kind = RECORD_ORDER, .at = {at_ms}};
    struct record payment = {.kind = RECORD_PAYMENT, .at = {at_ms}};
    struct month_book *book = month_book(m, car->lot, at_ms);

    m->serial++;
    order.order.lot = payment.payment.lot = car->lot;
    month_name(order.order.stay, 'S', car->stay);
    month_name(order.order.order, 'O', m->serial);
    month_plate(car, order.order.plate);
    order.order.money = month_chain(car);
    order.order.received_fen = car->net_fen;
    order.order.due_fen = order.order.money.payable_fen - car->net_fen;
    order.order.final = when == PAID_AFTER;
    month_put(m, &order);
    strcpy(payment.payment.stay, order.order.stay);
    strcpy(payment.payment.order, order.order.order);
    month_name(payment.payment.payment, 'Y', m->serial);
    strcpy(payment.payment.plate, order.order.plate);
    payment.payment.amount_fen = fen;
    payment.payment.channel = car->channel;
    payment.payment.when = when;
    snprintf(payment.payment.transaction, sizeof payment.payment.transaction, "42%010u", m->serial);
    month_put(m, &payment);
    car->payment = m->serial;
    car->paid_fen = fen;
    car->paid_ms = at_ms;
    car->net_fen += fen;
    book->received[car->channel] += fen;
    if (when == PAID_AFTER) {
        book->arrears_paid += fen;
        book->arrears_collected += fen;
    } else {
        book->inside += fen;
    }
}

static inline void month_close_stay(struct month *m, struct month_car *car, int64_t at_ms)
{
    struct record closed = {.kind = RECORD_STAY_CLOSED, .at = {at_ms}};
    struct record_stay_closed *c = &closed.stay_closed;
    struct month_book *book = month_book(m, car->lot, at_ms);

    c->lot = car->lot;
    c->bay = car->has_bay ? car->bay : PLAN_NONE;
    c->lane = 2 * car->lot + 1;
    month_name(c->stay, 'S', car->stay);
    month_plate(car, c->plate);
    c->class = car->class;
    c->kind = car->kind;
    c->entered = (utc_ms){car->no_entry ? at_ms : car->entered_ms};
    c->money = month_chain(car);
    c->received_fen = car->net_fen;
    strcpy(c->tariff, "simulated");
    strcpy(c->version, "2024-01-01");
    month_name(c->passage, 'P', m->serial);
    if (car->no_entry)
        c->outcome = OUTCOME_RELEASED;
    else if (c->money.payable_fen > car->net_fen)
        c->outcome = OUTCOME_UNPAID;
    else if (car->net_fen)
        c->outcome = OUTCOME_PAID;
    else
        c->outcome = car->kind == STAY_PASS ? OUTCOME_PASS : OUTCOME_FREE;
    month_put(m, &closed);
    car->ended = true;
    book->closed++;
    book->outcomes[c->outcome]++;
    book->stayed_s += (at_ms - c->entered.ms) / 1000;
    book->receivable += c->money.receivable_fen;
    book->relief_pass += c->money.relief_pass_fen;
    book->relief_class += c->money.relief_class_fen;
    book->relief_coupon += c->money.relief_coupon_fen;
    book->payable += c->money.payable_fen;
    book->settled += car->net_fen;
    car->owes_fen = c->money.payable_fen - car->net_fen;
    book->arrears_opened += car->owes_fen;
}

static inline void month_leave(struct month *m, uint32_t index, int64_t at_ms)
{
    struct month_car *car = &m->cars[index];
    int64_t due = month_chain(car).payable_fen - car->net_fen;

    if (car->has_bay)
        month_bay(m, car->bay, at_ms, BAY_OCCUPIED, BAY_FREE);
    month_read(m, car, at_ms, true);
    if (due > 0 && !car->owes)
        month_pay(m, car, at_ms, due, PAID_AT_EXIT);
    month_through(m, car, at_ms, true, due > 0 ? CAUSE_PAYMENT : CAUSE_DECISION);
    if (car->no_entry)
        month_open_stay(m, car, at_ms + 6000);
    month_close_stay(m, car, at_ms + 6000);
    if (car->owes_fen > 0 && seeded_below(&m->random, 10) < 6)
        month_later(m, at_ms + seeded_between(&m->random, HOUR_MS, 5 * (int64_t)DAY_MS),
                    MONTH_ARREARS, index);
    else if (car->paid_fen > 0 && seeded_below(&m->random, 200) == 0)
        month_later(m, at_ms + seeded_between(&m->random, HOUR_MS, 2 * (int64_t)DAY_MS),
                    MONTH_REFUND, index);
}

static inline void month_refund(struct month *m, struct month_car *car, int64_t at_ms)
{
    struct record refund = {.kind = RECORD_REFUND, .at = {at_ms}};
    struct month_book *book = month_book(m, car->lot, at_ms);

    refund.refund.lot = car->lot;
    month_name(refund.refund.stay, 'S', car->stay);
    month_name(refund.refund.order, 'O', car->payment);
    month_name(refund.refund.payment, 'Y', car->payment);
    month_name(refund.refund.refund, 'R', ++m->serial);
    refund.refund.amount_fen = car->paid_fen;
    refund.refund.channel = car->channel;
    month_put(m, &refund);
    book->refunds[car->channel] += car->paid_fen;
    book->refunds_after += car->paid_fen;
}

/* A person opens a barrier. */
static inline void month_opening(struct month *m, int64_t at_ms)
{
    struct record command = {.kind = RECORD_COMMAND, .at = {at_ms}};
    uint32_t lane = (uint32_t)seeded_below(&m->random, 2 * MONTH_LOTS);

    command.command.lane = lane;
    month_name(command.command.command, 'C', ++m->serial);
    command.command.cause = CAUSE_OPERATOR;
    strcpy(command.command.actor, "wang");
    strcpy(command.command.reason, "delivery");
    month_put(m, &command);
    month_book(m, lane / 2, at_ms)->openings[CAUSE_OPERATOR]++;
}

static inline void month_balance(struct month *m, int64_t at_ms)
{
    for (uint32_t lot = 0; lot < MONTH_LOTS; lot++) {
        struct month_book *book = month_book(m, lot, at_ms - 1);

        m->present[lot] += book->opened - book->closed;
        m->prepaid[lot] += book->inside - book->settled;
        m->arrears[lot] += book->arrears_opened - book->arrears_collected;
        book->present_end = m->present[lot];
        book->prepaid_end = m->prepaid[lot];
        book->arrears_end = m->arrears[lot];
    }
}

/* Cars come until the last day is over, and what follows from them is done a little beyond. */
static inline void month_run(struct month *m, uint32_t cars_a_day)
{
    int64_t end_ms = m->begin_ms + (int64_t)m->days * DAY_MS, midnight = m->begin_ms + DAY_MS;

    for (int32_t day = 0; day < m->days; day++) {
        int64_t today = m->begin_ms + (int64_t)day * DAY_MS;

        for (uint32_t i = 0; i < cars_a_day; i++)
            month_later(m,
                        today + seeded_between(&m->random, 0, 12 * HOUR_MS) +
                            seeded_between(&m->random, 0, 12 * HOUR_MS - 60000),
                        MONTH_ENTER, 0);
        for (int i = 0; i < MONTH_LOTS; i++)
            month_later(m, today + seeded_between(&m->random, 0, DAY_MS), MONTH_OPENING, 0);
        while (m->heap_count && (m->heap[0].at_ms < today + DAY_MS)) {
            struct month_due due = month_next(m);

            if (due.event == MONTH_ENTER)
                month_enter(m, due.at_ms);
            else if (due.event == MONTH_PAY) {
                struct month_car *car = &m->cars[due.car];
                int64_t fen = month_chain(car).payable_fen;

                if (fen > 0)
                    month_pay(m, car, due.at_ms, fen, PAID_INSIDE);
            } else if (due.event == MONTH_LEAVE)
                month_leave(m, due.car, due.at_ms);
            else if (due.event == MONTH_ARREARS)
                month_pay(m, &m->cars[due.car], due.at_ms, m->cars[due.car].owes_fen, PAID_AFTER);
            else if (due.event == MONTH_REFUND)
                month_refund(m, &m->cars[due.car], due.at_ms);
            else
                month_opening(m, due.at_ms);
        }
        month_balance(m, midnight);
        midnight += DAY_MS;
    }
    for (uint32_t bay = 0; bay < MONTH_BAYS; bay++) /* the book knows of stops until the end */
        for (int64_t t = m->taken_ms[bay]; m->taken[bay] && t < end_ms;) {
            int64_t next = t - (t - m->begin_ms) % DAY_MS + DAY_MS;

            month_book(m, m->bays[bay].zone, t)->bays_ms += next - t;
            t = next;
        }
    month_commit(m);
}

#endif
