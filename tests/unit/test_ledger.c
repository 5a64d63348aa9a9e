/* Differences over several runs: late money closes itself, and the same again changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/reconcile/ledger.h"

enum { ROOM = 16 };

static const struct difference missing = {
    .class = DIFFERENCE_GATEWAY_ONLY,
    .channel = "wechat",
    .order = "G1",
    .channel_order = "",
    .transaction = "",
    .refund = "",
    .gateway_fen = 600,
    .channel_fen = MATCHING_NO_AMOUNT,
    .at_risk_fen = 600,
};

static struct difference late(void)
{
    struct difference difference = missing;

    difference.class = DIFFERENCE_LATE;
    difference.state = DIFFERENCE_AUTO_RESOLVED;
    difference.channel_order = "G1";
    difference.transaction = "t1";
    difference.channel_fen = 600;
    difference.at_risk_fen = 0;
    return difference;
}

static struct difference twice(const char *transaction)
{
    struct difference difference = missing;

    difference.class = DIFFERENCE_DUPLICATE;
    difference.channel_order = "G1";
    difference.transaction = transaction;
    difference.gateway_fen = MATCHING_NO_AMOUNT;
    difference.channel_fen = 600;
    return difference;
}

static void a_missing_payment_closes_with_the_next_bill(void **state)
{
    struct difference found = late();
    struct ledger_lists lists = {&missing, &found, 1, 1};
    struct ledger_entry entries[ROOM];

    (void)state;
    assert_int_equal(ledger_merge(&lists, entries), 1);
    assert_int_equal(entries[0].change, LEDGER_CHANGED);
    assert_int_equal(entries[0].difference.class, DIFFERENCE_LATE);
    assert_int_equal(entries[0].difference.state, DIFFERENCE_AUTO_RESOLVED);
}

static void the_same_again_changes_nothing(void **state)
{
    struct difference all[] = {missing, twice("t2"), twice("t3")};
    struct difference again[] = {twice("t3"), missing, twice("t2")};
    struct ledger_lists lists = {all, again, 3, 3};
    struct ledger_entry entries[ROOM];

    (void)state;
    again[0].age_days = 5;
    assert_int_equal(ledger_merge(&lists, entries), 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(entries[i].change, LEDGER_SAME);
}

static void what_is_found_first_is_new(void **state)
{
    struct difference found[] = {missing, twice("t2")};
    struct ledger_lists lists = {NULL, found, 0, 2};
    struct ledger_entry entries[ROOM];

    (void)state;
    assert_int_equal(ledger_merge(&lists, entries), 2);
    assert_int_equal(entries[0].change, LEDGER_NEW);
    assert_int_equal(entries[1].change, LEDGER_NEW);
}

static void what_is_found_no_more_has_closed_itself(void **state)
{
    struct ledger_lists lists = {&missing, NULL, 1, 0};
    struct ledger_entry entries[ROOM];

    (void)state;
    assert_int_equal(ledger_merge(&lists, entries), 1);
    assert_int_equal(entries[0].change, LEDGER_CHANGED);
    assert_int_equal(entries[0].difference.state, DIFFERENCE_AUTO_RESOLVED);
    assert_int_equal(entries[0].difference.at_risk_fen, 0);
    assert_int_equal(entries[0].difference.gateway_fen, 600);
}

static void what_a_person_resolved_stays_resolved_while_its_amounts_stay(void **state)
{
    struct difference known = missing, found = missing;
    struct ledger_lists lists = {&known, &found, 1, 1};
    struct ledger_entry entries[ROOM];

    (void)state;
    known.state = DIFFERENCE_RESOLVED;
    known.at_risk_fen = 0;
    known.why = "Li: paid in cash";
    ledger_merge(&lists, entries);
    assert_int_equal(entries[0].change, LEDGER_SAME);
    assert_string_equal(entries[0].difference.why, "Li: paid in cash");
    found.gateway_fen = found.at_risk_fen = 700;
    ledger_merge(&lists, entries);
    assert_int_equal(entries[0].change, LEDGER_CHANGED);
    assert_int_equal(entries[0].difference.state, DIFFERENCE_OPEN);
}

static void a_payment_and_a_refund_of_one_order_are_two_subjects(void **state)
{
    struct difference refund = missing;

    (void)state;
    refund.of_refund = true;
    refund.class = DIFFERENCE_AMOUNT_MISMATCH;
    assert_int_not_equal(ledger_compare(&missing, &refund), 0);
}

static void what_a_bill_has_told_is_not_taken_back_without_it(void **state)
{
    struct difference known = late(), found = missing;
    struct ledger_lists lists = {&known, &found, 1, 1};
    struct ledger_entry entries[ROOM];

    (void)state;
    assert_int_equal(ledger_merge(&lists, entries), 1);
    assert_int_equal(entries[0].change, LEDGER_SAME);
    assert_int_equal(entries[0].difference.state, DIFFERENCE_AUTO_RESOLVED);
    known = found = twice("t2"); /* a later bill gave it back */
    known.state = DIFFERENCE_AUTO_RESOLVED;
    known.at_risk_fen = 0;
    assert_int_equal(ledger_merge(&lists, entries), 1);
    assert_int_equal(entries[0].change, LEDGER_SAME);
}

static void an_id_is_that_of_its_subject(void **state)
{
    struct difference a = missing, b = late(), c = twice("t2"), d = twice("t3");
    struct difference sum = {.class = DIFFERENCE_SETTLEMENT,
                             .channel = "alipay",
                             .order = "",
                             .channel_order = "",
                             .transaction = "",
                             .refund = ""};
    char ids[6][IDENT_SIZE];

    (void)state;
    ledger_id(&a, ids[0]);
    ledger_id(&b, ids[1]);
    ledger_id(&c, ids[2]);
    ledger_id(&d, ids[3]);
    ledger_id(&sum, ids[4]);
    sum.at_local_s = 86400;
    ledger_id(&sum, ids[5]);
    assert_string_equal(ids[0], ids[1]);
    assert_string_not_equal(ids[0], ids[2]);
    assert_string_not_equal(ids[2], ids[3]);
    assert_string_not_equal(ids[4], ids[5]); /* of another day */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_payment_closes_with_the_next_bill),
        cmocka_unit_test(the_same_again_changes_nothing),
        cmocka_unit_test(what_is_found_first_is_new),
        cmocka_unit_test(what_is_found_no_more_has_closed_itself),
        cmocka_unit_test(what_a_person_resolved_stays_resolved_while_its_amounts_stay),
        cmocka_unit_test(a_payment_and_a_refund_of_one_order_are_two_subjects),
        cmocka_unit_test(what_a_bill_has_told_is_not_taken_back_without_it),
        cmocka_unit_test(an_id_is_that_of_its_subject),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
