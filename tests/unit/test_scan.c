/* What must be known of a configuration's text before its parser sees it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/config/scan.h"

struct out {
    char bytes[256];
    size_t size;
};

static void append(void *arg, const char *bytes, size_t size)
{
    struct out *out = arg;

    assert_true(out->size + size < sizeof out->bytes);
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

static void check(const char *line, enum scan_state from, const char *expected, enum scan_state to)
{
    struct out out = {"", 0};
    enum scan_state state = from;
    size_t size = strlen(line);
    char *exact = malloc(size ? size : 1); /* so that a sanitizer sees a byte read too many */

    assert_non_null(exact);
    memcpy(exact, line, size);
    assert_true(scan_line(&state, exact, size, append, &out));
    assert_string_equal(out.bytes, expected);
    assert_int_equal(state, to);
    free(exact);
}

static void same(const char *line, enum scan_state from, enum scan_state to)
{
    check(line, from, line, to);
}

static void comments_and_texts_may_reach_over_lines(void **state)
{
    (void)state;
    same("a = 1; /* from", SCAN_PLAIN, SCAN_COMMENT);
    same("within \" and # and 99999999999", SCAN_COMMENT, SCAN_COMMENT);
    same("to */ b = \"text", SCAN_COMMENT, SCAN_TEXT);
    same("on \\\" /* 99999999999", SCAN_TEXT, SCAN_TEXT);
    same("end\"; c = 1; # /* \"", SCAN_TEXT, SCAN_PLAIN);
    same("// \" /*", SCAN_PLAIN, SCAN_PLAIN);
    same("/**/ /", SCAN_PLAIN, SCAN_PLAIN);
    same("/*/", SCAN_PLAIN, SCAN_COMMENT);
    same("a = \"\\", SCAN_PLAIN, SCAN_TEXT);
    same("*", SCAN_COMMENT, SCAN_COMMENT);
    same("", SCAN_PLAIN, SCAN_PLAIN);
}

static void a_number_beyond_32_bits_gets_the_suffix_of_64(void **state)
{
    (void)state;
    same("a = 2147483647;", SCAN_PLAIN, SCAN_PLAIN);
    check("a = 2147483648;", SCAN_PLAIN, "a = 2147483648L;", SCAN_PLAIN);
    same("a = -2147483648;", SCAN_PLAIN, SCAN_PLAIN);
    check("a=-2147483649", SCAN_PLAIN, "a=-2147483649L", SCAN_PLAIN);
    check("[0x80000000,4294967296]", SCAN_PLAIN, "[0x80000000L,4294967296L]", SCAN_PLAIN);
    same("a = 4294967296L; b = 4294967296LL;", SCAN_PLAIN, SCAN_PLAIN);
    same("a = 1e400; b = 4294967296.5; key4294967296 = x-99999999999;", SCAN_PLAIN, SCAN_PLAIN);
    same("a = 0x; b = -; c = +;", SCAN_PLAIN, SCAN_PLAIN);
}

static void a_number_beyond_64_bits_is_refused(void **state)
{
    static const char *const lines[] = {
        "a = 9223372036854775808;", "a = -9223372036854775809;", "a = 0x8000000000000000;",
        "a = 99999999999999999999L;",
        "a = 0000000000000000000000000000000000000000000000000000000001;"};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct out out = {"", 0};
        enum scan_state at = SCAN_PLAIN;
        assert_false(scan_line(&at, lines[i], strlen(lines[i]), append, &out));
    }
}

static void only_utf8_without_nul_is_text(void **state)
{
    static const struct {
        const char *bytes;
        size_t size, good;
    } rows[] = {
        {"abc", 3, 3},
        {"", 0, 0},
        {"\xe5\x81\x9c\xc3\xbc\xf0\x9f\x85\xbf", 9, 9}, /* 停ü🅿 */
        {"a\0b", 3, 1},
        {"a\xf6", 2, 1},        /* Latin-1 */
        {"\xc0\xaf", 2, 0},     /* overlong */
        {"\xe0\x80\xaf", 3, 0}, /* overlong */
        {"\xed\xa0\x80", 3, 0}, /* surrogate */
        {"\xf4\x90\x80\x80", 4, 0},
        {"x\xe5\x81", 3, 1}, /* cut off */
        {"\x80", 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(scan_utf8(rows[i].bytes, rows[i].size), rows[i].good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_and_texts_may_reach_over_lines),
        cmocka_unit_test(a_number_beyond_32_bits_gets_the_suffix_of_64),
        cmocka_unit_test(a_number_beyond_64_bits_is_refused),
        cmocka_unit_test(only_utf8_without_nul_is_text),
    };
    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
