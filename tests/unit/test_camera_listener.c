/* Who is at which camera's door, and what bodies may hold. The listener as a whole is proved with
 * real cameras' messages by tests/system/test_cameras.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/serve/body.h"
#include "daemon/serve/camera_listener.h"

static const char *const first[] = {"192.168.1.64"};
static const char *const two[] = {"192.168.1.65", "fe80::1"};
static const struct camera_door doors[] = {
    {.id = "in", .from = first, .from_count = 1},
    {.id = "in-2", .secret = "s3cret"},
    {.id = "out", .secret = "word", .from = two, .from_count = 2},
    {.id = "old", .from = first, .from_count = 1, .any_path = true},
};
static const struct camera_listener_settings settings = {.doors = doors, .doors_count = 4};

static uint32_t find(const char *path, const char *address)
{
    return camera_listener_find(&settings, path, address);
}

static void a_camera_is_known_by_its_path_and_address(void **state)
{
    (void)state;
    assert_int_equal(find("/cameras/in", "192.168.1.64"), 0);
    assert_int_equal(find("/cameras/in/NotificationInfo/KeepAlive", "192.168.1.64"), 0);
    assert_int_equal(find("/cameras/in-2/s3cret", "10.0.0.1"), 1);
    assert_int_equal(find("/cameras/in-2/s3cret/upark/plate", "10.0.0.1"), 1);
    assert_int_equal(find("/cameras/out/word", "fe80::1"), 2);
}

static void a_stranger_is_at_no_door(void **state)
{
    (void)state;
    assert_int_equal(find("/cameras/in", "192.168.1.65"), UINT32_MAX);
    assert_int_equal(find("/cameras/i", "192.168.1.66"), UINT32_MAX);
    assert_int_equal(find("/cameras/in-2", "10.0.0.1"), UINT32_MAX);
    assert_int_equal(find("/cameras/in-2/", "10.0.0.1"), UINT32_MAX);
    assert_int_equal(find("/cameras/in-2/s3cre", "10.0.0.1"), UINT32_MAX);
    assert_int_equal(find("/cameras/in-2/s3crets", "10.0.0.1"), UINT32_MAX);
    assert_int_equal(find("/cameras/out/word", ""), UINT32_MAX);
    assert_int_equal(find("/cameras/", "10.0.0.1"), UINT32_MAX);
    assert_int_equal(find("", "10.0.0.1"), UINT32_MAX);
}

static void a_camera_without_paths_is_known_by_its_address(void **state)
{
    (void)state;
    assert_int_equal(find("/NotificationInfo/TollgateInfo", "192.168.1.64"), 3);
    assert_int_equal(find("/NotificationInfo/TollgateInfo", "192.168.1.65"), UINT32_MAX);
}

static void a_body_grows_to_its_bound_and_no_further(void **state)
{
    struct body_pool pool = {.each_max = 10000, .all_max = SIZE_MAX};
    struct body body = {0};
    char piece[3000];

    (void)state;
    memset(piece, 'x', sizeof piece);
    for (int i = 0; i < 3; i++)
        assert_true(body_take(&pool, &body, piece, sizeof piece));
    assert_false(body_take(&pool, &body, piece, sizeof piece));
    assert_true(body_take(&pool, &body, piece, 1000));
    assert_int_equal(body.used, 10000);
    assert_int_equal(strlen(body.bytes), 10000);
    assert_int_equal(pool.room, 10001);
    body_free(&pool, &body);
    assert_int_equal(pool.room, 0);
}

static void bodies_share_one_bound(void **state)
{
    struct body_pool pool = {.each_max = 100000, .all_max = 10000};
    struct body bodies[3] = {{0}};

    (void)state;
    assert_true(body_take(&pool, &bodies[0], "a", 1));
    assert_true(body_take(&pool, &bodies[1], "b", 1));
    assert_false(body_take(&pool, &bodies[2], "c", 1));
    body_free(&pool, &bodies[0]);
    assert_true(body_take(&pool, &bodies[2], "c", 1));
    body_free(&pool, &bodies[1]);
    body_free(&pool, &bodies[2]);
    assert_int_equal(pool.room, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_camera_is_known_by_its_path_and_address),
        cmocka_unit_test(a_stranger_is_at_no_door),
        cmocka_unit_test(a_camera_without_paths_is_known_by_its_address),
        cmocka_unit_test(a_body_grows_to_its_bound_and_no_further),
        cmocka_unit_test(bodies_share_one_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
