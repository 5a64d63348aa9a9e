/* Open differences: noted once, closed by a person with a reason or by a later bill, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/differences.h"

static struct record_difference missing(const char *id)
{
    struct record_difference difference = {.class = DIFFERENCE_GATEWAY_ONLY,
                                           .day = "2024-03-13",
                                           .channel = "wechat",
                                           .order = "G1",
                                           .gateway_fen = 600,
                                           .channel_fen = RECORD_NO_AMOUNT,
                                           .at_risk_fen = 600};

    strcpy(difference.difference, id);
    return difference;
}

static void apply(struct differences *differences, const struct record_difference *difference)
{
    differences_apply(differences,
                      &(struct record){.kind = RECORD_DIFFERENCE, .difference = *difference});
}

static void one_that_is_found_again_changes_nothing(void **state)
{
    struct differences *differences = differences_create();
    struct record_difference found = missing("D1");
    const char *why;
    bool again;

    (void)state;
    assert_true(differences_note(differences, &found, &again, &why));
    assert_false(again);
    apply(differences, &found);
    assert_true(differences_note(differences, &found, &again, &why));
    assert_true(again);
    found.channel_fen = 500;
    assert_true(differences_note(differences, &found, &again, &why));
    assert_false(again);
    differences_destroy(differences);
}

static void a_person_closes_an_open_one_once(void **state)
{
    struct differences *differences = differences_create();
    struct record_difference found = missing("D1"), other = missing("D2");
    struct record_difference change = {
        .difference = "D1", .actor = "wang", .reason = "reversed to unpaid"};
    const char *why = NULL;

    (void)state;
    apply(differences, &found);
    apply(differences, &other);
    assert_true(differences_close(differences, &change, &why));
    assert_int_equal(change.state, DIFFERENCE_RESOLVED);
    assert_int_equal(change.gateway_fen, 600);
    assert_int_equal(change.at_risk_fen, 0);
    assert_string_equal(change.reason, "reversed to unpaid");
    apply(differences, &change);
    assert_false(differences_close(differences, &change, &why));
    assert_non_null(strstr(why, "no such difference is open"));
    strcpy(change.difference, "D2"); /* it took the place of the first */
    assert_true(differences_close(differences, &change, &why));
    differences_destroy(differences);
}

static void what_cannot_be_is_refused(void **state)
{
    struct differences *differences = differences_create();
    struct record_difference found = missing("D1");
    const char *why;
    bool again;

    (void)state;
    found.state = DIFFERENCE_RESOLVED;
    assert_false(differences_note(differences, &found, &again, &why));
    assert_non_null(strstr(why, "only a person"));
    found.state = DIFFERENCE_AUTO_RESOLVED;
    assert_false(differences_note(differences, &found, &again, &why));
    assert_non_null(strstr(why, "at risk"));
    found.at_risk_fen = 0;
    assert_true(differences_note(differences, &found, &again, &why));
    strcpy(found.day, "yesterday");
    assert_false(differences_note(differences, &found, &again, &why));
    differences_destroy(differences);
}

static void there_is_a_bound_of_open_ones(void **state)
{
    struct differences *differences = differences_create();
    struct record_difference found;
    const char *why;
    char id[IDENT_SIZE];
    bool again;

    (void)state;
    for (int i = 0; i < DIFFERENCES_OPEN_MAX + 1; i++) { /* the last is not kept */
        snprintf(id, sizeof id, "D%d", i);
        found = missing(id);
        apply(differences, &found);
    }
    found = missing("one more");
    assert_false(differences_note(differences, &found, &again, &why));
    assert_non_null(strstr(why, "too many"));
    found = missing("D7");
    assert_true(differences_note(differences, &found, &again, &why));
    found.state = DIFFERENCE_AUTO_RESOLVED;
    apply(differences, &found);
    found = missing("one more");
    assert_true(differences_note(differences, &found, &again, &why));
    differences_destroy(differences);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_is_found_again_changes_nothing),
        cmocka_unit_test(a_person_closes_an_open_one_once),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(there_is_a_bound_of_open_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
