/*
 * Databases of released versions are opened, brought forward and proved by this one.
 * tests/captures/ holds one a schema version, written by the parkd of that time; store-v1.db: three
 * bays, 15 records, bay A-0002 taken out of service at the end; store-v2.db: the lanes of
 * yard_world.h with seed 5, 113 records, 15 stays of which 11 are open; store-v3.db: the same after
 * 14 turns, 90 records, 12 stays of which 10 are open, two plates with a pass.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/store/audit.h"
#include "daemon/store/store.h"

struct copy {
    char folder[32], path[48];
};

static void copy_create(struct copy *copy, const char *from)
{
    char bytes[65536];

    snprintf(copy->folder, sizeof copy->folder, "/tmp/parkd-store-XXXXXX");
    assert_non_null(mkdtemp(copy->folder));
    snprintf(copy->path, sizeof copy->path, "%s/old.db", copy->folder);
    FILE *in = fopen(from, "rb"), *out = fopen(copy->path, "wb");
    assert_non_null(in);
    assert_non_null(out);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    assert_true(size > 0 && size < sizeof bytes);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void copy_destroy(const struct copy *copy)
{
    static const char *const endings[] = {"",      "-wal", "-shm", "-lock", "-acknowledged",
                                          "-keys", "-root"};
    char path[64];

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(path, sizeof path, "%s%s", copy->path, endings[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(copy->folder), 0);
}

static bool find_out_of_service(void *arg, const struct store_row *row)
{
    if (strstr(row->body, "\"bay\":\"A-0002\"") && strstr(row->body, "\"to\":\"out_of_service\""))
        *(bool *)arg = true;
    return true;
}

static void a_database_of_version_1_is_opened_and_goes_on(void **state)
{
    static const char body[] = "{\"type\":\"clock_step\",\"delta_ms\":5}";
    struct store_row row = {
        .kind = RECORD_CLOCK_STEP, .body = body, .body_size = sizeof body - 1, .at = {1}};
    struct store_batch batch = {.rows = &row, .rows_count = 1};
    struct store_head head;
    struct copy copy;
    struct err err;
    bool found = false;

    (void)state;
    copy_create(&copy, "tests/captures/store-v1.db");
    struct store *store = store_open(copy.path, STORE_WRITE, &err);
    assert_non_null(store);
    store_head(store, &head);
    assert_int_equal(head.seq, 15 + 1); /* sealed, from where on keys prove it */
    assert_true(store_latest(store, RECORD_BAY_CHANGED, find_out_of_service, &found, &err));
    assert_true(found);
    assert_true(store_commit(store, &batch, &err));
    assert_int_equal(row.seq, 17);
    store_close(store);
    copy_destroy(&copy);
}

static void ignore_finding(void *arg, const struct audit_finding *finding)
{
    (void)arg;
    (void)finding;
}

static bool count_opened(void *arg, const struct store_row *row)
{
    *(int *)arg += row->kind == RECORD_STAY_OPENED;
    return true;
}

static void the_stays_of_a_database_of_version_2_stand(void **state)
{
    struct copy copy;
    struct err err;
    int opened = 0;

    (void)state;
    copy_create(&copy, "tests/captures/store-v2.db");
    struct store *store = store_open(copy.path, STORE_WRITE, &err);
    assert_non_null(store);
    assert_true(store_standing(store, (utc_ms){INT64_MAX}, count_opened, &opened, &err));
    assert_int_equal(opened, 11);
    store_close(store);
    copy_destroy(&copy);
}

static bool count_listed(void *arg, const struct store_row *row)
{
    *(int *)arg += row->kind == RECORD_LIST;
    return true;
}

static int listed(struct store *store)
{
    int count = 0;

    assert_true(store_standing(store, (utc_ms){INT64_MAX}, count_listed, &count, NULL));
    return count;
}

/* Its journal names plates, and goes on with tokens. */
static void a_plate_comes_off_a_list_of_version_3(void **state)
{
    static const char off[] = "{\"type\":\"list\",\"at\":\"2026-11-22T03:10:00.000Z\","
                              "\"list\":\"pass\",\"on\":false,\"plate\":\"皖A00006\",\"bays\":0}";
    struct store_row row = {
        .kind = RECORD_LIST, .body = off, .body_size = sizeof off - 1, .at = {1795317000000}};
    struct store_batch batch = {.rows = &row, .rows_count = 1};
    struct copy copy;
    struct err err;

    (void)state;
    copy_create(&copy, "tests/captures/store-v3.db");
    struct store *store = store_open(copy.path, STORE_WRITE, &err);
    assert_non_null(store);
    assert_int_equal(listed(store), 2);
    assert_true(store_commit(store, &batch, &err));
    assert_int_equal(listed(store), 1);
    store_close(store);
    copy_destroy(&copy);
}

static void is_proved(const char *from)
{
    struct copy copy;
    struct err err;
    size_t breaches = 1;

    copy_create(&copy, from);
    struct store *store = store_open(copy.path, STORE_WRITE, &err); /* brings it forward */
    assert_non_null(store);
    store_close(store);
    assert_true(audit_run(copy.path, ignore_finding, NULL, &breaches, &err));
    assert_int_equal(breaches, 0);
    copy_destroy(&copy);
}

static void a_database_of_each_version_is_proved(void **state)
{
    (void)state;
    is_proved("tests/captures/store-v1.db");
    is_proved("tests/captures/store-v2.db");
    is_proved("tests/captures/store-v3.db");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_of_version_1_is_opened_and_goes_on),
        cmocka_unit_test(the_stays_of_a_database_of_version_2_stand),
        cmocka_unit_test(a_plate_comes_off_a_list_of_version_3),
        cmocka_unit_test(a_database_of_each_version_is_proved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
