/*
 * What is sent to sensors: the makers' published examples byte for byte, ranges, and clear refusals
 * where nothing is published. Source of the examples: TheThingsNetwork/lorawan-devices
 * vendor/dingtek/do200-codec.yaml, do201-codec.yaml (downlinkEncoder),
 * vendor/tekzitel/tekzipark.js.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/crypto.h"
#include "sensors/drivers.h"

static struct err err;
static enum report_event answer;
static bool must;

static bool encode(const char *device, struct downlink_wish wish, struct downlink_frame *ret)
{
    const struct sensor_driver *driver = NULL;
    uint8_t revision;

    assert_true(drivers_find(device, &driver, &revision));
    *ret = (struct downlink_frame){.port = 0};
    return downlinks_encode(driver, &wish, ret, &answer, &must, &err);
}

static struct downlink_wish set(const char *name, int32_t value)
{
    return (struct downlink_wish){.name = name, .value = value, .valued = true};
}

static void dingteks_parameters_are_the_makers_examples(void **state)
{
    (void)state;
    static const struct {
        const char *device, *name;
        int32_t value;
        const char *text;
    } examples[] = {
        {"dingtek/do201", "upload_h", 4, "80029999010481"},
        {"dingtek/do201", "detect_min", 10, "80029999080A81"},
        {"dingtek/do202", "magnet", 60, "800299990F003C81"},
        {"dingtek/do201", "level_cm", 60, "80029999023C81"},
        {"dingtek/do202", "battery_percent", 20, "80029999051481"},
        {"dingtek/do200", "upload_h", 4, "80028888010481"},
        {"dingtek/do200", "magnet_s", 10, "80028888040A81"},
        {"dingtek/do200", "magnet_mgs", 60, "80028888023C81"},
    };

    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct downlink_frame frame;

        assert_true(encode(examples[i].device, set(examples[i].name, examples[i].value), &frame));
        assert_int_equal(frame.port, 3);
        assert_int_equal(frame.size, strlen(examples[i].text));
        assert_memory_equal(frame.bytes, examples[i].text, frame.size);
        assert_int_equal(answer, EVENT_CONFIG_REPORT);
        assert_false(must);
    }
}

static void a_value_outside_of_its_range_is_refused_with_the_range(void **state)
{
    (void)state;
    struct downlink_frame frame;

    assert_false(encode("dingtek/do201", set("upload_h", 169), &frame));
    assert_string_equal(err.text,
                        "upload_h (hours between messages) of a Dingtek DO201 is 1 to 168");
    assert_false(encode("dingtek/do201", set("upload_h", 0), &frame));
    assert_false(encode("dingtek/do201", (struct downlink_wish){.name = "upload_h"}, &frame));
}

static void an_unknown_parameter_is_refused_with_those_that_there_are(void **state)
{
    (void)state;
    struct downlink_frame frame;

    assert_false(encode("dingtek/do200", set("sensitivity", 1), &frame));
    assert_string_equal(
        err.text, "a Dingtek DO200 has no \"sensitivity\"; it has upload_h, magnet_mgs, magnet_s");
    assert_false(encode("bosch/tps110", set("sensitivity", 1), &frame));
    assert_non_null(strstr(err.text, "use Bosch's commissioning tool"));
    assert_false(encode("tekzitel/tekzipark", set("sleep", 1), &frame));
    assert_non_null(strstr(err.text, "use Tekzitel's app"));
}

/* Bit 3 of byte 3 is the codec's mag_reboot; the other bits stay as they were set. */
static void a_tekzipark_is_recalibrated_on_top_of_its_settings(void **state)
{
    (void)state;
    const struct downlink_frame settings = {
        .port = 3, .size = 8, .bytes = {0x23, 0x64, 0x2a, 0x41, 0x56, 0x3b, 0x52, 0xb0}};
    struct downlink_wish wish = {.name = "recalibrate"};
    struct downlink_frame frame;
    char hex[17];

    assert_false(encode("tekzitel/tekzipark", wish, &frame));
    assert_non_null(strstr(err.text, "the sensor's settings"));
    wish.settings = &settings;
    assert_true(encode("tekzitel/tekzipark", wish, &frame));
    assert_int_equal(frame.port, 3);
    assert_string_equal(crypto_hex(frame.bytes, frame.size, hex), "23642a49563b52b0");
}

static void what_is_not_published_names_the_makers_tool(void **state)
{
    (void)state;
    struct downlink_frame frame;

    for (size_t i = 0; i < drivers_count(); i++) {
        const struct sensor_driver *driver = drivers_at(i);

        assert_non_null(driver->tool);
        if (encode(driver->name, (struct downlink_wish){.name = "recalibrate"}, &frame))
            fail_msg("%s recalibrates without settings", driver->name);
        assert_true(strstr(err.text, driver->tool) || strstr(err.text, "settings"));
    }
    assert_false(encode("pni/placepod", (struct downlink_wish){.name = "recalibrate"}, &frame));
    assert_string_equal(err.text, "what recalibrates a PNI PlacePod is not published; use PNI's "
                                  "PlacePod dashboard, or put the bytes into the sensor's "
                                  "recalibrate");
}

static void bytes_from_the_configuration_are_sent_as_they_are(void **state)
{
    (void)state;
    struct downlink_frame given, frame;

    assert_true(downlinks_parse("2:01ff", 0, &given));
    assert_true(encode("pni/placepod",
                       (struct downlink_wish){.name = "recalibrate", .recalibrate = &given},
                       &frame));
    assert_int_equal(frame.port, 2);
    assert_int_equal(frame.size, 2);
    assert_int_equal(frame.bytes[1], 0xff);
    assert_int_equal(answer, EVENT_RECALIBRATE_ACK);
    assert_true(must); /* the sensor says itself how it went */
}

static void bytes_are_a_port_and_hex_digits(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "01",
        "2:",
        "2:1",
        "0:01",
        "224:01",
        ":01",
        "2:0g",
        "x:01",
        "2 :01",
        "-2:01",
        "2:01:02",
        ("1:0101010101010101010101010101010101010101010101010101010101"
         "01010101010101010101010101010101010101010101010101")};
    struct downlink_frame frame;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (downlinks_parse(wrong[i], 0, &frame))
            fail_msg("\"%s\" is taken", wrong[i]);
    assert_true(downlinks_parse("223:00", 0, &frame));
    assert_true(downlinks_parse("23642A41563b52b0", 3, &frame));
    assert_int_equal(frame.size, 8);
    assert_false(downlinks_parse("3:01", 3, &frame));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dingteks_parameters_are_the_makers_examples),
        cmocka_unit_test(a_value_outside_of_its_range_is_refused_with_the_range),
        cmocka_unit_test(an_unknown_parameter_is_refused_with_those_that_there_are),
        cmocka_unit_test(a_tekzipark_is_recalibrated_on_top_of_its_settings),
        cmocka_unit_test(what_is_not_published_names_the_makers_tool),
        cmocka_unit_test(bytes_from_the_configuration_are_sent_as_they_are),
        cmocka_unit_test(bytes_are_a_port_and_hex_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
