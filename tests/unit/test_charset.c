/* Text in the encodings that Chinese makers use: what is read back is what was written, and what
 * others open as GBK is GBK. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/charset.h"

static void text_goes_into_gbk_and_back(void **state)
{
    static const char text[] = "停车费 12.50 皖A12345 é";
    size_t size, back_size;
    char *gbk = charset_to_gbk(text, strlen(text), &size);
    char *back = charset_from_gbk(gbk, size, &back_size);

    (void)state;
    assert_memory_equal(gbk, "\xcd\xa3\xb3\xb5\xb7\xd1 12.50", 12);
    assert_int_equal(gbk[size], '\0');
    assert_int_equal(back_size, strlen(text));
    assert_string_equal(back, text);
    free(back);
    free(gbk);
}

/* Four bytes of GB 18030 are two wrong signs to who reads GBK. */
static void what_gbk_has_not_is_written_with_signs_that_it_has(void **state)
{
    static const struct {
        const char *text, *gbk;
    } rows[] = {
        {"\xe2\x88\x92 5", "- 5"},          /* U+2212, minus */
        {"\xf0\xa0\xae\xb7", "?"},          /* a character beyond the first plane */
        {"\xc2\xbd\xc2\xbd", " 1/2  1/2 "}, /* two bytes become five */
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t size = 99;
        char *gbk = charset_to_gbk(rows[i].text, strlen(rows[i].text), &size);

        assert_non_null(gbk);
        assert_string_equal(gbk, rows[i].gbk);
        assert_int_equal(size, strlen(rows[i].gbk));
        free(gbk);
    }
}

static void what_is_not_of_its_encoding_is_refused(void **state)
{
    size_t size = 99;

    (void)state;
    assert_null(charset_to_gbk("\xcd\xa3\xb3\xb5", 4, &size)); /* GBK */
    assert_null(charset_to_gbk("\xe5\x81", 2, &size));         /* half a character */
    assert_null(charset_from_gbk("\xcd", 1, &size));           /* likewise */
    assert_null(charset_from_gbk("\xff\xff", 2, &size));       /* none */
    assert_int_equal(size, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_goes_into_gbk_and_back),
        cmocka_unit_test(what_gbk_has_not_is_written_with_signs_that_it_has),
        cmocka_unit_test(what_is_not_of_its_encoding_is_refused),
    };

    return cmocka_run_group_tests_name("charset", tests, NULL, NULL);
}
