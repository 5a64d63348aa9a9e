/* What goes outside of an outbox's stream: fresh records past a backlog, and records once more. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/uplink/outbox.h"

enum { ROWS = 64 };

static char bodies[ROWS][64];
static struct store_row rows[ROWS];

/* Of stay `stay`: its opening, or its end. */
static void make(uint64_t seq, int stay, bool end)
{
    struct store_row *row = &rows[seq - 1];

    snprintf(bodies[seq - 1], sizeof bodies[0], "{\"type\":\"x\",\"stay\":\"S%d\"}", stay);
    *row = (struct store_row){.seq = seq,
                              .at = {(int64_t)seq * 1000},
                              .kind = end ? RECORD_STAY_CLOSED : RECORD_STAY_OPENED,
                              .body = bodies[seq - 1],
                              .body_size = strlen(bodies[seq - 1])};
}

/* Of the journal's rows 1 to 10 the outbox knows nothing when 11 and later come. */
static struct outbox *behind(void)
{
    struct outbox_rules rules = {.kinds = 1u << RECORD_STAY_OPENED | 1u << RECORD_STAY_CLOSED,
                                 .rows = 16,
                                 .marks = 64,
                                 .ahead = true,
                                 .retry_ms = 1000,
                                 .retry_max_ms = 1000,
                                 .subject = outbox_subject,
                                 .seed = 1};
    struct outbox_progress progress = {.since = 1, .kinds = rules.kinds};

    for (uint64_t seq = 1; seq <= 10; seq++)
        make(seq, (int)seq, false);
    return outbox_create(&rules, &progress);
}

static void page(struct outbox *outbox, size_t last)
{
    uint64_t from;
    uint32_t limit;

    while (outbox_wants(outbox, (mono_ms){0}, &from, &limit)) {
        size_t left = last - (from - 1);
        outbox_page(outbox, &rows[from - 1], left < limit ? left : limit, left <= limit,
                    (mono_ms){0});
    }
}

static void a_fresh_entry_passes_a_backlog(void **state)
{
    struct outbox *outbox = behind();
    uint32_t ticket;

    (void)state;
    make(11, 11, false);
    outbox_fresh(outbox, &rows[10], 1);
    assert_true(outbox_take_ahead(outbox, &ticket));
    assert_int_equal(outbox_row(outbox, ticket)->seq, 11);
    outbox_delivered(outbox, ticket);
    outbox_destroy(outbox);
}

static void an_exit_waits_for_the_stream_when_its_entry_is_in_it(void **state)
{
    struct outbox *outbox = behind();
    uint32_t ticket;

    (void)state;
    make(11, 3, true); /* stay 3 came before */
    outbox_fresh(outbox, &rows[10], 1);
    assert_false(outbox_take_ahead(outbox, &ticket));
    outbox_destroy(outbox);
}

static void an_exit_follows_its_entry_that_went_ahead(void **state)
{
    struct outbox *outbox = behind();
    uint32_t entry, exit;

    (void)state;
    make(11, 11, false);
    make(12, 11, true);
    outbox_fresh(outbox, &rows[10], 2);
    assert_true(outbox_take_ahead(outbox, &entry));
    assert_int_equal(outbox_row(outbox, entry)->seq, 11);
    assert_false(outbox_take_ahead(outbox, &exit));
    outbox_delivered(outbox, entry);
    page(outbox, 12);
    assert_true(outbox_take_ahead(outbox, &exit));
    assert_int_equal(outbox_row(outbox, exit)->seq, 12);
    outbox_destroy(outbox);
}

/* Rule 3, whatever went ahead. */
static void what_went_ahead_is_not_sent_again_and_is_counted_once(void **state)
{
    struct outbox *outbox = behind();
    struct outbox_counts counts;
    uint32_t ticket;

    (void)state;
    make(11, 11, false);
    outbox_fresh(outbox, &rows[10], 1);
    assert_true(outbox_take_ahead(outbox, &ticket));
    outbox_delivered(outbox, ticket);
    page(outbox, 11);
    for (uint64_t seq = 1; seq <= 10; seq++) {
        assert_int_equal(outbox_take(outbox, 1, &ticket), 1);
        assert_int_equal(outbox_row(outbox, ticket)->seq, seq);
        outbox_delivered(outbox, ticket);
    }
    assert_int_equal(outbox_take(outbox, 1, &ticket), 0);
    outbox_counts(outbox, &counts);
    assert_int_equal(counts.delivered, 11);
    assert_int_equal(counts.pending, 0);
    outbox_destroy(outbox);
}

static void what_a_platform_has_lost_goes_once_more_and_is_counted_once(void **state)
{
    struct outbox *outbox = behind();
    struct outbox_counts counts;
    uint32_t ticket;

    (void)state;
    page(outbox, 10);
    while (outbox_take(outbox, 1, &ticket))
        outbox_delivered(outbox, ticket);
    assert_true(outbox_again(outbox, 4, 0, (mono_ms){0}));
    assert_false(outbox_again(outbox, 4, 0, (mono_ms){0}));
    assert_false(outbox_again(outbox, 99, 0, (mono_ms){0}));
    outbox_counts(outbox, &counts);
    assert_int_equal(counts.delivered, 9);
    assert_int_equal(counts.pending, 1);
    page(outbox, 10);
    assert_true(outbox_take_ahead(outbox, &ticket));
    assert_int_equal(outbox_row(outbox, ticket)->seq, 4);
    outbox_delivered(outbox, ticket);
    outbox_counts(outbox, &counts);
    assert_int_equal(counts.delivered, 10);
    assert_int_equal(counts.pending, 0);
    outbox_destroy(outbox);
}

/* Stay 1 has come and was delivered; the stream is full of stays 2 to 17. */
static struct outbox *full_stream(void)
{
    struct outbox *outbox = behind();
    uint32_t ticket;

    outbox_page(outbox, NULL, 0, true, (mono_ms){0});
    outbox_fresh(outbox, rows, 1);
    assert_int_equal(outbox_take(outbox, 1, &ticket), 1);
    outbox_delivered(outbox, ticket);
    for (uint64_t seq = 2; seq <= 17; seq++)
        make(seq, (int)seq, false);
    outbox_fresh(outbox, &rows[1], 16);
    return outbox;
}

static void a_fresh_exit_passes_a_backlog_that_holds_nothing_of_its_stay(void **state)
{
    struct outbox *outbox = full_stream();
    uint32_t ticket;

    (void)state;
    make(18, 1, true);
    make(19, 5, true); /* its entry is in the stream */
    outbox_fresh(outbox, &rows[17], 2);
    assert_true(outbox_take_ahead(outbox, &ticket));
    assert_int_equal(outbox_row(outbox, ticket)->seq, 18);
    outbox_delivered(outbox, ticket);
    assert_false(outbox_take_ahead(outbox, &ticket));
    outbox_destroy(outbox);
}

static void nothing_passes_a_record_of_its_stay_that_stayed_behind(void **state)
{
    struct outbox *outbox = full_stream();
    uint32_t ticket;

    (void)state;
    make(18, 20, false);
    outbox_fresh(outbox, &rows[17], 1); /* goes ahead */
    outbox_open(outbox, false);
    make(19, 20, true);
    make(20, 1, true);
    make(21, 21, false);
    outbox_fresh(outbox, &rows[18], 3); /* the platform takes nothing: they do not */
    outbox_open(outbox, true);
    make(22, 20, true);
    make(23, 1, true);
    make(24, 21, true);
    make(25, 22, false);
    outbox_fresh(outbox, &rows[21], 4); /* only the last has nothing before it */
    assert_true(outbox_take_ahead(outbox, &ticket));
    assert_int_equal(outbox_row(outbox, ticket)->seq, 18);
    assert_true(outbox_take_ahead(outbox, &ticket));
    assert_int_equal(outbox_row(outbox, ticket)->seq, 25);
    assert_false(outbox_take_ahead(outbox, &ticket));
    outbox_destroy(outbox);
}

/* More stays than the table holds: then every exit waits for the stream, until it has been read. */
static void a_backlog_too_large_to_know_is_passed_by_entries_alone(void **state)
{
    enum { MANY = 7000 };
    static struct store_row one;
    struct outbox *outbox = full_stream();
    uint32_t ticket;

    (void)state;
    outbox_open(outbox, false);
    for (uint64_t seq = 18; seq < 18 + MANY; seq++) {
        char body[64];
        snprintf(body, sizeof body, "{\"type\":\"x\",\"stay\":\"M%d\"}", (int)seq);
        one = (struct store_row){.seq = seq,
                                 .at = {(int64_t)seq * 1000},
                                 .kind = RECORD_STAY_OPENED,
                                 .body = body,
                                 .body_size = strlen(body)};
        outbox_fresh(outbox, &one, 1);
    }
    outbox_open(outbox, true);
    make(18, 1, true);
    rows[17].seq = 18 + MANY;
    make(19, 30, false);
    rows[18].seq = 19 + MANY;
    outbox_fresh(outbox, &rows[17], 2);
    assert_true(outbox_take_ahead(outbox, &ticket));
    assert_int_equal(outbox_row(outbox, ticket)->seq, 19 + MANY);
    assert_false(outbox_take_ahead(outbox, &ticket));
    outbox_destroy(outbox);
}

/* The openings of stays "M", as the journal has them. */
static void page_many(struct outbox *outbox, uint64_t last)
{
    static char many[ROWS][64];
    struct store_row page[ROWS];
    uint64_t from;
    uint32_t limit;

    while (outbox_wants(outbox, (mono_ms){0}, &from, &limit)) {
        uint32_t count = 0;

        for (; count < limit && count < ROWS && from + count <= last; count++) {
            snprintf(many[count], sizeof many[0], "{\"type\":\"x\",\"stay\":\"M%d\"}",
                     (int)(from + count));
            page[count] = (struct store_row){.seq = from + count,
                                             .kind = RECORD_STAY_OPENED,
                                             .body = many[count],
                                             .body_size = strlen(many[count])};
        }
        outbox_page(outbox, page, count, from + count > last, (mono_ms){0});
    }
}

static void deliver_all(struct outbox *outbox, uint64_t last)
{
    uint32_t tickets[16];
    size_t count;

    do {
        count = outbox_take(outbox, 16, tickets);
        for (size_t i = 0; i < count; i++)
            outbox_delivered(outbox, tickets[i]);
        page_many(outbox, last);
    } while (count);
}

static void once_the_backlog_is_read_exits_pass_again(void **state)
{
    enum { MANY = 7000, LAST = 17 + MANY };
    struct outbox *outbox = full_stream();
    struct outbox_counts counts;
    struct store_row one;
    uint32_t ticket;

    (void)state;
    outbox_open(outbox, false);
    for (uint64_t seq = 18; seq <= LAST; seq++) {
        char body[64];
        snprintf(body, sizeof body, "{\"type\":\"x\",\"stay\":\"M%d\"}", (int)seq);
        one = (struct store_row){
            .seq = seq, .kind = RECORD_STAY_OPENED, .body = body, .body_size = strlen(body)};
        outbox_fresh(outbox, &one, 1);
    }
    outbox_open(outbox, true);
    deliver_all(outbox, LAST);
    outbox_counts(outbox, &counts);
    assert_int_equal(counts.pending, 0);
    assert_int_equal(counts.delivered, LAST);
    for (uint64_t seq = 1; seq <= 17; seq++) {
        make(seq, (int)seq, seq == 17);
        rows[seq - 1].seq += LAST;
    }
    outbox_fresh(outbox, rows, 17);
    assert_true(outbox_take_ahead(outbox, &ticket));
    assert_int_equal(outbox_row(outbox, ticket)->seq, LAST + 17);
    outbox_destroy(outbox);
}

static void a_row_that_nobody_told_of_may_be_the_entry(void **state)
{
    struct outbox *outbox = behind();
    uint32_t ticket;

    (void)state;
    outbox_page(outbox, NULL, 0, true, (mono_ms){0});
    make(3, 9, true); /* and rows 1 and 2 are still to be read */
    outbox_fresh(outbox, &rows[2], 1);
    assert_false(outbox_take_ahead(outbox, &ticket));
    outbox_destroy(outbox);
}

static void an_exit_passes_a_stream_in_which_its_entry_is_delivered(void **state)
{
    struct outbox *outbox = full_stream();
    uint32_t tickets[4], ticket;

    (void)state;
    assert_int_equal(outbox_take(outbox, 4, tickets), 4); /* 2 to 5 */
    outbox_delivered(outbox, tickets[3]);
    make(18, 4, true);
    make(19, 5, true);
    outbox_fresh(outbox, &rows[17], 2);
    assert_true(outbox_take_ahead(outbox, &ticket));
    assert_int_equal(outbox_row(outbox, ticket)->seq, 19);
    assert_false(outbox_take_ahead(outbox, &ticket));
    outbox_destroy(outbox);
}

/* A record of no stay, kept in the backlog and loaded from it. */
static void what_is_of_no_stay_follows_nothing_and_holds_nothing_up(void **state)
{
    static const char body[] = "{\"type\":\"x\"}";
    struct outbox *outbox = full_stream();
    struct outbox_counts counts;
    uint32_t ticket;

    (void)state;
    outbox_open(outbox, false);
    make(18, 0, false);
    rows[17].body = body;
    rows[17].body_size = sizeof body - 1;
    outbox_fresh(outbox, &rows[17], 1);
    outbox_open(outbox, true);
    for (int i = 0; i < 17; i++) {
        assert_true(outbox_take_since(outbox, (utc_ms){2000}, &ticket));
        assert_int_equal(outbox_row(outbox, ticket)->seq, 2 + i);
        outbox_delivered(outbox, ticket);
        page(outbox, 18);
    }
    outbox_counts(outbox, &counts);
    assert_int_equal(counts.pending, 0);
    outbox_destroy(outbox);
}

static void what_just_happened_goes_before_what_is_old(void **state)
{
    struct outbox *outbox = behind();
    struct outbox_counts counts;
    utc_ms since = {5000};
    uint32_t tickets[8];

    (void)state;
    outbox_page(outbox, NULL, 0, true, (mono_ms){0});
    make(5, 2, true); /* follows row 2 */
    make(7, 6, true); /* follows row 6 */
    outbox_fresh(outbox, rows, 8);
    assert_true(outbox_take_since(outbox, since, &tickets[0]));
    assert_int_equal(outbox_row(outbox, tickets[0])->seq, 6);
    assert_true(outbox_take_since(outbox, since, &tickets[1]));
    assert_int_equal(outbox_row(outbox, tickets[1])->seq, 8);
    assert_false(outbox_take_since(outbox, since, &tickets[2]));
    outbox_delivered(outbox, tickets[0]);
    assert_true(outbox_take_since(outbox, since, &tickets[0]));
    assert_int_equal(outbox_row(outbox, tickets[0])->seq, 7);
    outbox_later(outbox, tickets[0], (mono_ms){0}, -1, "later");
    assert_false(outbox_take_since(outbox, since, &tickets[2]));
    assert_int_equal(outbox_take(outbox, 8, &tickets[2]), 4); /* 1, 2, 3, 4; 5 waits for 2 */
    for (int i = 1; i < 6; i++)
        outbox_delivered(outbox, tickets[i]);
    outbox_counts(outbox, &counts);
    assert_int_equal(counts.delivered, 6);
    assert_int_equal(counts.pending, 2);
    outbox_destroy(outbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_entry_passes_a_backlog),
        cmocka_unit_test(an_exit_waits_for_the_stream_when_its_entry_is_in_it),
        cmocka_unit_test(an_exit_follows_its_entry_that_went_ahead),
        cmocka_unit_test(what_went_ahead_is_not_sent_again_and_is_counted_once),
        cmocka_unit_test(a_fresh_exit_passes_a_backlog_that_holds_nothing_of_its_stay),
        cmocka_unit_test(nothing_passes_a_record_of_its_stay_that_stayed_behind),
        cmocka_unit_test(a_backlog_too_large_to_know_is_passed_by_entries_alone),
        cmocka_unit_test(once_the_backlog_is_read_exits_pass_again),
        cmocka_unit_test(a_row_that_nobody_told_of_may_be_the_entry),
        cmocka_unit_test(an_exit_passes_a_stream_in_which_its_entry_is_delivered),
        cmocka_unit_test(what_is_of_no_stay_follows_nothing_and_holds_nothing_up),
        cmocka_unit_test(what_just_happened_goes_before_what_is_old),
        cmocka_unit_test(what_a_platform_has_lost_goes_once_more_and_is_counted_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
