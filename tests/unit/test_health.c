/* The health of a radio sensor: what is told first, and that a recovering battery does not flicker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/network/health.h"

static const struct sensor_outcome news = {.verdict = SENSOR_NEWS};

static struct envelope radio(int32_t rssi_dbm)
{
    return (struct envelope){.rssi_dbm = rssi_dbm,
                             .snr_centi = REPORT_NONE,
                             .battery_percent = REPORT_NONE,
                             .gateways = 1};
}

static const char *words(const struct sensor_health *health)
{
    static char bytes[256];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    health_words(health, &out);
    return bytes;
}

static void a_healthy_sensor_has_nothing_to_tell(void **state)
{
    (void)state;
    struct sensor_health health;
    struct report report = report_of(EVENT_HEARTBEAT);
    struct envelope envelope = radio(-90);

    health_init(&health);
    health_heard(&health, &report, &envelope, &news);
    assert_string_equal(words(&health), "");
}

static void a_battery_gets_better_only_with_a_margin(void **state)
{
    (void)state;
    struct sensor_health health;
    struct report report = report_of(EVENT_HEARTBEAT);
    struct envelope envelope = radio(-90);

    health_init(&health);
    report.battery = BATTERY_LOW;
    report.battery_mv = 2990;
    report.temperature_decidegrees = 40;
    health_heard(&health, &report, &envelope, &news);
    assert_string_equal(words(&health), "battery low, 2.99 V at 4 °C; plan its replacement");
    report.battery = BATTERY_OK;
    report.battery_mv = 3004;
    health_heard(&health, &report, &envelope, &news);
    assert_int_equal(health.battery, BATTERY_LOW);
    report.battery_mv = 3050;
    health_heard(&health, &report, &envelope, &news);
    assert_int_equal(health.battery, BATTERY_OK);
}

static void a_percentage_is_a_level_too(void **state)
{
    (void)state;
    struct sensor_health health;
    struct report report = report_of(EVENT_TELEMETRY);
    struct envelope envelope = radio(-90);

    health_init(&health);
    report.battery_percent = 10;
    health_heard(&health, &report, &envelope, &news);
    assert_int_equal(health.battery, BATTERY_CRITICAL);
    assert_non_null(strstr(words(&health), "replace"));
}

static void a_car_over_the_antenna_is_told_apart_from_a_free_bay(void **state)
{
    (void)state;
    struct sensor_health health;
    struct report report = report_of(EVENT_HEARTBEAT);
    struct envelope envelope = radio(-118);

    health_init(&health);
    report_state(&report, true);
    health_heard(&health, &report, &envelope, &news);
    assert_int_equal(health.rssi_dbm[1], -118);
    assert_int_equal(health.rssi_dbm[0], REPORT_NONE);
    assert_non_null(strstr(words(&health), "weak radio"));
}

static void a_link_that_becomes_weak_is_followed_all_the_way(void **state)
{
    (void)state;
    struct sensor_health health;
    struct report report = report_of(EVENT_HEARTBEAT);
    struct envelope strong = radio(-90), feeble = radio(-117);

    health_init(&health);
    report_state(&report, false);
    health_heard(&health, &report, &strong, &news);
    for (int i = 0; i < 40; i++)
        health_heard(&health, &report, &feeble, &news);
    assert_int_equal(health.rssi_dbm[0], -117);
    assert_int_equal(health_finding(&health), HEALTH_WEAK);
}

static void what_the_server_complains_of_is_told_until_it_takes_a_message(void **state)
{
    (void)state;
    struct sensor_health health;
    struct report report = report_of(EVENT_HEARTBEAT);
    struct envelope envelope = radio(-90);

    health_init(&health);
    health_complaint(&health, "SOMETHING_ELSE");
    assert_string_equal(words(&health), "");
    health_complaint(&health, "UPLINK_MIC");
    assert_non_null(strstr(words(&health), "check its keys at the server"));
    health_complaint(&health, "UPLINK_F_CNT_RESET");
    assert_non_null(strstr(words(&health), "counter fell back"));
    health_heard(&health, &report, &envelope, &news);
    assert_string_equal(words(&health), "");
}

static void a_sensor_that_joins_again_and_again_is_told(void **state)
{
    (void)state;
    struct sensor_health health;

    health_init(&health);
    for (int i = 0; i < 4; i++)
        health_joined(&health, (utc_ms){1795316400000});
    assert_non_null(strstr(words(&health), "joined the network 4 times today"));
    health_joined(&health, (utc_ms){1795316400000 + 86400000});
    assert_string_equal(words(&health), "");
}

static void each_finding_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = HEALTH_FINE + 1; i < HEALTH_FINDINGS; i++)
        for (int j = HEALTH_FINE; j < i; j++)
            assert_string_not_equal(health_finding_name((enum health_finding)i),
                                    health_finding_name((enum health_finding)j));
}

static void missing_messages_are_told_when_they_are_many(void **state)
{
    (void)state;
    struct sensor_health health;
    struct report report = report_of(EVENT_HEARTBEAT);
    struct envelope envelope = radio(-90);
    const struct sensor_outcome gap = {.verdict = SENSOR_NEWS, .missed = 1};

    health_init(&health);
    for (int i = 0; i < 30; i++)
        health_heard(&health, &report, &envelope, i % 4 ? &news : &gap);
    assert_non_null(strstr(words(&health), "are missing"));
}

static void restarts_are_counted_by_the_day(void **state)
{
    (void)state;
    struct sensor_health health;
    struct report report = report_of(EVENT_STARTUP);
    struct envelope envelope = radio(-90);

    health_init(&health);
    report.reset_cause = "brownout";
    for (int i = 0; i < 4; i++)
        health_heard(&health, &report, &envelope, &news);
    assert_non_null(strstr(words(&health), "restarted 4 times today (brownout)"));
    envelope.at.ms += 86400000;
    health_heard(&health, &report, &envelope, &news);
    assert_string_equal(words(&health), "");
}

static void a_sensor_that_changes_with_its_neighbour_each_time_is_told(void **state)
{
    (void)state;
    struct sensor_health health;

    health_init(&health);
    for (int i = 0; i < 6; i++)
        health_changed(&health, i % 3 == 0); /* now and then two cars come at once */
    assert_string_equal(words(&health), "");
    for (int i = 0; i < 20; i++)
        health_changed(&health, true);
    assert_non_null(strstr(words(&health), "together with the bay next to it"));
    for (int i = 0; i < 8; i++)
        health_changed(&health, false);
    assert_string_equal(words(&health), "");
}

static void refusals_are_told_when_hardly_anything_else_comes(void **state)
{
    (void)state;
    struct sensor_health health;

    health_init(&health);
    health_refused(&health, REFUSED_LENGTH);
    assert_non_null(strstr(words(&health), "refused (length); check driver and revision"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_sensor_has_nothing_to_tell),
        cmocka_unit_test(a_battery_gets_better_only_with_a_margin),
        cmocka_unit_test(a_percentage_is_a_level_too),
        cmocka_unit_test(a_car_over_the_antenna_is_told_apart_from_a_free_bay),
        cmocka_unit_test(a_link_that_becomes_weak_is_followed_all_the_way),
        cmocka_unit_test(what_the_server_complains_of_is_told_until_it_takes_a_message),
        cmocka_unit_test(a_sensor_that_joins_again_and_again_is_told),
        cmocka_unit_test(each_finding_has_a_name_of_its_own),
        cmocka_unit_test(missing_messages_are_told_when_they_are_many),
        cmocka_unit_test(restarts_are_counted_by_the_day),
        cmocka_unit_test(a_sensor_that_changes_with_its_neighbour_each_time_is_told),
        cmocka_unit_test(refusals_are_told_when_hardly_anything_else_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
