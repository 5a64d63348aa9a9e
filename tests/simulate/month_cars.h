/*
 * What cars do in the simulated months of month_world.h, each thing as the records that the gateway
 * makes of it and as a line in the slow book.
 */
/* long: what a car does stands on one page */
#ifndef TESTS_MONTH_CARS_H
#define TESTS_MONTH_CARS_H

#include "tests/simulate/month_bank.h"

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
    snprintf(ret, PLATE_SIZE, "皖%c%05u", car->misplaced ? 'B' : 'A', car->stay % 100000);
}

/* A command with its outcome, after which a vehicle passes. */
static inline void month_through(struct month *m, struct month_car *car, int64_t at_ms, bool out,
                                 enum lane_cause cause)
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
        if (cause == CAUSE_OPERATOR) {
            strcpy(command.command.actor, "wang");
            strcpy(command.command.reason, car->lost ? "paid, says the driver" : "misread");
        }
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
    car->passage = m->serial;
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
    strcpy(decision.decision.plate, read.plate_read.plate);
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
        month_name(o->passage, 'P', car->passage);
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
    car->channel = (enum pay_channel)seeded_below(&m->random, 4);
    car->entered_ms = at_ms + 6000;
    car->left_ms = car->entered_ms + month_stay_ms(m);
    car->no_entry = dice == 11;
    car->owes = dice == 500 || dice == 501 || dice == 502;
    car->tailgate = car->owes;
    car->misread = m->bank && dice == 700;
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

static inline void month_order(struct month *m, struct month_car *car, int64_t at_ms, bool final)
{
    struct record order = {.kind = RECORD_ORDER, .at = {at_ms}};

    car->order = ++m->serial;
    order.order.lot = car->lot;
    month_name(order.order.stay, 'S', car->stay);
    month_name(order.order.order, 'O', car->order);
    month_plate(car, order.order.plate);
    order.order.money = month_chain(car);
    order.order.received_fen = car->net_fen;
    order.order.due_fen = order.order.money.payable_fen - car->net_fen;
    order.order.final = final;
    month_put(m, &order);
}

/* Of the order that was made last. */
static inline void month_payment(struct month *m, struct month_car *car, int64_t at_ms, int64_t fen,
                                 enum pay_when when)
{
    struct record payment = {.kind = RECORD_PAYMENT, .at = {at_ms}};
    struct month_book *book = month_book(m, car->lot, at_ms);

    payment.payment.lot = car->lot;
    month_name(payment.payment.stay, 'S', car->stay);
    month_name(payment.payment.order, 'O', car->order);
    month_name(payment.payment.payment, 'Y', car->order);
    month_plate(car, payment.payment.plate);
    payment.payment.amount_fen = fen;
    payment.payment.channel = car->channel;
    payment.payment.when = when;
    if (car->channel == CHANNEL_CASH) {
        month_shift_name(m, car->lot, at_ms, payment.payment.shift);
        m->drawer[car->lot] += fen;
    } else {
        month_transaction(car->order, payment.payment.transaction);
    }
    month_put(m, &payment);
    car->payment = car->order;
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

/* A driver pays. What the channel holds of it is another matter: its word may be lost. */
static inline void month_pay(struct month *m, struct month_car *car, int64_t at_ms, int64_t fen,
                             enum pay_when when)
{
    month_order(m, car, at_ms, when == PAID_AFTER);
    car->lost = m->bank && car->channel != CHANNEL_CASH &&
                month_bank_pay(m, car, (struct month_deal){at_ms, fen, when});
    car->billed_fen = fen;
    if (!car->lost)
        month_payment(m, car, at_ms, fen, when);
}

/* Let out by a person, who forgives what cannot be known. */
static inline void month_forgive(struct record_stay_closed *closed, int64_t net_fen)
{
    closed->money.relief_other_fen = closed->money.payable_fen - net_fen;
    closed->money.payable_fen = net_fen;
    strcpy(closed->actor, "wang");
    strcpy(closed->reason, "its exit was misread");
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
    if (car->misread)
        month_forgive(c, car->net_fen);
    c->received_fen = car->net_fen;
    strcpy(c->tariff, "simulated");
    strcpy(c->version, "2024-01-01");
    if (!car->misread)
        month_name(c->passage, 'P', car->passage);
    if (car->no_entry || car->misread)
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
    book->relief_other += c->money.relief_other_fen;
    book->by_hand += car->misread;
    book->left_owing += c->outcome == OUTCOME_UNPAID;
    book->payable += c->money.payable_fen;
    book->settled += car->net_fen;
    car->owes_fen = c->money.payable_fen - car->net_fen;
    book->arrears_opened += car->owes_fen;
}

/* Its plate is read as another's: a person lets out a vehicle whose entry nobody knows, and ends
 * the stay of the true plate when the list of those present is gone through. */
static inline void month_misread(struct month *m, uint32_t lot, enum vehicle_class class,
                                 int64_t at_ms)
{
    uint32_t index = month_new_car(m);
    struct month_car *other = &m->cars[index];

    other->lot = lot;
    other->class = class;
    other->no_entry = other->misplaced = true;
    month_read(m, other, at_ms, true);
    month_through(m, other, at_ms, true, CAUSE_OPERATOR);
    month_open_stay(m, other, at_ms + 6000);
    month_close_stay(m, other, at_ms + 6000);
}

static inline void month_leave(struct month *m, uint32_t index, int64_t at_ms)
{
    struct month_car *car = &m->cars[index];
    int64_t due = month_chain(car).payable_fen - car->net_fen;

    if (car->has_bay)
        month_bay(m, car->bay, at_ms, BAY_OCCUPIED, BAY_FREE);
    if (car->misread) {
        int64_t later_ms = seeded_between(&m->random, HOUR_MS, 8 * HOUR_MS);
        month_later(m, at_ms + later_ms, MONTH_HAND, index);
        month_misread(m, car->lot, car->class, at_ms); /* may move the cars */
        return;
    }
    month_read(m, car, at_ms, true);
    if (due > 0 && !car->owes)
        month_pay(m, car, at_ms, due, PAID_AT_EXIT);
    month_through(m, car, at_ms, true,
                  car->lost ? CAUSE_OPERATOR
                  : due > 0 ? CAUSE_PAYMENT
                            : CAUSE_DECISION);
    if (car->no_entry)
        month_open_stay(m, car, at_ms + 6000);
    month_close_stay(m, car, at_ms + 6000);
    if (car->lost)
        return; /* the day after knows more */
    if (car->owes_fen > 0 && seeded_below(&m->random, 10) < 6)
        month_later(m, at_ms + seeded_between(&m->random, HOUR_MS, 5 * (int64_t)DAY_MS),
                    MONTH_ARREARS, index);
    else if (car->paid_fen > 0 && !car->planted && seeded_below(&m->random, 200) == 0)
        month_later(m, at_ms + seeded_between(&m->random, HOUR_MS, 2 * (int64_t)DAY_MS),
                    MONTH_REFUND, index);
}

static inline void month_refund(struct month *m, struct month_car *car, int64_t at_ms)
{
    struct record refund = {.kind = RECORD_REFUND, .at = {at_ms}};
    struct month_book *book = month_book(m, car->lot, at_ms);
    uint32_t number = ++m->serial;

    if (m->bank && car->channel != CHANNEL_CASH && month_bank_refund(m, car, at_ms, number))
        return; /* given back without the gateway */
    refund.refund.lot = car->lot;
    month_name(refund.refund.stay, 'S', car->stay);
    month_name(refund.refund.order, 'O', car->payment);
    month_name(refund.refund.payment, 'Y', car->payment);
    month_name(refund.refund.refund, 'R', number);
    refund.refund.amount_fen = car->paid_fen;
    refund.refund.channel = car->channel;
    if (car->channel == CHANNEL_CASH) {
        month_shift_name(m, car->lot, at_ms, refund.refund.shift);
        m->drawer[car->lot] -= car->paid_fen;
    }
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

/* The operation counter of a barrier tells of an opening that nobody asked for. */
static inline void month_unasked(struct month *m, uint32_t lot, int64_t at_ms)
{
    struct record opening = {.kind = RECORD_OPENING, .at = {at_ms}};

    opening.opening.lane = 2 * lot + month_below(m, 2);
    opening.opening.cause = CAUSE_UNASKED;
    opening.opening.openings = 1;
    opening.opening.counter = ++m->serial;
    month_put(m, &opening);
    month_book(m, lot, at_ms)->openings[CAUSE_UNASKED]++;
}

/* Balances follow from what was done on the days, also when that is told late. */
static inline void month_balance(struct month *m)
{
    for (uint32_t lot = 0; lot < MONTH_LOTS; lot++) {
        int64_t present = 0, prepaid = 0, arrears = 0;

        for (int32_t day = 0; day < m->days; day++) {
            struct month_book *book = &m->books[lot][day];

            present += book->opened - book->closed;
            prepaid += book->inside - book->settled;
            arrears += book->arrears_opened - book->arrears_collected;
            book->present_end = present;
            book->prepaid_end = prepaid;
            book->arrears_end = arrears;
        }
    }
}

/* At night a lot is quiet: its account begins anew. */
static inline void month_anchor(struct month *m, uint32_t lot, int64_t at_ms)
{
    struct record anchor = {.kind = RECORD_OCCUPANCY, .at = {at_ms}};

    anchor.occupancy.lot = lot;
    anchor.occupancy.lane = PLAN_NONE;
    anchor.occupancy.event = OCCUPANCY_ANCHOR;
    month_put(m, &anchor);
}

/* A cashier's day: the drawer is counted at its end, and the next begins. */
static inline void month_shift(struct month *m, uint32_t lot, int64_t at_ms)
{
    static const char *const cashiers[] = {"li", "zhao", "sun", "chen"};
    struct record shift = {.kind = RECORD_SHIFT, .at = {at_ms}};
    struct record_shift *s = &shift.shift;
    int64_t day = (at_ms - m->begin_ms) / DAY_MS;

    s->event = SHIFT_CLOSED;
    s->lot = lot;
    month_shift_name(m, lot, at_ms, s->shift);
    strcpy(s->cashier, cashiers[(lot + (uint32_t)day) % 4]);
    strcpy(s->witness, "wang");
    s->float_fen = MONTH_FLOAT_FEN;
    s->expected_fen = s->float_fen + m->drawer[lot];
    s->counted_fen = s->expected_fen + (m->bank ? month_bank_count(m, s, at_ms) : 0);
    month_put(m, &shift);
    m->drawer[lot] = 0;
}

/* What was paid and not told is booked, by a person or when the word comes at last. */
static inline void month_find(struct month *m, struct month_car *car, int64_t at_ms)
{
    month_payment(m, car, at_ms, car->billed_fen, PAID_AFTER);
    car->owes_fen -= car->billed_fen;
}

static inline void month_do(struct month *m, const struct month_due *due)
{
    struct month_car *car = &m->cars[due->car];

    switch (due->event) {
    case MONTH_ENTER:
        month_enter(m, due->at_ms);
        break;
    case MONTH_PAY:
        if (month_chain(car).payable_fen > 0)
            month_pay(m, car, due->at_ms, month_chain(car).payable_fen, PAID_INSIDE);
        break;
    case MONTH_LEAVE:
        month_leave(m, due->car, due->at_ms);
        break;
    case MONTH_ARREARS:
        month_pay(m, car, due->at_ms, car->owes_fen, PAID_AFTER);
        break;
    case MONTH_REFUND:
        month_refund(m, car, due->at_ms);
        break;
    case MONTH_OPENING:
        month_opening(m, due->at_ms);
        break;
    case MONTH_BOOK:
        month_find(m, car, due->at_ms);
        break;
    case MONTH_TOLD:
        m->bank->news[month_day_of(m, car->billed_ms)] = true;
        month_find(m, car, car->billed_ms);
        break;
    case MONTH_HAND:
        month_close_stay(m, car, due->at_ms);
        break;
    case MONTH_SHIFT:
        month_shift(m, due->car, due->at_ms);
        break;
    case MONTH_ANCHOR:
        month_anchor(m, due->car, due->at_ms);
        break;
    case MONTH_UNASKED:
        month_unasked(m, due->car, due->at_ms);
        break;
    }
}

/* One day of traffic. */
static inline void month_day(struct month *m, int32_t day, uint32_t cars)
{
    int64_t today = m->begin_ms + (int64_t)day * DAY_MS;

    for (uint32_t i = 0; i < cars; i++)
        month_later(m,
                    today + seeded_between(&m->random, 0, 12 * HOUR_MS) +
                        seeded_between(&m->random, 0, 12 * HOUR_MS - 60000),
                    MONTH_ENTER, 0);
    for (uint32_t lot = 0; lot < MONTH_LOTS; lot++) {
        month_later(m, today + seeded_between(&m->random, 0, DAY_MS), MONTH_OPENING, 0);
        month_later(m, today + 3 * HOUR_MS + lot * MINUTE_MS, MONTH_ANCHOR, lot);
        month_later(m, today + DAY_MS - 1, MONTH_SHIFT, lot);
        if (m->bank && month_below(m, 2))
            month_later(m, today + seeded_between(&m->random, 0, DAY_MS), MONTH_UNASKED, lot);
    }
    while (m->heap_count && m->heap[0].at_ms < today + DAY_MS) {
        struct month_due due = month_next(m);

        month_do(m, &due);
    }
}

/* The book knows of stops until the end. */
static inline void month_end(struct month *m)
{
    int64_t end_ms = m->begin_ms + (int64_t)m->days * DAY_MS;

    for (uint32_t bay = 0; bay < MONTH_BAYS; bay++)
        for (int64_t t = m->taken_ms[bay]; m->taken[bay] && t < end_ms;) {
            int64_t next = t - (t - m->begin_ms) % DAY_MS + DAY_MS;

            month_book(m, m->bays[bay].zone, t)->bays_ms += next - t;
            t = next;
        }
    month_balance(m);
    month_commit(m);
}

#endif
