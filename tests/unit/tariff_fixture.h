/* long: what several test files share, with the functions beside their data */
/*
 * A tariff of one yuan a begun hour, all day, in UTC, and a stay of two hours from 2024-03-13
 * 10:00, a Wednesday: what the tests about tariffs change one thing of.
 */
/* long: one fixture, with what makes and prices it */
#ifndef UNIT_TARIFF_FIXTURE_H
#define UNIT_TARIFF_FIXTURE_H

#include "daemon/core/tariff.h"

enum { HOUR = 3600, DAY = 86400, FIXTURE_VERSIONS = 3 };
#define WEDNESDAY_TEN INT64_C(1710324000) /* 2024-03-13T10:00:00Z */

struct fixture {
    struct tariff tariffs[FIXTURE_VERSIONS];
    struct tariff_window windows[FIXTURE_VERSIONS][4];
    struct tariff_step steps[FIXTURE_VERSIONS][4];
    struct tariff_cap caps[3];
    struct tariff_free frees[3];
    struct tariff_share shares[4];
    struct tariff_alternative alternative;
    const struct tariff *versions[FIXTURE_VERSIONS];
    struct tariff_calendar calendar;
    struct tariff_book book;
    struct tariff_stay stay;
    struct tariff_trace trace;
    struct tariff_fee fee;
};

static inline struct tariff_window fixture_window(struct tariff_step *steps, uint32_t count)
{
    return (struct tariff_window){.days = TARIFF_DAYS_ALL,
                                  .classes = VEHICLE_ALL,
                                  .to_s = DAY,
                                  .last_day = -1,
                                  .steps = steps,
                                  .steps_count = count,
                                  .cap_fen = TARIFF_NONE,
                                  .cap_s = TARIFF_NONE,
                                  .cap_units = TARIFF_NONE};
}

static inline void fixture_init(struct fixture *f)
{
    *f = (struct fixture){.book = {.versions = f->versions,
                                   .versions_count = 1,
                                   .zone = &civil_utc,
                                   .calendar = &f->calendar},
                          .stay = {.entry_s = WEDNESDAY_TEN, .exit_s = WEDNESDAY_TEN + 2 * HOUR}};
    for (int i = 0; i < FIXTURE_VERSIONS; i++) {
        struct tariff *t = &f->tariffs[i];

        f->steps[i][0] = (struct tariff_step){.unit_s = HOUR, .price_fen = 100 * (i + 1)};
        f->windows[i][0] = fixture_window(f->steps[i], 1);
        f->versions[i] = t;
        t->id = t->name = t->name_zh = "fixture";
        t->version = "1";
        t->currency = "CNY";
        t->exponent = 2;
        t->valid_from = INT32_MIN;
        t->money_step = 1;
        t->parts_count = 1;
        t->parts[0] = (struct tariff_part){
            .cycle_s = DAY, .windows = f->windows[i], .windows_count = 1, .caps = f->caps};
        t->frees = f->frees;
        t->factors = t->reliefs = f->shares;
        for (uint32_t class = 0; class < VEHICLE_CLASSES; class ++)
            t->same_as[class] = class;
    }
}

static inline enum tariff_verdict fixture_price(struct fixture *f)
{
    for (int i = 0; i < FIXTURE_VERSIONS; i++)
        tariff_prepare(&f->tariffs[i]);
    return tariff_price(&f->book, &f->stay, &f->trace, &f->fee);
}

/* The fee, or -1 - verdict; asserts that the trace adds up to it. */
static inline int64_t fixture_fee(struct fixture *f)
{
    struct money sum = money_of(0);
    enum tariff_verdict verdict = fixture_price(f);

    if (verdict != TARIFF_PRICED)
        return -1 - (int64_t)verdict;
    for (uint32_t i = 0; i < f->trace.count; i++)
        sum = money_plus(sum, f->trace.notes[i].adds);
    assert_int_equal(money_compare(sum, money_of(f->fee.fen)), 0);
    return f->fee.fen;
}

#endif
