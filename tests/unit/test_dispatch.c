/*
 * What each answer of a city's platform comes to, and who is sent what meanwhile: rules 1, 2 and 4
 * to 6 of dispatch.h.
 */
#include "tests/unit/dispatch_bench.h"

enum { RECORD = DISPATCH_RECORDS };

/* ---- answers ---- */

enum fate { DELIVERED, ASIDE, WAITS };

/* long: a row each way that an answer can be */
static void an_answer_means_what_its_row_says(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum fate fate;
        const char *said; /* of the lane, or of the record that was set aside */
    } rows[] = {
        {200, "o", DELIVERED, ""},
        {200, "d", DELIVERED, ""},
        {404, "o", DELIVERED, ""}, /* success is the code */
        {500, "o", WAITS, ""},     /* but not of a server that broke */
        {200, "r: bad plate", ASIDE, "the platform answers 114 (never): : bad plate"},
        {200, "p", ASIDE, "the platform answers 112 (split)"},
        {200, "b", WAITS, "the platform answers 98 (busy)"},
        {200, "s", WAITS, "the platform answers 115 (no right; ask the platform)"},
        {200, "e", WAITS, "the platform answers 101 (expired)"},
        {200, "i", WAITS, ""},
        {200, "?", WAITS, ""}, /* in no table: this record later */
        {401, "<html>", WAITS,
         "the platform answers HTTP 401, in no form of its own; check the account and the keys"},
        {403, "<html>", WAITS,
         "the platform answers HTTP 403, in no form of its own; check the account, and that our "
         "address is registered there"},
        {404, "<html>", WAITS,
         "the platform answers HTTP 404, in no form of its own; check the url"},
        {405, "", WAITS, "the platform answers HTTP 405, in no form of its own; check the url"},
        {429, "", WAITS, "the platform answers HTTP 429, in no form of its own"},
        {503, "<html>", WAITS, "the platform answers HTTP 503, in no form of its own"},
        {502, "<html>", WAITS, ""},
        {200, "<html>", WAITS, ""},
        {0, "", WAITS, "the line is dead"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dispatch_bench *b;

        bench_start((void **)&b);
        bench_arrives(b, 0, "S1");
        assert_string_equal(bench_sends(b, RECORD), "entry 1.0 A at 0");
        bench_answered_http(b, RECORD, rows[i].status, rows[i].body);
        struct outbox_counts account = bench_account(b);
        assert_int_equal(account.delivered, rows[i].fate == DELIVERED);
        assert_int_equal(account.dead, rows[i].fate == ASIDE);
        assert_int_equal(account.pending, rows[i].fate == WAITS);
        if (rows[i].fate == WAITS)
            assert_string_equal(b->said[LANE_OF_RECORDS], rows[i].said);
        bench_end((void **)&b);
    }
    (void)state;
}

static void note_reason(void *arg, const struct outbox_mark *mark)
{
    text_copy(arg, BENCH_TEXT, mark->reason);
}

static void what_is_set_aside_says_why(void **state)
{
    struct dispatch_bench *b = *state;
    char reason[BENCH_TEXT] = "";

    bench_arrives(b, 0, "S1");
    bench_sends(b, RECORD);
    bench_answered(b, RECORD, "r: bad plate");
    outbox_each_mark(b->outbox, note_reason, reason);
    assert_string_equal(reason, "the platform answers 114 (never): : bad plate");
}

static void the_configuration_knows_codes_better(void **state)
{
    static const struct uplink_code codes[] = {{'r', ADAPTER_DUPLICATE}, {'?', ADAPTER_DELIVERED}};
    struct dispatch_bench *b = *state;

    b->settings.codes = codes;
    b->settings.codes_count = 2;
    for (int i = 0; i < 2; i++) {
        bench_arrives(b, 0, i ? "S1" : "S2");
        bench_sends(b, RECORD);
        bench_answered(b, RECORD, i ? "r" : "?");
    }
    assert_int_equal(bench_account(b).delivered, 2);
}

/* ---- records ---- */

static void a_record_of_two_requests_begins_anew_when_one_fails(void **state)
{
    struct dispatch_bench *b = *state;

    bench_arrives(b, 1, "S1");
    bench_leaves(b, 1, "S1", OUTCOME_FREE);
    assert_string_equal(bench_sends(b, RECORD), "entry 1.0 B at 0");
    assert_string_equal(bench_sends(b, RECORD + 1), ""); /* its exit waits */
    bench_answered(b, RECORD, "o");
    assert_string_equal(bench_sends(b, RECORD), "exit 2.0 B at 0");
    bench_answered(b, RECORD, "o");
    assert_int_equal(bench_account(b).delivered, 1);
    assert_string_equal(bench_sends(b, RECORD), "exit 2.1 B at 0");
    bench_answered(b, RECORD, "b");
    b->now += 10 * BENCH_MINUTE;
    assert_string_equal(bench_sends(b, RECORD), "exit 2.0 B at 0");
    bench_answered(b, RECORD, "d");
    assert_string_equal(bench_sends(b, RECORD), "exit 2.1 B at 0");
    bench_answered(b, RECORD, "o");
    assert_int_equal(bench_account(b).delivered, 2);
}

static void what_is_not_told_there_counts_as_delivered(void **state)
{
    struct dispatch_bench *b = *state;
    const struct record bay = {.kind = RECORD_BAY_CHANGED,
                               .at = bench_now(b).utc,
                               .bay_changed = {A_001, BAY_FREE, BAY_OCCUPIED, BAY_BY_READING}};

    b->settings.lots_count = 1; /* lot B is none of the platform's */
    bench_arrives(b, 1, "S1");
    bench_add(b, &bay);
    assert_string_equal(bench_sends(b, RECORD), "");
    assert_int_equal(bench_account(b).delivered, 2);
    assert_int_equal(bench_account(b).pending, 0);
}

static void what_cannot_be_said_is_set_aside_and_the_next_goes(void **state)
{
    struct dispatch_bench *b = *state;
    char reason[BENCH_TEXT] = "";

    bench_arrives(b, 0, "unsaid");
    bench_arrives(b, 0, "long");
    bench_arrives(b, 0, "S3");
    assert_string_equal(bench_sends(b, RECORD), "entry 3.0 A at 0");
    assert_int_equal(bench_account(b).dead, 2);
    outbox_each_mark(b->outbox, note_reason, reason);
    assert_string_equal(reason, "longer than a request may be");
}

static void a_row_that_is_no_record_is_set_aside(void **state)
{
    struct dispatch_bench *b = *state;
    struct store_row row = {.seq = ++b->count,
                            .at = bench_now(b).utc,
                            .kind = RECORD_STAY_OPENED,
                            .body = "{}",
                            .body_size = 2};

    outbox_fresh(b->outbox, &row, 1);
    assert_string_equal(bench_sends(b, RECORD), "");
    assert_int_equal(bench_account(b).dead, 1);
}

static void a_platform_that_breaks_on_every_record_is_left_alone(void **state)
{
    struct dispatch_bench *b = *state;
    char stay[IDENT_SIZE];
    int sent = 0;

    for (int i = 0; i < 20; i++) {
        snprintf(stay, sizeof stay, "S%d", i);
        bench_arrives(b, 0, stay);
    }
    while (sent < 20 && *bench_sends(b, RECORD)) {
        bench_answered_http(b, RECORD, 502, "<html>");
        sent++;
    }
    assert_int_equal(sent, 8);
    assert_string_equal(b->said[LANE_OF_RECORDS],
                        "the platform answers HTTP 502, in no form of its own");
    assert_int_equal(bench_account(b).pending, 20);
}

static void what_is_under_way_at_the_end_is_given_back(void **state)
{
    struct dispatch_bench *b = *state;
    uint32_t ticket;

    bench_arrives(b, 0, "S1");
    assert_string_not_equal(bench_sends(b, RECORD), "");
    assert_int_equal(outbox_take(b->outbox, 1, &ticket), 0);
    dispatch_destroy(b->dispatch);
    b->dispatch = NULL;
    assert_true(outbox_take(b->outbox, 1, &ticket) == 1 || outbox_take_ahead(b->outbox, &ticket));
    outbox_release(b->outbox, ticket);
}

/* ---- heartbeats and the clock ---- */

static void each_lot_beats_on_its_own(void **state)
{
    struct dispatch_bench *b = *state;
    struct dispatch_status status;

    assert_string_equal(bench_sends(b, DISPATCH_BEAT), "beat A");
    bench_answered(b, DISPATCH_BEAT, "o");
    assert_string_equal(bench_sends(b, DISPATCH_BEAT), "beat B");
    bench_answered(b, DISPATCH_BEAT, "o");
    assert_string_equal(bench_sends(b, DISPATCH_BEAT), "");
    b->now += 10 * BENCH_MINUTE;
    assert_string_equal(bench_sends(b, DISPATCH_BEAT), "beat A");
    bench_answered(b, DISPATCH_BEAT, "b");
    assert_string_equal(b->said[LANE_OF_BEATS], "the platform answers 98 (busy)");
    b->now += 15000; /* no later than that */
    assert_string_equal(bench_sends(b, DISPATCH_BEAT), "beat A");
    bench_answered(b, DISPATCH_BEAT, "d");
    assert_string_equal(b->said[LANE_OF_BEATS], "");
    dispatch_status(b->dispatch, &status);
    assert_int_equal(status.beats, 3);
    assert_int_equal(status.last_beat.ms, bench_now(b).utc.ms);
}

static void a_lot_that_has_nothing_to_say_is_no_trouble(void **state)
{
    struct dispatch_bench *b = *state;

    b->lots[0].address = "";
    assert_string_equal(bench_sends(b, DISPATCH_BEAT), "beat B");
    assert_string_equal(b->said[LANE_OF_BEATS], "");
    b->lots[1].address = "no word for it";
    bench_answered(b, DISPATCH_BEAT, "o");
    b->now += 10 * BENCH_MINUTE;
    assert_string_equal(bench_sends(b, DISPATCH_BEAT), "");
    assert_string_equal(b->said[LANE_OF_BEATS], "no word for it");
}

/* Half of the way is behind us when the answer comes. */
static void an_expired_record_has_the_platforms_time_asked_for(void **state)
{
    struct dispatch_bench *b = *state;
    struct dispatch_status status;
    char answer[64];

    bench_answered(b, DISPATCH_BEAT, *bench_sends(b, DISPATCH_BEAT) ? "o" : "");
    bench_answered(b, DISPATCH_BEAT, *bench_sends(b, DISPATCH_BEAT) ? "o" : "");
    bench_arrives(b, 0, "S1");
    assert_string_equal(bench_sends(b, RECORD), "entry 1.0 A at 0");
    bench_answered(b, RECORD, "e");
    assert_string_equal(bench_sends(b, RECORD), ""); /* until its time is known */
    assert_string_equal(bench_sends(b, DISPATCH_BEAT), "beat A");
    b->now += 200;
    snprintf(answer, sizeof answer, "otime %lld", (long long)(bench_now(b).utc.ms - 100 + 3600000));
    bench_answered(b, DISPATCH_BEAT, answer);
    dispatch_status(b->dispatch, &status);
    assert_true(status.offset_known);
    assert_int_equal(status.offset_ms, 3600000);
    assert_string_equal(bench_sends(b, RECORD), "entry 1.0 A at 3600000");
    bench_answered(b, RECORD, "o");
    assert_int_equal(bench_account(b).delivered, 1);
}

static void expired_may_mean_something_else(void **state)
{
    struct dispatch_bench *b = *state;

    bench_arrives(b, 0, "S1");
    for (int tries = 0; tries < 4; tries++) {
        assert_string_equal(bench_sends(b, RECORD), "entry 1.0 A at 0");
        bench_answered(b, RECORD, "e");
        while (*bench_sends(b, DISPATCH_BEAT))
            bench_answered(b, DISPATCH_BEAT, "o");
    }
    assert_string_equal(bench_sends(b, RECORD), ""); /* a person is needed */
    assert_string_equal(b->said[LANE_OF_RECORDS], "the platform answers 101 (expired)");
}

/* ---- vacancy ---- */

static void counts_are_told_of_each_lot_and_again_when_they_were_not_taken(void **state)
{
    struct dispatch_bench *b = *state;

    assert_string_equal(bench_sends(b, DISPATCH_STATE), "counts A 5");
    bench_answered(b, DISPATCH_STATE, "o");
    assert_string_equal(bench_sends(b, DISPATCH_STATE), "counts B 6");
    bench_answered(b, DISPATCH_STATE, "b");
    assert_string_equal(b->said[LANE_OF_STATE], "the platform answers 98 (busy)");
    b->now += BENCH_MINUTE;
    assert_string_equal(bench_sends(b, DISPATCH_STATE), "counts B 6");
    bench_answered(b, DISPATCH_STATE, "r");
    b->now += BENCH_MINUTE;
    assert_string_equal(bench_sends(b, DISPATCH_STATE), ""); /* with the next change */
    stale_lot(b->stale, 1);
    assert_string_equal(bench_sends(b, DISPATCH_STATE), "counts B 6");
    bench_answered(b, DISPATCH_STATE, "s");
    b->now += BENCH_MINUTE;
    assert_string_equal(bench_sends(b, DISPATCH_STATE), "");
    b->now += 10 * BENCH_MINUTE;
    assert_string_equal(bench_sends(b, DISPATCH_STATE), "counts B 6");
}

static void after_silence_every_lot_is_told_anew(void **state)
{
    struct dispatch_bench *b = *state;
    struct dispatch_status status;

    while (*bench_sends(b, DISPATCH_STATE))
        bench_answered(b, DISPATCH_STATE, "o");
    bench_arrives(b, 0, "S1");
    bench_sends(b, RECORD);
    bench_answered_http(b, RECORD, 0, "");
    dispatch_status(b->dispatch, &status);
    assert_false(status.connected);
    b->now += BENCH_MINUTE;
    bench_sends(b, RECORD);
    bench_answered(b, RECORD, "o");
    dispatch_status(b->dispatch, &status);
    assert_true(status.connected);
    assert_string_equal(bench_sends(b, DISPATCH_STATE), "counts A 5");
    bench_answered(b, DISPATCH_STATE, "o");
    assert_string_equal(bench_sends(b, DISPATCH_STATE), "counts B 6");
}

static void counts_that_cannot_be_said_are_told_and_passed_over(void **state)
{
    struct dispatch_bench *b = *state;

    b->lots[0].address = "no word for it";
    assert_string_equal(bench_sends(b, DISPATCH_STATE), "counts B 6");
    assert_string_equal(b->said[LANE_OF_STATE], "no word for it");
}

static void a_lot_that_is_not_told_is_compared_with_nobody(void **state)
{
    struct dispatch_bench *b = *state;

    assert_true(dispatch_check(b->dispatch, "A", 20000));
    assert_false(dispatch_check(b->dispatch, "C", 20000));
    b->settings.lots_count = 1;
    assert_false(dispatch_check(b->dispatch, "B", 20000));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_start, bench_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_means_what_its_row_says),
        TEST(what_is_set_aside_says_why),
        TEST(the_configuration_knows_codes_better),
        TEST(a_record_of_two_requests_begins_anew_when_one_fails),
        TEST(what_is_not_told_there_counts_as_delivered),
        TEST(what_cannot_be_said_is_set_aside_and_the_next_goes),
        TEST(a_row_that_is_no_record_is_set_aside),
        TEST(a_platform_that_breaks_on_every_record_is_left_alone),
        TEST(what_is_under_way_at_the_end_is_given_back),
        TEST(each_lot_beats_on_its_own),
        TEST(a_lot_that_has_nothing_to_say_is_no_trouble),
        TEST(an_expired_record_has_the_platforms_time_asked_for),
        TEST(expired_may_mean_something_else),
        TEST(counts_are_told_of_each_lot_and_again_when_they_were_not_taken),
        TEST(after_silence_every_lot_is_told_anew),
        TEST(counts_that_cannot_be_said_are_told_and_passed_over),
        TEST(a_lot_that_is_not_told_is_compared_with_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
