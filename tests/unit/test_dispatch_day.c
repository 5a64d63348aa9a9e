/*
 * A day compared with a platform: what we hold of it, what the platform lacks goes again, what it
 * has too much is told, and each day of each lot comes to one verdict. Rules of dispatch_day.h.
 */
#include "daemon/core/civil.h"
#include "tests/unit/dispatch_bench.h"

enum { RECORD = DISPATCH_RECORDS, CHECK = DISPATCH_CHECK };

static int32_t today(void)
{
    int32_t day = 0;

    assert_true(civil_date_parse("2027-01-15", &day));
    return day;
}

/* A page of the journal. */
static size_t page(const struct dispatch_bench *b, uint64_t from, uint32_t limit, bool *ret_end)
{
    size_t count = from > b->count ? 0 : b->count - from + 1;

    *ret_end = count <= limit;
    return *ret_end ? count : limit;
}

/* The journal answers: the day, and the outbox. */
static void reads(struct dispatch_bench *b)
{
    uint64_t from;
    uint32_t limit;
    bool end;

    while (dispatch_day_wants(b->dispatch, &from, &limit)) {
        size_t count = page(b, from, limit, &end);
        dispatch_day_page(b->dispatch, &b->rows[from - 1], count, end);
    }
    while (outbox_wants(b->outbox, bench_now(b).mono, &from, &limit)) {
        size_t count = page(b, from, limit, &end);
        outbox_page(b->outbox, &b->rows[from - 1], count, end, bench_now(b).mono);
    }
}

/* The journal is slow: so many rows a page at most. */
static void reads_by(struct dispatch_bench *b, uint32_t most)
{
    uint64_t from;
    uint32_t limit;
    bool end;

    while (dispatch_day_wants(b->dispatch, &from, &limit)) {
        size_t count = page(b, from, limit < most ? limit : most, &end);
        dispatch_day_page(b->dispatch, &b->rows[from - 1], count, end);
        assert_false(from + count > b->count + 1);
    }
}

static void delivers(struct dispatch_bench *b)
{
    reads(b);
    while (*bench_sends(b, RECORD))
        bench_answered(b, RECORD, "o");
    assert_int_equal(bench_account(b).pending, 0);
}

/* Two came and one left; a third was none, which the platform is told as an exit, too. */
static void a_day_of_lot_a(struct dispatch_bench *b)
{
    bench_arrives(b, 0, "S1");
    bench_arrives(b, 0, "S2");
    bench_arrives(b, 1, "T1"); /* of the other lot */
    bench_leaves(b, 0, "S1", OUTCOME_PAID);
    bench_arrives(b, 0, "S3");
    bench_leaves(b, 0, "S3", OUTCOME_VOID);
    delivers(b);
}

static void compares(struct dispatch_bench *b)
{
    assert_true(dispatch_check(b->dispatch, "A", today()));
    reads(b);
}

static void a_day_that_is_balanced_is_a_verdict(void **state)
{
    struct dispatch_bench *b = *state;

    a_day_of_lot_a(b);
    compares(b);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 3 2");
    bench_answered(b, CHECK, "o");
    assert_int_equal(b->verdicts, 1);
    assert_int_equal(b->verdict.kind, RECORD_DAY_CHECK);
    assert_int_equal(b->verdict.day_check.verdict, DAY_BALANCED);
    assert_string_equal(b->verdict.day_check.uplink, "city");
    assert_string_equal(b->verdict.day_check.day, "2027-01-15");
    assert_int_equal(b->verdict.day_check.lot, 0);
    assert_int_equal(b->verdict.day_check.entries, 3);
    assert_int_equal(b->verdict.day_check.exits, 2);
    assert_string_equal(bench_sends(b, CHECK), "");
}

static void what_the_platform_lacks_goes_again(void **state)
{
    struct dispatch_bench *b = *state;

    a_day_of_lot_a(b);
    compares(b);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 3 2");
    bench_answered(b, CHECK, "oe");
    assert_string_equal(bench_sends(b, CHECK), "day 1 A 2027-01-15 3 2");
    bench_answered(b, CHECK, "oS1 S3 X9");
    assert_string_equal(bench_sends(b, CHECK), ""); /* what was sent again has to arrive */
    reads(b);
    assert_string_equal(bench_sends(b, RECORD), "entry 2.0 A at 0");
    bench_answered(b, RECORD, "o");
    assert_string_equal(bench_sends(b, RECORD), "");
    b->now += BENCH_MINUTE;
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 3 2");
    bench_answered(b, CHECK, "o");
    assert_int_equal(b->verdicts, 1);
    assert_int_equal(b->verdict.day_check.verdict, DAY_RESENT);
    assert_int_equal(b->verdict.day_check.entries_missing, 1);
    assert_int_equal(b->verdict.day_check.entries_strange, 1);
    assert_int_equal(b->verdict.day_check.exits_missing, 0);
    assert_string_equal(b->verdict.day_check.examples, "S2");
}

static void entries_and_exits_are_listed_each(void **state)
{
    struct dispatch_bench *b = *state;

    a_day_of_lot_a(b);
    compares(b);
    bench_sends(b, CHECK);
    bench_answered(b, CHECK, "oex");
    assert_string_equal(bench_sends(b, CHECK), "day 1 A 2027-01-15 3 2");
    bench_answered(b, CHECK, "oS1 S2 S3");
    assert_string_equal(bench_sends(b, CHECK), "day 2 A 2027-01-15 3 2");
    bench_answered(b, CHECK, "oS3");
    reads(b);
    assert_string_equal(bench_sends(b, RECORD), "exit 4.0 A at 0");
    bench_answered(b, RECORD, "o");
    assert_string_equal(bench_sends(b, RECORD), "exit 4.1 A at 0");
}

static void a_day_that_never_balances_is_told_as_it_is(void **state)
{
    struct dispatch_bench *b = *state;
    int rounds = 0;

    a_day_of_lot_a(b);
    compares(b);
    while (b->verdicts == 0 && rounds < 20) {
        assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 3 2");
        bench_answered(b, CHECK, "ox");
        rounds++;
        if (b->verdicts)
            break;
        bench_sends(b, CHECK);
        bench_answered(b, CHECK, "oS3");
        delivers(b);
        b->now += BENCH_MINUTE;
    }
    assert_in_range(rounds, 2, 10);
    assert_int_equal(b->verdict.day_check.verdict, DAY_DIFFERS);
    assert_int_equal(b->verdict.day_check.exits_missing, 1);
}

static void an_answer_that_is_none_is_asked_for_again(void **state)
{
    static const struct {
        const char *answer, *said;
    } rows[] = {{"o?", "it cannot be read"},
                {"b", "the platform answers 98 (busy)"},
                {"<html>", "the platform answers HTTP 200, in no form of its own"}};
    struct dispatch_bench *b = *state;

    a_day_of_lot_a(b);
    compares(b);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 3 2");
        bench_answered(b, CHECK, rows[i].answer);
        assert_string_equal(b->said[LANE_OF_CHECK], rows[i].said);
        assert_string_equal(bench_sends(b, CHECK), "");
        b->now += 20 * BENCH_MINUTE;
    }
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 3 2");
    bench_answered(b, CHECK, "o");
    assert_string_equal(b->said[LANE_OF_CHECK], "");
    assert_int_equal(b->verdict.day_check.verdict, DAY_BALANCED);
}

static void only_records_of_the_day_count(void **state)
{
    struct dispatch_bench *b = *state;

    bench_arrives(b, 0, "S1");
    b->now += 16 * 60 * BENCH_MINUTE; /* midnight */
    bench_arrives(b, 0, "S2");
    b->now -= BENCH_MINUTE; /* recorded late, of the day before */
    bench_arrives(b, 0, "S3");
    delivers(b);
    compares(b);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 2 0");
}

static void an_exit_that_came_again_is_one(void **state)
{
    struct dispatch_bench *b = *state;

    bench_arrives(b, 0, "S1");
    bench_leaves(b, 0, "S1", OUTCOME_PAID);
    bench_leaves(b, 0, "S1", OUTCOME_PAID);
    delivers(b);
    compares(b);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 1 1");
}

/* Yesterday is due in the small hours, of each lot once. */
static void the_day_before_is_compared_in_the_platforms_window(void **state)
{
    struct dispatch_bench *b = *state;

    a_day_of_lot_a(b);
    assert_string_equal(bench_sends(b, CHECK), "");
    b->now += 17 * 60 * BENCH_MINUTE; /* 01:00 */
    for (int lot = 0; lot < 2; lot++) {
        bench_sends(b, CHECK);
        reads(b);
        assert_string_equal(bench_sends(b, CHECK),
                            lot ? "day 0 B 2027-01-15 1 0" : "day 0 A 2027-01-15 3 2");
        bench_answered(b, CHECK, "o");
    }
    assert_int_equal(b->verdicts, 2);
    assert_string_equal(bench_sends(b, CHECK), "");
    b->now += 5 * 60 * BENCH_MINUTE; /* 06:00: too late for anything */
    assert_string_equal(bench_sends(b, CHECK), "");
    assert_int_equal(b->verdicts, 2);
}

/* What was missed while the platform was away; older days stay uncompared. */
static void at_most_seven_days_that_were_missed_are_compared(void **state)
{
    static const char *const days[] = {"2027-01-30", "2027-01-31", "2027-02-01",
                                       "2027-02-02", "2027-02-03", "2027-02-04"};
    struct dispatch_bench *b = *state;
    char expected[64];

    a_day_of_lot_a(b);
    b->now += 17 * 60 * BENCH_MINUTE; /* 01:00 of the 16th */
    for (int lot = 0; lot < 2; lot++) {
        bench_sends(b, CHECK);
        reads(b);
        bench_sends(b, CHECK);
        bench_answered(b, CHECK, "o");
    }
    assert_int_equal(b->verdicts, 2);
    b->now += 20 * 24 * 60 * BENCH_MINUTE; /* 01:00 of the fifth of February */
    for (size_t i = 0; i < 14; i++) {
        bench_sends(b, CHECK);
        reads(b);
        snprintf(expected, sizeof expected, "day 0 %s %s 0 0", i < 7 ? "A" : "B",
                 i % 7 ? days[i % 7 - 1] : "2027-01-29");
        assert_string_equal(bench_sends(b, CHECK), expected);
        bench_answered(b, CHECK, "d"); /* already known, which is as good */
    }
    assert_int_equal(b->verdicts, 16);
    assert_string_equal(bench_sends(b, CHECK), "");
}

static void the_window_is_the_sites_own(void **state)
{
    static const int32_t offset_s[] = {8 * 3600};
    static const struct civil_zone east = {.offset_s = offset_s};
    struct dispatch_bench *b = *state;

    b->site.plan.civil = &east;
    b->now += 7 * 60 * BENCH_MINUTE + 59 * BENCH_MINUTE; /* 23:59 there */
    assert_string_equal(bench_sends(b, CHECK), "");
    reads(b);
    assert_string_equal(bench_sends(b, CHECK), "");
    b->now += BENCH_MINUTE;
    bench_sends(b, CHECK);
    reads(b);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 0 0");
    bench_answered(b, CHECK, "<html>");
    b->now += 4 * 60 * BENCH_MINUTE; /* over: the day comes in the next window */
    assert_string_equal(bench_sends(b, CHECK), "");
    b->now += 20 * 60 * BENCH_MINUTE;
    bench_sends(b, CHECK);
    reads(b);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 0 0");
}

static void what_a_person_asks_for_is_compared_at_any_hour(void **state)
{
    struct dispatch_bench *b = *state;

    a_day_of_lot_a(b);
    b->now += 12 * 60 * BENCH_MINUTE;
    compares(b);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 3 2");
    bench_answered(b, CHECK, "o");
    assert_true(dispatch_check(b->dispatch, "A", today() - 1)); /* older than what is done */
    reads(b);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-14 0 0");
    bench_answered(b, CHECK, "o");
    assert_int_equal(b->verdicts, 2);
    assert_false(dispatch_check(b->dispatch, "Z", today()));
    assert_string_equal(bench_sends(b, CHECK), "");
}

/* Pages of three; a body that is none of ours; a bay; an exit of the other lot. */
static void a_day_is_read_page_by_page_and_no_further_than_it_may_reach(void **state)
{
    struct dispatch_bench *b = *state;
    struct record bay = {.kind = RECORD_BAY_CHANGED,
                         .at = bench_now(b).utc,
                         .bay_changed = {.bay = A_001, .to = BAY_OCCUPIED}};

    a_day_of_lot_a(b);
    bench_add(b, &bay);
    bench_leaves(b, 1, "T1", OUTCOME_PAID);
    bench_arrives(b, 0, "S4");
    strcpy(b->bodies[b->count - 1], "{");
    b->rows[b->count - 1].body_size = 1;
    b->now += 3 * 24 * 60 * BENCH_MINUTE;
    for (int i = 0; i < 8; i++) /* long after the day */
        bench_arrives(b, 0, "S9");
    b->now += 24 * 60 * BENCH_MINUTE;
    bench_arrives(b, 0, "S9");
    assert_true(dispatch_check(b->dispatch, "A", today()));
    reads_by(b, 3);
    reads(b);
    while (*bench_sends(b, RECORD))
        bench_answered(b, RECORD, "o");
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 3 2");
}

/* Rule 4. */
static void nothing_is_compared_before_it_was_sent(void **state)
{
    struct dispatch_bench *b = *state;

    bench_arrives(b, 0, "S1");
    compares(b);
    assert_string_equal(bench_sends(b, CHECK), "");
    delivers(b);
    assert_string_equal(bench_sends(b, CHECK), "day 0 A 2027-01-15 1 0");
}

static void examples_are_whole_ids_however_many_are_missing(void **state)
{
    enum { MANY = 30 };
    struct dispatch_bench *b = *state;
    char id[IDENT_SIZE];

    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "STAY-%018d", i);
        bench_arrives(b, 0, id);
    }
    delivers(b);
    compares(b);
    bench_sends(b, CHECK);
    bench_answered(b, CHECK, "oe");
    bench_sends(b, CHECK);
    bench_answered(b, CHECK, "oNONE");
    delivers(b);
    b->now += BENCH_MINUTE;
    bench_sends(b, CHECK);
    bench_answered(b, CHECK, "o");
    assert_int_equal(b->verdict.day_check.entries_missing, MANY);
    assert_int_equal(b->verdict.day_check.entries_strange, 1);
    size_t size = strlen(b->verdict.day_check.examples);
    assert_int_equal((size + 1) % IDENT_SIZE, 0);
    assert_in_range(size, 1, RECORD_PHRASE - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_start, bench_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_day_that_is_balanced_is_a_verdict),
        TEST(what_the_platform_lacks_goes_again),
        TEST(entries_and_exits_are_listed_each),
        TEST(a_day_that_never_balances_is_told_as_it_is),
        TEST(an_answer_that_is_none_is_asked_for_again),
        TEST(only_records_of_the_day_count),
        TEST(an_exit_that_came_again_is_one),
        TEST(the_day_before_is_compared_in_the_platforms_window),
        TEST(at_most_seven_days_that_were_missed_are_compared),
        TEST(the_window_is_the_sites_own),
        TEST(what_a_person_asks_for_is_compared_at_any_hour),
        TEST(a_day_is_read_page_by_page_and_no_further_than_it_may_reach),
        TEST(nothing_is_compared_before_it_was_sent),
        TEST(examples_are_whole_ids_however_many_are_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
