/* Plates come near each other as cameras mistake them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/core/match.h"

enum { FAR = 100 };

static void the_same_plate_has_no_distance(void **state)
{
    (void)state;
    assert_int_equal(match_distance("粤B12345", "粤B12345", FAR), MATCH_SAME);
    assert_int_equal(match_distance("", "", FAR), MATCH_SAME);
}

static void letters_and_digits_that_cameras_mistake_cost_little(void **state)
{
    static const char *const pairs[][2] = {
        {"粤B0000D", "粤B00000"}, {"粤B0000Q", "粤B0000O"}, {"粤B12345", "粤812345"},
        {"粤BZ2345", "粤B22345"}, {"粤B1S345", "粤B15345"}, {"粤B1234A", "粤B12344"},
        {"粤BI2345", "粤B12345"}, {"粤BL2345", "粤BI2345"}, {"粤BG2345", "粤B62345"},
        {"粤BT2345", "粤B72345"}, {"粤BU2345", "粤BV2345"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_int_equal(match_distance(pairs[i][0], pairs[i][1], FAR), MATCH_CONFUSABLE);
        assert_int_equal(match_distance(pairs[i][1], pairs[i][0], FAR), MATCH_CONFUSABLE);
    }
}

static void a_character_that_was_not_read_may_be_any(void **state)
{
    (void)state;
    assert_int_equal(match_distance("?B12345", "粤B12345", FAR), MATCH_UNREAD);
    assert_int_equal(match_distance("粤B12345", "粤B1234?", FAR), MATCH_UNREAD);
    assert_int_equal(match_distance("粤B1?345", "粤B1?345", FAR), MATCH_SAME);
}

static void other_characters_cost_a_whole_one(void **state)
{
    (void)state;
    assert_int_equal(match_distance("粤B12345", "湘B12345", FAR), MATCH_EDIT);
    assert_int_equal(match_distance("粤B12345", "粤B1234", FAR), MATCH_EDIT);
    assert_int_equal(match_distance("粤B1234", "粤B12345", FAR), MATCH_EDIT);
    assert_int_equal(match_distance("ABC", "XYZ", FAR), 3 * MATCH_EDIT);
    assert_int_equal(match_distance("", "ABC", FAR), 3 * MATCH_EDIT);
    assert_int_equal(match_distance("A01", "D01", FAR), MATCH_EDIT);
    assert_int_equal(match_distance("粤B12345", "B123456", FAR), 2 * MATCH_EDIT);
}

static void beyond_the_bound_the_bound_is_told(void **state)
{
    (void)state;
    assert_int_equal(match_distance("ABC", "XYZ", 30), 30);
    assert_int_equal(match_distance("ABC", "XYZ", 15), 15);
    assert_int_equal(match_distance("ABC", "ABCDEFG", 40), 40);
    assert_int_equal(match_distance("ABC", "ABCDEFG", 41), 40);
    assert_int_equal(match_distance("ABCX", "ABCY", 5), 5);
}

static void text_that_is_no_utf8_does_no_harm(void **state)
{
    (void)state;
    assert_int_equal(match_distance("\x80\x80\x80", "\x80", FAR), MATCH_EDIT);
    assert_int_equal(match_distance("\xff\xfe", "A", FAR), 2 * MATCH_EDIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_plate_has_no_distance),
        cmocka_unit_test(letters_and_digits_that_cameras_mistake_cost_little),
        cmocka_unit_test(a_character_that_was_not_read_may_be_any),
        cmocka_unit_test(other_characters_cost_a_whole_one),
        cmocka_unit_test(beyond_the_bound_the_bound_is_told),
        cmocka_unit_test(text_that_is_no_utf8_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
