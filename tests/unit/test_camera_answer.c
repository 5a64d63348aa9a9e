/* What each family of cameras is answered: to the byte as the makers' samples have it, and never an
 * opening that nobody decided. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sensors/lane/camera_answer.h"

static const char *answer(const char *family, const struct camera_answer *to, const char **ret_type)
{
    static char bytes[CAMERA_ANSWER_MAX];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    const char *type = camera_answer_write(cameras_find(family), to, &out);
    assert_false(out.overflow);
    if (ret_type)
        *ret_type = type;
    return bytes;
}

static struct camera_answer read_of(const char *event_id)
{
    struct camera_answer to = {.kind = CAMERA_READ, .device = "D1", .plate = "ABC123"};

    text_copy(to.event_id, sizeof to.event_id, event_id);
    return to;
}

static void vzenith_opens_with_ok_and_stops_the_resends(void **state)
{
    struct camera_answer to = read_of("21085");

    (void)state;
    to.open = true;
    assert_string_equal(answer("vzenith", &to, NULL),
                        "{\"Response_AlarmInfoPlate\":{\"info\":\"ok\",\"content\":"
                        "\"retransfer_stop\",\"is_pay\":\"true\"}}");
    to.output = 1;
    assert_string_equal(answer("vzenith", &to, NULL),
                        "{\"Response_AlarmInfoPlate\":{\"info\":\"ok\",\"content\":"
                        "\"retransfer_stop\",\"is_pay\":\"true\",\"channelNum\":1}}");
}

static void vzenith_is_told_no_and_stops_the_resends(void **state)
{
    struct camera_answer to = read_of("21085");

    (void)state;
    assert_string_equal(answer("vzenith", &to, NULL),
                        "{\"Response_AlarmInfoPlate\":{\"info\":\"no\",\"content\":"
                        "\"retransfer_stop\",\"is_pay\":\"false\"}}");
}

static void a_stored_read_is_answered_by_asking_for_the_next(void **state)
{
    struct camera_answer to = read_of("123");

    (void)state;
    to.offline = true;
    assert_string_equal(answer("vzenith", &to, NULL),
                        "{\"Response_AlarmInfoPlate\":{\"ContinuePushOffline\":{\"plateid\":123,"
                        "\"continue\":1}}}");
    text_copy(to.event_id, sizeof to.event_id, "12x");
    assert_non_null(strstr(answer("vzenith", &to, NULL), "\"info\":\"no\""));
}

static void a_heartbeat_opens_nothing_and_may_ask_for_a_read(void **state)
{
    struct camera_answer to = {.kind = CAMERA_HEARTBEAT};

    (void)state;
    assert_null(strstr(answer("vzenith", &to, NULL), "\"ok\""));
    to.read_now = true;
    assert_non_null(strstr(answer("vzenith", &to, NULL), "\"info\":\"no\""));
    assert_non_null(strstr(answer("vzenith", &to, NULL), "\"manualTrigger\":\"ok\""));
}

static void dahua_hears_result_true_and_whether_to_open(void **state)
{
    struct camera_answer to = read_of("a.jpg");
    struct camera_answer alive = {.kind = CAMERA_HEARTBEAT, .device = "D1"};

    (void)state;
    to.open = true;
    assert_string_equal(answer("dahua", &to, NULL),
                        "{\"Result\":true,\"DeviceID\":\"D1\",\"PlateNumber\":\"ABC123\","
                        "\"AllowUser\":true,\"OpenStrobe\":true}");
    to.open = false;
    assert_non_null(strstr(answer("dahua", &to, NULL), "\"OpenStrobe\":false"));
    assert_string_equal(answer("dahua", &alive, NULL), "{\"Result\":true,\"DeviceID\":\"D1\"}");
}

static void hikvision_hears_ok_in_xml(void **state)
{
    struct camera_answer to = read_of("u");
    const char *type;

    (void)state;
    assert_string_equal(answer("hikvision", &to, &type),
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ResponseStatus><statusCode>1"
                        "</statusCode><statusString>OK</statusString></ResponseStatus>");
    assert_string_equal(type, "application/xml");
}

static void families_of_plain_json_hear_an_object(void **state)
{
    struct camera_answer to = read_of("u");

    (void)state;
    assert_string_equal(answer("platerecognizer", &to, NULL), "{}");
    assert_string_equal(answer("openalpr", &to, NULL), "{}");
    assert_string_equal(answer("frigate", &to, NULL), "{}");
}

/* Our own decoder, which people read captures with, says of each answer what was meant. */
static void no_answer_opens_unless_it_says_so(void **state)
{
    (void)state;
    for (size_t f = 0; cameras_at(f); f++) {
        for (int kind = 0; kind < CAMERA_KINDS; kind++) {
            struct camera_answer to = read_of("7");
            struct camera_message message;
            const char *bytes;

            to.kind = (enum camera_kind)kind;
            bytes = answer(cameras_name(cameras_at(f)), &to, NULL);
            cameras_decode_capture(cameras_at(f), bytes, strlen(bytes), &message);
            assert_string_equal(message.gate, "");
        }
    }
}

static void what_is_kept_of_a_message_is_what_its_answer_needs(void **state)
{
    struct camera_message message = {.kind = CAMERA_READ, .read = plate_read_empty()};
    struct camera_answer to;

    (void)state;
    message.read.offline = true;
    text_copy(message.read.device, sizeof message.read.device, "D1");
    text_copy(message.read.event_id, sizeof message.read.event_id, "9");
    to = camera_answer_to(&message);
    assert_true(to.offline);
    assert_false(to.open);
    assert_string_equal(to.device, "D1");
    assert_string_equal(to.event_id, "9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vzenith_opens_with_ok_and_stops_the_resends),
        cmocka_unit_test(vzenith_is_told_no_and_stops_the_resends),
        cmocka_unit_test(a_stored_read_is_answered_by_asking_for_the_next),
        cmocka_unit_test(a_heartbeat_opens_nothing_and_may_ask_for_a_read),
        cmocka_unit_test(dahua_hears_result_true_and_whether_to_open),
        cmocka_unit_test(hikvision_hears_ok_in_xml),
        cmocka_unit_test(families_of_plain_json_hear_an_object),
        cmocka_unit_test(no_answer_opens_unless_it_says_so),
        cmocka_unit_test(what_is_kept_of_a_message_is_what_its_answer_needs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
