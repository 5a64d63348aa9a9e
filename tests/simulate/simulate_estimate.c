/*
 * Weeks of a lot with lanes of every degraded kind and with bays that are sensed whole, in part or
 * not at all: cars come, park and leave; lanes miss some and see some that are none, each lane with
 * a bias of its own, as often as simulate_lane measured for its wiring; sensors fall silent. Judged
 * each minute: the estimate's interval contains the truth, for 99 of 100 moments in each kind; an
 * anchor is taken only when nothing was seen to move for twenty minutes and every bay is known, and
 * is the truth but for one of a hundred (a vehicle that the lane missed and that looks for a bay);
 * drift is laid to the lane that made it. How wide the intervals are is told beside it: an
 * endless one would always be right.
 *
 *   simulate_estimate [--seed N] [--days N] [--lots N]
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/estimate.h"
#include "daemon/core/plan.h"
#include "tests/simulate/seeded.h"

enum { MINUTE_MS = 60000, DAY_MIN = 1440, BAYS = 100, CARS = 200, IN = 0, OUT = 1, BIASED = 2 };
enum { LANES = 3, WELL = 990, BEGIN_DAY = 20000, WAY_MIN = 8, QUIET_MIN = 20 };

/* How often a lane of the kind misses a vehicle, or sees one that is none, at worst; of 1000. */
static const struct kind {
    const char *name;
    enum passage_evidence evidence;
    uint32_t missed, phantom;
} kinds[] = {
    {"both loops", EVIDENCE_LOOPS, 0, 0},  {"one loop", EVIDENCE_ONE, 5, 25},
    {"camera", EVIDENCE_CAMERA, 30, 15},   {"limits", EVIDENCE_LIMITS, 60, 50},
    {"counter", EVIDENCE_COUNTER, 15, 15}, {"time", EVIDENCE_TIME, 100, 60},
    {"a person", EVIDENCE_PERSON, 50, 20},
};
static const struct cover {
    const char *name;
    uint32_t sensed; /* bays of 100 */
} covers[] = {{"all bays", BAYS}, {"80 of 100", 80}, {"no bays", 0}};
enum { KINDS = sizeof kinds / sizeof kinds[0], COVERS = sizeof covers / sizeof covers[0] };

enum place { AWAY, TO_BAY, PARKED, TO_EXIT };
struct car {
    enum place place;
    int64_t until; /* minute */
    uint32_t bay;
};

struct tally {
    uint64_t moments, inside, width, anchors, early, wrong, drift, laid;
};

struct world {
    struct seeded random;
    const struct kind *kind;
    const struct cover *cover;
    struct lot_plan lot;
    struct lane_plan lanes[LANES];
    struct zone_plan zone;
    struct bay_plan bays[BAYS];
    struct site_plan plan;
    struct estimates *estimates;
    struct car cars[CARS];
    bool occupied[BAYS], silent[BAYS];
    uint32_t missed[LANES], phantom[LANES]; /* of 1000 */
    int64_t minute, told;                   /* `told`: the last passage or change that anyone saw */
    uint32_t truth;
    bool one_biased; /* one exit makes all the drift */
    struct tally *tally;
};

static bool chance(struct world *w, uint32_t of_thousand)
{
    return seeded_below(&w->random, 1000) < of_thousand;
}

static utc_ms now_of(const struct world *w)
{
    return (utc_ms){((int64_t)BEGIN_DAY * DAY_MIN + w->minute) * MINUTE_MS};
}

static uint32_t inside(const struct world *w)
{
    uint32_t count = 0;

    for (int i = 0; i < CARS; i++)
        count += w->cars[i].place != AWAY;
    return count;
}

static uint32_t sensed(const struct world *w, bool silent)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < w->cover->sensed; i++)
        count += silent ? w->silent[i] : !w->silent[i] && w->occupied[i];
    return count;
}

/* What the lane tells of one vehicle, or of none. */
static void tell_passage(struct world *w, uint32_t lane)
{
    struct record record = {.kind = RECORD_PASSAGE, .at = now_of(w)};
    bool led = !chance(w, 15);

    record.passage.lane = lane;
    record.passage.direction = w->lanes[lane].direction;
    record.passage.kind = led ? PASSAGE_ORDINARY : PASSAGE_TAILGATE;
    record.passage.evidence =
        w->missed[lane] + w->phantom[lane] || !w->one_biased ? w->kind->evidence : EVIDENCE_LOOPS;
    record.passage.vehicles = 1;
    estimates_apply(w->estimates, &record);
    w->told = w->minute;
}

static void set_bay(struct world *w, uint32_t bay, bool occupied)
{
    struct record record = {.kind = RECORD_BAY_CHANGED, .at = now_of(w)};

    if (bay == BAYS)
        return;
    w->occupied[bay] = occupied;
    if (bay >= w->cover->sensed || w->silent[bay])
        return;
    record.bay_changed.bay = bay;
    record.bay_changed.from = occupied ? BAY_FREE : BAY_OCCUPIED;
    record.bay_changed.to = occupied ? BAY_OCCUPIED : BAY_FREE;
    estimates_apply(w->estimates, &record);
    w->told = w->minute;
}

static void pass(struct world *w, uint32_t lane)
{
    if (!chance(w, w->missed[lane]))
        tell_passage(w, lane);
    if (chance(w, w->phantom[lane]))
        tell_passage(w, lane);
}

static uint32_t free_bay(struct world *w)
{
    uint32_t begin = (uint32_t)seeded_below(&w->random, BAYS);

    for (uint32_t i = 0; i < BAYS; i++)
        if (!w->occupied[(begin + i) % BAYS])
            return (begin + i) % BAYS;
    return BAYS;
}

static void move_car(struct world *w, struct car *car)
{
    if (car->place == AWAY || w->minute < car->until)
        return;
    if (car->place == TO_BAY) {
        car->bay = free_bay(w);
        car->place = PARKED;
        car->until = w->minute + seeded_between(&w->random, 20, 400);
        set_bay(w, car->bay, true);
    } else if (car->place == PARKED) {
        set_bay(w, car->bay, false);
        car->place = TO_EXIT;
        car->until = w->minute + seeded_between(&w->random, 1, WAY_MIN);
    } else {
        car->place = AWAY;
        pass(w, chance(w, 500) ? OUT : BIASED);
    }
}

/* A working day: nobody from midnight to five, few in the evening. */
static uint32_t arrivals_per_minute(int64_t minute)
{
    int64_t hour = minute % DAY_MIN / 60;

    return hour < 5 ? 2 : hour < 7 ? 60 : hour < 19 ? 280 : 60; /* of 1000 */
}

static void arrive(struct world *w)
{
    if (!chance(w, arrivals_per_minute(w->minute)) || inside(w) >= BAYS - 5)
        return;
    for (int i = 0; i < CARS; i++)
        if (w->cars[i].place == AWAY) {
            w->cars[i] =
                (struct car){TO_BAY, w->minute + seeded_between(&w->random, 1, WAY_MIN), BAYS};
            pass(w, IN);
            return;
        }
}

static struct estimate_now look(const struct world *w)
{
    return (struct estimate_now){.occupied = sensed(w, false),
                                 .unknown = sensed(w, true),
                                 .monitored = w->cover->sensed,
                                 .stays = w->truth,
                                 .capacity = BAYS,
                                 .lanes_healthy = true};
}

static void on_entry(void *arg, const struct record *record)
{
    struct world *w = arg;
    bool adjusts = record->occupancy.event == OCCUPANCY_ADJUST;

    estimates_apply(w->estimates, record);
    if (record->occupancy.event == OCCUPANCY_DECLARED)
        return;
    w->tally->anchors++;
    w->tally->early += w->minute - w->told < QUIET_MIN || sensed(w, true) > 0;
    w->tally->wrong += record->occupancy.inside != w->truth;
    w->tally->drift += w->one_biased && adjusts;
    w->tally->laid += w->one_biased && adjusts && record->occupancy.lane == BIASED;
}

/* Where the bays do not tell, an attendant counts in the small hours. */
static void count_by_hand(struct world *w)
{
    if (w->cover->sensed == BAYS || w->minute % DAY_MIN != 240)
        return;
    estimates_declare(w->estimates, 0, w->truth, "attendant", now_of(w),
                      (struct record_sink){on_entry, w});
}

static void judge(struct world *w, const struct estimate_now *now)
{
    struct estimate e;

    estimates_lot(w->estimates, 0, now, now_of(w), &e);
    w->tally->moments++;
    w->tally->inside += e.low <= (int64_t)w->truth && (int64_t)w->truth <= e.high;
    w->tally->width += (uint64_t)(e.high - e.low);
}

static void a_minute(struct world *w)
{
    for (int i = 0; i < CARS; i++)
        move_car(w, &w->cars[i]);
    arrive(w);
    for (int i = 0; i < BAYS; i++)
        w->silent[i] = w->silent[i] ? !chance(w, 50) : seeded_below(&w->random, 100000) < 3;
    w->truth = inside(w);
    count_by_hand(w);
    struct estimate_now now = look(w);
    estimates_tick(w->estimates, 0, &now, now_of(w), (struct record_sink){on_entry, w});
    if (w->minute >= DAY_MIN) /* the first day nobody has counted yet */
        judge(w, &now);
}

static void prepare(struct world *w)
{
    w->lot = (struct lot_plan){.id = "A", .name = "Lot"};
    w->lot.policy.adjust_limit = BAYS;
    for (uint32_t i = 0; i < LANES; i++) {
        bool amiss = !w->one_biased || i == BIASED;
        w->lanes[i] = (struct lane_plan){
            .id = "lane", .direction = i == IN ? LANE_IN : LANE_OUT, .outer = PLAN_NONE};
        w->missed[i] = amiss ? (uint32_t)seeded_below(&w->random, w->kind->missed + 1) : 0;
        w->phantom[i] = amiss ? (uint32_t)seeded_below(&w->random, w->kind->phantom + 1) : 0;
    }
    w->zone = (struct zone_plan){.id = "Z", .lot = 0};
    w->plan = (struct site_plan){.lots = &w->lot,
                                 .lanes = w->lanes,
                                 .zones = &w->zone,
                                 .bays = w->bays,
                                 .lots_count = 1,
                                 .lanes_count = LANES,
                                 .zones_count = 1,
                                 .bays_count = BAYS};
    w->estimates = estimates_create(&w->plan);
}

static void a_lot(struct seeded *random, const struct kind *kind, const struct cover *cover,
                  int64_t days, bool one_biased, struct tally *tally)
{
    struct world w = {.random = *random, .kind = kind, .cover = cover, .tally = tally};

    w.one_biased = one_biased;
    w.told = -QUIET_MIN;
    prepare(&w);
    for (w.minute = 0; w.minute < days * DAY_MIN; w.minute++)
        a_minute(&w);
    estimates_destroy(w.estimates);
    *random = w.random;
}

static bool told(const struct kind *kind, const struct cover *cover, const struct tally *t)
{
    bool holds =
        t->inside * 1000 >= t->moments * WELL && t->early == 0 && t->wrong * 100 <= t->anchors;

    printf(
        "  %-10s %-10s %7.3f %% within, mean width %5.1f, %5llu anchors, %llu early, %llu wrong, "
        "drift %llu, laid to its lane %llu%s\n",
        kind->name, cover->name, 100.0 * (double)t->inside / (double)t->moments,
        (double)t->width / (double)t->moments, (unsigned long long)t->anchors,
        (unsigned long long)t->early, (unsigned long long)t->wrong, (unsigned long long)t->drift,
        (unsigned long long)t->laid, holds ? "" : "  FAILED");
    return holds;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
                                            {"days", required_argument, NULL, 'd'},
                                            {"lots", required_argument, NULL, 'l'},
                                            {NULL, 0, NULL, 0}};
    int64_t seed = 20261122, days = 15, lots = 12, failed = 0, drift = 0, laid = 0;

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        int64_t value = optarg ? strtoll(optarg, NULL, 10) : 0;
        *(option == 's' ? &seed : option == 'd' ? &days : &lots) = value;
    }
    struct seeded random = seeded_from((uint64_t)seed);

    printf("seed %lld, %lld lots of each kind, %lld days, %d bays\n", (long long)seed,
           (long long)lots, (long long)days, BAYS);
    for (size_t k = 0; k < KINDS; k++)
        for (size_t c = 0; c < COVERS; c++) {
            struct tally tally = {0};
            for (int64_t i = 0; i < lots; i++)
                a_lot(&random, &kinds[k], &covers[c], days, i % 2, &tally);
            failed += !told(&kinds[k], &covers[c], &tally);
            drift += (int64_t)tally.drift;
            laid += (int64_t)tally.laid;
        }
    bool blamed = laid * 100 >= drift * 95;
    printf("drift of one exit: %lld entries, %lld laid to it\nsimulate_estimate: %s\n",
           (long long)drift, (long long)laid, failed || !blamed ? "FAILED" : "ok");
    return failed || !blamed;
}
