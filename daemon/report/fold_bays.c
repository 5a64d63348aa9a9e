/*
 * Bays into figures: how many are occupied, and of how many it is known. Changes of bays are nearly
 * all of the journal and have no index by time: a bay's changes are told at once (what came late is
 * another kind), so that their times ascend but for steps of the clock, and the stretch is found by
 * bisection with a margin. A bay that stood still tells by its next change how it was, which may be
 * years away and is found by a projection of its own. See fold.h.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/bay_state.h"
#include "daemon/report/body.h"
#include "daemon/report/fold.h"
#include "daemon/store/projections.h"

enum { MARGIN = 4096, ROOM_MIN = 1024 };

struct bay {
    char id[FOLD_ID_SIZE]; /* "" an empty place */
    struct fold_lot *lot;
    uint64_t latest; /* its newest change that the projection knows */
    enum bay_state state;
    utc_ms since; /* it is in that state */
    bool near;    /* it has changed not long after the start */
    bool settled; /* the state at the start is known */
    bool counted; /* known at any time of the period */
};

struct bays {
    struct bay *places; /* open addressing; room is a power of two */
    uint32_t room, count, unsettled, near;
};

static struct bay *find(struct bays *bays, const char *id)
{
    uint32_t at = 2166136261u; /* FNV-1a */

    for (const char *c = id; *c; c++)
        at = (at ^ (uint8_t)*c) * 16777619u;
    for (at &= bays->room - 1; *bays->places[at].id; at = (at + 1) & (bays->room - 1))
        if (!strcmp(bays->places[at].id, id))
            break;
    return &bays->places[at];
}

static struct bay *enter(struct bays *bays, const char *id, struct fold_lot *lot)
{
    struct bay *bay = find(bays, id);

    if (*bay->id || bays->count * 2 >= bays->room)
        return *bay->id ? bay : NULL;
    text_copy(bay->id, sizeof bay->id, id);
    bay->lot = lot;
    bays->count++;
    return bay;
}

static bool read_bays(struct fold *fold, struct bays *bays, uint64_t first, struct err *err)
{
    struct statement *query = NULL;
    int64_t count = 0;
    enum sql_step step;

    if (!sql_number(fold->sql, "SELECT count(*) FROM bay", &count, err))
        return false;
    for (bays->room = ROOM_MIN; bays->room < 4 * count; bays->room *= 2)
        continue;
    bays->places = memory_new(bays->room, sizeof *bays->places);
    query = sql_prepare(fold->sql, "SELECT bay, lot, state, seq FROM bay", err);
    if (!query)
        return false;
    while ((step = sql_step(query, err)) == SQL_ROW) {
        struct bay *bay =
            enter(bays, sql_text(query, 0, NULL), fold_lot(fold, sql_text(query, 1, NULL)));
        if (!bay)
            continue;
        bay->latest = (uint64_t)sql_int(query, 3);
        bay->settled = bay->latest < first;
        if (bay->settled)
            bay_state_parse(sql_text(query, 2, NULL), &bay->state);
        bays->unsettled += !bay->settled;
    }
    sql_finalize(query);
    return step == SQL_END;
}

/* The first record from which on times are not before `at`; one more than the last: none. What is
 * told later, by a clock that may be wrong, leads nowhere else. */
static bool bisect(struct fold *fold, utc_ms at, uint64_t *ret, struct err *err)
{
    struct statement *probe = sql_prepare(fold->sql,
                                          "SELECT seq, at_ms FROM journal WHERE seq >= ?1 AND kind "
                                          "IN ('bay_changed', 'command', 'outcome', 'decision', "
                                          "'device_health') ORDER BY seq LIMIT 1",
                                          err);
    int64_t low = 0, high = 0;
    enum sql_step step = SQL_END;

    if (!probe || !sql_number(fold->sql, "SELECT coalesce(min(seq), 1) FROM journal", &low, err) ||
        !sql_number(fold->sql, "SELECT coalesce(max(seq), 0) FROM journal", &high, err))
        step = SQL_FAILED;
    high = 1 + (high < (int64_t)fold->through ? high : (int64_t)fold->through);
    while (step != SQL_FAILED && low < high) {
        int64_t middle = low + (high - low) / 2;

        sql_bind_int(probe, 1, middle);
        step = sql_step(probe, err);
        bool before = step == SQL_ROW && sql_int(probe, 1) < at.ms;
        low = before ? sql_int(probe, 0) + 1 : low;
        high = before ? high : middle;
        sql_reset(probe);
    }
    sql_finalize(probe);
    *ret = (uint64_t)low;
    return step != SQL_FAILED;
}

static uint64_t margin_before(uint64_t seq)
{
    return seq > MARGIN ? seq - MARGIN : 1;
}

/* Each change of a stretch, and of it only those before which a bay stood still. */
static const char every[] = "SELECT seq, at_ms, body FROM journal NOT INDEXED WHERE seq BETWEEN ?1 "
                            "AND ?2 AND kind = 'bay_changed' ORDER BY seq";
static const char stood[] = "SELECT j.seq, j.at_ms, j.body FROM bay_stood s CROSS JOIN journal j "
                            "ON j.seq = s.seq WHERE s.seq BETWEEN ?1 AND ?2 ORDER BY s.seq";

/* Changes in order. */
struct walk {
    struct fold *fold;
    struct bays *bays;
    const char *changes;
    uint64_t from, to;
    uint64_t near; /* the last that may tell of before the period */
    bool (*take)(struct walk *walk, const struct fold_record *record); /* false: enough */
};

static bool walk_changes(struct walk *walk, struct err *err)
{
    struct statement *query = sql_prepare(walk->fold->sql, walk->changes, err);
    enum sql_step step;

    if (!query)
        return false;
    sql_bind_int(query, 1, (int64_t)walk->from);
    sql_bind_int(query, 2, (int64_t)walk->to);
    while ((step = sql_step(query, err)) == SQL_ROW) {
        struct fold_record record = {.seq = (uint64_t)sql_int(query, 0),
                                     .at = {sql_int(query, 1)},
                                     .body = sql_text(query, 2, NULL)};
        if (!walk->take(walk, &record))
            break;
    }
    sql_finalize(query);
    return step != SQL_FAILED;
}

static enum bay_state state_of(const char *body, const char *key)
{
    enum bay_state state = BAY_UNKNOWN;
    char name[FOLD_ID_SIZE];

    body_text(body, key, name, sizeof name);
    bay_state_parse(name, &state);
    return state;
}

static struct bay *bay_of(struct walk *walk, const char *body)
{
    char id[FOLD_ID_SIZE];

    body_text(body, "bay", id, sizeof id);
    return enter(walk->bays, id, fold_lot_of(walk->fold, body));
}

static bool expect(struct walk *walk, const struct fold_record *record)
{
    struct bay *bay = bay_of(walk, record->body);

    if (!bay || bay->near)
        return true;
    walk->bays->unsettled -= bay->latest && !bay->settled;
    walk->bays->near++;
    bay->near = true;
    bay->settled = false; /* also when the projection lags behind */
    return true;
}

/* The state at the start: what the first change of the period began from, or the last before. */
static bool settle(struct walk *walk, const struct fold_record *record)
{
    struct bay *bay = bay_of(walk, record->body);
    bool before = record->at.ms < walk->fold->ask->period.from.ms && record->seq <= walk->near;

    if (!bay || (bay->settled && !before))
        return true;
    bay->state = state_of(record->body, before ? "to" : "from");
    walk->bays->unsettled -= !bay->settled && (bay->near || bay->latest);
    bay->settled = true;
    return walk->bays->unsettled > 0 || before;
}

static bool is_known(enum bay_state state)
{
    return state == BAY_FREE || state == BAY_OCCUPIED;
}

/* Each bay's time is laid out on its own: a change that is told a moment late costs nothing. */
static void enter_state(struct fold *fold, struct bay *bay, enum bay_state to, utc_ms at)
{
    utc_ms until = at.ms < fold->ask->until.ms ? at : fold->ask->until;

    fold_span(fold, bay->lot, bay->since, until, bay->state == BAY_OCCUPIED, is_known(bay->state));
    fold_occupied(fold, bay->lot, (to == BAY_OCCUPIED) - (bay->state == BAY_OCCUPIED));
    bay->state = to;
    bay->since = until;
    if (is_known(to) && !bay->counted) {
        bay->counted = bay->lot->touched = bay->lot->seen = fold->lots->seen = true;
        bay->lot->figures.bays++;
        fold->lots->figures.bays += bay->lot != fold->lots;
    }
}

static bool apply(struct walk *walk, const struct fold_record *record)
{
    const struct report_period *period = &walk->fold->ask->period;
    struct bay *bay = bay_of(walk, record->body);

    if (bay && !bay->since.ms) /* it came after the projection was made */
        bay->since = period->from;
    if (bay && record->at.ms >= period->from.ms && record->at.ms < period->to.ms)
        enter_state(walk->fold, bay, state_of(record->body, "to"), record->at);
    return true;
}

static void begin(struct fold *fold, struct bays *bays)
{
    for (uint32_t i = 0; i < bays->room; i++)
        bays->places[i].since = fold->ask->period.from;
    for (uint32_t i = 0; i < bays->room; i++) {
        struct bay *bay = &bays->places[i];
        enum bay_state state = bay->state;

        if (!*bay->id)
            continue;
        bay->state = BAY_UNKNOWN;
        enter_state(fold, bay, state, fold->ask->period.from);
    }
}

static void end(struct fold *fold, struct bays *bays)
{
    for (uint32_t i = 0; i < bays->room; i++)
        if (*bays->places[i].id)
            enter_state(fold, &bays->places[i], bays->places[i].state, fold->ask->until);
}

static bool settle_from(struct walk *walk, const char *changes, uint64_t from, uint64_t to,
                        struct err *err)
{
    walk->take = settle;
    walk->changes = changes;
    walk->from = from;
    walk->to = to;
    return !walk->bays->unsettled || walk_changes(walk, err);
}

/* Each bay as it was at record `start`. Those that changed not long after it are settled first, and
 * by themselves: whoever was heard of later would make it depend on what came later. */
static bool find_states(struct fold *fold, struct bays *bays, uint64_t start, struct err *err)
{
    uint64_t first = margin_before(start), end = start + PROJECTIONS_STOOD;
    uint64_t near = end < fold->through ? end : fold->through;
    struct walk walk = {.fold = fold,
                        .bays = bays,
                        .changes = every,
                        .from = first,
                        .to = near,
                        .near = near,
                        .take = expect};

    if (!walk_changes(&walk, err))
        return false;
    uint32_t stood_still = bays->unsettled;
    bays->unsettled = bays->near;
    walk.take = settle;
    if (!walk_changes(&walk, err))
        return false;
    bays->unsettled = stood_still;
    return settle_from(&walk, every, near + 1, end, err) &&
           settle_from(&walk, stood, end + 1, INT64_MAX, err);
}

bool fold_bays(struct fold *fold, struct err *err)
{
    const struct report_period *period = &fold->ask->period;
    struct bays bays = {.count = 0};
    struct walk walk = {.fold = fold, .bays = &bays, .changes = every, .take = apply};
    uint64_t start = 0;
    bool good = bisect(fold, period->from, &start, err) && bisect(fold, period->to, &walk.to, err);

    walk.from = margin_before(start);
    walk.to = walk.to + MARGIN < fold->through ? walk.to + MARGIN : fold->through;
    good = good && read_bays(fold, &bays, walk.from, err) && find_states(fold, &bays, start, err);
    if (good) {
        begin(fold, &bays);
        good = walk_changes(&walk, err);
        end(fold, &bays);
    }
    free(bays.places);
    return good;
}
