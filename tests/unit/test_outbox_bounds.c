/* The outbox at its bounds: its account from before, what a person does, what comes twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/uplink/marks.h"
#include "daemon/uplink/outbox.h"

enum {
    ROWS = 200,
    SIDE = 32, /* places for what goes again, as in outbox_inside.h */
    MARKS = 64,
    KINDS = 1 << RECORD_STAY_OPENED | 1 << RECORD_STAY_CLOSED
};

static char bodies[ROWS + 1][64];
static struct store_row rows[ROWS + 1]; /* by seq */

static const struct outbox_rules rules = {.kinds = KINDS,
                                          .rows = 64,
                                          .marks = MARKS,
                                          .ahead = true,
                                          .retry_ms = 1000,
                                          .retry_max_ms = 60000,
                                          .attempts_max = 2,
                                          .subject = outbox_subject,
                                          .seed = 1};
static const struct outbox_progress beginning = {.kinds = KINDS, .since = 1};

/* Stay n is opened by record n; even ones are another's departure. */
static int set_up(void **state)
{
    (void)state;
    for (uint64_t seq = 1; seq <= ROWS; seq++) {
        snprintf(bodies[seq], sizeof bodies[seq], "{\"stay\":\"S%llu\"}", (unsigned long long)seq);
        rows[seq] = (struct store_row){.seq = seq,
                                       .at.ms = (int64_t)seq * 1000,
                                       .kind = RECORD_STAY_OPENED,
                                       .body = bodies[seq],
                                       .body_size = strlen(bodies[seq])};
    }
    return 0;
}

static struct outbox_counts counts_of(const struct outbox *outbox)
{
    struct outbox_counts counts;

    outbox_counts(outbox, &counts);
    return counts;
}

/* Answers what is wanted from a journal of `head` records, until nothing more is. */
static void read_to(struct outbox *outbox, uint64_t head, int64_t now_ms)
{
    mono_ms now = {now_ms};
    uint64_t from;
    uint32_t limit;

    for (int i = 0; i < 100 && outbox_wants(outbox, now, &from, &limit); i++) {
        uint64_t left = head + 1 > from ? head + 1 - from : 0;
        uint64_t count = left < limit ? left : limit;
        outbox_page(outbox, &rows[from], count, count < limit, now);
    }
}

/* Takes the next one, which must be record `seq`. */
static uint32_t take(struct outbox *outbox, uint64_t seq)
{
    uint32_t ticket;

    assert_int_equal(outbox_take(outbox, 1, &ticket), 1);
    assert_int_equal(outbox_row(outbox, ticket)->seq, seq);
    return ticket;
}

static void count_mark(void *arg, const struct outbox_mark *mark)
{
    assert_true(mark->state == OUTBOX_DEAD || mark->state == OUTBOX_RETRY);
    ++*(int *)arg;
}

static int marks_of(const struct outbox *outbox)
{
    int count = 0;

    outbox_each_mark(outbox, count_mark, &count);
    return count;
}

static void what_an_older_account_gave_up_or_set_aside_is_not_counted_in_this_one(void **state)
{
    struct outbox_mark marks[] = {{.seq = 3, .state = OUTBOX_DEAD},
                                  {.seq = 5, .state = OUTBOX_DROPPED},
                                  {.seq = 12, .state = OUTBOX_DROPPED},
                                  {.seq = 14, .state = OUTBOX_DEAD}};
    struct outbox_progress progress = {.kinds = KINDS,
                                       .since = 10,
                                       .through = 20,
                                       .delivered = 9,
                                       .marks = marks,
                                       .marks_count = 4};
    struct outbox *outbox = outbox_create(&rules, &progress);

    (void)state;
    assert_int_equal(counts_of(outbox).dropped, 1);
    assert_int_equal(counts_of(outbox).dead, 1);
    assert_int_equal(marks_of(outbox), 2);
    assert_int_equal(outbox_drop(outbox, 0, "given up"), 2);
    assert_int_equal(counts_of(outbox).dropped, 2);
    assert_int_equal(marks_of(outbox), 0);
    outbox_destroy(outbox);
}

static void records_before_the_account_began_are_not_due(void **state)
{
    struct outbox_progress progress = {.kinds = KINDS, .since = 4, .through = 0};
    struct outbox *outbox = outbox_create(&rules, &progress);

    (void)state;
    read_to(outbox, 5, 0);
    outbox_delivered(outbox, take(outbox, 4));
    outbox_delivered(outbox, take(outbox, 5));
    assert_int_equal(counts_of(outbox).delivered, 2);
    outbox_destroy(outbox);
}

static void one_that_is_set_aside_is_dropped_by_its_number(void **state)
{
    struct outbox *outbox = outbox_create(&rules, &beginning);

    (void)state;
    read_to(outbox, 3, 0);
    for (uint64_t seq = 1; seq <= 3; seq++)
        outbox_refused(outbox, take(outbox, seq), "will not have it");
    assert_int_equal(outbox_drop(outbox, 2, "given up"), 1);
    assert_int_equal(outbox_drop(outbox, 2, "given up"), 0);
    assert_int_equal(counts_of(outbox).dropped, 1);
    assert_int_equal(counts_of(outbox).dead, 2);
    assert_int_equal(outbox_retry(outbox, 3, (mono_ms){0}), 1);
    struct outbox_progress told;
    assert_true(outbox_progress(outbox, &told));
    assert_int_equal(outbox_drop(outbox, 9, "given up") + outbox_retry(outbox, 9, (mono_ms){0}), 0);
    assert_false(outbox_progress(outbox, &told)); /* nothing to write down */
    assert_int_equal(counts_of(outbox).dead, 1);
    outbox_destroy(outbox);
}

static void what_is_under_way_is_not_dropped(void **state)
{
    struct outbox *outbox = outbox_create(&rules, &beginning);

    (void)state;
    read_to(outbox, 2, 0);
    outbox_later(outbox, take(outbox, 1), (mono_ms){0}, -1, "busy");
    read_to(outbox, 2, 100000);
    uint32_t ticket = take(outbox, 1);
    assert_int_equal(outbox_attempts(outbox, ticket), 1);
    assert_int_equal(outbox_attempts(outbox, take(outbox, 2)), 0);
    assert_int_equal(outbox_drop(outbox, 0, "given up"), 0);
    assert_int_equal(outbox_retry(outbox, 0, (mono_ms){0}), 0);
    outbox_delivered(outbox, ticket);
    assert_int_equal(counts_of(outbox).delivered, 1);
    outbox_destroy(outbox);
}

static void what_is_dropped_while_it_is_read_stays_dropped(void **state)
{
    struct outbox_mark mark = {.seq = 1, .state = OUTBOX_RETRY};
    struct outbox_progress progress = {
        .kinds = KINDS, .since = 1, .through = 5, .marks = &mark, .marks_count = 1};

    (void)state;
    for (int told = 0; told < 2; told++) { /* the second time it has left the table as well */
        struct outbox *outbox = outbox_create(&rules, &progress);
        struct outbox_progress now;
        uint64_t from;
        uint32_t limit, ticket;

        assert_true(outbox_wants(outbox, (mono_ms){0}, &from, &limit));
        assert_int_equal(from, 1);
        assert_int_equal(outbox_drop(outbox, 1, "given up"), 1);
        if (told)
            assert_true(outbox_progress(outbox, &now));
        outbox_page(outbox, &rows[1], 5, true, (mono_ms){0});
        assert_int_equal(counts_of(outbox).dropped, 1);
        assert_int_equal(outbox_take(outbox, 1, &ticket), 0);
        outbox_destroy(outbox);
    }
}

static void a_restored_exception_that_comes_as_a_fresh_record_keeps_its_place(void **state)
{
    struct outbox_mark marks[] = {{.seq = 2, .state = OUTBOX_RETRY},
                                  {.seq = 3, .state = OUTBOX_DELIVERED}};
    struct outbox_progress progress = {
        .kinds = KINDS, .since = 1, .through = 1, .marks = marks, .marks_count = 2};
    struct outbox *outbox = outbox_create(&rules, &progress);

    (void)state;
    outbox_fresh(outbox, &rows[2], 2);
    assert_int_equal(counts_of(outbox).through, 3);
    assert_int_equal(counts_of(outbox).pending, 1);
    read_to(outbox, 3, 0);
    outbox_delivered(outbox, take(outbox, 2));
    outbox_fresh(outbox, &rows[4], 1);
    outbox_delivered(outbox, take(outbox, 4));
    assert_int_equal(counts_of(outbox).pending, 0);
    assert_int_equal(counts_of(outbox).delivered, 3);
    outbox_destroy(outbox);
}

static void one_that_went_ahead_is_passed_over_while_another_is_under_way(void **state)
{
    struct outbox_mark mark = {.seq = 3, .state = OUTBOX_DELIVERED};
    struct outbox_progress progress = {
        .kinds = KINDS, .since = 1, .through = 1, .marks = &mark, .marks_count = 1};
    struct outbox *outbox = outbox_create(&rules, &progress);

    (void)state;
    outbox_fresh(outbox, &rows[2], 1);
    uint32_t ticket = take(outbox, 2);
    outbox_fresh(outbox, &rows[3], 2);
    assert_int_equal(outbox_ready_at(outbox).ms, 4000);
    outbox_delivered(outbox, ticket);
    outbox_delivered(outbox, take(outbox, 4));
    outbox_destroy(outbox);
    outbox_destroy(NULL);
}

static void what_the_journal_no_longer_holds_is_set_aside_for_good(void **state)
{
    struct outbox_mark mark = {.seq = 2, .state = OUTBOX_RETRY};
    struct outbox_progress progress = {
        .kinds = KINDS, .since = 1, .through = 5, .marks = &mark, .marks_count = 1};
    struct outbox *outbox = outbox_create(&rules, &progress);
    uint64_t from;
    uint32_t limit;

    (void)state;
    assert_int_equal(outbox_next(outbox).ms, MONO_NEVER.ms); /* its subject is not known yet */
    assert_true(outbox_wants(outbox, (mono_ms){0}, &from, &limit));
    outbox_page(outbox, NULL, 0, true, (mono_ms){0});
    assert_int_equal(counts_of(outbox).dead, 1);
    outbox_destroy(outbox);
}

static void a_row_that_is_delivered_ahead_of_the_stream_is_known_until_it_has_passed(void **state)
{
    struct outbox_mark told[4];
    struct marks marks;

    (void)state;
    marks_init(&marks, 4);
    marks_set_state(&marks, marks_add(&marks, 5, 0), OUTBOX_DELIVERED);
    assert_int_equal(marks_collect(&marks, 4, told), 1);
    assert_int_equal(told[0].seq, 5);
    assert_non_null(marks_find(&marks, 5)); /* else it would be sent again */
    assert_int_equal(marks_collect(&marks, 5, told), 0);
    assert_null(marks_find(&marks, 5));
    marks_fini(&marks);
}

/* The table looks for those that wait in as many buckets; some subjects share one. */
static void a_subject_does_not_wait_for_another_of_its_bucket(void **state)
{
    static char like[64];

    (void)state;
    for (uint64_t n = ROWS + 1, key = outbox_subject(&rows[1]) % MARKS_BUCKETS; n != 0; n++) {
        snprintf(like, sizeof like, "{\"stay\":\"S%llu\"}", (unsigned long long)n);
        rows[2].body = like;
        rows[2].body_size = strlen(like);
        if (outbox_subject(&rows[2]) % MARKS_BUCKETS == key)
            break;
    }
    struct outbox *outbox = outbox_create(&rules, &beginning);
    read_to(outbox, 2, 0);
    outbox_later(outbox, take(outbox, 1), (mono_ms){0}, -1, "busy");
    outbox_delivered(outbox, take(outbox, 2));
    outbox_destroy(outbox);
}

static void what_comes_fresh_and_on_a_page_is_sent_once(void **state)
{
    struct outbox *outbox = outbox_create(&rules, &beginning);
    uint64_t from;
    uint32_t limit, ticket;

    (void)state;
    assert_true(outbox_wants(outbox, (mono_ms){0}, &from, &limit));
    outbox_fresh(outbox, &rows[1], 2);
    outbox_page(outbox, &rows[1], 3, true, (mono_ms){0});
    outbox_fresh(outbox, &rows[3], 1);
    for (uint64_t seq = 1; seq <= 3; seq++)
        outbox_delivered(outbox, take(outbox, seq));
    assert_int_equal(outbox_take(outbox, 1, &ticket), 0);
    assert_int_equal(counts_of(outbox).delivered, 3);
    outbox_destroy(outbox);
}

static void without_subjects_nothing_waits_for_another(void **state)
{
    struct outbox_rules loose = rules;

    (void)state;
    loose.subject = NULL;
    struct outbox *outbox = outbox_create(&loose, &beginning);
    rows[2] = rows[1];
    rows[2].seq = 2;
    read_to(outbox, 2, 0);
    outbox_later(outbox, take(outbox, 1), (mono_ms){0}, -1, "busy");
    outbox_delivered(outbox, take(outbox, 2));
    outbox_destroy(outbox);
}

static void a_body_that_ends_within_its_subject_has_one_as_far_as_it_goes(void **state)
{
    struct store_row cut = rows[123];

    (void)state;
    cut.body_size -= 2; /* the quote and the brace */
    assert_int_equal(outbox_subject(&cut), outbox_subject(&rows[123]));
    cut.body_size--;
    assert_int_equal(outbox_subject(&cut), outbox_subject(&rows[12]));
    assert_int_not_equal(outbox_subject(&cut), outbox_subject(&rows[13]));
}

/* An outbox with ten records in its stream, of 10 that are read and more that are not. */
static struct outbox *behind(void)
{
    struct outbox *outbox = outbox_create(&rules, &beginning);
    uint64_t from;
    uint32_t limit;

    outbox_fresh(outbox, &rows[ROWS / 2], 1);
    assert_true(outbox_wants(outbox, (mono_ms){0}, &from, &limit));
    outbox_page(outbox, &rows[1], 10, false, (mono_ms){0});
    return outbox;
}

static void so_many_go_ahead_as_there_are_places_and_the_others_wait(void **state)
{
    struct outbox *outbox = behind();
    uint32_t tickets[MARKS];
    uint32_t taken = 0;

    (void)state;
    for (uint64_t seq = ROWS / 2 + 1; seq < ROWS / 2 + MARKS; seq++)
        outbox_fresh(outbox, &rows[seq], 1);
    while (outbox_take_ahead(outbox, &tickets[taken]))
        taken++;
    assert_int_equal(taken, MARKS / 2); /* half of the table is for what fails */
    assert_int_equal(outbox_next(outbox).ms, MONO_NEVER.ms);
    outbox_delivered(outbox, tickets[0]);
    assert_int_equal(counts_of(outbox).delivered, 0); /* not counted before the stream is there */
    outbox_destroy(outbox);
}

static void with_more_exceptions_than_places_the_rest_is_read_when_one_is_free(void **state)
{
    struct outbox_rules wide = rules;
    uint32_t ticket, tickets[SIDE];

    (void)state;
    wide.marks = 4 * MARKS;
    struct outbox *outbox = outbox_create(&wide, &beginning);
    uint64_t from;
    uint32_t limit;
    outbox_fresh(outbox, &rows[ROWS / 2], 1);
    assert_true(outbox_wants(outbox, (mono_ms){0}, &from, &limit));
    outbox_page(outbox, &rows[1], 10, false, (mono_ms){0});
    for (uint64_t seq = ROWS / 2 + 1; seq <= ROWS / 2 + SIDE + 8; seq++)
        outbox_fresh(outbox, &rows[seq], 1);
    for (int i = 0; i < SIDE; i++)
        assert_true(outbox_take_ahead(outbox, &tickets[i]));
    assert_false(outbox_take_ahead(outbox, &ticket));
    assert_int_equal(outbox_next(outbox).ms, MONO_NEVER.ms);
    outbox_delivered(outbox, tickets[7]);
    read_to(outbox, ROWS / 2 + SIDE + 8, 0);
    assert_true(outbox_take_ahead(outbox, &ticket));
    outbox_destroy(outbox);
}

static void what_has_no_subject_or_is_an_exception_already_does_not_go_ahead(void **state)
{
    struct outbox_mark mark = {.seq = 50, .state = OUTBOX_RETRY};
    struct outbox_progress progress = {
        .kinds = KINDS, .since = 1, .marks = &mark, .marks_count = 1};
    struct outbox *outbox = outbox_create(&rules, &progress);
    uint32_t ticket;

    (void)state;
    rows[49].body = "{}";
    rows[49].body_size = 2;
    outbox_fresh(outbox, &rows[49], 2);
    assert_false(outbox_take_ahead(outbox, &ticket));
    assert_int_equal(marks_of(outbox), 1);
    outbox_destroy(outbox);
}

static void what_was_refused_goes_again_when_the_platform_has_lost_it(void **state)
{
    struct outbox_rules narrow = rules;

    (void)state;
    narrow.marks = 1;
    struct outbox *outbox = outbox_create(&narrow, &beginning);
    read_to(outbox, 3, 0);
    outbox_refused(outbox, take(outbox, 1), "will not have it");
    outbox_delivered(outbox, take(outbox, 2));
    assert_false(outbox_again(outbox, 2, 0, (mono_ms){0})); /* the table is full */
    assert_true(outbox_again(outbox, 1, 0, (mono_ms){0}));
    assert_int_equal(counts_of(outbox).dead, 0);
    read_to(outbox, 3, 0);
    uint32_t ticket;
    assert_true(outbox_take_ahead(outbox, &ticket));
    assert_int_equal(outbox_row(outbox, ticket)->seq, 1);
    outbox_destroy(outbox);
}

static void how_long_the_next_one_has_waited_is_known(void **state)
{
    struct outbox *outbox = outbox_create(&rules, &beginning);

    (void)state;
    assert_int_equal(outbox_ready_at(outbox).ms, 0);
    read_to(outbox, 2, 0);
    assert_int_equal(outbox_ready_at(outbox).ms, 1000);
    uint32_t first = take(outbox, 1);
    assert_int_equal(outbox_ready_at(outbox).ms, 2000);
    take(outbox, 2);
    assert_int_equal(outbox_ready_at(outbox).ms, 0);
    outbox_release(outbox, first);
    assert_int_equal(outbox_ready_at(outbox).ms, 1000);
    outbox_release_all(outbox);
    outbox_destroy(outbox);
}

#define T(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_an_older_account_gave_up_or_set_aside_is_not_counted_in_this_one),
        T(records_before_the_account_began_are_not_due),
        T(one_that_is_set_aside_is_dropped_by_its_number),
        T(what_is_under_way_is_not_dropped),
        T(what_is_dropped_while_it_is_read_stays_dropped),
        T(a_restored_exception_that_comes_as_a_fresh_record_keeps_its_place),
        T(one_that_went_ahead_is_passed_over_while_another_is_under_way),
        T(what_the_journal_no_longer_holds_is_set_aside_for_good),
        T(a_row_that_is_delivered_ahead_of_the_stream_is_known_until_it_has_passed),
        T(a_subject_does_not_wait_for_another_of_its_bucket),
        T(what_comes_fresh_and_on_a_page_is_sent_once),
        T(without_subjects_nothing_waits_for_another),
        T(a_body_that_ends_within_its_subject_has_one_as_far_as_it_goes),
        T(so_many_go_ahead_as_there_are_places_and_the_others_wait),
        T(with_more_exceptions_than_places_the_rest_is_read_when_one_is_free),
        T(what_has_no_subject_or_is_an_exception_already_does_not_go_ahead),
        T(what_was_refused_goes_again_when_the_platform_has_lost_it),
        T(how_long_the_next_one_has_waited_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
