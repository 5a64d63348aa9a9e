/* Number plates: one form for all cameras, and what cannot be one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/plate.h"

static void one_plate_has_one_form_however_it_is_written(void **state)
{
    static const struct {
        const char *raw, *normal;
    } rows[] = {
        {"abc123", "ABC123"},
        {"AB-12 CD", "AB12CD"},
        {"粤B·12345", "粤B12345"},
        {"粤B•12345", "粤B12345"},
        {"ＡＢ１２", "AB12"},
        {"粤ｂ12345", "粤B12345"},
        {"B 12\t34", "B1234"},
        {"12가3456", "12가3456"},
        {"AB?12", "AB?12"},
        {"AB*12", "AB?12"},
        {"", ""},
        {" - ", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char normal[PLATE_SIZE];
        assert_true(plate_normal(rows[i].raw, normal));
        assert_string_equal(normal, rows[i].normal);
        char again[PLATE_SIZE];
        assert_true(plate_normal(normal, again));
        assert_string_equal(again, normal);
    }
}

static void words_for_no_plate_are_no_plate(void **state)
{
    static const char *const words[] = {"_无_",    "无牌车",  "No Plate",
                                        "noPlate", "unknown", "UNKNOWN"};
    char normal[PLATE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_true(plate_normal(words[i], normal));
        assert_string_equal(normal, "");
    }
}

static void a_text_longer_than_a_plate_is_refused_whole(void **state)
{
    char normal[PLATE_SIZE] = "x";

    (void)state;
    assert_false(plate_normal("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", normal));
    assert_string_equal(normal, "");
    assert_false(plate_normal("车车车车车车车车车车车车", normal));
}

static void broken_utf8_is_a_character_that_was_not_read(void **state)
{
    char normal[PLATE_SIZE];

    (void)state;
    assert_true(plate_normal("A\xe7\xb2", normal));
    assert_string_equal(normal, "A??");
    assert_true(plate_normal("\xff\x31", normal));
    assert_string_equal(normal, "?1");
    assert_true(plate_normal("\xc1\x81", normal)); /* "A", not in its shortest form */
    assert_string_equal(normal, "?");
}

static void what_cannot_be_a_plate_is_said(void **state)
{
    static const struct {
        const char *plate;
        enum plate_colour colour;
        bool plausible;
    } rows[] = {
        {"粤B12345", PLATE_BLUE, true},
        {"粤B12345", PLATE_GREEN, false},
        {"粤BD12345", PLATE_GREEN, true},
        {"粤BD12345", PLATE_BLUE, false},
        {"粤BD12345", PLATE_COLOUR_UNKNOWN, true},
        {"粤B1234", PLATE_COLOUR_UNKNOWN, false},
        {"车牌", PLATE_BLUE, false},
        {"B1234XYZ", PLATE_COLOUR_UNKNOWN, true},
        {"JOHN", PLATE_COLOUR_UNKNOWN, true},
        {"A", PLATE_COLOUR_UNKNOWN, false},
        {"AB?12", PLATE_COLOUR_UNKNOWN, false},
        {"", PLATE_COLOUR_UNKNOWN, false},
        {"使014578", PLATE_BLACK, true},
        {"12345678901", PLATE_COLOUR_UNKNOWN, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (plate_plausible(rows[i].plate, rows[i].colour) != rows[i].plausible)
            fail_msg("%s", rows[i].plate);
}

static void makers_words_for_colours_are_known(void **state)
{
    (void)state;
    assert_int_equal(plate_colour_parse("White"), PLATE_WHITE);
    assert_int_equal(plate_colour_parse("newEnergyYellowGreen"), PLATE_YELLOW_GREEN);
    assert_int_equal(plate_colour_parse("蓝色"), PLATE_BLUE);
    assert_int_equal(plate_colour_parse("plaid"), PLATE_COLOUR_UNKNOWN);
    for (int i = 0; i < PLATE_COLOURS; i++)
        assert_int_equal(plate_colour_parse(plate_colour_name((enum plate_colour)i)), i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_plate_has_one_form_however_it_is_written),
        cmocka_unit_test(words_for_no_plate_are_no_plate),
        cmocka_unit_test(a_text_longer_than_a_plate_is_refused_whole),
        cmocka_unit_test(broken_utf8_is_a_character_that_was_not_read),
        cmocka_unit_test(what_cannot_be_a_plate_is_said),
        cmocka_unit_test(makers_words_for_colours_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
