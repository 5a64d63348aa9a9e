/* Stays, money and lists at their bounds: when places run out, and when names share a place. */
#include "tests/unit/stays_bench.h"

static const char *arrive_in(struct bench *b, uint32_t lot, const char *plate, int64_t minutes)
{
    static char ids[64][IDENT_SIZE];
    static uint32_t next;
    struct stay_arrival arrival = {
        .lot = lot, .bay = PLAN_NONE, .lane = 0, .at = bench_at(minutes)};
    char *id = ids[next++ % 64];

    text_copy(arrival.plate, sizeof arrival.plate, plate);
    stays_arrive(b->stays, &arrival, bench_sink(b), id);
    return id;
}

static void a_number(char ret[PLATE_SIZE], int number)
{
    snprintf(ret, PLATE_SIZE, "A%05d", number * 7919 % 100000);
}

/* There are as many chains as stays: some of these share one. */
static void plates_that_share_a_chain_are_told_apart(void **state)
{
    struct bench *b = *state;
    const char *ids[BENCH_ROOM];
    char plate[PLATE_SIZE];

    for (int i = 0; i < BENCH_ROOM; i++) {
        a_number(plate, i / 2);
        ids[i] = arrive_in(b, (uint32_t)i % 2, i < BENCH_ROOM - 2 ? plate : "", i);
    }
    for (int i = 0; i < BENCH_ROOM; i++) {
        const struct stay *stay = stays_find(b->stays, ids[i]);
        const struct stay *found = stays_by_plate(b->stays, stay->lot, stay->plate);

        assert_ptr_equal(found, stay->plate[0] ? stay : NULL);
        assert_null(stays_last(b->stays, stay->lot, stay->plate));
        assert_int_equal(bench_price(b, ids[i], i + 30).due_fen, 100);
    }
    for (int i = 0; i < BENCH_ROOM; i++) {
        const struct stay *stay = stays_find(b->stays, ids[i]);

        assert_int_equal(bench_leave(b, ids[i], 100 + i), OUTCOME_UNPAID);
        assert_ptr_equal(stays_last(b->stays, stay->lot, stay->plate),
                         stay->plate[0] ? stay : NULL);
    }
    for (int i = 0; i < BENCH_ROOM; i++) /* as if it came again: the others' stays are not its */
        assert_int_equal(bench_price(b, ids[i], i + 30).money.payable_fen, 100);
}

static void orders_that_share_a_chain_are_told_apart(void **state)
{
    struct bench *b = *state;
    char orders[BENCH_ROOM][IDENT_SIZE], plate[PLATE_SIZE];
    const char *ids[BENCH_ROOM];
    struct stay_price price;

    for (int i = 0; i < BENCH_ROOM; i++) {
        a_number(plate, i);
        ids[i] = arrive_in(b, LOT_A, plate, i);
        assert_true(stays_order(b->stays, ids[i], bench_at(i + 5), bench_sink(b), &price));
        text_copy(orders[i], IDENT_SIZE, bench_last(b, RECORD_ORDER)->order.order);
    }
    for (int i = 0; i < BENCH_ROOM; i++) {
        struct money_in money = {.amount_fen = 100, .at = bench_at(40)};

        text_copy(money.order, sizeof money.order, orders[i]);
        assert_true(stays_pay(b->stays, &money, bench_sink(b), &b->again, &b->why));
        assert_string_equal(bench_last(b, RECORD_PAYMENT)->payment.stay, ids[i]);
    }
}

static void the_oldest_orders_are_forgotten_and_money_for_them_names_the_stay(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A00003", 0);
    struct money_in money = {.amount_fen = 100, .transaction = "wx1"};
    struct stay_price price;

    assert_true(stays_order(b->stays, id, bench_at(30), bench_sink(b), &price));
    text_copy(money.order, sizeof money.order, bench_last(b, RECORD_ORDER)->order.order);
    for (int i = 1; i <= 2 * BENCH_ROOM; i++) /* the price has changed each time */
        assert_true(stays_order(b->stays, id, bench_at(30 + 60 * i), bench_sink(b), &price));
    money.at = bench_at(9000);
    assert_false(stays_pay(b->stays, &money, bench_sink(b), &b->again, &b->why));
    text_copy(money.order, sizeof money.order, stays_find(b->stays, id)->order);
    assert_true(stays_pay(b->stays, &money, bench_sink(b), &b->again, &b->why));
}

static void fill_with_payments(struct bench *b, int64_t minutes)
{
    const char *ids[] = {bench_arrive(b, "粤A00001", 0), bench_arrive(b, "粤A00002", 0)};

    for (int i = 0; i < 2; i++)
        for (int n = 0; n < STAY_PAYMENTS; n++)
            assert_true(bench_pay(b, ids[i], 1, "", minutes));
}

static void money_counts_also_where_no_place_is_left_to_keep_its_payment(void **state)
{
    struct bench *b = *state;

    fill_with_payments(b, 1);
    const char *id = bench_arrive(b, "粤A00003", 0);
    assert_true(bench_pay(b, id, 100, "wx1", 30));
    assert_int_equal(stays_find(b->stays, id)->received_fen, 100);
    assert_int_equal(stays_find(b->stays, id)->payments_count, 0);
    assert_int_equal(bench_price(b, id, 40).due_fen, 0);
    assert_false(bench_refund(b, bench_last(b, RECORD_PAYMENT)->payment.payment, 1, "r1", 41));
}

static void older_stays_make_room_for_the_payments_of_newer_ones(void **state)
{
    struct bench *b = *state;
    char old[IDENT_SIZE];

    text_copy(old, sizeof old, bench_arrive(b, "粤A00009", 0));
    bench_pay(b, old, 100, "wx1", 5);
    assert_int_equal(bench_leave(b, old, 10), OUTCOME_PAID);
    fill_with_payments(b, 20);
    assert_null(stays_find(b->stays, old));
}

static void late_money_of_one_that_left_sends_nobody_away(void **state)
{
    struct bench *b = *state;
    const char *owing = bench_arrive(b, "粤A00009", 0);

    bench_leave(b, owing, 10);
    fill_with_payments(b, 20);
    assert_non_null(stays_find(b->stays, owing));
    assert_true(bench_pay(b, owing, 100, "wx1", 30));
    assert_int_equal(stay_arrears(stays_find(b->stays, owing)), 0);
    assert_int_equal(stays_find(b->stays, owing)->payments_count, 0);
}

/* From a version that allowed more, or of a payment that is forgotten: the sum is right. */
static void records_of_more_payments_than_are_kept_apart_still_add_up(void **state)
{
    struct bench *b = *state;
    const char *id = bench_arrive(b, "粤A00003", 0);
    struct record paid = {.kind = RECORD_PAYMENT,
                          .at = bench_at(5),
                          .payment = {.amount_fen = 1, .leave_by = bench_at(20)}};
    struct record refund = {.kind = RECORD_REFUND,
                            .at = bench_at(31),
                            .refund = {.amount_fen = 3, .payment = "gone", .refund = "R"}};
    struct record coupon = {
        .kind = RECORD_COUPON, .at = bench_at(6), .coupon = {.kind = COUPON_AMOUNT, .value = 5}};

    text_copy(paid.payment.stay, IDENT_SIZE, id);
    text_copy(refund.refund.stay, IDENT_SIZE, id);
    text_copy(coupon.coupon.stay, IDENT_SIZE, id);
    for (int i = 0; i <= STAY_PAYMENTS; i++) {
        snprintf(paid.payment.payment, IDENT_SIZE, "P%d", i);
        stays_apply(b->stays, &paid);
    }
    for (int i = 0; i <= TARIFF_COUPONS; i++)
        stays_apply(b->stays, &coupon);
    assert_int_equal(bench_price(b, id, 30).received_fen, STAY_PAYMENTS + 1);
    assert_int_equal(stays_find(b->stays, id)->coupons_count, TARIFF_COUPONS);
    assert_int_equal(bench_price(b, id, 30).due_fen, 100 - 5 * TARIFF_COUPONS - STAY_PAYMENTS - 1);
    stays_apply(b->stays, &refund);
    assert_int_equal(stays_find(b->stays, id)->received_fen, STAY_PAYMENTS - 2);
}

static void at_most_sixteen_passes_bear_on_a_price(void **state)
{
    struct bench *b = *state;

    for (int i = 0; i < 17; i++)
        assert_true(bench_list(b, PLATES_PASS, "粤A00003", 60 * i, 60 * (i + 1)));
    const char *id = bench_arrive(b, "粤A00003", 0);
    assert_int_equal(bench_price(b, id, 17 * 60).money.payable_fen, 100);
    assert_int_equal(bench_price(b, id, 17 * 60).money.relief_pass_fen, 1600);
}

static void at_most_thirty_two_earlier_stays_bear_on_a_price(void **state)
{
    struct bench *b = *state;

    stays_destroy(b->stays);
    b->stays = stays_create(&b->site.plan, &b->ident, 2 * BENCH_ROOM);
    b->tariff.tariffs[0].plate_per = TARIFF_PLATE_DAY;
    b->tariff.tariffs[0].plate_fen = 3400;
    for (int i = 0; i < 33; i++)
        bench_leave(b, bench_arrive(b, "粤A00003", 10 * i), 10 * i + 9);
    const char *id = bench_arrive(b, "粤A00003", 340);
    assert_int_equal(bench_price(b, id, 640).money.payable_fen, 200);
}

static void a_bay_where_a_vehicle_came_and_went_while_no_place_was_left_makes_a_loss(void **state)
{
    struct bench *b = *state;
    struct record late = {
        .kind = RECORD_BAY_AMENDED,
        .at = bench_at(100),
        .bay_amended = {.bay = B_001, .state = BAY_OCCUPIED, .until = bench_at(160)}};
    char plate[PLATE_SIZE];

    for (int i = 0; i < BENCH_ROOM; i++) {
        a_number(plate, i);
        bench_arrive(b, plate, i);
    }
    uint32_t count = b->count;
    stays_bay(b->stays, &late, bench_sink(b));
    assert_int_equal(b->count, count + 2);
    assert_int_equal(b->records[count].kind, RECORD_LOSS);
    bench_last(b, RECORD_STAY_OPENED);
    assert_null(stays_on_bay(b->stays, B_001));
}

static void a_shift_beyond_those_that_may_be_open_is_refused(void **state)
{
    struct bench *b = *state;
    struct record_shift shift = {.lot = PLAN_NONE};
    char id[IDENT_SIZE];
    int opened = 0;

    for (;; opened++) {
        snprintf(shift.cashier, sizeof shift.cashier, "cashier %d", opened);
        if (!stays_shift(b->stays, &shift, bench_at(0), bench_sink(b), id, &b->why))
            break;
    }
    assert_int_equal(opened, 64);
    assert_string_equal(b->why, "too many shifts are open; close some");
}

#define T(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(plates_that_share_a_chain_are_told_apart),
        T(orders_that_share_a_chain_are_told_apart),
        T(the_oldest_orders_are_forgotten_and_money_for_them_names_the_stay),
        T(money_counts_also_where_no_place_is_left_to_keep_its_payment),
        T(older_stays_make_room_for_the_payments_of_newer_ones),
        T(late_money_of_one_that_left_sends_nobody_away),
        T(records_of_more_payments_than_are_kept_apart_still_add_up),
        T(at_most_sixteen_passes_bear_on_a_price),
        T(at_most_thirty_two_earlier_stays_bear_on_a_price),
        T(a_bay_where_a_vehicle_came_and_went_while_no_place_was_left_makes_a_loss),
        T(a_shift_beyond_those_that_may_be_open_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
