/* Secrets: where they may lie, and what of a file is taken for one. No message tells what it holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config/secret.h"

enum { LONG = SECRET_PATH_SIZE + 8 };

static char folder[] = "/tmp/parkd-test-secret-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/secret", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_file(const char *bytes, size_t size, mode_t mode)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_path_is_beside_the_file_that_says_it_unless_it_is_whole(void **state)
{
    char found[SECRET_PATH_SIZE], name[LONG];
    struct err err;

    (void)state;
    assert_true(secret_path("/etc/parkd/parkd.conf", "token", found, &err));
    assert_string_equal(found, "/etc/parkd/token");
    assert_true(secret_path("/etc/parkd/parkd.conf", "/run/token", found, &err));
    assert_string_equal(found, "/run/token");
    assert_true(secret_path("parkd.conf", "token", found, &err));
    assert_string_equal(found, "token");
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_false(secret_path("parkd.conf", name, found, &err));
    assert_string_equal(err.text, "the path is too long");
}

static void a_credential_is_one_name_in_the_folder_of_the_service(void **state)
{
    static const char *const wrong[] = {"credential:", "credential:a/b", "credential:../shadow"};
    char found[SECRET_PATH_SIZE], name[LONG];
    struct err err;

    (void)state;
    setenv("CREDENTIALS_DIRECTORY", "/run/credentials/parkd", 1);
    assert_true(secret_path("/etc/parkd/parkd.conf", "credential:token", found, &err));
    assert_string_equal(found, "/run/credentials/parkd/token");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(secret_path("parkd.conf", wrong[i], found, &err));
        assert_non_null(strstr(err.text, "names no credential"));
    }
    memset(name, 'x', sizeof name);
    memcpy(name, "credential:", strlen("credential:"));
    name[sizeof name - 1] = '\0';
    assert_false(secret_path("parkd.conf", name, found, &err));
    assert_non_null(strstr(err.text, "is too long"));
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_false(secret_path("parkd.conf", "credential:token", found, &err));
    assert_non_null(strstr(err.text, "LoadCredential=token:FILE"));
}

static void one_line_of_a_file_is_taken_however_it_ends(void **state)
{
    static const char *const ends[] = {"", "\n", "\r\n"};
    char text[64], found[SECRET_SIZE];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(text, sizeof text, "0123!~abc%s", ends[i]);
        write_file(text, strlen(text), 0600);
        assert_true(secret_read(path, found, &err));
        assert_string_equal(found, "0123!~abc");
    }
}

static void what_is_no_one_line_is_refused_without_being_told(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } wrong[] = {
        {"", 0},           {"\n", 1},        {"hidden one\n", 11}, {"hidden\nhidden\n", 14},
        {"hid\0den\n", 8}, {"hid\tden", 7},  {"hid\x7f", 4},       {"\xc3\xa9hidden", 8},
        {"\nhidden\n", 8}, {"hidden\n x", 9}};
    char longest[SECRET_SIZE + 2], found[SECRET_SIZE] = "as it was";
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_file(wrong[i].bytes, wrong[i].size, 0600);
        assert_false(secret_read(path, found, &err));
        assert_non_null(strstr(err.text, "does not hold one line"));
        assert_null(strstr(err.text, "hid"));
        assert_string_equal(found, "as it was");
    }
    memset(longest, 'x', sizeof longest);
    write_file(longest, SECRET_SIZE, 0600);
    assert_false(secret_read(path, found, &err));
    write_file(longest, SECRET_SIZE - 1, 0600);
    assert_true(secret_read(path, found, &err));
}

static void a_file_that_everyone_reads_or_that_is_none_is_refused(void **state)
{
    char found[SECRET_SIZE];
    struct err err;

    (void)state;
    write_file("token", 5, 0644);
    assert_false(secret_read(path, found, &err));
    assert_non_null(strstr(err.text, "can be read by everyone (mode 644), do: chmod 640"));
    assert_true(secret_check(path, false, &err)); /* a certificate may be */
    assert_false(secret_read(folder, found, &err));
    assert_non_null(strstr(err.text, "is not a regular file"));
    unlink(path);
    assert_false(secret_read(path, found, &err));
    assert_non_null(strstr(err.text, "cannot be read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_beside_the_file_that_says_it_unless_it_is_whole),
        cmocka_unit_test(a_credential_is_one_name_in_the_folder_of_the_service),
        cmocka_unit_test(one_line_of_a_file_is_taken_however_it_ends),
        cmocka_unit_test(what_is_no_one_line_is_refused_without_being_told),
        cmocka_unit_test(a_file_that_everyone_reads_or_that_is_none_is_refused),
    };

    return cmocka_run_group_tests_name("secret", tests, make_folder, remove_folder);
}
