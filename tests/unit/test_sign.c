/* Guidance signs: what is written for a number, for full and for not known, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sensors/sign/sign.h"

static const struct sign_map number = {.function = 6,
                                       .address = 0,
                                       .form = SIGN_NUMBER,
                                       .width = 3,
                                       .full_value = 0,
                                       .unknown_value = 0xFFFF};
static const struct sign_map digits = {.function = 16,
                                       .address = 16,
                                       .form = SIGN_DIGITS,
                                       .width = 3,
                                       .blank_code = 15,
                                       .dash_code = 10,
                                       .full = "0",
                                       .unknown = "---",
                                       .brightness_address = 32,
                                       .brightness = 80};
static const struct sign_map bcd = {.function = 16,
                                    .address = 4,
                                    .form = SIGN_BCD,
                                    .width = 5,
                                    .zeros = true,
                                    .blank_code = 15,
                                    .dash_code = 10,
                                    .full = "0",
                                    .unknown = "-"};
static const struct sign_map ascii = {.function = 16,
                                      .address = 100,
                                      .form = SIGN_ASCII,
                                      .width = 4,
                                      .full = "FULL",
                                      .unknown = "----"};

static void assert_shows(const struct sign_map *map, bool known, uint32_t free, const char *hex)
{
    uint8_t bytes[FRAME_MAX];
    char text[3 * FRAME_MAX] = "";
    struct err err = {.text = ""};
    if (!sign_map_check(map, &err))
        fail_msg("%s", err.text);
    struct frame_request request = sign_encode(map, 1, &(struct sign_value){known, free});
    size_t size = frame_encode(FRAME_RTU, &request, bytes) - 2;
    for (size_t i = 1; i < size; i++)
        sprintf(text + 3 * (i - 1), "%02X%s", bytes[i], i + 1 < size ? " " : "");
    assert_string_equal(text, hex);
}

static void a_number_stands_in_one_register(void **state)
{
    (void)state;
    assert_shows(&number, true, 42, "06 00 00 00 2A");
    assert_shows(&number, true, 0, "06 00 00 00 00");
    assert_shows(&number, true, 5000, "06 00 00 03 E7"); /* 999: all that it has room for */
    assert_shows(&number, false, 42, "06 00 00 FF FF");
    struct sign_map wide = number;
    wide.width = 5; /* all that a register holds */
    assert_shows(&wide, true, 65536, "06 00 00 FF FF");
}

static void digits_stand_in_a_register_each_with_blanks_before_them(void **state)
{
    (void)state;
    assert_shows(&digits, true, 42, "10 00 10 00 03 06 00 0F 00 04 00 02");
    assert_shows(&digits, true, 0, "10 00 10 00 03 06 00 0F 00 0F 00 00");
    assert_shows(&digits, false, 0, "10 00 10 00 03 06 00 0A 00 0A 00 0A");
}

static void packed_digits_fill_the_last_register_with_blanks(void **state)
{
    (void)state;
    assert_shows(&bcd, true, 1234, "10 00 04 00 02 04 01 23 4F FF");
    assert_shows(&bcd, false, 0, "10 00 04 00 02 04 FF FF AF FF");
}

static void a_panel_of_characters_says_full(void **state)
{
    (void)state;
    assert_shows(&ascii, true, 0, "10 00 64 00 02 04 46 55 4C 4C");
    assert_shows(&ascii, true, 7, "10 00 64 00 02 04 20 20 20 37");
    assert_shows(&ascii, false, 7, "10 00 64 00 02 04 2D 2D 2D 2D");
}

static void what_a_sign_cannot_show_is_refused(void **state)
{
    (void)state;
    struct err err;
    struct sign_map map;
#define REFUSED(from, change, words)          \
    map = from;                               \
    map.change;                               \
    assert_false(sign_map_check(&map, &err)); \
    assert_non_null(strstr(err.text, words))
    REFUSED(digits, full = "FULL", "\"FULL\" cannot be shown: 3 characters, digits, blanks and -");
    REFUSED(digits, unknown = "???", "\"???\" cannot be shown");
    REFUSED(ascii, full = "FULLY", "\"FULLY\" cannot be shown: 4 characters");
    REFUSED(digits, function = 6, "function 6 writes one register, but 3 are needed");
    REFUSED(digits, address = 65534, "past address 65535");
    REFUSED(digits, width = 0, "width is 0; allowed are 1 to 8");
    REFUSED(digits, width = 9, "width is 9");
    REFUSED(number, width = 6, "no more than 5 digits");
    REFUSED(bcd, blank_code = 16, "blank_code and dash_code are 0 to 15");
    REFUSED(bcd, dash_code = 16, "blank_code and dash_code are 0 to 15");
#undef REFUSED
}

static bool due(struct sign *sign, int64_t at_ms, struct frame_request *ret)
{
    return sign_next(sign, &digits, 1, 30000, (mono_ms){at_ms}, ret);
}

/* G1, G2. */
static void a_change_is_written_once_and_again_at_the_refresh(void **state)
{
    (void)state;
    struct sign sign = {.asked = false};
    struct frame_request request;
    assert_false(due(&sign, 1000, &request)); /* nothing asked for yet */
    sign_show(&sign, &(struct sign_value){true, 7});
    assert_true(due(&sign, 1000, &request));
    assert_false(due(&sign, 1000, &request)); /* under way */
    sign_show(&sign, &(struct sign_value){true, 6});
    sign_show(&sign, &(struct sign_value){true, 5});
    assert_true(due(&sign, 1001, &request));
    assert_int_equal(request.words[2], 5);
    sign_written(&sign, true);
    sign_show(&sign, &(struct sign_value){true, 5});
    assert_false(due(&sign, 30999, &request));
    assert_true(due(&sign, 31001, &request));
    assert_int_equal(request.words[2], 5);
    sign_written(&sign, true);
    assert_true(due(&sign, 31002, &request)); /* the brightness follows */
    assert_int_equal(request.address, 32);
    sign_written(&sign, false);
    assert_false(due(&sign, 32000, &request));
    assert_true(due(&sign, 32001, &request)); /* so all is written again */
    sign_written(&sign, true);
    assert_false(due(&sign, 60000, &request));
    sign_show(&sign, &(struct sign_value){false, 5});
    assert_true(due(&sign, 60000, &request)); /* the number is the same, but not known any more */
    sign_show(&sign, &(struct sign_value){true, 5});
    sign_written(&sign, true); /* of what is shown no more */
    assert_true(due(&sign, 60001, &request));
    assert_int_equal(request.words[2], 5);
}

/* G3. */
static void what_was_not_confirmed_is_written_again(void **state)
{
    (void)state;
    struct sign sign = {.asked = false};
    struct frame_request request;
    sign_show(&sign, &(struct sign_value){false, 0});
    assert_true(due(&sign, 1000, &request));
    sign_written(&sign, false);
    assert_false(due(&sign, 1999, &request));
    assert_true(due(&sign, 2000, &request));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_stands_in_one_register),
        cmocka_unit_test(digits_stand_in_a_register_each_with_blanks_before_them),
        cmocka_unit_test(packed_digits_fill_the_last_register_with_blanks),
        cmocka_unit_test(a_panel_of_characters_says_full),
        cmocka_unit_test(what_a_sign_cannot_show_is_refused),
        cmocka_unit_test(a_change_is_written_once_and_again_at_the_refresh),
        cmocka_unit_test(what_was_not_confirmed_is_written_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
