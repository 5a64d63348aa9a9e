/* Vehicles without a plate: a ticket is their name, from the entry to the exit. */
#include "tests/unit/yard_bench.h"

#define TICKET "T-0042"

static bool gives(struct bench *b, uint32_t lane, const char *ticket)
{
    const char *why = NULL;
    bool done = yard_ticket(b->yard, lane, ticket, b->now, &why);

    assert_int_equal(done, why == NULL);
    obey(b);
    return done;
}

/* Nothing is decided, and why not is said in these words. */
static void is_refused(struct bench *b, uint32_t lane, const char *ticket, const char *words)
{
    uint32_t records = b->records_count;
    const char *why = "";

    assert_false(yard_ticket(b->yard, lane, ticket, b->now, &why));
    if (!strstr(why, words))
        fail_msg("\"%s\" says nothing of \"%s\"", why, words);
    assert_int_equal(b->records_count, records);
}

static void enter(struct bench *b, const char *ticket)
{
    drive_up(b, A_IN, "");
    assert_int_equal(last(b, RECORD_DECISION)->decision.reason, DECIDED_NO_PLATE);
    assert_true(gives(b, A_IN, ticket));
    assert_int_equal(last(b, RECORD_DECISION)->decision.verdict, DECISION_ALLOW);
    drive_through(b, A_IN);
}

static void pay(struct bench *b)
{
    struct money_in money = {.channel = CHANNEL_WECHAT, .transaction = "t-1", .at = b->now.utc};
    bool again;
    const char *why = "";

    text_copy(money.order, sizeof money.order, last(b, RECORD_ORDER)->order.order);
    money.amount_fen = last(b, RECORD_ORDER)->order.due_fen;
    assert_true(yard_pay(b->yard, &money, b->now, &again, &why));
    obey(b);
}

static void a_ticket_is_the_name_of_a_stay_from_entry_to_exit(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    enter(&b, TICKET);
    const struct record_stay_opened *opened = &last(&b, RECORD_STAY_OPENED)->stay_opened;
    assert_string_equal(opened->ticket, TICKET);
    assert_string_equal(opened->plate, "");
    char stay[IDENT_SIZE];
    text_copy(stay, sizeof stay, opened->stay);
    wait_ms(&b, 5400000);
    drive_up(&b, A_OUT, "");
    assert_int_equal(last(&b, RECORD_DECISION)->decision.reason, DECIDED_NO_PLATE);
    assert_true(gives(&b, A_OUT, TICKET));
    assert_int_equal(last(&b, RECORD_DECISION)->decision.verdict, DECISION_PAY);
    assert_string_equal(last(&b, RECORD_DECISION)->decision.stay, stay);
    assert_string_equal(last(&b, RECORD_DECISION)->decision.ticket, TICKET);
    pay(&b);
    assert_int_equal(last(&b, RECORD_DECISION)->decision.verdict, DECISION_ALLOW);
    drive_through(&b, A_OUT);
    assert_string_equal(last(&b, RECORD_STAY_CLOSED)->stay_closed.stay, stay);
    assert_int_equal(last(&b, RECORD_STAY_CLOSED)->stay_closed.outcome, OUTCOME_PAID);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 1);
    assert_int_equal(count(&b, RECORD_STAY_CLOSED), 1);
    assert_null(stays_by_ticket(yard_stays(b.yard), TICKET));
    stop(&b);
}

static void at_the_exit_the_id_of_the_stay_does_as_well(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    enter(&b, TICKET);
    drive_up(&b, A_OUT, "");
    assert_true(gives(&b, A_OUT, last(&b, RECORD_STAY_OPENED)->stay_opened.stay));
    drive_through(&b, A_OUT);
    assert_int_equal(count(&b, RECORD_STAY_CLOSED), 1);
    stop(&b);
}

static void a_ticket_goes_with_one_vehicle_and_is_free_again_when_it_has_left(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    enter(&b, TICKET);
    drive_up(&b, A_IN, "");
    is_refused(&b, A_IN, TICKET, "another vehicle");
    assert_true(gives(&b, A_IN, "T-0043"));
    is_refused(&b, A_IN, "T-0044", "may pass already");
    drive_through(&b, A_IN);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 2);
    drive_up(&b, A_OUT, "");
    assert_true(gives(&b, A_OUT, TICKET));
    drive_through(&b, A_OUT);
    enter(&b, TICKET);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 3);
    stop(&b);
}

static void a_ticket_is_not_given_at_two_entries_at_once(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    b.site.lanes[A_OUT].direction = LANE_IN;
    drive_up(&b, A_IN, "");
    assert_true(gives(&b, A_IN, TICKET));
    drive_up(&b, A_OUT, "");
    is_refused(&b, A_OUT, TICKET, "another vehicle");
    stop(&b);
}

static void what_is_no_ticket_here_is_refused(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    is_refused(&b, A_IN, TICKET, "no vehicle");
    drive_up(&b, A_OUT, "");
    is_refused(&b, A_OUT, "", "1 to 23");
    is_refused(&b, A_OUT, "a b", "1 to 23");
    is_refused(&b, A_OUT, "012345678901234567890123", "1 to 23");
    is_refused(&b, A_OUT, TICKET, "no open stay");
    stop(&b);
}

static void a_vehicle_with_a_plate_needs_no_ticket(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    b.site.lanes[A_IN].classes = VEHICLE_BIT(VEHICLE_LARGE); /* so that it waits */
    drive_up(&b, A_IN, CAR);
    is_refused(&b, A_IN, TICKET, "needs no ticket");
    stop(&b);
}

static void a_ticket_is_no_way_around_what_the_lot_refuses(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    b.site.lanes[A_IN].classes = VEHICLE_BIT(VEHICLE_LARGE);
    drive_up(&b, A_IN, "");
    assert_true(gives(&b, A_IN, TICKET));
    assert_int_equal(last(&b, RECORD_DECISION)->decision.verdict, DECISION_DENY);
    assert_int_equal(b.orders_count, 0);
    stop(&b);
}

static void a_ticket_of_another_car_lets_nobody_out(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    enter(&b, TICKET);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    wait_ms(&b, 5400000);
    drive_up(&b, A_OUT, CAR); /* owes, and shows the cheaper ticket */
    is_refused(&b, A_OUT, TICKET, "another's");
    stop(&b);
}

static void a_stay_with_another_plate_is_not_the_vehicles(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    drive_up(&b, A_OUT, "苏B99999");
    is_refused(&b, A_OUT, last(&b, RECORD_STAY_OPENED)->stay_opened.stay, "another plate");
    stop(&b);
}

static void a_locked_car_is_not_let_out_by_its_stays_id(void **state)
{
    const struct record_list lock = {.list = PLATES_LOCKED, .on = true, .lot = 0, .plate = CAR};
    static struct bench b;
    const char *why = "";

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    assert_true(yard_list(b.yard, &lock, b.now, &why));
    drive_up(&b, A_OUT, ""); /* its plate is covered */
    assert_true(gives(&b, A_OUT, last(&b, RECORD_STAY_OPENED)->stay_opened.stay));
    assert_int_equal(last(&b, RECORD_DECISION)->decision.reason, DECIDED_LOCKED);
    stop(&b);
}

static void a_ticket_outlives_a_restart_before_and_behind_the_boom(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, "");
    assert_true(gives(&b, A_IN, TICKET)); /* the boom rises, and the power goes */
    for (int again = 0; again < 2; again++) {
        yard_destroy(b.yard);
        begin(&b);
        for (uint32_t i = 0; i < b.records_count; i++)
            yard_restore(b.yard, &b.records[i]);
        yard_started(b.yard, b.now);
        if (again == 0)
            drive_through(&b, A_IN);
    }
    assert_string_equal(last(&b, RECORD_STAY_OPENED)->stay_opened.ticket, TICKET);
    const struct stay *stay = stays_by_ticket(yard_stays(b.yard), TICKET);
    assert_non_null(stay);
    assert_string_equal(stay->id, last(&b, RECORD_STAY_OPENED)->stay_opened.stay);
    stop(&b);
}

static void who_backs_out_leaves_the_ticket_behind(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    b.site.lanes[A_IN].classes = VEHICLE_BIT(VEHICLE_LARGE);
    drive_up(&b, A_IN, "");
    assert_true(gives(&b, A_IN, TICKET));
    loops(&b, A_IN, 0);
    wait_ms(&b, 30000);
    b.site.lanes[A_IN].classes = VEHICLE_ALL;
    drive_up(&b, A_IN, "");
    assert_int_equal(last(&b, RECORD_DECISION)->decision.reason, DECIDED_NO_PLATE);
    assert_true(gives(&b, A_IN, TICKET));
    stop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_is_the_name_of_a_stay_from_entry_to_exit),
        cmocka_unit_test(at_the_exit_the_id_of_the_stay_does_as_well),
        cmocka_unit_test(a_ticket_goes_with_one_vehicle_and_is_free_again_when_it_has_left),
        cmocka_unit_test(a_ticket_is_not_given_at_two_entries_at_once),
        cmocka_unit_test(what_is_no_ticket_here_is_refused),
        cmocka_unit_test(a_vehicle_with_a_plate_needs_no_ticket),
        cmocka_unit_test(a_ticket_is_no_way_around_what_the_lot_refuses),
        cmocka_unit_test(a_ticket_of_another_car_lets_nobody_out),
        cmocka_unit_test(a_stay_with_another_plate_is_not_the_vehicles),
        cmocka_unit_test(a_locked_car_is_not_let_out_by_its_stays_id),
        cmocka_unit_test(a_ticket_outlives_a_restart_before_and_behind_the_boom),
        cmocka_unit_test(who_backs_out_leaves_the_ticket_behind),
    };

    return cmocka_run_group_tests_name("yard ticket", tests, NULL, NULL);
}
