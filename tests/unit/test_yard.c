/* The yard: reads, decisions, passages and stays of one small lot, in virtual time. */
#include "tests/unit/yard_bench.h"

static void an_entry_is_a_read_a_decision_a_command_a_stay_and_a_passage(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    assert_int_equal(last(&b, RECORD_DECISION)->decision.verdict, DECISION_ALLOW);
    assert_int_equal(last(&b, RECORD_COMMAND)->command.action, LANE_OPEN);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 0);
    drive_through(&b, A_IN);
    assert_int_equal(count(&b, RECORD_PLATE_READ), 1);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 1);
    assert_int_equal(count(&b, RECORD_PASSAGE), 1);
    const struct record_passage *passage = &last(&b, RECORD_PASSAGE)->passage;
    assert_string_equal(passage->plate, CAR);
    assert_string_equal(passage->stay, last(&b, RECORD_STAY_OPENED)->stay_opened.stay);
    assert_string_equal(passage->passage, last(&b, RECORD_STAY_OPENED)->stay_opened.passage);
    assert_int_equal(passage->evidence, EVIDENCE_LOOPS);
    assert_int_equal(passage->direction, LANE_IN);
    stop(&b);
}

static void an_exit_waits_for_the_payment_and_closes_the_stay_as_paid(void **state)
{
    static struct bench b;
    struct money_in money = {.channel = CHANNEL_WECHAT, .transaction = "t-1"};
    bool again = false;
    const char *why = "";

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    wait_ms(&b, 5400000);
    drive_up(&b, A_OUT, CAR);
    assert_int_equal(last(&b, RECORD_DECISION)->decision.verdict, DECISION_PAY);
    assert_int_equal(last(&b, RECORD_ORDER)->order.due_fen, 200);
    uint32_t orders = b.orders_count;
    wait_ms(&b, 2000);
    assert_int_equal(b.orders_count, orders);

    text_copy(money.order, sizeof money.order, last(&b, RECORD_ORDER)->order.order);
    money.amount_fen = 200;
    money.at = b.now.utc;
    assert_true(yard_pay(b.yard, &money, b.now, &again, &why));
    assert_false(again);
    obey(&b);
    assert_int_equal(last(&b, RECORD_DECISION)->decision.verdict, DECISION_ALLOW);
    drive_through(&b, A_OUT);
    const struct record_stay_closed *closed = &last(&b, RECORD_STAY_CLOSED)->stay_closed;
    assert_int_equal(closed->outcome, OUTCOME_PAID);
    assert_int_equal(closed->money.payable_fen, 200);
    assert_int_equal(closed->received_fen, 200);
    assert_int_equal(count(&b, RECORD_STAY_CLOSED), 1);
    assert_int_equal(count(&b, RECORD_PASSAGE), 2);
    stop(&b);
}

static void the_same_read_again_makes_nothing(void **state)
{
    static struct bench b;
    struct plate_read read;

    (void)state;
    start(&b);
    read = a_read(&b, CAR);
    assert_true(yard_read(b.yard, A_IN, &read, "aaaa000000000001", b.now));
    assert_false(yard_read(b.yard, A_IN, &read, "aaaa000000000001", b.now));
    assert_int_equal(count(&b, RECORD_PLATE_READ), 1);
    stop(&b);
}

static void an_offline_read_is_history_and_never_opens(void **state)
{
    static struct bench b;
    struct plate_read read;

    (void)state;
    start(&b);
    loops(&b, A_IN, BOOM_PRESENCE);
    read = a_read(&b, CAR);
    read.offline = true;
    read.time.at.ms -= 3600000;
    read.opened_by = OPENER_OFFLINE_WHITELIST;
    assert_false(see(&b, A_IN, &read));
    obey(&b);
    assert_int_equal(b.orders_count, 0);
    assert_int_equal(last(&b, RECORD_PASSAGE)->passage.kind, PASSAGE_OFFLINE);
    assert_int_equal(last(&b, RECORD_STAY_OPENED)->at.ms, b.now.utc.ms - 3600000);
    stop(&b);
}

static void a_late_read_is_told_from_a_camera_whose_clock_is_wrong(void **state)
{
    static struct bench b;
    struct plate_read read;

    (void)state;
    start(&b);
    for (int i = 0; i < 3; i++) { /* ten minutes slow, always */
        wait_ms(&b, 60000);
        read = a_read(&b, i == 0 ? "苏A00001" : i == 1 ? "苏A00002" : "苏A00003");
        read.time.at.ms -= 600000;
        assert_int_equal(see(&b, A_IN, &read), i == 2);
    }
    read = a_read(&b, "苏A00004"); /* an hour late even for that clock */
    read.time.at.ms -= 4200000;
    assert_false(see(&b, A_IN, &read));
    stop(&b);
}

static void a_restart_goes_on_with_the_stays_and_sends_nothing_again(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    drive_up(&b, A_OUT, CAR); /* decided, free of charge or to pay, and then the power goes */
    yard_destroy(b.yard);
    uint32_t records = b.records_count, orders;

    begin(&b);
    for (uint32_t i = 0; i < records; i++)
        yard_restore(b.yard, &b.records[i]);
    yard_started(b.yard, b.now);
    orders = b.orders_count;
    assert_int_equal(orders, 0);
    assert_non_null(stays_by_plate(yard_stays(b.yard), 0, CAR));
    wait_ms(&b, 1000);
    for (uint32_t i = 0; i < b.orders_count; i++)
        assert_int_not_equal(b.orders[i].action, LANE_OPEN);
    stop(&b);
}

/* The process ends, another begins with the same boards. */
static void restart(struct bench *b)
{
    uint32_t records = b->records_count;

    yard_destroy(b->yard);
    begin(b);
    for (uint32_t i = 0; i < records; i++)
        yard_restore(b->yard, &b->records[i]);
    yard_started(b->yard, b->now);
    for (uint32_t lane = 0; lane < SMALL_LANES; lane++)
        yard_camera(b->yard, lane, true, b->now);
}

static void a_car_that_passes_after_a_restart_is_the_one_that_was_let_in_before(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    assert_int_equal(b.booms[A_IN].state, BOOM_OPEN);
    restart(&b);
    drive_through(&b, A_IN);
    const struct record_passage *passage = &last(&b, RECORD_PASSAGE)->passage;
    assert_string_equal(passage->plate, CAR);
    assert_int_equal(passage->kind, PASSAGE_ORDINARY);
    assert_int_equal(passage->cause, CAUSE_DECISION);
    assert_string_equal(last(&b, RECORD_STAY_OPENED)->stay_opened.plate, CAR);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 1);
    assert_int_equal(count(&b, RECORD_OPENING), 0);
    assert_int_equal(count(&b, RECORD_COMMAND), 1);
    stop(&b);
}

static void a_stranger_after_a_restart_is_not_the_one_that_passed_before(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    restart(&b);
    drive_through(&b, A_IN);
    assert_string_equal(last(&b, RECORD_PASSAGE)->passage.plate, "");
    stop(&b);
}

static void a_person_lets_a_car_out_and_the_stay_says_who_and_why(void **state)
{
    static struct bench b;
    struct lane_act act = {.operation = LANE_DO_OPEN,
                           .cause = CAUSE_OPERATOR,
                           .actor = "wang",
                           .reason = "terminal is down"};
    const char *why = "";

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    wait_ms(&b, 5400000);
    drive_up(&b, A_OUT, CAR);
    assert_true(yard_act(b.yard, A_OUT, &act, b.now, &why));
    obey(&b);
    drive_through(&b, A_OUT);
    const struct record_stay_closed *closed = &last(&b, RECORD_STAY_CLOSED)->stay_closed;
    assert_int_equal(closed->outcome, OUTCOME_RELEASED);
    assert_string_equal(closed->actor, "wang");
    assert_string_equal(closed->reason, "terminal is down");
    assert_int_equal(closed->money.receivable_fen, 200);
    assert_int_equal(closed->money.relief_other_fen, 200);
    stop(&b);
}

/* Its plate cannot be read, and a person says who it is. */
static void identify(struct bench *b, uint32_t lane)
{
    struct lane_decision decision = {
        .verdict = DECISION_ALLOW, .cause = CAUSE_OPERATOR, .plate = CAR, .actor = "wang"};
    const char *why = "";

    loops(b, lane, BOOM_PRESENCE);
    wait_ms(b, 9000);
    assert_true(yard_approve(b->yard, lane, &decision, b->now, &why));
    obey(b);
    drive_through(b, lane);
}

static void a_car_that_paid_and_was_only_identified_by_a_person_leaves_as_paid(void **state)
{
    static struct bench b;
    struct money_in money = {.amount_fen = 200, .channel = CHANNEL_WECHAT, .transaction = "t-1"};
    bool again;
    const char *why = "";

    (void)state;
    start(&b);
    identify(&b, A_IN);
    wait_ms(&b, 5400000);
    text_copy(money.stay, sizeof money.stay, last(&b, RECORD_STAY_OPENED)->stay_opened.stay);
    money.at = b.now.utc;
    assert_true(yard_pay(b.yard, &money, b.now, &again, &why));
    identify(&b, A_OUT);
    assert_int_equal(last(&b, RECORD_STAY_CLOSED)->stay_closed.outcome, OUTCOME_PAID);
    assert_string_equal(last(&b, RECORD_STAY_CLOSED)->stay_closed.actor, "");
    stop(&b);
}

static void a_car_that_a_person_lets_out_without_words_is_released_with_a_reason(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    identify(&b, A_IN);
    wait_ms(&b, 5400000);
    identify(&b, A_OUT);
    const struct record_stay_closed *closed = &last(&b, RECORD_STAY_CLOSED)->stay_closed;
    assert_int_equal(closed->outcome, OUTCOME_RELEASED);
    assert_string_equal(closed->actor, "wang");
    assert_string_equal(closed->reason, "operator");
    stop(&b);
}

static void a_car_under_the_boom_keeps_its_own_stay_when_the_next_one_is_asked_about(void **state)
{
    static struct bench b;
    struct plate_read read;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    drive_up(&b, A_IN, "苏A99999");
    drive_through(&b, A_IN);
    wait_ms(&b, 60000);
    drive_up(&b, A_OUT, CAR);
    loops(&b, A_OUT, BOOM_PRESENCE | BOOM_CLOSING_LOOP);
    loops(&b, A_OUT, BOOM_CLOSING_LOOP);
    loops(&b, A_OUT, BOOM_PRESENCE | BOOM_CLOSING_LOOP); /* the next one is close behind */
    read = a_read(&b, "苏A99999");
    see(&b, A_OUT, &read);
    loops(&b, A_OUT, BOOM_PRESENCE);
    wait_ms(&b, 1000);
    assert_string_equal(last(&b, RECORD_STAY_CLOSED)->stay_closed.plate, CAR);
    assert_non_null(stays_by_plate(yard_stays(b.yard), 0, "苏A99999"));
    stop(&b);
}

static void another_plate_at_the_exit_does_not_end_the_only_stay_that_is_open(void **state)
{
    static struct bench b;
    struct lane_decision decision = {
        .verdict = DECISION_ALLOW, .cause = CAUSE_OPERATOR, .plate = "苏A12349", .actor = "wang"};
    const char *why = "";

    (void)state;
    start(&b);
    identify(&b, A_IN);
    wait_ms(&b, 5400000);
    loops(&b, A_OUT, BOOM_PRESENCE);
    wait_ms(&b, 9000);
    assert_true(yard_approve(b.yard, A_OUT, &decision, b.now, &why));
    obey(&b);
    drive_through(&b, A_OUT);
    assert_non_null(stays_by_plate(yard_stays(b.yard), 0, CAR));
    assert_string_equal(last(&b, RECORD_STAY_CLOSED)->stay_closed.plate, "苏A12349");
    assert_true(last(&b, RECORD_STAY_OPENED)->stay_opened.entry_missing);
    stop(&b);
}

static void a_car_that_backs_out_leaves_no_stay(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    loops(&b, A_IN, 0);
    wait_ms(&b, 30000);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 0);
    assert_int_equal(count(&b, RECORD_PASSAGE), 0);
    assert_int_equal(b.booms[A_IN].state, BOOM_CLOSED);
    stop(&b);
}

static void two_lanes_whose_loops_talk_to_each_other_lose_the_silent_one(void **state)
{
    struct bench b;
    struct lane_view in, out;
    (void)state;
    start(&b);
    for (int i = 0; i < 5; i++) {
        char plate[PLATE_SIZE];
        snprintf(plate, sizeof plate, "苏A1234%d", i);
        b.booms[A_OUT].inputs |= BOOM_PRESENCE; /* nobody is there */
        drive_up(&b, A_IN, plate);
        b.booms[A_OUT].inputs &= ~(unsigned)BOOM_PRESENCE;
        drive_through(&b, A_IN);
        wait_ms(&b, 10000);
    }
    lane_view(yard_lane(b.yard, A_IN), &in);
    lane_view(yard_lane(b.yard, A_OUT), &out);
    assert_int_equal(in.suspect, 0);
    assert_int_equal(out.suspect, LANE_HAS_PRESENCE);
    stop(&b);
}

static void move_clock(struct bench *b, int64_t delta_ms)
{
    struct record record = {.kind = RECORD_CLOCK_STEP, .clock_step = {.delta_ms = delta_ms}};

    b->now.utc.ms += delta_ms;
    record.at = b->now.utc;
    on_record(b, &record);
    yard_witness(b->yard, &record, b->now);
}

/* Of an hour and a half: before the entry's vehicle has passed, while it is parked, and while it
 * passes the exit. */
static void a_visit_with_a_moved_clock(int64_t in_ms, int64_t parked_ms, int64_t out_ms)
{
    static struct bench b;
    struct money_in money = {.channel = CHANNEL_WECHAT, .transaction = "t-1"};
    bool again = false;
    const char *why = "";

    start(&b);
    drive_up(&b, A_IN, CAR);
    move_clock(&b, in_ms);
    drive_through(&b, A_IN);
    wait_ms(&b, 2700000);
    move_clock(&b, parked_ms);
    wait_ms(&b, 2700000);
    drive_up(&b, A_OUT, CAR);
    const struct record_order *order = &last(&b, RECORD_ORDER)->order;
    assert_true(order->due_fen > 0 && order->due_fen <= 200);
    text_copy(money.order, sizeof money.order, order->order);
    money.amount_fen = order->due_fen;
    money.at = b.now.utc;
    assert_true(yard_pay(b.yard, &money, b.now, &again, &why));
    obey(&b);
    move_clock(&b, out_ms);
    drive_through(&b, A_OUT);
    const struct record *closed = last(&b, RECORD_STAY_CLOSED);
    assert_int_equal(closed->stay_closed.outcome, OUTCOME_PAID);
    assert_true(closed->stay_closed.money.payable_fen <= 200);
    assert_true(closed->time_uncertain);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 1);
    assert_int_equal(count(&b, RECORD_STAY_CLOSED), 1);
    assert_int_equal(count(&b, RECORD_PASSAGE), 2);
    stop(&b);
}

static void a_clock_that_is_moved_raises_no_fee_and_loses_no_passage(void **state)
{
    static const int64_t hour = 3600000, day = 24 * 3600000;
    const int64_t moves[] = {hour, -hour, day, -day, -1000, WEDNESDAY_TEN * 1000};

    (void)state;
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        a_visit_with_a_moved_clock(moves[i], 0, 0);
        a_visit_with_a_moved_clock(0, moves[i], 0);
        a_visit_with_a_moved_clock(0, 0, moves[i]);
        a_visit_with_a_moved_clock(0, moves[i], -moves[i]);
    }
    a_visit_with_a_moved_clock(-WEDNESDAY_TEN * 1000 + day, WEDNESDAY_TEN * 1000 - day, 0);
}

static bool stands_still(struct bench *b)
{
    const struct stay *stay = stays_by_plate(yard_stays(b->yard), 0, CAR);

    return stay->frozen_count > 0 && stay->frozen[stay->frozen_count - 1].to_s == INT64_MAX;
}

/* What is durable ends just before the first record of `kind` behind `from`. */
static void restart_before(struct bench *b, uint32_t from, enum record_kind kind)
{
    while (from < b->records_count && b->records[from].kind != kind)
        from++;
    assert_true(from < b->records_count);
    yard_destroy(b->yard);
    b->records_count = from;
    begin(b);
    for (uint32_t i = 0; i < from; i++)
        yard_restore(b->yard, &b->records[i]);
    yard_started(b->yard, b->now);
}

static void an_evacuation_stops_the_clock_of_fees_whenever_the_power_goes(void **state)
{
    static struct bench b;
    struct lane_act act = {.operation = LANE_DO_EVACUATE,
                           .cause = CAUSE_EVACUATION,
                           .actor = "wang",
                           .reason = "fire"};
    const char *why = "";
    uint32_t from;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    from = b.records_count;
    assert_true(yard_act(b.yard, A_OUT, &act, b.now, &why));
    wait_ms(&b, 1000);
    restart_before(&b, from, RECORD_STAY_AMENDED);
    assert_false(stands_still(&b));
    wait_ms(&b, 1000);
    assert_true(stands_still(&b));

    act.operation = LANE_DO_EVACUATION_ENDS;
    from = b.records_count;
    assert_true(yard_act(b.yard, A_OUT, &act, b.now, &why));
    wait_ms(&b, 1000);
    assert_false(stands_still(&b));
    restart_before(&b, from, RECORD_STAY_AMENDED);
    assert_true(stands_still(&b));
    wait_ms(&b, 1000);
    assert_false(stands_still(&b));
    from = count(&b, RECORD_STAY_AMENDED); /* and the next look changes nothing */
    wait_ms(&b, 5000);
    assert_int_equal(count(&b, RECORD_STAY_AMENDED), from);
    stop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_that_is_moved_raises_no_fee_and_loses_no_passage),
        cmocka_unit_test(an_entry_is_a_read_a_decision_a_command_a_stay_and_a_passage),
        cmocka_unit_test(an_exit_waits_for_the_payment_and_closes_the_stay_as_paid),
        cmocka_unit_test(the_same_read_again_makes_nothing),
        cmocka_unit_test(an_offline_read_is_history_and_never_opens),
        cmocka_unit_test(a_late_read_is_told_from_a_camera_whose_clock_is_wrong),
        cmocka_unit_test(a_restart_goes_on_with_the_stays_and_sends_nothing_again),
        cmocka_unit_test(a_car_that_passes_after_a_restart_is_the_one_that_was_let_in_before),
        cmocka_unit_test(a_stranger_after_a_restart_is_not_the_one_that_passed_before),
        cmocka_unit_test(a_person_lets_a_car_out_and_the_stay_says_who_and_why),
        cmocka_unit_test(a_car_that_paid_and_was_only_identified_by_a_person_leaves_as_paid),
        cmocka_unit_test(a_car_that_a_person_lets_out_without_words_is_released_with_a_reason),
        cmocka_unit_test(a_car_under_the_boom_keeps_its_own_stay_when_the_next_one_is_asked_about),
        cmocka_unit_test(another_plate_at_the_exit_does_not_end_the_only_stay_that_is_open),
        cmocka_unit_test(a_car_that_backs_out_leaves_no_stay),
        cmocka_unit_test(two_lanes_whose_loops_talk_to_each_other_lose_the_silent_one),
        cmocka_unit_test(an_evacuation_stops_the_clock_of_fees_whenever_the_power_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
