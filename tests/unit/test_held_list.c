/* Plates that a camera lets in by itself: differences alone, held when taken, ended by leases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/held_list.h"
#include "daemon/core/random.h"

enum { ROOM = 8, LEASE_MS = 1000, BATCH = 3 };

static const utc_ms open_end = {0};
static const struct held_most batch = {BATCH, BATCH};

static int set_up(void **state)
{
    *state = held_list_create(ROOM, LEASE_MS);
    return 0;
}

static int tear_down(void **state)
{
    held_list_destroy(*state);
    return 0;
}

/* Wants the plates, of one letter each, from 10 on, open. */
static void want(struct held_list *list, const char *plates, int64_t now)
{
    held_list_begin(list);
    for (; *plates; plates++)
        held_list_want(list, (char[]){*plates, '\0'}, (utc_ms){10}, open_end);
    held_list_end(list, (utc_ms){now});
}

/* The changes that go now: "+A+B", and whether the camera takes them. */
static const char *go(struct held_list *list, int64_t now, bool taken)
{
    static char said[64];
    struct held_change changes[BATCH];
    uint32_t count = held_list_take(list, batch, (utc_ms){now}, changes);
    char *at = said;

    *at = '\0';
    for (uint32_t i = 0; i < count; i++)
        at += sprintf(at, "%c%s", changes[i].add ? '+' : '-', changes[i].plate);
    if (count)
        held_list_done(list, taken);
    return said;
}

static struct held_figures figures(const struct held_list *list)
{
    struct held_figures f;

    held_list_figures(list, &f);
    return f;
}

static void only_differences_go(void **state)
{
    want(*state, "BAC", 0);
    assert_string_equal(go(*state, 0, true), "+A+B+C");
    assert_string_equal(go(*state, 0, true), "");
    want(*state, "CAD", 0);
    assert_string_equal(go(*state, 0, true), "-B");
    assert_string_equal(go(*state, 0, true), "+D");
    assert_string_equal(go(*state, 0, true), "");
    assert_int_equal(figures(*state).held, 3);
    assert_int_equal(figures(*state).due, 0);
}

static void what_the_camera_did_not_take_goes_again(void **state)
{
    want(*state, "A", 0);
    assert_string_equal(go(*state, 0, false), "+A");
    assert_int_equal(figures(*state).held, 0);
    assert_int_equal(figures(*state).due, 1);
    assert_string_equal(go(*state, 0, true), "+A");
    want(*state, "", 0);
    assert_string_equal(go(*state, 0, false), "-A");
    assert_int_equal(figures(*state).held, 1);
    assert_string_equal(go(*state, 0, true), "-A");
    assert_int_equal(figures(*state).held, 0);
}

static void nothing_else_goes_while_some_are_under_way(void **state)
{
    struct held_change changes[BATCH];

    want(*state, "ABCDE", 0);
    assert_int_equal(held_list_take(*state, batch, (utc_ms){0}, changes), 3);
    assert_int_equal(held_list_take(*state, batch, (utc_ms){0}, changes), 0);
    assert_int_equal(figures(*state).due, 5);
    held_list_done(*state, true);
    assert_int_equal(held_list_take(*state, batch, (utc_ms){0}, changes), 2);
}

static void what_changes_while_it_is_under_way_is_put_right(void **state)
{
    struct held_change changes[BATCH];

    want(*state, "A", 0);
    assert_int_equal(held_list_take(*state, batch, (utc_ms){0}, changes), 1);
    want(*state, "", 0); /* the plate left the list before the camera answered */
    held_list_done(*state, true);
    assert_int_equal(figures(*state).held, 1);
    assert_int_equal(held_list_take(*state, batch, (utc_ms){0}, changes), 1);
    assert_false(changes[0].add);
    want(*state, "A", 0); /* and is back before the removal is answered */
    held_list_done(*state, true);
    assert_string_equal(go(*state, 0, true), "+A");
    assert_int_equal(figures(*state).held, 1);
}

static void one_that_was_never_told_is_not_removed(void **state)
{
    want(*state, "A", 0);
    want(*state, "", 0);
    assert_string_equal(go(*state, 0, true), "");
}

static void an_entry_ends_with_its_lease_or_before(void **state)
{
    struct held_change changes[BATCH];

    held_list_begin(*state);
    held_list_want(*state, "A", (utc_ms){10}, open_end);
    held_list_want(*state, "B", (utc_ms){10}, (utc_ms){300});
    held_list_want(*state, "C", (utc_ms){20}, (utc_ms){90000});
    held_list_end(*state, (utc_ms){0});
    assert_int_equal(held_list_take(*state, batch, (utc_ms){50}, changes), 3);
    assert_int_equal(changes[0].until.ms, 50 + LEASE_MS);
    assert_int_equal(changes[1].until.ms, 300);
    assert_int_equal(changes[2].until.ms, 50 + LEASE_MS);
    assert_int_equal(changes[2].from.ms, 20);
    held_list_done(*state, true);
    want(*state, "A", 400); /* B has ended in the camera, too; C has not */
    assert_string_equal(go(*state, 400, true), "-C");
}

static void a_renewal_sends_all_of_it(void **state)
{
    want(*state, "AB", 0);
    go(*state, 0, true);
    held_list_renew(*state);
    assert_string_equal(go(*state, 500, true), "+A+B");
    assert_string_equal(go(*state, 500, true), "");
}

static void a_span_that_changed_goes_and_one_that_is_given_twice_is_one(void **state)
{
    struct held_change changes[BATCH];

    for (int pass = 0; pass < 2; pass++) {
        held_list_begin(*state);
        held_list_want(*state, "A", (utc_ms){30}, (utc_ms){100});
        held_list_want(*state, "A", (utc_ms){20}, (utc_ms){200});
        held_list_want(*state, "A", (utc_ms){40}, (utc_ms){50});
        held_list_end(*state, (utc_ms){0});
        assert_int_equal(held_list_take(*state, batch, (utc_ms){0}, changes), pass == 0);
        held_list_done(*state, true);
    }
    assert_int_equal(changes[0].from.ms, 20);
    assert_int_equal(changes[0].until.ms, 200);
    held_list_begin(*state);
    held_list_want(*state, "A", (utc_ms){20}, (utc_ms){250});
    held_list_want(*state, "", (utc_ms){20}, open_end);
    held_list_end(*state, (utc_ms){0});
    assert_string_equal(go(*state, 0, true), "+A");
}

static void what_does_not_fit_is_counted(void **state)
{
    want(*state, "ABCDEFGHIJ", 0);
    assert_int_equal(figures(*state).left_out, 2);
    for (int i = 0; i < 3; i++)
        go(*state, 0, true);
    want(*state, "abcdefgh", 0); /* the camera's are still to be removed */
    assert_int_equal(figures(*state).left_out, 8);
    for (int i = 0; i < 3; i++)
        go(*state, 0, true);
    want(*state, "abcdefgh", 0);
    assert_int_equal(figures(*state).left_out, 0);
}

static void one_that_is_refused_waits_for_the_renewal_and_holds_no_other_up(void **state)
{
    struct held_change changes[BATCH];

    want(*state, "AB", 0);
    assert_int_equal(held_list_take(*state, (struct held_most){1, 1}, (utc_ms){0}, changes), 1);
    held_list_refused(*state);
    assert_string_equal(go(*state, 0, true), "+B");
    assert_string_equal(go(*state, 0, true), "");
    assert_int_equal(figures(*state).refused, 1);
    want(*state, "AB", 0);
    assert_string_equal(go(*state, 0, true), "");
    held_list_renew(*state);
    assert_string_equal(go(*state, 0, true), "+A+B");
    assert_int_equal(figures(*state).refused, 0);
    assert_int_equal(held_list_take(*state, (struct held_most){1, 1}, (utc_ms){0}, changes), 0);
    held_list_renew(*state);
    held_list_take(*state, (struct held_most){1, 1}, (utc_ms){0}, changes);
    held_list_refused(*state);
    want(*state, "B", 0); /* what is no longer wanted is removed all the same */
    assert_string_equal(go(*state, 0, true), "-A");
}

/* A camera that takes some changes and loses others holds in the end what it should. */
static void a_camera_ends_up_with_what_it_should_hold(void **state)
{
    uint64_t seed = 20261122;
    bool camera['Z' + 1] = {false};
    struct held_change changes[BATCH];
    char plates[ROOM];

    (void)state;
    printf("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 2000; round++) {
        struct held_list *list = *state;
        bool settle = round % 50 > 30;
        uint32_t count = 0;

        for (char c = 'A'; c <= 'D' && !settle; c++)
            if (random_next(&seed) & 1)
                plates[count++] = c;
        if (!settle) {
            plates[count] = '\0';
            want(list, plates, 0);
        }
        uint32_t n = held_list_take(list, batch, (utc_ms){0}, changes);
        bool taken = settle || (random_next(&seed) & 1);
        for (uint32_t i = 0; i < n && taken; i++)
            camera[(unsigned char)changes[i].plate[0]] = changes[i].add;
        if (n)
            held_list_done(list, taken);
        if (round % 50 == 49)
            for (char c = 'A'; c <= 'D'; c++)
                assert_int_equal(camera[(unsigned char)c], strchr(plates, c) != NULL);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_differences_go),
        TEST(what_the_camera_did_not_take_goes_again),
        TEST(nothing_else_goes_while_some_are_under_way),
        TEST(what_changes_while_it_is_under_way_is_put_right),
        TEST(one_that_was_never_told_is_not_removed),
        TEST(an_entry_ends_with_its_lease_or_before),
        TEST(a_renewal_sends_all_of_it),
        TEST(a_span_that_changed_goes_and_one_that_is_given_twice_is_one),
        TEST(what_does_not_fit_is_counted),
        TEST(one_that_is_refused_waits_for_the_renewal_and_holds_no_other_up),
        TEST(a_camera_ends_up_with_what_it_should_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
