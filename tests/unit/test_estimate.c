/* The account of a lot that is never quiet: it is carried forward, and a start that knows nothing
 * of before goes on where it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/estimate.h"

enum { CARRY = 20000, START_MS = 1795316400 };

static struct lot_plan lots[] = {{.id = "A"}};
static struct lane_plan lanes[] = {
    {.id = "in", .lot = 0, .direction = LANE_IN, .outer = PLAN_NONE},
    {.id = "out", .lot = 0, .direction = LANE_OUT, .outer = PLAN_NONE}};
static const struct site_plan plan = {
    .lots = lots, .lots_count = 1, .lanes = lanes, .lanes_count = 2};
static const struct estimate_now blind = {.capacity = 500, .stays = 7, .lanes_healthy = true};

/* What was put last. */
struct heard {
    struct record record;
    int count;
};

static void put(void *arg, const struct record *record)
{
    struct heard *heard = arg;

    heard->record = *record;
    heard->count++;
}

static void pass(struct estimates *e, int from, int to)
{
    for (int i = from; i < to; i++) {
        struct record record = {.kind = RECORD_PASSAGE, .at = {START_MS + i * INT64_C(1000)}};

        record.passage.lane = (uint32_t)i % 3 == 0; /* two come for each that goes */
        record.passage.direction = record.passage.lane ? LANE_OUT : LANE_IN;
        record.passage.evidence = i % 100 ? EVIDENCE_LOOPS : EVIDENCE_CAMERA;
        record.passage.vehicles = 1;
        estimates_apply(e, &record);
    }
}

static struct estimate ask(const struct estimates *e)
{
    struct estimate estimate;

    estimates_lot(e, 0, &blind, (utc_ms){START_MS + 2 * CARRY * INT64_C(1000)}, &estimate);
    return estimate;
}

static struct heard tick(struct estimates *e)
{
    struct heard heard = {.count = 0};

    estimates_tick(e, 0, &blind, (utc_ms){START_MS + CARRY * INT64_C(1000)},
                   (struct record_sink){put, &heard});
    return heard;
}

static void a_start_goes_on_from_the_account_that_was_carried(void **state)
{
    struct estimates *e = estimates_create(&plan), *later = estimates_create(&plan);
    struct heard heard = {.count = 0};

    (void)state;
    assert_true(
        estimates_declare(e, 0, 10, "wang", (utc_ms){START_MS}, (struct record_sink){put, &heard}));
    estimates_apply(e, &heard.record);
    pass(e, 0, CARRY - 1);
    assert_int_equal(tick(e).count, 0);
    pass(e, CARRY - 1, CARRY);
    struct estimate before = ask(e);
    heard = tick(e);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.record.occupancy.event, OCCUPANCY_CARRIED);
    estimates_apply(e, &heard.record);
    assert_int_equal(tick(e).count, 0); /* not again */
    estimates_apply(later, &heard.record);
    pass(e, CARRY, CARRY + 50);
    pass(later, CARRY, CARRY + 50);
    struct estimate one = ask(e), other = ask(later);
    assert_memory_equal(&one, &other, sizeof one);
    assert_int_equal(one.source, ESTIMATE_FLOW);
    assert_true(one.high - one.low >= before.high - before.low);
    assert_in_range(one.flow, before.flow, before.flow + 50);
    estimates_destroy(later);
    estimates_destroy(e);
}

static void a_lot_that_was_never_counted_stays_so(void **state)
{
    struct estimates *e = estimates_create(&plan);

    (void)state;
    pass(e, 0, CARRY);
    struct estimate before = ask(e);
    struct heard heard = tick(e);
    assert_int_equal(heard.count, 1);
    estimates_apply(e, &heard.record);
    struct estimate after = ask(e);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(after.source, ESTIMATE_PLATES);
    assert_int_equal(after.flow, -1);
    estimates_destroy(e);
}

/* ---- a lot whose bays all have sensors, and a smaller one inside of it ---- */

enum { MINUTES = 60000, HOURS = 60 * MINUTES };

static struct lot_plan two_lots[] = {{.id = "A", .policy = {.adjust_limit = 2}},
                                     {.id = "B", .policy = {.adjust_limit = 2}}};
static struct lane_plan two_lanes[] = {
    {.id = "a", .lot = 0, .direction = LANE_IN, .outer = PLAN_NONE},
    {.id = "b", .lot = 1, .direction = LANE_IN, .outer = 0}}; /* out of A into B */
static struct zone_plan zone = {.id = "A1"};
static struct bay_plan bay_a1 = {.id = "A-1"};
static const struct site_plan nested = {.lots = two_lots,
                                        .zones = &zone,
                                        .bays = &bay_a1,
                                        .lanes = two_lanes,
                                        .lots_count = 2,
                                        .zones_count = 1,
                                        .bays_count = 1,
                                        .lanes_count = 2};

static void passes(struct estimates *e, uint32_t lane, enum passage_evidence evidence,
                   int64_t at_ms)
{
    struct record record = {.kind = RECORD_PASSAGE, .at = {START_MS + at_ms}};

    record.passage.lane = lane;
    record.passage.direction = LANE_IN;
    record.passage.evidence = evidence;
    record.passage.vehicles = 1;
    estimates_apply(e, &record);
}

static struct heard tick_of(struct estimates *e, uint32_t lot, const struct estimate_now *now,
                            int64_t at_ms)
{
    struct heard heard = {.count = 0};

    estimates_tick(e, lot, now, (utc_ms){START_MS + at_ms}, (struct record_sink){put, &heard});
    return heard;
}

static struct estimates *declared(int64_t inside)
{
    struct estimates *e = estimates_create(&nested);
    struct heard heard = {.count = 0};

    for (uint32_t lot = 0; lot < 2; lot++) {
        estimates_declare(e, lot, inside, "wang", (utc_ms){START_MS},
                          (struct record_sink){put, &heard});
        estimates_apply(e, &heard.record);
    }
    return e;
}

static void who_goes_from_one_lot_into_another_leaves_the_first(void **state)
{
    struct estimates *e = declared(5);
    const struct estimate_now now = {.capacity = 50, .lanes_healthy = true};
    struct estimate a, b;

    (void)state;
    passes(e, 0, EVIDENCE_LOOPS, 1000);
    passes(e, 1, EVIDENCE_LOOPS, 2000);
    passes(e, 1, EVIDENCE_LOOPS, 3000);
    estimates_lot(e, 0, &now, (utc_ms){START_MS + HOURS}, &a);
    estimates_lot(e, 1, &now, (utc_ms){START_MS + HOURS}, &b);
    assert_int_equal(a.flow, 5 + 1 - 2);
    assert_int_equal(b.flow, 5 + 2);
    estimates_destroy(e);
    estimates_destroy(NULL);
}

/* E5. The last passage is at 0, the last change of a bay at 5 minutes. */
static void only_a_lot_that_is_provably_quiet_is_set_right(void **state)
{
    static const struct {
        struct estimate_now now;
        int64_t at_ms;
        int entries;
        enum occupancy_event event;
    } rows[] = {
        {{7, 0, 10, 7, 10, true}, 25 * MINUTES, 1, OCCUPANCY_ADJUST},
        {{7, 0, 10, 7, 10, true}, 25 * MINUTES - 1, 0, 0}, /* a bay changed too lately */
        {{7, 0, 10, 7, 10, false}, 25 * MINUTES, 0, 0},    /* a lane is not well */
        {{7, 1, 10, 7, 10, true}, 25 * MINUTES, 0, 0},     /* a bay is not known */
        {{7, 0, 9, 7, 10, true}, 25 * MINUTES, 0, 0},      /* a bay has no sensor */
        {{0, 0, 0, 7, 0, true}, 25 * MINUTES, 0, 0},
        {{6, 0, 10, 7, 10, true}, 25 * MINUTES, 0, 0}, /* just as counted, and lately */
        {{6, 0, 10, 7, 10, true}, 6 * HOURS, 1, OCCUPANCY_ANCHOR},
        {{9, 0, 10, 7, 10, true}, 25 * MINUTES, 0, 0}, /* too far: a person decides */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct estimates *e = declared(5);
        struct record bay = {.kind = RECORD_BAY_CHANGED, .at = {START_MS + 5 * MINUTES}};

        passes(e, 0, EVIDENCE_CAMERA, 0);
        bay.bay_changed.from = BAY_OCCUPIED;
        bay.bay_changed.to = BAY_FREE;
        estimates_apply(e, &bay);
        struct heard heard = tick_of(e, 0, &rows[i].now, rows[i].at_ms);
        if (heard.count != rows[i].entries)
            fail_msg("row %zu: %d entries", i, heard.count);
        if (heard.count) {
            assert_int_equal(heard.record.occupancy.event, rows[i].event);
            assert_int_equal(heard.record.occupancy.inside, rows[i].now.occupied);
            assert_int_equal(heard.record.occupancy.lane,
                             rows[i].event == OCCUPANCY_ADJUST ? 0 : PLAN_NONE);
        }
        estimates_destroy(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_goes_on_from_the_account_that_was_carried),
        cmocka_unit_test(a_lot_that_was_never_counted_stays_so),
        cmocka_unit_test(who_goes_from_one_lot_into_another_leaves_the_first),
        cmocka_unit_test(only_a_lot_that_is_provably_quiet_is_set_right),
    };

    return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
