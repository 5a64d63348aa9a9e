/* One sensor behind a network: thresholds, error frames, whose clock is believed; and strangers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/network/asks.h"
#include "daemon/network/member.h"
#include "daemon/network/strangers.h"

static const utc_ms now = {1795316400000};

static struct envelope uplink(int64_t counter, int32_t port, const char *bytes, size_t size)
{
    struct envelope envelope = {.port = port,
                                .counter = counter,
                                .payload_size = size,
                                .at = {now.ms - 5000 + counter},
                                .timed = true,
                                .rssi_dbm = REPORT_NONE,
                                .snr_centi = REPORT_NONE,
                                .battery_percent = REPORT_NONE};

    memcpy(envelope.payload, bytes, size);
    return envelope;
}

static struct sensor_outcome hear(struct member *member, struct envelope envelope)
{
    struct member_heard heard = {.outcome.verdict = SENSOR_VERDICTS};

    member_hear(member, &envelope, false, now, &heard);
    return heard.outcome;
}

static void a_distance_is_judged_by_the_bays_own_threshold(void **state)
{
    (void)state;
    const struct network_sensor settings = {
        .driver = &milesight_em400_mud_driver, .threshold_mm = 1500, .hysteresis_mm = 200};
    struct member member;

    member_init(&member, &settings);
    assert_int_equal(hear(&member, uplink(1, 85, "\x04\x82\xe8\x03", 4)).steps[0].sensed,
                     SENSED_OCCUPIED); /* 1000 mm */
    assert_int_equal(hear(&member, uplink(2, 85, "\x04\x82\x40\x06", 4)).steps[0].sensed,
                     SENSED_OCCUPIED); /* 1600 mm: not yet free */
    assert_int_equal(hear(&member, uplink(3, 85, "\x04\x82\xff\xff", 4)).steps_count, 0);
    assert_int_equal(hear(&member, uplink(4, 85, "\x04\x82\xa4\x06", 4)).steps[0].sensed,
                     SENSED_FREE); /* 1700 mm */
}

static void a_refused_frame_is_counted_and_tells_nothing(void **state)
{
    (void)state;
    const struct network_sensor settings = {.driver = &bosch_tps110_driver};
    struct member member;

    member_init(&member, &settings);
    assert_int_equal(hear(&member, uplink(1, 1, "", 0)).verdict, SENSOR_VERDICTS);
    assert_int_equal(member.health.counts.refused[REFUSED_LENGTH], 1);
}

static void an_error_frame_tells_nothing_of_the_bay(void **state)
{
    (void)state;
    const struct network_sensor settings = {.driver = &libelium_parking_v1_driver};
    struct member member;

    member_init(&member, &settings);
    assert_int_equal(
        hear(&member, uplink(1, 1, "\x83\x03\x07\x1e\x01\x92\x10\x85\x85\x3a\xc6", 11)).steps_count,
        0);
    assert_non_null(member.health.fault);
}

static void the_networks_time_is_believed_but_not_when_it_lies_ahead(void **state)
{
    (void)state;
    const struct now both = {{100000}, now};

    assert_int_equal(member_moment(both, (utc_ms){now.ms - 4000}).mono.ms, 96000);
    assert_int_equal(member_moment(both, (utc_ms){now.ms + 4000}).mono.ms, 100000);
}

static void the_limit_of_the_day_holds_once_the_day_has_lasted_for_it(void **state)
{
    (void)state;
    const int64_t hour_ms = 3600000;
    const utc_ms midnight = {1795305600000}; /* 2026-11-22T00:00:00Z */
    const struct network_settings network = {.night_from_s = 22 * 3600, .night_to_s = 6 * 3600};
    const struct network_sensor settings = {.driver = &libelium_parking_v1_driver,
                                            .silence_ms = 5 * hour_ms,
                                            .night_silence_ms = 8 * hour_ms};
    struct member member;
    static const struct {
        int hour, limit;
    } cases[] = {{0, 8}, {5, 8}, {7, 8}, {10, 8}, {11, 5}, {21, 5}, {22, 8}, {23, 8}};

    member_init(&member, &settings);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        utc_ms at = {midnight.ms + cases[i].hour * hour_ms};
        assert_int_equal(member_limit_ms(&member, &network, &civil_utc, at),
                         cases[i].limit * hour_ms);
    }
}

/* As a site has it whose sensors sleep between one and five in the morning, or never. */
static void a_night_may_lie_within_a_day_or_not_be_at_all(void **state)
{
    static const int64_t hour_ms = 3600000;
    static const utc_ms midnight = {1795305600000}; /* 2026-11-22T00:00:00Z */
    static const struct {
        int from, to, night, hour, limit;
    } cases[] = {
        {1, 5, 8, 0, 5},  {1, 5, 8, 2, 8},    {1, 5, 8, 6, 8},   {1, 5, 8, 9, 8},
        {1, 5, 8, 12, 5}, {22, 22, 8, 22, 5}, {22, 6, 0, 23, 5}, {22, 6, 4, 23, 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct network_settings network = {.night_from_s = cases[i].from * 3600,
                                                 .night_to_s = cases[i].to * 3600};
        const struct network_sensor settings = {.driver = &libelium_parking_v1_driver,
                                                .silence_ms = 5 * hour_ms,
                                                .night_silence_ms = cases[i].night * hour_ms};
        struct member member;

        member_init(&member, &settings);
        assert_int_equal(member_limit_ms(&member, &network, &civil_utc,
                                         (utc_ms){midnight.ms + cases[i].hour * hour_ms}),
                         cases[i].limit * hour_ms);
    }
}

static void without_the_networks_time_a_message_is_of_now(void **state)
{
    const struct network_sensor settings = {.driver = &bosch_tps110_driver};
    struct envelope envelope = uplink(1, 1, "\x01", 1);
    struct member_heard heard = {.at = {7}};
    struct member member;

    (void)state;
    member_init(&member, &settings);
    envelope.timed = false;
    assert_int_equal(member_hear(&member, &envelope, false, now, &heard), REFUSED_NOT);
    assert_int_equal(heard.at.ms, now.ms);
}

static void a_frame_without_a_distance_leaves_the_bay_as_it_was(void **state)
{
    const struct network_sensor settings = {
        .driver = &milesight_em400_mud_driver, .threshold_mm = 1500, .hysteresis_mm = 200};
    struct member member;

    (void)state;
    member_init(&member, &settings);
    hear(&member, uplink(1, 85, "\x04\x82\xe8\x03", 4));
    assert_int_equal(hear(&member, uplink(2, 85, "\x01\x75\x64", 3)).steps_count, 0); /* battery */
    assert_true(member.occupied);
}

static void strangers_are_listed_latest_first_and_bounded(void **state)
{
    (void)state;
    static struct network_stranger list[NETWORK_STRANGERS];
    struct envelope envelope = uplink(1, 1, "\x01", 1);
    char name[8];

    for (int i = 0; i < 2 * NETWORK_STRANGERS; i++) {
        snprintf(name, sizeof name, "s%d", i);
        assert_true(strangers_note(list, &envelope, name, now));
    }
    assert_string_equal(list[0].address, "s63");
    assert_string_equal(list[NETWORK_STRANGERS - 1].address, "s32");
    assert_false(strangers_note(list, &envelope, "s40", now));
    assert_string_equal(list[0].address, "s40");
    assert_int_equal(list[0].frames, 2);
    assert_string_equal(list[1].address, "s63");
}

static void a_stranger_is_shown_with_what_its_frame_may_mean(void **state)
{
    (void)state;
    static struct network_stranger list[NETWORK_STRANGERS];
    struct envelope envelope = uplink(1, -1, "C1", 2);
    char bytes[2048];
    struct text out;

    strangers_note(list, &envelope, "0004a30b00fb29e7", now);
    text_init(&out, bytes, sizeof bytes);
    strangers_json(&list[0], "lora", &out);
    assert_non_null(strstr(bytes, "\"hex\":\"4331\",\"fits\":[{\"driver\":\"cicicom/s-lg-i3\","
                                  "\"report\":{\"occupied\":true,"));
}

static void of_many_sensors_that_are_asked_the_last_is_turned_away_until_one_ends(void **state)
{
    struct asks asks = {0};
    struct member members[NETWORK_ASKS + 1];
    struct err err;

    (void)state;
    for (int i = 0; i < NETWORK_ASKS; i++) {
        struct ask *ask = asks_place(&asks, &members[i], &err);
        assert_non_null(ask);
        assert_true(followup_ask(&ask->followup, false, false, 600000, (struct now){.mono = {i}}));
    }
    assert_null(asks_place(&asks, &members[NETWORK_ASKS], &err));
    assert_non_null(strstr(err.text, "32 sensors"));
    asks.list[7].followup.state = FOLLOWUP_DONE;
    assert_ptr_equal(asks_place(&asks, &members[NETWORK_ASKS], &err), &asks.list[7]);
}

static void a_sensor_is_asked_one_thing_at_a_time_in_a_place_of_its_own(void **state)
{
    struct asks asks = {0};
    struct member members[2];
    struct err err;
    struct ask *ask = asks_place(&asks, &members[0], &err);

    (void)state;
    assert_ptr_equal(asks_of(&asks, &members[0]), ask);
    assert_null(asks_of(&asks, &members[1]));
    assert_true(followup_ask(&ask->followup, false, false, 600000, (struct now){.mono = {1}}));
    text_copy(ask->what, sizeof ask->what, "recalibrate");
    assert_null(asks_place(&asks, &members[0], &err));
    assert_non_null(strstr(err.text, "recalibrate is under way ("));
    assert_ptr_not_equal(asks_place(&asks, &members[1], &err), ask);
    ask->followup.state = FOLLOWUP_DONE;
    assert_ptr_equal(asks_place(&asks, &members[0], &err), ask);
    assert_string_equal(ask->what, "");
}

/* All have ended: the place of the one that ended first goes. */
static void the_ask_that_ended_first_makes_room(void **state)
{
    struct asks asks = {0};
    struct member members[NETWORK_ASKS + 1];
    struct err err;

    (void)state;
    for (int i = 0; i < NETWORK_ASKS; i++) {
        struct ask *ask = asks_place(&asks, &members[i], &err);

        ask->followup.state = FOLLOWUP_DONE;
        ask->followup.since.mono.ms = i == 9 ? 1 : 100 - i;
    }
    assert_ptr_equal(asks_place(&asks, &members[NETWORK_ASKS], &err), &asks.list[9]);
}

static void an_attempt_is_known_by_its_id_but_for_the_last_digit(void **state)
{
    const struct ask ask = {.id = "f0e4c2f7-6c58-431e-838b-6da202c194d1"};

    (void)state;
    assert_true(asks_is(&ask, ""));
    assert_true(asks_is(&ask, "f0e4c2f7-6c58-431e-838b-6da202c194d1"));
    assert_true(asks_is(&ask, "f0e4c2f7-6c58-431e-838b-6da202c194d2"));
    assert_false(asks_is(&ask, "f0e4c2f7-6c58-431e-838b-6da202c194e1"));
    assert_false(asks_is(&ask, "f0e4c2f7"));
}

static void what_a_record_says_of_an_ask_is_read_back(void **state)
{
    struct ask ask = {.what = "recalibrate", .followup.state = FOLLOWUP_SENT};
    enum followup_state found = FOLLOWUP_NONE;
    char word[RECORD_WORD], longest[2 * RECORD_WORD];
    const char *what;

    (void)state;
    asks_word(&ask, word);
    assert_true(asks_parse(word, &found, &what));
    assert_int_equal(found, FOLLOWUP_SENT);
    assert_string_equal(what, "recalibrate");
    assert_false(asks_parse("answers", &found, &what));
    assert_false(asks_parse("dreaming: recalibrate", &found, &what));
    memset(longest, 'x', sizeof longest);
    strcpy(longest + sizeof longest - 4, ": x");
    assert_false(asks_parse(longest, &found, &what));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_distance_is_judged_by_the_bays_own_threshold),
        cmocka_unit_test(a_refused_frame_is_counted_and_tells_nothing),
        cmocka_unit_test(an_error_frame_tells_nothing_of_the_bay),
        cmocka_unit_test(the_networks_time_is_believed_but_not_when_it_lies_ahead),
        cmocka_unit_test(the_limit_of_the_day_holds_once_the_day_has_lasted_for_it),
        cmocka_unit_test(a_night_may_lie_within_a_day_or_not_be_at_all),
        cmocka_unit_test(without_the_networks_time_a_message_is_of_now),
        cmocka_unit_test(a_frame_without_a_distance_leaves_the_bay_as_it_was),
        cmocka_unit_test(strangers_are_listed_latest_first_and_bounded),
        cmocka_unit_test(a_stranger_is_shown_with_what_its_frame_may_mean),
        cmocka_unit_test(of_many_sensors_that_are_asked_the_last_is_turned_away_until_one_ends),
        cmocka_unit_test(a_sensor_is_asked_one_thing_at_a_time_in_a_place_of_its_own),
        cmocka_unit_test(the_ask_that_ended_first_makes_room),
        cmocka_unit_test(an_attempt_is_known_by_its_id_but_for_the_last_digit),
        cmocka_unit_test(what_a_record_says_of_an_ask_is_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
