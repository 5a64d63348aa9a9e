/*
 * A day with more entries and exits than are kept for the comparison with a platform: all are
 * counted, what is beyond is not listed.
 */
#include "daemon/core/civil.h"
#include "tests/unit/dispatch_bench.h"

enum { BOUND = 16384, MORE = 100, CHECK = DISPATCH_CHECK };

/* The journal's page of one stay that begins, as the one record of the bench was delivered. */
static void reads_arrival(struct dispatch_bench *b, uint32_t n)
{
    struct record record = {.kind = RECORD_STAY_OPENED,
                            .at = bench_now(b).utc,
                            .stay_opened = {.lot = 0, .bay = PLAN_NONE, .lane = PLAN_NONE}};
    struct store_row row = b->rows[0];
    char bytes[RECORD_BODY_MAX];
    struct text body;

    snprintf(record.stay_opened.stay, IDENT_SIZE, "%u", n);
    text_init(&body, bytes, sizeof bytes);
    record_encode(&record, &b->site.plan, &body);
    row.body = body.bytes;
    row.body_size = body.used;
    dispatch_day_page(b->dispatch, &row, 1, false);
}

static void a_day_of(struct dispatch_bench *b, uint32_t arrivals)
{
    uint64_t from;
    uint32_t limit;
    int32_t today = 0;

    bench_arrives(b, 0, "S0");
    while (outbox_wants(b->outbox, bench_now(b).mono, &from, &limit))
        outbox_page(b->outbox, b->rows, 1, true, bench_now(b).mono);
    while (*bench_sends(b, DISPATCH_RECORDS))
        bench_answered(b, DISPATCH_RECORDS, "o");
    assert_true(civil_date_parse("2027-01-15", &today));
    assert_true(dispatch_check(b->dispatch, "A", today));
    for (uint32_t n = 0; n < arrivals;) {
        assert_true(dispatch_day_wants(b->dispatch, &from, &limit));
        if (limit == 1) /* halving: the day begins here */
            dispatch_day_page(b->dispatch, b->rows, 1, false);
        else
            reads_arrival(b, n++);
    }
    assert_true(dispatch_day_wants(b->dispatch, &from, &limit));
    dispatch_day_page(b->dispatch, NULL, 0, true);
}

static void all_stays_of_a_day_are_counted_though_not_all_are_kept(void **state)
{
    struct dispatch_bench *b = *state;

    a_day_of(b, BOUND + MORE);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 16484 0");
    bench_answered(b, CHECK, "o");
    assert_int_equal(b->verdicts, 1);
    assert_int_equal(b->verdict.day_check.verdict, DAY_BALANCED);
    assert_int_equal(b->verdict.day_check.entries, BOUND + MORE);
}

/* Of those that were not kept nobody can say whether the platform has them: none goes again. */
static void of_a_day_beyond_the_bound_that_differs_nothing_is_listed(void **state)
{
    struct dispatch_bench *b = *state;

    a_day_of(b, BOUND + 1);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 16385 0");
    bench_answered(b, CHECK, "oe");
    assert_int_equal(b->verdicts, 1);
    assert_int_equal(b->verdict.day_check.verdict, DAY_DIFFERS);
    assert_int_equal(b->verdict.day_check.entries_missing, 0);
    assert_string_equal(bench_sends(b, CHECK), "");
}

static void a_day_at_the_bound_is_listed(void **state)
{
    struct dispatch_bench *b = *state;

    a_day_of(b, BOUND);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 16384 0");
    bench_answered(b, CHECK, "oe");
    assert_int_equal(b->verdicts, 0);
    assert_string_equal(bench_sends(b, CHECK), "day 1 A 2027-01-15 16384 0");
}

/* The platform's list outgrows what is taken of an answer: asked for again it would be as long. */
static void a_list_that_is_longer_than_an_answer_may_be_is_not_asked_for_again(void **state)
{
    const struct adapter_reply reply = {.retry_after_ms = -1, .body = "", .too_long = true};
    struct dispatch_bench *b = *state;

    a_day_of(b, 3);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 3 0");
    bench_answered(b, CHECK, "oe");
    assert_string_equal(bench_sends(b, CHECK), "day 1 A 2027-01-15 3 0");
    dispatch_answer(b->dispatch, CHECK, &reply, "the answer is too long", bench_now(b));
    assert_int_equal(b->verdicts, 1);
    assert_int_equal(b->verdict.day_check.verdict, DAY_DIFFERS);
    assert_int_equal(b->verdict.day_check.entries_missing, 0);
    b->now += BENCH_MINUTE;
    assert_string_equal(bench_sends(b, CHECK), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_stays_of_a_day_are_counted_though_not_all_are_kept,
                                        bench_start, bench_end),
        cmocka_unit_test_setup_teardown(of_a_day_beyond_the_bound_that_differs_nothing_is_listed,
                                        bench_start, bench_end),
        cmocka_unit_test_setup_teardown(a_day_at_the_bound_is_listed, bench_start, bench_end),
        cmocka_unit_test_setup_teardown(
            a_list_that_is_longer_than_an_answer_may_be_is_not_asked_for_again, bench_start,
            bench_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
