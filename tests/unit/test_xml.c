/* Others' XML and encodings: what is read, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/charset.h"
#include "daemon/base/xml.h"

enum { LIMIT = 1 << 20 };

static struct xml *read_text(const char *text)
{
    return xml_read(text, strlen(text), LIMIT, NULL);
}

static void elements_are_found_whatever_their_prefix_and_case(void **state)
{
    struct xml *xml = read_text("<?xml version=\"1.0\"?><p:a xmlns:p=\"u\"><p:b> one\n two </p:b>"
                                "<c><![CDATA[<3>]]></c><d/></p:a>");
    const struct xml_node *root = xml_root(xml);

    (void)state;
    assert_string_equal(xml_name(root), "a");
    assert_string_equal(xml_text(xml_child(root, "B")), "one\n two");
    assert_string_equal(xml_text(xml_child(root, "c")), "<3>");
    assert_string_equal(xml_text(xml_child(root, "d")), "");
    assert_string_equal(xml_name(xml_item(root, 1)), "c");
    assert_null(xml_item(root, 3));
    assert_null(xml_child(xml_child(root, "none"), "none"));
    assert_string_equal(xml_text(NULL), "");
    xml_release(xml);
    xml_release(NULL);
}

static void what_is_not_xml_is_refused_with_its_place(void **state)
{
    static const char *const texts[] = {"",           "a",        "a<b/>",      "<a>",
                                        "<a></b>",    "<a/><b/>", "<a>&b;</a>", "<!DOCTYPE a><a/>",
                                        "<a>\xff</a>"};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_null(xml_read(texts[i], strlen(texts[i]), LIMIT, &err));
        assert_memory_equal(err.text, "line 1 column", 13);
    }
    assert_null(xml_read("<a/>", 4, 3, &err));
}

static void depth_and_number_of_elements_are_bounded(void **state)
{
    char *text = calloc(1, LIMIT);

    (void)state;
    for (int i = 0; i < 33; i++)
        strcat(text, "<a>");
    assert_null(read_text(text));
    for (int size = 128; size <= 129; size++) { /* of a name */
        sprintf(text, "<a><%0*d/></a>", size, 0);
        memset(text + 4, 'n', (size_t)size);
        struct xml *xml = read_text(text);
        assert_int_equal(xml != NULL, size == 128);
        xml_release(xml);
    }
    char *to = text + sprintf(text, "<a>");
    for (int i = 0; i < 4096; i++)
        to += sprintf(to, "<b/>");
    sprintf(to, "</a>");
    assert_null(read_text(text));
    free(text);
}

/* The parser hands a long text over in pieces. */
static void a_long_text_is_kept_whole(void **state)
{
    enum { LINES = 5000 };
    char *text = calloc(1, LIMIT), *to = text + sprintf(text, "<a>");

    (void)state;
    for (int i = 0; i < LINES; i++)
        to += sprintf(to, "line %04d\n", i);
    sprintf(to, "</a>");
    struct xml *xml = read_text(text);
    assert_non_null(xml);
    assert_int_equal(strlen(xml_text(xml_root(xml))), LINES * 10 - 1);
    xml_release(xml);
    free(text);
}

static void gbk_becomes_utf8_and_nothing_else_does(void **state)
{
    size_t size = 0;
    char *text = charset_from_gbk("\xd4\xc1"
                                  "B1",
                                  4, &size);

    (void)state;
    assert_string_equal(text, "粤B1");
    assert_int_equal(size, 5);
    free(text);
    assert_null(charset_from_gbk("\xd4", 1, &size));
    assert_null(charset_from_gbk("a\xff", 2, &size));
    text = charset_from_gbk("", 0, &size);
    assert_string_equal(text, "");
    free(text);
}

static void only_shortest_forms_without_surrogates_are_utf8(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"", true},
        {"abc", true},
        {"粤", true},
        {"\xf0\x9f\x9a\x97", true},
        {"\xe7\xb2", false},
        {"\x80", false},
        {"\xc1\x81", false},
        {"\xed\xa0\x80", false},
        {"\xf4\x90\x80\x80", false},
        {"\xff", false},
        {"\xe0\x80\xaf", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(charset_is_utf8(rows[i].text, strlen(rows[i].text)), rows[i].good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_found_whatever_their_prefix_and_case),
        cmocka_unit_test(what_is_not_xml_is_refused_with_its_place),
        cmocka_unit_test(depth_and_number_of_elements_are_bounded),
        cmocka_unit_test(a_long_text_is_kept_whole),
        cmocka_unit_test(gbk_becomes_utf8_and_nothing_else_does),
        cmocka_unit_test(only_shortest_forms_without_surrogates_are_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
