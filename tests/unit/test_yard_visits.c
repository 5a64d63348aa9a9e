/* What a lot makes of cars that are seen twice, nearly read, dated oddly or let go by a person; and
 * of people who count, list and approve. One small lot in virtual time. */
#include "tests/unit/yard_bench.h"

#define OTHER "苏A88888"

static const struct record_decision *decided(const struct bench *b)
{
    return &last(b, RECORD_DECISION)->decision;
}

static const struct record_plate_read *read_last(const struct bench *b)
{
    return &last(b, RECORD_PLATE_READ)->plate_read;
}

/* ---- seen twice ---- */

static void a_car_seen_a_moment_ago_in_the_other_lane_is_the_wrong_one(void **state)
{
    static struct bench b;
    struct plate_read read;

    (void)state;
    start(&b);
    b.site.lots[0].policy.same_side_ms = 5000;
    read = a_read(&b, CAR);
    see(&b, A_OUT, &read);
    drive_up(&b, A_IN, CAR);
    assert_int_equal(decided(&b)->verdict, DECISION_DENY);
    assert_int_equal(decided(&b)->reason, DECIDED_WRONG_SIDE);
    loops(&b, A_IN, 0);
    wait_ms(&b, 60000); /* by then it may well have turned round */
    drive_up(&b, A_IN, CAR);
    assert_int_equal(decided(&b)->verdict, DECISION_ALLOW);
    stop(&b);
}

static void who_came_in_a_moment_ago_comes_in_once(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    drive_up(&b, A_IN, CAR);
    assert_int_equal(decided(&b)->reason, DECIDED_REOPEN);
    drive_through(&b, A_IN);
    assert_int_equal(count(&b, RECORD_PASSAGE), 2);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 1);
    assert_string_equal(last(&b, RECORD_PASSAGE)->passage.stay,
                        last(&b, RECORD_STAY_OPENED)->stay_opened.stay);
    stop(&b);
}

static void who_left_a_moment_ago_leaves_once(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    drive_up(&b, A_OUT, CAR);
    drive_through(&b, A_OUT);
    assert_int_equal(count(&b, RECORD_STAY_CLOSED), 1);
    drive_up(&b, A_OUT, CAR);
    assert_int_equal(decided(&b)->reason, DECIDED_REOPEN);
    drive_through(&b, A_OUT);
    assert_int_equal(count(&b, RECORD_PASSAGE), 3);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 1);
    assert_int_equal(count(&b, RECORD_STAY_CLOSED), 1);
    assert_string_equal(last(&b, RECORD_PASSAGE)->passage.stay,
                        last(&b, RECORD_STAY_CLOSED)->stay_closed.stay);
    stop(&b);
}

/* Nor does it end the stay of one that looks like it. */
static void who_left_a_moment_ago_ends_nobody_elses_stay(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    drive_up(&b, A_OUT, CAR);
    drive_through(&b, A_OUT);
    drive_up(&b, A_IN, "苏A1234S");
    drive_through(&b, A_IN);
    drive_up(&b, A_OUT, CAR);
    drive_through(&b, A_OUT);
    assert_non_null(stays_by_plate(yard_stays(b.yard), 0, "苏A1234S"));
    assert_int_equal(count(&b, RECORD_STAY_CLOSED), 1);
    stop(&b);
}

static void who_came_back_within_the_moment_leaves_anew(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    for (uint32_t visit = 1; visit <= 2; visit++) {
        drive_up(&b, A_IN, CAR);
        drive_through(&b, A_IN);
        wait_ms(&b, visit == 1 ? 600000 : 60000);
        drive_up(&b, A_OUT, CAR);
        drive_through(&b, A_OUT);
        assert_int_equal(count(&b, RECORD_STAY_CLOSED), visit);
    }
    assert_int_equal(decided(&b)->reason, DECIDED_REOPEN);
    stop(&b);
}

/* ---- nearly read ---- */

static void leaves_by_hand(struct bench *b, const char *plate)
{
    const struct lane_act act = {
        .operation = LANE_DO_OPEN, .cause = CAUSE_OPERATOR, .actor = "wang", .reason = "misread"};
    const char *why = "";

    drive_up(b, A_OUT, plate);
    assert_int_not_equal(decided(b)->verdict, DECISION_ALLOW);
    assert_true(yard_act(b->yard, A_OUT, &act, b->now, &why));
    obey(b);
    drive_through(b, A_OUT);
}

static void a_plate_that_is_nearly_one_inside_ends_that_stay(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    wait_ms(&b, 60000);
    leaves_by_hand(&b, "苏A1234S");
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 1);
    assert_string_equal(last(&b, RECORD_STAY_CLOSED)->stay_closed.stay,
                        last(&b, RECORD_STAY_OPENED)->stay_opened.stay);
    stop(&b);
}

static void a_plate_that_is_nearly_two_inside_ends_neither(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, "苏A12B45");
    drive_through(&b, A_IN);
    drive_up(&b, A_IN, "苏A1284S");
    drive_through(&b, A_IN);
    wait_ms(&b, 60000);
    leaves_by_hand(&b, "苏A12845");
    assert_non_null(stays_by_plate(yard_stays(b.yard), 0, "苏A12B45"));
    assert_non_null(stays_by_plate(yard_stays(b.yard), 0, "苏A1284S"));
    assert_true(last(&b, RECORD_STAY_OPENED)->stay_opened.entry_missing);
    assert_string_equal(last(&b, RECORD_STAY_CLOSED)->stay_closed.plate, "苏A12845");
    stop(&b);
}

static void a_car_without_a_plate_that_nobody_knows_ends_no_stay(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    wait_ms(&b, 60000);
    leaves_by_hand(&b, "");
    assert_int_equal(count(&b, RECORD_STAY_CLOSED), 0);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 1);
    assert_string_equal(last(&b, RECORD_PASSAGE)->passage.stay, "");
    stop(&b);
}

static void a_lot_whose_stays_come_from_its_bays_counts_passages_only(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    b.site.lots[0].policy.stays = STAYS_FROM_BAYS;
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    assert_int_equal(count(&b, RECORD_PASSAGE), 1);
    assert_int_equal(count(&b, RECORD_STAY_OPENED), 0);
    stop(&b);
}

/* ---- what a read tells ---- */

static void a_stored_read_is_dated_as_well_as_its_camera_can(void **state)
{
    static const struct {
        struct plate_time time;
        int64_t at_s; /* since the beginning; the record's own time where it is not told */
        bool uncertain;
    } rows[] = {
        {{.source = CLOCK_READ, .at = {WEDNESDAY_TEN * INT64_C(1000) - 60000}}, -60, false},
        {{.source = CLOCK_READ, .at = {WEDNESDAY_TEN * INT64_C(1000) - 60000}, .doubtful = true},
         15,
         true},
        {{.source = CLOCK_NONE}, 15, true},
        {{.source = CLOCK_NONE, .local = "2024-01-17T18:00:00"}, 0, false},
        {{.source = CLOCK_NONE, .local = "2024-01-17T18:00:60"}, 15, true},
    };
    static const int32_t offset_s[] = {8 * 3600};
    static const struct civil_zone east = {.offset_s = offset_s};
    char local[CIVIL_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct bench b;
        struct plate_read read;

        start(&b);
        b.site.plan.civil = &east;
        read = a_read(&b, CAR);
        read.offline = true;
        read.time = rows[i].time;
        if (i == 3)
            text_copy(read.time.local, sizeof read.time.local,
                      civil_text(&east, WEDNESDAY_TEN, local));
        read.time.local[*read.time.local ? 19 : 0] = '\0';
        assert_false(see(&b, A_IN, &read));
        const struct record *record = last(&b, RECORD_PLATE_READ);
        assert_int_equal(record->at.ms, (WEDNESDAY_TEN + rows[i].at_s) * 1000);
        assert_int_equal(record->time_uncertain, rows[i].uncertain);
        assert_true(record->plate_read.offline);
        assert_int_equal(count(&b, RECORD_PASSAGE), 0); /* nobody says that it was let in */
        stop(&b);
    }
}

static void the_class_of_a_vehicle_is_its_plates_or_else_its_colours(void **state)
{
    static const struct {
        enum plate_class class;
        enum plate_colour colour;
        enum vehicle_class told;
    } rows[] = {{PLATE_CLASS_UNKNOWN, PLATE_BLUE, VEHICLE_SMALL},
                {PLATE_CLASS_UNKNOWN, PLATE_YELLOW, VEHICLE_LARGE},
                {PLATE_CLASS_SMALL, PLATE_GREEN, VEHICLE_NEV},
                {PLATE_CLASS_POLICE, PLATE_WHITE, VEHICLE_POLICE},
                {PLATE_CLASS_EMERGENCY, PLATE_YELLOW, VEHICLE_RESCUE}};
    static struct bench b;

    (void)state;
    start(&b);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct plate_read read = a_read(&b, CAR);
        read.class = rows[i].class;
        read.colour = rows[i].colour;
        see(&b, A_IN, &read);
        assert_int_equal(read_last(&b)->class, rows[i].told);
    }
    stop(&b);
}

static void a_read_names_its_first_picture(void **state)
{
    static struct bench b;
    struct plate_read read;

    (void)state;
    start(&b);
    read = a_read(&b, CAR);
    text_copy(read.images[0].name, sizeof read.images[0].name, "a.jpg");
    read.images_count = 1;
    see(&b, A_IN, &read);
    assert_string_equal(read_last(&b)->images, "a.jpg");
    stop(&b);
}

/* R4. */
static void a_read_that_is_not_sure_enough_identifies_nobody(void **state)
{
    static const struct {
        double confidence;
        bool plausible, identifies;
    } rows[] = {
        {80, true, true}, {79, true, false}, {PLATE_UNTOLD, true, true}, {97, false, false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct bench b;
        struct plate_read read;

        start(&b);
        b.site.lanes[A_IN].min_confidence = 80;
        loops(&b, A_IN, BOOM_PRESENCE);
        read = a_read(&b, CAR);
        read.confidence = rows[i].confidence;
        read.plausible = rows[i].plausible;
        assert_true(see(&b, A_IN, &read));
        wait_ms(&b, 9000);
        assert_string_equal(decided(&b)->plate, rows[i].identifies ? CAR : "");
        assert_string_equal(read_last(&b)->plate, CAR); /* what was read is recorded in any case */
        stop(&b);
    }
}

/* ---- people ---- */

static void who_leaves_in_an_evacuation_is_released_for_it(void **state)
{
    static struct bench b;
    const struct lane_act act = {.operation = LANE_DO_EVACUATE,
                                 .cause = CAUSE_EVACUATION,
                                 .actor = "wang",
                                 .reason = "fire"};
    struct plate_read read;
    const char *why = "";

    (void)state;
    start(&b);
    drive_up(&b, A_IN, CAR);
    drive_through(&b, A_IN);
    wait_ms(&b, 5400000);
    assert_true(yard_act(b.yard, A_OUT, &act, b.now, &why));
    obey(&b);
    loops(&b, A_OUT, BOOM_PRESENCE);
    read = a_read(&b, CAR);
    see(&b, A_OUT, &read);
    obey(&b);
    drive_through(&b, A_OUT);
    const struct record_stay_closed *closed = &last(&b, RECORD_STAY_CLOSED)->stay_closed;
    assert_int_equal(closed->outcome, OUTCOME_RELEASED);
    assert_string_equal(closed->reason, "evacuation");
    stop(&b);
}

static void a_count_far_from_all_evidence_has_to_be_sure(void **state)
{
    static const struct {
        int64_t inside;
        bool sure, taken;
    } rows[] = {{50, false, true},  {70, false, true}, {29, false, false},
                {91, false, false}, {91, true, true},  {70, false, false},
                {91, false, true},  {-1, true, false}, {65536, true, false}};
    static struct bench b;
    struct estimate estimate;

    (void)state;
    start(&b);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *why = "";
        bool taken = yard_declare(b.yard, 0, rows[i].inside, rows[i].sure, "wang", b.now, &why);
        assert_int_equal(taken, rows[i].taken);
        assert_int_equal(!*why, taken);
        if (taken) {
            assert_int_equal(last(&b, RECORD_OCCUPANCY)->occupancy.inside, rows[i].inside);
            yard_estimate(b.yard, 0, b.now.utc, &estimate);
            assert_int_equal(estimate.inside, rows[i].inside);
        }
    }
    stop(&b);
}

static void a_lot_counted_full_takes_no_more_of_the_class_it_refuses(void **state)
{
    static struct bench b;
    const char *why = "";

    (void)state;
    start(&b);
    b.site.lots[0].policy.refuse_when_full = VEHICLE_BIT(VEHICLE_SMALL);
    drive_up(&b, A_IN, CAR); /* never counted: what came in since is all that is known */
    assert_int_equal(decided(&b)->verdict, DECISION_ALLOW);
    drive_through(&b, A_IN);
    assert_true(yard_declare(b.yard, 0, 100, true, "wang", b.now, &why));
    drive_up(&b, A_IN, OTHER);
    assert_int_equal(decided(&b)->verdict, DECISION_DENY);
    assert_int_equal(decided(&b)->reason, DECIDED_FULL);
    stop(&b);
}

static void an_approval_needs_a_vehicle_and_an_open_stay(void **state)
{
    static struct bench b;
    struct lane_decision decision = {
        .verdict = DECISION_ALLOW, .cause = CAUSE_OPERATOR, .actor = "wang"};
    const char *why = "";

    (void)state;
    start(&b);
    assert_false(yard_approve(b.yard, A_OUT, &decision, b.now, &why));
    assert_string_equal(why, "no vehicle is at the lane");
    drive_up(&b, A_OUT, CAR);
    text_copy(decision.stay, sizeof decision.stay, "no-such-stay");
    assert_false(yard_approve(b.yard, A_OUT, &decision, b.now, &why));
    assert_string_equal(why, "no such stay is open");
    decision.stay[0] = '\0';
    assert_true(yard_approve(b.yard, A_OUT, &decision, b.now, &why));
    assert_string_equal(decided(&b)->plate, CAR); /* as it was read */
    assert_string_equal(decided(&b)->actor, "wang");
    assert_int_equal(decided(&b)->reason, DECIDED_BY_PERSON);
    obey(&b);
    loops(&b, A_OUT, 0); /* it backs away with the boom open */
    wait_ms(&b, 60000);
    assert_false(yard_approve(b.yard, A_OUT, &decision, b.now, &why));
    stop(&b);
}

static void who_waits_is_asked_about_again_when_the_list_changes(void **state)
{
    static struct bench b;
    struct record_list change = {.on = true, .list = PLATES_BLOCKED, .lot = 0, .actor = "wang"};
    const char *why = "";

    (void)state;
    start(&b);
    text_copy(change.plate, sizeof change.plate, CAR);
    text_copy(change.reason, sizeof change.reason, "owes");
    assert_true(yard_list(b.yard, &change, b.now, &why));
    drive_up(&b, A_IN, CAR);
    assert_int_equal(decided(&b)->reason, DECIDED_BLOCKED);
    uint32_t before = count(&b, RECORD_DECISION);
    text_copy(change.plate, sizeof change.plate, OTHER);
    assert_true(yard_list(b.yard, &change, b.now, &why));
    assert_int_equal(count(&b, RECORD_DECISION), before); /* of another car */
    change.on = false;
    text_copy(change.plate, sizeof change.plate, CAR);
    assert_true(yard_list(b.yard, &change, b.now, &why));
    assert_int_equal(decided(&b)->verdict, DECISION_ALLOW);
    text_copy(change.plate, sizeof change.plate, "苏A00001"); /* which never was on it */
    assert_false(yard_list(b.yard, &change, b.now, &why));
    assert_string_equal(why, "the plate is not on this list");
    stop(&b);
}

static void opposing_gates_are_never_open_together(void **state)
{
    static struct bench b;

    (void)state;
    start(&b);
    yard_destroy(b.yard);
    b.site.lanes[A_IN].opposite = A_OUT;
    b.site.lanes[A_OUT].opposite = A_IN;
    begin(&b);
    yard_started(b.yard, b.now);
    for (uint32_t lane = 0; lane < SMALL_LANES; lane++)
        yard_camera(b.yard, lane, true, b.now);
    wait_ms(&b, 15000);
    drive_up(&b, A_IN, CAR);
    assert_int_equal(b.booms[A_IN].state, BOOM_OPEN);
    drive_up(&b, A_OUT, OTHER);
    wait_ms(&b, 2000);
    assert_int_equal(b.booms[A_OUT].state, BOOM_CLOSED);
    drive_through(&b, A_IN);
    wait_ms(&b, 30000);
    assert_int_equal(b.booms[A_IN].state, BOOM_CLOSED);
    stop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_car_seen_a_moment_ago_in_the_other_lane_is_the_wrong_one),
        cmocka_unit_test(who_came_in_a_moment_ago_comes_in_once),
        cmocka_unit_test(who_left_a_moment_ago_leaves_once),
        cmocka_unit_test(who_left_a_moment_ago_ends_nobody_elses_stay),
        cmocka_unit_test(who_came_back_within_the_moment_leaves_anew),
        cmocka_unit_test(a_plate_that_is_nearly_one_inside_ends_that_stay),
        cmocka_unit_test(a_plate_that_is_nearly_two_inside_ends_neither),
        cmocka_unit_test(a_car_without_a_plate_that_nobody_knows_ends_no_stay),
        cmocka_unit_test(a_lot_whose_stays_come_from_its_bays_counts_passages_only),
        cmocka_unit_test(a_stored_read_is_dated_as_well_as_its_camera_can),
        cmocka_unit_test(the_class_of_a_vehicle_is_its_plates_or_else_its_colours),
        cmocka_unit_test(a_read_names_its_first_picture),
        cmocka_unit_test(a_read_that_is_not_sure_enough_identifies_nobody),
        cmocka_unit_test(who_leaves_in_an_evacuation_is_released_for_it),
        cmocka_unit_test(a_count_far_from_all_evidence_has_to_be_sure),
        cmocka_unit_test(a_lot_counted_full_takes_no_more_of_the_class_it_refuses),
        cmocka_unit_test(an_approval_needs_a_vehicle_and_an_open_stay),
        cmocka_unit_test(who_waits_is_asked_about_again_when_the_list_changes),
        cmocka_unit_test(opposing_gates_are_never_open_together),
    };

    return cmocka_run_group_tests_name("yard visits", tests, NULL, NULL);
}
