/* Business days are closed in their order, numbered without a gap, and what comes late supplements.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/zone.h"
#include "daemon/core/closing.h"
#include "daemon/report/body.h"
#include "daemon/report/period.h"

static const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static struct record report_of(const char *day, int64_t from_ms)
{
    struct record record = {.kind = RECORD_REPORT};

    record.report.from.ms = from_ms;
    record.report.to.ms = from_ms + 86400000;
    strcpy(record.report.day, day);
    strcpy(record.report.digest, digest);
    return record;
}

static void a_day_is_closed_once_and_then_supplemented(void **state)
{
    struct closing closing = {.number = 0};
    struct record record = report_of("2024-03-13", 1000);
    utc_ms now = {86400000 * 10};
    const char *why;

    (void)state;
    assert_true(closing_report(&closing, now, &record.report, &why));
    assert_int_equal(record.report.event, CLOSING_DAY);
    assert_int_equal(record.report.number, 1);
    assert_string_equal(record.report.previous, "");
    closing_apply(&closing, &record);
    assert_true(closing_report(&closing, now, &record.report, &why));
    assert_int_equal(record.report.event, CLOSING_SUPPLEMENT);
    assert_int_equal(record.report.number, 2);
    assert_string_equal(record.report.previous, digest);
    closing_apply(&closing, &record);
    record = report_of("2024-03-14", 86401000);
    assert_true(closing_report(&closing, now, &record.report, &why));
    assert_int_equal(record.report.event, CLOSING_DAY);
    assert_int_equal(record.report.number, 3);
}

static void a_day_that_is_not_over_is_refused(void **state)
{
    struct closing closing = {.number = 0};
    struct record record = report_of("2024-03-13", 1000);
    const char *why;

    (void)state;
    assert_false(closing_report(&closing, (utc_ms){86400999}, &record.report, &why));
    assert_string_equal(why, "the day is not over");
    strcpy(record.report.day, "2024-02-30");
    assert_false(closing_report(&closing, (utc_ms){86400000 * 9}, &record.report, &why));
    assert_string_equal(why, "this is no day such as 2024-03-13");
    record = report_of("2024-03-13", 1000);
    strcpy(record.report.digest, "abc");
    assert_false(closing_report(&closing, (utc_ms){86400000 * 9}, &record.report, &why));
}

static void a_business_day_is_as_long_as_the_clocks_make_it(void **state)
{
    struct err err;
    struct zone *zone = zone_open(ZONE_FOLDER, "Europe/Berlin", &err);
    struct report_clock clock = {.cut_s = 4 * 3600};
    int32_t first, days;

    (void)state;
    assert_non_null(zone);
    clock.zone = zone_civil(zone);
    assert_true(period_month_parse("2024-03", &first, &days));
    assert_int_equal(days, 31);
    struct report_period longest = period_days(&clock, first + 29, 1); /* 30 March, until 4:00 */
    assert_int_equal((longest.to.ms - longest.from.ms) / 3600000, 23);
    assert_int_equal(period_day_of(&clock, longest.from), first + 29);
    assert_int_equal(period_day_of(&clock, (utc_ms){longest.from.ms - 1}), first + 28);
    assert_int_equal(period_day_of(&clock, (utc_ms){longest.to.ms - 1}), first + 29);
    assert_false(period_month_parse("2024-13", &first, &days));
    assert_false(period_month_parse("2024-3", &first, &days));
    zone_close(zone);
}

static void a_key_inside_a_text_is_no_key(void **state)
{
    const char *body = "{\"type\":\"x\",\"reason\":\"\\\"fen\\\":7,\",\"fen\":-12,\"on\":true}";
    char text[16];

    (void)state;
    assert_int_equal(body_int(body, "fen", 0), -12);
    assert_int_equal(body_int(body, "reason", 5), 5);
    assert_true(body_flag(body, "on"));
    assert_false(body_flag(body, "off"));
    body_text(body, "type", text, sizeof text);
    assert_string_equal(text, "x");
    body_text("{\"day\":\"2024-03-13\"}", "day", text, 11);
    assert_string_equal(text, "2024-03-13");
    body_text(body, "reason", text, 4);
    assert_true(strlen(text) < 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_closed_once_and_then_supplemented),
        cmocka_unit_test(a_day_that_is_not_over_is_refused),
        cmocka_unit_test(a_business_day_is_as_long_as_the_clocks_make_it),
        cmocka_unit_test(a_key_inside_a_text_is_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
