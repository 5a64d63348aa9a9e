/*
 * Tariffs and stays at random, from a seed. A tariff is drawn without regard to sense and taken
 * when it passes the proof, so that whatever the proof lets through is priced.
 */
/* long: one generator, read as a whole */
#ifndef SIMULATE_RANDOM_TARIFF_H
#define SIMULATE_RANDOM_TARIFF_H

#include <string.h>

#include "daemon/core/tariff.h"
#include "tests/simulate/seeded.h"

enum { RANDOM_WINDOWS = 5, RANDOM_STEPS = 4, RANDOM_CAPS = 4, RANDOM_LIST = 3 };

struct random_tariff {
    struct tariff tariff;
    struct tariff_window windows[2][RANDOM_WINDOWS];
    struct tariff_step steps[2][RANDOM_WINDOWS][RANDOM_STEPS];
    struct tariff_cap caps[2][RANDOM_CAPS];
    struct tariff_free frees[RANDOM_LIST];
    struct tariff_share factors[RANDOM_LIST], reliefs[RANDOM_LIST];
    struct tariff_alternative alternative;
};

static bool random_one_in(struct seeded *s, uint64_t n)
{
    return seeded_below(s, n) == 0;
}

/* Half of the time all classes, else some. */
static uint32_t random_classes(struct seeded *s)
{
    return random_one_in(s, 2) ? VEHICLE_ALL : (uint32_t)seeded_below(s, VEHICLE_ALL) + 1;
}

static void random_step(struct seeded *s, struct tariff_step *step, int64_t after_s, bool last)
{
    static const int64_t units_min[] = {1, 10, 15, 20, 30, 40, 60, 60, 120, 180};
    int64_t unit_min = units_min[seeded_below(s, sizeof units_min / sizeof units_min[0])];

    *step = (struct tariff_step){
        .to_s = last ? 0 : after_s + 60 * seeded_between(s, 1, 40) * (random_one_in(s, 2) ? 15 : 1),
        .unit_s = random_one_in(s, 4) ? 0 : unit_min * 60,
        .price_fen = seeded_between(s, 0, 1000),
        .round = (enum tariff_round)seeded_below(s, 3),
    };
    if (step->to_s && random_one_in(s, 12)) /* days: a long stay must not leap over its end */
        step->to_s = after_s + 3600 * seeded_between(s, 24, 200);
    if (step->round == TARIFF_ROUND_TAIL && unit_min > 1 && step->unit_s)
        step->tail_s = 60 * seeded_between(s, 1, unit_min);
    else if (step->round == TARIFF_ROUND_TAIL)
        step->round = TARIFF_ROUND_UP;
    if (step->unit_s && random_one_in(s, 8))
        step->max_units = seeded_between(s, 1, 9);
    if (!step->unit_s && random_one_in(s, 3))
        step->key = (int32_t)seeded_between(s, 1, 3);
    step->once_a_stay = !step->unit_s && random_one_in(s, 4);
}

static void random_window(struct seeded *s, struct tariff_window *window, struct tariff_step *steps)
{
    static const uint32_t days[] = {TARIFF_DAYS_ALL, TARIFF_DAYS_ALL, TARIFF_DAYS_WORK,
                                    TARIFF_DAYS_WEEKEND | TARIFF_DAY_BIT(TARIFF_HOLIDAY), 0x21};

    *window = (struct tariff_window){
        .kind = random_one_in(s, 8) ? (enum tariff_window_kind)seeded_below(s, 4) : TARIFF_CHARGED,
        .days = days[seeded_below(s, sizeof days / sizeof days[0])],
        .classes = random_one_in(s, 4) ? random_classes(s) : VEHICLE_ALL,
        .from_s = (int32_t)(seeded_below(s, 48) * 1800),
        .to_s = (int32_t)((seeded_below(s, 48) + 1) * 1800),
        .first_day = 0,
        .last_day = -1,
        .priority = (int32_t)seeded_below(s, 6),
        .steps = steps,
        .cap_fen = random_one_in(s, 4) ? seeded_between(s, 100, 5000) : TARIFF_NONE,
        .cap_s = random_one_in(s, 8) ? seeded_between(s, 1, 20) * 1800 : TARIFF_NONE,
        .cap_units = random_one_in(s, 8) ? seeded_between(s, 1, 20) : TARIFF_NONE,
    };
    if (random_one_in(s, 3)) {
        window->from_s = 0;
        window->to_s = 86400;
    }
    if (random_one_in(s, 10)) {
        window->first_day = (int32_t)seeded_between(s, 19700, 19800);
        window->last_day = window->first_day + (int32_t)seeded_below(s, 9);
    }
    if (window->kind == TARIFF_FREE || window->kind == TARIFF_CLOSED)
        return;
    window->steps_count = (uint32_t)seeded_between(s, 1, RANDOM_STEPS + 1);
    for (uint32_t i = 0; i < window->steps_count; i++)
        random_step(s, &steps[i], i ? steps[i - 1].to_s : 0, i + 1 == window->steps_count);
}

static void random_part(struct seeded *s, struct random_tariff *r, uint32_t p)
{
    struct tariff_part *part = &r->tariff.parts[p];

    *part = (struct tariff_part){
        .clock = (enum tariff_clock)seeded_below(s, 3),
        .straddle = (enum tariff_straddle)seeded_below(s, 2),
        .cycle = (enum tariff_cycle)seeded_below(s, 4),
        .anchor = (enum tariff_anchor)seeded_below(s, 2),
        .cycle_s = random_one_in(s, 5) ? 3600 * seeded_between(s, 1, 50) : 86400,
        .reset_s = random_one_in(s, 3) ? (int32_t)seeded_below(s, 24) * 3600 : 0,
        .gap_said = !random_one_in(s, 4),
        .windows = r->windows[p],
        .windows_count = (uint32_t)seeded_between(s, 1, RANDOM_WINDOWS + 1),
        .caps = r->caps[p],
        .caps_count = (uint32_t)seeded_below(s, RANDOM_CAPS),
    };
    for (uint32_t i = 0; i < part->windows_count; i++)
        random_window(s, &r->windows[p][i], r->steps[p][i]);
    for (uint32_t i = 0; i < part->caps_count; i++) {
        struct tariff_cap *cap = &r->caps[p][i];

        *cap = (struct tariff_cap){
            .per = (enum tariff_cap_per)random_one_in(s, 4),
            .of = (enum tariff_cap_of)seeded_below(s, 4),
            .classes = random_classes(s),
            .first = 1 + (int64_t)(random_one_in(s, 3) ? seeded_below(s, 3) : 0),
        };
        cap->last = random_one_in(s, 3) ? cap->first + (int64_t)seeded_below(s, 2) : 0;
        cap->value = cap->of == TARIFF_CAP_SECONDS ? seeded_between(s, 1, 50) * 900
                     : cap->of == TARIFF_CAP_UNITS ? seeded_between(s, 1, 30)
                                                   : seeded_between(s, 500, 9000);
    }
}

static void random_lists(struct seeded *s, struct random_tariff *r)
{
    struct tariff *tariff = &r->tariff;

    tariff->frees = r->frees;
    tariff->frees_count = (uint32_t)seeded_below(s, RANDOM_LIST + 1);
    for (uint32_t i = 0; i < tariff->frees_count; i++)
        r->frees[i] = (struct tariff_free){
            .classes = random_classes(s),
            .limit_s = 60 * seeded_between(s, 1, 150),
            .exclusive = random_one_in(s, 3),
            .mode = (enum tariff_free_mode)seeded_below(s, 3),
            .scope = (enum tariff_free_scope)random_one_in(s, 4),
            .clock = (enum tariff_free_clock)seeded_below(s, 2),
        };
    tariff->factors = r->factors;
    tariff->factors_count = (uint32_t)seeded_below(s, RANDOM_LIST);
    for (uint32_t i = 0; i < tariff->factors_count; i++)
        r->factors[i] = (struct tariff_share){.classes = random_classes(s),
                                              .number = seeded_between(s, 0, 8),
                                              .part = seeded_between(s, 1, 8)};
    tariff->reliefs = r->reliefs;
    tariff->reliefs_count = (uint32_t)seeded_below(s, RANDOM_LIST + 1);
    for (uint32_t i = 0; i < tariff->reliefs_count; i++)
        r->reliefs[i] =
            (struct tariff_share){.classes = random_classes(s),
                                  .number = 100 - seeded_between(s, 0, 60),
                                  .part = 100,
                                  .minus_fen = random_one_in(s, 2) ? seeded_between(s, 0, 300) : 0};
}

static void random_ignore(void *arg, uint32_t line, const char *text)
{
    (void)arg;
    (void)line;
    (void)text;
}

/* Draws until the proof has nothing to say. */
static void random_tariff(struct seeded *s, struct random_tariff *r)
{
    do {
        memset(r, 0, sizeof *r);
        struct tariff *tariff = &r->tariff;

        tariff->id = tariff->name = tariff->name_zh = tariff->version = "random";
        tariff->currency = "CNY";
        tariff->exponent = 2;
        tariff->valid_from = INT32_MIN;
        tariff->parts_count = 1;
        random_part(s, r, 0);
        for (uint32_t i = 0; i < VEHICLE_CLASSES; i++)
            tariff->same_as[i] =
                random_one_in(s, 6) ? (uint32_t)seeded_below(s, VEHICLE_CLASSES) : i;
        tariff->exempt = random_one_in(s, 4) ? 1u << seeded_below(s, VEHICLE_CLASSES) : 0;
        tariff->seconds = (enum tariff_seconds)(random_one_in(s, 3) ? seeded_below(s, 3) : 0);
        tariff->max_stay_s = random_one_in(s, 12) ? 3600 * seeded_between(s, 1, 30) : 0;
        tariff->overstay_fen = random_one_in(s, 2) ? seeded_between(s, 0, 900) : 0;
        tariff->combine = (enum tariff_combine)seeded_below(s, 2);
        tariff->plate_per = random_one_in(s, 5) ? (enum tariff_plate_per)seeded_below(s, 3) : 0;
        tariff->plate_fen = seeded_between(s, 100, 9000);
        tariff->money_step = random_one_in(s, 2) ? 1 : seeded_between(s, 1, 101);
        tariff->money_mode = (enum money_mode)seeded_below(s, 3);
        random_lists(s, r);
        if (random_one_in(s, 6)) {
            tariff->parts_count = 2;
            random_part(s, r, 1);
            r->alternative =
                (struct tariff_alternative){.classes = random_classes(s),
                                            .days = TARIFF_DAYS_ALL,
                                            .entry_from_s = (int32_t)seeded_below(s, 24) * 3600,
                                            .entry_to_s = (int32_t)(seeded_below(s, 24) + 1) * 3600,
                                            .exit_days = (int32_t)seeded_below(s, 3),
                                            .exit_to_s = (int32_t)seeded_below(s, 24) * 3600,
                                            .part = 1};
            tariff->alternatives = &r->alternative;
            tariff->alternatives_count = 1;
        }
        tariff->may_fall = true; /* set to what is so below */
    } while (!tariff_proof(&r->tariff, random_ignore, NULL));
    r->tariff.may_fall = r->tariff.alternatives_count > 0;
    for (uint32_t i = 0; i < r->tariff.parts[0].caps_count; i++)
        r->tariff.may_fall = r->tariff.may_fall || r->caps[0][i].of == TARIFF_CAP_FULL;
    tariff_prepare(&r->tariff);
}

/* What a random stay borrows. */
struct random_stay {
    struct tariff_stay stay;
    struct tariff_earlier earlier[RANDOM_LIST];
    struct tariff_coupon coupons[RANDOM_LIST];
};

/* Mostly hours, often on round times; some days, rarely months. `long_days`: the longest. */
static int64_t random_length_s(struct seeded *s, int64_t long_days)
{
    uint64_t kind = seeded_below(s, 1000);

    if (kind < 2)
        return seeded_between(s, 0, long_days * 86400);
    if (kind < 60)
        return seeded_between(s, 0, 4 * 86400);
    if (kind < 300)
        return seeded_between(s, 0, 86400);
    return random_one_in(s, 2) ? seeded_between(s, 0, 5 * 3600) : 60 * seeded_between(s, 0, 240);
}

static void random_stay(struct seeded *s, struct random_stay *r, int64_t from_s, int64_t to_s,
                        int64_t long_days)
{
    *r = (struct random_stay){
        .stay = {.class = (enum vehicle_class)seeded_below(s, VEHICLE_CLASSES)}};
    r->stay.entry_s = seeded_between(s, from_s, to_s);
    if (random_one_in(s, 2))
        r->stay.entry_s -= r->stay.entry_s % 900;
    r->stay.exit_s = r->stay.entry_s + random_length_s(s, long_days);
    r->stay.also = random_one_in(s, 10) ? VEHICLE_BIT(seeded_below(s, VEHICLE_CLASSES)) : 0;
    r->stay.earlier = r->earlier;
    r->stay.earlier_count = random_one_in(s, 4) ? (uint32_t)seeded_below(s, RANDOM_LIST + 1) : 0;
    for (uint32_t i = 0; i < r->stay.earlier_count; i++) {
        r->earlier[i].entry_s = r->stay.entry_s - seeded_between(s, 0, 2 * 86400);
        r->earlier[i].exit_s = r->earlier[i].entry_s + seeded_between(s, 0, 7200);
        r->earlier[i].fen = seeded_between(s, 0, 2000);
    }
    r->stay.coupons = r->coupons;
    r->stay.coupons_count = random_one_in(s, 5) ? (uint32_t)seeded_below(s, RANDOM_LIST + 1) : 0;
    for (uint32_t i = 0; i < r->stay.coupons_count; i++) {
        r->coupons[i].kind = (enum tariff_coupon_kind)seeded_below(s, 3);
        r->coupons[i].value = r->coupons[i].kind == TARIFF_COUPON_TIME ? seeded_between(s, 0, 7200)
                                                                       : seeded_between(s, 0, 101);
    }
}

#endif
