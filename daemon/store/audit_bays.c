/* The bays' history replayed. See audit_bays.h. */
#include "daemon/store/audit_bays.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/record.h"

/* Names to numbers from 0, in the order of their coming; open addressing. */
struct names {
    char (*texts)[2 * RECORD_WORD];
    uint32_t *slots; /* number + 1, 0 empty */
    uint32_t count, room;
};

struct bay {
    uint32_t zone, lot;
    enum bay_state state;
    uint64_t losses; /* losses before its last change: across one, history may have a gap */
};

/* Bays by state, of one zone or lot. */
struct count {
    int64_t capacity;
    int64_t by_state[BAY_STATES];
};

struct replay {
    struct names bay_names, zone_names, lot_names;
    struct bay *bays;
    struct count *zones, *lots;
    uint64_t losses;
    struct audit_bays *found;
};

static uint32_t slot_of(const struct names *names, const char *text)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (const char *c = text; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619u;
    uint32_t at = hash & (2 * names->room - 1);
    while (names->slots[at] && strcmp(names->texts[names->slots[at] - 1], text))
        at = (at + 1) & (2 * names->room - 1);
    return at;
}

static void names_widen(struct names *names)
{
    names->room = names->room ? 2 * names->room : 64;
    names->texts = memory_grow(names->texts, names->room, sizeof *names->texts);
    free(names->slots);
    names->slots = memory_new(2 * names->room, sizeof *names->slots);
    for (uint32_t i = 0; i < names->count; i++)
        names->slots[slot_of(names, names->texts[i])] = i + 1;
}

/* The number of `text`; a new one when `ret_new` is set. `rows`, an array beside the names, is kept
 * as long as them. */
static uint32_t number_of(struct names *names, const char *text, void **rows, size_t row_size,
                          bool *ret_new)
{
    char key[sizeof *names->texts];

    text_copy(key, sizeof key, text);
    if (names->count == names->room) {
        names_widen(names);
        *rows = memory_grow(*rows, names->room, row_size);
    }
    uint32_t at = slot_of(names, key);
    *ret_new = !names->slots[at];
    if (*ret_new) {
        memcpy(names->texts[names->count], key, sizeof key);
        memset((char *)*rows + names->count * row_size, 0, row_size);
        names->slots[at] = ++names->count;
    }
    return names->slots[at] - 1;
}

static void names_fini(struct names *names)
{
    free(names->texts);
    free(names->slots);
}

static void place(struct replay *replay, const struct bay *bay, int by)
{
    struct count *counts[] = {&replay->zones[bay->zone], &replay->lots[bay->lot]};

    for (int i = 0; i < 2; i++) {
        counts[i]->capacity += by;
        counts[i]->by_state[bay->state] += by;
    }
}

/* By the way they are counted. */
static void assert_even(const struct count *count)
{
    int64_t sum = 0;

    for (int i = 0; i < BAY_STATES; i++) {
        assert(count->by_state[i] >= 0);
        sum += count->by_state[i];
    }
    assert(sum == count->capacity);
    (void)sum;
}

static void note(uint64_t *count, uint64_t *first, uint64_t seq)
{
    if (!(*count)++)
        *first = seq;
}

/* Columns of the replay's query. */
enum { SEQ, KIND, LOT, ZONE, BAY, FROM, TO };

static struct bay *find_bay(struct replay *replay, const struct statement *row, bool *ret_new)
{
    char zone_name[2 * RECORD_WORD];
    struct text text;
    bool is_new;

    text_init(&text, zone_name, sizeof zone_name);
    text_add(&text, "%s/%s", sql_text(row, LOT, NULL), sql_text(row, ZONE, NULL));
    uint32_t lot = number_of(&replay->lot_names, sql_text(row, LOT, NULL), (void **)&replay->lots,
                             sizeof *replay->lots, &is_new);
    uint32_t zone = number_of(&replay->zone_names, zone_name, (void **)&replay->zones,
                              sizeof *replay->zones, &is_new);
    uint32_t number = number_of(&replay->bay_names, sql_text(row, BAY, NULL),
                                (void **)&replay->bays, sizeof *replay->bays, ret_new);
    struct bay *bay = &replay->bays[number];
    if (!*ret_new && (bay->zone != zone || bay->lot != lot)) {
        place(replay, bay, -1); /* the plan of the site was changed */
        bay->zone = zone;
        bay->lot = lot;
        place(replay, bay, 1);
    }
    bay->zone = zone;
    bay->lot = lot;
    return bay;
}

static void replay_change(struct replay *replay, const struct statement *row)
{
    struct audit_bays *found = replay->found;
    uint64_t seq = (uint64_t)sql_int(row, SEQ);
    enum bay_state from, to;
    bool is_new;

    found->changes++;
    if (!bay_state_parse(sql_text(row, FROM, NULL), &from) ||
        !bay_state_parse(sql_text(row, TO, NULL), &to)) {
        note(&found->broken, &found->first_broken, seq);
        return;
    }
    struct bay *bay = find_bay(replay, row, &is_new);
    bool gap = is_new || bay->losses != replay->losses;
    if (from == to || (!gap && bay->state != from))
        note(&found->broken, &found->first_broken, seq);
    /* One breach is told once: the counts go on from what this record says. */
    if (!is_new)
        place(replay, bay, -1);
    bay->state = from;
    place(replay, bay, 1);
    replay->zones[bay->zone].by_state[from]--;
    replay->zones[bay->zone].by_state[to]++;
    replay->lots[bay->lot].by_state[from]--;
    replay->lots[bay->lot].by_state[to]++;
    bay->state = to;
    bay->losses = replay->losses;
    assert_even(&replay->zones[bay->zone]);
    assert_even(&replay->lots[bay->lot]);
}

/* Of the pruned records only those on which a bay still stands: one that is held for an uplink, or
 * left over from a retention that goes on, may have been followed by others that are gone. */
static bool replay_all(struct replay *replay, struct sql *sql, struct err *err)
{
    struct statement *select = sql_prepare(
        sql,
        "SELECT seq, kind, body->>'lot', body->>'zone', body->>'bay', body->>'from', body->>'to' "
        "FROM facts WHERE (kind = 'bay_changed' OR "
        "(kind = 'loss' AND body->>'what' = 'records')) AND (seq > (SELECT anchor_seq FROM meta) "
        "OR seq IN (SELECT seq FROM main.bay)) ORDER BY seq",
        err);
    enum sql_step step;

    if (!select)
        return false;
    while ((step = sql_step(select, err)) == SQL_ROW) {
        if (!strcmp(sql_text(select, KIND, NULL), "loss"))
            replay->losses++;
        else
            replay_change(replay, select);
    }
    sql_finalize(select);
    return step == SQL_END;
}

/* The counts that the projection gives must be those that the replay ends with. */
static bool compare_counts(struct replay *replay, struct sql *sql, struct err *err)
{
    struct statement *select = sql_prepare(
        sql,
        "SELECT lot || '/' || zone, state, count(*), max(seq) FROM bay GROUP BY lot, zone, state",
        err);
    enum sql_step step;
    bool is_new;

    if (!select)
        return false;
    while ((step = sql_step(select, err)) == SQL_ROW) {
        uint32_t zone = number_of(&replay->zone_names, sql_text(select, 0, NULL),
                                  (void **)&replay->zones, sizeof *replay->zones, &is_new);
        enum bay_state state;
        if (!bay_state_parse(sql_text(select, 1, NULL), &state) ||
            replay->zones[zone].by_state[state] != sql_int(select, 2))
            note(&replay->found->uneven, &replay->found->first_uneven,
                 (uint64_t)sql_int(select, 3));
    }
    sql_finalize(select);
    return step == SQL_END;
}

bool audit_bays(struct sql *sql, struct audit_bays *ret, struct err *err)
{
    struct audit_bays found = {.changes = 0};
    struct replay replay = {.found = &found};
    bool good = replay_all(&replay, sql, err) && compare_counts(&replay, sql, err);

    found.bays = replay.bay_names.count;
    found.zones = replay.zone_names.count;
    found.lots = replay.lot_names.count;
    names_fini(&replay.bay_names);
    names_fini(&replay.zone_names);
    names_fini(&replay.lot_names);
    free(replay.bays);
    free(replay.zones);
    free(replay.lots);
    if (good)
        *ret = found;
    return good;
}
