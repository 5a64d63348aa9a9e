/* The list that a camera keeps, to the byte as each family is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "daemon/core/text.h"
#include "sensors/lane/camera_list.h"

static const int64_t no_steps[] = {0};
static const int32_t east[] = {8 * 3600};
static const struct civil_zone china = {no_steps, east, 0};

/* 2026-11-22 20:00:00 in China. */
static const utc_ms now = {1795348800000};
static const struct held_change additions[] = {
    {.add = true, .plate = "粤B12345", .from = {1795348800000}, .until = {1795435200000}},
    {.add = true, .plate = "A1", .from = {0}, .until = {1795953600000}},
};
static const struct held_change removals[] = {{.plate = "粤B12345"}, {.plate = "A1"}};

static char bytes[4096], target_bytes[1024];

static struct camera_list_part part_of(const struct held_change *changes, uint32_t count)
{
    return (struct camera_list_part){changes, count, &china, now};
}

static struct text fresh(void)
{
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    return out;
}

static bool ask(const char *family, const struct held_change *changes, uint32_t count,
                uint32_t step, struct camera_list_request *ret)
{
    const struct camera_list_part part = part_of(changes, count);

    text_init(&ret->target, target_bytes, sizeof target_bytes);
    text_init(&ret->body, bytes, sizeof bytes);
    return camera_list_request(cameras_find(family), &part, step, ret);
}

static void each_family_has_its_way(void **state)
{
    (void)state;
    assert_int_equal(camera_list_way(cameras_find("vzenith"), false), CAMERA_LIST_ANSWER);
    assert_int_equal(camera_list_way(cameras_find("vzenith"), true), CAMERA_LIST_PUBLISH);
    assert_int_equal(camera_list_way(cameras_find("hikvision"), false), CAMERA_LIST_REQUEST);
    assert_int_equal(camera_list_way(cameras_find("dahua"), false), CAMERA_LIST_REQUEST);
    assert_int_equal(camera_list_way(cameras_find("frigate"), true), CAMERA_LIST_NONE);
    assert_int_equal(camera_list_way(cameras_find("openalpr"), false), CAMERA_LIST_NONE);
    assert_int_equal(camera_list_batch(cameras_find("vzenith"), true, false), 1);
    assert_int_equal(camera_list_batch(cameras_find("vzenith"), false, false), CAMERA_LIST_BATCH);
    assert_int_equal(camera_list_batch(cameras_find("dahua"), false, true), 1);
}

static void vzenith_is_told_with_the_answer_to_its_heartbeat(void **state)
{
    struct text out = fresh();
    struct camera_list_part part = part_of(additions, 2);

    (void)state;
    camera_list_answer(&part, &out);
    assert_string_equal(out.bytes,
                        ",\"white_list_operate\":{\"operate_type\":0,\"white_list_data\":["
                        "{\"plate\":\"粤B12345\",\"enable\":1,\"need_alarm\":0,"
                        "\"enable_time\":\"2026-11-22 20:00:00\","
                        "\"overdue_time\":\"2026-11-23 20:00:00\"},"
                        "{\"plate\":\"A1\",\"enable\":1,\"need_alarm\":0,"
                        "\"enable_time\":\"2026-11-22 20:00:00\","
                        "\"overdue_time\":\"2026-11-29 20:00:00\"}]}");
    out = fresh();
    part = part_of(removals, 2);
    camera_list_answer(&part, &out);
    assert_string_equal(out.bytes,
                        ",\"white_list_operate\":{\"operate_type\":1,\"white_list_data\":["
                        "{\"plate\":\"粤B12345\",\"enable\":1,\"need_alarm\":0},"
                        "{\"plate\":\"A1\",\"enable\":1,\"need_alarm\":0}]}");
}

static void vzenith_is_told_through_its_broker(void **state)
{
    struct text out = fresh();
    struct camera_list_part part = part_of(additions, 1);

    (void)state;
    camera_list_body(&part, &out);
    assert_string_equal(out.bytes,
                        "\"operator_type\":\"update_or_add\",\"dldb_rec\":[{\"plate\":\"粤B12345\","
                        "\"enable\":1,\"need_alarm\":0,\"context\":\"\",\"time_seg_enable\":0,"
                        "\"enable_time\":\"2026-11-22 20:00:00\","
                        "\"overdue_time\":\"2026-11-23 20:00:00\"}]");
    out = fresh();
    part = part_of(removals, 1);
    camera_list_body(&part, &out);
    assert_string_equal(out.bytes, "\"operator_type\":\"delete\",\"plate\":\"粤B12345\"");
}

static void hikvision_is_asked_once_for_several(void **state)
{
    struct camera_list_request request;

    (void)state;
    assert_true(ask("hikvision", additions, 2, 0, &request));
    assert_string_equal(request.method, "PUT");
    assert_string_equal(request.target.bytes,
                        "/ISAPI/Traffic/channels/1/licensePlateAuditData/record?format=json");
    assert_string_equal(
        request.body.bytes,
        "{\"LicensePlateInfoList\":[{\"LicensePlate\":\"粤B12345\",\"listType\":\"whiteList\","
        "\"createTime\":\"2026-11-22T20:00:00\",\"effectiveStartDate\":\"2026-11-22\","
        "\"effectiveTime\":\"2026-11-23\",\"id\":\"\"},{\"LicensePlate\":\"A1\","
        "\"listType\":\"whiteList\",\"createTime\":\"2026-11-22T20:00:00\","
        "\"effectiveStartDate\":\"2026-11-22\",\"effectiveTime\":\"2026-11-29\",\"id\":\"\"}]}");
    assert_false(ask("hikvision", additions, 2, 1, &request));
    assert_true(ask("hikvision", removals, 2, 0, &request));
    assert_string_equal(request.target.bytes,
                        "/ISAPI/Traffic/channels/1/DelLicensePlateAuditData?format=json");
    assert_string_equal(request.body.bytes,
                        "{\"deleteAllEnabled\":false,\"licensePlate\":[\"粤B12345\",\"A1\"]}");
}

static void dahua_is_asked_to_remove_before_it_adds(void **state)
{
    struct camera_list_request request;

    (void)state;
    assert_true(ask("dahua", additions, 1, 0, &request));
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.target.bytes, "/cgi-bin/recordUpdater.cgi?action=removeEx&name="
                                              "TrafficRedList&PlateNumber=%E7%B2%A4B12345");
    assert_true(ask("dahua", additions, 1, 1, &request));
    assert_string_equal(request.target.bytes,
                        "/cgi-bin/recordUpdater.cgi?action=insert&name=TrafficRedList&PlateNumber="
                        "%E7%B2%A4B12345&BeginTime=2026-11-22%2020%3A00%3A00&CancelTime="
                        "2026-11-23%2020%3A00%3A00&AuthorityList.OpenGate=true");
    assert_false(ask("dahua", additions, 1, 2, &request));
    assert_true(ask("dahua", removals, 1, 0, &request));
    assert_false(ask("dahua", removals, 1, 1, &request));
    assert_false(ask("frigate", removals, 1, 0, &request));
}

static bool taken(const char *family, bool add, uint32_t step, int status, const char *text)
{
    return camera_list_taken(cameras_find(family), add, step, status, text, strlen(text));
}

static void answers_are_told_apart(void **state)
{
    (void)state;
    assert_true(taken("hikvision", true, 0, 200, "{\"statusCode\":1,\"statusString\":\"OK\"}"));
    assert_false(taken("hikvision", true, 0, 200, "{\"statusCode\":4}"));
    assert_false(taken("hikvision", true, 0, 403, "{\"statusCode\":1}"));
    assert_false(taken("hikvision", true, 0, 200, ""));
    assert_true(taken("dahua", true, 1, 200, "RecNo=12\r\n"));
    assert_true(taken("dahua", true, 0, 200, "OK"));
    assert_true(taken("dahua", true, 0, 400, "Error"));
    assert_true(taken("dahua", false, 0, 400, "Error"));
    assert_false(taken("dahua", true, 1, 400, "Error"));
    assert_false(taken("dahua", true, 1, 200, "Error\r\nBad Request!"));
    assert_false(taken("dahua", true, 1, 500, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_family_has_its_way),
        cmocka_unit_test(vzenith_is_told_with_the_answer_to_its_heartbeat),
        cmocka_unit_test(vzenith_is_told_through_its_broker),
        cmocka_unit_test(hikvision_is_asked_once_for_several),
        cmocka_unit_test(dahua_is_asked_to_remove_before_it_adds),
        cmocka_unit_test(answers_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
