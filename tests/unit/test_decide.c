/* May this vehicle pass? One sentence a rule, and the order of the rules where it matters. */
#include "daemon/core/decide.h"
#include "tests/unit/stays_bench.h"

static struct bench *bench;
static struct lot_now now;
static struct lane_vehicle vehicle;
static struct decision got;

static int set_up(void **state)
{
    bench_set_up(state);
    bench = *state;
    now = (struct lot_now){.spaces = 10, .day = {.today = 4, .yesterday = 2, .minute = 600}};
    vehicle = (struct lane_vehicle){.has_read = true, .read = {.confidence = 90}};
    text_copy(vehicle.read.plate, sizeof vehicle.read.plate, "粤B12345");
    return 0;
}

static struct lot_policy *policy(void)
{
    return &bench->site.lots[LOT_A].policy;
}

static void ask(uint32_t lane, int64_t minutes)
{
    decide(&bench->site.plan, lane, &vehicle, &now, bench->stays, bench_at(minutes), &got);
}

static void expect(uint32_t lane, enum decision_verdict verdict, enum decision_reason reason)
{
    ask(lane, 60);
    assert_int_equal(got.verdict, verdict);
    assert_int_equal(got.reason, reason);
    assert_int_equal(got.cause == CAUSE_NONE, verdict != DECISION_ALLOW);
}

static void an_ordinary_car_comes_in_where_there_is_room(void **state)
{
    (void)state;
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_TEMPORARY);
    assert_int_equal(got.cause, CAUSE_DECISION);
}

static void exempt_vehicles_pass_before_every_other_rule(void **state)
{
    (void)state;
    policy()->exempt = VEHICLE_BIT(VEHICLE_FIRE);
    vehicle.read.class = VEHICLE_FIRE;
    bench_list(bench, PLATES_BLOCKED, "粤B12345", 0, 0);
    now.inside_high = 10;
    now.wrong_side = true;
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_EXEMPT);
    const char *id = bench_arrive(bench, "粤B12345", 1);
    expect(LANE_A_OUT, DECISION_ALLOW, DECIDED_EXEMPT);
    assert_string_equal(got.stay, id);
}

static void blocked_and_locked_plates_pass_neither_way(void **state)
{
    (void)state;
    bench_arrive(bench, "粤B12345", 1);
    bench_list(bench, PLATES_LOCKED, "粤B12345", 0, 0);
    expect(LANE_A_IN, DECISION_DENY, DECIDED_LOCKED);
    expect(LANE_A_OUT, DECISION_DENY, DECIDED_LOCKED);
    now.open_recently = true;
    bench_list(bench, PLATES_BLOCKED, "粤B12345", 0, 0);
    expect(LANE_A_IN, DECISION_DENY, DECIDED_BLOCKED);
    expect(LANE_A_OUT, DECISION_DENY, DECIDED_BLOCKED);
}

static void a_car_of_the_lane_beside_does_not_open_this_one(void **state)
{
    (void)state;
    now.wrong_side = now.open_recently = true;
    expect(LANE_A_IN, DECISION_DENY, DECIDED_WRONG_SIDE);
    expect(LANE_A_OUT, DECISION_DENY, DECIDED_WRONG_SIDE);
}

static void the_same_car_soon_again_is_let_through(void **state)
{
    (void)state;
    const char *id = bench_arrive(bench, "粤B12345", 1);
    now.open_recently = true;
    now.inside_high = 10;
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_REOPEN);
    assert_int_equal(got.cause, CAUSE_REOPEN);
    assert_string_equal(got.stay, id);
}

static void without_a_plate_a_person_or_a_ticket_is_needed(void **state)
{
    (void)state;
    vehicle.has_read = false;
    expect(LANE_A_IN, DECISION_ASK, DECIDED_NO_PLATE);
    vehicle.has_read = true;
    vehicle.read.plate[0] = '\0';
    bench_arrive(bench, "A", 1);
    expect(LANE_A_IN, DECISION_ASK, DECIDED_NO_PLATE);
    expect(LANE_A_OUT, DECISION_ASK, DECIDED_NO_PLATE);
    assert_int_equal(got.near_count, 0);
}

static void a_poor_read_decides_nothing_and_is_shown(void **state)
{
    (void)state;
    bench->lanes[0].min_confidence = bench->lanes[1].min_confidence = 80;
    vehicle.read.confidence = 79;
    bench_arrive(bench, "粤B12345", 1);
    expect(LANE_A_IN, DECISION_ASK, DECIDED_NO_PLATE);
    expect(LANE_A_OUT, DECISION_ASK, DECIDED_UNSURE);
    assert_int_equal(got.near_count, 1);
    vehicle.read.confidence = 80;
    expect(LANE_A_OUT, DECISION_PAY, DECIDED_TO_PAY);
    vehicle.read.confidence = -1; /* the camera does not tell */
    expect(LANE_A_OUT, DECISION_PAY, DECIDED_TO_PAY);
}

static void a_lane_takes_its_classes_only(void **state)
{
    (void)state;
    bench->lanes[0].classes = VEHICLE_BIT(VEHICLE_LARGE);
    expect(LANE_A_IN, DECISION_DENY, DECIDED_NOT_ALLOWED);
    vehicle.read.class = VEHICLE_LARGE;
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_TEMPORARY);
}

static void a_car_that_is_inside_comes_in_again_as_the_lot_says(void **state)
{
    (void)state;
    bench_arrive(bench, "粤B12345", 1);
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_TEMPORARY);
    policy()->passback = PASSBACK_SOFT;
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_PASSBACK);
    policy()->passback = PASSBACK_HARD;
    expect(LANE_A_IN, DECISION_DENY, DECIDED_PASSBACK);
}

static void arrears_stop_where_the_lot_says_so(void **state)
{
    (void)state;
    bench_leave(bench, bench_arrive(bench, "粤B12345", 1), 50);
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_TEMPORARY);
    policy()->block_arrears = true;
    expect(LANE_A_IN, DECISION_ASK, DECIDED_ARREARS);
}

static void a_pass_comes_in_also_when_the_lot_is_full(void **state)
{
    (void)state;
    now.inside_high = 10;
    bench_list(bench, PLATES_PASS, "粤B12345", 0, 90);
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_PASS);
    bench_list(bench, PLATES_PASS, "粤B00000", 0, 30);
    text_copy(vehicle.read.plate, sizeof vehicle.read.plate, "粤B00000");
    expect(LANE_A_IN, DECISION_DENY, DECIDED_FULL);
    now.inside_high = 9;
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_PASS_EXPIRED);
}

static void the_second_car_of_a_pass_is_an_ordinary_one(void **state)
{
    struct record_list pass = {
        .list = PLATES_PASS, .on = true, .lot = LOT_A, .group = "g", .bays = 1, .plate = "粤A1"};

    (void)state;
    stays_list(bench->stays, &pass, bench_at(0), bench_sink(bench), &bench->why);
    text_copy(pass.plate, sizeof pass.plate, "粤B12345");
    stays_list(bench->stays, &pass, bench_at(0), bench_sink(bench), &bench->why);
    bench_arrive(bench, "粤A1", 1);
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_PASS_IN_USE);
    now.inside_high = 10;
    expect(LANE_A_IN, DECISION_DENY, DECIDED_FULL);
}

static void hours_are_of_classes(void **state)
{
    (void)state;
    policy()->windows_count = 3;
    policy()->windows[0] =
        (struct lot_window){.classes = VEHICLE_BIT(VEHICLE_LARGE), .hours = {0x7f, 0, 1440}};
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_TEMPORARY); /* none are stated for small ones */
    policy()->windows[1] =
        (struct lot_window){.classes = VEHICLE_BIT(VEHICLE_SMALL), .hours = {0x04, 0, 600}};
    expect(LANE_A_IN, DECISION_DENY, DECIDED_CLOSED_HOURS);
    policy()->windows[2] =
        (struct lot_window){.classes = VEHICLE_BIT(VEHICLE_SMALL), .hours = {0x04, 600, 601}};
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_TEMPORARY);
}

static void a_full_lot_refuses_the_classes_that_it_names(void **state)
{
    (void)state;
    now.inside_high = 9;
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_TEMPORARY);
    now.inside_high = 10;
    expect(LANE_A_IN, DECISION_DENY, DECIDED_FULL);
    policy()->refuse_when_full = VEHICLE_BIT(VEHICLE_LARGE);
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_TEMPORARY);
}

static void an_institutions_lot_is_public_in_its_shared_hours(void **state)
{
    (void)state;
    policy()->sharing_count = 1;
    now.shared_free = -1;
    expect(LANE_A_IN, DECISION_DENY, DECIDED_CLOSED_HOURS);
    now.shared_free = 0;
    expect(LANE_A_IN, DECISION_DENY, DECIDED_FULL);
    now.shared_free = 1;
    expect(LANE_A_IN, DECISION_ALLOW, DECIDED_TEMPORARY);
    now.sharing_closing = true;
    expect(LANE_A_IN, DECISION_DENY, DECIDED_CLOSED_HOURS);
}

static void at_the_exit_what_is_due_is_asked_or_written_down(void **state)
{
    (void)state;
    const char *id = bench_arrive(bench, "粤B12345", 1);
    expect(LANE_A_OUT, DECISION_PAY, DECIDED_TO_PAY);
    assert_string_equal(got.stay, id);
    assert_int_equal(got.price.due_fen, 100);
    policy()->pay_at_exit = false;
    expect(LANE_A_OUT, DECISION_ALLOW, DECIDED_TO_PAY);
}

static void a_paid_car_leaves_within_its_time(void **state)
{
    (void)state;
    const char *id = bench_arrive(bench, "粤B12345", 0);
    bench_pay(bench, id, 100, "wx", 50);
    expect(LANE_A_OUT, DECISION_ALLOW, DECIDED_PAID);
    assert_int_equal(got.cause, CAUSE_PAYMENT);
    ask(LANE_A_OUT, 65);
    assert_int_equal(got.reason, DECIDED_PAID);
    ask(LANE_A_OUT, 66);
    assert_int_equal(got.verdict, DECISION_PAY);
}

static void free_and_pass_leave_without_a_word(void **state)
{
    (void)state;
    bench_arrive(bench, "粤B12345", 60);
    expect(LANE_A_OUT, DECISION_ALLOW, DECIDED_FREE);
    bench_list(bench, PLATES_PASS, "粤B00000", 0, 0);
    bench_arrive(bench, "粤B00000", 1);
    text_copy(vehicle.read.plate, sizeof vehicle.read.plate, "粤B00000");
    expect(LANE_A_OUT, DECISION_ALLOW, DECIDED_PASS);
    bench_list(bench, PLATES_PASS, "粤C11111", 10, 0); /* bought while inside */
    bench_arrive(bench, "粤C11111", 10);
    text_copy(vehicle.read.plate, sizeof vehicle.read.plate, "粤C11111");
    expect(LANE_A_OUT, DECISION_ALLOW, DECIDED_PASS);
}

static void the_only_plate_that_comes_near_is_it(void **state)
{
    (void)state;
    const char *id = bench_arrive(bench, "粤812345", 1);
    expect(LANE_A_OUT, DECISION_PAY, DECIDED_TO_PAY);
    assert_string_equal(got.stay, id);
    policy()->plate_distance = 1;
    expect(LANE_A_OUT, DECISION_ASK, DECIDED_UNSURE);
    assert_int_equal(got.near_count, 1);
    policy()->plate_distance = 2;
    expect(LANE_A_OUT, DECISION_PAY, DECIDED_TO_PAY);
}

static void of_several_plates_that_come_near_a_person_picks(void **state)
{
    (void)state;
    bench_arrive(bench, "粤812345", 1);
    bench_arrive(bench, "粤BI2345", 1);
    expect(LANE_A_OUT, DECISION_ASK, DECIDED_UNSURE);
    assert_int_equal(got.near_count, 2);
    assert_string_equal(got.stay, "");
    const char *exact = bench_arrive(bench, "粤B12345", 2);
    expect(LANE_A_OUT, DECISION_PAY, DECIDED_TO_PAY);
    assert_string_equal(got.stay, exact);
}

static void without_an_entry_the_lot_says_what_to_do(void **state)
{
    (void)state;
    expect(LANE_A_OUT, DECISION_ASK, DECIDED_NO_ENTRY);
    policy()->no_entry = NO_ENTRY_LET_OUT;
    expect(LANE_A_OUT, DECISION_ALLOW, DECIDED_NO_ENTRY);
    policy()->no_entry = NO_ENTRY_LAST;
    expect(LANE_A_OUT, DECISION_ASK, DECIDED_NO_ENTRY);
    const char *id = bench_arrive(bench, "粤B12345", 0);
    bench_pay(bench, id, 100, "wx", 5);
    bench_leave(bench, id, 10);
    expect(LANE_A_OUT, DECISION_ALLOW, DECIDED_PAID);
    assert_string_equal(got.stay, id);
    ask(LANE_A_OUT, 90);
    assert_int_equal(got.price.due_fen, 100);
}

static void a_price_that_the_tariff_leaves_to_people_is_asked_of_them(void **state)
{
    struct stay_arrival arrival = {
        .bay = PLAN_NONE, .plate = "粤B12345", .entry_missing = true, .at = bench_at(0)};
    char id[IDENT_SIZE];

    (void)state;
    bench->tariff.tariffs[0].missing = TARIFF_MISSING_MANUAL;
    stays_arrive(bench->stays, &arrival, bench_sink(bench), id);
    expect(LANE_A_OUT, DECISION_ASK, DECIDED_NO_ENTRY);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_ordinary_car_comes_in_where_there_is_room),
        T(exempt_vehicles_pass_before_every_other_rule),
        T(blocked_and_locked_plates_pass_neither_way),
        T(a_car_of_the_lane_beside_does_not_open_this_one),
        T(the_same_car_soon_again_is_let_through),
        T(without_a_plate_a_person_or_a_ticket_is_needed),
        T(a_poor_read_decides_nothing_and_is_shown),
        T(a_lane_takes_its_classes_only),
        T(a_car_that_is_inside_comes_in_again_as_the_lot_says),
        T(arrears_stop_where_the_lot_says_so),
        T(a_pass_comes_in_also_when_the_lot_is_full),
        T(the_second_car_of_a_pass_is_an_ordinary_one),
        T(hours_are_of_classes),
        T(a_full_lot_refuses_the_classes_that_it_names),
        T(an_institutions_lot_is_public_in_its_shared_hours),
        T(at_the_exit_what_is_due_is_asked_or_written_down),
        T(a_paid_car_leaves_within_its_time),
        T(free_and_pass_leave_without_a_word),
        T(the_only_plate_that_comes_near_is_it),
        T(of_several_plates_that_come_near_a_person_picks),
        T(without_an_entry_the_lot_says_what_to_do),
        T(a_price_that_the_tariff_leaves_to_people_is_asked_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
