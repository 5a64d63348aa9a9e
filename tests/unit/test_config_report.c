/* What a program that needs no more takes of the configuration: zone, cut and fees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/config/config_report.h"

static bool take(const char *text, struct report_settings *ret, struct err *err)
{
    char path[] = "/tmp/parkd-report-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    bool good = config_report(path, ret, err);
    unlink(path);
    return good;
}

static void the_business_day_is_as_configured(void **state)
{
    struct report_settings settings;
    struct err err;

    (void)state;
    assert_true(take("site = { id = \"s\"; zone = \"Asia/Tokyo\"; };\n"
                     "report = { cut = \"04:00\"; fees = \"wechat=0.6\"; };\n",
                     &settings, &err));
    assert_string_equal(settings.zone, "Asia/Tokyo");
    assert_string_equal(settings.cut, "04:00");
    assert_string_equal(settings.fees, "wechat=0.6");
    config_report_free(&settings);
    assert_true(take("site = { id = \"s\"; };\n", &settings, &err));
    assert_null(settings.zone);
    assert_string_equal(settings.cut, "00:00");
    assert_string_equal(settings.fees, "");
    config_report_free(&settings);
}

/* It may name secrets that this user cannot read, and devices that are of no concern here. */
static void what_else_stands_there_is_not_looked_at(void **state)
{
    struct report_settings settings;
    struct err err;

    (void)state;
    assert_true(take("site = { zone = \"Asia/Shanghai\"; };\n"
                     "serve = { token_file = \"/none\"; };\nbuses = 7;\n",
                     &settings, &err));
    config_report_free(&settings);
}

static void a_mistake_in_it_is_told_with_its_line(void **state)
{
    struct report_settings settings;
    struct err err;

    (void)state;
    assert_false(take("\nreport = { cut = \"25:00\"; };\n", &settings, &err));
    assert_non_null(strstr(err.text, ":2: report: cut \"25:00\" is no time"));
    assert_false(take("report = { fees = \"gold=1\"; };\n", &settings, &err));
    assert_non_null(strstr(err.text, ":1: report: fees \"gold=1\""));
    assert_false(take("report = {", &settings, &err));
    assert_false(config_report("/nonexistent/parkd.conf", &settings, &err));
    assert_non_null(strstr(err.text, "cannot be read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_business_day_is_as_configured),
        cmocka_unit_test(what_else_stands_there_is_not_looked_at),
        cmocka_unit_test(a_mistake_in_it_is_told_with_its_line),
    };

    return cmocka_run_group_tests_name("config report", tests, NULL, NULL);
}
