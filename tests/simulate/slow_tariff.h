/*
 * A second opinion on what a stay costs, written to be obvious and not to be fast: it lives through
 * the stay second by second, looks at a clock on the wall, and puts coins into meters. Shares no
 * code with the core but the structs of the rules; calendars, zones and fractions are its own.
 */
/* long: one model, read as a whole */
#ifndef SIMULATE_SLOW_TARIFF_H
#define SIMULATE_SLOW_TARIFF_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "daemon/core/tariff.h"

/* Fractions, never reduced but by their greatest common divisor when asked. */
struct slow_fraction {
    __int128 top, bottom;
};

static struct slow_fraction slow_fraction(__int128 top, __int128 bottom)
{
    __int128 a = top < 0 ? -top : top, b = bottom;

    while (b) {
        __int128 rest = a % b;
        a = b;
        b = rest;
    }
    return a ? (struct slow_fraction){top / a, bottom / a} : (struct slow_fraction){0, 1};
}

static struct slow_fraction slow_sum(struct slow_fraction a, struct slow_fraction b)
{
    return slow_fraction(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
}

static bool slow_less(struct slow_fraction a, struct slow_fraction b)
{
    return a.top * b.bottom < b.top * a.bottom;
}

static struct slow_fraction slow_not_negative(struct slow_fraction a)
{
    return a.top < 0 ? slow_fraction(0, 1) : a;
}

/* The clock on the wall. */
static int64_t slow_wall(const struct civil_zone *zone, int64_t utc_s)
{
    int64_t offset_s = zone->offset_s[0];

    for (size_t i = 0; i < zone->count && zone->at_s[i] <= utc_s; i++)
        offset_s = zone->offset_s[i + 1];
    return utc_s + offset_s;
}

/* The wall clock as a driver takes it: when it is set back, it stands still until the hour that
 * came twice is over. */
static int64_t slow_patient_wall(const struct civil_zone *zone, int64_t utc_s)
{
    int64_t latest = slow_wall(zone, utc_s);

    for (int64_t earlier_s = utc_s - 4 * 3600; earlier_s < utc_s; earlier_s += 60)
        if (slow_wall(zone, earlier_s) > latest)
            latest = slow_wall(zone, earlier_s);
    return latest;
}

static int64_t slow_day(int64_t wall_s)
{
    return wall_s >= 0 ? wall_s / 86400 : -((-wall_s + 86399) / 86400);
}

static bool slow_listed(const int32_t *days, uint32_t count, int64_t day)
{
    for (uint32_t i = 0; i < count; i++)
        if (days[i] == day)
            return true;
    return false;
}

static uint32_t slow_kind_bit(const struct tariff_calendar *calendar, int64_t day)
{
    if (slow_listed(calendar->holidays, calendar->holidays_count, day))
        return 1u << TARIFF_HOLIDAY;
    if (slow_listed(calendar->workdays, calendar->workdays_count, day))
        return 1u << TARIFF_MAKEUP;
    return 1u << (((day + 3) % 7 + 7) % 7); /* day 0 was a Thursday */
}

/* One stay being lived through. */
struct slow_life {
    const struct tariff_book *book;
    const struct tariff *tariff;
    const struct tariff_part *part;
    const struct tariff_stay *stay;
    uint32_t class_bit, classes;
    int64_t entry_s, exit_s; /* by which free time and rolling cycles count */

    /* The window that the vehicle stands in, and since which day's occurrence. */
    const struct tariff_window *window;
    int64_t window_day;
    int64_t window_fen, window_units, window_seconds;

    bool cycle_begun;
    int64_t cycle_name, cycle_number, cycle_fen, cycle_units, cycle_seconds, cycle_lasted_s;
    bool any_charged;

    int64_t stay_fen, stay_units, stay_seconds;

    /* The clock of the steps and the unit that is running. */
    int64_t clock_s;
    const struct tariff_step *unit;
    int64_t unit_used_s, unit_length_s;
    const struct tariff_step *flats[64], *stay_flats[64], *limited[64];
    int64_t limited_units[64];
    int flats_count, stay_flats_count, limited_count;
};

/* Which window holds at this reading of the wall; NULL: none. */
static const struct tariff_window *slow_window(const struct slow_life *life, int64_t wall_s,
                                               int64_t *ret_day)
{
    const struct tariff_window *best = NULL;
    int64_t today = slow_day(wall_s), time = wall_s - today * 86400;

    for (uint32_t i = 0; i < life->part->windows_count; i++) {
        const struct tariff_window *window = &life->part->windows[i];

        if (!(window->classes & life->class_bit))
            continue;
        for (int64_t day = today - 1; day <= today; day++) {
            bool dated = window->first_day <= window->last_day;
            bool overnight = window->to_s <= window->from_s;
            int64_t since = time + (today - day) * 86400;
            int64_t until = window->to_s + (overnight ? 86400 : 0);

            if (!(window->days & slow_kind_bit(life->book->calendar, day)) ||
                (dated && (day < window->first_day || day > window->last_day)) ||
                since < window->from_s || since >= until)
                continue;
            if (!best || window->priority > best->priority) {
                best = window;
                *ret_day = day;
            }
        }
    }
    if (best && (best->kind == TARIFF_FREE || best->kind == TARIFF_CLOSED))
        return NULL;
    return best;
}

/* The limit of a kind for this life's class and cycle, -1 where there is none. */
static int64_t slow_limit(const struct slow_life *life, enum tariff_cap_per per,
                          enum tariff_cap_of of)
{
    int64_t limit = -1;
    int64_t number = per == TARIFF_PER_STAY ? 1 : life->cycle_number;

    for (uint32_t i = 0; i < life->part->caps_count; i++) {
        const struct tariff_cap *cap = &life->part->caps[i];

        if (cap->per == per && cap->of == of && (cap->classes & life->class_bit) &&
            number >= cap->first && (cap->last == 0 || number <= cap->last))
            limit = cap->value;
    }
    return limit;
}

static void slow_leave_window(struct slow_life *life)
{
    if (life->window && life->window->cap_fen >= 0 && life->window_fen > life->window->cap_fen)
        life->window_fen = life->window->cap_fen;
    life->cycle_fen += life->window_fen;
    life->window_fen = life->window_units = life->window_seconds = 0;
    life->window = NULL;
}

static void slow_leave_cycle(struct slow_life *life, bool whole)
{
    int64_t price_of_whole = slow_limit(life, TARIFF_PER_CYCLE, TARIFF_CAP_FULL);
    int64_t most = slow_limit(life, TARIFF_PER_CYCLE, TARIFF_CAP_MONEY);

    slow_leave_window(life);
    if (whole && price_of_whole >= 0)
        life->cycle_fen = price_of_whole;
    if (most >= 0 && life->cycle_fen > most)
        life->cycle_fen = most;
    life->stay_fen += life->cycle_fen;
    life->cycle_fen = life->cycle_units = life->cycle_seconds = 0;
}

static void slow_zero_clock(struct slow_life *life)
{
    life->clock_s = 0;
    life->unit = NULL;
    life->flats_count = life->limited_count = 0;
}

static void slow_enter_cycle(struct slow_life *life, int64_t name)
{
    if (life->cycle_begun)
        slow_leave_cycle(life, true);
    life->cycle_begun = true;
    life->cycle_name = name;
    life->cycle_number++;
    if (life->part->clock != TARIFF_CLOCK_STAY)
        slow_zero_clock(life);
}

/* The name of the cycle that a moment belongs to: another name, another cycle. */
static int64_t slow_cycle_name(const struct slow_life *life, int64_t at_s, int64_t start_s,
                               int64_t wall_s)
{
    if (life->part->cycle == TARIFF_CYCLE_ROLLING)
        return (at_s - (life->part->anchor == TARIFF_FROM_ENTRY ? life->entry_s : start_s)) /
               life->part->cycle_s;
    if (life->part->cycle == TARIFF_CYCLE_DAY)
        return slow_day(wall_s - life->part->reset_s);
    return 0;
}

static bool slow_seen(const struct tariff_step *const *flats, int count,
                      const struct tariff_step *step)
{
    for (int i = 0; i < count; i++)
        if (flats[i] == step || (step->key > 0 && flats[i]->key == step->key))
            return true;
    return false;
}

static int64_t *slow_counter(struct slow_life *life, const struct tariff_step *step)
{
    for (int i = 0; i < life->limited_count; i++)
        if (life->limited[i] == step)
            return &life->limited_units[i];
    life->limited[life->limited_count] = step;
    life->limited_units[life->limited_count] = 0;
    return &life->limited_units[life->limited_count++];
}

static bool slow_reached(int64_t used, int64_t limit)
{
    return limit >= 0 && used >= limit;
}

/* One unit, unless a limit of units is reached. */
static void slow_coin(struct slow_life *life, const struct tariff_step *step)
{
    if (slow_reached(life->window_units, life->window->cap_units) ||
        slow_reached(life->cycle_units, slow_limit(life, TARIFF_PER_CYCLE, TARIFF_CAP_UNITS)) ||
        slow_reached(life->stay_units, slow_limit(life, TARIFF_PER_STAY, TARIFF_CAP_UNITS)) ||
        (step->max_units > 0 && *slow_counter(life, step) >= step->max_units))
        return;
    if (step->max_units > 0)
        ++*slow_counter(life, step);
    life->window_units++;
    life->cycle_units++;
    life->stay_units++;
    life->window_fen += step->price_fen;
}

static int64_t slow_seconds_that_count(const struct tariff_step *step)
{
    if (step->round == TARIFF_ROUND_DOWN)
        return step->unit_s;
    return step->round == TARIFF_ROUND_TAIL ? step->tail_s + 1 : 1;
}

static const struct tariff_step *slow_step(const struct slow_life *life)
{
    uint32_t i = 0;

    while (life->window->steps[i].to_s != 0 && life->clock_s >= life->window->steps[i].to_s)
        i++;
    return &life->window->steps[i];
}

/* A flat step: charged by its first second, once. */
static void slow_flat(struct slow_life *life, const struct tariff_step *step)
{
    const struct tariff_step **flats = step->once_a_stay ? life->stay_flats : life->flats;
    int *count = step->once_a_stay ? &life->stay_flats_count : &life->flats_count;

    if (slow_seen(flats, *count, step))
        return;
    flats[(*count)++] = step;
    slow_coin(life, step);
}

/* One second of charged time. */
static void slow_second(struct slow_life *life)
{
    if (slow_reached(life->window_seconds, life->window->cap_s) ||
        slow_reached(life->cycle_seconds, slow_limit(life, TARIFF_PER_CYCLE, TARIFF_CAP_SECONDS)) ||
        slow_reached(life->stay_seconds, slow_limit(life, TARIFF_PER_STAY, TARIFF_CAP_SECONDS)))
        return;
    life->window_seconds++;
    life->cycle_seconds++;
    life->stay_seconds++;
    if (!life->unit) {
        const struct tariff_step *step = slow_step(life);

        if (step->unit_s == 0) {
            slow_flat(life, step);
        } else {
            life->unit = step;
            life->unit_used_s = 0;
            life->unit_length_s = step->unit_s;
            if (step->to_s != 0 && step->to_s - life->clock_s < step->unit_s)
                life->unit_length_s = step->to_s - life->clock_s;
        }
    }
    life->clock_s++;
    if (!life->unit)
        return;
    life->unit_used_s++;
    if (life->unit_used_s == slow_seconds_that_count(life->unit))
        slow_coin(life, life->unit);
    if (life->unit_used_s == life->unit_length_s)
        life->unit = NULL;
}

/* A window of the whole day and without limits does not end at midnight. */
static bool slow_endless(const struct slow_life *life, const struct tariff_window *window)
{
    return window->from_s == 0 && window->to_s == 86400 &&
           life->part->clock != TARIFF_CLOCK_WINDOW && life->part->cycle != TARIFF_CYCLE_WINDOW &&
           window->cap_fen < 0 && window->cap_s < 0 && window->cap_units < 0;
}

static void slow_enter_window(struct slow_life *life, const struct tariff_window *window,
                              int64_t day)
{
    if (life->window == window && (life->window_day == day || slow_endless(life, window)))
        return;
    slow_leave_window(life);
    if (life->part->cycle == TARIFF_CYCLE_WINDOW && life->any_charged) {
        slow_leave_cycle(life, false);
        life->cycle_begun = false;
        slow_enter_cycle(life, 0);
    }
    life->window = window;
    life->window_day = day;
    if (life->part->clock == TARIFF_CLOCK_WINDOW)
        slow_zero_clock(life);
    else if (life->part->straddle == TARIFF_SPLIT)
        life->unit = NULL;
}

/* Seconds [start, end) one by one. */
static int64_t slow_live(struct slow_life *life, int64_t start_s, int64_t end_s)
{
    int64_t wall_s = slow_patient_wall(life->book->zone, start_s);
    int64_t most, window_day = 0;
    const struct tariff_window *window = NULL;

    for (int64_t at_s = start_s; at_s < end_s; at_s++) {
        if (at_s == start_s || at_s % 60 == 0) { /* windows, resets and zones change on minutes */
            int64_t now = slow_wall(life->book->zone, at_s);

            wall_s = now > wall_s ? now : wall_s;
            window = slow_window(life, wall_s, &window_day);
        }
        int64_t name = slow_cycle_name(life, at_s, start_s, wall_s);
        if (!life->cycle_begun || name != life->cycle_name)
            slow_enter_cycle(life, name);
        if (window) {
            slow_enter_window(life, window, window_day);
            slow_second(life);
            life->any_charged = true;
        } else {
            slow_leave_window(life);
        }
    }
    /* Only rolling cycles have a price for a whole one. */
    slow_leave_cycle(life, slow_cycle_name(life, end_s, start_s, wall_s) != life->cycle_name);
    most = slow_limit(life, TARIFF_PER_STAY, TARIFF_CAP_MONEY);
    return most >= 0 && life->stay_fen > most ? most : life->stay_fen;
}

static const struct tariff_part *slow_part(const struct slow_life *life, int64_t from_s,
                                           int64_t to_s)
{
    int64_t wall_s = slow_wall(life->book->zone, from_s), day = slow_day(wall_s);
    int64_t time = wall_s - day * 86400;

    for (uint32_t i = 0; i < life->tariff->alternatives_count; i++) {
        const struct tariff_alternative *other = &life->tariff->alternatives[i];
        bool in = other->entry_from_s < other->entry_to_s
                      ? time >= other->entry_from_s && time < other->entry_to_s
                      : time >= other->entry_from_s || time < other->entry_to_s;

        if (in && (other->classes & life->class_bit) &&
            (other->days & slow_kind_bit(life->book->calendar, day)) &&
            slow_patient_wall(life->book->zone, to_s) <
                (day + other->exit_days) * 86400 + other->exit_to_s)
            return &life->tariff->parts[other->part];
    }
    return &life->tariff->parts[0];
}

static bool slow_first_of_day(const struct slow_life *life)
{
    int64_t today = slow_day(slow_wall(life->book->zone, life->entry_s));

    for (uint32_t i = 0; i < life->stay->earlier_count; i++)
        if (life->stay->earlier[i].entry_s < life->entry_s &&
            slow_day(slow_wall(life->book->zone, life->stay->earlier[i].entry_s)) == today)
            return false;
    return true;
}

static const struct tariff_free *slow_free_rule(const struct slow_life *life, bool no_reentry)
{
    const struct tariff_free *longest = NULL;

    for (uint32_t i = 0; i < life->tariff->frees_count; i++) {
        const struct tariff_free *rule = &life->tariff->frees[i];

        if (!(rule->classes & life->classes) || (no_reentry && rule->mode == TARIFF_REENTER))
            continue;
        if (rule->scope == TARIFF_FIRST_OF_DAY && !slow_first_of_day(life))
            continue;
        if (!longest || rule->limit_s > longest->limit_s)
            longest = rule;
    }
    return longest;
}

/* When charging begins under one rule: the free seconds are counted off one by one. */
static int64_t slow_free(struct slow_life *life, const struct tariff_free *rule, int64_t from_s,
                         int64_t to_s)
{
    int64_t counted = 0, spent_at_s = to_s, day = 0,
            wall_s = slow_patient_wall(life->book->zone, from_s);
    bool in = true;

    for (int64_t at_s = from_s; at_s < to_s && counted <= rule->limit_s; at_s++) {
        if (at_s == from_s || at_s % 60 == 0) {
            int64_t now = slow_wall(life->book->zone, at_s);

            wall_s = now > wall_s ? now : wall_s;
            in = rule->clock == TARIFF_FREE_STAY || slow_window(life, wall_s, &day);
        }
        if (!in)
            continue;
        counted++;
        if (counted == rule->limit_s)
            spent_at_s = at_s + 1;
    }
    if (rule->mode != TARIFF_THRESHOLD)
        return spent_at_s;
    if (counted < rule->limit_s || (counted == rule->limit_s && !rule->exclusive))
        return to_s;
    return from_s;
}

static int64_t slow_start(struct slow_life *life)
{
    const struct tariff_free *rule = slow_free_rule(life, false);
    int64_t start_s = life->entry_s;

    if (rule)
        start_s = slow_free(life, rule, start_s, life->exit_s);
    if (rule && rule->mode == TARIFF_REENTER && start_s < life->exit_s) {
        rule = slow_free_rule(life, true);
        if (rule)
            start_s = slow_free(life, rule, start_s, life->exit_s);
    }
    for (uint32_t i = 0; i < life->stay->coupons_count && start_s < life->exit_s; i++)
        if (life->stay->coupons[i].kind == TARIFF_COUPON_TIME)
            start_s += life->stay->coupons[i].value;
    return start_s;
}

static struct slow_fraction slow_relieved(struct slow_fraction sum, const struct tariff_share *by)
{
    return slow_sum(slow_fraction(sum.top * by->number, sum.bottom * by->part),
                    slow_fraction(-by->minus_fen, 1));
}

static struct slow_fraction slow_relief(const struct slow_life *life, struct slow_fraction sum)
{
    struct slow_fraction best = sum;

    for (uint32_t i = 0; i < life->tariff->reliefs_count; i++) {
        const struct tariff_share *relief = &life->tariff->reliefs[i];

        if (!(relief->classes & life->classes))
            continue;
        if (life->tariff->combine == TARIFF_SUM)
            sum = slow_not_negative(slow_relieved(sum, relief));
        else if (slow_less(slow_relieved(sum, relief), best))
            best = slow_relieved(sum, relief);
    }
    return life->tariff->combine == TARIFF_SUM ? sum : slow_not_negative(best);
}

static struct slow_fraction slow_coupons(const struct slow_life *life, struct slow_fraction sum)
{
    for (uint32_t i = 0; i < life->stay->coupons_count; i++)
        if (life->stay->coupons[i].kind == TARIFF_COUPON_PERCENT)
            sum = slow_fraction(sum.top * (100 - life->stay->coupons[i].value), sum.bottom * 100);
    for (uint32_t i = 0; i < life->stay->coupons_count; i++)
        if (life->stay->coupons[i].kind == TARIFF_COUPON_AMOUNT)
            sum = slow_not_negative(slow_sum(sum, slow_fraction(-life->stay->coupons[i].value, 1)));
    return sum;
}

static struct slow_fraction slow_plate(const struct slow_life *life, struct slow_fraction sum)
{
    const struct civil_zone *zone = life->book->zone;
    int64_t first = slow_day(slow_wall(zone, life->entry_s));
    int64_t days = slow_day(slow_wall(zone, life->exit_s)) - first + 1;
    int64_t left = 0;

    if (life->tariff->plate_per == TARIFF_PLATE_NONE)
        return sum;
    if (life->tariff->plate_per == TARIFF_PLATE_24H)
        for (days = 0; life->entry_s + days * 86400 < life->exit_s;)
            days++;
    left = days * life->tariff->plate_fen;
    for (uint32_t i = 0; i < life->stay->earlier_count; i++) {
        int64_t exit_s = life->stay->earlier[i].exit_s;
        /* A stay that ended on the stroke of midnight belongs to the day before. */
        bool counts = life->tariff->plate_per == TARIFF_PLATE_24H
                          ? exit_s > life->entry_s - 86400
                          : slow_day(slow_wall(zone, exit_s - 1)) >= first;

        left -= counts ? life->stay->earlier[i].fen : 0;
    }
    return slow_less(slow_fraction(left, 1), sum) ? slow_not_negative(slow_fraction(left, 1)) : sum;
}

/* Coin by coin of the smallest step that the tariff knows. */
static int64_t slow_round(const struct slow_life *life, struct slow_fraction sum)
{
    int64_t step = life->tariff->money_step;
    int64_t below = (int64_t)(sum.top / sum.bottom) / step * step;
    struct slow_fraction rest = slow_sum(sum, slow_fraction(-below, 1));
    bool half = !slow_less(rest, slow_fraction(step, 2));

    if (life->tariff->money_mode == MONEY_UP)
        return rest.top > 0 ? below + step : below;
    if (life->tariff->money_mode == MONEY_DOWN)
        return below;
    return half ? below + step : below;
}

/* What a stay without passes, payments or changes of version costs. */
static int64_t slow_fee(const struct tariff_book *book, const struct tariff_stay *stay)
{
    static struct slow_life life;
    const struct tariff *tariff = book->versions[0];
    uint32_t class = tariff->same_as[stay->class];

    memset(&life, 0, sizeof life);
    life.book = book;
    life.tariff = tariff;
    life.stay = stay;
    life.class_bit = 1u << class;
    life.classes = life.class_bit | stay->also;
    life.entry_s = stay->entry_s;
    life.exit_s = stay->exit_s;
    if (tariff->seconds != TARIFF_SECONDS_KEEP) {
        while (life.entry_s % 60 != 0)
            life.entry_s += tariff->seconds == TARIFF_SECONDS_INWARD ? 1 : -1;
        while (life.exit_s % 60 != 0)
            life.exit_s--;
        life.exit_s = life.exit_s < life.entry_s ? life.entry_s : life.exit_s;
    }
    if (tariff->exempt & (life.classes | 1u << stay->class))
        return 0;
    int64_t limit_s = tariff->max_stay_s ? life.entry_s + tariff->max_stay_s : life.exit_s;
    int64_t exit_s = life.exit_s;
    bool over = tariff->max_stay_s && exit_s > limit_s;
    life.exit_s = over ? limit_s : exit_s;
    life.part = slow_part(&life, life.entry_s, life.exit_s);
    int64_t start_s = slow_start(&life);
    struct slow_fraction sum =
        slow_fraction(start_s < life.exit_s ? slow_live(&life, start_s, life.exit_s) : 0, 1);
    for (uint32_t i = 0; i < tariff->factors_count; i++)
        if (tariff->factors[i].classes & life.class_bit) {
            sum = slow_fraction(sum.top * tariff->factors[i].number,
                                sum.bottom * tariff->factors[i].part);
            break;
        }
    life.exit_s = exit_s;
    sum = slow_sum(sum, slow_fraction(over ? tariff->overstay_fen : 0, 1));
    return slow_round(&life, slow_plate(&life, slow_coupons(&life, slow_relief(&life, sum))));
}

#endif
