/*
 * How many vehicles are inside.
 *
 *  E1 The flow counts from the last entry of the account: each passage adds or takes its vehicles,
 *     and its evidence says how far that may be wrong: a part that scatters, whose squares add up,
 *     and a part that leans to one side, which adds up itself.
 *  E2 The bays count what stands on them. Unknown bays, bays without a sensor, vehicles that came
 *     in lately and bays that were left lately widen it upwards; vehicles that went out lately,
 *     whose bay may not have told yet, downwards.
 *  E3 The open stays count, too; ghosts make them the widest.
 *  E4 The interval is where flow and bays agree; where they do not, it holds both, and the
 *     confidence says so.
 *  E5 A lot is provably quiet when nothing passed and no bay changed for QUIET_MS, every bay has a
 *     sensor that is known, and the lanes are well: then the bays are the truth, the difference is
 * booked to what is likeliest to have made it, and the flow begins anew. More than the lot's limit
 * is not booked without a person.
 *  E6 A lot that is never quiet carries its account forward in an entry that changes nothing, so
 * that a start need not count all passages of years. What scatters leans from then on: the interval
 *     may become wider, never narrower.
 */
#include "daemon/core/estimate.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/memory.h"

static const char *const sources[] = {"none", "flow", "bays", "plates"};
const struct words estimate_source_words = WORDS(sources);

enum {
    QUIET_MS = 20 * 60000,
    ANCHOR_MS = 6 * 3600000, /* an entry that changes nothing is made no more often */
    WAY_MS = 10 * 60000,     /* between lane and bay, at most */
    MILLI = 1000,
    CARRY_PASSAGES = 20000,
    SIGMAS = 3,
    FULL_TURNS = 4 /* vehicles of a lot that has never been counted: within this of its size */
};

/* Of one passage, in thousandths of a vehicle: variance, and lean. */
static const struct {
    int32_t variance, lean;
} doubt[EVIDENCES] = {
    [EVIDENCE_LOOPS] = {0, 0},     [EVIDENCE_ONE] = {20, 10},     [EVIDENCE_CAMERA] = {60, 30},
    [EVIDENCE_LIMITS] = {100, 80}, [EVIDENCE_COUNTER] = {30, 20}, [EVIDENCE_TIME] = {150, 100},
    [EVIDENCE_PERSON] = {100, 50},
};

/* Of passages that the lane did not lead: they are counted, and trusted less. */
enum { UNLED_VARIANCE = 100, UNLED_LEAN = 10 };

enum { MOVED_IN, MOVED_OUT, LEFT_BAY, MOVES };

struct account {
    bool anchored;
    int64_t flow; /* vehicles */
    int64_t variance_milli, lean_milli;
    uint64_t entry;     /* passages of all lots before its last entry */
    utc_ms passed;      /* the last passage */
    utc_ms bay_changed; /* the last change of a bay */
    utc_ms anchored_at;
    utc_ms bucket;            /* begin of the newer of two spans of WAY_MS */
    uint32_t moved[MOVES][2]; /* vehicles in the newer and the older */
};

struct estimates {
    const struct site_plan *plan;
    struct account *lots;
    int64_t *doubts;   /* of each lane since the last entry of its lot */
    uint64_t passages; /* of all lots, since the first record that is known */
};

struct estimates *estimates_create(const struct site_plan *plan)
{
    struct estimates *e = memory_new(1, sizeof *e);

    e->plan = plan;
    e->lots = memory_new(plan->lots_count, sizeof *e->lots);
    e->doubts = memory_new(plan->lanes_count, sizeof *e->doubts);
    return e;
}

void estimates_destroy(struct estimates *e)
{
    if (!e)
        return;
    free(e->doubts);
    free(e->lots);
    free(e);
}

/* 1. The fold. */

static void turn_buckets(struct account *account, utc_ms at)
{
    int64_t age = at.ms - account->bucket.ms;

    if (age < WAY_MS)
        return;
    for (int i = 0; i < MOVES; i++) {
        account->moved[i][1] = age < 2 * WAY_MS ? account->moved[i][0] : 0;
        account->moved[i][0] = 0;
    }
    account->bucket = at;
}

/* What is told of later may lie further back. */
static void note_move(struct account *account, int move, uint32_t vehicles, utc_ms at)
{
    turn_buckets(account, at);
    if (at.ms >= account->bucket.ms - WAY_MS)
        account->moved[move][at.ms < account->bucket.ms] += vehicles;
}

/* How many may still be on their way at `at`. */
static int64_t moving(const struct account *account, int move, utc_ms at)
{
    int64_t age = at.ms - account->bucket.ms;

    return (age < WAY_MS ? account->moved[move][1] : 0) +
           (age < 2 * WAY_MS ? (int64_t)account->moved[move][0] : 0);
}

static void pass(struct estimates *e, uint32_t lot, const struct record *record, int64_t vehicles)
{
    const struct record_passage *passage = &record->passage;
    struct account *account = &e->lots[lot];
    bool led = passage->kind == PASSAGE_ORDINARY;
    int64_t variance = doubt[passage->evidence].variance + (led ? 0 : UNLED_VARIANCE);
    int64_t lean = doubt[passage->evidence].lean + (led ? 0 : UNLED_LEAN);

    note_move(account, vehicles > 0 ? MOVED_IN : MOVED_OUT, (uint32_t)llabs(vehicles), record->at);
    account->flow += vehicles;
    account->variance_milli += variance * llabs(vehicles);
    account->lean_milli += lean * llabs(vehicles);
    if (record->at.ms > account->passed.ms)
        account->passed = record->at;
    e->doubts[passage->lane] += variance + lean;
}

static void apply_passage(struct estimates *e, const struct record *record)
{
    const struct lane_plan *lane = &e->plan->lanes[record->passage.lane];
    int64_t in = record->passage.direction == LANE_IN ? 1 : -1;

    e->passages++;
    in *= record->passage.vehicles;
    pass(e, lane->lot, record, in);
    if (lane->outer != PLAN_NONE)
        pass(e, lane->outer, record, -in);
}

static void apply_entry(struct estimates *e, const struct record *record)
{
    const struct record_occupancy *entry = &record->occupancy;
    struct account *account = &e->lots[entry->lot];
    bool carried = entry->event == OCCUPANCY_CARRIED;

    if (!carried)
        account->anchored_at = record->at;
    account->anchored = !carried || entry->low <= entry->high;
    account->flow = entry->inside;
    account->variance_milli = 0;
    account->lean_milli = carried && account->anchored ? (entry->high - entry->inside) * MILLI : 0;
    account->entry = e->passages;
    for (uint32_t i = 0; i < e->plan->lanes_count; i++)
        if (e->plan->lanes[i].lot == record->occupancy.lot)
            e->doubts[i] = 0;
}

static void apply_bay(struct estimates *e, const struct record *record)
{
    struct account *account = &e->lots[plan_lot(e->plan, record->bay_changed.bay)];

    if (record->at.ms > account->bay_changed.ms)
        account->bay_changed = record->at;
    if (record->bay_changed.from == BAY_OCCUPIED)
        note_move(account, LEFT_BAY, 1, record->at);
}

void estimates_apply(struct estimates *e, const struct record *record)
{
    if (record->kind == RECORD_PASSAGE)
        apply_passage(e, record);
    else if (record->kind == RECORD_OCCUPANCY)
        apply_entry(e, record);
    else if (record->kind == RECORD_BAY_CHANGED)
        apply_bay(e, record);
}

/* 2. The question. */

static int64_t root(int64_t value)
{
    int64_t r = 0;

    while ((r + 1) * (r + 1) <= value)
        r++;
    return r;
}

struct interval {
    int64_t low, high;
};

static struct interval flow_interval(const struct account *account, uint32_t capacity)
{
    int64_t scatter = SIGMAS * root(account->variance_milli * MILLI); /* thousandths */
    int64_t half = (scatter + account->lean_milli + MILLI - 1) / MILLI;

    if (!account->anchored)
        return (struct interval){0, (int64_t)capacity * FULL_TURNS};
    return (struct interval){account->flow - half, account->flow + half};
}

static struct interval bays_interval(const struct account *account, const struct estimate_now *now,
                                     utc_ms at)
{
    int64_t hidden = moving(account, MOVED_IN, at) + moving(account, LEFT_BAY, at);
    int64_t blind = now->capacity > now->monitored ? now->capacity - now->monitored : 0;

    return (struct interval){(int64_t)now->occupied - moving(account, MOVED_OUT, at),
                             (int64_t)now->occupied + now->unknown + blind + hidden};
}

static int64_t within(int64_t value, struct interval in)
{
    return value < in.low ? in.low : value > in.high ? in.high : value;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}
static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* 100: exact; 0: nothing is known. */
static uint32_t confidence_of(struct interval in, uint32_t capacity)
{
    int64_t width = in.high - in.low, size = larger(capacity, 1);

    return width >= size ? 0 : (uint32_t)(100 - 100 * width / size);
}

void estimates_lot(const struct estimates *e, uint32_t lot, const struct estimate_now *now,
                   utc_ms at, struct estimate *ret)
{
    const struct account *account = &e->lots[lot];
    struct interval flow = flow_interval(account, now->capacity), all = flow;
    bool sensed = now->monitored > 0;

    *ret = (struct estimate){
        .flow = account->anchored ? account->flow : -1,
        .bays = sensed ? (int64_t)now->occupied : -1,
        .plates = now->stays,
        .source = ESTIMATE_FLOW,
    };
    if (sensed) {
        struct interval bays = bays_interval(account, now, at);
        bool agree = larger(bays.low, flow.low) <= smaller(bays.high, flow.high);

        all.low = agree ? larger(bays.low, flow.low) : smaller(bays.low, flow.low);
        all.high = agree ? smaller(bays.high, flow.high) : larger(bays.high, flow.high);
        if (bays.high - bays.low < flow.high - flow.low)
            ret->source = ESTIMATE_BAYS;
    } else if (!account->anchored) {
        ret->source = ESTIMATE_PLATES;
    }
    all.low = larger(all.low, 0);
    all.high = larger(all.high, all.low);
    ret->low = all.low;
    ret->high = all.high;
    ret->inside = within(ret->source == ESTIMATE_FLOW   ? account->flow
                         : ret->source == ESTIMATE_BAYS ? (int64_t)now->occupied
                                                        : (int64_t)now->stays,
                         all);
    ret->confidence = confidence_of(all, now->capacity);
}

/* 3. The entries. */

/* The lane whose passages since the last entry are the most doubtful; none: the bays, or nobody. */
static uint32_t likeliest(const struct estimates *e, uint32_t lot)
{
    uint32_t worst = PLAN_NONE;

    for (uint32_t i = 0; i < e->plan->lanes_count; i++) {
        if (e->plan->lanes[i].lot != lot || e->doubts[i] == 0)
            continue;
        if (worst == PLAN_NONE || e->doubts[i] > e->doubts[worst])
            worst = i;
    }
    return worst;
}

static bool quiet(const struct account *account, const struct estimate_now *now, utc_ms at)
{
    return now->lanes_healthy && now->unknown == 0 && now->monitored > 0 &&
           now->monitored >= now->capacity && at.ms - account->passed.ms >= QUIET_MS &&
           at.ms - account->bay_changed.ms >= QUIET_MS;
}

/* As it is; of a lot that was never counted the interval is none. */
static void carry(const struct estimates *e, uint32_t lot, utc_ms at, struct record_sink out)
{
    const struct account *account = &e->lots[lot];
    struct record record = {.kind = RECORD_OCCUPANCY, .at = at};
    struct interval interval = flow_interval(account, 0);

    record.occupancy = (struct record_occupancy){
        .lot = lot,
        .event = OCCUPANCY_CARRIED,
        .lane = PLAN_NONE,
        .inside = account->flow,
        .low = account->anchored ? interval.low : 0,
        .high = account->anchored ? interval.high : -1,
    };
    snprintf(record.occupancy.evidence, sizeof record.occupancy.evidence,
             "carried over %d passages", CARRY_PASSAGES);
    out.put(out.arg, &record);
}

void estimates_tick(struct estimates *e, uint32_t lot, const struct estimate_now *now, utc_ms at,
                    struct record_sink out)
{
    struct account *account = &e->lots[lot];
    struct record record = {.kind = RECORD_OCCUPANCY, .at = at};
    int64_t delta = account->anchored ? (int64_t)now->occupied - account->flow : 0;

    if (e->passages - account->entry >= CARRY_PASSAGES && !quiet(account, now, at))
        carry(e, lot, at, out);
    if (!quiet(account, now, at))
        return;
    if (llabs(delta) > e->plan->lots[lot].policy.adjust_limit && account->anchored)
        return; /* a person decides: estimates_declare() */
    if (account->anchored && delta == 0 &&
        (account->variance_milli == 0 || at.ms - account->anchored_at.ms < ANCHOR_MS))
        return;
    record.occupancy = (struct record_occupancy){
        .lot = lot,
        .event = delta ? OCCUPANCY_ADJUST : OCCUPANCY_ANCHOR,
        .lane = delta ? likeliest(e, lot) : PLAN_NONE,
        .delta = delta,
        .inside = now->occupied,
        .low = now->occupied,
        .high = now->occupied,
    };
    snprintf(record.occupancy.evidence, sizeof record.occupancy.evidence,
             "no passage for %lld min, all %u bays known",
             (long long)(at.ms - account->passed.ms) / 60000, now->monitored);
    out.put(out.arg, &record);
}

bool estimates_declare(struct estimates *e, uint32_t lot, int64_t inside, const char *actor,
                       utc_ms at, struct record_sink out)
{
    const struct account *account = &e->lots[lot];
    struct record record = {.kind = RECORD_OCCUPANCY, .at = at};

    if (inside < 0 || inside > UINT16_MAX)
        return false;
    record.occupancy = (struct record_occupancy){
        .lot = lot,
        .event = OCCUPANCY_DECLARED,
        .lane = PLAN_NONE,
        .delta = account->anchored ? inside - account->flow : 0,
        .inside = inside,
        .low = inside,
        .high = inside,
        .evidence = "counted by a person",
    };
    text_copy(record.occupancy.actor, sizeof record.occupancy.actor, actor);
    out.put(out.arg, &record);
    return true;
}
