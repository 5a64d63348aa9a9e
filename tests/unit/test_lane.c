/* Lane: each row of the state table with both loops, limits and a camera, and what must always
 * hold. */
/* long: every rule of the state machine on one bench */
#include "tests/unit/lane_bench.h"

#define BEGIN(wiring) \
    struct bench b;   \
    (void)state;      \
    bench_init(&b, wiring)
#define END lane_destroy(b.lane)

static void a_car_is_asked_about_let_in_and_counted_on_the_trailing_edge(void **state)
{
    BEGIN(WHOLE);
    assert_state(&b, "IDLE");
    inputs(&b, P);
    assert_state(&b, "PRESENT");
    reads(&b, "AB123");
    assert_state(&b, "DECIDE");
    assert_int_equal(b.asks, 1);
    assert_true(decides(&b, DECISION_ALLOW));
    assert_state(&b, "OPENING");
    assert_int_equal(newest(&b, RECORD_COMMAND)->command.cause, CAUSE_DECISION);
    assert_string_equal(newest(&b, RECORD_COMMAND)->command.stay, "STAY");
    obeyed(&b);
    assert_state(&b, "OPEN_WAIT");
    inputs(&b, P | C);
    assert_state(&b, "PASSING");
    inputs(&b, C);
    assert_int_equal(b.passages_count, 0);
    inputs(&b, 0);
    assert_state(&b, "PASSED");
    assert_int_equal(b.passages_count, 1);
    assert_int_equal(b.passages[0].kind, PASSAGE_ORDINARY);
    assert_int_equal(b.passages[0].evidence, EVIDENCE_LOOPS);
    assert_int_equal(b.passages[0].cause, CAUSE_DECISION);
    assert_string_equal(b.passages[0].plate, "AB123");
    assert_string_equal(b.passages[0].stay, "STAY");
    assert_string_equal(b.passages[0].command, b.orders[0].command);
    later(&b, 600);
    assert_state(&b, "CLOSING");
    obeyed(&b);
    assert_state(&b, "IDLE");
    assert_int_equal(b.orders_count, 2);
    assert_int_equal(count_of(&b, RECORD_OUTCOME), 2);
    assert_int_equal(newest(&b, RECORD_OUTCOME)->outcome.result, RESULT_DONE);
    END;
}

static void the_ledger_has_each_step_with_its_time(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    drives_through(&b);
    later(&b, 600);
    const struct record_outcome *o = &newest(&b, RECORD_OUTCOME)->outcome;
    assert_int_equal(o->result, RESULT_DONE);
    assert_true(o->sent.ms > 0 && o->accepted.ms >= o->sent.ms && o->moved.ms > o->accepted.ms &&
                o->limit.ms > o->moved.ms && o->passed.ms > o->limit.ms);
    END;
}

/* Between two wired limit switches nothing is observed, but that it has left its end. */
static void it_moved_when_the_limit_switch_let_go(void **state)
{
    BEGIN(WHOLE);
    b.barrier.wired |= BOOM_LIMIT_OPEN | BOOM_LIMIT_CLOSED;
    inputs(&b, P | BOOM_LIMIT_CLOSED);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    told(&b, BOOM_TOLD_ACCEPTED);
    later(&b, 100);
    utc_ms moved = b.now.utc;
    b.barrier.quality = BOOM_INFERRED;
    b.barrier.inputs = P;
    boom(&b, BOOM_OPENING);
    later(&b, 1900);
    b.barrier.quality = BOOM_OBSERVED;
    b.barrier.inputs = P | BOOM_LIMIT_OPEN;
    boom(&b, BOOM_OPEN);
    drives_through(&b);
    later(&b, 600);
    const struct record_outcome *o = &newest(&b, RECORD_OUTCOME)->outcome;
    assert_int_equal(o->moved.ms, moved.ms);
    assert_int_equal(o->limit.ms, moved.ms + 1900);
    END;
}

static void without_limits_moved_and_limit_are_unobservable(void **state)
{
    BEGIN(WHOLE & ~LANE_HAS_LIMITS);
    later(&b, 10600); /* after the start it closes what it cannot see */
    obeyed(&b);
    later(&b, 4000);
    assert_state(&b, "IDLE");
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    obeyed(&b);
    later(&b, 3100);
    assert_state(&b, "OPEN_WAIT");
    drives_through(&b);
    later(&b, 600);
    const struct record_outcome *o = &newest(&b, RECORD_OUTCOME)->outcome;
    assert_int_equal(o->result, RESULT_DONE);
    assert_int_equal(o->moved.ms, STEP_UNOBSERVABLE.ms);
    assert_int_equal(o->limit.ms, STEP_UNOBSERVABLE.ms);
    assert_true(o->passed.ms > 0);
    END;
}

static void a_read_just_before_its_car_waits_for_it(void **state)
{
    BEGIN(WHOLE);
    reads(&b, "AB123");
    assert_state(&b, "IDLE");
    assert_int_equal(b.asks, 0);
    later(&b, 4000);
    inputs(&b, P);
    assert_state(&b, "DECIDE");
    assert_string_equal(b.asked.read.plate, "AB123");
    END;
}

static void a_read_without_a_car_dies(void **state)
{
    BEGIN(WHOLE);
    reads(&b, "AB123");
    later(&b, 5100);
    inputs(&b, P);
    assert_state(&b, "PRESENT");
    assert_int_equal(b.orders_count, 0);
    END;
}

static void the_camera_is_asked_once_then_there_is_no_plate(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    later(&b, 1600);
    assert_int_equal(b.triggers, 1);
    later(&b, 7000);
    assert_int_equal(b.triggers, 1);
    assert_state(&b, "NO_PLATE");
    assert_int_equal(b.asks, 1);
    assert_false(b.asked.has_read);
    assert_true(decides(&b, DECISION_ALLOW)); /* a ticket */
    assert_state(&b, "OPENING");
    END;
}

static void a_better_read_replaces_the_first_until_it_is_decided(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    struct lane_read read = {.plate = "AB128", .confidence = 99};
    lane_read(b.lane, &read, b.now);
    assert_int_equal(b.asks, 2);
    assert_string_equal(b.asked.read.plate, "AB128");
    reads(&b, "XX");
    assert_int_equal(b.asks, 2);
    decides(&b, DECISION_ALLOW);
    read = (struct lane_read){.plate = "AB129", .confidence = 100};
    lane_read(b.lane, &read, b.now);
    assert_int_equal(b.asks, 2);
    END;
}

static void a_read_below_the_least_confidence_decides_nothing(void **state)
{
    BEGIN(WHOLE);
    b.is.min_confidence = 95;
    inputs(&b, P);
    reads(&b, "AB123");
    assert_int_equal(b.asks, 0);
    assert_state(&b, "PRESENT");
    END;
}

static void denied_asked_and_to_pay_wait_with_the_boom_down(void **state)
{
    static const struct {
        enum decision_verdict verdict;
        const char *state;
    } rows[] = {
        {DECISION_DENY, "DENIED"}, {DECISION_ASK, "WAIT_OPERATOR"}, {DECISION_PAY, "WAIT_PAY"}};
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    for (int i = 0; i < 3; i++) {
        assert_true(decides(&b, rows[i].verdict));
        later(&b, 30000);
        assert_state(&b, rows[i].state);
    }
    assert_int_equal(b.orders_count, 0);
    assert_true(decides(&b, DECISION_ALLOW)); /* paid */
    assert_state(&b, "OPENING");
    END;
}

static void a_car_that_leaves_before_it_is_let_in_is_gone(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_PAY);
    inputs(&b, 0);
    assert_state(&b, "IDLE");
    assert_int_equal(b.gones, 1);
    assert_false(decides(&b, DECISION_ALLOW));
    assert_int_equal(b.orders_count, 0);
    END;
}

static void a_decision_is_for_its_own_vehicle_only(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    struct lane_vehicle first = b.asked;
    inputs(&b, 0);
    inputs(&b, P);
    reads(&b, "CD456");
    assert_string_not_equal(first.id, b.asked.id);
    b.asked = first;
    assert_false(decides(&b, DECISION_ALLOW));
    assert_int_equal(b.orders_count, 0);
    END;
}

static void a_decision_is_used_once(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    assert_false(decides(&b, DECISION_ALLOW));
    assert_int_equal(orders_of(&b, LANE_OPEN), 1);
    END;
}

static void a_decision_dies_of_age(void **state)
{
    BEGIN(WHOLE);
    b.opposite_open = true;
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    later(&b, 19000);
    assert_int_equal(b.asks, 1);
    later(&b, 1500);
    assert_int_equal(b.asks, 2);
    b.opposite_open = false;
    later(&b, 2000);
    assert_int_equal(b.orders_count, 0);
    END;
}

static void the_boom_waits_for_the_lane_opposite(void **state)
{
    BEGIN(WHOLE);
    b.opposite_open = true;
    assert_false(lane_may_be_open(b.lane));
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    later(&b, 5000);
    assert_int_equal(b.orders_count, 0);
    assert_false(acts(&b, LANE_DO_OPEN, 0));
    b.opposite_open = false;
    later(&b, 600);
    assert_int_equal(b.orders_count, 1);
    assert_true(lane_may_be_open(b.lane));
    END;
}

static void an_order_is_withdrawn_when_its_car_leaves_before_the_coil(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    assert_true(lane_still_wants(b.lane, &b.orders[0], b.now));
    inputs(&b, 0);
    assert_false(lane_still_wants(b.lane, &b.orders[0], b.now));
    told(&b, BOOM_TOLD_NOTHING);
    assert_int_equal(newest(&b, RECORD_OUTCOME)->outcome.result, RESULT_CANCELLED);
    later(&b, 4000);
    assert_state(&b, "IDLE");
    assert_int_equal(b.orders_count, 1);
    END;
}

static void an_order_is_too_late_after_its_time(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    b.now.mono = b.orders[0].until;
    assert_false(lane_still_wants(b.lane, &b.orders[0], b.now));
    END;
}

static void an_order_is_not_wanted_twice(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    told(&b, BOOM_TOLD_SENT);
    assert_false(lane_still_wants(b.lane, &b.orders[0], b.now));
    END;
}

static void a_boom_that_does_not_move_is_told_once_more_then_it_failed(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    told(&b, BOOM_TOLD_ACCEPTED);
    later(&b, 4600);
    assert_int_equal(b.orders_count, 2);
    assert_string_not_equal(b.orders[0].command, b.orders[1].command);
    assert_int_equal(newest(&b, RECORD_OUTCOME)->outcome.result, RESULT_FAILED);
    told(&b, BOOM_TOLD_ACCEPTED);
    later(&b, 4600);
    assert_state(&b, "OPEN_FAIL");
    assert_int_equal(b.orders_count, 2);
    assert_int_equal(newest(&b, RECORD_LANE)->lane.mode, LANE_OUT_OF_SERVICE);
    assert_true(acts(&b, LANE_DO_RESET, 0));
    later(&b, 600);
    assert_state(&b, "DECIDE"); /* the car is still there: who is it? */
    assert_int_equal(newest(&b, RECORD_LANE)->lane.mode, LANE_IN_SERVICE);
    END;
}

static void a_boom_that_stopped_halfway_is_not_told_again(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    told(&b, BOOM_TOLD_UNKNOWN);
    boom(&b, BOOM_STOPPED);
    later(&b, 4600);
    assert_state(&b, "OPEN_FAIL");
    assert_int_equal(b.orders_count, 1);
    assert_int_equal(newest(&b, RECORD_OUTCOME)->outcome.result, RESULT_UNKNOWN);
    END;
}

static void a_doubled_read_of_the_car_that_passed_opens_for_nobody(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    drives_through(&b);
    reads(&b, "AB123");
    inputs(&b, P);
    assert_int_equal(b.asks, 1);
    END;
}

static void a_lost_reply_is_decided_by_the_state_and_never_repeated(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    told(&b, BOOM_TOLD_SENT);
    told(&b, BOOM_TOLD_UNKNOWN);
    later(&b, 1000);
    boom(&b, BOOM_OPEN);
    assert_state(&b, "OPEN_WAIT");
    drives_through(&b);
    later(&b, 600);
    assert_int_equal(orders_of(&b, LANE_OPEN), 1);
    assert_int_equal(newest(&b, RECORD_OUTCOME)->outcome.result, RESULT_DONE);
    END;
}

static void without_limits_a_lost_reply_stays_unknown(void **state)
{
    BEGIN((WHOLE & ~LANE_HAS_LIMITS) | LANE_HAS_BARRIER);
    later(&b, 10600);
    obeyed(&b);
    later(&b, 4000);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    told(&b, BOOM_TOLD_SENT);
    told(&b, BOOM_TOLD_UNKNOWN);
    later(&b, 34000);
    assert_state(&b, "CLOSING");
    assert_int_equal(newest(&b, RECORD_OUTCOME)->outcome.result, RESULT_UNKNOWN);
    assert_int_equal(orders_of(&b, LANE_OPEN), 1);
    END;
}

static void a_refused_command_puts_the_lane_out_of_service(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    told(&b, BOOM_TOLD_SENT);
    told(&b, BOOM_TOLD_REFUSED);
    assert_state(&b, "OPEN_FAIL");
    assert_int_equal(newest(&b, RECORD_OUTCOME)->outcome.result, RESULT_REFUSED);
    boom(&b, BOOM_OPEN); /* it moved after all */
    assert_state(&b, "OPEN_WAIT");
    END;
}

static void a_car_that_backs_out_loses_its_decision(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    inputs(&b, 0);
    later(&b, 2500);
    assert_state(&b, "OPEN_WAIT");
    later(&b, 600);
    assert_state(&b, "BACKOUT");
    assert_int_equal(b.gones, 1);
    assert_int_equal(b.passages_count, 0);
    later(&b, 600);
    assert_state(&b, "CLOSING");
    END;
}

static void a_presence_loop_that_flickers_keeps_its_car(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    inputs(&b, 0);
    later(&b, 1000);
    inputs(&b, P);
    later(&b, 5000);
    assert_state(&b, "OPEN_WAIT");
    drives_through(&b);
    assert_string_equal(b.passages[0].plate, "AB123");
    END;
}

static void nobody_drives_and_the_boom_closes(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    later(&b, 30100);
    assert_state(&b, "CLOSING");
    obeyed(&b);
    assert_state(&b, "DECIDE"); /* asked anew: the first decision is used up */
    assert_int_equal(b.asks, 2);
    END;
}

static void never_closes_while_something_is_under_the_boom(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    inputs(&b, P | C);
    later(&b, 59000);
    assert_state(&b, "PASSING");
    later(&b, 1500);
    assert_state(&b, "STUCK_UNDER");
    later(&b, 3600000);
    assert_int_equal(orders_of(&b, LANE_CLOSE), 0);
    assert_false(acts(&b, LANE_DO_CLOSE, 0));
    inputs(&b, C);
    inputs(&b, 0);
    assert_state(&b, "PASSED");
    END;
}

static void a_flash_on_the_closing_loop_stops_a_close_before_the_coil(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    drives_through(&b);
    later(&b, 600);
    assert_true(lane_still_wants(b.lane, newest_order(&b), b.now));
    b.barrier.inputs = C;
    lane_sense(b.lane, &b.barrier, b.now); /* shorter than any vehicle, and yet */
    assert_false(lane_still_wants(b.lane, newest_order(&b), b.now));
    told(&b, BOOM_TOLD_NOTHING);
    b.barrier.inputs = 0;
    lane_sense(b.lane, &b.barrier, b.now);
    later(&b, 600);
    assert_int_equal(orders_of(&b, LANE_CLOSE), 2);
    END;
}

static void something_under_the_closing_boom_opens_it_again(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    drives_through(&b);
    later(&b, 600);
    told(&b, BOOM_TOLD_ACCEPTED);
    boom(&b, BOOM_CLOSING);
    inputs(&b, P);
    inputs(&b, P | C);
    assert_state(&b, "PASSING");
    assert_int_equal(newest(&b, RECORD_COMMAND)->command.action, LANE_OPEN);
    assert_int_equal(newest(&b, RECORD_COMMAND)->command.cause, CAUSE_SAFETY);
    inputs(&b, C);
    inputs(&b, 0);
    assert_int_equal(b.passages_count, 2);
    assert_int_equal(b.passages[1].kind, PASSAGE_TAILGATE);
    END;
}

static void a_second_car_on_one_decision_is_a_tailgater(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    inputs(&b, P | C);
    inputs(&b, C);
    inputs(&b, P | C);
    reads(&b, "CD456");
    inputs(&b, P);
    inputs(&b, P | C);
    assert_state(&b, "TAILGATE");
    inputs(&b, C);
    inputs(&b, 0);
    assert_int_equal(b.passages_count, 2);
    assert_int_equal(b.passages[0].kind, PASSAGE_ORDINARY);
    assert_int_equal(b.passages[1].kind, PASSAGE_TAILGATE);
    assert_int_equal(b.passages[1].cause, CAUSE_NONE);
    assert_string_equal(b.passages[1].plate, "CD456");
    assert_string_equal(b.passages[1].command, "");
    END;
}

static void the_next_car_that_is_let_in_keeps_the_boom_up(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    inputs(&b, P | C);
    inputs(&b, C);
    inputs(&b, P | C);
    reads(&b, "CD456");
    assert_true(decides(&b, DECISION_ALLOW));
    inputs(&b, P);
    later(&b, 600);
    assert_state(&b, "OPEN_WAIT");
    assert_int_equal(orders_of(&b, LANE_CLOSE), 0);
    drives_through(&b);
    assert_int_equal(b.passages_count, 2);
    assert_int_equal(b.passages[1].kind, PASSAGE_ORDINARY);
    assert_string_equal(b.passages[1].plate, "CD456");
    END;
}

static void a_late_read_of_the_car_under_the_boom_is_not_the_next_ones(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    later(&b, 8100);
    decides(&b, DECISION_ALLOW); /* a ticket */
    obeyed(&b);
    inputs(&b, P | C);
    inputs(&b, C);
    reads(&b, "AB123");
    inputs(&b, P | C);
    inputs(&b, P);
    assert_int_equal(b.asks, 1);
    assert_string_equal(b.passages[0].plate, "AB123");
    END;
}

static void one_that_creeps_under_the_boom_and_back_did_not_pass(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    inputs(&b, P | C);
    inputs(&b, P);
    assert_state(&b, "OPEN_WAIT");
    inputs(&b, 0);
    later(&b, 3100);
    assert_int_equal(b.passages_count, 0);
    assert_int_equal(b.gones, 1);
    END;
}

static void one_that_the_camera_saw_turn_back_did_not_pass(void **state)
{
    BEGIN(WHOLE);
    struct lane_read turned = {.plate = "AB123", .turned_back = true};
    let_in(&b, "AB123");
    inputs(&b, P | C);
    inputs(&b, C);
    lane_read(b.lane, &turned, b.now);
    inputs(&b, P | C);
    inputs(&b, P);
    inputs(&b, 0);
    later(&b, 4000);
    assert_int_equal(b.passages_count, 0);
    END;
}

static void a_car_against_the_lane_is_counted_the_other_way(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, C);
    assert_state(&b, "LOOP_SUSPECT");
    inputs(&b, P | C);
    inputs(&b, P);
    assert_state(&b, "WRONG_WAY");
    inputs(&b, 0);
    later(&b, 4000);
    assert_int_equal(b.passages_count, 1);
    assert_int_equal(b.passages[0].kind, PASSAGE_WRONG_WAY);
    assert_int_equal(b.passages[0].direction, LANE_OUT);
    assert_int_equal(b.asks, 0);
    assert_int_equal(b.orders_count, 0);
    END;
}

static void a_touch_from_the_far_side_is_nobody(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, C);
    inputs(&b, 0);
    assert_state(&b, "IDLE");
    assert_int_equal(b.passages_count, 0);
    END;
}

static void no_presence_no_open(void **state)
{
    BEGIN(WHOLE);
    reads(&b, "AB123");
    later(&b, 60000);
    reads(&b, "AB123");
    assert_int_equal(b.asks, 0);
    assert_int_equal(b.orders_count, 0);
    END;
}

static void a_forced_open_needs_a_reason_and_lets_one_through(void **state)
{
    struct lane_act act = {.operation = LANE_DO_OPEN, .cause = CAUSE_OPERATOR, .actor = "wang"};
    BEGIN(WHOLE);
    assert_false(lane_act(b.lane, &act, b.now, &b.why));
    assert_true(acts(&b, LANE_DO_OPEN, 0));
    assert_int_equal(newest(&b, RECORD_COMMAND)->command.cause, CAUSE_OPERATOR);
    assert_string_equal(newest(&b, RECORD_COMMAND)->command.reason, "asked by phone");
    assert_string_equal(newest(&b, RECORD_COMMAND)->command.actor, "wang");
    obeyed(&b);
    inputs(&b, P);
    drives_through(&b);
    assert_int_equal(b.passages[0].cause, CAUSE_OPERATOR);
    assert_int_equal(b.passages[0].kind, PASSAGE_ORDINARY);
    inputs(&b, P);
    drives_through(&b);
    assert_int_equal(b.passages[1].cause, CAUSE_NONE);
    assert_int_equal(b.passages[1].kind, PASSAGE_TAILGATE);
    END;
}

static void a_hold_is_a_lease_with_an_end(void **state)
{
    BEGIN(WHOLE);
    assert_false(acts(&b, LANE_DO_HOLD, 0));
    assert_true(acts(&b, LANE_DO_HOLD, 60000));
    assert_state(&b, "HELD_OPEN");
    assert_int_equal(newest_order(&b)->action, LANE_HOLD);
    assert_int_equal(newest(&b, RECORD_LANE)->lane.mode, LANE_HELD_OPEN);
    assert_true(newest(&b, RECORD_LANE)->lane.until.ms > 0);
    obeyed(&b);
    for (int i = 0; i < 3; i++) {
        inputs(&b, P);
        drives_through(&b);
        assert_int_equal(b.passages[i].cause, CAUSE_HELD);
    }
    assert_int_equal(orders_of(&b, LANE_CLOSE), 0);
    later(&b, 60000);
    assert_state(&b, "CLOSING");
    assert_int_equal(orders_of(&b, LANE_RELEASE), 1);
    assert_int_equal(newest(&b, RECORD_LANE)->lane.mode, LANE_IN_SERVICE);
    END;
}

static void a_hold_is_made_longer_without_another_command(void **state)
{
    BEGIN(WHOLE);
    acts(&b, LANE_DO_HOLD, 60000);
    obeyed(&b);
    later(&b, 50000);
    assert_true(acts(&b, LANE_DO_HOLD, 60000));
    assert_int_equal(b.orders_count, 1);
    later(&b, 50000);
    assert_state(&b, "HELD_OPEN");
    assert_true(acts(&b, LANE_DO_RELEASE, 0));
    assert_state(&b, "CLOSING");
    END;
}

static void evacuation_beats_everything_and_only_a_person_ends_it(void **state)
{
    BEGIN(WHOLE);
    b.opposite_open = true;
    inputs(&b, FIRE);
    assert_state(&b, "EVACUATE");
    assert_int_equal(newest(&b, RECORD_COMMAND)->command.cause, CAUSE_EVACUATION);
    obeyed(&b);
    assert_false(acts(&b, LANE_DO_CLOSE, 0));
    assert_false(acts(&b, LANE_DO_HOLD, 60000));
    assert_false(acts(&b, LANE_DO_EVACUATION_ENDS, 0)); /* it burns still */
    inputs(&b, 0);
    later(&b, 3600000);
    assert_state(&b, "EVACUATE");
    inputs(&b, P);
    drives_through(&b);
    assert_int_equal(b.passages[0].cause, CAUSE_EVACUATION);
    boom(&b, BOOM_CLOSED);
    assert_int_equal(orders_of(&b, LANE_OPEN), 2);
    obeyed(&b);
    b.barrier.quality = BOOM_STALE;
    boom(&b, BOOM_UNKNOWN);
    assert_state(&b, "EVACUATE");
    b.barrier.quality = BOOM_OBSERVED;
    boom(&b, BOOM_OPEN);
    assert_int_equal(orders_of(&b, LANE_CLOSE), 0);
    assert_true(acts(&b, LANE_DO_EVACUATION_ENDS, 0));
    assert_state(&b, "RESYNC");
    later(&b, 9000);
    assert_int_equal(orders_of(&b, LANE_CLOSE), 0);
    END;
}

static void a_silent_barrier_is_a_state_of_its_own_and_is_read_anew(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    b.barrier.quality = BOOM_STALE;
    boom(&b, BOOM_UNKNOWN);
    assert_state(&b, "COMMS_LOST");
    assert_int_equal(newest(&b, RECORD_LANE)->lane.mode, LANE_SILENT);
    assert_int_equal(b.gones, 1);
    assert_true(lane_may_be_open(b.lane));
    assert_false(acts(&b, LANE_DO_OPEN, 0));
    b.barrier.quality = BOOM_OBSERVED;
    b.barrier.inputs = 0;
    boom(&b, BOOM_OPEN);
    assert_state(&b, "RESYNC");
    later(&b, 9500);
    assert_int_equal(orders_of(&b, LANE_CLOSE), 0);
    later(&b, 1500);
    assert_state(&b, "CLOSING");
    END;
}

static void a_fault_of_the_barrier_stops_the_lane_until_it_is_well(void **state)
{
    BEGIN(WHOLE);
    boom(&b, BOOM_FAULT);
    assert_state(&b, "FAULT");
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    later(&b, 3000);
    assert_int_equal(b.orders_count, 0);
    boom(&b, BOOM_CLOSED);
    later(&b, 1200);
    assert_state(&b, "OPENING");
    END;
}

static void a_boom_that_does_not_close_is_told_to_people(void **state)
{
    struct lane_view view;
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    drives_through(&b);
    later(&b, 600);
    told(&b, BOOM_TOLD_ACCEPTED);
    later(&b, 5000);
    assert_state(&b, "CLOSE_FAIL");
    lane_view(b.lane, &view);
    assert_non_null(strstr(view.trouble, "reset the lane"));
    inputs(&b, P);
    drives_through(&b);
    assert_int_equal(b.passages_count, 2); /* counted all the same */
    boom(&b, BOOM_CLOSED);
    assert_state(&b, "IDLE");
    END;
}

static void out_of_service_asks_nobody_and_counts(void **state)
{
    BEGIN(WHOLE);
    assert_true(acts(&b, LANE_DO_OUT_OF_SERVICE, 0));
    inputs(&b, P);
    reads(&b, "AB123");
    assert_int_equal(b.asks, 0);
    drives_through(&b);
    assert_int_equal(b.passages_count, 1);
    inputs(&b, P);
    reads(&b, "CD456");
    assert_true(acts(&b, LANE_DO_IN_SERVICE, 0));
    assert_int_equal(b.asks, 1);
    END;
}

static void openings_that_nobody_asked_for_are_found_by_the_counter(void **state)
{
    BEGIN(WHOLE | LANE_HAS_COUNTER);
    b.barrier.counts = true;
    b.barrier.operations = 100;
    boom(&b, BOOM_CLOSED);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.openings, 0);
    let_in(&b, "AB123");
    drives_through(&b);
    later(&b, 600);
    b.barrier.operations = 102;
    obeyed(&b);
    assert_int_equal(count_of(&b, RECORD_OPENING), 1); /* its own are taken off */
    b.barrier.operations = 106;
    boom(&b, BOOM_CLOSED);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.openings, 2);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.cause, CAUSE_UNASKED);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.counter, 106);
    END;
}

static void cycle(struct bench *b)
{
    let_in(b, "AB123");
    drives_through(b);
    later(b, 600);
    b->barrier.operations += 2;
    obeyed(b);
}

static void the_counter_is_recorded_now_and_then_so_that_a_start_knows_its_own(void **state)
{
    BEGIN(WHOLE | LANE_HAS_COUNTER);
    b.barrier.counts = true;
    boom(&b, BOOM_CLOSED);
    cycle(&b);
    assert_int_equal(count_of(&b, RECORD_OPENING), 1);
    later(&b, 3601000);
    assert_int_equal(count_of(&b, RECORD_OPENING), 2);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.openings, 0);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.counter, 2);
    cycle(&b);
    lane_destroy(b.lane); /* and a remote control meanwhile */
    b.barrier.operations += 2;
    bench_start(&b);
    boom(&b, BOOM_CLOSED);
    later(&b, 1000);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.openings, 1);
    END;
}

/* The next car's OPEN is recorded before the counter has been looked at. */
static void an_opening_under_way_is_not_counted_before_it_is_over(void **state)
{
    BEGIN(WHOLE | LANE_HAS_COUNTER);
    b.barrier.counts = true;
    boom(&b, BOOM_CLOSED);
    let_in(&b, "AB123");
    drives_through(&b);
    later(&b, 600);
    told(&b, BOOM_TOLD_ACCEPTED);
    later(&b, 200);
    boom(&b, BOOM_CLOSING);
    b.barrier.operations = 1;
    boom(&b, BOOM_CLOSED);
    inputs(&b, P);
    reads(&b, "CD456");
    decides(&b, DECISION_ALLOW);
    b.barrier.operations = 2; /* the board counts when it stands still */
    boom(&b, BOOM_CLOSED);
    obeyed(&b);
    drives_through(&b);
    later(&b, 600);
    b.barrier.operations = 4;
    obeyed(&b);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.openings, 0);
    END;
}

static void a_button_that_was_let_go_still_explains_the_opening(void **state)
{
    BEGIN(WHOLE);
    b.barrier.wired |= BOOM_BUTTON;
    b.barrier.inputs = BOOM_BUTTON;
    boom(&b, BOOM_CLOSED);
    b.barrier.inputs = 0;
    boom(&b, BOOM_OPENING);
    boom(&b, BOOM_OPEN);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.cause, CAUSE_BUTTON);
    END;
}

static void a_button_that_opens_is_seen_by_the_limits(void **state)
{
    BEGIN(WHOLE);
    b.barrier.wired |= BOOM_BUTTON;
    b.barrier.inputs = BOOM_BUTTON;
    boom(&b, BOOM_OPEN);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.cause, CAUSE_BUTTON);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.openings, 1);
    inputs(&b, P);
    drives_through(&b);
    assert_int_equal(b.passages[0].cause, CAUSE_BUTTON);
    END;
}

static void a_start_is_no_silence_until_the_first_answers_had_their_time(void **state)
{
    BEGIN(WHOLE);
    lane_destroy(b.lane);
    b.kept_count = 0;
    bench_start(&b);
    b.barrier.quality = BOOM_STALE;
    boom(&b, BOOM_UNKNOWN);
    later(&b, 1000);
    assert_state(&b, "RESYNC");
    assert_int_equal(count_of(&b, RECORD_LANE), 0);
    later(&b, 3000);
    assert_state(&b, "COMMS_LOST");
    END;
}

static void a_boom_that_comes_up_after_a_restart_was_asked_for_before(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    told(&b, BOOM_TOLD_SENT);
    lane_destroy(b.lane);
    bench_start(&b);
    inputs(&b, P);
    assert_state(&b, "PRESENT");
    later(&b, 500);
    boom(&b, BOOM_OPEN);
    assert_int_equal(count_of(&b, RECORD_OPENING), 0);
    drives_through(&b);
    assert_int_equal(b.passages[0].cause, CAUSE_DECISION);
    assert_int_equal(b.passages[0].kind, PASSAGE_ORDINARY);
    assert_string_equal(b.passages[0].command, b.orders[0].command);
    later(&b, 20000);
    boom(&b, BOOM_CLOSED);
    boom(&b, BOOM_OPEN); /* and once only */
    assert_int_equal(count_of(&b, RECORD_OPENING), 1);
    END;
}

static void every_row_names_states_and_an_event_that_are(void **state)
{
    (void)state;
    assert_int_equal(lane_state_words.count, LANE_STATES);
    for (int i = 0; i < LANE_STATES; i++)
        assert_non_null(words_name(&lane_state_words, i));
}

static void a_hold_survives_a_fault_and_ends_in_time_though_the_barrier_is_silent(void **state)
{
    BEGIN(WHOLE);
    acts(&b, LANE_DO_HOLD, 60000);
    obeyed(&b);
    boom(&b, BOOM_FAULT);
    boom(&b, BOOM_OPEN);
    assert_state(&b, "HELD_OPEN");
    b.barrier.quality = BOOM_STALE;
    boom(&b, BOOM_UNKNOWN);
    later(&b, 61000);
    assert_true(lane_next(b.lane).ms > b.now.mono.ms);
    b.barrier.quality = BOOM_OBSERVED;
    boom(&b, BOOM_OPEN);
    assert_state(&b, "RESYNC");
    END;
}

static void counts(struct bench *b, uint64_t operations, enum boom_state state)
{
    b->barrier.operations = operations;
    boom(b, state);
}

static void what_its_own_commands_move_is_no_opening_that_nobody_asked_for(void **state)
{
    BEGIN(WHOLE | LANE_HAS_COUNTER);
    b.barrier.counts = true;
    counts(&b, 100, BOOM_CLOSED);
    for (int i = 0; i < 3; i++) { /* a close of a boom that is down counts once all the same */
        assert_true(acts(&b, LANE_DO_CLOSE, 0));
        told(&b, BOOM_TOLD_SENT);
        told(&b, BOOM_TOLD_ACCEPTED);
        counts(&b, b.barrier.operations + 1, BOOM_CLOSED);
        later(&b, 5000);
    }
    let_in(&b, "AB123");
    counts(&b, 104, BOOM_OPEN);
    drives_through(&b);
    later(&b, 600);
    told(&b, BOOM_TOLD_SENT);
    boom(&b, BOOM_CLOSING);
    inputs(&b, C); /* it is opened again for one that comes from the far side */
    obeyed(&b);
    counts(&b, 105, BOOM_OPEN);
    inputs(&b, 0);
    later(&b, 31000);
    b.barrier.operations = 106;
    obeyed(&b);
    assert_state(&b, "IDLE");
    assert_int_equal(count_of(&b, RECORD_OPENING), 1); /* the first of all */
    END;
}

static void a_command_that_was_refused_hides_no_opening(void **state)
{
    BEGIN(WHOLE | LANE_HAS_COUNTER);
    b.barrier.counts = true;
    counts(&b, 100, BOOM_CLOSED);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    told(&b, BOOM_TOLD_REFUSED);
    assert_state(&b, "OPEN_FAIL");
    counts(&b, 101, BOOM_OPEN); /* somebody turns the crank */
    inputs(&b, 0);
    later(&b, 4000); /* and the gateway closes */
    assert_int_equal(newest_order(&b)->action, LANE_CLOSE);
    b.barrier.operations = 102;
    obeyed(&b);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.openings, 1);
    END;
}

static void an_evacuation_is_not_commanded_for_ever_where_the_boom_reads_closed(void **state)
{
    struct lane_view view;
    BEGIN(WHOLE);
    acts(&b, LANE_DO_EVACUATE, 0);
    later(&b, 8 * 3600000);
    assert_in_range(orders_of(&b, LANE_OPEN), 3, 10);
    lane_view(b.lane, &view);
    assert_string_not_equal(view.trouble, "");
    size_t before = orders_of(&b, LANE_OPEN);
    acts(&b, LANE_DO_EVACUATE, 0); /* a person asks again */
    assert_int_equal(orders_of(&b, LANE_OPEN), before + 1);
    later(&b, 8 * 3600000);
    before = orders_of(&b, LANE_OPEN);
    b.barrier.quality = BOOM_STALE;
    boom(&b, BOOM_UNKNOWN);
    b.barrier.quality = BOOM_OBSERVED;
    boom(&b, BOOM_CLOSED); /* it was cut off, and answers again */
    assert_int_equal(orders_of(&b, LANE_OPEN), before + 1);
    END;
}

/* long: a line a test */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_car_is_asked_about_let_in_and_counted_on_the_trailing_edge),
        cmocka_unit_test(the_ledger_has_each_step_with_its_time),
        cmocka_unit_test(it_moved_when_the_limit_switch_let_go),
        cmocka_unit_test(without_limits_moved_and_limit_are_unobservable),
        cmocka_unit_test(a_read_just_before_its_car_waits_for_it),
        cmocka_unit_test(a_read_without_a_car_dies),
        cmocka_unit_test(the_camera_is_asked_once_then_there_is_no_plate),
        cmocka_unit_test(a_better_read_replaces_the_first_until_it_is_decided),
        cmocka_unit_test(a_read_below_the_least_confidence_decides_nothing),
        cmocka_unit_test(denied_asked_and_to_pay_wait_with_the_boom_down),
        cmocka_unit_test(a_car_that_leaves_before_it_is_let_in_is_gone),
        cmocka_unit_test(a_decision_is_for_its_own_vehicle_only),
        cmocka_unit_test(a_decision_is_used_once),
        cmocka_unit_test(a_decision_dies_of_age),
        cmocka_unit_test(the_boom_waits_for_the_lane_opposite),
        cmocka_unit_test(an_order_is_withdrawn_when_its_car_leaves_before_the_coil),
        cmocka_unit_test(an_order_is_too_late_after_its_time),
        cmocka_unit_test(an_order_is_not_wanted_twice),
        cmocka_unit_test(a_boom_that_does_not_move_is_told_once_more_then_it_failed),
        cmocka_unit_test(a_boom_that_stopped_halfway_is_not_told_again),
        cmocka_unit_test(a_doubled_read_of_the_car_that_passed_opens_for_nobody),
        cmocka_unit_test(a_lost_reply_is_decided_by_the_state_and_never_repeated),
        cmocka_unit_test(without_limits_a_lost_reply_stays_unknown),
        cmocka_unit_test(a_refused_command_puts_the_lane_out_of_service),
        cmocka_unit_test(a_car_that_backs_out_loses_its_decision),
        cmocka_unit_test(a_presence_loop_that_flickers_keeps_its_car),
        cmocka_unit_test(nobody_drives_and_the_boom_closes),
        cmocka_unit_test(never_closes_while_something_is_under_the_boom),
        cmocka_unit_test(a_flash_on_the_closing_loop_stops_a_close_before_the_coil),
        cmocka_unit_test(something_under_the_closing_boom_opens_it_again),
        cmocka_unit_test(a_second_car_on_one_decision_is_a_tailgater),
        cmocka_unit_test(the_next_car_that_is_let_in_keeps_the_boom_up),
        cmocka_unit_test(a_late_read_of_the_car_under_the_boom_is_not_the_next_ones),
        cmocka_unit_test(one_that_creeps_under_the_boom_and_back_did_not_pass),
        cmocka_unit_test(one_that_the_camera_saw_turn_back_did_not_pass),
        cmocka_unit_test(a_car_against_the_lane_is_counted_the_other_way),
        cmocka_unit_test(a_touch_from_the_far_side_is_nobody),
        cmocka_unit_test(no_presence_no_open),
        cmocka_unit_test(a_forced_open_needs_a_reason_and_lets_one_through),
        cmocka_unit_test(a_hold_is_a_lease_with_an_end),
        cmocka_unit_test(a_hold_is_made_longer_without_another_command),
        cmocka_unit_test(a_hold_survives_a_fault_and_ends_in_time_though_the_barrier_is_silent),
        cmocka_unit_test(evacuation_beats_everything_and_only_a_person_ends_it),
        cmocka_unit_test(a_silent_barrier_is_a_state_of_its_own_and_is_read_anew),
        cmocka_unit_test(a_fault_of_the_barrier_stops_the_lane_until_it_is_well),
        cmocka_unit_test(a_boom_that_does_not_close_is_told_to_people),
        cmocka_unit_test(out_of_service_asks_nobody_and_counts),
        cmocka_unit_test(openings_that_nobody_asked_for_are_found_by_the_counter),
        cmocka_unit_test(the_counter_is_recorded_now_and_then_so_that_a_start_knows_its_own),
        cmocka_unit_test(an_opening_under_way_is_not_counted_before_it_is_over),
        cmocka_unit_test(a_button_that_was_let_go_still_explains_the_opening),
        cmocka_unit_test(a_button_that_opens_is_seen_by_the_limits),
        cmocka_unit_test(a_start_is_no_silence_until_the_first_answers_had_their_time),
        cmocka_unit_test(a_boom_that_comes_up_after_a_restart_was_asked_for_before),
        cmocka_unit_test(every_row_names_states_and_an_event_that_are),
        cmocka_unit_test(what_its_own_commands_move_is_no_opening_that_nobody_asked_for),
        cmocka_unit_test(a_command_that_was_refused_hides_no_opening),
        cmocka_unit_test(an_evacuation_is_not_commanded_for_ever_where_the_boom_reads_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
