/*
 * Golden files: each tests/config/NAME.conf gives exactly the lines of NAME.expected, none when it
 * is valid; and what is shipped in config/ is valid. Run from the top of the tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/config/config.h"

enum { LINES_SIZE = 64 * 1024, CASES_LEAST = 100 };

static void gather(void *arg, const char *line)
{
    char *lines = arg;
    size_t used = strlen(lines);

    assert_true(used + strlen(line) + 2 < LINES_SIZE);
    snprintf(lines + used, LINES_SIZE - used, "%s\n", line);
}

static void read_expected(const char *conf, char expected[LINES_SIZE])
{
    char path[256];

    snprintf(path, sizeof path, "%.*s.expected", (int)strlen(conf) - 5, conf);
    FILE *file = fopen(path, "re");
    if (!file)
        fail_msg("%s is missing", path);
    expected[fread(expected, 1, LINES_SIZE - 1, file)] = '\0';
    fclose(file);
}

static void gives_exactly_its_lines(void **state)
{
    static char lines[LINES_SIZE], expected[LINES_SIZE];
    const char *conf = *state;

    lines[0] = '\0';
    struct config *config = config_load(conf, gather, lines);
    read_expected(conf, expected);
    assert_string_equal(lines, expected);
    assert_int_equal(config == NULL, expected[0] != '\0');
    config_free(config);
}

static void is_valid(void **state)
{
    static char lines[LINES_SIZE];

    lines[0] = '\0';
    struct config *config = config_load(*state, gather, lines);
    assert_string_equal(lines, "");
    assert_non_null(config);
    config_free(config);
}

/* Version control keeps no modes, and these are what some of the cases are about. */
static int set_modes(void **state)
{
    glob_t secrets = {0};

    (void)state;
    assert_int_equal(glob("secrets/*", 0, NULL, &secrets), 0);
    for (size_t i = 0; i < secrets.gl_pathc; i++)
        assert_int_equal(chmod(secrets.gl_pathv[i], 0600), 0);
    globfree(&secrets);
    assert_int_equal(chmod("secrets/open", 0644), 0);
    return setenv("CREDENTIALS_DIRECTORY", "secrets", 1);
}

static size_t add(struct CMUnitTest *tests, size_t count, const glob_t *found,
                  CMUnitTestFunction fn)
{
    for (size_t i = 0; i < found->gl_pathc; i++)
        tests[count++] = (struct CMUnitTest){
            .name = found->gl_pathv[i], .test_func = fn, .initial_state = found->gl_pathv[i]};
    return count;
}

int main(void)
{
    glob_t golden = {0}, shipped = {0};
    size_t count = 0;

    if (chdir("tests/config") != 0 || glob("*.conf", 0, NULL, &golden) != 0 ||
        glob("../../config/parkd.conf", 0, NULL, &shipped) != 0 ||
        glob("../../config/examples/*.conf", GLOB_APPEND, NULL, &shipped) != 0 ||
        golden.gl_pathc < CASES_LEAST) {
        fprintf(stderr, "test_config_golden: run it from the top of the tree\n");
        return 2;
    }
    struct CMUnitTest *tests = memory_new(golden.gl_pathc + shipped.gl_pathc, sizeof *tests);
    count = add(tests, count, &golden, gives_exactly_its_lines);
    count = add(tests, count, &shipped, is_valid);
    int failed = _cmocka_run_group_tests("config_golden", tests, count, set_modes, NULL);
    free(tests);
    globfree(&shipped);
    globfree(&golden);
    return failed;
}
