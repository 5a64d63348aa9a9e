/* The outbox in virtual time: order, exceptions, the account, restart, and random faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/uplink/outbox.h"

enum { JOURNAL = 4000, ALL = 1 << RECORD_BAY_CHANGED, MARKS = 64 };

/* A journal of bay changes. Every 7th is a kind that is not due. */
struct journal {
    char bodies[JOURNAL + 1][64];
    struct store_row rows[JOURNAL + 1]; /* by seq; 0 unused */
    uint64_t head;
};

static struct journal *journal_new(unsigned bays)
{
    struct journal *journal = calloc(1, sizeof *journal);

    for (uint64_t seq = 1; seq <= JOURNAL; seq++) {
        struct store_row *row = &journal->rows[seq];
        snprintf(journal->bodies[seq], sizeof journal->bodies[seq],
                 "{\"type\":\"bay_changed\",\"bay\":\"A-%u\"}", (unsigned)(seq * 7919 % bays));
        *row = (struct store_row){.seq = seq,
                                  .at.ms = (int64_t)seq * 1000,
                                  .kind = seq % 7 ? RECORD_BAY_CHANGED : RECORD_GATEWAY,
                                  .body = journal->bodies[seq],
                                  .body_size = strlen(journal->bodies[seq])};
        snprintf(row->id, sizeof row->id, "%032llx", (unsigned long long)seq);
    }
    return journal;
}

static uint64_t due_in(const struct journal *journal, uint64_t since, uint64_t through)
{
    uint64_t due = 0;

    for (uint64_t seq = since; seq <= through; seq++)
        due += journal->rows[seq].kind == RECORD_BAY_CHANGED;
    return due;
}

static const struct outbox_rules rules = {.kinds = ALL,
                                          .rows = 32,
                                          .marks = MARKS,
                                          .retry_ms = 1000,
                                          .retry_max_ms = 60000,
                                          .subject = outbox_subject,
                                          .seed = 1};
static const struct outbox_progress fresh_start = {.kinds = ALL, .since = 1};

static void commit(struct outbox *outbox, struct journal *journal, uint64_t count)
{
    outbox_fresh(outbox, &journal->rows[journal->head + 1], count);
    journal->head += count;
}

/* Answers the reads that the outbox wants now. */
static void read_pages(struct outbox *outbox, const struct journal *journal, mono_ms now)
{
    uint64_t from;
    uint32_t limit;

    for (int i = 0; i < 100 && outbox_wants(outbox, now, &from, &limit); i++) {
        uint64_t left = journal->head + 1 > from ? journal->head + 1 - from : 0;
        uint64_t count = left < limit ? left : limit;
        outbox_page(outbox, &journal->rows[from], count, count < limit, now);
    }
}

static uint64_t seq_of(const struct outbox *outbox, uint32_t ticket)
{
    return outbox_row(outbox, ticket)->seq;
}

static void assert_account(const struct outbox *outbox, const struct journal *journal,
                           uint64_t since)
{
    struct outbox_counts counts;

    outbox_counts(outbox, &counts);
    assert_int_equal(due_in(journal, since, journal->head),
                     counts.delivered + counts.pending + counts.dead + counts.dropped);
}

/* Bodies as long as a record may be, then short ones again: what is in memory is bounded by rows
 * and by bytes. */
static void bodies_of_any_length_arrive_whole(void **state)
{
    struct journal *journal = journal_new(1000);
    char *longest = malloc(RECORD_BODY_MAX);
    struct outbox *outbox = outbox_create(&rules, &fresh_start);
    struct outbox_counts counts;
    uint32_t tickets[32];

    (void)state;
    memset(longest, 'x', RECORD_BODY_MAX);
    for (uint64_t seq = 500; seq <= 1500; seq++) {
        journal->rows[seq].body = longest + seq % 13;
        journal->rows[seq].body_size = RECORD_BODY_MAX - 13 - seq % 64 * 15;
    }
    for (int turn = 0; journal->head < 2000 || counts.pending; turn++) {
        if (journal->head < 2000)
            commit(outbox, journal, 1 + turn % 20);
        read_pages(outbox, journal, (mono_ms){turn});
        size_t taken = outbox_take(outbox, 1 + turn % 32, tickets);
        for (size_t i = taken; i > 0; i--) {
            const struct store_row *row = outbox_row(outbox, tickets[i - 1]);
            assert_int_equal(row->body_size, journal->rows[row->seq].body_size);
            assert_memory_equal(row->body, journal->rows[row->seq].body, row->body_size);
            outbox_delivered(outbox, tickets[i - 1]);
        }
        outbox_counts(outbox, &counts);
        assert_in_range(turn, 0, 20000);
    }
    assert_account(outbox, journal, 1);
    assert_int_equal(counts.delivered, due_in(journal, 1, journal->head));
    outbox_destroy(outbox);
    free(longest);
    free(journal);
}

static void records_go_in_order_and_other_kinds_are_passed_over(void **state)
{
    struct journal *journal = journal_new(1000);
    struct outbox *outbox = outbox_create(&rules, &fresh_start);
    uint32_t tickets[32];

    (void)state;
    commit(outbox, journal, 20);
    size_t taken = outbox_take(outbox, 32, tickets);
    assert_int_equal(taken, 18);
    for (size_t i = 0, seq = 1; i < taken; i++, seq++) {
        seq += seq % 7 == 0;
        assert_int_equal(seq_of(outbox, tickets[i]), seq);
    }
    for (size_t i = taken; i > 0; i--) {
        outbox_delivered(outbox, tickets[i - 1]);
        assert_account(outbox, journal, 1);
    }
    struct outbox_progress progress;
    assert_true(outbox_progress(outbox, &progress));
    assert_int_equal(progress.through, 20);
    assert_int_equal(progress.delivered, 18);
    assert_int_equal(progress.marks_count, 0);
    assert_false(outbox_progress(outbox, &progress));
    outbox_destroy(outbox);
    free(journal);
}

static void two_changes_of_one_bay_are_never_under_way_together(void **state)
{
    struct journal *journal = journal_new(3);
    struct outbox *outbox = outbox_create(&rules, &fresh_start);
    uint32_t tickets[32];

    (void)state;
    commit(outbox, journal, 6);
    assert_int_equal(outbox_take(outbox, 32, tickets), 3);
    assert_int_equal(outbox_take(outbox, 32, tickets + 3), 0);
    outbox_delivered(outbox, tickets[1]);
    assert_int_equal(outbox_take(outbox, 32, tickets + 3), 1);
    assert_int_equal(seq_of(outbox, tickets[3]), seq_of(outbox, tickets[1]) + 3);
    outbox_destroy(outbox);
    free(journal);
}

static void a_transport_that_keeps_order_takes_them_together(void **state)
{
    struct journal *journal = journal_new(3);
    struct outbox_rules pipelined = rules;
    uint32_t tickets[32];

    (void)state;
    pipelined.pipelined = true;
    struct outbox *outbox = outbox_create(&pipelined, &fresh_start);
    commit(outbox, journal, 6);
    assert_int_equal(outbox_take(outbox, 32, tickets), 6);
    outbox_delivered(outbox, tickets[4]);
    outbox_release_all(outbox);
    assert_int_equal(outbox_take(outbox, 32, tickets), 5);
    assert_int_equal(seq_of(outbox, tickets[0]), 1);
    assert_int_equal(seq_of(outbox, tickets[4]), 6);
    outbox_destroy(outbox);
    free(journal);
}

static void a_poisoned_record_is_set_aside_and_blocks_none(void **state)
{
    struct journal *journal = journal_new(2);
    struct outbox *outbox = outbox_create(&rules, &fresh_start);
    struct outbox_progress progress;
    uint32_t tickets[32];

    (void)state;
    commit(outbox, journal, 4);
    assert_int_equal(outbox_take(outbox, 32, tickets), 2);
    outbox_refused(outbox, tickets[0], "no such bay");
    outbox_delivered(outbox, tickets[1]);
    assert_int_equal(outbox_take(outbox, 32, tickets), 2);
    assert_int_equal(seq_of(outbox, tickets[0]), 3); /* of the same bay as the poisoned one */
    assert_account(outbox, journal, 1);
    assert_true(outbox_progress(outbox, &progress));
    assert_int_equal(progress.marks_count, 1);
    assert_int_equal(progress.marks[0].seq, 1);
    assert_int_equal(progress.marks[0].state, OUTBOX_DEAD);
    assert_string_equal(progress.marks[0].reason, "no such bay");
    assert_int_equal(progress.through, 2);
    outbox_destroy(outbox);
    free(journal);
}

static void a_later_record_waits_for_its_own_subject_only(void **state)
{
    struct journal *journal = journal_new(3);
    struct outbox *outbox = outbox_create(&rules, &fresh_start);
    mono_ms now = {1000};
    uint32_t tickets[32];

    (void)state;
    commit(outbox, journal, 6);
    read_pages(outbox, journal, now);
    assert_int_equal(outbox_take(outbox, 32, tickets), 3);
    outbox_later(outbox, tickets[0], now, 5000, "not now");
    outbox_delivered(outbox, tickets[1]);
    outbox_delivered(outbox, tickets[2]);
    assert_int_equal(outbox_take(outbox, 32, tickets), 2); /* 5 and 6; 4 waits for 1 */
    assert_int_equal(seq_of(outbox, tickets[0]), 5);
    outbox_delivered(outbox, tickets[0]);
    outbox_delivered(outbox, tickets[1]);

    mono_ms next = outbox_next(outbox);
    assert_in_range(next.ms, 6000, 7000);
    read_pages(outbox, journal, (mono_ms){5999});
    assert_int_equal(outbox_take(outbox, 32, tickets), 0);
    read_pages(outbox, journal, next);
    assert_int_equal(outbox_take(outbox, 32, tickets), 1);
    assert_int_equal(seq_of(outbox, tickets[0]), 1);
    read_pages(outbox, journal, next);
    assert_int_equal(outbox_take(outbox, 32, tickets + 1), 0);
    outbox_delivered(outbox, tickets[0]);
    read_pages(outbox, journal, next);
    assert_int_equal(outbox_take(outbox, 32, tickets), 1);
    assert_int_equal(seq_of(outbox, tickets[0]), 4);
    outbox_delivered(outbox, tickets[0]);
    assert_account(outbox, journal, 1);
    assert_true(outbox_next(outbox).ms == MONO_NEVER.ms);
    outbox_destroy(outbox);
    free(journal);
}

static void after_a_restart_nothing_passes_what_was_set_aside(void **state)
{
    struct journal *journal = journal_new(3);
    struct outbox_mark marks[] = {{.seq = 1, .state = OUTBOX_RETRY, .attempts = 2},
                                  {.seq = 2, .state = OUTBOX_DEAD, .attempts = 1}};
    struct outbox_progress restored = {
        .kinds = ALL, .since = 1, .through = 3, .delivered = 1, .marks = marks, .marks_count = 2};
    struct outbox *outbox = outbox_create(&rules, &restored);
    uint32_t tickets[32];

    (void)state;
    journal->head = 3;
    commit(outbox, journal, 3);
    assert_account(outbox, journal, 1);
    assert_int_equal(outbox_take(outbox, 32, tickets), 0);
    assert_false(
        outbox_take_since(outbox, (utc_ms){0}, tickets)); /* whose 1 is, nobody knows yet */
    read_pages(outbox, journal, (mono_ms){0});
    size_t taken = 0, more;
    while ((more = outbox_take(outbox, 32, tickets + taken)) > 0)
        taken += more;
    assert_int_equal(taken, 3); /* 1 again, 5 and 6; 4 waits */
    for (size_t i = 0; i < taken; i++)
        outbox_delivered(outbox, tickets[i]);
    read_pages(outbox, journal, (mono_ms){0});
    assert_int_equal(outbox_take(outbox, 32, tickets), 1);
    assert_int_equal(seq_of(outbox, tickets[0]), 4);
    assert_account(outbox, journal, 1);
    outbox_destroy(outbox);
    free(journal);
}

static void a_person_retries_and_drops_what_was_set_aside(void **state)
{
    struct journal *journal = journal_new(100);
    struct outbox *outbox = outbox_create(&rules, &fresh_start);
    struct outbox_counts counts;
    uint32_t tickets[32];

    (void)state;
    commit(outbox, journal, 3);
    read_pages(outbox, journal, (mono_ms){0});
    outbox_take(outbox, 32, tickets);
    for (int i = 0; i < 3; i++)
        outbox_refused(outbox, tickets[i], "bad");
    assert_int_equal(outbox_drop(outbox, 2, "operator"), 1);
    assert_int_equal(outbox_drop(outbox, 2, "operator"), 0);
    assert_int_equal(outbox_retry(outbox, 0, (mono_ms){10}), 2);
    read_pages(outbox, journal, (mono_ms){10});
    assert_int_equal(outbox_take(outbox, 32, tickets), 2);
    outbox_delivered(outbox, tickets[0]);
    outbox_delivered(outbox, tickets[1]);
    outbox_counts(outbox, &counts);
    assert_int_equal(counts.delivered, 2);
    assert_int_equal(counts.dropped, 1);
    assert_account(outbox, journal, 1);
    outbox_destroy(outbox);
    free(journal);
}

static void at_the_bound_the_stream_waits_and_loses_nothing(void **state)
{
    struct journal *journal = journal_new(1000);
    struct outbox_rules small = rules;
    struct outbox_progress progress;
    uint32_t tickets[32];

    (void)state;
    small.marks = 4;
    struct outbox *outbox = outbox_create(&small, &fresh_start);
    commit(outbox, journal, 500);
    for (int round = 0; round < 50; round++) {
        read_pages(outbox, journal, (mono_ms){0});
        size_t taken = outbox_take(outbox, 8, tickets);
        for (size_t i = 0; i < taken; i++)
            outbox_refused(outbox, tickets[i], "bad");
        outbox_progress(outbox, &progress);
        assert_account(outbox, journal, 1);
    }
    assert_true(outbox_full(outbox));
    assert_int_equal(outbox_drop(outbox, 0, "operator"), 4);
    outbox_progress(outbox, &progress);
    assert_int_equal(outbox_take(outbox, 8, tickets), 8);
    assert_false(outbox_full(outbox));
    outbox_destroy(outbox);
    free(journal);
}

static void a_record_gone_from_the_journal_is_not_asked_for_for_ever(void **state)
{
    struct journal *journal = journal_new(3);
    struct outbox_mark marks[] = {{.seq = 1, .state = OUTBOX_RETRY}};
    struct outbox_progress restored = {
        .kinds = ALL, .since = 1, .through = 3, .marks = marks, .marks_count = 1};
    struct outbox *outbox = outbox_create(&rules, &restored);
    uint64_t from;
    uint32_t limit;

    (void)state;
    journal->head = 3;
    assert_true(outbox_wants(outbox, (mono_ms){0}, &from, &limit));
    assert_int_equal(from, 1);
    outbox_page(outbox, &journal->rows[2], 2, true, (mono_ms){0});
    struct outbox_counts counts;
    outbox_counts(outbox, &counts);
    assert_int_equal(counts.dead, 1);
    outbox_destroy(outbox);
    free(journal);
}

static void what_the_journal_lost_is_not_waited_for(void **state)
{
    struct journal *journal = journal_new(3);
    struct outbox_mark marks[] = {{.seq = 9, .state = OUTBOX_DEAD}};
    struct outbox_progress restored = {
        .kinds = ALL, .since = 1, .through = 3, .marks = marks, .marks_count = 1};
    struct outbox *outbox = outbox_create(&rules, &restored);
    uint64_t from;
    uint32_t limit;

    (void)state;
    journal->head = 3;
    read_pages(outbox, journal, (mono_ms){0});
    assert_false(outbox_wants(outbox, (mono_ms){0}, &from, &limit));
    outbox_destroy(outbox);
    free(journal);
}

static void other_kinds_after_a_restart_begin_a_new_account(void **state)
{
    struct journal *journal = journal_new(1000);
    struct outbox_progress restored = {.kinds = 1, .since = 1, .through = 10, .delivered = 7};
    struct outbox *outbox = outbox_create(&rules, &restored);
    struct outbox_progress progress;

    (void)state;
    journal->head = 10;
    commit(outbox, journal, 10);
    assert_account(outbox, journal, 11);
    assert_true(outbox_progress(outbox, &progress));
    assert_int_equal(progress.since, 11);
    assert_int_equal(progress.delivered, 0);
    assert_int_equal(progress.kinds, ALL);
    outbox_destroy(outbox);
    free(journal);
}

/* ---- random faults ---- */

/* What survives a crash, and what the platform holds. */
struct world {
    struct journal *journal;
    struct outbox *outbox;
    struct outbox_rules rules;
    struct outbox_progress kept; /* persisted; marks in `marks` by seq */
    struct outbox_mark marks[JOURNAL + 1];
    bool marked[JOURNAL + 1];
    unsigned applied[JOURNAL + 1];
    uint64_t last_of_bay[16]; /* newest seq applied for the first time */
    bool restarted;
    mono_ms now;
    unsigned seed;
};

static unsigned dice(struct world *world, unsigned sides)
{
    return (unsigned)rand_r(&world->seed) % sides;
}

static bool poisoned(uint64_t seq)
{
    return seq % 101 == 5;
}

static void platform_takes(struct world *world, uint64_t seq)
{
    uint64_t *last = &world->last_of_bay[seq * 7919 % 16];

    assert_false(poisoned(seq));
    if (world->applied[seq]++)
        return; /* known by its key */
    if (*last > seq)
        fail_msg("record %llu of a bay came after %llu", (unsigned long long)seq,
                 (unsigned long long)*last);
    *last = seq;
}

static void one_answer(struct world *world, uint32_t ticket)
{
    uint64_t seq = seq_of(world->outbox, ticket);
    unsigned fate = dice(world, 10);

    if (poisoned(seq)) {
        outbox_refused(world->outbox, ticket, "poison");
    } else if (fate == 0) {
        outbox_later(world->outbox, ticket, world->now, dice(world, 2) ? -1 : 3000, "later");
    } else if (fate == 1) { /* applied, but it says to come again */
        platform_takes(world, seq);
        outbox_later(world->outbox, ticket, world->now, -1, "lost answer");
    } else {
        platform_takes(world, seq);
        outbox_delivered(world->outbox, ticket);
    }
}

static void one_request(struct world *world)
{
    uint32_t tickets[16];
    size_t taken = outbox_take(world->outbox, 1 + dice(world, 16), tickets);
    unsigned fate = dice(world, 8);

    for (size_t i = 0; i < taken; i++) {
        uint64_t seq = seq_of(world->outbox, tickets[i]);
        if (fate == 0) {
            outbox_release(world->outbox, tickets[i]);
        } else if (fate == 1) { /* the answer is lost, wholly applied */
            if (!poisoned(seq))
                platform_takes(world, seq);
            outbox_release(world->outbox, tickets[i]);
        } else {
            one_answer(world, tickets[i]);
        }
    }
}

static void persist(struct world *world)
{
    struct outbox_progress progress;

    if (!outbox_progress(world->outbox, &progress))
        return;
    world->kept.since = progress.since;
    world->kept.through = progress.through;
    world->kept.delivered = progress.delivered;
    for (size_t i = 0; i < progress.marks_count; i++) {
        const struct outbox_mark *mark = &progress.marks[i];
        world->marked[mark->seq] = mark->state != OUTBOX_DELIVERED;
        world->marks[mark->seq] = *mark;
    }
}

static void restart(struct world *world)
{
    struct outbox_mark marks[JOURNAL];
    struct outbox_progress restored = world->kept;

    restored.marks = marks;
    for (uint64_t seq = 1; seq <= JOURNAL; seq++)
        if (world->marked[seq])
            marks[restored.marks_count++] = world->marks[seq];
    outbox_destroy(world->outbox);
    world->outbox = outbox_create(&world->rules, &restored);
    world->restarted = true;
}

static void check_account(struct world *world)
{
    struct outbox_counts counts;

    outbox_counts(world->outbox, &counts);
    uint64_t due = due_in(world->journal, 1, world->restarted ? counts.head : world->journal->head);
    uint64_t held = counts.delivered + counts.pending + counts.dead + counts.dropped;
    if (world->restarted ? held < due : held != due)
        fail_msg("due %llu, accounted for %llu", (unsigned long long)due, (unsigned long long)held);
}

static void step(struct world *world)
{
    unsigned action = dice(world, 100);
    uint64_t left = JOURNAL - world->journal->head;

    if (action < 20 && left > 0) {
        uint64_t count = 1 + dice(world, dice(world, 10) ? 8 : 200);
        commit(world->outbox, world->journal, count < left ? count : left);
    } else if (action < 40) {
        read_pages(world->outbox, world->journal, world->now);
    } else if (action < 85) {
        one_request(world);
    } else if (action < 95) {
        persist(world);
    } else if (action < 96) {
        restart(world);
    } else if (action < 97) {
        outbox_retry(world->outbox, 0, world->now);
    } else {
        world->now.ms += dice(world, 20000);
    }
    check_account(world);
}

static void drain(struct world *world)
{
    struct outbox_counts counts = {.pending = 1};

    /* After a restart the count holds what has been read of the journal: it may be nothing for a
     * while. */
    for (int i = 0; i < 20000 && (counts.pending > 0 || counts.through < world->journal->head);
         i++) {
        world->now.ms += 1000;
        read_pages(world->outbox, world->journal, world->now);
        one_request(world);
        persist(world);
        outbox_counts(world->outbox, &counts);
    }
    assert_int_equal(counts.pending, 0);
    assert_int_equal(counts.through, world->journal->head);
    assert_int_equal(counts.delivered + counts.dead, due_in(world->journal, 1, counts.head));
    for (uint64_t seq = 1; seq <= world->journal->head; seq++) {
        if (world->journal->rows[seq].kind != RECORD_BAY_CHANGED)
            assert_int_equal(world->applied[seq], 0);
        else if (poisoned(seq))
            assert_int_equal(world->marks[seq].state, OUTBOX_DEAD);
        else
            assert_true(world->applied[seq] > 0 && !world->marked[seq]);
    }
}

static void each_record_is_delivered_once_or_dead_under_random_faults(void **state)
{
    (void)state;
    for (int run = 0; run < 40; run++) {
        struct world *world = calloc(1, sizeof *world);
        unsigned seed = (unsigned)time(NULL) * 1000u + (unsigned)run;
        printf("seed %u\n", seed);
        world->seed = seed;
        world->journal = journal_new(16);
        world->rules = rules;
        world->rules.rows = 8u << (run % 4);
        world->rules.marks = 1000;
        world->rules.seed = seed;
        world->kept = fresh_start;
        world->outbox = outbox_create(&world->rules, &fresh_start);
        for (int i = 0; i < 3000; i++)
            step(world);
        drain(world);
        outbox_destroy(world->outbox);
        free(world->journal);
        free(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_go_in_order_and_other_kinds_are_passed_over),
        cmocka_unit_test(bodies_of_any_length_arrive_whole),
        cmocka_unit_test(two_changes_of_one_bay_are_never_under_way_together),
        cmocka_unit_test(a_transport_that_keeps_order_takes_them_together),
        cmocka_unit_test(a_poisoned_record_is_set_aside_and_blocks_none),
        cmocka_unit_test(a_later_record_waits_for_its_own_subject_only),
        cmocka_unit_test(after_a_restart_nothing_passes_what_was_set_aside),
        cmocka_unit_test(a_person_retries_and_drops_what_was_set_aside),
        cmocka_unit_test(at_the_bound_the_stream_waits_and_loses_nothing),
        cmocka_unit_test(a_record_gone_from_the_journal_is_not_asked_for_for_ever),
        cmocka_unit_test(what_the_journal_lost_is_not_waited_for),
        cmocka_unit_test(other_kinds_after_a_restart_begin_a_new_account),
        cmocka_unit_test(each_record_is_delivered_once_or_dead_under_random_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
