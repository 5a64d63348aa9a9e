/*
 * Months of a lot's cars and money at random, from a seed: entries, exits, misreads that are put
 * right, payments that come twice, late, too much or for an old order, refunds, coupons, passes,
 * evacuations, steps of the clock, shifts, exits that are reverted, and restarts, after which the
 * stays are rebuilt from their records alone. Beside it a slow book is kept from what was done, not
 * from what was recorded. Rules 10 to 13 must hold to the fen, and the rebuilt stays be the same as
 * the live ones. Usage: simulate_stays [SEED [MONTHS]]
 */
/* long: a simulation and its slow book are read together */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/stays.h"
#include "tests/simulate/seeded.h"

enum {
    CARS = 60,
    LISTED = 15 /* of the cars come onto lists */,
    ROOM = 4000,
    STAYS = 3000,
    RECORDS = 60000,
    STEPS = 9000,
    SHIFTS = 200
};
enum { HOUR_S = 3600, FREE_S = 900, PRICE_FEN = 150, DAYS = 32, MINUTE = 60000 };
static const int64_t begin_ms = INT64_C(1709251200000); /* 2024-03-01 */

/* One stay in the slow book. */
struct booked {
    char id[IDENT_SIZE];
    int64_t entered_ms; /* by a clock that nobody moves */
    int64_t in_fen, back_fen;
    bool plain; /* nothing but time bears on its price */
    bool closed, forced;
    enum vehicle_class class;
    char order[IDENT_SIZE]; /* some older one */
};

struct world {
    struct seeded random;
    uint64_t seed;
    uint32_t failed;
    int64_t true_ms, offset_ms; /* the wall clock shows their sum */
    struct site_plan plan;
    struct lot_plan lots[1];
    struct tariff tariff;
    struct tariff_window window;
    struct tariff_step step;
    struct tariff_free free_time;
    struct tariff_share half;
    struct tariff_calendar calendar;
    const struct tariff *version;
    struct tariff_book book;
    struct ident ident;
    struct stays *stays;
    struct record *records;
    uint32_t count;
    struct booked *booked;
    uint32_t booked_count;
    int64_t day_fen[DAYS][PAY_CHANNELS];
    char shift[IDENT_SIZE];
    int64_t shift_fen;
    uint32_t departures, number;
};

static void tell(struct world *w, const char *what, const char *stay, int64_t got, int64_t expected)
{
    if (w->failed++ < 20)
        printf("FAILED seed %llu %s: stay %s: %lld, expected %lld\n", (unsigned long long)w->seed,
               what, stay, (long long)got, (long long)expected);
}

static void same(struct world *w, const char *what, const char *stay, int64_t got, int64_t expected)
{
    if (got != expected)
        tell(w, what, stay, got, expected);
}

static uint64_t below(struct world *w, uint64_t limit)
{
    return seeded_below(&w->random, limit);
}

static utc_ms wall(const struct world *w)
{
    return (utc_ms){w->true_ms + w->offset_ms};
}

static void put(void *arg, const struct record *record)
{
    struct world *w = arg;

    if (w->count == RECORDS)
        abort();
    w->records[w->count++] = *record;
}

static struct record_sink sink(struct world *w)
{
    return (struct record_sink){put, w};
}

static void make_tariff(struct world *w)
{
    w->step = (struct tariff_step){.unit_s = HOUR_S, .price_fen = PRICE_FEN};
    w->window = (struct tariff_window){.days = TARIFF_DAYS_ALL,
                                       .classes = VEHICLE_ALL,
                                       .to_s = 86400,
                                       .last_day = -1,
                                       .steps = &w->step,
                                       .steps_count = 1,
                                       .cap_fen = TARIFF_NONE,
                                       .cap_s = TARIFF_NONE,
                                       .cap_units = TARIFF_NONE};
    w->free_time = (struct tariff_free){.classes = VEHICLE_ALL, .limit_s = FREE_S};
    w->half = (struct tariff_share){.classes = VEHICLE_BIT(VEHICLE_NEV), .number = 1, .part = 2};
    w->tariff = (struct tariff){.id = "hourly",
                                .version = "1",
                                .currency = "CNY",
                                .exponent = 2,
                                .valid_from = INT32_MIN,
                                .leave_s = FREE_S,
                                .frees = &w->free_time,
                                .frees_count = 1,
                                .reliefs = &w->half,
                                .reliefs_count = 1,
                                .money_step = 1,
                                .parts_count = 1};
    w->tariff.parts[0] =
        (struct tariff_part){.cycle_s = 86400, .windows = &w->window, .windows_count = 1};
    for (uint32_t class = 0; class < VEHICLE_CLASSES; class ++)
        w->tariff.same_as[class] = class;
    tariff_prepare(&w->tariff);
    w->version = &w->tariff;
    w->book = (struct tariff_book){&w->version, 1, &civil_utc, &w->calendar};
}

/* The fee as one would count it on paper: hours begun, half for new energy. */
static int64_t slow_fee(const struct booked *b, int64_t left_ms)
{
    int64_t seconds = left_ms / 1000 - b->entered_ms / 1000, fen = 0;

    if (seconds <= FREE_S)
        return 0;
    for (; seconds > 0; seconds -= HOUR_S)
        fen += PRICE_FEN;
    return b->class == VEHICLE_NEV ? fen / 2 : fen;
}

static struct booked *some_stay(struct world *w)
{
    uint32_t recent = w->booked_count < 40 ? w->booked_count : 40;

    return recent == 0 ? NULL : &w->booked[w->booked_count - 1 - below(w, recent)];
}

static void plate_of(uint32_t car, char plate[PLATE_SIZE])
{
    snprintf(plate, PLATE_SIZE, "粤B%05u", car);
}

static void enter(struct world *w)
{
    struct stay_arrival arrival = {.bay = PLAN_NONE, .lane = PLAN_NONE, .at = wall(w)};
    uint32_t car = (uint32_t)below(w, CARS);

    if (w->booked_count == STAYS)
        return;
    struct booked *b = &w->booked[w->booked_count++];
    plate_of(car, arrival.plate);
    arrival.class = below(w, 4) ? VEHICLE_SMALL : VEHICLE_NEV;
    *b = (struct booked){.entered_ms = w->true_ms, .class = arrival.class, .plain = car >= LISTED};
    stays_arrive(w->stays, &arrival, sink(w), b->id);
}

static void leave(struct world *w)
{
    static const enum stay_outcome forced[] = {OUTCOME_RELEASED, OUTCOME_VOID};
    struct booked *b = some_stay(w);
    struct stay_departure departure = {.lane = PLAN_NONE, .at = wall(w)};

    if (!b || b->closed)
        return;
    b->forced = departure.forced = below(w, 20) == 0;
    departure.outcome = forced[below(w, 2)];
    text_copy(departure.stay, sizeof departure.stay, b->id);
    enum stay_outcome outcome = stays_leave(w->stays, &departure, sink(w));
    b->closed = true;
    w->departures++;
    const struct record_stay_closed *r = &w->records[w->count - 1].stay_closed;
    int64_t fee = slow_fee(b, w->true_ms), received = b->in_fen - b->back_fen;
    if (outcome >= OUTCOMES)
        tell(w, "no outcome", b->id, outcome, 0);
    if (r->money.payable_fen > fee)
        tell(w, "dearer than on paper", b->id, r->money.payable_fen, fee);
    if (b->plain && !b->forced && b->in_fen == 0)
        same(w, "the fee", b->id, r->money.payable_fen, fee);
    same(w, "received", b->id, r->received_fen, received);
    if (!b->forced)
        same(w, "unpaid", b->id, outcome == OUTCOME_UNPAID, r->money.payable_fen > received);
    if (outcome == OUTCOME_VOID)
        same(w, "void", b->id, r->money.payable_fen, 0);
}

static void pay(struct world *w)
{
    struct booked *b = some_stay(w);
    struct money_in money = {.channel = (enum pay_channel)below(w, PAY_CHANNELS), .at = wall(w)};
    struct stay_price price;
    const char *why;
    bool again;

    if (!b)
        return;
    stays_order(w->stays, b->id, wall(w), sink(w), &price);
    money.amount_fen = below(w, 3) ? price.due_fen : (int64_t)below(w, 1000);
    if (b->order[0] && below(w, 3) == 0)
        text_copy(money.order, sizeof money.order, b->order);
    else
        text_copy(money.stay, sizeof money.stay, b->id);
    text_copy(b->order, sizeof b->order, stays_find(w->stays, b->id)->order);
    if (money.channel == CHANNEL_CASH)
        text_copy(money.actor, sizeof money.actor, "wang");
    snprintf(money.transaction, sizeof money.transaction, "t%u", w->number++);
    for (uint64_t times = 1 + below(w, 3); times > 0; times--) {
        if (!stays_pay(w->stays, &money, sink(w), &again, &why) || again)
            continue;
        b->in_fen += money.amount_fen;
        w->day_fen[(money.at.ms - begin_ms) / 86400000 + 1][money.channel] += money.amount_fen;
        if (money.channel == CHANNEL_CASH && w->shift[0])
            w->shift_fen += money.amount_fen;
    }
}

static void refund(struct world *w)
{
    struct booked *b = some_stay(w);
    const struct stay *stay = b ? stays_find(w->stays, b->id) : NULL;
    struct money_back money = {.actor = "wang", .reason = "so", .at = wall(w)};
    const char *why;
    bool again;

    if (!stay || !stay->payments || stay->payments->fen < 0)
        return;
    const struct stay_payment *of = stay->payments;
    money.amount_fen = 1 + (int64_t)below(w, 400);
    text_copy(money.payment, sizeof money.payment, of->payment);
    snprintf(money.transaction, sizeof money.transaction, "r%u", w->number++);
    for (uint64_t times = 1 + below(w, 2); times > 0; times--) {
        if (!stays_refund(w->stays, &money, sink(w), &again, &why) || again)
            continue;
        b->back_fen += money.amount_fen;
        w->day_fen[(money.at.ms - begin_ms) / 86400000 + 1][of->channel] -= money.amount_fen;
        if (of->channel == CHANNEL_CASH && w->shift[0])
            w->shift_fen -= money.amount_fen;
    }
    if (b->back_fen > b->in_fen)
        tell(w, "more is given back than was paid", b->id, b->back_fen, b->in_fen);
}

static void amend(struct world *w)
{
    struct booked *b = some_stay(w);
    struct record_stay_amended change = {0};
    const char *why;

    if (!b)
        return;
    text_copy(change.stay, sizeof change.stay, b->id);
    change.change =
        (enum stay_change[]){STAY_PLATE, STAY_CLASS, STAY_REVERTED, STAY_FROZEN}[below(w, 4)];
    change.class = below(w, 2) ? VEHICLE_SMALL : VEHICLE_NEV;
    change.until.ms = wall(w).ms + MINUTE * (int64_t)(1 + below(w, 300));
    plate_of((uint32_t)below(w, CARS), change.plate);
    if (!stays_amend(w->stays, &change, wall(w), sink(w), &why))
        return;
    if (change.change == STAY_REVERTED) {
        b->closed = false;
        w->departures--;
    }
    if (change.change == STAY_CLASS)
        b->class = change.class;
    b->plain = b->plain && change.change == STAY_CLASS;
}

static void coupon(struct world *w)
{
    struct booked *b = some_stay(w);
    struct record_coupon change = {.kind = (enum coupon_kind)below(w, COUPON_KINDS)};
    const char *why;

    if (!b)
        return;
    text_copy(change.stay, sizeof change.stay, b->id);
    snprintf(change.coupon, sizeof change.coupon, "c%u", w->number++);
    change.value = 1 + (int64_t)below(w, 100);
    if (stays_coupon(w->stays, &change, wall(w), sink(w), &why))
        b->plain = false;
}

static void list(struct world *w)
{
    struct record_list change = {.list = (enum list_kind)below(w, LIST_KINDS),
                                 .on = below(w, 3) > 0,
                                 .lot = below(w, 2) ? 0 : PLAN_NONE,
                                 .from = wall(w)};
    const char *why;

    plate_of((uint32_t)below(w, LISTED), change.plate);
    change.until.ms = below(w, 2) ? wall(w).ms + MINUTE * (int64_t)(1 + below(w, 9000)) : 0;
    if (below(w, 2)) {
        text_copy(change.group, sizeof change.group, "firm");
        change.bays = 1 + (uint32_t)below(w, 3);
    }
    stays_list(w->stays, &change, wall(w), sink(w), &why);
}

/* A step of the clock: what is true goes on; no fee may rise by it. Whole seconds, so that the slow
 * book cuts the same fractions. */
static void step_clock(struct world *w)
{
    struct record record = {.kind = RECORD_CLOCK_STEP};

    record.clock_step.delta_ms = 1000 * seeded_between(&w->random, -3000, 3000);
    if (below(w, 2)) /* back towards the truth */
        record.clock_step.delta_ms = -w->offset_ms;
    w->offset_ms += record.clock_step.delta_ms;
    record.at = wall(w);
    put(w, &record);
    stays_apply(w->stays, &record);
    for (uint32_t i = 0; i < w->booked_count; i++)
        if (!w->booked[i].closed)
            w->booked[i].plain = false;
}

static void shift(struct world *w)
{
    struct record_shift change = {.lot = PLAN_NONE, .cashier = "wang", .float_fen = 5000};
    char id[IDENT_SIZE];
    const char *why;

    if (w->shift[0]) {
        change.event = SHIFT_CLOSED;
        text_copy(change.witness, sizeof change.witness, "zhao");
        change.counted_fen = 100;
        text_copy(change.denominations, sizeof change.denominations, "1x1");
        text_copy(change.reason, sizeof change.reason, "counted in haste");
    }
    if (!stays_shift(w->stays, &change, wall(w), sink(w), id, &why)) {
        tell(w, why, id, 0, 1);
        return;
    }
    if (w->shift[0])
        same(w, "cash of the shift", id, w->records[w->count - 1].shift.expected_fen, w->shift_fen);
    text_copy(w->shift, sizeof w->shift, w->shift[0] ? "" : id);
    w->shift_fen = 5000;
}

static void compare(struct world *w, const struct stays *other, const char *id)
{
    const struct stay *a = stays_find(w->stays, id), *b = stays_find(other, id);
    struct stay_price mine, theirs;

    if (!a || !b) {
        tell(w, "is not there after a start", id, b != NULL, a != NULL);
        return;
    }
    struct stay left = *a, right = *b;
    left.payments = right.payments = NULL;
    same(w, "differs after a start", id, memcmp(&left, &right, sizeof left), 0);
    stays_price(w->stays, id, wall(w), NULL, &mine);
    stays_price(other, id, wall(w), NULL, &theirs);
    same(w, "price after a start", id, memcmp(&mine, &theirs, sizeof mine), 0);
}

static void restart(struct world *w)
{
    struct stays *rebuilt = stays_create(&w->plan, &w->ident, ROOM);
    struct plate_standing mine, theirs;
    char plate[PLATE_SIZE];

    for (uint32_t i = 0; i < w->count; i++)
        stays_apply(rebuilt, &w->records[i]);
    for (uint32_t i = 0; i < w->booked_count; i++)
        compare(w, rebuilt, w->booked[i].id);
    for (uint32_t car = 0; car < CARS; car++) {
        plate_of(car, plate);
        stays_standing(w->stays, 0, plate, VEHICLE_SMALL, wall(w), &mine);
        stays_standing(rebuilt, 0, plate, VEHICLE_SMALL, wall(w), &theirs);
        same(w, "standing after a start", plate, memcmp(&mine, &theirs, sizeof mine), 0);
    }
    stays_destroy(w->stays);
    w->stays = rebuilt;
}

/* The slow book against the fold and the records. */
static void check_books(struct world *w)
{
    int64_t by_day[DAYS][PAY_CHANNELS] = {0}, payable = 0, received = 0, arrears = 0;
    uint32_t outcomes[OUTCOMES] = {0}, ended = 0;

    for (uint32_t i = 0; i < w->booked_count; i++) {
        const struct booked *b = &w->booked[i];
        const struct stay *stay = stays_find(w->stays, b->id);

        same(w, "received by the fold", b->id, stay->received_fen, b->in_fen - b->back_fen);
        same(w, "closed", b->id, stay->closed, b->closed);
        if (!b->closed)
            continue;
        outcomes[stay->outcome]++;
        payable += stay->money.payable_fen;
        received += b->in_fen - b->back_fen;
        arrears += stay_arrears(stay);
    }
    for (uint32_t i = 0; i < w->count; i++) {
        const struct record *r = &w->records[i];
        const struct money_chain *m =
            r->kind == RECORD_ORDER ? &r->order.money : &r->stay_closed.money;
        int64_t day = (r->at.ms - begin_ms) / 86400000 + 1;

        if (r->kind == RECORD_PAYMENT)
            by_day[day][r->payment.channel] += r->payment.amount_fen;
        if (r->kind == RECORD_REFUND)
            by_day[day][r->refund.channel] -= r->refund.amount_fen;
        if (r->kind != RECORD_STAY_CLOSED && r->kind != RECORD_ORDER)
            continue;
        same(w, "the chain", "",
             m->receivable_fen - m->relief_pass_fen - m->relief_class_fen - m->relief_coupon_fen -
                 m->relief_other_fen,
             m->payable_fen);
        if (m->relief_pass_fen < 0 || m->relief_class_fen < 0 || m->relief_coupon_fen < 0 ||
            m->relief_other_fen < 0 || m->payable_fen < 0)
            tell(w, "a relief below nothing", "", m->payable_fen, 0);
    }
    for (uint32_t i = 0; i < OUTCOMES; i++)
        ended += outcomes[i];
    same(w, "outcomes add up to the departures", "", ended, w->departures);
    same(w, "payable = received - refunds + arrears", "", payable, received + arrears);
    same(w, "days and channels", "", memcmp(by_day, w->day_fen, sizeof by_day), 0);
    same(w, "inside", "", stays_inside(w->stays, 0, VEHICLE_ALL), w->booked_count - ended);
}

static void step(struct world *w)
{
    static const struct {
        uint32_t weight;
        void (*act)(struct world *w);
    } acts[] = {{300, enter}, {330, leave}, {250, pay},      {60, refund}, {60, amend},
                {40, coupon}, {20, list},   {2, step_clock}, {10, shift},  {1, restart}};
    uint64_t pick = below(w, 1073);
    size_t i = 0;

    for (; pick >= acts[i].weight; i++)
        pick -= acts[i].weight;
    w->true_ms += (int64_t)below(w, 9 * MINUTE);
    acts[i].act(w);
}

static bool run_month(uint64_t seed)
{
    static struct world w;

    w = (struct world){.random = seeded_from(seed), .seed = seed, .true_ms = begin_ms};
    make_tariff(&w);
    w.lots[0] = (struct lot_plan){.id = "A",
                                  .policy = {.stays = STAYS_FROM_LANES,
                                             .tariff = &w.book,
                                             .leave_ms = FREE_S * 1000,
                                             .exempt = VEHICLE_BIT(VEHICLE_FIRE)}};
    w.plan = (struct site_plan){.id = "sim", .lots = w.lots, .lots_count = 1};
    w.records = memory_new(RECORDS, sizeof *w.records);
    w.booked = memory_new(STAYS, sizeof *w.booked);
    w.stays = stays_create(&w.plan, &w.ident, ROOM);
    for (int i = 0; i < STEPS && w.true_ms < begin_ms + INT64_C(30) * 86400000; i++)
        step(&w);
    check_books(&w);
    restart(&w);
    check_books(&w);
    stays_destroy(w.stays);
    free(w.booked);
    free(w.records);
    return w.failed == 0;
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t months = argc > 2 ? strtoull(argv[2], NULL, 10) : 20, failed = 0;

    printf("seed %llu, %llu months\n", (unsigned long long)seed, (unsigned long long)months);
    for (uint64_t i = 0; i < months; i++)
        failed += !run_month(seed + i);
    printf("%llu passed, %llu failed\n", (unsigned long long)(months - failed),
           (unsigned long long)failed);
    return failed > 0;
}
