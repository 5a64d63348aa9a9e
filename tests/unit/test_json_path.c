/* Paths into decoded objects, and maps of values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sensors/bay/json_path.h"
#include "sensors/drivers.h"

static enum refusal take(const struct json_map *map, const char *text, struct report *ret)
{
    struct json *object = json_read(text, strlen(text), 65536, NULL);
    struct sensor_frame frame = {.port = -1, .object = object, .map = map};

    assert_non_null(object);
    enum refusal refused = drivers_decode(&json_path_driver, &frame, ret);
    json_release(object);
    return refused;
}

static void a_path_goes_through_names_and_indices(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":{\"b\":[10,{\"c\":true}]}}";
    struct json *object = json_read(text, strlen(text), 100, NULL);

    assert_int_equal(json_int(json_path_find(object, "a.b[0]"), 0), 10);
    assert_true(json_bool(json_path_find(object, "a.b[1].c"), false));
    assert_null(json_path_find(object, "a.b[2]"));
    assert_null(json_path_find(object, "a.x.c"));
    assert_null(json_path_find(object, "a.b[0].c"));
    assert_null(json_path_find(object, "a.b[0]x"));
    assert_null(json_path_find(object, ""));
    assert_null(json_path_find(object, NULL));
    json_release(object);
}

static void a_path_that_is_not_well_formed_is_told(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "a.b", "a[0]", "a[12].b", "[0]", "a[0][1]"};
    static const char longest[] =
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg.h";
    static const char longer[] =
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg.h";
    static const char *const bad[] = {"",      ".",     "a.",    ".a",      "a..b",
                                      "a[",    "a[]",   "a[x]",  "a[0",     "a[0].",
                                      "a[0]b", "a.[0]", "a[-1]", "a[9999]", "a[0]..b"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(json_path_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(json_path_valid(bad[i]));
    assert_true(json_path_valid(longest)); /* a name of 63 */
    assert_false(json_path_valid(longer));
    assert_false(json_path_valid(NULL));
}

static void a_value_means_what_the_map_says_and_nothing_else(void **state)
{
    (void)state;
    const struct json_map map = {
        .state = "s", .occupied = {"1", "BUSY", "true"}, .free = {"0", "FREE", "false"}};
    struct report report;

    assert_int_equal(take(&map, "{\"s\":1}", &report), REFUSED_NOT);
    assert_true(report.occupied[0]);
    assert_int_equal(take(&map, "{\"s\":\"FREE\"}", &report), REFUSED_NOT);
    assert_false(report.occupied[0]);
    assert_int_equal(take(&map, "{\"s\":true}", &report), REFUSED_NOT);
    assert_true(report.occupied[0]);
    assert_int_equal(take(&map, "{\"s\":2}", &report), REFUSED_RANGE);
    const struct json_map all = {
        .state = "s", .occupied = {"1", "2", "3", "4", "5", "6", "7", "8"}, .free = {"1.5"}};
    assert_int_equal(take(&all, "{\"s\":1.5}", &report), REFUSED_NOT);
    assert_false(report.occupied[0]);
    assert_int_equal(take(&all, "{\"s\":9}", &report), REFUSED_RANGE);
    struct sensor_frame nothing = {.port = -1, .map = &map};
    assert_int_equal(drivers_decode(&json_path_driver, &nothing, &report), REFUSED_KIND);
    assert_int_equal(take(&map, "{\"s\":null}", &report), REFUSED_KIND);
    assert_int_equal(take(&map, "{\"s\":{}}", &report), REFUSED_KIND);
    assert_int_equal(take(&map, "{\"t\":1}", &report), REFUSED_KIND);
    assert_int_equal(take(&map, "[]", &report), REFUSED_KIND);
}

static void side_values_may_be_numbers_or_text(void **state)
{
    (void)state;
    const struct json_map map = {.battery_v = "v", .temperature = "t", .arrivals = "n"};
    struct report report;

    assert_int_equal(take(&map, "{\"v\":\"3.61\",\"t\":-1.26,\"n\":52}", &report), REFUSED_NOT);
    assert_int_equal(report.battery_mv, 3610);
    assert_int_equal(report.temperature_decidegrees, -13);
    assert_int_equal(report.arrivals, 52);
    assert_int_equal(report.event, EVENT_DEVICE_INFO);
    assert_int_equal(take(&map, "{\"v\":\"3.61V\",\"t\":1e300,\"n\":-1}", &report), REFUSED_KIND);
    assert_int_equal(take(&map, "{\"v\":\"\",\"t\":\"inf\",\"n\":true}", &report), REFUSED_KIND);
}

static void the_platforms_clock_and_the_devices_are_both_kept(void **state)
{
    (void)state;
    struct report report;
    const char *text = "{\"timestamp\":1622186044981,\"payload\":{\"ptime\":1622186096000,"
                       "\"parking_state\":1}}";

    assert_int_equal(take(json_map_find("ctwing/p-md"), text, &report), REFUSED_NOT);
    assert_int_equal(report.device_ms - report.platform_ms, 51019);
    text = "{\"timestamp\":-1,\"payload\":{\"ptime\":7.4e12,\"parking_state\":1}}";
    assert_int_equal(take(json_map_find("ctwing/p-md"), text, &report), REFUSED_NOT);
    assert_int_equal(report.device_ms, 0); /* of no year that we shall see */
    assert_int_equal(report.platform_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_goes_through_names_and_indices),
        cmocka_unit_test(a_path_that_is_not_well_formed_is_told),
        cmocka_unit_test(a_value_means_what_the_map_says_and_nothing_else),
        cmocka_unit_test(side_values_may_be_numbers_or_text),
        cmocka_unit_test(the_platforms_clock_and_the_devices_are_both_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
