/* Files that match a pattern: this program's glob() stands before the C library's, and answers what
 * a test wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/config/files.h"

static int answer;

int glob(const char *pattern, int flags, int (*failed)(const char *path, int number), glob_t *ret)
{
    (void)pattern, (void)flags, (void)failed;
    ret->gl_pathc = answer == 0;
    return answer;
}

static void files_that_memory_did_not_suffice_for_are_not_taken_for_none(void **state)
{
    glob_t found;
    int status = 0;
    pid_t child = fork();

    (void)state;
    answer = GLOB_NOSPACE;
    if (child == 0) {
        files_matching("*.conf", 0, &found);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EX_SOFTWARE);
}

static void a_pattern_that_matches_nothing_has_no_files(void **state)
{
    glob_t found;

    (void)state;
    answer = GLOB_NOMATCH;
    assert_false(files_matching("*.conf", 0, &found));
    assert_int_equal(found.gl_pathc, 0);
    answer = 0;
    assert_true(files_matching("*.conf", 0, &found));
    assert_int_equal(found.gl_pathc, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_memory_did_not_suffice_for_are_not_taken_for_none),
        cmocka_unit_test(a_pattern_that_matches_nothing_has_no_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
