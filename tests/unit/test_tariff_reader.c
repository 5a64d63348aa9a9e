/* Tariff and calendar files: what is wrong is told with its line, all of it in one run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/config/tariff_library.h"
#include "daemon/config/tariff_reader.h"

enum { TOLD_SIZE = 8192 };

#define HEAD                                                                                          \
    "id = \"t\";\nversion = \"1\";\nname = \"T\";\nname_zh = \"T\";\nsource = \"a page\";\n" /* 5     \
                                                                                                lines \
                                                                                              */
#define RULES "rules = { windows = ({ steps = ({ unit = 60; price = 100; }); }); };\n"

static char folder[] = "/tmp/test_tariff_reader.XXXXXX";
static char told[TOLD_SIZE];

static char *put(const char *name, const char *text)
{
    char *path = memory_format("%s/%s", folder, name);
    FILE *out = fopen(path, "we");

    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    return path;
}

static void tell(void *arg, const char *line)
{
    (void)arg;
    size_t used = strlen(told);
    snprintf(told + used, sizeof told - used, "%s\n", strrchr(line, '/') + 1);
}

/* Reads a file of this text; the mistakes, a line each. */
static const char *mistakes_of(const char *text, bool calendar)
{
    struct mistakes *mistakes = mistake_create();
    struct arena *memory = arena_create();
    struct calendar_year year;
    char *path = put("t.conf", text);
    bool read = calendar ? calendar_reader_read(path, memory, mistakes, &year)
                         : tariff_reader_read(path, memory, mistakes) != NULL;

    told[0] = '\0';
    mistake_tell(mistakes, tell, NULL);
    assert_int_equal(read, told[0] == '\0');
    unlink(path);
    free(path);
    arena_destroy(memory);
    mistake_destroy(mistakes);
    return told;
}

static void assert_told(const char *text, const char *what)
{
    if (!strstr(mistakes_of(text, false), what))
        fail_msg("\"%s\" is not in: %s", what, told);
}

static void a_least_tariff_is_read(void **state)
{
    (void)state;
    assert_string_equal(mistakes_of(HEAD RULES, false), "");
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text, *what;
    } cases[] = {
        {HEAD, "t.conf:1: tariff: rules is missing"},
        {"id = \"t\";\n" RULES, "version is missing"},
        {HEAD "fre = 1;\n" RULES, "t.conf:6: tariff: unknown key \"fre\" (did you mean \"free\"?)"},
        {HEAD "valid_from = \"2023-02-29\";\n" RULES, "\"2023-02-29\" is no date"},
        {HEAD "missing_open = \"7:00\";\n" RULES, "\"7:00\" is no time of day"},
        {HEAD "exempt = (\"tram\");\n" RULES, "t.conf:6: exempt: tram is not known; allowed: all"},
        {HEAD "exempt = (7);\n" RULES, "t.conf:6: exempt: what stands here is not known"},
        {HEAD "same_as = ((\"medium\"));\n" RULES, "t.conf:6: same_as: this is no pair"},
        {HEAD "same_as = (7);\n" RULES, "t.conf:6: same_as: this is no pair"},
        {HEAD "same_as = ((\"medium\", \"tram\"));\n" RULES, "t.conf:6: same_as: this is no pair"},
        {HEAD "free = ({ minutes = 0; });\n" RULES, "minutes"},
        {HEAD "factors = ({ times = 1;\nover = 0; });\n" RULES, "t.conf:7: factor: over"},
        {HEAD "reliefs = ({ percent = 101; });\n" RULES, "percent"},
        {HEAD "rules = { windows = ({ days = (\"someday\");\n steps = ({ price = 1; }); }); };\n",
         "t.conf:6: days: someday is not known; allowed: all, work"},
        {HEAD "rules = { windows = ({ from = \"24:00\"; steps = ({ price = 1; }); }); };\n",
         "begins at 24:00"},
        {HEAD "rules = { windows = (\n{ steps = (\n{ unit = 30; price = 1; round = \"tail\"; }); "
              "}); };\n",
         "t.conf:8: step: \"tail\" and round \"tail\" belong together"},
        {HEAD "rules = { windows = ({ steps = ({ price = 1; }); });\n caps = (\n{ money = 1; units "
              "= 2; }); };\n",
         "t.conf:8: cap: says 2 limits"},
        {HEAD "rules = { windows = (\n{ from = \"07:00\"; to = \"19:00\"; steps = ({ price = 1; "
              "}); }); };\n",
         "windows: nothing is said for small at 00:00 on Mondays"},
        {HEAD "rules = { windows = (\n{ steps = (\n{ to = 30; price = 1; }); }); };\n",
         "t.conf:8: step: nothing is said beyond 30 min"},
        {HEAD "alternatives = ({ exit_before = \"07:00\";\n" RULES "});\n" RULES,
         "t.conf:9: may_fall"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_told(cases[i].text, cases[i].what);
}

static void all_mistakes_are_told_in_one_run(void **state)
{
    const char *all =
        mistakes_of(HEAD "valid_from = \"x\";\nexponent = 9;\nexempt = (\"tram\");\n"
                         "rules = { windows = ({ to = \"9\"; steps = ({ price = -1; }); "
                         "}); };\n",
                    false);
    int lines = 0;

    (void)state;
    for (; *all; all++)
        lines += *all == '\n';
    assert_int_equal(lines, 5);
}

static void a_calendar_holds_the_dates_of_its_year_in_order(void **state)
{
    static const char *const bad[] = {"holidays = (\"2023-12-31\");",
                                      "holidays = (\"2024-01-02\", \"2024-01-01\");",
                                      "holidays = (\"2024-02-30\");",
                                      "holidays = (\"2024-01-03..2024-01-01\");",
                                      "holidays = (\"2024-12-30..2025-01-01\");",
                                      "holidays = (7);",
                                      "holidays = (\"2024-01-1..2024-01-02\");",
                                      "holidays = (); workdays = (\"x\");"};

    (void)state;
    assert_string_equal(mistakes_of("calendar = \"x\"; source = \"s\"; year = 2024;\n"
                                    "holidays = (\"2024-01-01..2024-01-03\", \"2024-05-01\");\n"
                                    "workdays = (\"2024-01-06\");\n",
                                    true),
                        "");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *text = memory_format("calendar = \"x\"; source = \"s\"; year = 2024;\n%s\n", bad[i]);

        if (!strstr(mistakes_of(text, true), "is no date of the year 2024"))
            fail_msg("%s: %s", bad[i], told);
        free(text);
    }
    assert_non_null(strstr(mistakes_of("year = 1;\n", true), "calendar is missing"));
}

static void a_library_finds_versions_zones_and_calendars(void **state)
{
    struct tariff_library *library = tariff_library_create(folder, folder);
    char *one = put("a.conf", "id = \"a\"; version = \"1\"; name = \"A\"; name_zh = \"A\"; "
                              "source = \"s\"; calendar = \"x\";\n" RULES);
    char *two =
        put("a@2.conf", "id = \"a\"; version = \"2\"; name = \"A\"; name_zh = \"A\"; "
                        "source = \"s\"; calendar = \"x\"; valid_from = \"2024-01-01\";\n" RULES);
    char *three = put("x-2024.conf", "calendar = \"x\"; source = \"s\"; year = 2024;\n"
                                     "holidays = (\"2024-05-01\");\n");
    char *four = put("b.conf", "id = \"c\"; version = \"2\"; name = \"A\"; name_zh = \"A\"; "
                               "source = \"s\";\n" RULES);
    struct err err;
    const struct tariff_book *book = tariff_library_book(library, "a", &err);

    (void)state;
    assert_non_null(book);
    assert_int_equal(book->versions_count, 2);
    assert_string_equal(book->versions[1]->version, "2");
    assert_int_equal(strlen(book->versions[0]->hash), 64);
    assert_int_equal(book->calendar->holidays_count, 1);
    assert_int_equal(book->calendar->years[0], 2024);
    assert_ptr_equal(tariff_library_book(library, "a", &err), book);
    assert_null(tariff_library_book(library, "b", &err));
    assert_non_null(strstr(err.text, "id is \"c\"; allowed: the name of the file"));
    assert_null(tariff_library_book(library, "none", &err));
    assert_non_null(strstr(err.text, "there is no file"));
    assert_null(tariff_library_book(library, "../a", &err));
    assert_null(tariff_library_book(library, "none", NULL));
    tariff_library_destroy(library);
    tariff_library_destroy(NULL);
    char *paths[] = {one, two, three, four};
    for (size_t i = 0; i < 4; i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
}

static void versions_must_fit_together(void **state)
{
    static const char *const others[][2] = {
        {"valid_from = \"2024-01-01\"; zone = \"Europe/Berlin\";", "differ in zone or currency"},
        {"", "two versions are valid from the same day"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tariff_library *library = tariff_library_create(folder, folder);
        char *one = put("t.conf", HEAD RULES);
        char *text = memory_format("%s%s\n%s", HEAD, others[i][0], RULES);
        char *two = put("t@2.conf", text);
        struct err err;

        assert_null(tariff_library_book(library, "t", &err));
        assert_non_null(strstr(err.text, others[i][1]));
        unlink(one);
        unlink(two);
        free(one);
        free(two);
        free(text);
        tariff_library_destroy(library);
    }
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_least_tariff_is_read),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(all_mistakes_are_told_in_one_run),
        cmocka_unit_test(a_calendar_holds_the_dates_of_its_year_in_order),
        cmocka_unit_test(a_library_finds_versions_zones_and_calendars),
        cmocka_unit_test(versions_must_fit_together),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
