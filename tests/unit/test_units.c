/* Units: RFC 3339 texts of UTC times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "daemon/core/units.h"

static const int64_t year_0_ms = -62167219200000, year_9999_ms = 253402300799999;

static void a_time_is_written_with_milliseconds_and_z(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1795316526123, "2026-11-22T03:02:06.123Z"},
        {4107542399999, "2100-02-28T23:59:59.999Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {-62167219200000, "0000-01-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };
    char text[UTC_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(utc_text((utc_ms){rows[i].ms}, text), rows[i].text);
}

static void a_time_outside_the_years_is_clamped(void **state)
{
    char text[UTC_TEXT_SIZE];

    (void)state;
    assert_string_equal(utc_text((utc_ms){INT64_MIN}, text), "0000-01-01T00:00:00.000Z");
    assert_string_equal(utc_text((utc_ms){INT64_MAX}, text), "9999-12-31T23:59:59.999Z");
}

static void what_is_written_is_read_back(void **state)
{
    unsigned seed = 20261122;
    char text[UTC_TEXT_SIZE], expected[64];

    (void)state;
    print_message("seed %u\n", seed);
    for (int i = 0; i < 200000; i++) {
        int64_t random = ((int64_t)rand_r(&seed) << 31) ^ rand_r(&seed);
        utc_ms at = {year_0_ms + random % (year_9999_ms - year_0_ms)}, back = {1};
        assert_true(utc_parse(utc_text(at, text), &back));
        assert_int_equal(back.ms, at.ms);

        time_t seconds = (time_t)((at.ms - (at.ms % 1000 + 1000) % 1000) / 1000);
        struct tm tm;
        gmtime_r(&seconds, &tm);
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        assert_memory_equal(text, expected, 19);
    }
}

static void fractions_and_zones_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.5Z", 500},
        {"1970-01-01T00:00:00.123456789Z", 123},
        {"1970-01-01T08:00:01+08:00", 1000},
        {"1969-12-31T19:30:00.001-04:30", 1},
        {"2024-02-29T12:00:00.000Z", 1709208000000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        utc_ms got = {-7};
        assert_true(utc_parse(rows[i].text, &got));
        assert_int_equal(got.ms, rows[i].ms);
    }
}

static void anything_else_is_refused_and_leaves_the_result(void **state)
{
    static const char *const texts[] = {
        "",
        "2026",
        "2026-11-22",
        "2026-11-22 03:02:06Z",
        "2026-11-22T03:02:06",
        "2026-11-22T03:02:06z",
        "2026-11-22T03:02:06.Zx",
        "2026-11-22T03:02:06.1234567890Z",
        "2026-11-22T03:02:06Z ",
        "2026-11-22T03:02:06+0800",
        "2026-11-22T03:02:06+24:00",
        "2026-11-22T03:02:06+08:60",
        "2026-13-22T03:02:06Z",
        "2026-00-22T03:02:06Z",
        "2026-11-31T03:02:06Z",
        "2026-11-00T03:02:06Z",
        "2025-02-29T03:02:06Z",
        "2100-02-29T03:02:06Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T03:60:06Z",
        "2026-11-22T03:02:60Z",
        "+026-11-22T03:02:06Z",
        "20261-11-22T03:02:06Z",
        "2026-11-22T03:02:06\xef\xbc\xba",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        utc_ms got = {-7};
        if (utc_parse(texts[i], &got))
            fail_msg("accepted \"%s\"", texts[i]);
        assert_int_equal(got.ms, -7);
    }
}

static void never_is_later_than_any_sum(void **state)
{
    (void)state;
    assert_int_equal(mono_after(MONO_NEVER, 1).ms, INT64_MAX);
    assert_int_equal(mono_after((mono_ms){INT64_MAX - 5}, 6).ms, INT64_MAX);
    assert_int_equal(mono_after((mono_ms){10}, 5).ms, 15);
    assert_int_equal(mono_after((mono_ms){10}, INT64_MIN / 2).ms, INT64_MIN / 2 + 10);
    assert_true(mono_reached((mono_ms){15}, (mono_ms){15}));
    assert_false(mono_reached((mono_ms){14}, (mono_ms){15}));
    assert_int_equal(mono_earlier(MONO_NEVER, (mono_ms){3}).ms, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_written_with_milliseconds_and_z),
        cmocka_unit_test(a_time_outside_the_years_is_clamped),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(fractions_and_zones_are_read),
        cmocka_unit_test(anything_else_is_refused_and_leaves_the_result),
        cmocka_unit_test(never_is_later_than_any_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
