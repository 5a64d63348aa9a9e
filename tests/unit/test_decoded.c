/*
 * The captures: each line of tests/captures/lorawan/{frames,more}.jsonl is decoded and must give
 * what the line says, each message of envelopes.json the fields listed there. Sources stand in the
 * files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sensors/decoded.h"

enum { FILE_MAX = 1 << 20 };

static char *read_file(const char *name)
{
    char path[256];
    char *bytes = calloc(1, FILE_MAX);

    snprintf(path, sizeof path, "tests/captures/lorawan/%s", name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_true(fread(bytes, 1, FILE_MAX - 1, file) > 0);
    fclose(file);
    return bytes;
}

static bool same(const struct json *a, const struct json *b)
{
    if (json_kind(a) == JSON_KIND_ARRAY) {
        bool equal = json_size(a) == json_size(b);
        for (size_t i = 0; equal && i < json_size(a); i++)
            equal = same(json_item(a, i), json_item(b, i));
        return equal;
    }
    if (json_kind(a) == JSON_KIND_INT || json_kind(a) == JSON_KIND_DECIMAL)
        return json_decimal(a, -1e9) == json_decimal(b, 1e9);
    return json_kind(a) == json_kind(b) && json_bool(a, false) == json_bool(b, false) &&
           !strcmp(json_text(a, ""), json_text(b, ""));
}

struct comparison {
    const struct json *actual;
    const char *about;
    int differences;
};

static bool compare(void *arg, const char *key, const struct json *expected)
{
    struct comparison *comparison = arg;

    if (!same(expected, json_member(comparison->actual, key))) {
        print_error("%s: \"%s\" differs\n", comparison->about, key);
        comparison->differences++;
    }
    return true;
}

static int check_line(const char *line)
{
    static const char *const keys[] = {"occupied", "battery_v", "temperature_c", "event"};
    char bytes[1024];
    struct text out;
    struct err err;
    struct json *expected = json_read(line, strlen(line), FILE_MAX, &err);
    const char *event = json_text(json_member(expected, "event"), "");
    bool refusal = !strcmp(event, "malformed") || !strncmp(event, "unknown_", 8);

    text_init(&out, bytes, sizeof bytes);
    assert_true(decoded_line(line, strlen(line), &out, &err));
    struct json *actual = json_read(bytes, out.used, FILE_MAX, &err);
    struct comparison comparison = {.actual = actual, .about = line};
    assert_non_null(actual);
    if (refusal != (json_member(actual, "refused") != NULL))
        compare(&comparison, "refused", expected);
    for (size_t i = refusal ? 3 : 0; i < sizeof keys / sizeof *keys; i++)
        compare(&comparison, keys[i], json_member(expected, keys[i]));
    json_release(actual);
    json_release(expected);
    return comparison.differences;
}

static int check_frames(const char *name)
{
    char *file = read_file(name), *rest = file;
    int differences = 0, lines = 0;

    for (char *line; (line = strsep(&rest, "\n"));)
        if (*line) {
            differences += check_line(line);
            lines++;
        }
    print_message("%s: %d frames\n", name, lines);
    free(file);
    return differences;
}

static void every_captured_frame_decodes_as_its_maker_says(void **state)
{
    (void)state;
    assert_int_equal(check_frames("frames.jsonl"), 0);
    assert_int_equal(check_frames("more.jsonl"), 0);
}

static int check_envelope(const struct json *sample)
{
    char bytes[4096];
    struct text out;
    struct err err;
    enum refusal refused;
    char *message = read_file(json_text(json_member(sample, "file"), ""));

    text_init(&out, bytes, sizeof bytes);
    assert_true(decoded_envelope(json_text(json_member(sample, "stack"), ""),
                                 json_text(json_member(sample, "topic"), NULL), message,
                                 strlen(message), &out, &refused, &err));
    assert_int_equal(refused, REFUSED_NOT);
    struct json *actual = json_read(bytes, out.used, FILE_MAX, &err);
    struct comparison comparison = {.actual = actual,
                                    .about = json_text(json_member(sample, "file"), "")};
    json_each(json_member(sample, "expect"), compare, &comparison);
    json_release(actual);
    free(message);
    return comparison.differences;
}

static void every_captured_message_gives_its_fields(void **state)
{
    (void)state;
    char *file = read_file("envelopes.json");
    struct err err;
    struct json *samples = json_read(file, strlen(file), FILE_MAX, &err);

    assert_int_equal(json_size(samples), 4);
    for (size_t i = 0; i < json_size(samples); i++)
        assert_int_equal(check_envelope(json_item(samples, i)), 0);
    json_release(samples);
    free(file);
}

static void a_line_that_is_no_frame_is_told(void **state)
{
    (void)state;
    static const char *const lines[] = {"",
                                        "[]",
                                        "{\"device\":\"bosch/tps110\"}",
                                        "{\"device\":\"bosch\",\"hex\":\"\"}",
                                        "{\"device\":\"bosch/tps110\",\"hex\":\"0\"}",
                                        "{\"device\":\"bosch/tps110\",\"hex\":\"zz\"}",
                                        "{\"device\":\"bosch/tps110@9\",\"hex\":\"\"}"};
    char bytes[1024];
    struct text out;
    struct err err;

    text_init(&out, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_false(decoded_line(lines[i], strlen(lines[i]), &out, &err));
}

/* long: a row each */
static void each_answer_about_a_line_or_a_message_is_whole(void **state)
{
    (void)state;
    static const char tts[] = "tts-v3", map[] = "ctwing/p-md", fleximodo[] = "fleximodo/object";
    static const struct {
        const char *name; /* NULL: a line */
        const char *topic, *text, *answer;
        enum refusal refused;
    } rows[] = {
        {NULL, NULL, "{\"device\":\"bosch/tps110\",\"hex\":\"aBCd0102030405\",\"fport\":1}",
         "{\"refused\":\"length\",\"event\":\"malformed\"}", 0},
        {tts, "v3/a/devices/d/join",
         "{\"end_device_ids\":{\"device_id\":\"d\"},\"join_accept\":{}}",
         "{\"kind\":\"joined\",\"device_id\":\"d\"}", 0},
        {tts, NULL,
         "{\"end_device_ids\":{\"device_id\":\"d\"},\"uplink_message\":"
         "{\"f_port\":2,\"f_cnt\":3,\"frm_payload\":\"AQI=\"}}",
         "{\"device_id\":\"d\",\"f_port\":2,\"f_cnt\":3,\"confirmed\":false,"
         "\"payload_hex\":\"0102\",\"gateway_count\":0,\"best_rssi\":null,\"best_snr\":null}",
         0},
        {tts, NULL, "{}", "{\"refused\":\"kind\",\"event\":\"malformed\"}", REFUSED_KIND},
        {map, NULL, "{\"payload\":{\"parking_state\":1,\"battery_voltage\":3.6}}",
         "{\"parking_state\":1,\"occupied\":true,\"battery_v\":3.6,\"temperature_c\":null,"
         "\"rssi_dbm\":null}",
         0},
        {map, NULL, "{\"payload\":{\"battery_voltage\":3.6}}",
         "{\"parking_state\":null,\"occupied\":null,\"battery_v\":3.6,\"temperature_c\":null,"
         "\"rssi_dbm\":null}",
         0},
        {map, NULL, "{\"payload\":{\"parking_state\":true}}",
         "{\"refused\":\"range\",\"event\":\"malformed\"}", REFUSED_RANGE},
        {fleximodo, NULL, "{\"parkingStatus\":\"FREE\"}",
         "{\"parking_state\":\"FREE\",\"occupied\":false,\"battery_v\":null,"
         "\"temperature_c\":null,\"rssi_dbm\":null}",
         0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char bytes[1024];
        struct text out;
        struct err err = {.text = ""};
        enum refusal refused = REFUSED_NOT;
        size_t size = strlen(rows[i].text);

        text_init(&out, bytes, sizeof bytes);
        assert_true(rows[i].name ? decoded_envelope(rows[i].name, rows[i].topic, rows[i].text, size,
                                                    &out, &refused, &err)
                                 : decoded_line(rows[i].text, size, &out, &err));
        assert_string_equal(bytes, rows[i].answer);
        assert_int_equal(refused, rows[i].refused);
    }
}

static void a_message_of_no_envelope_or_no_json_is_told(void **state)
{
    (void)state;
    char bytes[64];
    struct text out;
    struct err err;
    enum refusal refused;

    text_init(&out, bytes, sizeof bytes);
    assert_false(decoded_envelope("telex", NULL, "{}", 2, &out, &refused, &err));
    assert_non_null(strstr(err.text, "there is no envelope \"telex\"; give tts-v3"));
    assert_false(decoded_envelope("tts-v3", NULL, "{", 1, &out, &refused, &err));
    assert_false(decoded_line("{\"device\":\"bosch/tps110\",\"hex\":\"0g\"}", 40, &out, &err));
    assert_int_equal(out.used, 0);
}

static void a_decimal_is_written_without_idle_zeros(void **state)
{
    (void)state;
    char bytes[256];
    struct text out;
    struct report report = report_of(EVENT_HEARTBEAT);

    report.battery_mv = 3030;
    report.temperature_decidegrees = -5;
    text_init(&out, bytes, sizeof bytes);
    decoded_report(&report, &out);
    assert_string_equal(bytes, "{\"occupied\":null,\"battery_v\":3.03,\"temperature_c\":-0.5,"
                               "\"event\":\"heartbeat\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_captured_frame_decodes_as_its_maker_says),
        cmocka_unit_test(every_captured_message_gives_its_fields),
        cmocka_unit_test(a_line_that_is_no_frame_is_told),
        cmocka_unit_test(each_answer_about_a_line_or_a_message_is_whole),
        cmocka_unit_test(a_message_of_no_envelope_or_no_json_is_told),
        cmocka_unit_test(a_decimal_is_written_without_idle_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
