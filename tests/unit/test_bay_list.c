/* Lists of bays as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/config/bay_list.h"

enum { SEEN_SIZE = 512 };

static void see(void *arg, const char *name)
{
    char *seen = arg;
    size_t used = strlen(seen);

    snprintf(seen + used, SEEN_SIZE - used, "%s ", name ? name : "(none)");
}

static void lists_are_told_name_by_name(void **state)
{
    static const char *const rows[][2] = {
        {"A", "A "},
        {" A-1 ,\n\tB.2 ", "A-1 B.2 "},
        {"A-1..A-3", "A-1 A-2 A-3 "},
        {"A-9..A-11", "A-9 A-10 A-11 "},
        {"A-08..A-11", "A-08 A-09 A-10 A-11 "},
        {"A-0..A-2", "A-0 A-1 A-2 "},
        {"7..9", "7 8 9 "},
        {"A-5..A-5", "A-5 "},
        {"A1.1..A1.2", "A1.1 A1.2 "},
        {"A-1, -, A-2..A-3, -", "A-1 (none) A-2 A-3 (none) "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char seen[SEEN_SIZE] = "";
        struct err err = {""};
        if (!bay_list_each(rows[i][0], see, seen, &err))
            fail_msg("\"%s\": %s", rows[i][0], err.text);
        assert_string_equal(seen, rows[i][1]);
    }
}

static void what_is_no_list_is_refused_in_words(void **state)
{
    static const char *const rows[][2] = {
        {"", "has an empty place in the list"},
        {"A,", "has an empty place in the list"},
        {"A B", "\"A B\" is no bay id"},
        {"-A", "\"-A\" is no bay id"},
        {"A..", "\"\" is no bay id"},
        {"A-1...A-3", "\".A-3\" is no bay id"},
        {"A-1..A-2..A-3", "\"A-1..A-2..A-3\": both ends need the same beginning and a number at "
                          "the end"},
        {"A-2..A-1", "\"A-2..A-1\" runs backwards"},
        {"A-01..A-1", "\"A-01..A-1\": both numbers need as many digits"},
        {"A-1..A-02", "\"A-1..A-02\": both numbers need as many digits"},
        {"A-1..A-30000", "\"A-1..A-30000\" has more than 20000 bays"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char seen[SEEN_SIZE] = "";
        struct err err = {""};
        assert_false(bay_list_each(rows[i][0], see, seen, &err));
        assert_string_equal(err.text, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_told_name_by_name),
        cmocka_unit_test(what_is_no_list_is_refused_in_words),
    };
    return cmocka_run_group_tests_name("bay_list", tests, NULL, NULL);
}
