/* Civil time, zones and rational money. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/zone.h"
#include "daemon/base/zone_rule.h"
#include "daemon/core/money.h"
#include "daemon/core/vehicle.h"

enum { HOUR = 3600 };

static void days_count_over_leap_years_and_centuries(void **state)
{
    static const struct {
        struct civil_date date;
        int32_t days;
        int weekday;
    } cases[] = {
        {{1970, 1, 1}, 0, 3},     {{2000, 2, 29}, 11016, 1},  {{2024, 2, 29}, 19782, 3},
        {{2100, 3, 1}, 47541, 0}, {{1969, 12, 31}, -1, 2},    {{1900, 3, 1}, -25508, 3},
        {{0, 3, 1}, -719468, 2},  {{-1, 12, 31}, -719529, 4}, {{2024, 12, 31}, 20088, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct civil_date back = civil_date(cases[i].days);

        assert_int_equal(civil_days(cases[i].date), cases[i].days);
        assert_int_equal(back.year, cases[i].date.year);
        assert_int_equal(back.month, cases[i].date.month);
        assert_int_equal(back.day, cases[i].date.day);
        assert_int_equal(civil_weekday(cases[i].days), cases[i].weekday);
    }
}

static void every_day_of_eight_centuries_follows_the_one_before(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct civil_date at = {1600, 1, 1};

    (void)state;
    for (int32_t days = civil_days(at); at.year < 2400; days++) {
        bool leap = (at.year % 4 == 0 && at.year % 100 != 0) || at.year % 400 == 0;

        assert_int_equal(civil_days(at), days);
        if (++at.day > lengths[at.month - 1] + (at.month == 2 && leap)) {
            at.day = 1;
            at.year += at.month == 12;
            at.month = at.month % 12 + 1;
        }
    }
}

static void dates_and_times_are_read_only_when_they_exist(void **state)
{
    static const char *const bad[] = {"2023-02-29", "2024-13-01", "2024-00-10",  "2024-01-00",
                                      "2024-04-31", "2024-1-1",   "2024-01-011", "",
                                      "2024/01/01", "x024-01-01", "2024-01-:1"};
    static const char *const bad_times[] = {"24:01", "25:00", "12:60", "1:00", "12-00", "12:000"};
    char text[CIVIL_DATE_TEXT];
    int32_t value = -7;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(civil_date_parse(bad[i], &value));
    for (size_t i = 0; i < sizeof bad_times / sizeof bad_times[0]; i++)
        assert_false(civil_time_parse(bad_times[i], &value));
    assert_int_equal(value, -7);
    assert_true(civil_date_parse("2024-02-29", &value));
    assert_int_equal(value, 19782);
    assert_string_equal(civil_date_text(value, text), "2024-02-29");
    assert_string_equal(civil_date_text(INT32_MAX, text) + 4, "-07-11");
    assert_int_equal(strncmp(civil_date_text(-800000, text), "0000-", 5), 0);
    assert_true(civil_time_parse("24:00", &value));
    assert_int_equal(value, 86400);
    assert_true(civil_time_parse("07:30", &value));
    assert_int_equal(value, 27000);
}

static void local_times_round_towards_the_past(void **state)
{
    (void)state;
    assert_int_equal(civil_day(-1), -1);
    assert_int_equal(civil_second_of_day(-1), 86399);
    assert_int_equal(civil_day(86400), 1);
}

static void a_moment_is_written_in_its_zone(void **state)
{
    int64_t at_s[] = {1000000};
    int32_t offset_s[] = {8 * HOUR, -(3 * HOUR + 1800)};
    struct civil_zone zone = {at_s, offset_s, 1};
    char text[CIVIL_TEXT];

    (void)state;
    assert_string_equal(civil_text(&zone, 0, text), "1970-01-01T08:00:00+08:00");
    assert_string_equal(civil_text(&zone, 1000000, text), "1970-01-12T10:16:40-03:30");
    assert_int_equal(civil_local_s(&civil_utc, 5), 5);
}

static void zones_of_the_system_change_when_they_should(void **state)
{
    struct err err;
    struct zone *berlin = zone_open(ZONE_FOLDER, "Europe/Berlin", &err);
    struct zone *shanghai = zone_open(ZONE_FOLDER, "Asia/Shanghai", &err);
    struct zone *sydney = zone_open(ZONE_FOLDER, "Australia/Sydney", &err);
    const struct civil_zone *zone;
    char text[CIVIL_TEXT];

    (void)state;
    assert_non_null(berlin);
    assert_non_null(shanghai);
    assert_non_null(sydney);
    zone = zone_civil(berlin);
    assert_string_equal(civil_text(zone, 1711846799, text), "2024-03-31T01:59:59+01:00");
    assert_string_equal(civil_text(zone, 1711846800, text), "2024-03-31T03:00:00+02:00");
    /* Beyond the table of the file: the rule; 2090-03-26 and 2090-10-29 are last Sundays. */
    assert_string_equal(civil_text(zone, 3793914000 - 1, text), "2090-03-23T01:59:59+01:00");
    int32_t day = civil_days((struct civil_date){2090, 3, 26});
    assert_string_equal(civil_text(zone, day * INT64_C(86400) + HOUR - 1, text),
                        "2090-03-26T01:59:59+01:00");
    assert_string_equal(civil_text(zone, day * INT64_C(86400) + HOUR, text),
                        "2090-03-26T03:00:00+02:00");
    /* A time that is left out is the change; one that comes twice is the earlier. */
    day = civil_days((struct civil_date){2024, 3, 31});
    assert_int_equal(civil_utc_s(zone, day, 2 * HOUR + 1800), 1711846800);
    day = civil_days((struct civil_date){2024, 10, 27});
    assert_string_equal(civil_text(zone, civil_utc_s(zone, day, 2 * HOUR + 1800), text),
                        "2024-10-27T02:30:00+02:00");
    assert_string_equal(civil_text(zone_civil(shanghai), 1710295200, text),
                        "2024-03-13T10:00:00+08:00");
    assert_string_equal(civil_text(zone_civil(sydney), 3786825600, text),
                        "2089-12-31T11:00:00+11:00");
    zone_close(berlin);
    zone_close(shanghai);
    zone_close(sydney);
    zone_close(NULL);
}

static void what_is_no_zone_is_refused(void **state)
{
    static const char *const names[] = {"", "/etc/passwd", "../../etc/passwd", "Europe/Nowhere",
                                        "Europe/Ber lin"};
    unsigned char bytes[200] = "TZif2";
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_null(zone_open(ZONE_FOLDER, names[i], &err));
    assert_null(zone_open("/proc/self", "cmdline", &err));
    assert_non_null(strstr(err.text, "no zone file"));
    for (size_t size = 0; size <= sizeof bytes; size++)
        assert_null(zone_parse(bytes, size, &err));
    bytes[36] = 0xff;
    assert_null(zone_parse(bytes, sizeof bytes, &err));
}

/* Any cut or flipped byte of a good file: refused or read, never a fault. */
/* RFC 8536: one change of the table at `at_s`, then by a rule for ever. */
static size_t one_change(int64_t at_s, unsigned char file[256])
{
    static const char rule[] = "\n<-02>2<-01>,M3.5.0/-1,M10.5.0/0\n";
    unsigned char *second = file + 44 + 6 + 4, *body = second + 44;

    memset(file, 0, 256);
    memcpy(file, "TZif2", 5);
    memcpy(second, "TZif2", 5);
    file[39] = second[39] = 1; /* kinds of time */
    file[43] = second[43] = 4; /* characters of their names */
    second[35] = 1;
    for (int i = 0; i < 8; i++)
        body[i] = (unsigned char)((uint64_t)at_s >> (56 - 8 * i));
    memcpy(body + 8 + 1 + 6 + 4, rule, sizeof rule);
    return (size_t)(body + 8 + 1 + 6 + 4 - file) + sizeof rule - 1;
}

static void a_rule_is_not_followed_through_millions_of_years(void **state)
{
    enum { MOST = 2 * 400 }; /* two changes a year */
    const int64_t long_ago[] = {INT64_MIN, -((int64_t)1 << 59), -(int64_t)86400 * 366 * 5000000, 0};
    unsigned char file[256];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof long_ago / sizeof *long_ago; i++) {
        size_t size = one_change(long_ago[i], file);
        struct zone *zone = zone_parse(file, size, &err);
        assert_non_null(zone);
        assert_in_range(zone_civil(zone)->count, 100, MOST);
        zone_close(zone);
    }
}

static void a_damaged_zone_file_does_no_harm(void **state)
{
    FILE *in = fopen(ZONE_FOLDER "/Europe/Berlin", "re");
    static unsigned char good[65536], bad[65536];
    struct err err;

    (void)state;
    assert_non_null(in);
    size_t size = fread(good, 1, sizeof good, in);
    fclose(in);
    for (size_t i = 0; i < size; i += 3) {
        memcpy(bad, good, size);
        bad[i] ^= (unsigned char)(1 + i % 255);
        zone_close(zone_parse(bad, size, &err));
        zone_close(zone_parse(good, i, &err));
    }
}

static void rules_of_zones_are_read_as_posix_writes_them(void **state)
{
    static const char *const good[] = {"",
                                       "UTC0",
                                       "<+08>-8",
                                       "CET-1CEST,M3.5.0,M10.5.0/3",
                                       "IST-1GMT0,M10.5.0,M3.5.0/1",
                                       "<-02>2<-01>,M3.5.0/-1,M10.5.0/0:30:15"};
    static const char *const bad[] = {"C1",
                                      "<+08",
                                      "CET",
                                      "CET-1CEST",
                                      "CET-1CEST,J60,J300",
                                      "CET-1CEST,M3.5.0",
                                      "CET-1CEST,M0.5.0,M10.5.0",
                                      "CET-1CEST,M3.6.0,M10.5.0",
                                      "CET-1CEST,M3.0.0,M10.5.0",
                                      "CET-1CEST,M3.5.7,M10.5.0",
                                      "CET-1CEST,M13.5.0,M10.5.0",
                                      "CET-1CEST,M3-5.0,M10.5.0",
                                      "CET-1CEST,M3.5-0,M10.5.0",
                                      "CET-999",
                                      "CET-1:77",
                                      "CET-1CEST,M3.5.0/x,M10.5.0",
                                      "UTC0x",
                                      "CET-1CEST-x,M3.5.0,M10.5.0",
                                      "CET-1CEST,M3.5.0,M10.5.0/3,"};
    struct zone_rule rule;
    struct zone_change changes[2];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(zone_rule_parse(good[i], &rule));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(zone_rule_parse(bad[i], &rule));
    assert_true(zone_rule_parse(good[4], &rule)); /* Dublin: winter is the exception */
    zone_rule_year(&rule, 2024, changes);
    assert_int_equal(changes[0].at_s, 1711846800);
    assert_int_equal(changes[0].offset_s, HOUR);
    assert_int_equal(changes[1].offset_s, 0);
}

static void money_is_exact_until_it_is_rounded(void **state)
{
    struct money third = money_times(money_of(100), 1, 3);

    (void)state;
    assert_int_equal(money_compare(money_plus(third, money_plus(third, third)), money_of(100)), 0);
    assert_int_equal(money_compare(third, money_of(33)), 1);
    assert_int_equal(money_compare(money_minus(third, money_of(34)), money_of(0)), -1);
    assert_int_equal(money_round(third, 1, MONEY_DOWN), 33);
    assert_int_equal(money_round(third, 1, MONEY_HALF_UP), 33);
    assert_int_equal(money_round(third, 1, MONEY_UP), 34);
    assert_int_equal(money_round(money_of(125), 10, MONEY_HALF_UP), 130);
    assert_int_equal(money_round(money_of(124), 10, MONEY_HALF_UP), 120);
    assert_int_equal(money_round(money_of(120), 10, MONEY_UP), 120);
    assert_int_equal(money_round(money_of(121), 10, MONEY_UP), 130);
    assert_int_equal(money_round(money_of(129), 10, MONEY_DOWN), 120);
    assert_int_equal(money_round(money_of(0), 7, MONEY_UP), 0);
}

static void classes_of_vehicles_have_one_name_each(void **state)
{
    enum vehicle_class class;

    (void)state;
    for (int i = 0; i < VEHICLE_CLASSES; i++) {
        assert_true(vehicle_parse(vehicle_name((enum vehicle_class)i), &class));
        assert_int_equal(class, i);
    }
    assert_true(vehicle_parse("car", &class));
    assert_int_equal(class, VEHICLE_SMALL);
    assert_false(vehicle_parse("balloon", &class));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_count_over_leap_years_and_centuries),
        cmocka_unit_test(every_day_of_eight_centuries_follows_the_one_before),
        cmocka_unit_test(dates_and_times_are_read_only_when_they_exist),
        cmocka_unit_test(local_times_round_towards_the_past),
        cmocka_unit_test(a_moment_is_written_in_its_zone),
        cmocka_unit_test(zones_of_the_system_change_when_they_should),
        cmocka_unit_test(what_is_no_zone_is_refused),
        cmocka_unit_test(a_rule_is_not_followed_through_millions_of_years),
        cmocka_unit_test(a_damaged_zone_file_does_no_harm),
        cmocka_unit_test(rules_of_zones_are_read_as_posix_writes_them),
        cmocka_unit_test(money_is_exact_until_it_is_rounded),
        cmocka_unit_test(classes_of_vehicles_have_one_name_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
