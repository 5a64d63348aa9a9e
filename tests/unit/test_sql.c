/* SQLite in our words: what it finds wrong is told, and told apart. */
#include "tests/unit/store_world.h"

#include <fcntl.h>

#include "daemon/store/sql.h"

static struct sql *open_sql(const char *path, enum sql_mode mode)
{
    struct err err;
    struct sql *sql = sql_open(path, mode, &err);

    if (!sql)
        fail_msg("%s", err.text);
    return sql;
}

static void run(struct sql *sql, const char *text)
{
    struct err err;

    if (!sql_run(sql, text, &err))
        fail_msg("%s", err.text);
}

/* A table of `rows` rows, each of a page of its own. */
static void fill(const struct world *world, int rows)
{
    struct sql *sql = open_sql(world->path, SQL_WRITE);
    char text[160];

    snprintf(text, sizeof text,
             "CREATE TABLE t(a, b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
             "WHERE i < %d) INSERT INTO t SELECT i, zeroblob(900) FROM n",
             rows);
    run(sql, text);
    sql_close(sql);
}

/* Other hands on the file. */
static void overwrite(const struct world *world, off_t from, size_t size)
{
    int fd = open(world->path, O_WRONLY);
    char zeros[1024] = "";

    assert_int_equal(pwrite(fd, zeros, size, from), size);
    close(fd);
}

static void a_file_that_cannot_log_ahead_is_not_written(void **state)
{
    struct err err;

    (void)state;
    assert_null(sql_open(":memory:", SQL_WRITE, &err));
    assert_non_null(strstr(err.text, "put it on a local disk"));
    struct sql *sql = open_sql(":memory:", SQL_COPY);
    struct statement *statement = sql_prepare(sql, "SELECT abs(-9223372036854775808)", &err);
    assert_int_equal(sql_step(statement, &err), SQL_FAILED);
    assert_non_null(strstr(err.text, "database \"\": failed: integer overflow"));
    sql_finalize(statement);
    sql_close(sql);
}

static void a_query_without_an_answer_says_so(void **state)
{
    struct world *world = world_create(1);
    struct sql *sql = open_sql(world->path, SQL_WRITE);
    struct err err;
    int64_t value = 7;

    (void)state;
    assert_false(sql_number(sql, "SELECT 1 WHERE 0", &value, &err));
    assert_non_null(strstr(err.text, "no answer to"));
    assert_int_equal(value, 7);
    assert_true(sql_is_well(sql));
    assert_false(sql_run(sql, "no such words", &err));
    assert_false(sql_is_well(sql));
    assert_false(sql_is_damaged(sql));
    sql_close(sql);
    world_destroy(world);
}

static void what_is_not_there_is_an_empty_text_and_no_blob(void **state)
{
    struct world *world = world_create(2);
    struct sql *sql = open_sql(world->path, SQL_WRITE);
    struct statement *select;
    struct err err;
    size_t size = 9;

    (void)state;
    select = sql_prepare(sql, "SELECT NULL, 'bay'", &err);
    assert_int_equal(sql_step(select, &err), SQL_ROW);
    assert_string_equal(sql_text(select, 0, &size), "");
    assert_int_equal(size, 0);
    assert_null(sql_blob(select, 0, &size));
    assert_int_equal(size, 0);
    assert_string_equal(sql_text(select, 1, &size), "bay");
    assert_int_equal(size, 3);
    sql_finalize(select);
    sql_close(sql);
    world_destroy(world);
}

static void a_database_is_not_copied_onto_itself(void **state)
{
    struct world *world = world_create(3);
    struct sql *sql = open_sql(world->path, SQL_WRITE);
    struct err err;

    (void)state;
    assert_null(sql_copy_begin(sql, sql, &err));
    assert_non_null(strstr(err.text, "cannot be copied to"));
    sql_close(sql);
    world_destroy(world);
}

static void a_copy_is_whole_with_the_step_of_its_last_page(void **state)
{
    struct world *world = world_create(4);
    char path[128];
    int left = -1, total = 0;
    struct err err;

    (void)state;
    fill(world, 20);
    snprintf(path, sizeof path, "%s/copy.db", world->folder);
    struct sql *from = open_sql(world->path, SQL_READ), *to = open_sql(path, SQL_COPY);
    struct sql_copy *copy = sql_copy_begin(from, to, &err);
    assert_true(sql_copy_step(copy, 1, &left, &total, &err));
    assert_int_equal(left, total - 1);
    assert_true(sql_copy_step(copy, total - 1, &left, &total, &err));
    assert_int_equal(left, 0);
    sql_copy_end(copy);
    sql_close(from);
    sql_close(to);
    world_destroy(world);
}

static void damage_that_a_query_meets_is_known_as_such(void **state)
{
    struct world *world = world_create(5);
    struct err err;
    int64_t sum;

    (void)state;
    fill(world, 200);
    struct sql *sql = open_sql(world->path, SQL_READ);
    overwrite(world, 50 * 1024, 1024);
    assert_false(sql_number(sql, "SELECT sum(length(b)) FROM t", &sum, &err));
    assert_non_null(strstr(err.text, "restore the newest backup"));
    assert_true(sql_is_damaged(sql));
    sql_rollback(sql); /* it is remembered when another call went well */
    run(sql, "SELECT 1");
    assert_true(sql_is_damaged(sql));
    sql_close(sql);
    world_destroy(world);
}

static void a_file_that_is_no_database_any_more_is_damaged(void **state)
{
    struct world *world = world_create(6);
    struct err err;
    int64_t sum;

    (void)state;
    fill(world, 200);
    struct sql *writer = open_sql(world->path, SQL_WRITE);
    struct sql *sql = open_sql(world->path, SQL_READ);
    run(writer, "UPDATE t SET a = a + 1"); /* so that the reader looks at the first page anew */
    assert_true(sql_checkpoint(writer, &err));
    overwrite(world, 0, 16);
    run(writer, "BEGIN IMMEDIATE; ROLLBACK");
    assert_false(sql_number(sql, "SELECT count(*) FROM t", &sum, &err));
    assert_non_null(strstr(err.text, "this is no database"));
    assert_true(sql_is_damaged(sql));
    sql_close(sql);
    sql_close(writer);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_cannot_log_ahead_is_not_written),
        cmocka_unit_test(a_query_without_an_answer_says_so),
        cmocka_unit_test(what_is_not_there_is_an_empty_text_and_no_blob),
        cmocka_unit_test(a_database_is_not_copied_onto_itself),
        cmocka_unit_test(a_copy_is_whole_with_the_step_of_its_last_page),
        cmocka_unit_test(damage_that_a_query_meets_is_known_as_such),
        cmocka_unit_test(a_file_that_is_no_database_any_more_is_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
