/* The rules F1 to F7 of followup.h. Virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/followup.h"

static const int64_t day_ms = 86400000;
static struct followup f;
static struct now now;

static const struct followup_uplink silent = {.tells = false};
static const struct followup_uplink is_free = {.tells = true};
static const struct followup_uplink is_occupied = {.tells = true, .occupied = true};

static void pass(int64_t ms)
{
    now.mono.ms += ms;
    now.utc.ms += ms;
}

static void begin(bool recalibrates, bool must_answer)
{
    f = (struct followup){.state = FOLLOWUP_NONE};
    now = (struct now){{1000}, {1795316400000}};
    assert_true(followup_ask(&f, recalibrates, must_answer, day_ms, now));
    assert_true(followup_wants_sending(&f));
    followup_handed(&f);
}

static void a_recalibration_goes_all_its_stations_and_is_verified(void **state)
{
    (void)state;
    begin(true, false);
    assert_true(followup_news(&f, FOLLOWUP_IS_QUEUED, now));
    assert_int_equal(f.state, FOLLOWUP_QUEUED);
    pass(3600000);
    assert_true(followup_news(&f, FOLLOWUP_IS_SENT, now));
    assert_false(followup_news(&f, FOLLOWUP_IS_QUEUED, now)); /* F2 */
    assert_false(followup_heard(&f, &is_occupied, now));
    assert_true(followup_news(&f, FOLLOWUP_IS_ACKED, now));
    assert_int_equal(f.state, FOLLOWUP_ACKNOWLEDGED);
    assert_false(followup_heard(&f, &is_occupied, now)); /* the acknowledgement's own message */
    pass(3600000);
    assert_false(followup_heard(&f, &silent, now));
    assert_true(followup_heard(&f, &is_free, now));
    assert_int_equal(f.state, FOLLOWUP_DONE);
    assert_true(followup_ended(&f));
}

static void a_parameter_is_done_when_it_is_acknowledged(void **state)
{
    (void)state;
    begin(false, false);
    assert_true(followup_news(&f, FOLLOWUP_IS_ACKED, now)); /* F2: nobody told of the rest */
    assert_int_equal(f.state, FOLLOWUP_DONE);
}

static void a_parameters_own_frame_counts_only_once_it_was_sent(void **state)
{
    (void)state;
    const struct followup_uplink report = {.answers = true};

    begin(false, false);
    assert_false(followup_heard(&f, &report, now));
    followup_news(&f, FOLLOWUP_IS_SENT, now);
    assert_true(followup_heard(&f, &report, now));
    assert_int_equal(f.state, FOLLOWUP_DONE);
}

static void one_is_under_way_at_a_time(void **state)
{
    (void)state;
    begin(true, false);
    assert_false(followup_ask(&f, true, false, day_ms, now));
    assert_false(followup_wants_sending(&f)); /* F1: it has been handed over */
    pass(FOLLOWUP_BROKER_MS + 1);
    assert_true(followup_tick(&f, now));
    assert_int_equal(f.state, FOLLOWUP_FAILED);
    assert_non_null(strstr(followup_words(&f), "ask again"));
    assert_true(followup_ask(&f, true, false, day_ms, now));
}

static void a_sensor_that_answers_itself_is_believed_by_that_alone(void **state)
{
    (void)state;
    const struct followup_uplink did = {.answers = true},
                                 did_not = {.answers = true, .failed = true};

    begin(true, true);
    assert_true(followup_news(&f, FOLLOWUP_IS_ACKED, now)); /* F3 */
    assert_int_equal(f.state, FOLLOWUP_SENT);
    assert_true(followup_heard(&f, &did, now));
    assert_int_equal(f.state, FOLLOWUP_ACKNOWLEDGED);
    begin(true, true);
    assert_true(followup_heard(&f, &did_not, now));
    assert_int_equal(f.state, FOLLOWUP_FAILED);
    assert_non_null(strstr(followup_words(&f), "did not work"));
}

static void what_is_not_acknowledged_is_sent_three_times_in_all(void **state)
{
    (void)state;
    int sent = 1;

    begin(true, false);
    while (!followup_ended(&f)) {
        followup_news(&f, FOLLOWUP_IS_SENT, now);
        for (int i = 0; i < FOLLOWUP_UPLINKS; i++)
            followup_heard(&f, &is_free, now);
        if (followup_wants_sending(&f)) {
            followup_handed(&f);
            sent++;
        }
    }
    assert_int_equal(sent, FOLLOWUP_ATTEMPTS);
    assert_int_equal(f.state, FOLLOWUP_FAILED);
    assert_non_null(strstr(followup_words(&f), "does not acknowledge"));
}

static void a_refusal_on_the_way_is_tried_again_and_one_for_good_is_not(void **state)
{
    (void)state;
    begin(true, false);
    assert_true(followup_news(&f, FOLLOWUP_IS_REFUSED, now));
    assert_true(followup_wants_sending(&f));
    assert_false(followup_news(&f, FOLLOWUP_IS_ACKED, now)); /* of what? nothing is out */
    followup_handed(&f);
    assert_true(followup_news(&f, FOLLOWUP_IS_GIVEN_UP, now));
    assert_int_equal(f.state, FOLLOWUP_FAILED);
}

static void an_occupied_sensor_over_an_empty_bay_has_failed(void **state)
{
    (void)state;
    begin(true, false);
    followup_news(&f, FOLLOWUP_IS_ACKED, now);
    pass(FOLLOWUP_SETTLE_MS);
    assert_true(followup_heard(&f, &is_occupied, now));
    assert_int_equal(f.state, FOLLOWUP_FAILED);
    assert_non_null(strstr(followup_words(&f), "replace the sensor"));
}

static void each_wait_has_an_end(void **state)
{
    (void)state;
    static const enum followup_news until[] = {FOLLOWUP_IS_QUEUED, FOLLOWUP_IS_SENT,
                                               FOLLOWUP_IS_ACKED};

    for (int i = 0; i < 3; i++) {
        begin(true, false);
        followup_news(&f, until[i], now);
        pass(day_ms);
        assert_false(followup_tick(&f, now));
        pass(1);
        assert_true(followup_tick(&f, now));
        assert_int_equal(f.state, FOLLOWUP_FAILED);
        assert_true(strlen(followup_words(&f)) > 10);
        assert_false(followup_tick(&f, now));
    }
}

static void a_server_that_tells_nothing_is_found_out(void **state)
{
    (void)state;
    begin(true, false);
    followup_news(&f, FOLLOWUP_IS_QUEUED, now);
    for (int i = 0; i + 1 < FOLLOWUP_UPLINKS; i++)
        assert_false(followup_heard(&f, &is_free, now));
    assert_true(followup_heard(&f, &is_free, now));
    assert_non_null(strstr(followup_words(&f), "topics"));
}

static void states_are_known_by_their_names(void **state)
{
    (void)state;
    for (int i = 0; i < FOLLOWUP_STATES; i++) {
        enum followup_state parsed = FOLLOWUP_STATES;

        assert_true(followup_state_parse(followup_state_name((enum followup_state)i), &parsed));
        assert_int_equal(parsed, i);
    }
    assert_false(followup_state_parse("", &f.state));
}

/* F2, F3: each word of the server in each state; the same word again is no news. */
static void what_the_server_tells_leads_on_and_never_back(void **state)
{
    static const struct {
        bool must_answer;
        enum followup_news before, news;
        bool is_news;
        enum followup_state state;
    } rows[] = {{false, FOLLOWUP_IS_QUEUED, FOLLOWUP_IS_QUEUED, false, FOLLOWUP_QUEUED},
                {false, FOLLOWUP_IS_QUEUED, FOLLOWUP_IS_SENT, true, FOLLOWUP_SENT},
                {false, FOLLOWUP_IS_SENT, FOLLOWUP_IS_QUEUED, false, FOLLOWUP_SENT},
                {false, FOLLOWUP_IS_SENT, FOLLOWUP_IS_SENT, false, FOLLOWUP_SENT},
                {false, FOLLOWUP_IS_QUEUED, FOLLOWUP_IS_ACKED, true, FOLLOWUP_ACKNOWLEDGED},
                {false, FOLLOWUP_IS_ACKED, FOLLOWUP_IS_ACKED, false, FOLLOWUP_ACKNOWLEDGED},
                {false, FOLLOWUP_IS_ACKED, FOLLOWUP_IS_QUEUED, false, FOLLOWUP_ACKNOWLEDGED},
                {true, FOLLOWUP_IS_QUEUED, FOLLOWUP_IS_ACKED, true, FOLLOWUP_SENT},
                {true, FOLLOWUP_IS_SENT, FOLLOWUP_IS_ACKED, false, FOLLOWUP_SENT},
                {false, FOLLOWUP_IS_SENT, FOLLOWUP_IS_GIVEN_UP, true, FOLLOWUP_FAILED}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(true, rows[i].must_answer);
        followup_news(&f, rows[i].before, now);
        assert_int_equal(followup_news(&f, rows[i].news, now), rows[i].is_news);
        assert_int_equal(f.state, rows[i].state);
    }
    for (int news = 0; news <= FOLLOWUP_IS_GIVEN_UP; news++) {
        assert_false(followup_news(&f, (enum followup_news)news, now)); /* it has failed */
        assert_false(followup_heard(&f, &is_free, now));
    }
}

static void what_was_not_handed_over_cannot_be_answered(void **state)
{
    const struct followup_uplink answer = {.answers = true, .tells = true};

    (void)state;
    f = (struct followup){.state = FOLLOWUP_NONE};
    now = (struct now){{1000}, {1795316400000}};
    assert_true(followup_ask(&f, true, true, day_ms, now));
    assert_false(followup_news(&f, FOLLOWUP_IS_ACKED, now));
    assert_false(followup_heard(&f, &answer, now));
    assert_true(followup_wants_sending(&f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recalibration_goes_all_its_stations_and_is_verified),
        cmocka_unit_test(a_parameter_is_done_when_it_is_acknowledged),
        cmocka_unit_test(a_parameters_own_frame_counts_only_once_it_was_sent),
        cmocka_unit_test(one_is_under_way_at_a_time),
        cmocka_unit_test(a_sensor_that_answers_itself_is_believed_by_that_alone),
        cmocka_unit_test(what_is_not_acknowledged_is_sent_three_times_in_all),
        cmocka_unit_test(a_refusal_on_the_way_is_tried_again_and_one_for_good_is_not),
        cmocka_unit_test(an_occupied_sensor_over_an_empty_bay_has_failed),
        cmocka_unit_test(each_wait_has_an_end),
        cmocka_unit_test(a_server_that_tells_nothing_is_found_out),
        cmocka_unit_test(what_the_server_tells_leads_on_and_never_back),
        cmocka_unit_test(what_was_not_handed_over_cannot_be_answered),
        cmocka_unit_test(states_are_known_by_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
