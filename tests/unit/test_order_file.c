/* Orders and counted shifts from files: as JSON lines or as rows, and each mistake by its words and
 * its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/reconcile/order_file.h"

#define PAID "{\"order_no\":\"O1\",\"channel\":\"wechat\",\"status\":\"PAID\",\"payable_fen\":500,"
#define WHEN "\"paid_at\":\"2024-03-13T10:00:00+08:00\""

static char path[64];

static int make(void **state)
{
    (void)state;
    strcpy(path, "/tmp/parkd-orders-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    return close(fd);
}

static int drop(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static struct pay_orders *orders_of(const char *text, struct err *err)
{
    static const int32_t offset_s[] = {8 * 3600};
    static const struct civil_zone east = {.offset_s = offset_s};
    struct order_file file = {path, &east};
    const struct pay_order_source source = order_file_source(&file);

    write_file(text);
    err->text[0] = '\0';
    return pay_orders_collect(&source, err);
}

static void assert_orders_refused(const char *text, const char *line, const char *why)
{
    struct err err;
    struct pay_orders *orders = orders_of(text, &err);

    if (orders || !strstr(err.text, why) || !strstr(err.text, line))
        fail_msg("%s: \"%s\" is not \"%s\"", text, err.text, why);
}

static void orders_are_the_same_as_lines_and_as_rows(void **state)
{
    static const char *const texts[] = {
        PAID WHEN
        ",\"paid_fen\":500,\"channel_txn\":42}\n  \r\n"
        "{\"order_no\":7,\"channel\":\"cash\",\"status\":\"CREATED\",\"payable_fen\":\"100\","
        "\"paid_fen\":0,\"operator\":\"li\",\"shift\":\"F1\"}\n",
        "order_no,channel,status,payable_fen,paid_fen,paid_at,channel_txn,operator,shift\n"
        "O1,wechat,PAID,500,500,2024-03-13T10:00:00+08:00,42,,\n"
        "7,cash,CREATED,100,0,,,li,F1\n"};
    struct err err;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct pay_orders *orders = orders_of(texts[i], &err);

        if (!orders)
            fail_msg("%s", err.text);
        assert_int_equal(orders->count, 2);
        const struct pay_order *paid = pay_orders_find(orders, "O1");
        const struct pay_order *open = pay_orders_find(orders, "7");
        assert_null(pay_orders_find(orders, "8"));
        assert_int_equal(paid->status, PAY_ORDER_PAID);
        assert_int_equal(paid->paid_fen, 500);
        assert_string_equal(paid->transaction, "42");
        assert_int_equal(paid->paid_local_s, 1710324000); /* ten o'clock, as if it were UTC */
        assert_int_equal(open->status, PAY_ORDER_OPEN);
        assert_int_equal(open->payable_fen, 100);
        assert_int_equal(open->paid_local_s, PAY_ORDER_NO_TIME);
        assert_string_equal(open->operator, "li");
        pay_orders_destroy(orders);
    }
}

static void a_file_without_orders_has_none(void **state)
{
    static const char *const texts[] = {"", "{}", "order_no,channel\n"};
    struct err err;

    (void)state;
    for (int i = 0; i < 3; i += 2) {
        struct pay_orders *orders = orders_of(texts[i], &err);
        assert_non_null(orders);
        assert_int_equal(orders->count, 0);
        pay_orders_destroy(orders);
    }
    assert_orders_refused(texts[1], ":1", "\"order_no\" is missing");
}

static void each_mistake_of_an_order_is_named_with_its_line(void **state)
{
    static const struct {
        const char *text, *line, *why;
    } rows[] = {
        {"{\"order_no\":\"\"}", ":1", "\"order_no\" is missing"},
        {"{\"order_no\":\"O1\",\"channel\":\"wechat\"}", ":1", "\"status\" is missing"},
        {PAID WHEN "}", ":1", "\"paid_fen\" is missing"},
        {PAID WHEN ",\"paid_fen\":-1}", ":1",
         "\"paid_fen\" is \"-1\"; a whole number of fen from 0 up"},
        {PAID WHEN ",\"paid_fen\":\"5.5\"}", ":1", "\"paid_fen\" is \"5.5\""},
        {PAID WHEN ",\"paid_fen\":true}", ":1", "\"paid_fen\" is missing"},
        {PAID "\"paid_fen\":500}", ":1", "an order that is paid needs \"paid_at\""},
        {PAID "\"paid_fen\":500,\"paid_at\":\"yesterday\"}", ":1", "\"paid_at\" is \"yesterday\""},
        {PAID WHEN ",\"paid_fen\":500,\"refunded_at\":\"x\"}", ":1", "\"refunded_at\" is \"x\""},
        {PAID WHEN ",\"paid_fen\":500,\"refund_fen\":501}", ":1",
         "\"refund_fen\" is more than was paid"},
        {"{\"order_no\":\"O1\",\"channel\":\"wechat\",\"status\":\"REFUNDED\",\"payable_fen\":5,"
         "\"paid_fen\":5," WHEN "}",
         ":1", "status REFUNDED without \"refund_fen\""},
        {"{\"order_no\":\"O1\",\"channel\":\"wechat\",\"status\":\"LOST\",\"payable_fen\":5,"
         "\"paid_fen\":5," WHEN "}",
         ":1", "status \"LOST\" is not known; PAID, REFUNDED, CREATED or VOID"},
        {PAID WHEN ",\"paid_fen\":500,\"stay\":"
                   "\"12345678901234567890123456789012345678901234567890123456789012345\"}",
         ":1", "\"stay\" is longer than 64 bytes"},
        {PAID WHEN ",\"paid_fen\":500}\n[]\n", ":2", "this is no object"},
        {PAID WHEN ",\"paid_fen\":500}\n\n{\n", ":3", ""},
        {"order_no,channel,status\nO1,wechat\n", ":2",
         "2 cells under 3 headers; the row is cut off or broken"},
        {"order_no,channel,status\nO1,wechat,PAID,more\n", ":2", "4 cells under 3 headers"},
        {"order_no,channel,status\nO1,wechat,PAID\n", ":2", "\"payable_fen\" is missing"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_orders_refused(rows[i].text, rows[i].line, rows[i].why);
}

static void a_number_that_stands_twice_is_refused(void **state)
{
    (void)state;
    assert_orders_refused(PAID WHEN ",\"paid_fen\":500}\n" PAID WHEN ",\"paid_fen\":500}\n", "",
                          "O1");
}

static void what_cannot_be_read_is_told(void **state)
{
    struct order_file file = {"/no/such/file", &civil_utc};
    const struct pay_order_source source = order_file_source(&file);
    struct err err;

    (void)state;
    assert_null(pay_orders_collect(&source, &err));
    assert_string_equal(err.text, "/no/such/file: No such file or directory");
    file.path = "/tmp"; /* a folder opens, and does not read */
    assert_null(pay_orders_collect(&source, &err));
    assert_non_null(strstr(err.text, "/tmp"));
    assert_null(shift_file_read("/no/such/file", &err));
    shift_file_release(NULL);
}

#define SHIFT "{\"operator\":\"li\",\"shift\":\"F1\","

static void a_shift_is_counted_as_a_sum_or_by_its_pieces(void **state)
{
    static const struct {
        const char *text;
        int64_t counted_fen;
    } rows[] = {{SHIFT "\"counted_fen\":31500,\"float_fen\":20000,\"dropped_fen\":5000}", 31500},
                {SHIFT "\"counted\":{\"10000\":3,\"500\":3,\"100\":0}}", 31500},
                {SHIFT "\"counted\":{\"10000\":3,\"500\":3},\"counted_fen\":31500}", 31500},
                {SHIFT "\"counted\":{}}", 0}};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t count = 0;

        write_file(rows[i].text);
        struct shift_file *shifts = shift_file_read(path, &err);
        if (!shifts)
            fail_msg("%s", err.text);
        const struct cash_count *counts = shift_file_counts(shifts, &count);
        assert_int_equal(count, 1);
        assert_string_equal(counts->operator, "li");
        assert_string_equal(counts->shift, "F1");
        assert_int_equal(counts->counted_fen, rows[i].counted_fen);
        assert_int_equal(counts->float_fen, i ? 0 : 20000);
        assert_int_equal(counts->dropped_fen, i ? 0 : 5000);
        shift_file_release(shifts);
    }
}

static void a_shift_that_is_counted_wrongly_is_refused(void **state)
{
    static const char pieces[] = "\"counted\" is no list of denominations";
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"{\"operator\":\"li\"}", "\"shift\" is missing"},
        {SHIFT "\"float_fen\":1}", "\"counted_fen\" is missing"},
        {SHIFT "\"counted\":5}", pieces},
        {SHIFT "\"counted\":[]}", pieces},
        {SHIFT "\"counted\":{\"ten\":1}}", pieces},
        {SHIFT "\"counted\":{\"0\":1}}", pieces},
        {SHIFT "\"counted\":{\"-100\":1}}", pieces},
        {SHIFT "\"counted\":{\"100\":-1}}", pieces},
        {SHIFT "\"counted\":{\"100\":\"3\"}}", pieces},
        {SHIFT "\"counted\":{\"100\":9223372036854775807}}", pieces},
        {SHIFT "\"counted\":{\"1\":1000000000000000001}}", pieces},
        {SHIFT "\"counted\":{\"100\":3},\"counted_fen\":301}",
         "\"counted\" comes to 300 fen, \"counted_fen\" says 301"},
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_file(rows[i].text);
        struct shift_file *shifts = shift_file_read(path, &err);
        if (shifts || !strstr(err.text, rows[i].why))
            fail_msg("%s: \"%s\"", rows[i].text, shifts ? "taken" : err.text);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(orders_are_the_same_as_lines_and_as_rows),
        TEST(a_file_without_orders_has_none),
        TEST(each_mistake_of_an_order_is_named_with_its_line),
        TEST(a_number_that_stands_twice_is_refused),
        TEST(what_cannot_be_read_is_told),
        TEST(a_shift_is_counted_as_a_sum_or_by_its_pieces),
        TEST(a_shift_that_is_counted_wrongly_is_refused),
    };

    return cmocka_run_group_tests_name("order file", tests, NULL, NULL);
}
