/* A batch of records on its way: what becomes of it by the platform's answer. Rules of batch.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/uplink/batch.h"

enum { RECORDS = 8, LIMIT = 8, PATIENCE = 200, RETRY_MS = 1000 };

static const struct outbox_rules rules = {.kinds = 1u << RECORD_BAY_CHANGED,
                                          .rows = 16,
                                          .marks = 16,
                                          .retry_ms = RETRY_MS,
                                          .retry_max_ms = RETRY_MS,
                                          .seed = 1};
static const struct outbox_progress fresh = {.since = 1, .kinds = 1u << RECORD_BAY_CHANGED};

struct bench {
    struct outbox *outbox;
    struct batch batch;
    struct store_row rows[RECORDS];
    int64_t now_ms;
    struct adapter_answer answer; /* the last, as it is told */
    int requests;
};

static void begin(struct bench *b)
{
    *b = (struct bench){.outbox = outbox_create(&rules, &fresh), .now_ms = 1000};
    for (uint64_t i = 0; i < RECORDS; i++)
        b->rows[i] = (struct store_row){.seq = i + 1,
                                        .at = {1800000000000},
                                        .kind = RECORD_BAY_CHANGED,
                                        .body = "{\"bay\":\"A\"}",
                                        .body_size = 11};
    outbox_page(b->outbox, NULL, 0, true, (mono_ms){0});
    outbox_fresh(b->outbox, b->rows, RECORDS);
    batch_init(&b->batch, b->outbox, LIMIT);
}

static void end(struct bench *b)
{
    batch_fini(&b->batch);
    outbox_destroy(b->outbox);
}

/* Takes again what is due; the numbers under way as digits. */
static const char *sends(struct bench *b)
{
    static char text[RECORDS + 1];
    uint64_t from;
    uint32_t limit;

    while (outbox_wants(b->outbox, (mono_ms){b->now_ms}, &from, &limit)) {
        size_t count = from > RECORDS ? 0 : RECORDS - from + 1;
        bool all = count <= limit;
        outbox_page(b->outbox, b->rows + (from > RECORDS ? 0 : from - 1), all ? count : limit, all,
                    (mono_ms){b->now_ms});
    }
    text[0] = '\0';
    if (!batch_take(&b->batch))
        return text;
    for (size_t i = 0; i < b->batch.count; i++)
        text[i] = (char)('0' + b->batch.rows[i].seq);
    text[b->batch.count] = '\0';
    b->requests++;
    return text;
}

static enum batch_next answered(struct bench *b, enum adapter_verdict verdict)
{
    b->answer = (struct adapter_answer){
        .verdict = verdict, .retry_after_ms = -1, .reason = "as the platform says"};
    return batch_settle(&b->batch, &b->answer, (mono_ms){b->now_ms});
}

/* Of each record its own, as letters: d, u for a duplicate, r refused, l later. */
static enum batch_next answered_each(struct bench *b, const char *letters)
{
    for (size_t i = 0; i < b->batch.count; i++)
        b->batch.items[i] =
            (struct adapter_answer){.verdict = letters[i] == 'd'   ? ADAPTER_DELIVERED
                                               : letters[i] == 'u' ? ADAPTER_DUPLICATE
                                               : letters[i] == 'r' ? ADAPTER_REFUSED
                                                                   : ADAPTER_RETRY,
                                    .retry_after_ms = -1,
                                    .reason = "of the item"};
    return answered(b, ADAPTER_EACH);
}

static struct outbox_counts account(const struct bench *b)
{
    struct outbox_counts counts;

    outbox_counts(b->outbox, &counts);
    return counts;
}

/* The platform answers `bad` to each batch that holds the record `poison`; it takes all others. */
static void goes_on(struct bench *b, char poison, enum adapter_verdict bad, uint64_t settled)
{
    for (int i = 0; i < PATIENCE && account(b).delivered + account(b).dead < settled; i++) {
        const char *sent = sends(b);
        bool wait =
            !*sent || answered(b, strchr(sent, poison) ? bad : ADAPTER_DELIVERED) == BATCH_WAIT;

        b->now_ms += wait ? 2 * RETRY_MS : 0;
    }
}

/* Rule 1. */
static void the_record_at_fault_is_found_by_halving(void **state)
{
    static const enum adapter_verdict bad[] = {ADAPTER_REFUSED, ADAPTER_SPLIT};

    (void)state;
    for (char poison = '1'; poison <= '8'; poison++) {
        struct bench b;

        begin(&b);
        goes_on(&b, poison, bad[poison % 2], RECORDS);
        assert_int_equal(account(&b).delivered, RECORDS - 1);
        assert_int_equal(account(&b).dead, 1);
        assert_string_equal(sends(&b), "");
        assert_in_range(b.requests, 4, 12);
        end(&b);
    }
}

/* Rule 2. */
static void a_record_that_breaks_the_platform_holds_up_no_other_and_is_never_given_up(void **state)
{
    (void)state;
    for (char poison = '1'; poison <= '8'; poison++) {
        struct bench b;

        begin(&b);
        goes_on(&b, poison, ADAPTER_FAILED, RECORDS - 1);
        assert_int_equal(account(&b).delivered, RECORDS - 1);
        assert_int_equal(account(&b).dead, 0);
        assert_int_equal(account(&b).pending, 1);
        b.now_ms += 2 * RETRY_MS;
        assert_int_equal(sends(&b)[0], poison);
        assert_int_equal(answered(&b, ADAPTER_DELIVERED), BATCH_WENT);
        assert_int_equal(account(&b).delivered, RECORDS);
        end(&b);
    }
}

static void a_platform_that_breaks_on_everything_is_waited_for(void **state)
{
    struct bench b;
    enum batch_next next = BATCH_NOW;

    (void)state;
    begin(&b);
    for (int i = 0; i < 30; i++) {
        b.now_ms += 10;
        assert_true(*sends(&b));
        next = answered(&b, ADAPTER_FAILED);
    }
    assert_int_equal(next, BATCH_WAIT);
    assert_true(b.batch.suspected); /* one is put off, and the next alone breaks it, too */
    assert_int_equal(account(&b).dead, 0);
    goes_on(&b, '9', ADAPTER_FAILED, RECORDS);
    assert_int_equal(account(&b).delivered, RECORDS);
    end(&b);
}

static void three_strikes_begin_the_search(void **state)
{
    struct bench b;

    (void)state;
    begin(&b);
    for (int strike = 1; strike <= 3; strike++) {
        assert_string_equal(sends(&b), "12345678");
        assert_int_equal(answered(&b, ADAPTER_FAILED), BATCH_WAIT);
    }
    assert_string_equal(sends(&b), "1234"); /* one is enough from here on */
    assert_int_equal(answered(&b, ADAPTER_FAILED), BATCH_WAIT);
    assert_string_equal(sends(&b), "12");
    end(&b);
}

/* Rule 3. */
static void all_of_several_later_is_a_platform_that_is_not_ready(void **state)
{
    struct bench b;

    (void)state;
    begin(&b);
    for (int strike = 1; strike <= 3; strike++) {
        assert_string_equal(sends(&b), "12345678");
        assert_int_equal(answered_each(&b, "llllllll"), BATCH_WAIT);
        assert_string_equal(b.answer.reason, "of the item");
    }
    assert_string_equal(sends(&b), ""); /* each waits for itself */
    assert_int_equal(account(&b).pending, RECORDS);
    b.now_ms += 2 * RETRY_MS;
    assert_string_equal(sends(&b), "12345678");
    end(&b);
}

static void each_record_has_its_own_answer(void **state)
{
    struct bench b;

    (void)state;
    begin(&b);
    assert_string_equal(sends(&b), "12345678");
    assert_int_equal(answered_each(&b, "durldurd"), BATCH_WENT);
    assert_int_equal(account(&b).delivered, 5);
    assert_int_equal(account(&b).dead, 2);
    assert_int_equal(account(&b).pending, 1);
    assert_string_equal(sends(&b), "");
    b.now_ms += 2 * RETRY_MS;
    assert_string_equal(sends(&b), "4");
    assert_int_equal(answered_each(&b, "l"), BATCH_WAIT); /* alone it waits for itself at once */
    assert_string_equal(sends(&b), "");
    end(&b);
}

static void what_is_not_settled_goes_again_as_it_was(void **state)
{
    static const struct {
        enum adapter_verdict verdict;
        enum batch_next next;
    } rows[] = {
        {ADAPTER_RETRY, BATCH_WAIT}, {ADAPTER_CLOCK, BATCH_WAIT}, {ADAPTER_STOP, BATCH_STOP}};
    struct bench b;

    (void)state;
    begin(&b);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(sends(&b), "12345678");
        assert_int_equal(answered(&b, rows[i].verdict), rows[i].next);
    }
    assert_string_equal(sends(&b), "12345678");
    assert_int_equal(answered(&b, ADAPTER_DUPLICATE), BATCH_WENT);
    assert_int_equal(account(&b).delivered, RECORDS);
    end(&b);
}

/* Rule 4. */
static void after_a_split_two_batches_go_before_they_grow(void **state)
{
    struct bench b;

    (void)state;
    begin(&b);
    assert_string_equal(sends(&b), "12345678");
    batch_split(&b.batch, "longer than a request may be");
    assert_string_equal(sends(&b), "1234");
    batch_split(&b.batch, "longer than a request may be");
    assert_string_equal(sends(&b), "12");
    answered(&b, ADAPTER_DELIVERED);
    assert_string_equal(sends(&b), "34");
    answered(&b, ADAPTER_DELIVERED);
    assert_string_equal(sends(&b), "5678");
    assert_int_equal(account(&b).dead, 0);
    end(&b);
}

static void what_was_under_way_is_given_back(void **state)
{
    struct bench b;

    (void)state;
    begin(&b);
    assert_string_equal(sends(&b), "12345678");
    batch_fini(&b.batch);
    batch_init(&b.batch, b.outbox, 2);
    assert_string_equal(sends(&b), "12");
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_record_at_fault_is_found_by_halving),
        cmocka_unit_test(a_record_that_breaks_the_platform_holds_up_no_other_and_is_never_given_up),
        cmocka_unit_test(a_platform_that_breaks_on_everything_is_waited_for),
        cmocka_unit_test(three_strikes_begin_the_search),
        cmocka_unit_test(all_of_several_later_is_a_platform_that_is_not_ready),
        cmocka_unit_test(each_record_has_its_own_answer),
        cmocka_unit_test(what_is_not_settled_goes_again_as_it_was),
        cmocka_unit_test(after_a_split_two_batches_go_before_they_grow),
        cmocka_unit_test(what_was_under_way_is_given_back),
    };

    return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
