/* Decimal amounts: exact or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/core/decimal.h"

static void an_amount_is_read_exactly(void **state)
{
    static const struct {
        const char *text;
        int places;
        int64_t value;
    } good[] = {
        {"7.00", 2, 700},
        {"0.04000", 2, 4},
        {"0.04200", 5, 4200},
        {"-22.00", 2, -2200},
        {"+3.5", 2, 350},
        {"12", 2, 1200},
        {"1,234.50", 2, 123450},
        {"12,345,678", 0, 12345678},
        {"0", 2, 0},
        {"-0.01", 2, -1},
        {"10000000000000.00", 2, 1000000000000000},
        {"700", 0, 700},
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t value = -99;
        assert_true(decimal_parse(good[i].text, good[i].places, &value));
        assert_int_equal(value, good[i].value);
    }
}

static void what_is_no_exact_amount_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "1.",
                                      ".5",
                                      "1.001",
                                      "1e3",
                                      "1 2",
                                      "0x10",
                                      "1,23",
                                      "1,2345",
                                      ",123",
                                      "1,",
                                      "12,34,567",
                                      "1.2.3",
                                      "--1",
                                      "1234,567",
                                      "nan",
                                      "7.00 ",
                                      "99999999999999999999",
                                      "10000000000000.01"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t value = -99;
        assert_false(decimal_parse(bad[i], 2, &value));
        assert_int_equal(value, -99);
    }
}

static void an_amount_is_written_as_it_was_read(void **state)
{
    char text[DECIMAL_TEXT];

    (void)state;
    assert_string_equal(decimal_text(-5, 2, text), "-0.05");
    assert_string_equal(decimal_text(123450, 2, text), "1234.50");
    assert_string_equal(decimal_text(7, 0, text), "7");
    assert_string_equal(decimal_text(INT64_MIN, 2, text), "-92233720368547758.08");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_amount_is_read_exactly),
        cmocka_unit_test(what_is_no_exact_amount_is_refused),
        cmocka_unit_test(an_amount_is_written_as_it_was_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
