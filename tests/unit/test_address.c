/* Addresses of the configuration: which texts are one, and which of them stay on this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/config/address.h"

static void an_address_is_told_in_its_short_form_and_whether_it_is_this_machine(void **state)
{
    static const struct {
        const char *text, *shown;
        bool loopback;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1", true},  {"127.9.8.7", "127.9.8.7", true},
        {"128.0.0.1", "128.0.0.1", false}, {"::1", "::1", true},
        {"0:0:0:0:0:0:0:1", "::1", true},  {"2001:DB8::1", "2001:db8::1", false},
    };
    struct address address;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(address_ip(rows[i].text, &address));
        assert_string_equal(address.text, rows[i].shown);
        assert_int_equal(address.loopback, rows[i].loopback);
    }
    assert_false(address_ip("localhost", &address));
    assert_false(address_ip("", &address));
}

/* Each of `::1` that differs in one byte. */
static void no_neighbour_of_the_loopback_is_it(void **state)
{
    struct address address;
    char text[48];

    (void)state;
    for (int group = 0; group < 8; group++) {
        text[0] = '\0';
        for (int i = 0; i < 8; i++)
            strcat(text, i == group ? (i == 7 ? ":2" : ":1") + (i == 0)
                                    : (i == 7 ? ":1" : ":0") + (i == 0));
        assert_true(address_ip(text, &address));
        assert_false(address.loopback);
    }
}

static void an_address_to_listen_on_has_a_port(void **state)
{
    static const char *const wrong[] = {
        "",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        ":8080",
        "127.0.0.1:100000",
        "127.0.0.1:80x",
        "127.0.0.1:x",
        "[::1",
        "[::1]",
        "[::1]8080",
        "[::1]:",
        "::1:8080",
        "gate:8080",
        "[gate]:80",
        "[]:80",
        "127.0.0.1:8 0 ",
        "127.0.0.1:+80",
        "127.0.0.1:80:80",
    };
    char text[2 * ADDRESS_SIZE];
    bool loopback = true;
    struct err err;

    (void)state;
    assert_true(address_listen("192.0.2.7:1", &loopback, &err));
    assert_false(loopback);
    assert_true(address_listen("[::1]:65535", &loopback, &err));
    assert_true(loopback);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(address_listen(wrong[i], &loopback, &err));
        assert_non_null(strstr(err.text, "allowed: ADDRESS:PORT such as 127.0.0.1:8080"));
    }
    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text + sizeof text - 4, ":80", 4);
    assert_false(address_listen(text, &loopback, &err));
    assert_true(loopback); /* as it was */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_told_in_its_short_form_and_whether_it_is_this_machine),
        cmocka_unit_test(no_neighbour_of_the_loopback_is_it),
        cmocka_unit_test(an_address_to_listen_on_has_a_port),
    };

    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
