/* What people may do at a lane, by how it is: each refusal in words; whether it may be open, which
 * the lane opposite asks; and which orders are still wanted by then. */
#include "tests/unit/lane_bench.h"

#define CAR "苏A12345"

/* How the lane is. */
enum scene {
    IDLE,
    NO_BOOM,
    BY_CAMERA, /* which opens the boom, that nobody can close */
    SILENT,    /* the board does not answer */
    BROKEN,    /* and now it reports a fault */
    OPPOSITE,  /* the lane opposite is open */
    HELD,
    LET_IN,
    UNDER, /* a car is under the boom */
    EVACUATED,
    FIRE_ON, /* by the fire input */
    FIRE_OFF,
    SCENES
};

static void set(struct bench *b, enum scene scene)
{
    bench_init(b, scene == NO_BOOM     ? LOOPS | LANE_HAS_CAMERA
                  : scene == BY_CAMERA ? LOOPS | LANE_HAS_CAMERA | LANE_CAMERA_PULSES
                                       : WHOLE);
    b->opposite_open = scene == OPPOSITE;
    later(b, 15000);
    if (scene == SILENT) {
        b->barrier.quality = BOOM_STALE;
        lane_sense(b->lane, &b->barrier, b->now);
        later(b, 15000);
    }
    if (scene == BROKEN)
        boom(b, BOOM_FAULT);
    if (scene == HELD) {
        assert_true(acts(b, LANE_DO_HOLD, 600000));
        obeyed(b);
    }
    if (scene == LET_IN || scene == UNDER)
        let_in(b, CAR);
    if (scene == UNDER)
        inputs(b, C);
    if (scene == EVACUATED)
        assert_true(acts(b, LANE_DO_EVACUATE, 0));
    if (scene == FIRE_ON || scene == FIRE_OFF)
        inputs(b, FIRE);
    if (scene == FIRE_OFF)
        inputs(b, 0);
}

#define EVACUATION "the lane is evacuated: its barrier is up until a person ends that"

/* long: a row each */
static void each_refusal_is_told_in_words(void **state)
{
    static const struct {
        enum scene scene;
        enum lane_operation operation;
        const char *why; /* NULL: it is done */
    } rows[] = {
        {IDLE, LANE_DO_OPEN, NULL},
        {IDLE, LANE_DO_HOLD, NULL},
        {IDLE, LANE_DO_CLOSE, NULL},
        {IDLE, LANE_DO_RELEASE, "the lane is not held"},
        {IDLE, LANE_DO_RESET, "the lane has nothing to reset"},
        {IDLE, LANE_DO_OUT_OF_SERVICE, NULL},
        {IDLE, LANE_DO_IN_SERVICE, NULL},
        {IDLE, LANE_DO_EVACUATE, NULL},
        {IDLE, LANE_DO_EVACUATION_ENDS, "the lane is not evacuated"},
        {NO_BOOM, LANE_DO_OPEN, "the lane has no barrier"},
        {NO_BOOM, LANE_DO_HOLD, "the lane has no barrier"},
        {NO_BOOM, LANE_DO_CLOSE, "the lane has no barrier"},
        {BY_CAMERA, LANE_DO_CLOSE, "the camera opens this barrier, it closes by itself"},
        {SILENT, LANE_DO_OPEN, "the barrier does not answer"},
        {SILENT, LANE_DO_CLOSE, "the barrier does not answer"},
        {SILENT, LANE_DO_EVACUATE, NULL},
        {BROKEN, LANE_DO_OPEN, "the barrier reports a fault"},
        {BROKEN, LANE_DO_HOLD, "the barrier reports a fault"},
        {BROKEN, LANE_DO_RESET, NULL},
        {OPPOSITE, LANE_DO_OPEN, "the lane opposite is open"},
        {OPPOSITE, LANE_DO_HOLD, "the lane opposite is open"},
        {OPPOSITE, LANE_DO_EVACUATE, NULL},
        {HELD, LANE_DO_OPEN, "the lane is held open already"},
        {HELD, LANE_DO_HOLD, NULL}, /* for longer */
        {HELD, LANE_DO_CLOSE, "the lane is held open; release it"},
        {HELD, LANE_DO_RELEASE, NULL},
        {LET_IN, LANE_DO_CLOSE, NULL},
        {UNDER, LANE_DO_CLOSE, "something is under the boom"},
        {EVACUATED, LANE_DO_OPEN, EVACUATION},
        {EVACUATED, LANE_DO_CLOSE, EVACUATION},
        {EVACUATED, LANE_DO_OUT_OF_SERVICE, EVACUATION},
        {EVACUATED, LANE_DO_IN_SERVICE, EVACUATION},
        {EVACUATED, LANE_DO_EVACUATION_ENDS, NULL},
        {FIRE_ON, LANE_DO_EVACUATION_ENDS, "the fire input is still on"},
        {FIRE_OFF, LANE_DO_EVACUATION_ENDS, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct bench b;

        set(&b, rows[i].scene);
        b.why = "";
        bool done = acts(&b, rows[i].operation, 900000);
        if (done != !rows[i].why || strcmp(b.why, rows[i].why ? rows[i].why : "") != 0)
            fail_msg("row %zu: \"%s\"", i, b.why);
        lane_destroy(b.lane);
    }
}

static void an_act_needs_its_words(void **state)
{
    static struct bench b;
    const char *why = "";
    struct lane_act act = {.operation = LANE_DO_OPEN, .cause = CAUSE_OPERATOR, .actor = "wang"};

    (void)state;
    set(&b, IDLE);
    assert_false(lane_act(b.lane, &act, b.now, &why));
    assert_string_equal(why, "a reason is needed");
    assert_false(acts(&b, LANE_DO_HOLD, 0));
    assert_string_equal(b.why, "a hold needs an end in the future");
    assert_int_equal(b.orders_count, 0);
    lane_destroy(b.lane);
    set(&b, EVACUATED);
    act = (struct lane_act){.operation = LANE_DO_EVACUATION_ENDS, .cause = CAUSE_EVACUATION};
    assert_false(lane_act(b.lane, &act, b.now, &why));
    assert_string_equal(why, "only a person ends an evacuation");
    lane_destroy(b.lane);
}

/* What is not known to be closed may be open. */
static void a_lane_may_be_open_unless_it_is_known_to_be_closed(void **state)
{
    static const bool open[SCENES] = {
        [SILENT] = true, [BROKEN] = true,    [HELD] = true,    [LET_IN] = true,
        [UNDER] = true,  [EVACUATED] = true, [FIRE_ON] = true, [FIRE_OFF] = true};

    (void)state;
    for (int scene = 0; scene < SCENES; scene++) {
        static struct bench b;

        set(&b, (enum scene)scene);
        if (lane_may_be_open(b.lane) != open[scene])
            fail_msg("scene %d", scene);
        lane_destroy(b.lane);
    }
}

/* Held, released at once: the order to hold is not wanted any more; and so on. */
static void an_order_that_was_overtaken_is_not_wanted(void **state)
{
    static struct bench b;
    struct lane_order order;

    (void)state;
    set(&b, IDLE);
    assert_true(acts(&b, LANE_DO_HOLD, 600000));
    order = *newest_order(&b);
    assert_true(lane_still_wants(b.lane, &order, b.now));
    struct lane_order strange = order;
    strange.command[0] = 'x';
    assert_false(lane_still_wants(b.lane, &strange, b.now)); /* of no command of ours */
    assert_true(acts(&b, LANE_DO_RELEASE, 0));
    assert_false(lane_still_wants(b.lane, &order, b.now));
    lane_destroy(b.lane);

    set(&b, HELD);
    assert_true(acts(&b, LANE_DO_RELEASE, 0));
    for (size_t i = 0; i < b.orders_count; i++)
        if (b.orders[i].action == LANE_RELEASE) {
            order = b.orders[i];
            assert_true(lane_still_wants(b.lane, &order, b.now));
            assert_true(acts(&b, LANE_DO_HOLD, 600000));
            assert_false(lane_still_wants(b.lane, &order, b.now));
        }
    lane_destroy(b.lane);
}

/* ---- what a camera says of a vehicle ---- */

static void sees(struct bench *b, const char *plate, bool passed, bool turned_back)
{
    struct lane_read read = {.confidence = 90, .passed = passed, .turned_back = turned_back};

    text_copy(read.plate, sizeof read.plate, plate);
    lane_read(b->lane, &read, b->now);
}

/* Without a loop under the boom who leaves the loop in front of it has gone through, unless the
 * camera saw it turn back. */
static void who_turned_back_is_known_by_its_plate_or_by_none(void **state)
{
    static const struct {
        const char *read, *turned;
        bool same;
    } rows[] = {{CAR, CAR, true}, {CAR, "", true}, {"", CAR, true}, {CAR, "苏A99999", false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct bench b;

        bench_init(&b, WHOLE & ~LANE_HAS_CLOSING);
        later(&b, 15000);
        inputs(&b, P);
        reads(&b, rows[i].read);
        assert_true(decides(&b, DECISION_ALLOW));
        obeyed(&b);
        sees(&b, rows[i].turned, false, true);
        assert_state(&b, rows[i].same ? "BACKOUT" : "OPEN_WAIT");
        inputs(&b, 0);
        later(&b, 30000);
        assert_int_equal(b.passages_count, rows[i].same ? 0 : 1);
        lane_destroy(b.lane);
    }
}

static void a_camera_that_saw_it_pass_counts_only_where_no_loop_tells(void **state)
{
    static struct bench b;

    (void)state;
    set(&b, LET_IN);
    sees(&b, CAR, true, false);
    assert_int_equal(b.passages_count, 0); /* the loop will tell */
    drives_through(&b);
    later(&b, 5000);
    assert_int_equal(b.passages_count, 1);
    sees(&b, CAR, true, false);
    later(&b, 5000);
    assert_int_equal(b.passages_count, 1); /* nobody is here any more */
    lane_destroy(b.lane);

    bench_init(&b, WHOLE & ~LANE_HAS_CLOSING);
    later(&b, 15000);
    sees(&b, CAR, true, false);
    assert_int_equal(b.passages_count, 0); /* of nobody who was let through */
    let_in(&b, CAR);
    sees(&b, CAR, true, false);
    assert_int_equal(b.passages_count, 1);
    inputs(&b, 0);
    later(&b, 5000);
    assert_int_equal(b.passages_count, 1);
    lane_destroy(b.lane);
}

/* A boom that comes down by itself, with nothing on the ground: who was let in is through. */
static void where_nothing_tells_who_was_let_in_passes_with_the_boom(void **state)
{
    (void)state;
    for (int turned = 0; turned <= 1; turned++) {
        static struct bench b;

        bench_init(&b, WHOLE & ~LOOPS);
        b.barrier.wired = 0;
        later(&b, 15000);
        reads(&b, CAR);
        assert_true(decides(&b, DECISION_ALLOW));
        obeyed(&b);
        if (turned)
            sees(&b, CAR, false, true);
        boom(&b, BOOM_CLOSED);
        later(&b, 60000);
        assert_int_equal(b.passages_count, !turned);
        assert_state(&b, "IDLE");
        lane_destroy(b.lane);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_refusal_is_told_in_words),
        cmocka_unit_test(an_act_needs_its_words),
        cmocka_unit_test(a_lane_may_be_open_unless_it_is_known_to_be_closed),
        cmocka_unit_test(an_order_that_was_overtaken_is_not_wanted),
        cmocka_unit_test(who_turned_back_is_known_by_its_plate_or_by_none),
        cmocka_unit_test(a_camera_that_saw_it_pass_counts_only_where_no_loop_tells),
        cmocka_unit_test(where_nothing_tells_who_was_let_in_passes_with_the_boom),
    };

    return cmocka_run_group_tests_name("lane acts", tests, NULL, NULL);
}
