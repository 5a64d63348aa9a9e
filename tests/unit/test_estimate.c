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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_goes_on_from_the_account_that_was_carried),
        cmocka_unit_test(a_lot_that_was_never_counted_stays_so),
    };

    return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
