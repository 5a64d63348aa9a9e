/* Lane: with less than is usual wired, and with loops that fail while it runs. */
#include "tests/unit/lane_bench.h"

#define BEGIN(wiring) \
    struct bench b;   \
    (void)state;      \
    bench_init(&b, wiring)
#define END lane_destroy(b.lane)

static unsigned suspects(const struct bench *b)
{
    struct lane_view view;

    lane_view(b->lane, &view);
    return view.suspect;
}

static void chatter_is_no_vehicle_and_degrades_the_lane(void **state)
{
    BEGIN(WHOLE);
    for (int i = 0; i < 12; i++) {
        b.barrier.inputs = i % 2 ? 0 : C;
        lane_sense(b.lane, &b.barrier, b.now);
        later(&b, 100);
    }
    for (int i = 0; i < 12; i++) {
        b.barrier.inputs = i % 2 ? 0 : P;
        lane_sense(b.lane, &b.barrier, b.now);
        later(&b, 100);
    }
    assert_state(&b, "IDLE");
    assert_int_equal(b.passages_count, 0);
    for (int i = 0; i < 12; i++) {
        b.barrier.inputs = i % 2 ? 0 : P;
        lane_sense(b.lane, &b.barrier, b.now);
        later(&b, 100);
    }
    assert_int_equal(suspects(&b) & LANE_HAS_PRESENCE, LANE_HAS_PRESENCE);
    assert_int_equal(newest(&b, RECORD_LANE)->lane.mode, LANE_DEGRADED);
    let_in(&b, "AB123");
    drives_through(&b);
    assert_int_equal(b.passages_count, 1);
    assert_int_not_equal(b.passages[0].evidence, EVIDENCE_LOOPS);
    END;
}

static void a_presence_loop_that_stays_on_is_not_believed(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    later(&b, 599000);
    assert_int_equal(suspects(&b), 0);
    later(&b, 2000);
    assert_int_equal(suspects(&b), LANE_HAS_PRESENCE);
    assert_string_equal(newest(&b, RECORD_LANE)->lane.reason, "presence loop stuck on");
    reads(&b, "AB123"); /* now the camera tells of presence */
    assert_true(decides(&b, DECISION_ALLOW));
    obeyed(&b);
    inputs(&b, P | C);
    inputs(&b, P);
    assert_int_equal(b.passages_count, 1);
    assert_int_equal(b.passages[0].evidence, EVIDENCE_ONE);
    assert_string_equal(b.passages[0].plate, "AB123");
    inputs(&b, 0);
    assert_int_equal(suspects(&b), 0);
    END;
}

static void a_presence_loop_that_sees_no_leaving_is_found_out_by_the_closing_loop(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    for (int i = 0; i < 3; i++) {
        inputs(&b, P | C);
        inputs(&b, P);
    }
    assert_int_equal(b.passages_count, 3);
    assert_int_equal(suspects(&b), LANE_HAS_PRESENCE);
    END;
}

static void a_dead_presence_loop_is_found_out_by_reads(void **state)
{
    BEGIN(WHOLE);
    for (int i = 0; i < 3; i++) {
        reads(&b, "AB123");
        later(&b, 6000);
    }
    assert_int_equal(suspects(&b), LANE_HAS_PRESENCE);
    reads(&b, "CD456");
    assert_int_equal(b.asks, 1);
    END;
}

static void a_dead_closing_loop_is_found_out_by_openings(void **state)
{
    BEGIN(WHOLE);
    for (int i = 0; i < 4; i++) {
        let_in(&b, "AB123");
        inputs(&b, 0);
        later(&b, 3700);
        obeyed(&b);
        later(&b, 6000);
    }
    assert_int_equal(suspects(&b), LANE_HAS_CLOSING);
    assert_int_equal(b.passages_count, 1);
    assert_int_equal(b.passages[0].evidence, EVIDENCE_ONE);
    END;
}

static void a_closing_loop_stuck_on_never_lets_the_boom_close(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    inputs(&b, P | C);
    inputs(&b, C);
    later(&b, 61000);
    assert_state(&b, "STUCK_UNDER");
    for (int i = 0; i < 3; i++) { /* others drive through all the same */
        inputs(&b, P | C);
        inputs(&b, C);
        later(&b, 5000);
    }
    assert_int_equal(suspects(&b), LANE_HAS_CLOSING);
    assert_in_range(b.passages_count, 2, 3);
    later(&b, 3600000);
    assert_int_equal(orders_of(&b, LANE_CLOSE), 0);
    END;
}

static void loops_that_follow_each_other_are_crosstalk(void **state)
{
    BEGIN(WHOLE);
    for (int i = 0; i < 3; i++) {
        inputs(&b, P | C);
        inputs(&b, 0);
        later(&b, 5000);
    }
    assert_int_equal(suspects(&b), LANE_HAS_CLOSING);
    END;
}

static void without_a_presence_loop_the_read_brings_the_car(void **state)
{
    BEGIN(WHOLE & ~LANE_HAS_PRESENCE);
    reads(&b, "AB123");
    assert_state(&b, "DECIDE");
    decides(&b, DECISION_ALLOW);
    obeyed(&b);
    inputs(&b, C);
    inputs(&b, 0);
    assert_int_equal(b.passages_count, 1);
    assert_int_equal(b.passages[0].evidence, EVIDENCE_ONE);
    assert_string_equal(b.passages[0].plate, "AB123");
    END;
}

static void without_a_presence_loop_another_plate_is_another_car(void **state)
{
    BEGIN(WHOLE & ~LANE_HAS_PRESENCE);
    reads(&b, "AB123");
    decides(&b, DECISION_DENY);
    reads(&b, "CD456");
    assert_int_equal(b.gones, 1);
    assert_int_equal(b.asks, 2);
    END;
}

static void without_a_closing_loop_it_passed_when_it_left_forwards(void **state)
{
    BEGIN(WHOLE & ~LANE_HAS_CLOSING);
    let_in(&b, "AB123");
    inputs(&b, 0);
    assert_int_equal(b.passages_count, 0);
    later(&b, 3100);
    assert_int_equal(b.passages_count, 1);
    assert_int_equal(b.passages[0].evidence, EVIDENCE_ONE);
    later(&b, 600);
    assert_state(&b, "CLOSING");
    END;
}

static void without_a_closing_loop_a_follower_tells_of_the_one_before(void **state)
{
    BEGIN(WHOLE & ~LANE_HAS_CLOSING);
    let_in(&b, "AB123");
    inputs(&b, 0);
    later(&b, 500);
    inputs(&b, P);
    assert_int_equal(b.passages_count, 1);
    reads(&b, "CD456");
    assert_int_equal(b.asks, 2);
    END;
}

static void without_a_closing_loop_one_that_left_is_not_opened_for(void **state)
{
    BEGIN(WHOLE & ~LANE_HAS_CLOSING);
    later(&b, 11000);
    acts(&b, LANE_DO_HOLD, 60000);
    obeyed(&b);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    inputs(&b, 0);
    acts(&b, LANE_DO_RELEASE, 0);
    later(&b, 700);
    assert_int_equal(orders_of(&b, LANE_OPEN), 0);
    END;
}

static void without_a_presence_loop_one_that_did_not_drive_is_gone(void **state)
{
    BEGIN(WHOLE & ~LANE_HAS_PRESENCE);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    obeyed(&b);
    later(&b, 30600);
    obeyed(&b);
    assert_state(&b, "IDLE");
    assert_int_equal(b.gones, 1);
    assert_int_equal(b.asks, 1);
    END;
}

static void without_loops_the_camera_tells_of_passing(void **state)
{
    struct lane_read passed = {.plate = "AB123", .passed = true};
    BEGIN(WHOLE & ~(unsigned)LOOPS);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    obeyed(&b);
    lane_read(b.lane, &passed, b.now);
    assert_int_equal(b.passages_count, 1);
    assert_int_equal(b.passages[0].evidence, EVIDENCE_CAMERA);
    END;
}

static void without_loops_limits_or_time_must_do(void **state)
{
    static const struct {
        unsigned wiring;
        enum passage_evidence evidence;
    } rows[] = {{WHOLE & ~(unsigned)LOOPS, EVIDENCE_LIMITS},
                {LANE_HAS_CAMERA | LANE_CAMERA_PULSES, EVIDENCE_TIME}};

    for (int i = 0; i < 2; i++) {
        BEGIN(rows[i].wiring);
        later(&b, 11000);
        reads(&b, "AB123");
        assert_true(decides(&b, DECISION_ALLOW));
        obeyed(&b);
        later(&b, 34000);
        assert_int_equal(b.passages_count, 1);
        assert_int_equal(b.passages[0].evidence, rows[i].evidence);
        END;
    }
}

static void without_loops_one_that_turned_back_did_not_pass(void **state)
{
    struct lane_read turned = {.plate = "AB123", .turned_back = true};
    BEGIN(WHOLE & ~(unsigned)LOOPS);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    obeyed(&b);
    lane_read(b.lane, &turned, b.now);
    later(&b, 40000);
    assert_int_equal(b.passages_count, 0);
    assert_int_equal(b.gones, 1);
    END;
}

static void without_a_camera_nobody_waits_for_a_read(void **state)
{
    BEGIN(WHOLE & ~LANE_HAS_CAMERA);
    inputs(&b, P);
    later(&b, 1600);
    assert_state(&b, "NO_PLATE");
    assert_int_equal(b.triggers, 0);
    END;
}

static void a_lost_camera_degrades_the_lane(void **state)
{
    BEGIN(WHOLE);
    lane_camera(b.lane, false, b.now);
    assert_int_equal(newest(&b, RECORD_LANE)->lane.mode, LANE_DEGRADED);
    inputs(&b, P);
    later(&b, 1600);
    assert_state(&b, "NO_PLATE");
    lane_camera(b.lane, true, b.now);
    assert_int_equal(newest(&b, RECORD_LANE)->lane.mode, LANE_IN_SERVICE);
    END;
}

static void a_photocell_is_a_closing_loop(void **state)
{
    BEGIN(WHOLE);
    b.barrier.wired = P | BOOM_PHOTOCELL;
    inputs(&b, 0);
    let_in(&b, "AB123");
    inputs(&b, P | BOOM_PHOTOCELL);
    inputs(&b, BOOM_PHOTOCELL);
    later(&b, 59000);
    assert_int_equal(orders_of(&b, LANE_CLOSE), 0);
    inputs(&b, 0);
    assert_int_equal(b.passages_count, 1);
    END;
}

static void without_a_barrier_it_counts_and_reads_only(void **state)
{
    BEGIN(LOOPS | LANE_HAS_CAMERA);
    later(&b, 11000);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    drives_through(&b);
    inputs(&b, P);
    reads(&b, "CD456");
    decides(&b, DECISION_DENY);
    drives_through(&b);
    assert_int_equal(b.passages_count, 2);
    assert_string_equal(b.passages[1].plate, "CD456");
    assert_int_equal(b.passages[1].kind, PASSAGE_ORDINARY);
    assert_int_equal(b.orders_count, 0);
    assert_false(acts(&b, LANE_DO_OPEN, 0));
    assert_true(acts(&b, LANE_DO_EVACUATE, 0));
    assert_int_equal(b.orders_count, 0);
    END;
}

static void a_camera_that_opens_is_never_told_to_close(void **state)
{
    BEGIN(LOOPS | LANE_HAS_CAMERA | LANE_CAMERA_PULSES);
    later(&b, 11000);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    assert_int_equal(orders_of(&b, LANE_OPEN), 1);
    told(&b, BOOM_TOLD_ACCEPTED);
    later(&b, 3100);
    drives_through(&b);
    later(&b, 600);
    assert_state(&b, "IDLE");
    assert_int_equal(b.orders_count, 1);
    assert_false(acts(&b, LANE_DO_CLOSE, 0));
    END;
}

static void limits_that_show_nothing_are_found_out_by_a_passage(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    told(&b, BOOM_TOLD_ACCEPTED);
    later(&b, 4000);
    inputs(&b, P | C);
    later(&b, 3000);
    inputs(&b, C);
    inputs(&b, 0);
    assert_int_equal(b.passages_count, 1);
    assert_int_equal(suspects(&b), LANE_HAS_LIMITS);
    boom(&b, BOOM_OPEN);
    assert_int_equal(suspects(&b), 0);
    END;
}

/* Restarts: only records are left. */

static void a_restart_sends_nothing_again_and_ends_what_ran(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    decides(&b, DECISION_ALLOW);
    told(&b, BOOM_TOLD_SENT);
    struct lane_order old = b.orders[0];
    lane_destroy(b.lane);
    bench_start(&b);
    assert_int_equal(newest(&b, RECORD_OUTCOME)->outcome.result, RESULT_UNKNOWN);
    assert_string_equal(newest(&b, RECORD_OUTCOME)->outcome.command, old.command);
    assert_false(lane_still_wants(b.lane, &old, b.now));
    inputs(&b, P);
    assert_false(decides(&b, DECISION_ALLOW)); /* it died with the old lane's vehicle */
    later(&b, 60000);
    assert_int_equal(b.orders_count, 1);
    assert_int_equal(b.past.unfinished[0][0], 0);
    END;
}

static void nothing_closes_right_after_a_start(void **state)
{
    BEGIN(WHOLE);
    lane_destroy(b.lane);
    bench_start(&b);
    boom(&b, BOOM_OPEN);
    inputs(&b, P);
    assert_state(&b, "RESYNC");
    later(&b, 20000);
    assert_int_equal(b.orders_count, 0);
    inputs(&b, 0);
    later(&b, 9500);
    assert_int_equal(b.orders_count, 0);
    later(&b, 1500);
    assert_int_equal(orders_of(&b, LANE_CLOSE), 1);
    END;
}

static void without_a_closing_loop_a_person_is_asked_after_a_start(void **state)
{
    struct lane_view view;
    BEGIN(WHOLE & ~LANE_HAS_CLOSING);
    lane_destroy(b.lane);
    bench_start(&b);
    boom(&b, BOOM_OPEN);
    later(&b, 60000);
    assert_state(&b, "RESYNC");
    assert_int_equal(b.orders_count, 0);
    lane_view(b.lane, &view);
    assert_non_null(strstr(view.trouble, "close or hold"));
    assert_true(acts(&b, LANE_DO_CLOSE, 0));
    assert_int_equal(b.orders_count, 1);
    END;
}

static void a_car_under_the_boom_at_a_start_is_counted_once(void **state)
{
    BEGIN(WHOLE);
    let_in(&b, "AB123");
    inputs(&b, P | C);
    inputs(&b, C);
    lane_destroy(b.lane);
    bench_start(&b);
    inputs(&b, C);
    inputs(&b, 0);
    assert_int_equal(b.passages_count, 1);
    END;
}

static void at_a_start_the_records_tell_which_way_it_drives(void **state)
{
    for (int opened = 0; opened < 2; opened++) {
        BEGIN(WHOLE);
        if (opened)
            let_in(&b, "AB123");
        lane_destroy(b.lane);
        bench_start(&b);
        inputs(&b, C);
        inputs(&b, P | C); /* the next one, or the same against the lane */
        inputs(&b, P);
        assert_int_equal(b.passages_count, 1);
        assert_int_equal(b.passages[0].direction, opened ? LANE_IN : LANE_OUT);
        END;
    }
}

static void a_hold_goes_on_after_a_restart_and_ends_in_time(void **state)
{
    BEGIN(WHOLE);
    acts(&b, LANE_DO_HOLD, 60000);
    obeyed(&b);
    later(&b, 30000);
    lane_destroy(b.lane);
    bench_start(&b);
    later(&b, 20000);
    assert_state(&b, "HELD_OPEN");
    assert_int_equal(b.orders_count, 1);
    later(&b, 15000);
    assert_int_equal(orders_of(&b, LANE_CLOSE), 1);
    END;
}

static void a_hold_that_ends_right_after_a_start_waits_until_it_is_clear(void **state)
{
    BEGIN(WHOLE);
    acts(&b, LANE_DO_HOLD, 60000);
    obeyed(&b);
    later(&b, 55000);
    lane_destroy(b.lane);
    bench_start(&b);
    later(&b, 8000);
    assert_state(&b, "RESYNC");
    assert_int_equal(orders_of(&b, LANE_CLOSE), 0);
    END;
}

static void an_evacuation_goes_on_after_a_restart(void **state)
{
    BEGIN(WHOLE);
    acts(&b, LANE_DO_EVACUATE, 0);
    obeyed(&b);
    lane_destroy(b.lane);
    bench_start(&b);
    later(&b, 600000);
    assert_state(&b, "EVACUATE");
    assert_int_equal(orders_of(&b, LANE_CLOSE), 0);
    END;
}

static void out_of_service_by_a_person_outlives_a_restart(void **state)
{
    BEGIN(WHOLE);
    acts(&b, LANE_DO_OUT_OF_SERVICE, 0);
    lane_destroy(b.lane);
    bench_start(&b);
    inputs(&b, P);
    reads(&b, "AB123");
    assert_int_equal(b.asks, 0);
    END;
}

static void the_counter_is_compared_across_a_restart(void **state)
{
    BEGIN(WHOLE | LANE_HAS_COUNTER);
    b.barrier.counts = true;
    b.barrier.operations = 100;
    boom(&b, BOOM_CLOSED);
    let_in(&b, "AB123"); /* one opening of its own */
    drives_through(&b);
    later(&b, 600);
    b.barrier.operations = 102;
    obeyed(&b);
    lane_destroy(b.lane);
    b.barrier.operations = 104; /* one while nobody looked */
    bench_start(&b);
    inputs(&b, 0);
    assert_int_equal(newest(&b, RECORD_OPENING)->opening.openings, 1);
    assert_int_equal(b.past.operations, 104);
    END;
}

/* The barrier does not answer, then it does again. */
static void silent(struct bench *b)
{
    b->barrier.quality = BOOM_STALE;
    lane_sense(b->lane, &b->barrier, b->now);
}

static void answers(struct bench *b, unsigned on)
{
    b->barrier.quality = BOOM_OBSERVED;
    b->barrier.state = BOOM_CLOSED;
    inputs(b, on);
}

static void a_car_read_before_the_loops_were_ever_seen_is_not_opened_for_afterwards(void **state)
{
    BEGIN(WHOLE);
    lane_destroy(b.lane);
    bench_start(&b);
    silent(&b);
    reads(&b, "AB123");
    if (b.asks)
        decides(&b, DECISION_ALLOW);
    later(&b, 6000);
    answers(&b, 0);
    later(&b, 60000);
    assert_int_equal(b.orders_count, 0);
    assert_state(&b, "IDLE");
    END;
}

static void reads_while_the_barrier_is_silent_do_not_speak_against_the_presence_loop(void **state)
{
    BEGIN(WHOLE);
    silent(&b);
    for (int i = 0; i < 4; i++) {
        reads(&b, "AB123");
        later(&b, 6000);
    }
    answers(&b, 0);
    assert_int_equal(suspects(&b), 0);
    END;
}

static void who_stood_there_when_the_barrier_fell_silent_is_not_known_afterwards(void **state)
{
    BEGIN(WHOLE);
    inputs(&b, P);
    reads(&b, "AB123");
    acts(&b, LANE_DO_EVACUATE, 0);
    silent(&b);
    answers(&b, P);
    assert_int_equal(b.gones, 1);
    assert_false(decides(&b, DECISION_ALLOW));
    reads(&b, "CD456");
    assert_string_equal(b.asked.read.plate, "CD456");
    END;
}

static void at_a_start_one_that_leaves_the_presence_loop_for_the_boom_drives_forwards(void **state)
{
    BEGIN(WHOLE);
    lane_destroy(b.lane);
    b.barrier.inputs = P | C;
    bench_start(&b);
    inputs(&b, P | C);
    later(&b, 1000);
    inputs(&b, C);
    inputs(&b, P | C); /* the next one comes close */
    inputs(&b, P);
    assert_int_equal(b.passages_count, 1);
    assert_int_equal(b.passages[0].direction, LANE_IN);
    assert_int_equal(b.passages[0].kind, PASSAGE_ORDINARY);
    END;
}

static void a_presence_loop_that_comes_to_life_under_a_car_tells_its_way(void **state)
{
    BEGIN(WHOLE);
    for (int i = 0; i < 3; i++) {
        reads(&b, "AB123");
        later(&b, 6000);
    }
    assert_int_equal(suspects(&b), LANE_HAS_PRESENCE);
    inputs(&b, C);
    inputs(&b, P | C); /* against the lane: the first edge since the loop was mended */
    inputs(&b, P);
    assert_int_equal(b.passages_count, 1);
    assert_int_equal(b.passages[0].direction, LANE_OUT);
    assert_int_equal(b.passages[0].kind, PASSAGE_WRONG_WAY);
    inputs(&b, 0);
    assert_int_equal(suspects(&b), 0);
    assert_state(&b, "WRONG_WAY");
    END;
}

static void without_a_closing_loop_one_that_left_before_the_boom_was_down_has_passed(void **state)
{
    BEGIN(WHOLE & ~LANE_HAS_CLOSING);
    let_in(&b, "AB123");
    inputs(&b, 0);
    inputs(&b, P);
    assert_int_equal(b.passages_count, 1);
    later(&b, 600);
    reads(&b, "CD456"); /* follows close, and is to pay */
    decides(&b, DECISION_PAY);
    b.barrier.inputs = 0;
    lane_sense(b.lane, &b.barrier, b.now);
    obeyed(&b); /* the boom is down before the next one comes */
    inputs(&b, P);
    assert_int_equal(b.passages_count, 2);
    assert_false(decides(&b, DECISION_ALLOW));
    assert_int_equal(orders_of(&b, LANE_OPEN), 1);
    END;
}

static void restarts(struct bench *b)
{
    lane_destroy(b->lane);
    bench_start(b);
    inputs(b, 0);
}

static void out_of_service_outlives_a_restart_behind_whatever_hid_it(void **state)
{
    for (int hidden = 0; hidden < 3; hidden++) {
        BEGIN(WHOLE);
        if (hidden == 2) { /* the boom had failed before */
            inputs(&b, P);
            reads(&b, "AB123");
            decides(&b, DECISION_ALLOW);
            told(&b, BOOM_TOLD_REFUSED);
            inputs(&b, 0);
        }
        if (hidden == 1)
            acts(&b, LANE_DO_HOLD, 60000);
        acts(&b, LANE_DO_OUT_OF_SERVICE, 0);
        if (hidden == 0)
            acts(&b, LANE_DO_HOLD, 60000);
        restarts(&b);
        later(&b, 120000);
        assert_int_equal(newest(&b, RECORD_LANE)->lane.mode, LANE_OUT_OF_SERVICE);
        inputs(&b, P);
        size_t asks = b.asks;
        reads(&b, "AB123");
        assert_int_equal(b.asks, asks);
        END;
    }
}

static void put_back_into_service_under_a_hold_it_is_so_after_a_restart(void **state)
{
    BEGIN(WHOLE);
    acts(&b, LANE_DO_OUT_OF_SERVICE, 0);
    acts(&b, LANE_DO_HOLD, 60000);
    obeyed(&b);
    struct lane_act back = {.operation = LANE_DO_IN_SERVICE, .actor = "li", .reason = "mended"};
    assert_true(lane_act(b.lane, &back, b.now, &b.why));
    assert_int_equal(b.past.mode, LANE_HELD_OPEN);
    assert_string_equal(b.past.reason, "asked by phone");
    restarts(&b);
    assert_state(&b, "HELD_OPEN");
    inputs(&b, P);
    reads(&b, "AB123");
    assert_int_equal(b.asks, 1);
    END;
}

static void echo(void *arg, uint32_t lane, unsigned loop, mono_ms at)
{
    struct bench *b = arg;

    (void)lane;
    assert_true(at.ms <= b->now.mono.ms);
    if (b->opposite_open) /* the lane beside it: its loop comes on each time */
        lane_echoes(b->lane, loop);
}

static void bench_beside(struct bench *b)
{
    lane_destroy(b->lane);
    b->hooks.rose = echo;
    bench_start(b);
    inputs(b, 0);
}

static void a_loop_that_follows_the_lane_beside_it_is_not_believed(void **state)
{
    BEGIN(WHOLE);
    bench_beside(&b);
    b.opposite_open = true;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(suspects(&b), 0);
        inputs(&b, P);
        later(&b, 2000);
        inputs(&b, 0);
        later(&b, 8000);
    }
    assert_int_equal(suspects(&b), LANE_HAS_PRESENCE);
    inputs(&b, P);
    assert_state(&b, "IDLE");
    inputs(&b, 0);
    b.opposite_open = false; /* its own car now */
    inputs(&b, P);
    inputs(&b, 0);
    inputs(&b, P);
    assert_int_equal(suspects(&b), 0);
    END;
}

static void cars_that_are_read_are_no_echo_of_the_lane_beside(void **state)
{
    BEGIN(WHOLE);
    bench_beside(&b);
    for (int i = 0; i < 8; i++) {
        b.opposite_open = true;
        inputs(&b, P);
        b.opposite_open = false;
        if (i % 2) {
            reads(&b, "AB123");
        } else {
            assert_true(acts(&b, LANE_DO_OPEN, 0));
            obeyed(&b);
            drives_through(&b);
            later(&b, 600);
            obeyed(&b);
        }
        inputs(&b, 0);
        later(&b, 8000);
    }
    assert_int_equal(suspects(&b), 0);
    END;
}

/* long: a line a test */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chatter_is_no_vehicle_and_degrades_the_lane),
        cmocka_unit_test(a_presence_loop_that_stays_on_is_not_believed),
        cmocka_unit_test(a_presence_loop_that_sees_no_leaving_is_found_out_by_the_closing_loop),
        cmocka_unit_test(a_dead_presence_loop_is_found_out_by_reads),
        cmocka_unit_test(a_dead_closing_loop_is_found_out_by_openings),
        cmocka_unit_test(a_closing_loop_stuck_on_never_lets_the_boom_close),
        cmocka_unit_test(loops_that_follow_each_other_are_crosstalk),
        cmocka_unit_test(without_a_presence_loop_the_read_brings_the_car),
        cmocka_unit_test(without_a_presence_loop_another_plate_is_another_car),
        cmocka_unit_test(without_a_closing_loop_it_passed_when_it_left_forwards),
        cmocka_unit_test(without_a_closing_loop_a_follower_tells_of_the_one_before),
        cmocka_unit_test(without_a_closing_loop_one_that_left_is_not_opened_for),
        cmocka_unit_test(without_a_presence_loop_one_that_did_not_drive_is_gone),
        cmocka_unit_test(without_loops_the_camera_tells_of_passing),
        cmocka_unit_test(without_loops_limits_or_time_must_do),
        cmocka_unit_test(without_loops_one_that_turned_back_did_not_pass),
        cmocka_unit_test(without_a_camera_nobody_waits_for_a_read),
        cmocka_unit_test(a_lost_camera_degrades_the_lane),
        cmocka_unit_test(a_photocell_is_a_closing_loop),
        cmocka_unit_test(without_a_barrier_it_counts_and_reads_only),
        cmocka_unit_test(a_camera_that_opens_is_never_told_to_close),
        cmocka_unit_test(limits_that_show_nothing_are_found_out_by_a_passage),
        cmocka_unit_test(a_restart_sends_nothing_again_and_ends_what_ran),
        cmocka_unit_test(nothing_closes_right_after_a_start),
        cmocka_unit_test(without_a_closing_loop_a_person_is_asked_after_a_start),
        cmocka_unit_test(a_car_under_the_boom_at_a_start_is_counted_once),
        cmocka_unit_test(at_a_start_the_records_tell_which_way_it_drives),
        cmocka_unit_test(a_hold_goes_on_after_a_restart_and_ends_in_time),
        cmocka_unit_test(a_hold_that_ends_right_after_a_start_waits_until_it_is_clear),
        cmocka_unit_test(an_evacuation_goes_on_after_a_restart),
        cmocka_unit_test(out_of_service_by_a_person_outlives_a_restart),
        cmocka_unit_test(the_counter_is_compared_across_a_restart),
        cmocka_unit_test(a_car_read_before_the_loops_were_ever_seen_is_not_opened_for_afterwards),
        cmocka_unit_test(reads_while_the_barrier_is_silent_do_not_speak_against_the_presence_loop),
        cmocka_unit_test(who_stood_there_when_the_barrier_fell_silent_is_not_known_afterwards),
        cmocka_unit_test(at_a_start_one_that_leaves_the_presence_loop_for_the_boom_drives_forwards),
        cmocka_unit_test(a_presence_loop_that_comes_to_life_under_a_car_tells_its_way),
        cmocka_unit_test(without_a_closing_loop_one_that_left_before_the_boom_was_down_has_passed),
        cmocka_unit_test(out_of_service_outlives_a_restart_behind_whatever_hid_it),
        cmocka_unit_test(put_back_into_service_under_a_hold_it_is_so_after_a_restart),
        cmocka_unit_test(a_loop_that_follows_the_lane_beside_it_is_not_believed),
        cmocka_unit_test(cars_that_are_read_are_no_echo_of_the_lane_beside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
