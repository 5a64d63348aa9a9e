/* Stays and their money: what they come to, what is paid, put right and given back. */
#include "tests/unit/stays_bench.h"

static void a_stay_that_pays_within_its_time_leaves_paid(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤B12345", 0);
    struct stay_price price;

    assert_true(stays_order(b->stays, id, bench_at(90), bench_sink(b), &price));
    const struct record_order *order = &bench_last(b, RECORD_ORDER)->order;
    assert_int_equal(order->due_fen, 200);
    assert_int_equal(order->until.ms,
                     bench_at(120).ms + 1000); /* the hour's last second is in it */
    assert_true(bench_pay(b, id, 200, "wx1", 91));
    assert_int_equal(bench_last(b, RECORD_PAYMENT)->payment.leave_by.ms, bench_at(106).ms);
    assert_int_equal(bench_price(b, id, 106).due_fen, 0);
    assert_int_equal(bench_leave(b, id, 106), OUTCOME_PAID);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.money.payable_fen, 200);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.received_fen, 200);
    assert_string_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.tariff, "fixture");
}

static void the_leave_window_holds_the_price_over_the_hour(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤B12345", 0);

    assert_true(bench_pay(b, id, 200, "wx1", 119));
    assert_int_equal(bench_price(b, id, 134).due_fen, 0);
    assert_int_equal(bench_price(b, id, 135).due_fen, 100);
    assert_int_equal(bench_leave(b, id, 135), OUTCOME_UNPAID);
    assert_int_equal(stay_arrears(stays_find(b->stays, id)), 100);
}

static void money_that_is_told_twice_is_one_payment(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤B12345", 0);

    assert_true(bench_pay(b, id, 100, "wx1", 30));
    assert_false(b->again);
    uint32_t count = b->count;
    assert_true(bench_pay(b, id, 100, "wx1", 31));
    assert_true(b->again);
    assert_int_equal(b->count, count);
    bench_rebuild(b);
    assert_true(bench_pay(b, id, 100, "wx1", 32));
    assert_true(b->again);
    assert_true(bench_pay(b, id, 100, "wx2", 33));
    assert_false(b->again);
    assert_int_equal(stays_find(b->stays, id)->received_fen, 200);
}

static void the_same_number_of_another_channel_is_other_money(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤B12345", 0);
    struct money_in cash = {.amount_fen = 100, .channel = CHANNEL_CASH, .transaction = "1"};

    assert_true(bench_pay(b, id, 100, "1", 30));
    text_copy(cash.stay, sizeof cash.stay, id);
    cash.at = bench_at(31);
    assert_true(stays_pay(b->stays, &cash, bench_sink(b), &b->again, &b->why));
    assert_false(b->again);
}

static void cash_without_a_number_is_paid_each_time(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤B12345", 0);

    assert_true(bench_pay(b, id, 50, "", 30));
    assert_true(bench_pay(b, id, 50, "", 30));
    assert_false(b->again);
    assert_int_equal(stays_find(b->stays, id)->received_fen, 100);
}

static void a_newer_order_replaces_and_the_older_still_counts(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤B12345", 0);
    struct stay_price price;
    struct money_in money = {.amount_fen = 100, .transaction = "late"};

    stays_order(b->stays, id, bench_at(30), bench_sink(b), &price);
    text_copy(money.order, sizeof money.order, stays_find(b->stays, id)->order);
    uint32_t count = b->count;
    stays_order(b->stays, id, bench_at(40), bench_sink(b), &price);
    assert_int_equal(b->count, count); /* it demands the same, and holds */
    stays_order(b->stays, id, bench_at(70), bench_sink(b), &price);
    assert_int_equal(b->count, count + 1);
    assert_string_not_equal(stays_find(b->stays, id)->order, money.order);
    assert_int_equal(price.due_fen, 200);
    money.at = bench_at(71);
    assert_true(stays_pay(b->stays, &money, bench_sink(b), &b->again, &b->why));
    assert_int_equal(bench_last(b, RECORD_PAYMENT)->payment.leave_by.ms, 0);
    assert_int_equal(bench_price(b, id, 72).due_fen, 100);
}

static void nothing_is_demanded_where_nothing_is_due(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤B12345", 0);
    struct stay_price price;

    assert_false(stays_order(b->stays, "none", bench_at(0), bench_sink(b), &price));
    bench_pay(b, id, 500, "wx1", 10);
    assert_true(stays_order(b->stays, id, bench_at(20), bench_sink(b), &price));
    bench_last(b, RECORD_PAYMENT);
    assert_int_equal(price.due_fen, 0);
}

static void what_is_paid_too_much_can_be_given_back_and_no_more(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤B12345", 0);
    char payment[IDENT_SIZE];

    bench_pay(b, id, 500, "wx1", 30);
    text_copy(payment, sizeof payment, bench_last(b, RECORD_PAYMENT)->payment.payment);
    assert_int_equal(bench_leave(b, id, 31), OUTCOME_PAID);
    assert_int_equal(stay_arrears(stays_find(b->stays, id)), -400);
    assert_false(bench_refund(b, payment, 501, "r0", 32));
    assert_false(bench_refund(b, "none", 1, "r0", 32));
    assert_false(bench_refund(b, payment, 0, "r0", 32));
    assert_true(bench_refund(b, payment, 300, "r1", 33));
    assert_true(bench_refund(b, payment, 300, "r1", 34));
    assert_true(b->again);
    assert_true(bench_refund(b, payment, 100, "r2", 35));
    assert_false(bench_refund(b, payment, 101, "r3", 36));
    assert_int_equal(stay_arrears(stays_find(b->stays, id)), 0);
    assert_true(bench_refund(b, payment, 100, "r4", 37)); /* beyond the credit: it owes again */
    assert_int_equal(stay_arrears(stays_find(b->stays, id)), 100);
    assert_false(bench_refund(b, payment, 1, "r5", 38));
    assert_false(bench_refund(b, bench_last(b, RECORD_REFUND)->refund.refund, 1, "r6", 39));
}

static void a_refund_ends_the_time_to_leave(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤B12345", 0);

    b->tariff.tariffs[0].leave_s = HOUR;
    bench_pay(b, id, 100, "wx1", 59);
    assert_true(bench_refund(b, bench_last(b, RECORD_PAYMENT)->payment.payment, 50, "r1", 60));
    assert_int_equal(bench_price(b, id, 62).due_fen, 150);
}

static void payments_that_cannot_be_are_refused(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤B12345", 0);
    struct money_in money = {.amount_fen = 100, .shift = "NONE", .at = bench_at(1)};

    assert_false(bench_pay(b, id, 0, "a", 1));
    assert_false(bench_pay(b, id, -5, "a", 1));
    assert_false(bench_pay(b, id, INT64_MAX, "a", 1));
    assert_false(bench_pay(b, "none", 5, "a", 1));
    assert_false(bench_pay(b, "", 5, "a", 1));
    text_copy(money.stay, sizeof money.stay, id);
    assert_false(stays_pay(b->stays, &money, bench_sink(b), &b->again, &b->why));
    assert_string_equal(b->why, "the shift is not open");
    for (int i = 0; i < STAY_PAYMENTS; i++)
        assert_true(bench_pay(b, id, 1, "", 1));
    assert_false(bench_pay(b, id, 1, "", 1));
    bench_last(b, RECORD_PAYMENT);
    assert_false(bench_refund(b, stays_find(b->stays, id)->payments->payment, 1, "r", 2));
}

static void arrears_are_demanded_and_repaid_after_the_exit(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤B12345", 0);
    struct plate_standing standing;
    struct stay_price price;

    assert_int_equal(bench_leave(b, id, 150), OUTCOME_UNPAID);
    stays_standing(b->stays, LOT_B, "粤B12345", VEHICLE_SMALL, bench_at(200), &standing);
    assert_int_equal(standing.arrears_fen, 300);
    assert_true(stays_order(b->stays, id, bench_at(300), bench_sink(b), &price));
    assert_true(bench_last(b, RECORD_ORDER)->order.final);
    assert_int_equal(bench_last(b, RECORD_ORDER)->order.due_fen, 300);
    uint32_t count = b->count;
    stays_order(b->stays, id, bench_at(400), bench_sink(b), &price);
    assert_int_equal(b->count, count);
    assert_true(bench_pay(b, id, 300, "wx1", 500));
    assert_int_equal(bench_last(b, RECORD_PAYMENT)->payment.when, PAID_AFTER);
    assert_int_equal(bench_last(b, RECORD_PAYMENT)->payment.leave_by.ms, 0);
    stays_standing(b->stays, LOT_B, "粤B12345", VEHICLE_SMALL, bench_at(600), &standing);
    assert_int_equal(standing.arrears_fen, 0);
    assert_int_equal(stays_find(b->stays, id)->outcome, OUTCOME_UNPAID); /* as it left */
}

static void each_way_to_end_is_one_outcome(void **state)
{
    struct bench *b = *state;
    const char *id;

    b->site.lots[LOT_A].policy.exempt = VEHICLE_BIT(VEHICLE_POLICE);
    b->tariff.tariffs[0].frees_count = 1;
    b->tariff.frees[0] = (struct tariff_free){.classes = VEHICLE_ALL, .limit_s = 600};
    tariff_prepare(&b->tariff.tariffs[0]);
    bench_list(b, PLATES_PASS, "粤PASS01", 0, 0);
    bench_list(b, PLATES_EXEMPT, "粤EX0001", 0, 0);
    assert_int_equal(bench_leave(b, bench_arrive(b, "粤A00001", 0), 10), OUTCOME_FREE);
    assert_int_equal(bench_leave(b, bench_arrive(b, "粤A00002", 0), 11), OUTCOME_UNPAID);
    assert_int_equal(bench_leave(b, bench_arrive(b, "粤PASS01", 5), 300), OUTCOME_PASS);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.money.relief_pass_fen, 500);
    assert_int_equal(bench_leave(b, bench_arrive(b, "粤EX0001", 5), 300), OUTCOME_EXEMPT);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.money.relief_class_fen, 500);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.kind, STAY_EXEMPT);
    id = bench_arrive(b, "粤A00003", 0);
    assert_int_equal(bench_force(b, id, 90, OUTCOME_RELEASED), OUTCOME_RELEASED);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.money.relief_other_fen, 200);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.money.payable_fen, 0);
    id = bench_arrive(b, "粤A00004", 0);
    assert_int_equal(bench_force(b, id, 90, OUTCOME_VOID), OUTCOME_VOID);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.money.receivable_fen, 0);
    id = bench_arrive(b, "粤A00005", 0);
    assert_int_equal(bench_force(b, id, 90, OUTCOME_FREE), OUTCOME_UNPAID); /* not theirs to say */
    assert_int_equal(bench_leave(b, id, 91), OUTCOMES);                     /* it has left */
    assert_int_equal(bench_leave(b, "none", 91), OUTCOMES);
}

static void a_release_keeps_what_was_paid(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A00003", 0);

    bench_pay(b, id, 100, "wx1", 10);
    assert_int_equal(bench_force(b, id, 190, OUTCOME_RELEASED), OUTCOME_RELEASED);
    const struct record_stay_closed *r = &bench_last(b, RECORD_STAY_CLOSED)->stay_closed;
    assert_int_equal(r->money.receivable_fen, 400);
    assert_int_equal(r->money.relief_other_fen, 300);
    assert_int_equal(r->money.payable_fen, 100);
    assert_string_equal(r->actor, "li");
    assert_int_equal(stay_arrears(stays_find(b->stays, id)), 0);
}

static void a_release_of_what_is_paid_waives_nothing(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A00003", 0);

    bench_pay(b, id, 900, "wx1", 10);
    bench_force(b, id, 190, OUTCOME_RELEASED);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.money.relief_other_fen, 0);
}

static void a_lot_without_a_tariff_charges_nothing(void **state)
{
    struct bench *b = *state;

    b->site.lots[LOT_A].policy.tariff = NULL;
    const char *id = bench_arrive(b, "粤A00003", 0);
    assert_int_equal(bench_price(b, id, 9000).due_fen, 0);
    assert_int_equal(bench_leave(b, id, 9000), OUTCOME_FREE);
}

static void a_price_that_is_left_to_staff_is_released_with_the_reason(void **state)
{
    struct bench *b = *state;
    struct stay_arrival arrival = {
        .bay = PLAN_NONE, .lane = 1, .plate = "粤A1", .entry_missing = true, .at = bench_at(0)};
    char id[IDENT_SIZE];

    b->tariff.tariffs[0].missing = TARIFF_MISSING_MANUAL;
    stays_arrive(b->stays, &arrival, bench_sink(b), id);
    assert_true(bench_price(b, id, 5).manual);
    bench_pay(b, id, 100, "wx1", 4);
    assert_int_equal(bench_last(b, RECORD_PAYMENT)->payment.leave_by.ms, 0);
    assert_int_equal(bench_leave(b, id, 5), OUTCOME_RELEASED);
    assert_string_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.actor, "tariff");
    stays_arrive(b->stays, &arrival, bench_sink(b), id);
    bench_force(b, id, 6, OUTCOME_RELEASED);
    assert_string_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.actor, "li");
}

static void reliefs_stand_in_the_chain_by_their_kind(void **state)
{
    struct bench *b = *state;
    struct stay_arrival arrival = {
        .bay = PLAN_NONE, .lane = 0, .plate = "粤BD12345", .class = VEHICLE_NEV, .at = bench_at(0)};
    struct record_coupon coupon = {.coupon = "c1", .kind = COUPON_AMOUNT, .value = 50};
    char id[IDENT_SIZE];

    b->tariff.tariffs[0].reliefs_count = 1;
    b->tariff.shares[0] =
        (struct tariff_share){.classes = VEHICLE_BIT(VEHICLE_NEV), .number = 1, .part = 2};
    bench_list(b, PLATES_PASS, "粤BD12345", 0, 60);
    stays_arrive(b->stays, &arrival, bench_sink(b), id);
    text_copy(coupon.stay, sizeof coupon.stay, id);
    assert_true(stays_coupon(b->stays, &coupon, bench_at(1), bench_sink(b), &b->why));
    assert_true(bench_amend(
        b, id, 240, (struct record_stay_amended){.change = STAY_FROZEN, .until = bench_at(300)}));
    struct stay_price price = bench_price(b, id, 360);
    assert_int_equal(price.money.receivable_fen, 600);
    assert_int_equal(price.money.relief_pass_fen, 100);
    assert_int_equal(price.money.relief_class_fen, 250);
    assert_int_equal(price.money.relief_coupon_fen, 50);
    assert_int_equal(price.money.relief_other_fen, 50);
    assert_int_equal(price.money.payable_fen, 150);
    bench_rebuild(b);
    assert_int_equal(bench_price(b, id, 360).money.payable_fen, 150);
}

static void a_class_that_pays_more_has_no_relief(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A00003", 0);

    b->tariff.tariffs[0].factors_count = 1;
    b->tariff.shares[0] =
        (struct tariff_share){.classes = VEHICLE_BIT(VEHICLE_NEV), .number = 2, .part = 1};
    assert_true(bench_amend(
        b, id, 5, (struct record_stay_amended){.change = STAY_CLASS, .class = VEHICLE_NEV}));
    assert_int_equal(bench_price(b, id, 60).money.receivable_fen, 200);
    assert_int_equal(bench_price(b, id, 60).money.relief_class_fen, 0);
    assert_int_equal(bench_price(b, id, 60).money.payable_fen, 200);
}

static void a_pass_that_cuts_a_stay_makes_it_no_dearer(void **state)
{
    struct bench *b = *state;

    bench_list(b, PLATES_PASS, "粤A00003", 20, 40);
    const char *id = bench_arrive(b, "粤A00003", 0);
    assert_int_equal(bench_price(b, id, 60).money.payable_fen, 100);
    assert_int_equal(bench_price(b, id, 60).money.relief_pass_fen, 0);
}

static void a_void_stay_takes_no_free_time_of_the_day(void **state)
{
    struct bench *b = *state;

    b->tariff.tariffs[0].frees_count = 1;
    b->tariff.frees[0] =
        (struct tariff_free){.classes = VEHICLE_ALL, .limit_s = HOUR, .scope = TARIFF_FIRST_OF_DAY};
    tariff_prepare(&b->tariff.tariffs[0]);
    bench_force(b, bench_arrive(b, "粤A00003", 0), 10, OUTCOME_VOID);
    const char *id = bench_arrive(b, "粤A00003", 20);
    assert_int_equal(bench_leave(b, id, 50), OUTCOME_FREE);
    assert_int_equal(bench_price(b, bench_arrive(b, "粤A00003", 60), 90).due_fen, 100);
}

static void coupons_that_cannot_be_are_refused(void **state)
{
    struct bench *b = *state;
    struct record_coupon coupon = {.coupon = "c1", .kind = COUPON_PERCENT, .value = 101};

    assert_false(stays_coupon(b->stays, &coupon, bench_at(1), bench_sink(b), &b->why));
    const char *id = bench_arrive(b, "粤A00003", 0);
    text_copy(coupon.stay, sizeof coupon.stay, id);
    assert_false(stays_coupon(b->stays, &coupon, bench_at(1), bench_sink(b), &b->why));
    coupon.value = 0;
    assert_false(stays_coupon(b->stays, &coupon, bench_at(1), bench_sink(b), &b->why));
    for (int i = 0; i < TARIFF_COUPONS; i++) {
        coupon.value = 10;
        coupon.coupon[1] = (char)('1' + i);
        assert_true(stays_coupon(b->stays, &coupon, bench_at(1), bench_sink(b), &b->why));
        if (i + 1 < TARIFF_COUPONS)
            assert_false(stays_coupon(b->stays, &coupon, bench_at(1), bench_sink(b), &b->why));
    }
    coupon.coupon[0] = 'd';
    assert_false(stays_coupon(b->stays, &coupon, bench_at(1), bench_sink(b), &b->why));
    bench_leave(b, id, 2);
    assert_false(stays_coupon(b->stays, &coupon, bench_at(3), bench_sink(b), &b->why));
}

static void a_step_of_the_clock_never_raises_what_is_due(void **state)
{
    struct bench *b = *state;
    struct record step = {.kind = RECORD_CLOCK_STEP, .clock_step = {.delta_ms = 5 * HOUR_MS + 500}};
    const char *id = bench_arrive(b, "粤A00003", 0);

    stays_apply(b->stays, &step);
    bench_put(b, &step);
    struct stay_price price;
    stays_price(b->stays, id, (utc_ms){bench_at(60).ms + step.clock_step.delta_ms}, NULL, &price);
    assert_int_equal(price.due_fen, 100);
    /* Fractions of both the exit and the step must not become a second of the next hour. */
    stays_price(b->stays, id, (utc_ms){bench_at(60).ms + 600 + step.clock_step.delta_ms}, NULL,
                &price);
    assert_int_equal(price.due_fen, 100);
    bench_leave(b, id, 360);
    assert_true(bench_last(b, RECORD_STAY_CLOSED)->time_uncertain);
    step.clock_step.delta_ms = -20 * HOUR_MS;
    id = bench_arrive(b, "粤A00004", 0);
    assert_int_equal(stays_find(b->stays, id)->clock_step_ms, 0);
    stays_apply(b->stays, &step);
    assert_int_equal(bench_price(b, id, -1140).due_fen, 100);
}

static void the_time_to_leave_goes_on_by_the_clock_that_is(void **state)
{
    struct bench *b = *state;
    struct record step = {.kind = RECORD_CLOCK_STEP, .clock_step = {.delta_ms = 2 * HOUR_MS}};
    const char *id = bench_arrive(b, "粤A00003", 0);

    bench_pay(b, id, 100, "wx1", 50);
    stays_apply(b->stays, &step);
    assert_int_equal(stays_find(b->stays, id)->leave_by.ms, bench_at(185).ms);
    assert_int_equal(stays_find(b->stays, id)->settled.ms,
                     bench_at(50).ms); /* by the clock of then */
    assert_int_equal(bench_price(b, id, 185).due_fen, 0);
    assert_int_equal(bench_price(b, id, 186).due_fen, 100);
}

static void a_clock_before_the_entry_makes_nothing_due(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A00003", 0);

    assert_int_equal(bench_price(b, id, -30).due_fen, 0);
}

static void earlier_stays_of_the_day_share_its_maximum(void **state)
{
    struct bench *b = *state;

    b->tariff.tariffs[0].plate_per = TARIFF_PLATE_DAY;
    b->tariff.tariffs[0].plate_fen = 500;
    assert_int_equal(bench_leave(b, bench_arrive(b, "粤A00003", 0), 180), OUTCOME_UNPAID);
    const char *gone = bench_arrive(b, "粤A00003", 190);
    bench_force(b, gone, 195, OUTCOME_VOID);
    bench_leave(b, bench_arrive(b, "粤A00009", 200), 300);
    bench_leave(b, bench_arrive(b, "粤A00003", 199), 201);
    bench_leave(b, bench_arrive(b, "粤A00003", 197), 198);
    const char *id = bench_arrive(b, "粤A00003", 210);
    assert_int_equal(bench_price(b, id, 600).money.payable_fen, 0);
    id = bench_arrive(b, "粤A00009", 310);
    assert_int_equal(bench_price(b, id, 700).money.payable_fen, 300);
}

static void the_wrong_plate_is_put_right_and_the_first_stays_in_its_record(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A00003", 0);
    struct record_stay_amended change = {.change = STAY_PLATE, .plate = "粤A0000B"};

    assert_true(bench_amend(b, id, 5, change));
    const struct record_stay_amended *r = &bench_last(b, RECORD_STAY_AMENDED)->stay_amended;
    assert_string_equal(r->plate_was, "粤A00003");
    assert_string_equal(r->plate, "粤A0000B");
    assert_null(stays_by_plate(b->stays, LOT_A, "粤A00003"));
    assert_ptr_equal(stays_by_plate(b->stays, LOT_A, "粤A0000B"), stays_find(b->stays, id));
    assert_false(bench_amend(b, id, 6, change));
    change.plate[0] = '\0';
    assert_false(bench_amend(b, id, 6, change));
    assert_false(bench_amend(b, "none", 6, change));
}

static void the_class_the_entry_and_the_kind_are_put_right(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A00003", 0);

    assert_true(bench_amend(
        b, id, 5, (struct record_stay_amended){.change = STAY_CLASS, .class = VEHICLE_LARGE}));
    assert_int_equal(stays_inside(b->stays, LOT_A, VEHICLE_BIT(VEHICLE_LARGE)), 1);
    assert_int_equal(stays_inside(b->stays, LOT_A, VEHICLE_BIT(VEHICLE_SMALL)), 0);
    assert_false(bench_amend(
        b, id, 5, (struct record_stay_amended){.change = STAY_CLASS, .class = VEHICLE_LARGE}));
    assert_true(bench_amend(
        b, id, 5, (struct record_stay_amended){.change = STAY_ENTRY, .entered = bench_at(-60)}));
    assert_int_equal(bench_price(b, id, 60).due_fen, 200);
    assert_false(bench_amend(
        b, id, 5, (struct record_stay_amended){.change = STAY_ENTRY, .entered = bench_at(6)}));
    assert_true(bench_amend(b, id, 5,
                            (struct record_stay_amended){.change = STAY_KIND, .kind = STAY_PASS}));
    assert_int_equal(stays_of_kind(b->stays, LOT_A, STAY_PASS), 1);
    assert_false(bench_amend(b, id, 5,
                             (struct record_stay_amended){.change = STAY_KIND, .kind = STAY_PASS}));
    assert_true(
        bench_amend(b, id, 5, (struct record_stay_amended){.change = STAY_PARKED, .bay = A_003}));
    assert_ptr_equal(stays_on_bay(b->stays, A_003), stays_find(b->stays, id));
    assert_true(bench_amend(b, id, 5,
                            (struct record_stay_amended){.change = STAY_PARKED, .bay = PLAN_NONE}));
    assert_null(stays_on_bay(b->stays, A_003));
    assert_false(
        bench_amend(b, id, 5, (struct record_stay_amended){.change = STAY_PARKED, .bay = B_001}));
    assert_false(
        bench_amend(b, id, 5, (struct record_stay_amended){.change = STAY_PARKED, .bay = 99}));
}

static void an_exit_that_did_not_happen_is_reverted(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A00003", 0);
    struct record_stay_amended change = {.change = STAY_REVERTED};
    struct record step = {.kind = RECORD_CLOCK_STEP, .clock_step = {.delta_ms = HOUR_MS}};

    assert_false(bench_amend(b, id, 5, change));
    bench_leave(b, id, 60);
    assert_false(bench_amend(
        b, id, 61, (struct record_stay_amended){.change = STAY_CLASS, .class = VEHICLE_LARGE}));
    stays_apply(b->stays, &step);
    assert_true(bench_amend(b, id, 121, change));
    assert_ptr_equal(stays_by_plate(b->stays, LOT_A, "粤A00003"), stays_find(b->stays, id));
    assert_int_equal(stays_find(b->stays, id)->clock_step_ms, HOUR_MS);
    assert_int_equal(stay_arrears(stays_find(b->stays, id)), 0);
    assert_int_equal(bench_price(b, id, 180).due_fen, 200);
    assert_int_equal(bench_leave(b, id, 180), OUTCOME_UNPAID);
}

static void two_accounts_of_one_vehicle_become_one(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A00003", 0), *other = bench_arrive(b, "粤A0000B", 60);
    struct record_stay_amended change = {.change = STAY_MERGED};

    assert_false(bench_amend(b, other, 70, change));
    text_copy(change.other, sizeof change.other, id);
    assert_false(bench_amend(b, id, 70, change));
    assert_true(bench_amend(b, other, 70, change));
    assert_int_equal(stays_find(b->stays, id)->outcome, OUTCOME_VOID);
    assert_int_equal(stays_find(b->stays, other)->entered.ms, bench_at(0).ms);
    assert_false(bench_amend(b, other, 71, change));
    text_copy(change.other, sizeof change.other, bench_arrive(b, "粤A0000C", 80));
    assert_true(bench_amend(b, other, 90, change)); /* it came first anyway */
    assert_int_equal(stays_find(b->stays, other)->entered.ms, bench_at(0).ms);
}

static void a_sharing_that_only_closes_makes_no_overstay(void **state)
{
    struct bench *b = *state;
    struct record told = {.kind = RECORD_SHARING, .sharing = {.event = SHARING_CLOSED}};
    const char *id = bench_arrive(b, "粤A00003", 0);

    text_copy(told.sharing.stay, sizeof told.sharing.stay, id);
    stays_apply(b->stays, &told);
    assert_false(stays_find(b->stays, id)->overstayed);
    told.sharing.event = SHARING_OVERSTAY;
    stays_apply(b->stays, &told);
    assert_true(stays_find(b->stays, id)->overstayed);
}

static void an_orphan_exit_is_merged_with_its_entry(void **state)
{
    struct bench *b = *state;
    struct stay_arrival arrival = {.bay = PLAN_NONE,
                                   .lane = 1,
                                   .plate = "粤A0000B",
                                   .entry_missing = true,
                                   .at = bench_at(90)};
    struct record_stay_amended change = {.change = STAY_MERGED};
    char orphan[IDENT_SIZE];

    const char *id = bench_arrive(b, "粤A00008", 0);
    b->tariff.tariffs[0].missing = TARIFF_MISSING_FIRST_STEP;
    stays_arrive(b->stays, &arrival, bench_sink(b), orphan);
    assert_int_equal(bench_leave(b, orphan, 90), OUTCOME_UNPAID);
    text_copy(change.other, sizeof change.other, orphan);
    assert_true(bench_amend(b, id, 100, change));
    assert_int_equal(stays_find(b->stays, orphan)->outcome, OUTCOME_VOID);
    assert_int_equal(stay_arrears(stays_find(b->stays, orphan)), 0);
    assert_int_equal(stays_find(b->stays, id)->entered.ms, bench_at(0).ms);
    stays_arrive(b->stays, &arrival, bench_sink(b), orphan);
    text_copy(change.other, sizeof change.other, id);
    bench_pay(b, id, 100, "wx1", 101);
    assert_false(bench_amend(b, orphan, 102, change)); /* it has had money */
    text_copy(change.other, sizeof change.other, bench_arrive(b, "粤C1", 80));
    assert_true(bench_amend(b, orphan, 103, change));
    assert_int_equal(stays_find(b->stays, orphan)->entered.ms, bench_at(80).ms);
    assert_false(stays_find(b->stays, orphan)->entry_missing);
}

static void evacuation_costs_nobody_anything(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A00003", 0);
    struct record_stay_amended change = {.change = STAY_FROZEN};

    assert_true(bench_amend(b, id, 60, change)); /* until further notice */
    assert_int_equal(bench_price(b, id, 600).due_fen, 100);
    change.until = bench_at(90);
    assert_false(bench_amend(b, id, 100, change));
    change.until = bench_at(120);
    assert_true(bench_amend(b, id, 110, change));
    assert_int_equal(bench_price(b, id, 180).due_fen, 200);
    for (int i = 0; i < STAY_FREEZES + 2; i++) {
        change.until = bench_at(190 + 10 * i);
        assert_true(bench_amend(b, id, 185 + 10 * i, change));
    }
    assert_int_equal(stays_find(b->stays, id)->frozen_count, STAY_FREEZES);
}

static void several_cars_of_a_pass_take_its_bays(void **state)
{
    struct bench *b = *state;
    struct record_list pass = {.list = PLATES_PASS,
                               .on = true,
                               .lot = PLAN_NONE,
                               .group = "company",
                               .bays = 1,
                               .from = bench_at(0)};
    struct plate_standing standing;

    for (int i = 0; i < 3; i++) {
        text_copy(pass.plate, sizeof pass.plate, i == 0 ? "粤A1" : i == 1 ? "粤A2" : "粤A3");
        pass.lot = i == 2 ? LOT_A : PLAN_NONE;
        assert_true(stays_list(b->stays, &pass, bench_at(0), bench_sink(b), &b->why));
    }
    const char *first = bench_arrive(b, "粤A1", 0);
    assert_int_equal(stays_find(b->stays, first)->kind, STAY_PASS);
    stays_standing(b->stays, LOT_A, "粤A1", VEHICLE_SMALL, bench_at(1), &standing);
    assert_false(standing.pass_in_use);
    stays_standing(b->stays, LOT_A, "粤A2", VEHICLE_SMALL, bench_at(1), &standing);
    assert_true(standing.pass && standing.pass_in_use);
    assert_string_equal(standing.group, "company");
    const char *second = bench_arrive(b, "粤A2", 1);
    assert_int_equal(stays_find(b->stays, second)->kind, STAY_TEMPORARY);
    assert_int_equal(bench_leave(b, first, 50), OUTCOME_PASS);
    assert_int_equal(bench_leave(b, second, 50), OUTCOME_UNPAID);
    bench_arrive(b, "粤A3", 51);
    stays_standing(b->stays, LOT_A, "粤A1", VEHICLE_SMALL, bench_at(52), &standing);
    assert_true(standing.pass_in_use);
}

static void a_pass_ends_and_begins_and_is_taken_off(void **state)
{
    struct bench *b = *state;
    struct plate_standing standing;
    struct record_list off = {.list = PLATES_PASS, .lot = PLAN_NONE, .plate = "粤A1"};

    bench_list(b, PLATES_PASS, "粤A1", 0, 60);
    stays_standing(b->stays, LOT_A, "粤A1", VEHICLE_SMALL, bench_at(59), &standing);
    assert_true(standing.pass && !standing.pass_expired);
    stays_standing(b->stays, LOT_A, "粤A1", VEHICLE_SMALL, bench_at(60), &standing);
    assert_true(!standing.pass && standing.pass_expired);
    bench_list(b, PLATES_PASS, "粤A1", 120, 0);
    bench_list(b, PLATES_PASS, "粤A1", 900, 0);
    const char *id = bench_arrive(b, "粤A1", 70);
    assert_true(stays_list(b->stays, &off, bench_at(180), bench_sink(b), &b->why));
    stays_standing(b->stays, LOT_A, "粤A1", VEHICLE_SMALL, bench_at(1000), &standing);
    assert_false(standing.pass);
    assert_int_equal(bench_price(b, id, 220).due_fen, 200); /* 70 to 120 and 180 to 220 */
    text_copy(off.plate, sizeof off.plate, "粤A2");
    assert_false(stays_list(b->stays, &off, bench_at(180), bench_sink(b), &b->why));
    off.plate[0] = '\0';
    assert_false(stays_list(b->stays, &off, bench_at(180), bench_sink(b), &b->why));
    assert_false(bench_list(b, PLATES_PASS, "粤A1", 100, 100));
}

static void lists_are_of_one_lot_or_of_all(void **state)
{
    struct bench *b = *state;
    struct record_list change = {.list = PLATES_BLOCKED, .on = true, .lot = LOT_B, .plate = "粤A1"};
    struct plate_standing standing;

    assert_true(stays_list(b->stays, &change, bench_at(0), bench_sink(b), &b->why));
    stays_standing(b->stays, LOT_A, "粤A1", VEHICLE_SMALL, bench_at(1), &standing);
    assert_false(standing.blocked);
    stays_standing(b->stays, LOT_B, "粤A1", VEHICLE_SMALL, bench_at(1), &standing);
    assert_true(standing.blocked && !standing.locked);
    stays_standing(b->stays, LOT_B, "", VEHICLE_SMALL, bench_at(1), &standing);
    assert_false(standing.blocked);
    change.on = false;
    change.lot = LOT_A;
    assert_false(stays_list(b->stays, &change, bench_at(2), bench_sink(b), &b->why));
    change.list = PLATES_LOCKED;
    assert_false(stays_list(b->stays, &change, bench_at(2), bench_sink(b), &b->why));
}

static void full_lists_take_the_place_of_what_has_ended(void **state)
{
    struct bench *b = *state;
    char plate[PLATE_SIZE];

    for (int i = 0; i < BENCH_ROOM; i++) {
        snprintf(plate, sizeof plate, "A%05d", i);
        assert_true(bench_list(b, PLATES_PASS, plate, i, 0));
    }
    assert_false(bench_list(b, PLATES_PASS, "B1", 100, 0));
    struct record forced = {
        .kind = RECORD_LIST,
        .at = bench_at(100),
        .list = {.list = PLATES_PASS, .on = true, .lot = PLAN_NONE, .plate = "B1"}};
    stays_apply(b->stays, &forced); /* from a time with more room: nothing breaks */
    struct record_list off = {.list = PLATES_PASS, .lot = PLAN_NONE, .plate = "A00003"};
    assert_true(stays_list(b->stays, &off, bench_at(100), bench_sink(b), &b->why));
    struct plate_standing standing;
    forced.at = bench_at(101);
    text_copy(forced.list.group, sizeof forced.list.group, "g");
    stays_apply(b->stays, &forced);
    stays_standing(b->stays, LOT_A, "B1", VEHICLE_SMALL, bench_at(102), &standing);
    assert_true(standing.pass);
    stays_standing(b->stays, LOT_A, "A00003", VEHICLE_SMALL, bench_at(102), &standing);
    assert_false(standing.pass_expired); /* forgotten */
}

static void a_shift_counts_its_cash_and_two_people_sign(void **state)
{
    struct bench *b = *state;
    struct record_shift shift = {.lot = PLAN_NONE, .cashier = "wang", .float_fen = 10000};
    struct money_in cash = {.amount_fen = 350, .channel = CHANNEL_CASH, .actor = "wang"};
    struct money_back back = {.amount_fen = 50, .actor = "wang", .reason = "change"};
    char id[IDENT_SIZE];

    assert_true(stays_shift(b->stays, &shift, bench_at(0), bench_sink(b), id, &b->why));
    assert_false(stays_shift(b->stays, &shift, bench_at(0), bench_sink(b), id, &b->why));
    text_copy(cash.stay, sizeof cash.stay, bench_arrive(b, "粤A1", 0));
    cash.at = bench_at(10);
    assert_true(stays_pay(b->stays, &cash, bench_sink(b), &b->again, &b->why));
    assert_string_equal(bench_last(b, RECORD_PAYMENT)->payment.shift, id);
    text_copy(back.payment, sizeof back.payment, bench_last(b, RECORD_PAYMENT)->payment.payment);
    back.at = bench_at(11);
    assert_true(stays_refund(b->stays, &back, bench_sink(b), &b->again, &b->why));
    cash.channel = CHANNEL_ALIPAY;
    assert_true(stays_pay(b->stays, &cash, bench_sink(b), &b->again, &b->why)); /* no cash */
    bench_rebuild(b);
    shift = (struct record_shift){
        .event = SHIFT_CLOSED, .counted_fen = 10200, .denominations = "100x1,1x2"};
    text_copy(shift.shift, sizeof shift.shift, id);
    assert_false(stays_shift(b->stays, &shift, bench_at(60), bench_sink(b), id, &b->why));
    text_copy(shift.witness, sizeof shift.witness, "wang");
    assert_false(stays_shift(b->stays, &shift, bench_at(60), bench_sink(b), id, &b->why));
    assert_string_equal(b->why, "a second person signs: name a witness other than the cashier");
    text_copy(shift.witness, sizeof shift.witness, "zhao");
    assert_false(stays_shift(b->stays, &shift, bench_at(60), bench_sink(b), id, &b->why));
    assert_string_equal(b->why, "the drawer is over or short; say why");
    text_copy(shift.reason, sizeof shift.reason, "one yuan is missing");
    assert_true(stays_shift(b->stays, &shift, bench_at(60), bench_sink(b), id, &b->why));
    assert_int_equal(bench_last(b, RECORD_SHIFT)->shift.expected_fen, 10300);
    assert_string_equal(bench_last(b, RECORD_SHIFT)->shift.cashier, "wang");
    assert_false(stays_shift(b->stays, &shift, bench_at(61), bench_sink(b), id, &b->why));
}

static void denominations_must_add_up_to_what_was_counted(void **state)
{
    static const struct {
        const char *text;
        int64_t fen;
        bool good;
    } rows[] = {{"100x3,50x1", 35000, true},
                {"0.5x4,0.05x1,1x0", 205, true},
                {"", 0, true},
                {"100x3,50x1", 35001, false},
                {"100x3,", 30000, false},
                {"100", 10000, false},
                {"x3", 0, false},
                {"100x", 0, false},
                {"100y3", 30000, false},
                {"1.x3", 300, false},
                {"1x3;2x1", 500, false},
                {"1x3 ", 300, false},
                {"1234567x1", 123456700, false}};
    struct bench *b = *state;
    char id[IDENT_SIZE];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct record_shift open = {.cashier = "wang", .shift = "S1", .float_fen = rows[i].fen};
        struct record_shift close = {.event = SHIFT_CLOSED, .cashier = "wang", .witness = "zhao"};

        stays_shift(b->stays, &open, bench_at(0), bench_sink(b), id, &b->why);
        close.counted_fen = rows[i].fen;
        text_copy(close.denominations, sizeof close.denominations, rows[i].text);
        assert_int_equal(stays_shift(b->stays, &close, bench_at(1), bench_sink(b), id, &b->why),
                         rows[i].good);
    }
}

static void shifts_that_cannot_be_are_refused(void **state)
{
    struct bench *b = *state;
    struct record_shift shift = {.shift = "S1", .cashier = "wang"};
    char id[IDENT_SIZE];

    assert_true(stays_shift(b->stays, &shift, bench_at(0), bench_sink(b), id, &b->why));
    text_copy(shift.cashier, sizeof shift.cashier, "zhao");
    assert_false(stays_shift(b->stays, &shift, bench_at(0), bench_sink(b), id, &b->why));
    shift.shift[0] = '\0';
    shift.float_fen = -1;
    assert_false(stays_shift(b->stays, &shift, bench_at(0), bench_sink(b), id, &b->why));
    shift.cashier[0] = '\0';
    assert_false(stays_shift(b->stays, &shift, bench_at(0), bench_sink(b), id, &b->why));
    shift.float_fen = 0;
    for (int i = 1; i <= STAY_PAYMENTS * 2; i++) {
        snprintf(shift.cashier, sizeof shift.cashier, "c%d", i);
        if (!stays_shift(b->stays, &shift, bench_at(0), bench_sink(b), id, &b->why)) {
            assert_int_equal(i, 64);
            bench_rebuild(b);
            struct record more = {.kind = RECORD_SHIFT, .shift = {.shift = "M", .cashier = "m"}};
            stays_apply(b->stays, &more);
            return;
        }
    }
    fail();
}

static void the_nearest_plates_come_first(void **state)
{
    struct bench *b = *state;
    struct stay_near near[STAYS_NEAR];

    bench_arrive(b, "粤B22345", 0);
    bench_arrive(b, "粤BZ2345", 1);
    bench_arrive(b, "", 2);
    bench_leave(b, bench_arrive(b, "粤BZ2345", 3), 4);
    bench_arrive(b, "粤BZ2346", 5);
    bench_arrive(b, "桂X99999", 6);
    assert_int_equal(stays_near(b->stays, LOT_A, "粤BZ2345", near), 3);
    assert_string_equal(near[0].stay->plate, "粤BZ2345");
    assert_int_equal(near[1].distance, 2);
    assert_int_equal(near[2].distance, 10);
    assert_int_equal(stays_near(b->stays, LOT_B, "粤BZ2345", near), 0);
    for (int i = 0; i < 2 * STAYS_NEAR; i++)
        bench_arrive(b, "粤BZ2347", 10 + i);
    assert_int_equal(stays_near(b->stays, LOT_A, "粤BZ2345", near), STAYS_NEAR);
    bench_arrive(b, "粤BZ2345", 30); /* the farthest gives way */
    assert_int_equal(stays_near(b->stays, LOT_A, "粤BZ2345", near), STAYS_NEAR);
    assert_int_equal(near[1].distance, 0);
    assert_int_equal(near[2].distance, 2);
}

static void the_newest_of_two_open_stays_of_a_plate_is_meant(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A1", 0);
    const char *second = bench_arrive(b, "粤A1", 1);

    assert_ptr_equal(stays_by_plate(b->stays, LOT_A, "粤A1"), stays_find(b->stays, second));
    assert_null(stays_last(b->stays, LOT_A, "粤A1"));
    bench_leave(b, id, 30);
    bench_leave(b, second, 20);
    assert_ptr_equal(stays_last(b->stays, LOT_A, "粤A1"), stays_find(b->stays, id));
    bench_leave(b, bench_arrive(b, "粤A1", 21), 25); /* between the two */
    assert_ptr_equal(stays_last(b->stays, LOT_A, "粤A1"), stays_find(b->stays, id));
    bench_force(b, bench_arrive(b, "粤A1", 40), 50, OUTCOME_VOID); /* there was none */
    assert_ptr_equal(stays_last(b->stays, LOT_A, "粤A1"), stays_find(b->stays, id));
    assert_null(stays_by_plate(b->stays, LOT_B, "粤A1"));
    assert_null(stays_by_plate(b->stays, LOT_A, ""));
    assert_null(stays_last(b->stays, LOT_A, ""));
}

static void when_all_places_are_taken_the_oldest_closed_go_and_those_that_owe_last(void **state)
{
    struct bench *b = *state;
    char owing[IDENT_SIZE], paid[IDENT_SIZE], plate[PLATE_SIZE];

    text_copy(owing, sizeof owing, bench_arrive(b, "粤A1", 0));
    bench_leave(b, owing, 30);
    text_copy(paid, sizeof paid, bench_arrive(b, "粤A2", 0));
    bench_pay(b, paid, 100, "wx1", 5);
    bench_leave(b, paid, 10);
    for (int i = 0; i < BENCH_ROOM - 1; i++) {
        snprintf(plate, sizeof plate, "B%05d", i);
        bench_arrive(b, plate, 100 + i);
    }
    assert_null(stays_find(b->stays, paid));
    assert_non_null(stays_find(b->stays, owing));
    assert_false(bench_pay(b, paid, 100, "wx1", 200)); /* forgotten: a person must look */
    bench_arrive(b, "C1", 300);
    assert_null(stays_find(b->stays, owing));
    uint32_t count = b->count;
    const char *lost = bench_arrive(b, "C2", 301);
    assert_int_equal(b->count, count + 2);
    assert_int_equal(b->records[count].kind, RECORD_LOSS);
    assert_null(stays_find(b->stays, lost));
    bench_rebuild(b);
    assert_int_equal(stays_inside(b->stays, LOT_A, VEHICLE_ALL), BENCH_ROOM);
    /* Whatever is told of one that is not known changes nothing. */
    struct record unknown[] = {{.kind = RECORD_STAY_CLOSED}, {.kind = RECORD_STAY_AMENDED},
                               {.kind = RECORD_COUPON},      {.kind = RECORD_ORDER},
                               {.kind = RECORD_PAYMENT},     {.kind = RECORD_REFUND},
                               {.kind = RECORD_SHARING},     {.kind = RECORD_GATEWAY}};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        stays_apply(b->stays, &unknown[i]);
    stays_apply(b->stays, &b->records[count - 1]); /* opened twice is opened once */
    assert_int_equal(stays_inside(b->stays, LOT_A, VEHICLE_ALL), BENCH_ROOM);
}

struct walk {
    char plates[64];
    int limit;
};

static bool write_down(void *arg, const struct stay *stay)
{
    struct walk *walk = arg;

    strcat(walk->plates, stay->plate);
    return --walk->limit > 0;
}

static void each_stay_is_met_oldest_first(void **state)
{
    struct bench *b = *state;
    struct walk walk = {.limit = 99};
    const char *a = bench_arrive(b, "A1", 0);

    bench_arrive(b, "A2", 1);
    bench_leave(b, bench_arrive(b, "A3", 2), 30);
    const char *paid = bench_arrive(b, "A4", 3);
    bench_pay(b, paid, 100, "wx", 10);
    bench_leave(b, paid, 11);
    bench_arrive(b, "A5", 4);
    bench_amend(b, a, 20, (struct record_stay_amended){.change = STAY_PLATE, .plate = "A9"});
    stays_each(b->stays, write_down, &walk);
    assert_string_equal(walk.plates, "A3A9A2A5");
    walk = (struct walk){.limit = 1};
    stays_each(b->stays, write_down, &walk);
    assert_string_equal(walk.plates, "A3");
    walk = (struct walk){.limit = 2};
    stays_each(b->stays, write_down, &walk);
    assert_string_equal(walk.plates, "A3A9");
    stays_destroy(NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_stay_that_pays_within_its_time_leaves_paid),
        T(the_leave_window_holds_the_price_over_the_hour),
        T(money_that_is_told_twice_is_one_payment),
        T(the_same_number_of_another_channel_is_other_money),
        T(cash_without_a_number_is_paid_each_time),
        T(a_newer_order_replaces_and_the_older_still_counts),
        T(nothing_is_demanded_where_nothing_is_due),
        T(what_is_paid_too_much_can_be_given_back_and_no_more),
        T(a_refund_ends_the_time_to_leave),
        T(payments_that_cannot_be_are_refused),
        T(arrears_are_demanded_and_repaid_after_the_exit),
        T(each_way_to_end_is_one_outcome),
        T(a_release_keeps_what_was_paid),
        T(a_release_of_what_is_paid_waives_nothing),
        T(a_lot_without_a_tariff_charges_nothing),
        T(a_price_that_is_left_to_staff_is_released_with_the_reason),
        T(reliefs_stand_in_the_chain_by_their_kind),
        T(a_class_that_pays_more_has_no_relief),
        T(a_pass_that_cuts_a_stay_makes_it_no_dearer),
        T(a_void_stay_takes_no_free_time_of_the_day),
        T(coupons_that_cannot_be_are_refused),
        T(a_step_of_the_clock_never_raises_what_is_due),
        T(the_time_to_leave_goes_on_by_the_clock_that_is),
        T(a_clock_before_the_entry_makes_nothing_due),
        T(earlier_stays_of_the_day_share_its_maximum),
        T(the_wrong_plate_is_put_right_and_the_first_stays_in_its_record),
        T(the_class_the_entry_and_the_kind_are_put_right),
        T(an_exit_that_did_not_happen_is_reverted),
        T(two_accounts_of_one_vehicle_become_one),
        T(a_sharing_that_only_closes_makes_no_overstay),
        T(an_orphan_exit_is_merged_with_its_entry),
        T(evacuation_costs_nobody_anything),
        T(several_cars_of_a_pass_take_its_bays),
        T(a_pass_ends_and_begins_and_is_taken_off),
        T(lists_are_of_one_lot_or_of_all),
        T(full_lists_take_the_place_of_what_has_ended),
        T(a_shift_counts_its_cash_and_two_people_sign),
        T(denominations_must_add_up_to_what_was_counted),
        T(shifts_that_cannot_be_are_refused),
        T(the_nearest_plates_come_first),
        T(the_newest_of_two_open_stays_of_a_plate_is_meant),
        T(when_all_places_are_taken_the_oldest_closed_go_and_those_that_owe_last),
        T(each_stay_is_met_oldest_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
