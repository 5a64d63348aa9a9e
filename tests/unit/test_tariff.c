/*
 * What a stay costs, step by step: the numbers (§) are those of parkd-tariff(7), the numbers with #
 * are the known edge cases of parking fees.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tariff_fixture.h"

static struct fixture f;

static int start(void **state)
{
    (void)state;
    fixture_init(&f);
    return 0;
}

/* §1 */

static void a_stay_of_no_length_costs_nothing(void **state)
{
    (void)state;
    f.stay.exit_s = f.stay.entry_s;
    assert_int_equal(fixture_fee(&f), 0);
}

static void one_second_more_is_one_more_begun_unit(void **state)
{
    (void)state;
    assert_int_equal(fixture_fee(&f), 200);
    f.stay.exit_s++;
    assert_int_equal(fixture_fee(&f), 300);
}

static void seconds_can_be_cut_from_both_times_or_from_the_stay(void **state)
{
    (void)state;
    f.stay.entry_s += 30;
    f.stay.exit_s += 59;
    assert_int_equal(fixture_fee(&f), 300);
    f.tariffs[0].seconds = TARIFF_SECONDS_DOWN;
    assert_int_equal(fixture_fee(&f), 200);
    f.stay.exit_s += 1; /* 10:00:30 to 12:01:00: from 10:01 */
    f.tariffs[0].seconds = TARIFF_SECONDS_INWARD;
    assert_int_equal(fixture_fee(&f), 200);
    f.stay.exit_s = f.stay.entry_s + 10;
    assert_int_equal(fixture_fee(&f), 0);
    f.stay.entry_s = -90; /* before 1970 minutes are cut downwards too */
    f.stay.exit_s = -30;
    f.tariffs[0].seconds = TARIFF_SECONDS_DOWN;
    assert_int_equal(fixture_fee(&f), 100);
}

static void an_exit_before_the_entry_has_no_price(void **state)
{
    (void)state;
    f.stay.exit_s = f.stay.entry_s - 1;
    assert_int_equal(fixture_fee(&f), -1 - TARIFF_BACKWARDS);
    f.stay.clock_step_s = 10; /* neither reading helps */
    f.stay.exit_s = f.stay.entry_s - 20;
    assert_int_equal(fixture_price(&f), TARIFF_BACKWARDS);
}

static void a_stay_of_a_hundred_years_is_priced_and_a_longer_one_is_not(void **state)
{
    (void)state;
    f.stay.exit_s = f.stay.entry_s + INT64_C(36525) * DAY;
    assert_int_equal(fixture_fee(&f), INT64_C(36525) * 24 * 100);
    f.stay.exit_s++;
    assert_int_equal(fixture_fee(&f), -1 - TARIFF_TOO_LONG);
}

static void a_step_of_the_clock_never_raises_the_fee(void **state)
{
    (void)state;
    f.stay.exit_s += 5 * HOUR; /* the clock was set forward by five hours meanwhile */
    f.stay.clock_step_s = 5 * HOUR;
    assert_int_equal(fixture_fee(&f), 200);
    f.stay.clock_step_s = -5 * HOUR; /* back: as written is the cheapest */
    assert_int_equal(fixture_fee(&f), 700);
    f.stay.exit_s = f.stay.entry_s - HOUR; /* written backwards; two hours set back */
    f.stay.clock_step_s = -2 * HOUR;
    assert_int_equal(fixture_fee(&f), 100);
    f.stay.exit_s = f.stay.entry_s + 7 * HOUR; /* 10:00 to 12:00, or 15:00 to 17:00 */
    f.stay.clock_step_s = 5 * HOUR;
    f.windows[0][0].to_s = 12 * HOUR;
    assert_int_equal(fixture_fee(&f), 0);
    f.windows[0][0].to_s = DAY;
    f.windows[0][0].from_s = 15 * HOUR;
    assert_int_equal(fixture_fee(&f), 0);
}

static void a_missing_entry_is_never_free_by_silence(void **state)
{
    (void)state;
    f.stay.entry_missing = true;
    assert_int_equal(fixture_fee(&f), -1 - TARIFF_MANUAL);
    f.tariffs[0].missing = TARIFF_MISSING_FIRST_STEP;
    assert_int_equal(fixture_fee(&f), 100);
    f.tariffs[0].missing = TARIFF_MISSING_FIXED;
    f.tariffs[0].missing_fen = 777;
    f.stay.clock_step_s = 60;
    assert_int_equal(fixture_fee(&f), 777);
    f.tariffs[0].missing = TARIFF_MISSING_CAP;
    f.tariffs[0].parts[0].caps_count = 1;
    f.caps[0] = (struct tariff_cap){.classes = VEHICLE_ALL, .first = 1, .value = 1500};
    assert_int_equal(fixture_fee(&f), 1500);
}

static void a_missing_entry_can_be_the_last_opening(void **state)
{
    (void)state;
    f.stay.entry_missing = true;
    f.tariffs[0].missing = TARIFF_MISSING_FROM_OPEN;
    f.tariffs[0].missing_open_s = 7 * HOUR;
    assert_int_equal(fixture_fee(&f), 500); /* 07:00 to 12:00 */
    f.tariffs[0].missing_open_s = 13 * HOUR;
    assert_int_equal(fixture_fee(&f), 2300); /* since 13:00 of the day before */
}

/* §2 */

static void a_class_may_stand_for_another_and_may_be_exempt(void **state)
{
    (void)state;
    f.tariffs[0].factors_count = 2;
    f.shares[0] = (struct tariff_share){VEHICLE_BIT(VEHICLE_DIESEL), 5, 1, 0, 0};
    f.shares[1] = (struct tariff_share){VEHICLE_BIT(VEHICLE_LARGE), 2, 1, 0, 0};
    f.stay.class = VEHICLE_MEDIUM;
    assert_int_equal(fixture_fee(&f), 200);
    f.tariffs[0].same_as[VEHICLE_MEDIUM] = VEHICLE_LARGE;
    assert_int_equal(fixture_fee(&f), 400);
    f.tariffs[0].exempt = VEHICLE_BIT(VEHICLE_MEDIUM);
    assert_int_equal(fixture_fee(&f), 0);
}

/* §3 */

static void a_stay_over_a_change_is_priced_by_the_policy_of_the_new_version(void **state)
{
    static const struct {
        enum tariff_change change;
        int64_t fen;
    } cases[] = {
        {TARIFF_BY_ENTRY, 400},
        {TARIFF_BY_PAYMENT, 800},
        {TARIFF_RETRO, 800},
        {TARIFF_SPLIT_AT_CHANGE, 600},
    };

    (void)state;
    f.book.versions_count = 3;
    f.tariffs[1].valid_from = civil_day(f.stay.entry_s) + 1;
    f.tariffs[2].valid_from = civil_day(f.stay.entry_s) + 20;
    f.stay.entry_s = (int64_t)f.tariffs[1].valid_from * DAY - 2 * HOUR;
    f.stay.exit_s = f.stay.entry_s + 4 * HOUR;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        f.tariffs[1].change = cases[i].change;
        assert_int_equal(fixture_fee(&f), cases[i].fen);
    }
    f.stay.entry_s += DAY; /* after the change nothing is split */
    f.stay.exit_s += DAY;
    assert_int_equal(fixture_fee(&f), 800);
    f.stay.entry_s -= 100 * DAY; /* before the first: by the first */
    f.stay.exit_s -= 100 * DAY;
    assert_int_equal(fixture_fee(&f), 400);
    f.stay.entry_s += 200 * DAY; /* by the last one: no change lies ahead */
    f.stay.exit_s += 200 * DAY;
    f.tariffs[2].change = TARIFF_SPLIT_AT_CHANGE;
    assert_int_equal(fixture_fee(&f), 1200);
}

static void by_payment_the_first_payment_decides(void **state)
{
    struct tariff_payment payment = {0, 50};

    (void)state;
    f.book.versions_count = 2;
    f.tariffs[1].valid_from = civil_day(f.stay.entry_s) + 1;
    f.tariffs[1].change = TARIFF_BY_PAYMENT;
    f.stay.entry_s = (int64_t)f.tariffs[1].valid_from * DAY - 2 * HOUR;
    f.stay.exit_s = f.stay.entry_s + 4 * HOUR;
    payment.at_s = f.stay.entry_s + HOUR;
    f.stay.payments = &payment;
    f.stay.payments_count = 1;
    assert_int_equal(fixture_fee(&f), 400);
    assert_int_equal(f.fee.due_fen, 350);
}

/* §4 */

static void what_lies_under_a_pass_is_free(void **state)
{
    struct tariff_span passes[] = {{f.stay.entry_s - 99 * HOUR, f.stay.entry_s - 98 * HOUR},
                                   {f.stay.entry_s - HOUR, f.stay.entry_s + HOUR}};

    (void)state;
    f.stay.passes = passes;
    f.stay.passes_count = 2;
    assert_int_equal(fixture_fee(&f), 100); /* the pass ends in mid-stay */
    passes[1] = (struct tariff_span){f.stay.entry_s + HOUR / 2, f.stay.exit_s + 9};
    assert_int_equal(fixture_fee(&f), 100); /* it begins in mid-stay */
    passes[1].to_s = f.stay.exit_s - HOUR / 2;
    assert_int_equal(fixture_fee(&f), 200); /* it lies within */
    f.tariffs[0].pass_grace_s = DAY;
    assert_int_equal(fixture_fee(&f), 100); /* days of grace */
    passes[1].from_s = f.stay.entry_s;
    assert_int_equal(fixture_fee(&f), 0);
}

static void what_follows_a_pass_has_free_time_only_where_that_is_said(void **state)
{
    struct tariff_span pass = {f.stay.entry_s, f.stay.exit_s - HOUR / 2};

    (void)state;
    f.stay.passes = &pass;
    f.stay.passes_count = 1;
    f.tariffs[0].frees_count = 1;
    f.frees[0] = (struct tariff_free){.classes = VEHICLE_ALL, .limit_s = HOUR};
    assert_int_equal(fixture_fee(&f), 100);
    f.tariffs[0].pass_rest_free = true;
    assert_int_equal(fixture_fee(&f), 0);
}

static void a_paid_stay_may_leave_in_time_and_is_another_stay_or_the_same_later(void **state)
{
    struct tariff_payment payments[] = {
        {f.stay.entry_s - 60, 50}, {f.stay.entry_s + 55 * 60, 50}, {f.stay.exit_s + HOUR, 5}};

    (void)state;
    f.stay.payments = payments;
    f.stay.payments_count = 2;
    f.tariffs[0].leave_s = 15 * 60;
    f.stay.exit_s = f.stay.entry_s + 70 * 60;
    assert_int_equal(fixture_fee(&f), 100); /* out by 11:10, on the last second */
    assert_int_equal(f.fee.due_fen, 0);
    f.stay.exit_s++;
    assert_int_equal(fixture_fee(&f), 200); /* the same stay, priced as a whole */
    assert_int_equal(f.fee.due_fen, 100);
    f.tariffs[0].leave = TARIFF_NEW_STAY;
    f.stay.exit_s = f.stay.entry_s + 130 * 60; /* 60 min from 11:10 on */
    assert_int_equal(fixture_fee(&f), 200);
    f.stay.payments_count = 3; /* a payment after the exit settles nothing */
    assert_int_equal(fixture_fee(&f), 200);
    payments[1].fen = 49; /* not paid in full: nothing is settled */
    f.stay.payments_count = 2;
    assert_int_equal(fixture_fee(&f), 300);
}

/* §5 */

static void an_alternative_holds_when_both_ends_do(void **state)
{
    struct tariff *t = &f.tariffs[0];

    (void)state;
    t->parts[1] = t->parts[0];
    t->parts[1].windows = f.windows[1];
    t->parts_count = 2;
    t->alternatives = &f.alternative;
    t->alternatives_count = 1;
    f.alternative = (struct tariff_alternative){
        VEHICLE_BIT(VEHICLE_SMALL), TARIFF_DAYS_ALL, 20 * HOUR, 24 * HOUR, 1, 7 * HOUR, 1, 0};
    assert_int_equal(fixture_fee(&f), 200);
    f.stay.entry_s += 10 * HOUR; /* 20:00 */
    f.stay.exit_s = f.stay.entry_s + 11 * HOUR - 1;
    assert_int_equal(fixture_fee(&f), 2200);
    f.stay.exit_s++; /* 07:00 is not before 07:00 */
    assert_int_equal(fixture_fee(&f), 1100);
    f.stay.exit_s--;
    f.stay.entry_s--; /* nor is 19:59:59 from 20:00 on */
    assert_int_equal(fixture_fee(&f), 1100);
    f.alternative.entry_from_s = 22 * HOUR; /* over midnight: 22:00 to 05:00 */
    f.alternative.entry_to_s = 5 * HOUR;
    f.stay.entry_s += 3 * HOUR;
    assert_int_equal(fixture_fee(&f), 1600);
    f.stay.entry_s += 4 * HOUR;
    f.stay.exit_s = f.stay.entry_s + HOUR;
    assert_int_equal(fixture_fee(&f), 200);
    f.stay.class = VEHICLE_LARGE;
    assert_int_equal(fixture_fee(&f), 100);
    f.stay.class = VEHICLE_SMALL;
    f.alternative.days = TARIFF_DAY_BIT(TARIFF_SUNDAY);
    assert_int_equal(fixture_fee(&f), 100);
}

/* §6 */

static void free_time_is_a_threshold_deducted_or_entered_again(void **state)
{
    (void)state;
    f.tariffs[0].frees_count = 1;
    f.frees[0] = (struct tariff_free){.classes = VEHICLE_ALL, .limit_s = 2 * HOUR};
    assert_int_equal(fixture_fee(&f), 0); /* #1: exactly the limit */
    f.frees[0].exclusive = true;
    assert_int_equal(fixture_fee(&f), 200);
    f.stay.exit_s++;
    f.frees[0].exclusive = false;
    assert_int_equal(fixture_fee(&f), 300);
    f.frees[0].mode = TARIFF_DEDUCT;
    assert_int_equal(fixture_fee(&f), 100);
    f.frees[0].mode = TARIFF_REENTER;
    assert_int_equal(fixture_fee(&f), 100);
    f.tariffs[0].frees_count = 2;
    f.frees[1] = (struct tariff_free){.classes = VEHICLE_ALL, .limit_s = 600};
    assert_int_equal(fixture_fee(&f), 0); /* as if just entered: ten minutes again */
    f.stay.exit_s += 600;
    assert_int_equal(fixture_fee(&f), 100);
}

static void free_time_of_the_first_stay_of_the_day_is_granted_once(void **state)
{
    struct tariff_earlier earlier[] = {{f.stay.entry_s - DAY, f.stay.entry_s - DAY + 60, 0},
                                       {f.stay.entry_s + HOUR, f.stay.entry_s + HOUR, 0}};

    (void)state;
    f.tariffs[0].frees_count = 1;
    f.frees[0] = (struct tariff_free){
        .classes = VEHICLE_ALL, .limit_s = 2 * HOUR, .scope = TARIFF_FIRST_OF_DAY};
    f.stay.earlier = earlier;
    f.stay.earlier_count = 2;
    assert_int_equal(fixture_fee(&f), 0); /* yesterday's and a later one do not count */
    earlier[0].entry_s = f.stay.entry_s - 60;
    assert_int_equal(fixture_fee(&f), 200);
}

static void free_time_can_be_measured_inside_windows(void **state)
{
    (void)state;
    f.windows[0][0].from_s = 11 * HOUR;
    f.tariffs[0].frees_count = 1;
    f.frees[0] = (struct tariff_free){.classes = VEHICLE_ALL, .limit_s = HOUR};
    assert_int_equal(fixture_fee(&f), 100); /* two hours, one of them charged */
    f.frees[0].clock = TARIFF_FREE_WINDOW;
    assert_int_equal(fixture_fee(&f), 0);
    f.stay.exit_s += 12 * HOUR;
    f.frees[0].mode = TARIFF_DEDUCT;
    assert_int_equal(fixture_fee(&f), 1200); /* 12:00 to 24:00 */
    f.frees[0].limit_s = 14 * HOUR;
    assert_int_equal(fixture_fee(&f), 0); /* never reached */
}

static void time_coupons_follow_the_free_time(void **state)
{
    struct tariff_coupon coupons[] = {
        {TARIFF_COUPON_TIME, 1800}, {TARIFF_COUPON_TIME, 1800}, {TARIFF_COUPON_AMOUNT, 0}};

    (void)state;
    f.stay.coupons = coupons;
    f.stay.coupons_count = 3;
    f.tariffs[0].frees_count = 1;
    f.frees[0] =
        (struct tariff_free){.classes = VEHICLE_ALL, .limit_s = HOUR, .mode = TARIFF_DEDUCT};
    assert_int_equal(fixture_fee(&f), 0);
    f.stay.exit_s++;
    assert_int_equal(fixture_fee(&f), 100);
    f.stay.exit_s = f.stay.entry_s + HOUR;
    assert_int_equal(fixture_fee(&f), 0); /* no coupon is needed */
}

static void beyond_the_maximum_stay_only_the_penalty_is_charged(void **state)
{
    (void)state;
    f.tariffs[0].max_stay_s = 2 * HOUR;
    f.tariffs[0].overstay_fen = 5000;
    assert_int_equal(fixture_fee(&f), 200);
    assert_false(f.fee.overstayed);
    f.stay.exit_s += 9 * HOUR;
    assert_int_equal(fixture_fee(&f), 5200);
    assert_true(f.fee.overstayed);
}

/* §7 */

static void cycles_begin_anew_by_the_hour_the_day_or_the_window(void **state)
{
    struct tariff_part *part = &f.tariffs[0].parts[0];

    (void)state;
    f.steps[0][0] = (struct tariff_step){.to_s = HOUR, .price_fen = 500};
    f.steps[0][1] = (struct tariff_step){.unit_s = HOUR, .price_fen = 100};
    f.windows[0][0].steps_count = 2;
    f.stay.exit_s = f.stay.entry_s + 25 * HOUR; /* to 11:00 on Thursday */
    assert_int_equal(fixture_fee(&f), 500 + 2400);
    part->clock = TARIFF_CLOCK_CYCLE;
    part->cycle = TARIFF_CYCLE_ROLLING;
    assert_int_equal(fixture_fee(&f), 500 + 2300 + 500);
    part->cycle = TARIFF_CYCLE_DAY;
    assert_int_equal(fixture_fee(&f), 500 + 1300 + 500 + 1000);
    part->reset_s = 11 * HOUR;
    assert_int_equal(fixture_fee(&f), 500 + 500 + 2300);
    part->cycle = TARIFF_CYCLE_WINDOW;
    f.windows[0][0].from_s = 8 * HOUR;
    f.windows[0][0].to_s = 20 * HOUR;
    assert_int_equal(fixture_fee(&f), 500 + 900 + 500 + 200);
}

static void rolling_cycles_count_from_the_entry_or_from_the_charge(void **state)
{
    struct tariff_part *part = &f.tariffs[0].parts[0];

    (void)state;
    part->cycle = TARIFF_CYCLE_ROLLING;
    part->clock = TARIFF_CLOCK_CYCLE;
    f.tariffs[0].frees_count = 1;
    f.frees[0] =
        (struct tariff_free){.classes = VEHICLE_ALL, .limit_s = 2 * HOUR, .mode = TARIFF_DEDUCT};
    part->caps_count = 1;
    f.caps[0] = (struct tariff_cap){.classes = VEHICLE_ALL, .first = 1, .value = 1000};
    f.stay.exit_s = f.stay.entry_s + 25 * HOUR;
    assert_int_equal(fixture_fee(&f), 1000);
    part->anchor = TARIFF_FROM_ENTRY;
    assert_int_equal(fixture_fee(&f), 1100);
}

/* §8 */

static void a_window_over_midnight_belongs_to_the_day_on_which_it_begins(void **state)
{
    (void)state;
    f.windows[0][0].from_s = 20 * HOUR;
    f.windows[0][0].to_s = 8 * HOUR;
    f.windows[0][0].days = TARIFF_DAY_BIT(4); /* Fridays */
    f.stay.entry_s = WEDNESDAY_TEN + 2 * DAY; /* Friday 10:00 to Saturday 10:00 */
    f.stay.exit_s = f.stay.entry_s + DAY;
    assert_int_equal(fixture_fee(&f), 1200);
    assert_int_equal(f.fee.unknown_year, 2024);
    f.stay.entry_s += DAY;
    f.stay.exit_s += DAY;
    assert_int_equal(fixture_fee(&f), 0);
}

static void a_date_of_the_calendar_wins_over_its_weekday(void **state)
{
    int32_t wednesday = civil_day(f.stay.entry_s), years[] = {2023, 2024};

    (void)state;
    f.windows[0][0].days = TARIFF_DAYS_WORK;
    f.windows[0][1] = fixture_window(f.steps[1], 1);
    f.windows[0][1].days = TARIFF_DAYS_WEEKEND | TARIFF_DAY_BIT(TARIFF_HOLIDAY);
    f.tariffs[0].parts[0].windows_count = 2;
    f.calendar.years = years;
    f.calendar.years_count = 2;
    assert_int_equal(fixture_fee(&f), 200);
    assert_int_equal(f.fee.unknown_year, 0);
    f.calendar.holidays = &wednesday;
    f.calendar.holidays_count = 1;
    assert_int_equal(fixture_fee(&f), 400);
    f.calendar.holidays_count = 0;
    f.stay.entry_s += 4 * DAY; /* Sunday */
    f.stay.exit_s += 4 * DAY;
    assert_int_equal(fixture_fee(&f), 400);
    wednesday += 4;
    f.calendar.workdays = &wednesday;
    f.calendar.workdays_count = 1;
    assert_int_equal(fixture_fee(&f), 200);
    f.stay.exit_s += 366 * DAY;
    fixture_fee(&f);
    assert_int_equal(f.fee.unknown_year, 2025);
    years[1] = 2030;
    fixture_fee(&f);
    assert_int_equal(f.fee.unknown_year, 2024);
}

static void the_highest_priority_holds_and_free_windows_cost_nothing(void **state)
{
    (void)state;
    f.windows[0][1] = fixture_window(f.steps[1], 1);
    f.windows[0][1].from_s = 11 * HOUR;
    f.windows[0][1].to_s = 12 * HOUR;
    f.windows[0][1].priority = 1;
    f.tariffs[0].parts[0].windows_count = 2;
    assert_int_equal(fixture_fee(&f), 300);
    f.windows[0][1].kind = TARIFF_FREE;
    assert_int_equal(fixture_fee(&f), 100);
    f.windows[0][1].kind = TARIFF_OVERSTAY;
    assert_int_equal(fixture_fee(&f), 300);
    f.windows[0][1].kind = TARIFF_CLOSED;
    f.windows[0][1].first_day = f.windows[0][1].last_day = civil_day(f.stay.entry_s) + 1;
    assert_int_equal(fixture_fee(&f), 200); /* on its dates only */
    f.windows[0][1].first_day--;
    f.windows[0][1].last_day--;
    assert_int_equal(fixture_fee(&f), 100);
    f.windows[0][1].first_day--;
    f.windows[0][1].last_day--;
    assert_int_equal(fixture_fee(&f), 200);
}

/* §9 */

static void units_are_split_at_the_end_of_a_window_or_carried(void **state)
{
    struct tariff_part *part = &f.tariffs[0].parts[0];

    (void)state;
    f.windows[0][0].to_s = 10 * HOUR + 1800;
    f.windows[0][1] = fixture_window(f.steps[1], 1);
    f.windows[0][1].from_s = 10 * HOUR + 1800;
    part->windows_count = 2;
    f.stay.exit_s = f.stay.entry_s + HOUR;
    assert_int_equal(fixture_fee(&f), 300); /* #8 */
    part->straddle = TARIFF_CARRY;
    assert_int_equal(fixture_fee(&f), 100);
    f.stay.exit_s++;
    assert_int_equal(fixture_fee(&f), 300);
}

static void a_unit_counts_when_begun_when_full_or_beyond_its_tail(void **state)
{
    (void)state;
    f.stay.exit_s = f.stay.entry_s + HOUR + 900;
    assert_int_equal(fixture_fee(&f), 200);
    f.steps[0][0].round = TARIFF_ROUND_DOWN;
    assert_int_equal(fixture_fee(&f), 100);
    f.steps[0][0].round = TARIFF_ROUND_TAIL;
    f.steps[0][0].tail_s = 900;
    assert_int_equal(fixture_fee(&f), 100);
    f.stay.exit_s++;
    assert_int_equal(fixture_fee(&f), 200);
}

static void steps_add_up_and_a_flat_one_with_a_key_is_charged_once(void **state)
{
    (void)state;
    for (int w = 0; w < 2; w++) {
        struct tariff_step *steps = &f.steps[0][2 * w];

        steps[0] = (struct tariff_step){.to_s = 3 * HOUR, .price_fen = 400, .key = 7};
        steps[1] = (struct tariff_step){.unit_s = HOUR * (1 + w), .price_fen = 100};
        f.windows[0][w] = fixture_window(steps, 2);
    }
    f.windows[0][0].to_s = f.windows[0][1].from_s = 12 * HOUR;
    f.tariffs[0].parts[0].windows_count = 2;
    f.stay.exit_s = f.stay.entry_s + 5 * HOUR; /* 400, then 13:00 to 15:00 by two hours */
    assert_int_equal(fixture_fee(&f), 500);
    f.steps[0][2].key = 8;
    assert_int_equal(fixture_fee(&f), 900);
    f.steps[0][1].max_units = f.steps[0][3].max_units = 2;
    f.stay.exit_s += 7 * HOUR;
    assert_int_equal(fixture_fee(&f), 1000);
}

static void a_flat_amount_can_be_charged_once_a_stay(void **state)
{
    struct tariff_part *part = &f.tariffs[0].parts[0];

    (void)state;
    part->clock = TARIFF_CLOCK_CYCLE;
    part->cycle = TARIFF_CYCLE_ROLLING;
    f.steps[0][0] = (struct tariff_step){.price_fen = 500};
    f.stay.exit_s = f.stay.entry_s + 3 * DAY;
    assert_int_equal(fixture_fee(&f), 1500);
    f.steps[0][0].once_a_stay = true;
    assert_int_equal(fixture_fee(&f), 500);
}

/* §10 to §12 */

static void caps_of_window_cycle_and_stay_hold_from_the_inside(void **state)
{
    struct tariff_part *part = &f.tariffs[0].parts[0];

    (void)state;
    f.windows[0][0].to_s = f.windows[0][1].from_s = 12 * HOUR;
    f.windows[0][1] = fixture_window(f.steps[1], 1);
    f.windows[0][1].from_s = 12 * HOUR;
    part->windows_count = 2;
    f.stay.exit_s = f.stay.entry_s + 6 * HOUR; /* 2 × 1 and 4 × 2 yuan */
    assert_int_equal(fixture_fee(&f), 1000);
    f.windows[0][1].cap_fen = 500;
    assert_int_equal(fixture_fee(&f), 700);
    f.windows[0][1].cap_units = 2;
    assert_int_equal(fixture_fee(&f), 600);
    f.windows[0][1].cap_s = HOUR;
    assert_int_equal(fixture_fee(&f), 400);
    part->caps_count = 2;
    f.caps[0] = (struct tariff_cap){.classes = VEHICLE_ALL, .first = 1, .value = 350};
    f.caps[1] = (struct tariff_cap){
        .per = TARIFF_PER_STAY, .classes = VEHICLE_ALL, .first = 1, .value = 320};
    assert_int_equal(fixture_fee(&f), 320);
    f.caps[1].classes = VEHICLE_BIT(VEHICLE_LARGE);
    assert_int_equal(fixture_fee(&f), 350);
    f.caps[0].of = TARIFF_CAP_UNITS;
    f.caps[0].value = 1;
    assert_int_equal(fixture_fee(&f), 100);
    f.caps[0].of = TARIFF_CAP_SECONDS;
    f.caps[0].value = 2 * HOUR;
    assert_int_equal(fixture_fee(&f), 200);
}

static void the_cap_of_the_nth_cycle_holds_for_it_alone(void **state)
{
    struct tariff_part *part = &f.tariffs[0].parts[0];

    (void)state;
    part->cycle = TARIFF_CYCLE_ROLLING;
    part->caps_count = 2;
    f.caps[0] = (struct tariff_cap){.classes = VEHICLE_ALL, .first = 1, .last = 1, .value = 600};
    f.caps[1] = (struct tariff_cap){.classes = VEHICLE_ALL, .first = 3, .value = 1100};
    f.stay.exit_s = f.stay.entry_s + 4 * DAY;
    assert_int_equal(fixture_fee(&f), 600 + 2400 + 1100 + 1100);
}

static void a_whole_cycle_can_have_a_price_of_its_own(void **state)
{
    struct tariff_part *part = &f.tariffs[0].parts[0];

    (void)state;
    part->cycle = TARIFF_CYCLE_ROLLING;
    part->caps_count = 1;
    f.caps[0] = (struct tariff_cap){
        .of = TARIFF_CAP_FULL, .classes = VEHICLE_ALL, .first = 1, .value = 2000};
    f.stay.exit_s = f.stay.entry_s + DAY - HOUR;
    assert_int_equal(fixture_fee(&f), 2300); /* #13 */
    f.stay.exit_s += HOUR;
    assert_int_equal(fixture_fee(&f), 2000);
    f.stay.exit_s += HOUR;
    assert_int_equal(fixture_fee(&f), 2100);
}

/* §13 to §18 */

static void factor_relief_and_coupons_follow_in_this_order(void **state)
{
    struct tariff_coupon coupons[] = {{TARIFF_COUPON_AMOUNT, 10}, {TARIFF_COUPON_PERCENT, 50}};

    (void)state;
    f.tariffs[0].reliefs_count = 3;
    f.shares[0] = (struct tariff_share){VEHICLE_BIT(VEHICLE_NEV), 50, 100, 0, 0};
    f.shares[1] = (struct tariff_share){VEHICLE_BIT(VEHICLE_DISABLED), 100, 100, 150, 0};
    f.shares[2] = (struct tariff_share){VEHICLE_BIT(VEHICLE_NEV), 100, 100, 20, 0};
    f.stay.class = VEHICLE_NEV;
    assert_int_equal(fixture_fee(&f), 100); /* the best one */
    f.stay.also = VEHICLE_BIT(VEHICLE_DISABLED);
    assert_int_equal(fixture_fee(&f), 50);
    f.tariffs[0].combine = TARIFF_SUM;
    assert_int_equal(fixture_fee(&f), 0); /* never below nothing */
    f.stay.also = 0;
    assert_int_equal(fixture_fee(&f), 80);
    f.stay.coupons = coupons;
    f.stay.coupons_count = 2;
    assert_int_equal(fixture_fee(&f), 30); /* half of 80, then 10 off */
    f.stay.coupons_count = TARIFF_COUPONS + 1;
    assert_int_equal(fixture_fee(&f), -1 - TARIFF_COUPONS_MANY);
}

static void all_stays_of_a_plate_share_a_maximum(void **state)
{
    struct tariff_earlier earlier[] = {
        {f.stay.entry_s - 20 * HOUR, f.stay.entry_s - 12 * HOUR, 250},
        {f.stay.entry_s - 2 * HOUR, f.stay.entry_s - HOUR, 120}};

    (void)state;
    f.tariffs[0].plate_per = TARIFF_PLATE_DAY;
    f.tariffs[0].plate_fen = 250;
    f.stay.earlier = earlier;
    f.stay.earlier_count = 2;
    assert_int_equal(fixture_fee(&f), 130); /* yesterday's does not count */
    f.tariffs[0].plate_per = TARIFF_PLATE_24H;
    assert_int_equal(fixture_fee(&f), 0);
    f.tariffs[0].plate_fen = 1000;
    assert_int_equal(fixture_fee(&f), 200);
}

static void money_is_rounded_once_at_the_end(void **state)
{
    (void)state;
    f.tariffs[0].factors_count = 1;
    f.shares[0] = (struct tariff_share){VEHICLE_ALL, 5, 8, 0, 0}; /* 125 */
    f.tariffs[0].money_step = 10;
    assert_int_equal(fixture_fee(&f), 130);
    f.tariffs[0].money_mode = MONEY_DOWN;
    assert_int_equal(fixture_fee(&f), 120);
    f.tariffs[0].money_mode = MONEY_UP;
    f.shares[0] = (struct tariff_share){VEHICLE_ALL, 121, 200, 0, 0}; /* 121 */
    assert_int_equal(fixture_fee(&f), 130);
}

/* §19 */

static void what_was_paid_too_much_is_owed_and_never_a_negative_due(void **state)
{
    struct tariff_payment payment = {WEDNESDAY_TEN + HOUR, 250};

    (void)state;
    f.stay.payments = &payment;
    f.stay.payments_count = 1;
    assert_int_equal(fixture_fee(&f), 200);
    assert_int_equal(f.fee.due_fen, 0);
    assert_int_equal(f.fee.credit_fen, 50);
    payment.fen = 0;
    assert_int_equal(fixture_fee(&f), 200);
    assert_int_equal(f.fee.due_fen, 200);
}

/* Long stays */

static void whole_weeks_are_taken_at_once_up_to_the_next_irregular_day(void **state)
{
    int32_t day = civil_day(f.stay.entry_s), holidays[] = {day + 60}, workdays[] = {day + 200};
    struct tariff_part *part = &f.tariffs[0].parts[0];

    (void)state;
    part->cycle = TARIFF_CYCLE_ROLLING;
    f.windows[0][0].days = TARIFF_DAYS_WORK;
    f.stay.exit_s = f.stay.entry_s + 364 * DAY; /* 52 weeks of five days */
    assert_int_equal(fixture_fee(&f), 52 * 5 * 2400);
    f.calendar = (struct tariff_calendar){holidays, workdays, 1, 1, NULL, 0};
    assert_int_equal(civil_weekday(holidays[0]), 6);
    holidays[0] += 1;                                           /* a Monday */
    workdays[0] = workdays[0] - civil_weekday(workdays[0]) + 5; /* a Saturday */
    assert_int_equal(fixture_fee(&f), 52 * 5 * 2400);
    workdays[0] += 365;
    assert_int_equal(fixture_fee(&f), (52 * 5 - 1) * 2400);
    f.windows[0][1] = fixture_window(f.steps[1], 1);
    f.windows[0][1].first_day = day + 100 - (day + 100 + 3) % 7;
    f.windows[0][1].last_day = f.windows[0][1].first_day;
    f.windows[0][1].priority = 1;
    part->windows_count = 2;
    assert_int_equal(fixture_fee(&f), (52 * 5 - 1 + 1) * 2400);
}

static void a_step_that_ends_after_days_is_not_leapt_over(void **state)
{
    (void)state;
    f.steps[0][0].to_s = 5 * DAY;
    f.steps[0][1] = (struct tariff_step){.unit_s = HOUR, .price_fen = 10};
    f.windows[0][0].steps_count = 2;
    f.stay.exit_s = f.stay.entry_s + 400 * DAY;
    assert_int_equal(fixture_fee(&f), 5 * 2400 + 395 * 240);
}

static void a_quote_holds_until_the_price_changes(void **state)
{
    int64_t until_s = 0;

    (void)state;
    f.stay.exit_s = f.stay.entry_s + 90 * 60;
    fixture_price(&f);
    assert_int_equal(tariff_quote(&f.book, &f.stay, &f.fee, &until_s), TARIFF_PRICED);
    assert_int_equal(f.fee.fen, 200);
    assert_int_equal(until_s, f.stay.entry_s + 2 * HOUR + 1);
    f.tariffs[0].may_fall = true;
    assert_int_equal(tariff_quote(&f.book, &f.stay, &f.fee, &until_s), TARIFF_PRICED);
    assert_int_equal(until_s, f.stay.entry_s + 2 * HOUR + 1);
    f.steps[0][0].unit_s = 0; /* once and for all */
    assert_int_equal(tariff_quote(&f.book, &f.stay, &f.fee, &until_s), TARIFF_PRICED);
    assert_int_equal(until_s, INT64_MAX);
    f.book.versions_count = 2;
    f.tariffs[0].may_fall = false;
    f.tariffs[1].valid_from = civil_day(f.stay.entry_s) + 1;
    f.tariffs[1].change = TARIFF_RETRO;
    f.steps[1][0] = (struct tariff_step){.price_fen = 50};
    tariff_prepare(&f.tariffs[1]);
    assert_int_equal(tariff_quote(&f.book, &f.stay, &f.fee, &until_s), TARIFF_PRICED);
    assert_int_equal(until_s, (int64_t)f.tariffs[1].valid_from * DAY);
    f.stay.exit_s = f.stay.entry_s - 1;
    assert_int_equal(tariff_quote(&f.book, &f.stay, &f.fee, &until_s), TARIFF_BACKWARDS);
}

static void every_verdict_is_said_in_words(void **state)
{
    (void)state;
    for (int verdict = 0; verdict < TARIFF_VERDICTS; verdict++)
        assert_non_null(tariff_verdict_text((enum tariff_verdict)verdict));
}

static void a_fee_without_a_trace_is_the_same(void **state)
{
    int64_t fen = fixture_fee(&f);

    (void)state;
    assert_int_equal(tariff_price(&f.book, &f.stay, NULL, &f.fee), TARIFF_PRICED);
    assert_int_equal(f.fee.fen, fen);
}

/* A zone whose clocks go forward at 02:00 of Thursday and back at 03:00 of Friday, by an hour. */
static void elapsed_time_counts_when_the_clocks_change(void **state)
{
    int64_t thursday = (int64_t)(civil_day(WEDNESDAY_TEN) + 1) * DAY;
    int64_t at_s[] = {thursday + 2 * HOUR, thursday + DAY + 2 * HOUR};
    int32_t offset_s[] = {0, HOUR, 0};
    struct civil_zone zone = {at_s, offset_s, 2};

    (void)state;
    f.book.zone = &zone;
    f.stay.entry_s = thursday; /* a day of 23 hours */
    f.stay.exit_s = thursday + 23 * HOUR;
    assert_int_equal(fixture_fee(&f), 2300);
    f.stay.entry_s = thursday + 23 * HOUR; /* one of 25 */
    f.stay.exit_s = thursday + 48 * HOUR;
    assert_int_equal(fixture_fee(&f), 2500);
    f.windows[0][0].from_s = 2 * HOUR + 1800; /* 02:30 to 03:30: its first coming, to its end */
    f.windows[0][0].to_s = 3 * HOUR + 1800;
    assert_int_equal(fixture_fee(&f), 200);
    f.stay.exit_s = f.stay.entry_s;
    f.stay.entry_s = thursday; /* 02:30 is left out: 03:00 to 03:30 by the clock */
    assert_int_equal(fixture_fee(&f), 100);
    f.windows[0][0] = fixture_window(f.steps[0], 1);
    f.stay.entry_s = thursday - 40 * DAY; /* long stays are not multiplied over a change */
    f.stay.exit_s = thursday + 40 * DAY;
    assert_int_equal(fixture_fee(&f), 80 * 2400);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup(test, start)
    const struct CMUnitTest tests[] = {
        CASE(a_stay_of_no_length_costs_nothing),
        CASE(one_second_more_is_one_more_begun_unit),
        CASE(seconds_can_be_cut_from_both_times_or_from_the_stay),
        CASE(an_exit_before_the_entry_has_no_price),
        CASE(a_stay_of_a_hundred_years_is_priced_and_a_longer_one_is_not),
        CASE(a_step_of_the_clock_never_raises_the_fee),
        CASE(a_missing_entry_is_never_free_by_silence),
        CASE(a_missing_entry_can_be_the_last_opening),
        CASE(a_class_may_stand_for_another_and_may_be_exempt),
        CASE(a_stay_over_a_change_is_priced_by_the_policy_of_the_new_version),
        CASE(by_payment_the_first_payment_decides),
        CASE(what_lies_under_a_pass_is_free),
        CASE(what_follows_a_pass_has_free_time_only_where_that_is_said),
        CASE(a_paid_stay_may_leave_in_time_and_is_another_stay_or_the_same_later),
        CASE(an_alternative_holds_when_both_ends_do),
        CASE(free_time_is_a_threshold_deducted_or_entered_again),
        CASE(free_time_of_the_first_stay_of_the_day_is_granted_once),
        CASE(free_time_can_be_measured_inside_windows),
        CASE(time_coupons_follow_the_free_time),
        CASE(beyond_the_maximum_stay_only_the_penalty_is_charged),
        CASE(cycles_begin_anew_by_the_hour_the_day_or_the_window),
        CASE(rolling_cycles_count_from_the_entry_or_from_the_charge),
        CASE(a_window_over_midnight_belongs_to_the_day_on_which_it_begins),
        CASE(a_date_of_the_calendar_wins_over_its_weekday),
        CASE(the_highest_priority_holds_and_free_windows_cost_nothing),
        CASE(units_are_split_at_the_end_of_a_window_or_carried),
        CASE(a_unit_counts_when_begun_when_full_or_beyond_its_tail),
        CASE(steps_add_up_and_a_flat_one_with_a_key_is_charged_once),
        CASE(a_flat_amount_can_be_charged_once_a_stay),
        CASE(caps_of_window_cycle_and_stay_hold_from_the_inside),
        CASE(the_cap_of_the_nth_cycle_holds_for_it_alone),
        CASE(a_whole_cycle_can_have_a_price_of_its_own),
        CASE(factor_relief_and_coupons_follow_in_this_order),
        CASE(all_stays_of_a_plate_share_a_maximum),
        CASE(money_is_rounded_once_at_the_end),
        CASE(what_was_paid_too_much_is_owed_and_never_a_negative_due),
        CASE(whole_weeks_are_taken_at_once_up_to_the_next_irregular_day),
        CASE(a_step_that_ends_after_days_is_not_leapt_over),
        CASE(a_quote_holds_until_the_price_changes),
        CASE(every_verdict_is_said_in_words),
        CASE(a_fee_without_a_trace_is_the_same),
        CASE(elapsed_time_counts_when_the_clocks_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
