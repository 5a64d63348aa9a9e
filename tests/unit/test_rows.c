/* Rows and cells of statements: every form that a channel or a spreadsheet writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/reconcile/rows.h"

enum { LONG = 70000 };

/* A source that gives a byte at a time, so that every boundary is met. */
static int64_t read_drop(void *arg, char *bytes, size_t size, struct err *err)
{
    struct source_bytes *from = arg;

    (void)size;
    (void)err;
    if (from->used == from->size)
        return 0;
    bytes[0] = from->bytes[from->used++];
    return 1;
}

/* The rows as "a|b/c|d", or the message. */
static void read_all(const char *bytes, size_t size, bool drops, char *out)
{
    struct source_bytes from = {bytes, size, 0};
    struct source source = source_of_bytes("f", &from);
    struct err err;
    struct row row;
    enum rows_got got;

    if (drops)
        source.read = read_drop;
    struct rows *rows = rows_create(&source);
    *out = '\0';
    while ((got = rows_next(rows, &row, &err)) == ROWS_ROW) {
        strcat(out, *out ? "/" : "");
        for (uint32_t c = 0; c < row.cells_count; c++) {
            strcat(out, c ? "|" : "");
            strcat(out, row.cells[c]);
        }
    }
    if (got == ROWS_WRONG)
        strcpy(out, err.text);
    rows_destroy(rows);
}

static void check(const char *text, const char *expected)
{
    char out[4096];

    for (int drops = 0; drops < 2; drops++) {
        read_all(text, strlen(text), drops, out);
        assert_string_equal(out, expected);
    }
}

static void cells_are_what_stands_between_separators(void **state)
{
    (void)state;
    check("a,b,c\n1,,3\n", "a|b|c/1||3");
    check("a,b\r\n1,2\r\n", "a|b/1|2");
    check("\xef\xbb\xbf"
          "a,b\n\n \r\n1,2",
          "a|b/1|2");
    check("a;b;c,d\n1;2;3,4\n", "a|b|c,d/1|2|3,4");
    check("a\tb\n1\t2\n", "a|b/1|2");
    check(" a ,\tb, c\t\n", "a|b|c");
    check("", "");
}

static void a_quoted_cell_may_hold_anything(void **state)
{
    (void)state;
    check("\"a,1\",\"b\"\"c\"\n", "a,1|b\"c");
    check("\"a\nb\",c\n", "a\nb|c");
    check("a\"b,c\n", "a\"b|c");
    check("\"\",x\n", "|x");
    check("\"a\" ,b\n", "a|b");
    check("x,\"a\nb", "f:2: a quoted cell does not end; the file is cut off");
}

static void back_quotes_are_taken_off_and_guard_commas(void **state)
{
    (void)state;
    check("`a,`b,`\n", "a|b|");
    check("h,i\n`goods, many,`2\n", "h|i/goods, many|2");
    check("`a\"b,`c\n", "a\"b|c");
    check("`\"5 m,`c\n`x, \"y,`z\n", "\"5 m|c/x, \"y|z");
}

static void a_remark_is_one_cell(void **state)
{
    (void)state;
    check("#x: 1, 2\na,b\n", "#x: 1, 2/a|b");
    check("#say \"a\nx,y\n", "#say \"a/x|y");
    check("{\"a\":1,\n\"b\":2}\n", "{\"a\":1,/\"b\":2}");
}

static void text_is_utf8_or_gbk_and_stays_so(void **state)
{
    (void)state;
    check("时间,金额\n", "时间|金额");
    check("\xca\xb1\xbc\xe4,\xbd\xf0\xb6\xee\n", "时间|金额");
    check("\xca\xb1\xbc\xe4,1\n\xff\xff,2\n",
          "f:2: these bytes are neither UTF-8 nor GBK; download the file again");
    check("时,1\n\xbd\xf0,2\n",
          "f:2: these bytes are not UTF-8 as those before; download the file again");
    /* The second byte of a GBK character may be that of a back-quote or a bar. */
    check("\xca\xb1,\x81`,\x81|\n", "时|乣|亅");
}

static void what_is_no_table_is_refused(void **state)
{
    static char text[LONG];
    char out[4096];

    (void)state;
    memset(text, 'x', sizeof text);
    read_all(text, sizeof text, false, out);
    assert_string_equal(out, "f:1: the row is longer than 64 kB; this is no statement");
    memset(text, ',', 100);
    read_all(text, 100, false, out);
    assert_string_equal(out, "f:1: the row has more than 64 cells; this is no statement");
    memset(text, '\n', 5000);
    read_all(text, 5000, false, out);
    assert_string_equal(out, "f:1000: a thousand empty lines; this is no statement");
    read_all("a\0b\n", 4, false, out);
    assert_string_equal(out, "f:1: a byte is zero; this is no text");
    memset(text, '\n', 5000);
    text[0] = '"';
    read_all(text, 5000, false, out);
    assert_string_equal(out, "f:64: a quoted cell goes on for too long; download the file again");
}

static void the_digest_is_of_all_bytes(void **state)
{
    static const char text[] = "a,b\n1,2\n";
    struct crypto_part part = {text, sizeof text - 1};
    struct hash expected = crypto_sha256(&part, 1);
    struct source_bytes from = {text, sizeof text - 1, 0};
    struct source source = source_of_bytes("f", &from);
    struct rows *rows = rows_create(&source);
    struct row row;

    (void)state;
    while (rows_next(rows, &row, NULL) == ROWS_ROW)
        continue;
    struct hash hash = rows_digest(rows);
    assert_memory_equal(hash.bytes, expected.bytes, HASH_SIZE);
    rows_destroy(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_what_stands_between_separators),
        cmocka_unit_test(a_quoted_cell_may_hold_anything),
        cmocka_unit_test(back_quotes_are_taken_off_and_guard_commas),
        cmocka_unit_test(a_remark_is_one_cell),
        cmocka_unit_test(text_is_utf8_or_gbk_and_stays_so),
        cmocka_unit_test(what_is_no_table_is_refused),
        cmocka_unit_test(the_digest_is_of_all_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
