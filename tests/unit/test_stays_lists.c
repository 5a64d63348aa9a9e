/* Plates on lists and the shifts of cashiers: who shares a pass, what is shown, what runs out. */
#include <stdlib.h>

#include "tests/unit/stays_bench.h"

static bool put_pass(struct bench *b, const char *plate, const char *group, uint32_t bays)
{
    struct record_list pass = {
        .list = PLATES_PASS, .on = true, .lot = PLAN_NONE, .bays = bays, .from = bench_at(0)};

    text_copy(pass.plate, sizeof pass.plate, plate);
    text_copy(pass.group, sizeof pass.group, group);
    return stays_list(b->stays, &pass, bench_at(0), bench_sink(b), &b->why);
}

static bool in_use(struct bench *b, const char *plate)
{
    struct plate_standing standing;

    stays_standing(b->stays, LOT_A, plate, VEHICLE_SMALL, bench_at(1), &standing);
    return standing.pass_in_use;
}

/* There are as many chains as places on the lists: some of these groups share one. */
static void each_group_has_its_own_bays(void **state)
{
    struct bench *b = *state;
    char plate[PLATE_SIZE], group[RECORD_WORD];

    for (int i = 0; i < BENCH_ROOM; i++) {
        snprintf(plate, sizeof plate, "A%05d", i);
        snprintf(group, sizeof group, "g%d", i / 2);
        assert_true(put_pass(b, plate, group, 1));
    }
    for (int i = 0; i < BENCH_ROOM; i += 4) {
        snprintf(plate, sizeof plate, "A%05d", i);
        bench_arrive(b, plate, 0);
    }
    for (int i = 0; i < BENCH_ROOM; i++) {
        snprintf(plate, sizeof plate, "A%05d", i);
        assert_int_equal(in_use(b, plate), i % 4 == 1);
    }
}

static void a_pass_of_bays_without_a_group_is_its_owners_alone(void **state)
{
    struct bench *b = *state;

    assert_true(put_pass(b, "粤A00003", "", 1));
    assert_false(in_use(b, "粤A00003"));
    const char *id = bench_arrive(b, "粤A00003", 0);
    assert_int_equal(bench_price(b, id, 90).money.relief_pass_fen, 200);
    assert_true(bench_amend(
        b, id, 5, (struct record_stay_amended){.change = STAY_KIND, .kind = STAY_TEMPORARY}));
    assert_int_equal(bench_price(b, id, 90).money.relief_pass_fen, 200);
}

static void a_new_plate_takes_the_place_of_the_one_that_ended_first(void **state)
{
    struct bench *b = *state;
    struct record_list off = {.list = PLATES_PASS, .lot = PLAN_NONE};
    struct plate_standing standing;
    char plate[PLATE_SIZE];

    for (int i = 0; i < BENCH_ROOM; i++) {
        snprintf(plate, sizeof plate, "A%05d", i);
        assert_true(put_pass(b, plate, "company", 2));
    }
    assert_false(put_pass(b, "B1", "", 0));
    for (int i = 3; i <= 7; i++) { /* A00005 ends first */
        snprintf(off.plate, sizeof off.plate, "A%05d", i);
        assert_true(stays_list(b->stays, &off, bench_at(10 + abs(i - 5)), bench_sink(b), &b->why));
    }
    assert_true(bench_list(b, PLATES_PASS, "B1", 30, 0));
    stays_standing(b->stays, LOT_A, "B1", VEHICLE_SMALL, bench_at(31), &standing);
    assert_true(standing.pass);
    stays_standing(b->stays, LOT_A, "A00005", VEHICLE_SMALL, bench_at(31), &standing);
    assert_false(standing.pass_expired); /* forgotten */
    stays_standing(b->stays, LOT_A, "A00003", VEHICLE_SMALL, bench_at(31), &standing);
    assert_true(standing.pass_expired);
    bench_rebuild(b);
    stays_standing(b->stays, LOT_A, "B1", VEHICLE_SMALL, bench_at(31), &standing);
    assert_true(standing.pass);
}

struct shown {
    char text[256];
    size_t used;
};

static void show_listed(void *arg, const struct record_list *entry)
{
    struct shown *shown = arg;

    shown->used += (size_t)snprintf(shown->text + shown->used, sizeof shown->text - shown->used,
                                    "%s %s %s %u\n", words_name(&list_kind_words, (int)entry->list),
                                    entry->plate, entry->group, entry->bays);
}

static void each_plate_on_a_list_is_shown(void **state)
{
    struct bench *b = *state;
    struct shown shown = {.used = 0};

    assert_true(put_pass(b, "粤A00003", "company", 2));
    assert_true(bench_list(b, PLATES_BLOCKED, "粤A00004", 0, 60));
    stays_each_listed(b->stays, show_listed, &shown);
    assert_string_equal(shown.text, "pass 粤A00003 company 2\nblocked 粤A00004  0\n");
}

static void show_shift(void *arg, const char *shift, const char *cashier, int64_t expected_fen)
{
    struct shown *shown = arg;

    shown->used += (size_t)snprintf(shown->text + shown->used, sizeof shown->text - shown->used,
                                    "%s %s %lld\n", shift, cashier, (long long)expected_fen);
}

static void each_open_shift_is_shown_with_what_its_drawer_should_hold(void **state)
{
    struct bench *b = *state;
    struct record_shift open = {.shift = "S1", .cashier = "wang", .float_fen = 100};
    struct shown shown = {.used = 0};
    char id[IDENT_SIZE];

    assert_true(stays_shift(b->stays, &open, bench_at(0), bench_sink(b), id, &b->why));
    stays_each_shift(b->stays, show_shift, &shown);
    assert_string_equal(shown.text, "S1 wang 100\n");
}

static void a_shift_is_opened_once_and_closed_once_whatever_the_journal_repeats(void **state)
{
    struct bench *b = *state;
    struct record open = {.kind = RECORD_SHIFT,
                          .shift = {.shift = "S1", .cashier = "wang", .float_fen = 100}};
    struct record close = {.kind = RECORD_SHIFT,
                           .shift = {.event = SHIFT_CLOSED, .shift = "S1", .cashier = "wang"}};
    struct shown shown = {.used = 0};

    stays_apply(b->stays, &close);
    stays_apply(b->stays, &open);
    open.shift.float_fen = 900;
    stays_apply(b->stays, &open);
    stays_each_shift(b->stays, show_shift, &shown);
    assert_string_equal(shown.text, "S1 wang 100\n");
    stays_apply(b->stays, &close);
    stays_each_shift(b->stays, show_shift, &shown);
    assert_string_equal(shown.text, "S1 wang 100\n");
}

/* The audit and the reports read the drawer's whole account from the one record. */
static void a_closed_shift_says_its_lot_and_float_also_after_a_restart(void **state)
{
    struct bench *b = *state;
    struct record_shift shift = {.lot = LOT_A, .cashier = "wang", .float_fen = 10000};
    struct record_shift close = {.event = SHIFT_CLOSED,
                                 .lot = PLAN_NONE,
                                 .witness = "zhao",
                                 .counted_fen = 10000,
                                 .denominations = "100x1"};

    for (int restart = 0; restart < 2; restart++) {
        assert_true(
            stays_shift(b->stays, &shift, bench_at(0), bench_sink(b), close.shift, &b->why));
        if (restart)
            bench_rebuild(b);
        assert_true(
            stays_shift(b->stays, &close, bench_at(60), bench_sink(b), close.shift, &b->why));
        assert_int_equal(bench_last(b, RECORD_SHIFT)->shift.event, SHIFT_CLOSED);
        assert_int_equal(bench_last(b, RECORD_SHIFT)->shift.lot, LOT_A);
        assert_int_equal(bench_last(b, RECORD_SHIFT)->shift.float_fen, 10000);
        assert_int_equal(bench_last(b, RECORD_SHIFT)->shift.expected_fen, 10000);
    }
}

static void money_is_taken_in_and_given_back_on_an_open_shift_only_and_with_a_reason(void **state)
{
    struct bench *b = *state;
    struct record_shift open = {.shift = "S1", .cashier = "wang"};
    struct money_in cash = {.amount_fen = 100, .shift = "S1", .at = bench_at(5)};
    struct money_back back = {.amount_fen = 10, .shift = "S2", .at = bench_at(6)};
    char id[IDENT_SIZE];

    assert_true(stays_shift(b->stays, &open, bench_at(0), bench_sink(b), id, &b->why));
    text_copy(cash.stay, sizeof cash.stay, bench_arrive(b, "粤A1", 0));
    assert_true(stays_pay(b->stays, &cash, bench_sink(b), &b->again, &b->why));
    text_copy(back.payment, sizeof back.payment, bench_last(b, RECORD_PAYMENT)->payment.payment);
    assert_false(stays_refund(b->stays, &back, bench_sink(b), &b->again, &b->why));
    assert_string_equal(b->why, "the shift is not open");
    text_copy(back.shift, sizeof back.shift, "S1");
    assert_false(stays_refund(b->stays, &back, bench_sink(b), &b->again, &b->why));
    assert_string_equal(b->why, "a refund needs a reason");
    text_copy(back.reason, sizeof back.reason, "too much");
    assert_true(stays_refund(b->stays, &back, bench_sink(b), &b->again, &b->why));
    assert_string_equal(bench_last(b, RECORD_REFUND)->refund.shift, "S1");
}

#define T(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(each_group_has_its_own_bays),
        T(a_pass_of_bays_without_a_group_is_its_owners_alone),
        T(a_new_plate_takes_the_place_of_the_one_that_ended_first),
        T(each_plate_on_a_list_is_shown),
        T(each_open_shift_is_shown_with_what_its_drawer_should_hold),
        T(a_shift_is_opened_once_and_closed_once_whatever_the_journal_repeats),
        T(a_closed_shift_says_its_lot_and_float_also_after_a_restart),
        T(money_is_taken_in_and_given_back_on_an_open_shift_only_and_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
