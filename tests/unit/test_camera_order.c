/* What cameras are told unasked: to the byte as captured, and nothing for families that cannot be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sensors/lane/camera_order.h"

static char topic_bytes[CAMERA_TOPIC], body_bytes[512];

static bool publish(const char *family, struct camera_order order)
{
    struct text topic, body;

    text_init(&topic, topic_bytes, sizeof topic_bytes);
    text_init(&body, body_bytes, sizeof body_bytes);
    order.id = "65f0c0ffee01";
    order.device = "0670f9b9-d723fc2c";
    order.now_s = 1709530000;
    return camera_order_publish(cameras_find(family), &order, &topic, &body);
}

static void vzenith_pulses_a_contact_by_gpio_out(void **state)
{
    (void)state;
    assert_true(publish("vzenith", (struct camera_order){.device_first = true}));
    assert_string_equal(topic_bytes, "0670f9b9-d723fc2c/device/message/down/gpio_out");
    assert_string_equal(body_bytes,
                        "{\"id\":\"65f0c0ffee01\",\"sn\":\"0670f9b9-d723fc2c\",\"name\":"
                        "\"gpio_out\",\"version\":\"1.0\",\"timestamp\":1709530000,\"payload\":{"
                        "\"type\":\"gpio_out\",\"body\":{\"delay\":500,\"io\":0,\"value\":2}}}");
}

/* Said by the decoder that people read captures with. */
static void what_is_published_means_open(void **state)
{
    struct camera_message message;

    (void)state;
    assert_true(publish("vzenith", (struct camera_order){0}));
    assert_string_equal(topic_bytes, "device/0670f9b9-d723fc2c/message/down/gpio_out");
    cameras_decode(cameras_find("vzenith"),
                   &(struct camera_request){
                       .bytes = body_bytes, .size = strlen(body_bytes), .topic = topic_bytes},
                   &message);
    assert_int_equal(message.kind, CAMERA_COMMAND);
    assert_string_equal(message.gate, "open");
}

static void vzenith_is_asked_to_read(void **state)
{
    (void)state;
    assert_true(publish("vzenith", (struct camera_order){.action = CAMERA_DO_READ}));
    assert_string_equal(topic_bytes, "device/0670f9b9-d723fc2c/message/down/ivs_trigger");
    assert_null(strstr(body_bytes, "\"io\":"));
}

static void hikvision_opens_by_put(void **state)
{
    const struct camera_order open = {.action = CAMERA_DO_OPEN}, look = {.action = CAMERA_DO_READ};
    struct text body;

    (void)state;
    text_init(&body, body_bytes, sizeof body_bytes);
    assert_true(camera_order_put(cameras_find("hikvision"), &open, &body));
    assert_string_equal(body_bytes, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><BarrierGate>"
                                    "<ctrlMode>open</ctrlMode></BarrierGate>");
    assert_false(camera_order_put(cameras_find("hikvision"), &look, &body));
    assert_string_equal(camera_order_path(cameras_find("hikvision")),
                        "/ISAPI/Parking/channels/1/barrierGate");
}

static void nobody_else_is_told_anything(void **state)
{
    static const char *const others[] = {"dahua", "platerecognizer", "openalpr", "frigate"};
    const struct camera_order open = {.action = CAMERA_DO_OPEN};
    struct text body;

    (void)state;
    text_init(&body, body_bytes, sizeof body_bytes);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(publish(others[i], open));
        assert_false(camera_order_put(cameras_find(others[i]), &open, &body));
        assert_null(camera_order_path(cameras_find(others[i])));
    }
    assert_false(publish("hikvision", open));
}

static void both_shapes_of_topics_and_the_answers_are_listened_to(void **state)
{
    char topics[CAMERA_TOPICS][CAMERA_TOPIC];

    (void)state;
    assert_int_equal(camera_order_topics(cameras_find("vzenith"), "SN", topics), 6);
    assert_string_equal(topics[0], "SN/device/message/up/#");
    assert_string_equal(topics[1], "device/SN/message/up/#");
    assert_string_equal(topics[3], "device/SN/message/down/gpio_out/reply");
    assert_string_equal(topics[4], "SN/device/message/down/white_list_operator/reply");
    assert_string_equal(topics[5], "device/SN/message/down/white_list_operator/reply");
    assert_int_equal(camera_order_topics(cameras_find("frigate"), "door", topics), 1);
    assert_int_equal(camera_order_topics(cameras_find("dahua"), "SN", topics), 0);
}

/* Answers to orders: a 200 may hold a refusal. */
static void a_camera_accepts_or_does_not(void **state)
{
    static const struct {
        const char *family, *text;
        bool accepted;
    } answers[] = {
        {"hikvision", "<ResponseStatus><statusCode>1</statusCode></ResponseStatus>", true},
        {"hikvision", "<ResponseStatus><statusCode>4</statusCode></ResponseStatus>", false},
        {"hikvision", "<html>OK</html>", false},
        {"hikvision", "", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct camera_message message;

        cameras_decode_capture(cameras_find(answers[i].family), answers[i].text,
                               strlen(answers[i].text), &message);
        assert_int_equal(message.accepted, answers[i].accepted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vzenith_pulses_a_contact_by_gpio_out),
        cmocka_unit_test(what_is_published_means_open),
        cmocka_unit_test(vzenith_is_asked_to_read),
        cmocka_unit_test(hikvision_opens_by_put),
        cmocka_unit_test(nobody_else_is_told_anything),
        cmocka_unit_test(both_shapes_of_topics_and_the_answers_are_listened_to),
        cmocka_unit_test(a_camera_accepts_or_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
