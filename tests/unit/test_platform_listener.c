/* At whose door a platform's call is. The listener as a whole is proved with signed calls over the
 * network by tests/system/test_city_orders.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/serve/listener.h"
#include "daemon/serve/platform_listener.h"

static const char *const first[] = {"192.168.1.64"};
static const char *const two[] = {"192.168.1.65", "fe80::1"};
static const struct platform_door doors[] = {
    {.path = "/platforms/hefei", .from = first, .from_count = 1},
    {.path = NULL},
    {.path = "/platforms/xz"},
    {.path = "/api/pay", .from = two, .from_count = 2},
};
static const struct platform_listener_settings settings = {.doors = doors, .doors_count = 4};

static uint32_t find(const char *path, const char *address)
{
    return platform_listener_find(&settings, path, address);
}

static void a_platform_is_known_by_its_path_and_address(void **state)
{
    (void)state;
    assert_int_equal(find("/platforms/hefei", "192.168.1.64"), 0);
    assert_int_equal(find("/platforms/hefei/open", "192.168.1.64"), 0);
    assert_int_equal(find("/platforms/xz/paid", "10.0.0.1"), 2);
    assert_int_equal(find("/api/pay/", "fe80::1"), 3);
}

static void a_stranger_is_at_no_uplink(void **state)
{
    (void)state;
    assert_int_equal(find("/platforms/hefei", "192.168.1.65"), UINT32_MAX);
    assert_int_equal(find("/platforms/hefei2", "192.168.1.64"), UINT32_MAX);
    assert_int_equal(find("/platforms/hefe", "192.168.1.64"), UINT32_MAX);
    assert_int_equal(find("/platforms/hefei", ""), UINT32_MAX);
    assert_int_equal(find("/platforms/xzz", "10.0.0.1"), UINT32_MAX);
    assert_int_equal(find("/", "192.168.1.64"), UINT32_MAX);
    assert_int_equal(find("", "192.168.1.64"), UINT32_MAX);
}

static void an_empty_list_of_addresses_means_any(void **state)
{
    (void)state;
    assert_true(listener_is_from(NULL, 0, "10.0.0.1"));
    assert_true(listener_is_from(two, 2, "192.168.1.65"));
    assert_false(listener_is_from(two, 2, "192.168.1.6"));
    assert_false(listener_is_from(two, 2, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_platform_is_known_by_its_path_and_address),
        cmocka_unit_test(a_stranger_is_at_no_uplink),
        cmocka_unit_test(an_empty_list_of_addresses_means_any),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
