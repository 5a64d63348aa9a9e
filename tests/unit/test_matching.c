/*
 * Matching: each cause of a difference gives one difference, in its class, with the money at risk.
 * Statements are written here as short CSV of a column map of the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/reconcile/matching.h"

enum { DAY = 19795, HOUR_S = 3600, MOST = 8 }; /* 2024-03-13 */

static const struct layout_column columns[] = {
    {FIELD_TIME, true, {"time"}},       {FIELD_ORDER, true, {"order"}},
    {FIELD_TRANSACTION, true, {"txn"}}, {FIELD_KIND, true, {"kind"}},
    {FIELD_AMOUNT, true, {"amount"}},   {FIELD_FEE, true, {"fee"}},
    {FIELD_RATE, true, {"rate"}},
};
static const struct layout_word words[] = {{FIELD_KIND, "pay", LINE_PAYMENT},
                                           {FIELD_KIND, "back", LINE_REFUND},
                                           {FIELD_KIND, "failed", LINE_REFUND_FAILED}};
static const struct layout layout = {.id = "test",
                                     .channel = "bank",
                                     .time = "YYYY-MM-DD hh:mm",
                                     .places = 2,
                                     .columns = columns,
                                     .columns_count = sizeof columns / sizeof *columns,
                                     .words = words,
                                     .words_count = 3};
static const struct layout *const layouts[] = {&layout, NULL};

struct scene {
    struct bills *bills;
    struct pay_order orders[MOST];
    size_t orders_count;
    struct pay_orders *collected;
    struct matching_input input;
    struct matching *match;
};

static struct scene begin(void)
{
    return (struct scene){.bills = bills_create(layouts)};
}

/* A statement of the day or another, by its rows. */
static void bill(struct scene *scene, const char *day, const char *rows)
{
    char text[2048], name[64];

    snprintf(name, sizeof name, "%s.csv", day);
    snprintf(text, sizeof text, "time,order,txn,kind,amount,fee,rate\n%s", rows);
    struct source_bytes from = {text, strlen(text), 0};
    struct source source = source_of_bytes(name, &from);
    struct err err = {""};
    if (!bills_take_source(scene->bills, &source, &err))
        print_error("%s\n", err.text);
    assert_string_equal(err.text, "");
}

static struct pay_order *order(struct scene *scene, const char *number, int64_t fen)
{
    struct pay_order *added = &scene->orders[scene->orders_count++];

    *added = (struct pay_order){.number = number,
                                .transaction = "",
                                .channel = "bank",
                                .stay = "",
                                .operator= "",
                                .shift = "",
                                .status = PAY_ORDER_PAID,
                                .payable_fen = fen,
                                .paid_fen = fen,
                                .paid_local_s = INT64_C(86400) * DAY + 12 * HOUR_S,
                                .refunded_local_s = PAY_ORDER_NO_TIME};
    return added;
}

static bool each(void *arg, pay_order_fn *fn, void *fn_arg, struct err *err)
{
    const struct scene *scene = arg;

    for (size_t i = 0; i < scene->orders_count; i++)
        if (!fn(fn_arg, &scene->orders[i], err))
            return false;
    return true;
}

static void run(struct scene *scene)
{
    struct pay_order_source source = {each, scene};

    scene->collected = pay_orders_collect(&source, NULL);
    scene->input = (struct matching_input){.day = DAY,
                                           .now_local_s = INT64_C(86400) * (DAY + 3),
                                           .orders = scene->collected,
                                           .bills = scene->bills,
                                           .counts = scene->input.counts,
                                           .counts_count = scene->input.counts_count};
    scene->match = matching_run(&scene->input, NULL);
    assert_non_null(scene->match);
}

static void end(struct scene *scene)
{
    matching_destroy(scene->match);
    pay_orders_destroy(scene->collected);
    bills_destroy(scene->bills);
}

/* Exactly one difference, as expected; ends the scene. */
static void finds_one(struct scene *scene, enum difference_class class, int64_t at_risk_fen)
{
    uint32_t count;

    run(scene);
    const struct difference *found = matching_differences(scene->match, &count);
    assert_int_equal(count, 1);
    assert_string_equal(difference_class_text(found->class), difference_class_text(class));
    assert_int_equal(found->at_risk_fen, at_risk_fen);
    assert_int_equal(found->state == DIFFERENCE_OPEN, at_risk_fen > 0);
    assert_int_equal(matching_sum(scene->match, class).at_risk_fen, at_risk_fen);
    end(scene);
}

static void finds_none(struct scene *scene, uint32_t matched)
{
    uint32_t count;

    run(scene);
    matching_differences(scene->match, &count);
    assert_int_equal(count, 0);
    matching_matched(scene->match, &count);
    assert_int_equal(count, matched);
    end(scene);
}

static void orders_and_money_that_agree_are_no_difference(void **state)
{
    struct scene scene = begin();

    (void)state;
    order(&scene, "A", 700);
    struct pay_order *back = order(&scene, "B", 900);
    back->status = PAY_ORDER_REFUNDED;
    back->refund_fen = 900;
    bill(&scene, "20240313",
         "2024-03-13 12:00,A,t1,pay,7.00,0.04,0.60%\n2024-03-13 12:00,B,t2,pay,9.00,0.05,0.60%\n"
         "2024-03-13 12:10,B,t2,back,9.00,0.05,0.60%\n");
    finds_none(&scene, 2);
}

static void money_without_an_order_is_at_risk_until_it_is_given_back(void **state)
{
    static const char paid[] = "2024-03-13 12:00,X,t1,pay,8.00,0.05,0.60%\n";
    char both[256];

    (void)state;
    struct scene scene = begin();
    bill(&scene, "20240313", paid);
    finds_one(&scene, DIFFERENCE_CHANNEL_ONLY, 800);
    scene = begin();
    snprintf(both, sizeof both, "%s2024-03-13 13:00,X,t1,back,3.00,0.02,0.60%%\n", paid);
    bill(&scene, "20240313", both);
    finds_one(&scene, DIFFERENCE_CHANNEL_ONLY, 500);
    scene = begin();
    bill(&scene, "20240313", paid);
    bill(&scene, "20240314", "2024-03-14 13:00,X,t1,back,8.00,0.05,0.60%\n");
    finds_one(&scene, DIFFERENCE_CHANNEL_ONLY, 0);
}

static void an_order_without_money_waits_for_the_next_bill_only_at_midnight(void **state)
{
    static const int64_t last_s = INT64_C(86400) * (DAY + 1) - 2;

    (void)state;
    struct scene scene = begin();
    order(&scene, "A", 600);
    bill(&scene, "20240313", "");
    finds_one(&scene, DIFFERENCE_GATEWAY_ONLY, 600);
    scene = begin();
    order(&scene, "A", 600)->paid_local_s = last_s;
    bill(&scene, "20240313", "");
    finds_one(&scene, DIFFERENCE_LATE, 600);
    scene = begin(); /* two bills without rows are not one given twice */
    order(&scene, "A", 600)->paid_local_s = last_s;
    bill(&scene, "20240313", "");
    bill(&scene, "20240314", "");
    finds_one(&scene, DIFFERENCE_GATEWAY_ONLY, 600);
    scene = begin();
    order(&scene, "A", 600)->paid_local_s = last_s;
    bill(&scene, "20240313", "");
    bill(&scene, "20240314", "2024-03-14 00:00,A,t1,pay,6.00,0.04,0.60%\n");
    finds_one(&scene, DIFFERENCE_LATE, 0);
}

static void the_order_of_another_day_is_that_days_matter(void **state)
{
    struct scene scene = begin();

    (void)state;
    order(&scene, "A", 600)->paid_local_s = INT64_C(86400) * DAY - 2;
    bill(&scene, "20240313", "2024-03-13 00:00,A,t1,pay,6.00,0.04,0.60%\n");
    finds_none(&scene, 0);
}

static void a_second_success_is_a_duplicate_by_number_by_ending_and_by_stay(void **state)
{
    static const char two[] = "2024-03-13 12:00,A1,t1,pay,6.00,0.04,0.60%%\n"
                              "2024-03-13 12:01,%s,t2,pay,6.00,0.04,0.60%%\n";
    static const char *const numbers[] = {"A1", "A1R", "A1-2"};
    char rows[256];

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct scene scene = begin();
        order(&scene, "A1", 600);
        snprintf(rows, sizeof rows, two, numbers[i]);
        bill(&scene, "20240313", rows);
        finds_one(&scene, DIFFERENCE_DUPLICATE, 600);
    }
    struct scene scene = begin();
    order(&scene, "A1", 600)->stay = "s";
    struct pay_order *open = order(&scene, "B1", 600);
    open->stay = "s";
    open->status = PAY_ORDER_OPEN;
    snprintf(rows, sizeof rows, two, "B1");
    bill(&scene, "20240313", rows);
    finds_one(&scene, DIFFERENCE_DUPLICATE, 600);
    scene = begin(); /* a longer number is another order */
    order(&scene, "A1", 600);
    snprintf(rows, sizeof rows, two, "A12");
    bill(&scene, "20240313", rows);
    finds_one(&scene, DIFFERENCE_CHANNEL_ONLY, 600);
}

static void the_payment_that_the_gateway_knows_by_its_number_stands(void **state)
{
    uint32_t count;
    struct scene scene = begin();

    (void)state;
    order(&scene, "A", 600)->transaction = "t2";
    bill(&scene, "20240313",
         "2024-03-13 12:00,A,t1,pay,5.00,0.03,0.60%\n"
         "2024-03-13 12:01,A,t2,pay,6.00,0.04,0.60%\n");
    run(&scene);
    const struct difference *found = matching_differences(scene.match, &count);
    assert_int_equal(count, 1);
    assert_int_equal(found->class, DIFFERENCE_DUPLICATE);
    assert_string_equal(found->transaction, "t1");
    end(&scene);
}

static void amounts_and_states_that_differ_are_told(void **state)
{
    static const char paid[] = "2024-03-13 12:00,A,t1,pay,10.00,0.06,0.60%\n";

    (void)state;
    struct scene scene = begin();
    order(&scene, "A", 1100);
    bill(&scene, "20240313", paid);
    finds_one(&scene, DIFFERENCE_AMOUNT_MISMATCH, 100);
    scene = begin();
    order(&scene, "A", 1000)->status = PAY_ORDER_VOID;
    bill(&scene, "20240313", paid);
    finds_one(&scene, DIFFERENCE_STATUS_MISMATCH, 1000);
}

static void refunds_of_one_side_only_are_told(void **state)
{
    static const char paid[] = "2024-03-13 12:00,A,t1,pay,10.00,0.06,0.60%\n";
    char rows[256];

    (void)state;
    struct scene scene = begin();
    order(&scene, "A", 1000);
    snprintf(rows, sizeof rows, "%s2024-03-13 13:00,A,t1,back,4.00,0.02,0.60%%\n", paid);
    bill(&scene, "20240313", rows);
    finds_one(&scene, DIFFERENCE_STATUS_MISMATCH, 400);
    scene = begin();
    bill(&scene, "20240313", "2024-03-13 13:00,Z,t9,back,4.00,0.02,0.60%\n");
    finds_one(&scene, DIFFERENCE_REFUND_UNKNOWN, 400);
    for (int failed = 0; failed < 2; failed++) {
        scene = begin();
        order(&scene, "A", 1000)->refund_fen = 400;
        snprintf(rows, sizeof rows, "%s%s", paid,
                 failed ? "2024-03-13 13:00,A,t1,failed,4.00,0.02,0.60%\n" : "");
        bill(&scene, "20240313", rows);
        finds_one(&scene, DIFFERENCE_REFUND_MISSING, 400);
    }
}

static void a_fee_is_checked_order_by_order(void **state)
{
    (void)state;
    struct scene scene = begin();
    order(&scene, "A", 700);
    bill(&scene, "20240313", "2024-03-13 12:00,A,t1,pay,7.00,0.05,0.60%\n");
    finds_one(&scene, DIFFERENCE_FEE, 1);
    scene = begin(); /* fractions of a fen are kept */
    order(&scene, "A", 700);
    bill(&scene, "20240313", "2024-03-13 12:00,A,t1,pay,7.00,0.04200,0.60%\n");
    finds_none(&scene, 1);
}

static void a_drawer_is_compared_with_its_orders(void **state)
{
    static const struct cash_count counts[] = {{"A001", "day", 20400, 20000, 500}};

    (void)state;
    for (int64_t apart = -1; apart <= 1; apart++) {
        struct scene scene = begin();
        struct pay_order *cash = order(&scene, "C", 900 + apart);
        cash->channel = "cash";
        cash->operator= "A001";
        cash->shift = "day";
        scene.input.counts = counts;
        scene.input.counts_count = 1;
        if (apart == 0)
            finds_none(&scene, 0);
        else
            finds_one(&scene, apart < 0 ? DIFFERENCE_CASH_OVER : DIFFERENCE_CASH_SHORT, 1);
    }
}

/* What was given back out of it for an order of another shift, and an order whose shift goes on. */
static void a_drawer_that_was_booked_is_compared_with_its_book(void **state)
{
    static const struct cash_count counts[] = {
        {"A001", "day", 20500, 20000, 0, .booked = true, .system_fen = 500}};
    struct scene scene = begin();
    struct pay_order *cash = order(&scene, "C", 900);

    (void)state;
    cash->channel = "cash";
    cash->operator= "A001";
    cash->shift = "day";
    cash = order(&scene, "D", 300);
    cash->channel = "cash";
    cash->operator= "A002";
    cash->shift = "night";
    scene.input.counts = counts;
    scene.input.counts_count = 1;
    finds_none(&scene, 0);
}

static void statements_of_another_day_are_refused(void **state)
{
    struct scene scene = begin();
    struct pay_orders none = {.items = NULL};
    struct err err = {""};

    (void)state;
    bill(&scene, "20240314", "2024-03-14 00:00,A,t1,pay,6.00,0.04,0.60%\n");
    scene.input = (struct matching_input){.day = DAY, .orders = &none, .bills = scene.bills};
    assert_null(matching_run(&scene.input, &err));
    assert_non_null(strstr(err.text, "of bank there is no trade bill of 2024-03-13"));
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_and_money_that_agree_are_no_difference),
        cmocka_unit_test(money_without_an_order_is_at_risk_until_it_is_given_back),
        cmocka_unit_test(an_order_without_money_waits_for_the_next_bill_only_at_midnight),
        cmocka_unit_test(the_order_of_another_day_is_that_days_matter),
        cmocka_unit_test(a_second_success_is_a_duplicate_by_number_by_ending_and_by_stay),
        cmocka_unit_test(the_payment_that_the_gateway_knows_by_its_number_stands),
        cmocka_unit_test(amounts_and_states_that_differ_are_told),
        cmocka_unit_test(refunds_of_one_side_only_are_told),
        cmocka_unit_test(a_fee_is_checked_order_by_order),
        cmocka_unit_test(a_drawer_is_compared_with_its_orders),
        cmocka_unit_test(a_drawer_that_was_booked_is_compared_with_its_book),
        cmocka_unit_test(statements_of_another_day_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
