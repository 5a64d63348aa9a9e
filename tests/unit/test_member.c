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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_distance_is_judged_by_the_bays_own_threshold),
        cmocka_unit_test(a_refused_frame_is_counted_and_tells_nothing),
        cmocka_unit_test(an_error_frame_tells_nothing_of_the_bay),
        cmocka_unit_test(the_networks_time_is_believed_but_not_when_it_lies_ahead),
        cmocka_unit_test(the_limit_of_the_day_holds_once_the_day_has_lasted_for_it),
        cmocka_unit_test(strangers_are_listed_latest_first_and_bounded),
        cmocka_unit_test(a_stranger_is_shown_with_what_its_frame_may_mean),
        cmocka_unit_test(of_many_sensors_that_are_asked_the_last_is_turned_away_until_one_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
