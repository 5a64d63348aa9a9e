/* What a stay comes to where its tariff, its class and its money do not go together simply. */
#include "tests/unit/stays_bench.h"

static const char *arrive_as(struct bench *b, enum vehicle_class class, bool entry_missing)
{
    static char id[IDENT_SIZE];
    struct stay_arrival arrival = {.bay = PLAN_NONE,
                                   .lane = 0,
                                   .plate = "粤A00003",
                                   .class = class,
                                   .entry_missing = entry_missing,
                                   .at = bench_at(0)};

    stays_arrive(b->stays, &arrival, bench_sink(b), id);
    return id;
}

static bool give_coupon(struct bench *b, const char *stay, const char *number, int64_t fen,
                        int64_t minutes)
{
    struct record_coupon coupon = {.kind = COUPON_AMOUNT, .value = fen};

    text_copy(coupon.stay, sizeof coupon.stay, stay);
    text_copy(coupon.coupon, sizeof coupon.coupon, number);
    return stays_coupon(b->stays, &coupon, bench_at(minutes), bench_sink(b), &b->why);
}

static void a_stay_that_nobody_knows_has_no_price(void **state)
{
    struct bench *b = *state;
    struct stay_price price;

    assert_false(stays_price(b->stays, "none", bench_at(0), NULL, &price));
}

static void a_class_that_the_lot_exempts_owes_nothing_while_inside(void **state)
{
    struct bench *b = *state;

    b->site.lots[LOT_A].policy.exempt = VEHICLE_BIT(VEHICLE_POLICE);
    const char *id = arrive_as(b, VEHICLE_POLICE, false);
    assert_int_equal(bench_price(b, id, 90).due_fen, 0);
    assert_int_equal(bench_price(b, id, 90).money.relief_class_fen, 200);
}

static void money_that_went_back_settles_nothing(void **state)
{
    struct bench *b = *state;
    const char *id = arrive_as(b, VEHICLE_SMALL, false);

    assert_true(bench_pay(b, id, 100, "wx1", 50));
    assert_true(bench_refund(b, bench_last(b, RECORD_PAYMENT)->payment.payment, 100, "r1", 51));
    assert_true(give_coupon(b, id, "c1", 10, 52));
    struct stay_price price = bench_price(b, id, 60);
    assert_int_equal(price.money.receivable_fen, 100);
    assert_int_equal(price.money.relief_coupon_fen, 10);
    assert_int_equal(price.due_fen, 90);
}

static void coupons_without_a_number_each_count(void **state)
{
    struct bench *b = *state;
    const char *id = arrive_as(b, VEHICLE_SMALL, false);

    assert_true(give_coupon(b, id, "", 10, 1));
    assert_true(give_coupon(b, id, "", 10, 2));
    assert_int_equal(bench_price(b, id, 60).money.relief_coupon_fen, 20);
}

/* What was paid chose the tariff; without it the newer one holds, which leaves such a stay to the
 * staff: there is no price to measure a relief by. */
static void a_relief_that_cannot_be_measured_is_none(void **state)
{
    struct bench *b = *state;
    struct tariff *old = &b->tariff.tariffs[0], *new = &b->tariff.tariffs[1];

    old->missing = TARIFF_MISSING_FIXED;
    old->missing_fen = 500;
    new->missing = TARIFF_MISSING_MANUAL;
    new->change = TARIFF_BY_PAYMENT;
    new->valid_from = civil_day(WEDNESDAY_TEN) + 1;
    b->tariff.book.versions_count = 2;
    tariff_prepare(new);
    const char *id = arrive_as(b, VEHICLE_NEV, true);
    assert_true(bench_pay(b, id, 1, "wx1", 10));
    assert_int_equal(bench_last(b, RECORD_PAYMENT)->payment.leave_by.ms, 0);
    struct stay_price price = bench_price(b, id, 24 * 60);
    assert_false(price.manual);
    assert_int_equal(price.money.receivable_fen, 500);
    assert_int_equal(price.due_fen, 499);
}

static void who_stays_longer_than_the_tariff_allows_is_told_so(void **state)
{
    struct bench *b = *state;

    b->tariff.tariffs[0].max_stay_s = HOUR;
    b->tariff.tariffs[0].overstay_fen = 1000;
    tariff_prepare(&b->tariff.tariffs[0]);
    const char *id = arrive_as(b, VEHICLE_SMALL, false);
    assert_false(bench_price(b, id, 60).overstayed);
    assert_true(bench_price(b, id, 61).overstayed);
    assert_int_equal(bench_leave(b, id, 61), OUTCOME_UNPAID);
    assert_true(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.overstayed);
    assert_int_equal(bench_last(b, RECORD_STAY_CLOSED)->stay_closed.money.payable_fen, 1100);
}

static void what_is_due_within_the_time_to_leave_is_due_until_its_end(void **state)
{
    struct bench *b = *state;
    const char *id = arrive_as(b, VEHICLE_SMALL, false);
    struct stay_price price;

    b->tariff.tariffs[0].factors_count = 1;
    b->tariff.shares[0] =
        (struct tariff_share){.classes = VEHICLE_BIT(VEHICLE_LARGE), .number = 2, .part = 1};
    assert_true(bench_pay(b, id, 100, "wx1", 50));
    assert_true(bench_amend(
        b, id, 51, (struct record_stay_amended){.change = STAY_CLASS, .class = VEHICLE_LARGE}));
    assert_true(stays_order(b->stays, id, bench_at(55), bench_sink(b), &price));
    assert_int_equal(price.due_fen, 100);
    assert_int_equal(price.until.ms, bench_at(65).ms);
}

static void an_order_whose_time_is_over_is_made_anew_though_it_demands_the_same(void **state)
{
    struct bench *b = *state;
    const char *id = arrive_as(b, VEHICLE_SMALL, false);
    struct stay_price price;

    assert_true(stays_order(b->stays, id, bench_at(30), bench_sink(b), &price));
    uint32_t count = b->count;
    assert_true(give_coupon(b, id, "c1", 100, 40));
    assert_true(stays_order(b->stays, id, bench_at(70), bench_sink(b), &price));
    assert_int_equal(price.due_fen, 100);
    assert_int_equal(b->count, count + 2);
    assert_int_equal(bench_last(b, RECORD_ORDER)->order.due_fen, 100);
}

/* A flat price is due as soon as the stay begins; there is nothing before that. */
static void a_clock_before_the_entry_asks_no_flat_price_either(void **state)
{
    struct bench *b = *state;
    struct stay_price price;

    b->tariff.steps[0][0] = (struct tariff_step){.price_fen = 300};
    tariff_prepare(&b->tariff.tariffs[0]);
    const char *id = arrive_as(b, VEHICLE_SMALL, false);
    assert_true(stays_order(b->stays, id, bench_at(-30), bench_sink(b), &price));
    assert_int_equal(price.due_fen, 0);
    bench_last(b, RECORD_STAY_OPENED);
    assert_true(stays_order(b->stays, id, bench_at(1), bench_sink(b), &price));
    assert_int_equal(price.due_fen, 300);
    assert_int_equal(price.until.ms, bench_at(1 + 7 * 24 * 60).ms); /* never another: a week */
}

#define T(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_stay_that_nobody_knows_has_no_price),
        T(a_class_that_the_lot_exempts_owes_nothing_while_inside),
        T(money_that_went_back_settles_nothing),
        T(coupons_without_a_number_each_count),
        T(a_relief_that_cannot_be_measured_is_none),
        T(who_stays_longer_than_the_tariff_allows_is_told_so),
        T(what_is_due_within_the_time_to_leave_is_due_until_its_end),
        T(an_order_whose_time_is_over_is_made_anew_though_it_demands_the_same),
        T(a_clock_before_the_entry_asks_no_flat_price_either),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
