/*
 * Days on a lot in seconds: seeded cars, sensors that fall silent, flicker, stick and report
 * faults, lines that die, a wall clock that jumps, operators. At every step it is checked that
 * rule 2 holds for each zone and lot, no bay is free or occupied through silence, each change is
 * one record with a sensible date, and the bays are what a second, slow model of the rules makes of
 * the same readings. At the end the view rebuilt from the records must equal the live one.
 *
 *   simulate_site [--seed N] [--hours N]
 *
 * Time is virtual. Every bay is polled once in five seconds at a moment of its own, so that no two
 * debounces of one lot end in the same millisecond and their order is not a matter of chance.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/site.h"
#include "daemon/core/view.h"
#include "tests/simulate/fact.h"
#include "tests/simulate/seeded.h"
#include "tests/simulate/slow_site.h"

enum { LOTS = 3, ZONES = 30, BAYS = 2000, LINES = 40, STEP_MS = 5000, POLL_MS = 2, HELD_STEPS = 8 };

static const int64_t minute_ms = 60000, hour_ms = 3600000;
static const int64_t start_utc_ms = 1795316400000; /* 2026-11-22T03:00:00Z */

static const struct bay_rules rules[LOTS] = {
    {3001, 12000, 24, 20 * 3600000, 6 * 3600000, 3, false},
    {11001, 6000, 12, 16 * 3600000, 4 * 3600000, 1, true},
    {0, 0, 40, 0, 8 * 3600000, 0, true},
};

enum trouble { NO_TROUBLE, MUTE, FLICKER, FAULTY, STUCK, TROUBLES };

struct car_bay {
    bool car;
    int64_t next_car; /* it comes or goes */
    enum trouble trouble;
    int64_t trouble_ends;
    enum sensed stuck_at;
    int64_t heard;
    bool out;
};

struct world {
    struct seeded random;
    struct lot_plan lots[LOTS];
    struct zone_plan zones[ZONES];
    struct bay_plan bays[BAYS];
    struct site_plan plan;
    struct site *site;
    struct view *view;
    struct now now;
    struct record_sink out;
    struct car_bay cars[BAYS];
    int64_t line_dead_until[LINES];
    struct slow_lot slow_lots[LOTS];
    struct slow_bay slow[BAYS];
    int64_t slow_looks, slow_judges; /* when the model looks at all bays next */
    uint64_t changes[BAYS];
    struct fact *facts;
    size_t facts_count;
    uint64_t readings, ticks, steps, operators, breaches;
    uint64_t kinds[RECORD_KINDS];
    int64_t stepped_ms; /* mono of the last clock step made here */
};

__attribute__((format(printf, 2, 3))) static void breach(struct world *w, const char *format, ...)
{
    va_list args;

    if (w->breaches++ >= 10)
        return;
    printf("breach at %.3f s: ", (double)w->now.mono.ms / 1000);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

static void check_record(struct world *w, const struct record *r)
{
    char bytes[RECORD_BODY_MAX + 1];
    struct text body;
    int64_t age_ms = w->now.utc.ms - r->at.ms;

    text_init(&body, bytes, sizeof bytes);
    record_encode(r, &w->plan, &body);
    if (body.overflow)
        breach(w, "a body is too long: %s", bytes);
    /* The oldest is the start of a debounce, or of a silence, that a held-up loop found late. */
    if (age_ms < 0 || age_ms > (HELD_STEPS + 5) * STEP_MS)
        breach(w, "dated %lld ms ago: %s", (long long)age_ms, bytes);
    if (!r->time_uncertain && w->now.mono.ms - age_ms < w->stepped_ms)
        breach(w, "dated across a clock step without saying so: %s", bytes);
}

static void take_record(void *arg, const struct record *r)
{
    struct world *w = arg;

    w->kinds[r->kind]++;
    check_record(w, r);
    if (r->kind == RECORD_BAY_CHANGED) {
        if (r->bay_changed.from != view_bay(w->view, r->bay_changed.bay)->state ||
            r->bay_changed.from == r->bay_changed.to)
            breach(w, "bay %u: a change from what it was not", r->bay_changed.bay);
        w->changes[r->bay_changed.bay]++;
    }
    if (r->kind == RECORD_BAY_CHANGED || r->kind == RECORD_BAY_HEALTH) {
        if ((w->facts_count & (w->facts_count + 1)) == 0)
            w->facts = memory_grow(w->facts, 2 * (w->facts_count + 1), sizeof *w->facts);
        w->facts[w->facts_count++] = fact_of(r);
    }
    view_apply(w->view, r, w->facts_count);
}

static void slow_tick(struct world *w)
{
    int64_t now = w->now.mono.ms;

    for (struct slow_bay *first; (first = slow_first_debounced(w->slow, BAYS, now));)
        slow_pass(first, now);
    if (now >= w->slow_looks) {
        w->slow_looks = now + 1000;
        for (int i = 0; i < BAYS; i++)
            slow_pass(&w->slow[i], now);
    }
    if (now >= w->slow_judges) {
        w->slow_judges = now + minute_ms;
        for (int i = 0; i < BAYS; i++)
            slow_look(&w->slow[i], now, now);
    }
}

static void move_clocks(struct world *w, mono_ms to)
{
    int64_t ahead_ms = to.ms - w->now.mono.ms;

    if (ahead_ms > 0) {
        w->now.mono.ms += ahead_ms;
        w->now.utc.ms += ahead_ms;
    }
}

static void tick(struct world *w)
{
    site_tick(w->site, w->now, w->out);
    slow_tick(w);
    w->ticks++;
}

/* Moves on to `end`, ticking wherever the site asked for it. */
static void go_to(struct world *w, mono_ms end)
{
    for (mono_ms next; (next = site_next(w->site)).ms <= end.ms;) {
        move_clocks(w, next);
        tick(w);
    }
    move_clocks(w, end);
}

/* What the sensor of bay `i` says; false when nothing is heard of it. */
static bool sense(struct world *w, int i, enum sensed *ret)
{
    struct car_bay *bay = &w->cars[i];
    enum sensed truth = bay->car ? SENSED_OCCUPIED : SENSED_FREE;
    bool coin = seeded_below(&w->random, 3) == 0;
    bool mute = bay->trouble == MUTE && !(coin && w->now.mono.ms % 7 == 0);
    const enum sensed said[TROUBLES] = {[NO_TROUBLE] = truth,
                                        [MUTE] = truth,
                                        [FLICKER] = coin ? SENSED_OCCUPIED : SENSED_FREE,
                                        [FAULTY] = coin ? truth : SENSED_FAULT,
                                        [STUCK] = bay->stuck_at};

    *ret = said[bay->trouble];
    return !mute && w->line_dead_until[i % LINES] <= w->now.mono.ms;
}

static void live(struct world *w, int i)
{
    struct car_bay *bay = &w->cars[i];
    int64_t now = w->now.mono.ms;

    if (now >= bay->next_car) {
        bay->car = !bay->car;
        bay->next_car = now + (bay->car ? seeded_between(&w->random, minute_ms, 4 * hour_ms)
                                        : seeded_between(&w->random, minute_ms / 2, 2 * hour_ms));
    }
    if (now < bay->trouble_ends)
        return;
    bool well = bay->trouble != NO_TROUBLE || seeded_below(&w->random, 4);
    bay->trouble = well ? NO_TROUBLE : (enum trouble)seeded_between(&w->random, MUTE, TROUBLES);
    bay->stuck_at = bay->car ? SENSED_OCCUPIED : SENSED_FREE;
    bay->trouble_ends =
        now + (bay->trouble == STUCK ? seeded_between(&w->random, hour_ms, 30 * hour_ms)
               : bay->trouble        ? seeded_between(&w->random, 10000, 10 * minute_ms)
                                     : seeded_between(&w->random, hour_ms, 24 * hour_ms));
}

static void poll(struct world *w, int i)
{
    struct reading reading = {.bay = (uint32_t)i};

    live(w, i);
    if (!sense(w, i, &reading.sensed))
        return;
    for (int repeats = seeded_below(&w->random, 50) ? 1 : 3; repeats > 0; repeats--) {
        site_reading(w->site, &reading, w->now, w->out);
        slow_hear(&w->slow[i], (int)reading.sensed, w->now.mono.ms);
        w->readings++;
    }
    w->cars[i].heard = w->now.mono.ms;
}

static void disturb(struct world *w)
{
    if (!seeded_below(&w->random, 720)) { /* about once an hour */
        int64_t by_ms = seeded_below(&w->random, 2) ? seeded_between(&w->random, -2000, 2000)
                                                    : seeded_between(&w->random, -hour_ms, hour_ms);
        w->now.utc.ms += by_ms;
        uint64_t before = w->kinds[RECORD_CLOCK_STEP];
        tick(w);
        if (w->kinds[RECORD_CLOCK_STEP] != before)
            w->stepped_ms = w->now.mono.ms;
        else if (by_ms > 2000 || by_ms < -2000)
            breach(w, "a clock step of %lld ms was not recorded", (long long)by_ms);
    }
    if (!seeded_below(&w->random, 360))
        w->line_dead_until[seeded_below(&w->random, LINES)] =
            w->now.mono.ms + seeded_between(&w->random, 5000, 20 * minute_ms);
    if (!seeded_below(&w->random, 60)) {
        uint32_t i = (uint32_t)seeded_below(&w->random, BAYS);
        w->cars[i].out = !w->cars[i].out;
        site_out_of_service(w->site, i, w->cars[i].out, "wang", "seeded", w->now, w->out);
        slow_serve(&w->slow[i], w->cars[i].out, w->now.mono.ms);
        w->operators++;
    }
}

static void check_step(struct world *w)
{
    uint32_t zones[ZONES][BAY_STATES] = {{0}};

    for (uint32_t i = 0; i < BAYS; i++) {
        enum bay_state state = view_bay(w->view, i)->state;
        bool known = state == BAY_FREE || state == BAY_OCCUPIED;
        zones[w->bays[i].zone][state]++;
        if (state != w->slow[i].face)
            breach(w, "bay %u is %s, the model says %s", i, bay_state_name(state),
                   bay_state_name(w->slow[i].face));
        if (known && w->now.mono.ms - w->cars[i].heard > w->bays[i].silence_ms + 1000)
            breach(w, "bay %u is %s through silence", i, bay_state_name(state));
    }
    for (uint32_t z = 0; z < ZONES; z++) {
        const struct tally *t = view_zone(w->view, z);
        if (t->free != zones[z][BAY_FREE] || t->occupied != zones[z][BAY_OCCUPIED] ||
            t->unknown != zones[z][BAY_UNKNOWN] ||
            t->out_of_service != zones[z][BAY_OUT_OF_SERVICE])
            breach(w, "the tally of zone %u is not the sum of its bays", z);
    }
    for (uint32_t lot = 0; lot < LOTS; lot++) {
        const struct tally *t = view_lot(w->view, lot);
        if (t->capacity != w->slow_lots[lot].bays ||
            t->free + t->occupied + t->unknown + t->out_of_service != t->capacity)
            breach(w, "rule 2 fails for lot %u", lot);
    }
}

static void build(struct world *w)
{
    for (int i = 0; i < LOTS; i++) {
        w->lots[i] = (struct lot_plan){memory_format("L%d", i), "Lot", rules[i]};
        w->slow_lots[i].rules = &rules[i];
    }
    for (uint32_t i = 0; i < ZONES; i++)
        w->zones[i] = (struct zone_plan){memory_format("Z%u", i), "Zone", i * LOTS / ZONES};
    for (uint32_t i = 0; i < BAYS; i++) {
        w->bays[i] = (struct bay_plan){.id = memory_format("B%04u", i),
                                       .zone = i * ZONES / BAYS,
                                       .device = PLAN_NONE,
                                       .silence_ms = i % 2 ? 15000 : 10001};
        slow_init(&w->slow[i], &w->slow_lots[w->zones[w->bays[i].zone].lot], w->bays[i].silence_ms);
        w->cars[i].heard = INT64_MIN / 2;
    }
    w->plan = (struct site_plan){.id = "simulated",
                                 .lots = w->lots,
                                 .zones = w->zones,
                                 .bays = w->bays,
                                 .lots_count = LOTS,
                                 .zones_count = ZONES,
                                 .bays_count = BAYS};
    w->site = site_create(&w->plan);
    w->view = view_create(&w->plan);
    w->now = (struct now){{1000}, {start_utc_ms}};
    w->out = (struct record_sink){take_record, w};
}

static void check_end(struct world *w)
{
    struct view *again = view_create(&w->plan);

    for (size_t i = 0; i < w->facts_count; i++) {
        struct record r = record_of(&w->facts[i]);
        view_apply(again, &r, i + 1);
    }
    for (uint32_t i = 0; i < BAYS; i++) {
        if (memcmp(view_bay(again, i), view_bay(w->view, i), sizeof(struct view_bay)) != 0)
            breach(w, "bay %u: rebuilt from the records it is another", i);
        if (w->slow[i].suspect != view_bay(w->view, i)->conditions)
            breach(w, "bay %u: the model suspects %u, the site %u", i, w->slow[i].suspect,
                   view_bay(w->view, i)->conditions);
        if (w->slow[i].changes != w->changes[i])
            breach(w, "bay %u: %llu records for %llu changes", i, (unsigned long long)w->changes[i],
                   (unsigned long long)w->slow[i].changes);
    }
    for (uint32_t z = 0; z < ZONES; z++)
        if (memcmp(view_zone(again, z), view_zone(w->view, z), sizeof(struct tally)) != 0)
            breach(w, "zone %u: rebuilt from the records it is another", z);
    view_destroy(again);
}

static void run(struct world *w, int64_t hours)
{
    int64_t end_ms = w->now.mono.ms + hours * hour_ms;

    for (int64_t at = w->now.mono.ms + 1000; at < end_ms; at += STEP_MS) {
        /* Now and then the loop is held up, and finds readings waiting before it can tick. */
        bool held = !seeded_below(&w->random, 500);
        if (held)
            at += (seeded_below(&w->random, 9) ? 1 : HELD_STEPS) * STEP_MS;
        for (int i = 0; i < BAYS; i++) {
            mono_ms moment = {at + i * POLL_MS};
            if (held)
                move_clocks(w, moment);
            else
                go_to(w, moment);
            poll(w, i);
        }
        tick(w);
        disturb(w);
        check_step(w);
        w->steps++;
    }
}

static void tear_down(struct world *w)
{
    view_destroy(w->view);
    site_destroy(w->site);
    for (int i = 0; i < BAYS; i++) {
        free(w->slow[i].turns);
        free((char *)w->bays[i].id);
    }
    for (int i = 0; i < ZONES; i++)
        free((char *)w->zones[i].id);
    for (int i = 0; i < LOTS; i++)
        free((char *)w->lots[i].id);
    free(w->facts);
    free(w);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
                                            {"hours", required_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    unsigned long long seed = 20261122;
    long hours = 72;

    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 's')
            seed = strtoull(optarg, NULL, 10);
        else if (c == 'h')
            hours = strtol(optarg, NULL, 10);
        else
            return 2;
    }
    struct world *w = memory_new(1, sizeof *w);
    w->random = seeded_from(seed);
    build(w);
    run(w, hours);
    check_end(w);

    unsigned long long breaches = w->breaches;
    printf("seed %llu, %ld hours, %d bays: %llu steps, %llu ticks, %llu readings\n", seed, hours,
           BAYS, (unsigned long long)w->steps, (unsigned long long)w->ticks,
           (unsigned long long)w->readings);
    for (int kind = 0; kind < RECORD_KINDS; kind++)
        if (w->kinds[kind])
            printf("  %-14s %llu\n", record_kind_name((enum record_kind)kind),
                   (unsigned long long)w->kinds[kind]);
    tear_down(w);
    printf("simulate_site: %s, %llu breaches\n", breaches ? "FAILED" : "ok", breaches);
    return breaches ? 1 : 0;
}
