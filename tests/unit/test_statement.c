/* One statement of a channel: captured ones are read whole, and the same with one thing changed are
 * refused with the line and the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/civil.h"
#include "daemon/reconcile/statement.h"

#define BILLS "tests/captures/bills/"
#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"

enum { FILE_MAX = 1 << 16 };

static const char wechat[] = "wechat_tradebill_ALL_20240314.csv";
static const char empty[] = "wechat_tradebill_empty_20240315.csv";
static const char summary[] = "alipay_trade_summary_20240313.utf8.csv";

/* The file, with the first `from` replaced. */
static char *changed(const char *name, const char *from, const char *to)
{
    char path[128], *text = calloc(1, FILE_MAX), *whole = calloc(1, 2 * FILE_MAX);

    snprintf(path, sizeof path, BILLS "%s", name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_true(fread(text, 1, FILE_MAX - 1, file) > 0);
    fclose(file);
    char *at = strstr(text, from);
    if (!at)
        fail_msg("%s holds no \"%s\"", name, from);
    snprintf(whole, 2 * FILE_MAX, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    free(text);
    return whole;
}

static bool reads(const char *name, const char *text, struct statement_facts *ret, struct err *err)
{
    static const struct statement_reader reader = {.line = NULL};
    struct source_bytes bytes = {text, strlen(text), 0};
    struct source source = source_of_bytes(name, &bytes);

    err->text[0] = '\0';
    *ret = (struct statement_facts){.day = STATEMENT_NO_DAY};
    return statement_read(&reader, &source, ret, err);
}

struct change {
    const char *from, *to, *why; /* NULL: it is read */
};

static void assert_changes(const char *name, const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct statement_facts facts;
        struct err err;
        char *text = changed(name, changes[i].from, changes[i].to);
        bool good = reads(name, text, &facts, &err);

        if (good != !changes[i].why || (!good && !strstr(err.text, changes[i].why)))
            fail_msg("\"%s\" for \"%s\": \"%s\"", changes[i].to, changes[i].from, err.text);
        if (!good && strncmp(err.text, name, strlen(name)) != 0)
            fail_msg("\"%s\" does not begin with the file", err.text);
        free(text);
    }
}

static void each_mistake_of_a_row_is_named_with_its_line(void **state)
{
    static const char time[] = "no time as YYYY-MM-DD hh:mm:ss";
    static const struct change changes[] = {
        {"SUCCESS", "SUCCESS", NULL},
        {"2024-03-14 08:30", "2024-02-30 08:30", time},
        {"2024-03-14 08:30", "2024-13-14 08:30", time},
        {"2024-03-14 08:30", "2024-00-14 08:30", time},
        {"2024-03-14 08:30", "2024-03-00 08:30", time},
        {"2024-03-14 08:30", "2024-03-14 24:30", time},
        {"2024-03-14 08:30", "2024-03-14 08:60", time},
        {"08:30:00", "08:30:60", time},
        {"08:30:00", "08:30:0", time},
        {"08:30:00", "08:30:001", time},
        {"2024-03-14 08:30", "2024/03/14 08:30", time},
        {"2024-03-14 08:30", "2o24-03-14 08:30", time},
        {"2024-03-14 08:30", "2024-03-15 08:30",
         ":3: the row is of 2024-03-15, the statement of 2024-03-14"},
        {"`0.60%", "`0.60", "is no rate such as 0.60%"},
        {"`0.60%", "`x%", "is no rate such as 0.60%"},
        {"`0.60%", "`-1%", "is no rate such as 0.60%"},
        {"`0.60%", "`101%", "is no rate such as 0.60%"},
        {"`0.60%", "`", NULL},
        {"`SUCCESS", "`HAPPY", ":2: \"交易状态\" is \"HAPPY\", which"},
        {"`CNY", "`USD", "currency \"USD\"; only CNY is reconciled"},
        {"`13.00", "`13.x", "is \"13.x\", no amount"},
        {"`13.00", "`13.001", "is \"13.001\", no whole number of fen"},
        {"`0.08000", "`0.080001", "is \"0.080001\", no amount"},
        {"GW20240313080007", "", "\"商户订单号\" is empty"},
        {"GW20240313080007", LONG, "\"商户订单号\" is longer than 64 bytes"},
        {"4200002100202403140000000001", "", "\"微信订单号\" is empty"},
        {"4200002100202403140000000001", LONG, "\"微信订单号\" is longer than 64 bytes"},
        {"`停车费", "`停车费,`more", "28 cells under 27 headers; the row is cut off or broken"},
        {"`停车费,", "", "26 cells under 27 headers"},
    };

    (void)state;
    assert_changes(wechat, changes, sizeof changes / sizeof *changes);
}

static void totals_that_do_not_agree_with_the_rows_are_told(void **state)
{
    static const struct change changes[] = {
        {"`2,`16.50", "`3,`16.50", "3"},
        {"`2,`16.50", "`2,`16.51", "16.51"},
        {"`0.10000,", "`0.20000,", "0.2"},
        {"`2,`16.50,", "`2,`x,", "x"},
        {"`0.10000,`16.50,`0.00", "`0.10000,`16.50,`0.00\n`1,`2", "a row behind the totals"},
    };

    (void)state;
    assert_changes(wechat, changes, sizeof changes / sizeof *changes);
}

static void a_summary_states_its_day_and_it_is_one(void **state)
{
    static const char unread[] = "no days that can be read";
    static const char whole[] = "the statement is not of one whole day";
    static const struct change changes[] = {
        {"#账号", "#账号", NULL},
        {"终止日期：[2024年03月14日", "终止日期：[2024年03月15日", whole},
        {"2024年03月13日 00:00:00]", "2024年03月13日 00:00:01]", whole},
        {"[2024年03月13日 00:00:00]", "2024年03月13日 00:00:00", whole}, /* the other is found */
        {"00:00:00]   终止日期：[2024年03月14日 00:00:00]",
         "12:00:00]   终止日期：[2024年03月14日 12:00:00]", whole},
        {"2024年03月13日 00:00:00]", "2024年3月13日 00:00:00]", unread},
        {"终止日期：[", "终止日期：", unread},
    };

    (void)state;
    assert_changes(summary, changes, sizeof changes / sizeof *changes);
}

/* A statement without rows is of the day that its name says. */
static void the_name_of_a_file_tells_one_day_or_none(void **state)
{
    static const struct {
        const char *name, *day; /* NULL: none */
    } rows[] = {
        {"bill_20240315.csv", "2024-03-15"},
        {"bill_2024-03-15.csv", "2024-03-15"},
        {"20240315", "2024-03-15"},
        {"/bills/20240101/bill_20240315.csv", "2024-03-15"},
        {"bill_20240315_2024-03-15.csv", "2024-03-15"},
        {"bill_20240315_20240316.csv", NULL},
        {"bill.csv", NULL},
        {"bill_20240230.csv", NULL},
        {"bill_202403150.csv", NULL},
        {"bill_2024-03-150.csv", NULL},
        {"bill_2024-3-15.csv", NULL},
        {"bill_2024.csv", NULL},
        {"bill_1_20240315_22.csv", "2024-03-15"},
    };
    char *text = changed(empty, "", "");

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct statement_facts facts;
        char day[CIVIL_DATE_TEXT];
        struct err err;

        bool good = reads(rows[i].name, text, &facts, &err);
        if (good && facts.day == STATEMENT_NO_DAY && rows[i].day)
            fail_msg("%s: no day", rows[i].name);
        if (rows[i].day) {
            assert_true(good);
            assert_string_equal(civil_date_text(facts.day, day), rows[i].day);
        } else if (good) {
            assert_int_equal(facts.day, STATEMENT_NO_DAY);
        }
    }
    free(text);
}

static void what_is_no_statement_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "a,b,c\n1,2,3\n",
                                        "<xml>\n<a>hello</a>\n</xml>\n",
                                        "{\"code\":\"SYSTEM\"}\n",
                                        "# only remarks\n",
                                        "<\n<\n<\n<\n<\n<\n<\n<\n<\n<\n<\n<\n<\n<\n<\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct statement_facts facts;
        struct err err;

        assert_false(reads("bill.csv", texts[i], &facts, &err));
        assert_memory_equal(err.text, "bill.csv", 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_of_a_row_is_named_with_its_line),
        cmocka_unit_test(totals_that_do_not_agree_with_the_rows_are_told),
        cmocka_unit_test(a_summary_states_its_day_and_it_is_one),
        cmocka_unit_test(the_name_of_a_file_tells_one_day_or_none),
        cmocka_unit_test(what_is_no_statement_is_refused),
    };

    return cmocka_run_group_tests_name("statement", tests, NULL, NULL);
}
