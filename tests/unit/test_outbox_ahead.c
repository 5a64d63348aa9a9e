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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_entry_passes_a_backlog),
        cmocka_unit_test(an_exit_waits_for_the_stream_when_its_entry_is_in_it),
        cmocka_unit_test(an_exit_follows_its_entry_that_went_ahead),
        cmocka_unit_test(what_went_ahead_is_not_sent_again_and_is_counted_once),
        cmocka_unit_test(what_a_platform_has_lost_goes_once_more_and_is_counted_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
