/* Network servers' messages: zeros left out, clocks of gateways, topics, other events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sensors/network/parts.h"

#define IDS "\"end_device_ids\":{\"device_id\":\"d1\",\"dev_eui\":\"70B3D5E050013950\"}"
#define INFO "\"deviceInfo\":{\"devEui\":\"a84041f621857cd2\"}"
#define TEN "AAAAAAAAAA"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
static const char up[] = "v3/app@t/devices/d1/up";
static const char cs_up[] = "application/1/device/a84041f621857cd2/event/up";

static enum refusal take(const char *server, const char *topic, const char *text,
                         struct envelope *ret)
{
    struct err err;
    struct json *body = json_read(text, strlen(text), ENVELOPE_JSON_MAX, &err);

    assert_non_null(body);
    enum refusal refused = network_find(server)->read(topic, body, ret);
    ret->object = NULL; /* it goes with the document */
    json_release(body);
    return refused;
}

static void what_is_left_out_is_zero(void **state)
{
    (void)state;
    struct envelope e;

    assert_int_equal(take("tts", up, "{" IDS ",\"uplink_message\":{}}", &e), REFUSED_NOT);
    assert_int_equal(e.kind, ENVELOPE_UPLINK);
    assert_int_equal(e.counter, 0);
    assert_int_equal(e.port, 0);
    assert_int_equal(e.payload_size, 0);
    assert_false(e.confirmed);
    assert_int_equal(take("chirpstack", cs_up, "{" INFO "}", &e), REFUSED_NOT);
    assert_int_equal(e.counter, 0);
    assert_int_equal(e.rssi_dbm, REPORT_NONE);
}

static void the_servers_time_is_taken_and_a_gateways_is_not(void **state)
{
    (void)state;
    struct envelope e;
    const char *text = "{" IDS ",\"received_at\":\"2024-01-22T07:06:25.260676101Z\","
                       "\"uplink_message\":{\"received_at\":\"2024-01-22T07:06:25.054442349Z\","
                       "\"rx_metadata\":[{\"time\":\"1971-01-01T00:00:00Z\",\"rssi\":-90},"
                       "{\"rssi\":-37,\"snr\":-2.5}]}}";
    utc_ms at;

    assert_int_equal(take("tts", up, text, &e), REFUSED_NOT);
    assert_true(utc_parse("2024-01-22T07:06:25.054Z", &at));
    assert_int_equal(e.at.ms, at.ms);
    assert_int_equal(e.gateways, 2);
    assert_int_equal(e.rssi_dbm, -37);
    assert_int_equal(e.snr_centi, -250);
}

static void a_device_speaks_on_its_own_topic_only(void **state)
{
    (void)state;
    struct envelope e;

    static const struct {
        const char *server, *topic, *text;
    } cases[] = {
        {"tts", "v3/app/devices/d2/up", "{" IDS ",\"uplink_message\":{}}"},
        {"tts", "v3/app", "{" IDS ",\"uplink_message\":{}}"},
        {"tts", "v3/app/devices", "{" IDS ",\"uplink_message\":{}}"},
        {"chirpstack", "application/1/device/a84041f621857cd3/event/up", "{" INFO "}"},
        {"chirpstack", "application/1/device/thing/event/up", "{" INFO "}"},
        {"chirpstack", "application/1", "{" INFO "}"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(take(cases[i].server, cases[i].topic, cases[i].text, &e),
                         REFUSED_INTEGRITY);
}

static void other_events_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *server, *topic, *text;
        enum envelope_kind kind;
    } cases[] = {
        {"tts", "v3/app/devices/d1/join", "{" IDS "}", ENVELOPE_JOINED},
        {"tts", "v3/app/devices/d1/down/ack", "{" IDS "}", ENVELOPE_ACKED},
        {"tts", "v3/app/devices/d1/down/nack", "{" IDS "}", ENVELOPE_UNACKED},
        {"tts", "v3/app/devices/d1/down/sent", "{" IDS "}", ENVELOPE_SENT},
        {"tts", "v3/app/devices/d1/location/solved", "{" IDS "}", ENVELOPE_OTHER},
        {"tts", NULL, "{" IDS ",\"join_accept\":{}}", ENVELOPE_JOINED},
        {"tts", NULL, "{" IDS "}", ENVELOPE_OTHER},
        {"tts", "v3/app/things/d1/up", "{" IDS ",\"uplink_message\":{}}", ENVELOPE_OTHER},
        {"tts", "v3/app/devices/d1", "{" IDS ",\"uplink_message\":{}}", ENVELOPE_OTHER},
        {"tts", up, "{" IDS ",\"simulated\":true,\"uplink_message\":{}}", ENVELOPE_OTHER},
        {"chirpstack", "application/1/device/a84041f621857cd2/event/join", "{" INFO "}",
         ENVELOPE_JOINED},
        {"chirpstack", "application/1/device/a84041f621857cd2/event/ack",
         "{" INFO ",\"acknowledged\":true}", ENVELOPE_ACKED},
        {"chirpstack", "application/1/device/a84041f621857cd2/event/ack",
         "{" INFO ",\"acknowledged\":false}", ENVELOPE_UNACKED},
        {"chirpstack", "application/1/device/a84041f621857cd2/event/log",
         "{" INFO ",\"code\":\"UPLINK_F_CNT_RESET\"}", ENVELOPE_TROUBLE},
        {"chirpstack", "application/1/device/a84041f621857cd2/event/status", "{" INFO "}",
         ENVELOPE_OTHER},
        {"chirpstack", "application/1/device/a84041f621857cd2/event/location", "{" INFO "}",
         ENVELOPE_OTHER},
        {"chirpstack", "application/1/device/a84041f621857cd2/event", "{" INFO "}", ENVELOPE_OTHER},
        {"chirpstack", "application/1/device/a84041f621857cd2/command/down", "{" INFO "}",
         ENVELOPE_OTHER},
        {"chirpstack", "application/1/device/a84041f621857cd2", "{" INFO "}", ENVELOPE_OTHER},
    };
    struct envelope e;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(take(cases[i].server, cases[i].topic, cases[i].text, &e), REFUSED_NOT);
        assert_int_equal(e.kind, cases[i].kind);
    }
}

static const char id[] = "5b1ff2a4-83f2-4f01-9a52-0d14b3a0c0d1";

static void an_event_tells_which_of_our_downlinks_it_is_of(void **state)
{
    (void)state;
    static const struct {
        const char *server, *topic, *text, *id;
    } cases[] = {
        {"tts", "v3/app/devices/d1/down/sent",
         "{" IDS ",\"correlation_ids\":[\"as:downlink:01F\",\"parkd:77\"],\"downlink_sent\":{}}",
         "77"},
        {"tts", "v3/app/devices/d1/down/ack",
         "{" IDS ",\"downlink_ack\":{\"correlation_ids\":[\"parkd:78\"],\"f_port\":3}}", "78"},
        {"tts", "v3/app/devices/d1/down/queued", "{" IDS ",\"downlink_queued\":{\"f_port\":3}}",
         ""},
        {"chirpstack", "application/1/device/a84041f621857cd2/event/txack",
         "{" INFO ",\"queueItemId\":\"79\"}", "79"},
        {"chirpstack", "application/1/device/a84041f621857cd2/event/ack", "{" INFO "}", ""},
    };
    struct envelope e;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(take(cases[i].server, cases[i].topic, cases[i].text, &e), REFUSED_NOT);
        assert_string_equal(e.downlink_id, cases[i].id);
    }
}

static void a_downlink_is_written_as_each_server_wants_it(void **state)
{
    (void)state;
    static const struct {
        const char *server, *down, *body;
    } cases[] = {
        {"tts", "down/push",
         "{\"downlinks\":[{\"f_port\":3,\"frm_payload\":\"AQL/\",\"confirmed\":true,"
         "\"priority\":\"NORMAL\","
         "\"correlation_ids\":[\"parkd:5b1ff2a4-83f2-4f01-9a52-0d14b3a0c0d1\"]}]}"},
        {"chirpstack", "command/down",
         "{\"id\":\"5b1ff2a4-83f2-4f01-9a52-0d14b3a0c0d1\",\"devEui\":\"a84041f621857cd2\","
         "\"confirmed\":true,\"fPort\":3,\"data\":\"AQL/\"}"},
        {"chirpstack-v3", "command/down", "{\"confirmed\":true,\"fPort\":3,\"data\":\"AQL/\"}"},
    };
    const struct downlink_frame frame = {.port = 3, .size = 3, .bytes = {1, 2, 255}};
    const struct envelope_downlink down = {
        .frame = &frame, .dev_eui = "a84041f621857cd2", .id = id, .confirmed = true};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct network_format *format = network_find(cases[i].server);
        char bytes[512];
        struct text body;

        text_init(&body, bytes, sizeof bytes);
        format->write_down(&down, &body);
        assert_string_equal(bytes, cases[i].body);
        assert_string_equal(format->down, cases[i].down);
        assert_non_null(strstr(format->topics[0], "/up"));
    }
}

static void base64_is_written_as_it_is_read(void **state)
{
    (void)state;
    for (uint8_t size = 0; size <= DOWNLINK_MAX; size++) {
        struct downlink_frame frame = {.size = size};
        uint8_t back[DOWNLINK_MAX];
        char bytes[128];
        size_t got = 99;
        struct text out;

        for (uint8_t i = 0; i < size; i++)
            frame.bytes[i] = (uint8_t)(i * 37 + size);
        text_init(&out, bytes, sizeof bytes);
        parts_add_base64(&out, "d", &frame);
        bytes[out.used - 1] = '\0'; /* "d":"…" */
        assert_true(parts_base64(bytes + strlen("\"d\":\""), back, sizeof back, &got));
        assert_int_equal(got, size);
        assert_memory_equal(back, frame.bytes, size);
    }
}

static void what_is_out_of_range_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *server, *text;
        enum refusal refused;
    } cases[] = {
        {"tts", "[]", REFUSED_KIND},
        {"tts", "{}", REFUSED_KIND},
        {"tts", "{\"end_device_ids\":{}}", REFUSED_KIND},
        {"tts", "{\"end_device_ids\":{\"dev_eui\":\"70B3\"}}", REFUSED_RANGE},
        {"tts", "{" IDS ",\"uplink_message\":{\"f_port\":256}}", REFUSED_RANGE},
        {"tts", "{" IDS ",\"uplink_message\":{\"f_cnt\":-1}}", REFUSED_RANGE},
        {"tts", "{" IDS ",\"uplink_message\":{\"f_cnt\":4294967296}}", REFUSED_RANGE},
        {"tts", "{" IDS ",\"uplink_message\":7}", REFUSED_KIND},
        {"tts", "{" IDS ",\"uplink_message\":{\"session_key_id\":7}}", REFUSED_RANGE},
        {"tts", "{" IDS ",\"received_at\":\"soon\",\"uplink_message\":{}}", REFUSED_RANGE},
        {"tts", "{\"end_device_ids\":{\"device_id\":7}}", REFUSED_RANGE},
        {"tts",
         "{\"end_device_ids\":{\"device_id\":\"d\",\"application_ids\":"
         "{\"application_id\":7}}}",
         REFUSED_RANGE},
        {"tts", "{\"end_device_ids\":{\"dev_eui\":\"70B3D5E05001395G\"}}", REFUSED_RANGE},
        {"tts", "{" IDS ",\"uplink_message\":{\"frm_payload\":\"" LONG "\"}}", REFUSED_LENGTH},
        {"chirpstack", "{" INFO ",\"fCnt\":-1}", REFUSED_RANGE},
        {"chirpstack", "{" INFO ",\"deduplicationId\":7}", REFUSED_RANGE},
        {"chirpstack", "{" INFO ",\"devAddr\":7}", REFUSED_RANGE},
        {"chirpstack", "{\"deviceInfo\":{\"devEui\":\"a84041f621857cd2\",\"applicationId\":7}}",
         REFUSED_RANGE},
        {"tts", "{" IDS ",\"uplink_message\":{\"f_cnt\":\"7\"}}", REFUSED_RANGE},
        {"tts", "{" IDS ",\"uplink_message\":{\"frm_payload\":\"A===\"}}", REFUSED_INTEGRITY},
        {"tts", "{" IDS ",\"uplink_message\":{\"frm_payload\":7}}", REFUSED_KIND},
        {"tts", "{" IDS ",\"uplink_message\":{\"received_at\":\"yesterday\"}}", REFUSED_RANGE},
        {"chirpstack", "{\"deviceInfo\":{\"devEui\":7}}", REFUSED_KIND},
        {"chirpstack", "{" INFO ",\"fPort\":1.5}", REFUSED_RANGE},
        {"chirpstack", "{" INFO ",\"time\":7}", REFUSED_RANGE},
        {"chirpstack-v3", "{\"devEUI\":\"AASjCwD7Kec\"}", REFUSED_RANGE},
    };
    struct envelope e;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(take(cases[i].server, NULL, cases[i].text, &e), cases[i].refused);
}

static void the_best_of_several_gateways_is_told(void **state)
{
    (void)state;
    struct envelope e;
    const char *text = "{" INFO ",\"rxInfo\":[{\"rssi\":-80,\"snr\":3.2},{\"rssi\":-90,\"snr\":1},"
                       "{\"rssi\":-70},{\"snr\":4},{\"rssi\":1000,\"snr\":-1000},{}]}";

    assert_int_equal(take("chirpstack", cs_up, text, &e), REFUSED_NOT);
    assert_int_equal(e.gateways, 6);
    assert_int_equal(e.rssi_dbm, -70);
    assert_int_equal(e.snr_centi, 400);
}

static void a_battery_out_of_its_range_is_untold(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int32_t percent;
    } cases[] = {{"0", 0},
                 {"100", 100},
                 {"54.9", 54},
                 {"-1", REPORT_NONE},
                 {"101", REPORT_NONE},
                 {"\"50\"", REPORT_NONE}};
    struct envelope e;
    char text[256];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text,
                 "{" IDS ",\"uplink_message\":{\"last_battery_percentage\":{\"value\":%s}}}",
                 cases[i].value);
        assert_int_equal(take("tts", up, text, &e), REFUSED_NOT);
        assert_int_equal(e.battery_percent, cases[i].percent);
    }
}

static void the_head_of_a_topic_is_its_first_parts(void **state)
{
    (void)state;
    static const struct {
        size_t parts;
        const char *head;
    } cases[] = {{0, ""}, {1, "v3"}, {2, "v3/app@t"}, {4, "v3/app@t/devices/d1"}, {5, ""}};
    char head[20];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parts_head(up, cases[i].parts, head, sizeof head);
        assert_string_equal(head, cases[i].head); /* what does not fit is none */
    }
}

static void base64_is_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {"A",   "=",    "====",  "A===", "AA=A",
                                      "AAA", "AA-_", "A\nAA", "AA{A", "A[AA"};
    uint8_t bytes[6];
    size_t size;

    assert_true(parts_base64("", bytes, 6, &size));
    assert_int_equal(size, 0);
    assert_true(parts_base64("/+8BAgME", bytes, 6, &size));
    assert_int_equal(size, 6);
    assert_int_equal(bytes[0], 0xff);
    assert_int_equal(bytes[1], 0xef);
    assert_true(parts_base64("AQ==", bytes, 6, &size));
    assert_int_equal(size, 1);
    assert_false(parts_base64("AQIDBAUGBw==", bytes, 6, &size));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(parts_base64(bad[i], bytes, 6, &size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_is_zero),
        cmocka_unit_test(the_servers_time_is_taken_and_a_gateways_is_not),
        cmocka_unit_test(a_device_speaks_on_its_own_topic_only),
        cmocka_unit_test(other_events_are_told_apart),
        cmocka_unit_test(an_event_tells_which_of_our_downlinks_it_is_of),
        cmocka_unit_test(a_downlink_is_written_as_each_server_wants_it),
        cmocka_unit_test(base64_is_written_as_it_is_read),
        cmocka_unit_test(what_is_out_of_range_is_refused),
        cmocka_unit_test(the_best_of_several_gateways_is_told),
        cmocka_unit_test(a_battery_out_of_its_range_is_untold),
        cmocka_unit_test(the_head_of_a_topic_is_its_first_parts),
        cmocka_unit_test(base64_is_read_strictly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
