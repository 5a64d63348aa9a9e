/* Mistakes, names and suggestions: the small tools of reading a configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/config/mistake.h"
#include "daemon/config/name_index.h"
#include "daemon/config/suggest.h"

struct told {
    int count;
    char first[600], last[600];
};

static void hear(void *arg, const char *line)
{
    struct told *told = arg;

    if (told->count++ == 0)
        snprintf(told->first, sizeof told->first, "%s", line);
    snprintf(told->last, sizeof told->last, "%s", line);
}

static void mistakes_are_told_by_file_and_line_then_as_they_came(void **state)
{
    struct mistakes *mistakes = mistake_create();
    uint32_t a = mistake_file(mistakes, "z.conf"), b = mistake_file(mistakes, "a.conf");
    struct told told = {0};

    (void)state;
    mistake_add(mistakes, (struct place){b, 1}, "last");
    mistake_add(mistakes, (struct place){a, 9}, "third");
    mistake_add(mistakes, (struct place){a, 2}, "first %d", 1);
    mistake_add(mistakes, (struct place){a, 2}, "second");
    mistake_tell(mistakes, hear, &told);
    assert_int_equal(told.count, 4);
    assert_string_equal(told.first, "z.conf:2: first 1");
    assert_string_equal(told.last, "a.conf:1: last");
    mistake_destroy(mistakes);
}

static void what_does_not_fit_is_counted(void **state)
{
    struct mistakes *mistakes = mistake_create();
    uint32_t file = mistake_file(mistakes, "f");
    struct told told = {0};

    (void)state;
    for (uint32_t i = 0; i < 503; i++)
        mistake_add(mistakes, (struct place){file, i + 1}, "wrong");
    assert_int_equal(mistake_count(mistakes), 503);
    mistake_tell(mistakes, hear, &told);
    assert_int_equal(told.count, 501);
    assert_string_equal(told.last, "3 more mistakes are not shown");
    mistake_destroy(mistakes);
}

static void a_name_is_found_among_many_and_taken_once(void **state)
{
    enum { MANY = 5000 };
    static char names[MANY][8];
    struct name_index *index = name_index_create();

    (void)state;
    for (uint32_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "N%u", i);
        assert_null(name_index_put(index, (struct name_entry){.name = names[i], .value = i}));
    }
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(name_index_find(index, names[i])->value, i);
    assert_null(name_index_find(index, "N5000"));
    const struct name_entry *earlier =
        name_index_put(index, (struct name_entry){.name = "N17", .value = 99});
    assert_int_equal(earlier->value, 17);
    assert_int_equal(name_index_find(index, "N17")->value, 17);
    name_index_destroy(index);
}

static const char *nearest(const char *typed)
{
    static const char *const words[] = {"name", "zones", "bays", "debounce_free_ms", "id"};
    struct suggest search = {.typed = typed};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        suggest_offer(&search, words[i]);
    return search.nearest ? search.nearest : "-";
}

static void a_slip_of_the_finger_is_understood(void **state)
{
    (void)state;
    assert_string_equal(nearest("nmae"), "name");
    assert_string_equal(nearest("zone"), "zones");
    assert_string_equal(nearest("debounc_fre_ms"), "debounce_free_ms");
    assert_string_equal(nearest("bayss"), "bays");
    assert_string_equal(nearest("colour"), "-");
    assert_string_equal(nearest("x"), "-");
    assert_string_equal(nearest("a_word_far_longer_than_any_key_of_this_configuration"), "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_told_by_file_and_line_then_as_they_came),
        cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(a_name_is_found_among_many_and_taken_once),
        cmocka_unit_test(a_slip_of_the_finger_is_understood),
    };
    return cmocka_run_group_tests_name("config_tools", tests, NULL, NULL);
}
