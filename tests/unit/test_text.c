/* Text: bounded buffers and the JSON written with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/text.h"

static void what_fits_is_kept_whole(void **state)
{
    char bytes[16];
    struct text t;

    (void)state;
    text_init(&t, bytes, sizeof bytes);
    assert_string_equal(t.bytes, "");
    text_add(&t, "%s-%d", "abc", 42);
    text_append(&t, "xyz", 3);
    assert_string_equal(t.bytes, "abc-42xyz");
    assert_int_equal(t.used, 9);
    text_append(&t, "123456", 6);
    assert_int_equal(t.used, 15);
    assert_false(t.overflow);
}

static void what_does_not_fit_is_cut_and_stays_marked(void **state)
{
    char bytes[8 + 1];
    struct text t;

    (void)state;
    bytes[8] = '#';
    text_init(&t, bytes, 8);
    text_add(&t, "%s", "12345678");
    assert_string_equal(t.bytes, "1234567");
    assert_true(t.overflow);
    text_append(&t, "9", 1);
    text_add(&t, "%d", 10);
    text_json_pair(&t, "k", "v");
    assert_string_equal(t.bytes, "1234567");
    assert_int_equal(t.used, 7);
    assert_int_equal(bytes[8], '#');

    text_init(&t, bytes, 1);
    text_append(&t, "a", 1);
    assert_string_equal(t.bytes, "");
    assert_true(t.overflow);
}

static void a_comma_stands_only_between_items(void **state)
{
    char bytes[64];
    struct text t;

    (void)state;
    text_init(&t, bytes, sizeof bytes);
    text_comma(&t);
    assert_string_equal(t.bytes, "");
    for (int list = 0; list < 2; list++) {
        text_comma(&t);
        text_append(&t, "[", 1);
        for (int i = 0; i < 3; i++) {
            text_comma(&t);
            text_add(&t, "%d", i);
        }
        text_append(&t, "]", 1);
    }
    assert_string_equal(t.bytes, "[0,1,2],[0,1,2]");
}

static void pairs_make_an_object(void **state)
{
    char bytes[256];
    struct text t;

    (void)state;
    text_init(&t, bytes, sizeof bytes);
    text_append(&t, "{", 1);
    text_json_pair(&t, "a", "b");
    text_json_pair(&t, "none", NULL);
    text_json_int(&t, "zero", 0);
    text_json_int(&t, "least", INT64_MIN);
    text_json_int(&t, "most", INT64_MAX);
    text_json_bool(&t, "yes", true);
    text_json_bool(&t, "no", false);
    text_append(&t, "}", 1);
    assert_string_equal(t.bytes,
                        "{\"a\":\"b\",\"none\":null,\"zero\":0,\"least\":-9223372036854775808,"
                        "\"most\":9223372036854775807,\"yes\":true,\"no\":false}");
}

static void strings_are_escaped_and_bad_bytes_replaced(void **state)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", "\"\""},
        {"A-001", "\"A-001\""},
        {"say \"no\" \\ ", "\"say \\\"no\\\" \\\\ \""},
        {"a\nb\x01\x1f", "\"a\\u000ab\\u0001\\u001f\""},
        {"\x7f/", "\"\x7f/\""},
        {"停车场 é 🚗", "\"停车场 é 🚗\""},
        {"\xff", "\"\xef\xbf\xbd\""},
        {"a\x80z", "\"a\xef\xbf\xbdz\""},
        {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
        {"\xe0\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* overlong */
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* surrogate */
        {"\xf4\x90\x80\x80x", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx\""},
        {"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""}, /* U+10FFFF */
        {"\xe5\x81", "\"\xef\xbf\xbd\xef\xbf\xbd\""}, /* cut short */
    };
    char bytes[64];
    struct text t;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        text_init(&t, bytes, sizeof bytes);
        text_json_string(&t, rows[i].in);
        assert_string_equal(t.bytes, rows[i].out);
    }
}

static void a_copy_is_cut_at_a_character(void **state)
{
    char to[8];

    (void)state;
    text_copy(to, sizeof to, "1234567");
    assert_string_equal(to, "1234567");
    text_copy(to, sizeof to, "12345678");
    assert_string_equal(to, "1234567");
    text_copy(to, sizeof to, "123停车");
    assert_string_equal(to, "123停");
    text_copy(to, sizeof to, "停车场");
    assert_string_equal(to, "停车");
    text_copy(to, 1, "x");
    assert_string_equal(to, "");
    text_copy(to, 4, "停车");
    assert_string_equal(to, "停");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_kept_whole),
        cmocka_unit_test(what_does_not_fit_is_cut_and_stays_marked),
        cmocka_unit_test(a_comma_stands_only_between_items),
        cmocka_unit_test(pairs_make_an_object),
        cmocka_unit_test(strings_are_escaped_and_bad_bytes_replaced),
        cmocka_unit_test(a_copy_is_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
