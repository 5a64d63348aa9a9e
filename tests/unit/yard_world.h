/*
 * What happens at the lanes of the small car park of store_world.h, in records as the yard makes
 * them: stays with their orders, payments and commands, lists, shifts, lanes, occupancy. Random,
 * and coherent: each account adds up, each command gets its outcome.
 */
/* long: one small world, used whole by the tests of what is durable about stays */
#ifndef TESTS_YARD_WORLD_H
#define TESTS_YARD_WORLD_H

#include "tests/unit/store_world.h"

/* A stay is re-opened only so soon after it left. */
enum { YARD_REOPEN_MS = 100000 };

enum { YARD_STAYS = 512, YARD_PLATES = 12, YARD_SHIFTS = 64 };

struct yard_stay {
    bool open;
    uint32_t lot;
    int64_t payable, received, refunded;
    uint32_t payments;
    enum stay_outcome outcome;
    utc_ms entered, left;
    char plate[PLATE_SIZE];
};

struct yard_world {
    struct world *world;
    struct yard_stay stays[YARD_STAYS];
    uint32_t stays_count, commands, passages, shifts, reads;
    bool shift_open[YARD_SHIFTS];
    bool listed[YARD_PLATES];
    uint64_t counters[WORLD_LANES];
    int64_t inside[2];
};

static inline void yard_id(char ret[IDENT_SIZE], char letter, uint32_t number)
{
    snprintf(ret, IDENT_SIZE, "%c%06u", letter, number);
}

static inline void yard_plate(char ret[PLATE_SIZE], uint32_t number)
{
    snprintf(ret, PLATE_SIZE, "皖A%05u", number);
}

static inline struct money_chain yard_money(int64_t payable)
{
    return (struct money_chain){
        .receivable_fen = payable + 300, .relief_pass_fen = 300, .payable_fen = payable};
}

static inline void yard_passage(struct yard_world *yard, uint32_t lane, uint32_t stay)
{
    struct record record = {.kind = RECORD_PASSAGE};
    struct record_passage *passage = &record.passage;

    passage->lane = lane;
    passage->direction = yard->world->lanes[lane].direction;
    passage->cause = CAUSE_DECISION;
    passage->vehicles = 1;
    yard_id(passage->passage, 'P', ++yard->passages);
    yard_id(passage->stay, 'S', stay);
    yard_id(passage->command, 'C', yard->commands);
    yard->inside[lane / 2] += passage->direction == LANE_IN ? 1 : -1;
    world_add(yard->world, record);
}

/* A command for a stay; with its outcome unless `lost`. */
static inline void yard_command(struct yard_world *yard, uint32_t lane, uint32_t stay, bool lost)
{
    struct record command = {.kind = RECORD_COMMAND}, outcome = {.kind = RECORD_OUTCOME};

    command.command.lane = outcome.outcome.lane = lane;
    command.command.cause = CAUSE_DECISION;
    yard_id(command.command.command, 'C', ++yard->commands);
    yard_id(command.command.stay, 'S', stay);
    world_add(yard->world, command);
    strcpy(outcome.outcome.command, command.command.command);
    outcome.outcome.limit = STEP_UNOBSERVABLE;
    if (!lost)
        world_add(yard->world, outcome);
}

static inline void yard_arrive(struct yard_world *yard)
{
    uint32_t number = yard->stays_count, lot = world_random(yard->world, 2);
    struct yard_stay *stay = &yard->stays[number];
    struct record record = {.kind = RECORD_STAY_OPENED};
    struct record_stay_opened *opened = &record.stay_opened;

    if (number == YARD_STAYS)
        return;
    yard->stays_count++;
    yard_command(yard, 2 * lot, number, world_random(yard->world, 20) == 0);
    yard_passage(yard, 2 * lot, number);
    yard_id(opened->stay, 'S', number);
    yard_plate(opened->plate, world_random(yard->world, YARD_PLATES));
    opened->lot = lot;
    opened->lane = 2 * lot;
    opened->bay = PLAN_NONE;
    *stay = (struct yard_stay){.open = true, .lot = lot, .entered = {yard->world->at_ms}};
    strcpy(stay->plate, opened->plate);
    yard_id(opened->passage, 'P', yard->passages);
    world_add(yard->world, record);
}

static inline void yard_order(struct yard_world *yard, uint32_t number)
{
    struct yard_stay *stay = &yard->stays[number];
    struct record record = {.kind = RECORD_ORDER};
    struct record_order *order = &record.order;

    if (stay->open)
        stay->payable += world_random(yard->world, 5) * 100;
    order->lot = stay->lot;
    yard_id(order->stay, 'S', number);
    yard_id(order->order, 'O', number);
    strcpy(order->plate, stay->plate);
    order->money = yard_money(stay->payable);
    order->received_fen = stay->received - stay->refunded;
    order->due_fen = stay->payable > order->received_fen ? stay->payable - order->received_fen : 0;
    world_add(yard->world, record);
}

static inline void yard_pay(struct yard_world *yard, uint32_t number)
{
    struct yard_stay *stay = &yard->stays[number];
    struct record record = {.kind = RECORD_PAYMENT};
    struct record_payment *payment = &record.payment;

    payment->lot = stay->lot;
    payment->amount_fen = stay->payable - stay->received + stay->refunded;
    if (payment->amount_fen <= 0)
        return;
    yard_id(payment->stay, 'S', number);
    yard_id(payment->order, 'O', number);
    yard_id(payment->payment, 'M', number * 100 + ++stay->payments);
    strcpy(payment->plate, stay->plate);
    payment->channel = (enum pay_channel)world_random(yard->world, PAY_CHANNELS);
    payment->when = stay->open ? PAID_INSIDE : PAID_AFTER;
    stay->received += payment->amount_fen;
    world_add(yard->world, record);
}

static inline void yard_refund(struct yard_world *yard, uint32_t number)
{
    struct yard_stay *stay = &yard->stays[number];
    struct record record = {.kind = RECORD_REFUND};
    struct record_refund *refund = &record.refund;

    if (!stay->open || stay->received - stay->refunded < 100)
        return;
    refund->lot = stay->lot;
    refund->amount_fen = 100;
    yard_id(refund->stay, 'S', number);
    yard_id(refund->order, 'O', number);
    yard_id(refund->payment, 'M', number * 100 + stay->payments);
    yard_id(refund->refund, 'R', yard->passages);
    stay->refunded += 100;
    stay->payable -= 100;
    world_add(yard->world, record);
}

static inline void yard_amend(struct yard_world *yard, uint32_t number, enum stay_change change)
{
    struct yard_stay *stay = &yard->stays[number];
    struct record record = {.kind = RECORD_STAY_AMENDED};
    struct record_stay_amended *amended = &record.stay_amended;

    amended->lot = stay->lot;
    amended->change = change;
    amended->bay = change == STAY_PARKED ? world_random(yard->world, WORLD_BAYS) : PLAN_NONE;
    amended->entered = stay->entered;
    yard_id(amended->stay, 'S', number);
    if (change == STAY_PLATE)
        yard_plate(stay->plate, world_random(yard->world, YARD_PLATES));
    strcpy(amended->plate, stay->plate);
    stay->open = stay->open || change == STAY_REVERTED;
    world_add(yard->world, record);
}

static inline void yard_leave(struct yard_world *yard, uint32_t number)
{
    struct yard_stay *stay = &yard->stays[number];
    struct record record = {.kind = RECORD_STAY_CLOSED};
    struct record_stay_closed *closed = &record.stay_closed;
    int64_t net = stay->received - stay->refunded;

    yard_command(yard, 2 * stay->lot + 1, number, world_random(yard->world, 20) == 0);
    yard_passage(yard, 2 * stay->lot + 1, number);
    closed->lot = stay->lot;
    closed->bay = PLAN_NONE;
    closed->lane = 2 * stay->lot + 1;
    yard_id(closed->stay, 'S', number);
    yard_id(closed->passage, 'P', yard->passages);
    strcpy(closed->plate, stay->plate);
    closed->entered = stay->entered;
    closed->outcome = stay->payable > net ? OUTCOME_UNPAID : net > 0 ? OUTCOME_PAID : OUTCOME_FREE;
    closed->money = yard_money(stay->payable);
    closed->received_fen = net;
    strcpy(closed->tariff, "usual");
    strcpy(closed->version, "2024-07-01");
    stay->outcome = closed->outcome;
    stay->open = false;
    stay->left.ms = yard->world->at_ms;
    world_add(yard->world, record);
}

/* Something about a stay that there is. */
static inline void yard_stay_happens(struct yard_world *yard)
{
    uint32_t number = world_random(yard->world, yard->stays_count);
    bool open = yard->stays[number].open;

    switch (world_random(yard->world, 10)) {
    case 0:
    case 1:
        yard_order(yard, number);
        break;
    case 2:
    case 3:
        yard_pay(yard, number);
        break;
    case 4:
        yard_refund(yard, number);
        break;
    case 5:
        yard_amend(yard, number, world_random(yard->world, 2) ? STAY_PLATE : STAY_PARKED);
        break;
    case 6:
        if (!open && yard->stays[number].left.ms > yard->world->at_ms - YARD_REOPEN_MS)
            yard_amend(yard, number, STAY_REVERTED);
        break;
    default:
        if (open)
            yard_leave(yard, number);
    }
}

static inline void yard_list(struct yard_world *yard)
{
    uint32_t number = world_random(yard->world, YARD_PLATES);
    struct record record = {.kind = RECORD_LIST, .list = {.lot = PLAN_NONE}};

    yard->listed[number] = !yard->listed[number];
    record.list.on = yard->listed[number];
    yard_plate(record.list.plate, number);
    world_add(yard->world, record);
}

static inline void yard_shift(struct yard_world *yard)
{
    uint32_t number = yard->shifts % YARD_SHIFTS;
    struct record record = {.kind = RECORD_SHIFT, .shift = {.lot = PLAN_NONE, .cashier = "li"}};

    record.shift.event = yard->shift_open[number] ? SHIFT_CLOSED : SHIFT_OPENED;
    yard_id(record.shift.shift, 'F', yard->shifts);
    yard->shift_open[number] = !yard->shift_open[number];
    yard->shifts += !yard->shift_open[number] || world_random(yard->world, 2);
    world_add(yard->world, record);
}

static inline void yard_occupancy(struct yard_world *yard, uint32_t lot)
{
    struct record record = {.kind = RECORD_OCCUPANCY};

    record.occupancy.lot = lot;
    record.occupancy.event = OCCUPANCY_ANCHOR;
    record.occupancy.lane = PLAN_NONE;
    record.occupancy.inside = record.occupancy.low = record.occupancy.high = yard->inside[lot];
    world_add(yard->world, record);
}

static inline void yard_lane_happens(struct yard_world *yard)
{
    uint32_t lane = world_random(yard->world, WORLD_LANES);
    struct record read = {.kind = RECORD_PLATE_READ, .plate_read = {.lane = lane}};
    struct record mode = {.kind = RECORD_LANE, .lane = {.lane = lane}};
    struct record opening = {.kind = RECORD_OPENING, .opening = {.lane = lane, .openings = 1}};
    struct record step = {.kind = RECORD_CLOCK_STEP};

    switch (world_random(yard->world, 5)) {
    case 0:
        mode.lane.mode = (enum lane_mode)world_random(yard->world, LANE_MODES);
        world_add(yard->world, mode);
        break;
    case 1:
        opening.opening.counter = ++yard->counters[lane];
        world_add(yard->world, opening);
        break;
    case 2:
        step.clock_step.delta_ms = world_random(yard->world, 10000);
        world_add(yard->world, step);
        break;
    case 3:
        yard_occupancy(yard, lane / 2);
        break;
    default:
        yard_id(read.plate_read.event, 'E', ++yard->reads);
        world_add(yard->world, read);
    }
}

/* One thing, of at most eight records. */
static inline void yard_happen(struct yard_world *yard)
{
    switch (world_random(yard->world, 12)) {
    case 0:
    case 1:
    case 2:
        yard_arrive(yard);
        break;
    case 3:
        yard_list(yard);
        break;
    case 4:
        yard_shift(yard);
        break;
    case 5:
    case 6:
        yard_lane_happens(yard);
        break;
    case 7:
        world_happen(yard->world);
        break;
    default:
        if (yard->stays_count)
            yard_stay_happens(yard);
    }
}

#endif
