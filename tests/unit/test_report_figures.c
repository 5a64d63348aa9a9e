/* Figures of a report that hang on what was said of a stay before. */
#include "tests/unit/yard_world.h"

#include "daemon/base/zone.h"
#include "daemon/report/report.h"

enum { STAYS = 20, PRICE_FEN = 500, EARLY_FEN = 100 };

static void give_back(struct yard_world *yard, uint32_t number, int64_t fen)
{
    struct record record = {.kind = RECORD_REFUND};
    struct record_refund *refund = &record.refund;

    refund->lot = yard->stays[number].lot;
    refund->amount_fen = fen;
    yard_id(refund->stay, 'S', number);
    yard_id(refund->order, 'O', number);
    yard_id(refund->payment, 'M', number);
    yard_id(refund->refund, 'R', (uint32_t)yard->world->at_ms % 1000000);
    world_add(yard->world, record);
}

/* Each comes, pays, is given something back, leaves; half of them are given the rest back later. */
static void visits(struct yard_world *yard, struct store *store)
{
    for (uint32_t number = 0; number < STAYS; number++) {
        yard_arrive(yard);
        yard->stays[number].payable = PRICE_FEN;
        yard_pay(yard, number);
        give_back(yard, number, EARLY_FEN);
        yard->stays[number].refunded += EARLY_FEN;
        yard->stays[number].payable -= EARLY_FEN;
        yard_leave(yard, number);
        if (number % 2)
            give_back(yard, number, PRICE_FEN - EARLY_FEN);
        world_commit(yard->world, store);
    }
}

static void what_is_given_back_after_an_exit_was_no_prepayment(void **state)
{
    struct yard_world yard = {.world = world_create(20261122)};
    const struct report_ask ask = {.period = {.days = 1, .to = {yard.world->at_ms + 86400000}},
                                   .zone = &civil_utc,
                                   .until = {yard.world->at_ms + 86400000}};
    struct err err;

    (void)state;
    struct store *store = world_open(yard.world, STORE_WRITE);
    visits(&yard, store);
    store_close(store);
    struct report_source *source = report_open(yard.world->path, &err);
    assert_non_null(source);
    struct report *report = report_make(source, &ask, &err);
    assert_non_null(report);
    assert_int_equal(figure_sum(&report->all, FIGURE_REFUNDS),
                     STAYS * EARLY_FEN + STAYS / 2 * (PRICE_FEN - EARLY_FEN));
    assert_int_equal(figure_sum(&report->all, FIGURE_REFUNDS_AFTER),
                     STAYS / 2 * (PRICE_FEN - EARLY_FEN));
    report_destroy(report);
    report_close(source);
    world_destroy(yard.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_back_after_an_exit_was_no_prepayment),
    };

    return cmocka_run_group_tests_name("report figures", tests, NULL, NULL);
}
