/* Retention: old records leave the journal from its front. See store.h. */
#include "daemon/store/store.h"

#include <string.h>

#include "daemon/base/crash.h"
#include "daemon/store/inside.h"
#include "daemon/store/projections.h"

struct prune {
    utc_ms before, now;
    size_t limit;
    size_t removed;
    struct chain through; /* the newest record to go */
    utc_ms newest;        /* of what goes, and went before; what lies in the future is left out */
    struct record record;
    struct store_head head;
};

/* How far: not past what is fresh, not past what an uplink has not come to, never the head. A stamp
 * that lies in the future says nothing; such a record is as old as the one behind it. */
static bool find_end(struct store *store, struct prune *prune, struct err *err)
{
    int64_t floor;
    enum sql_step step;
    bool good = true;

    if (!delivery_floor(store->sql, &floor, err))
        return false;
    if (floor >= (int64_t)store->head.seq)
        floor = (int64_t)store->head.seq - 1;
    struct statement *select = sql_prepare(
        store->sql, "SELECT seq, at_ms, hash FROM journal WHERE seq <= ?1 ORDER BY seq LIMIT ?2",
        err);
    if (!select)
        return false;
    sql_bind_int(select, 1, floor);
    sql_bind_int(select, 2, (int64_t)prune->limit);
    while ((step = sql_step(select, err)) == SQL_ROW) {
        int64_t at_ms = sql_int(select, 1);

        if (at_ms >= prune->before.ms && at_ms <= prune->now.ms)
            break;
        prune->through.seq = (uint64_t)sql_int(select, 0);
        if (at_ms > prune->newest.ms && at_ms <= prune->now.ms)
            prune->newest.ms = at_ms;
        good = chain_hash(select, 2, &prune->through.hash);
        if (!good)
            break;
        prune->removed++;
    }
    sql_finalize(select);
    if (!good)
        return err_set(err, "database \"%s\": a hash is damaged; run parkctl audit", store->path);
    return step != SQL_FAILED;
}

/* What went before tells its newest in the newest retention record, which is never pruned itself:
 * one that says nothing is from before that was told, and all of it was older than itself. */
static bool read_newest(struct store *store, utc_ms *ret, struct err *err)
{
    return sql_number(store->sql,
                      "SELECT coalesce((SELECT coalesce(CAST(round((julianday(body->>'newest') - "
                      "2440587.5) * 86400000.0) AS INTEGER), at_ms) FROM journal WHERE kind = "
                      "'retention' AND kind <> 'bay_changed' ORDER BY seq DESC LIMIT 1), 0)",
                      &ret->ms, err);
}

static bool run_through(struct store *store, const char *text, const struct chain *through,
                        bool with_hash, struct err *err)
{
    struct statement *statement = sql_prepare(store->sql, text, err);

    if (!statement)
        return false;
    sql_bind_int(statement, 1, (int64_t)through->seq);
    if (with_hash)
        sql_bind_blob(statement, 2, through->hash.bytes, sizeof through->hash.bytes);
    bool good = sql_do(statement, err);
    sql_finalize(statement);
    return good;
}

/* What something still stands on is held. */
static bool move_out(struct store *store, const struct chain *through, struct err *err)
{
    return run_through(store,
                       "INSERT OR REPLACE INTO held SELECT journal.*, coalesce((SELECT hash FROM "
                       "journal AS j WHERE j.seq = journal.seq - 1), (SELECT anchor_hash FROM "
                       "meta)), 1 FROM wanted CROSS JOIN journal "
                       "USING(seq) WHERE wanted.seq <= ?1",
                       through, false, err) &&
           delivery_count(store->sql, through->seq, err) &&
           run_through(store, "DELETE FROM journal WHERE seq <= ?1", through, false, err) &&
           run_through(store, "UPDATE meta SET anchor_seq = ?1, anchor_hash = ?2", through, true,
                       err);
}

/* What is kept longer than its place in the journal, by its class; what no class names goes with
 * the journal. Seals and retentions prove the money, and stay as long. */
static const struct {
    const char *keep, *let_go;
} classes[STORE_CLASSES] = {
#define CLASS(kinds)                                                                             \
    {                                                                                            \
        "INSERT OR IGNORE INTO held SELECT journal.*, coalesce((SELECT hash FROM journal AS j "  \
        "WHERE j.seq = journal.seq - 1), (SELECT anchor_hash FROM meta)), 0 FROM journal WHERE " \
        "seq <= ?1 AND kind <> 'bay_changed' AND kind IN (" kinds ") AND at_ms >= ?2",           \
            "DELETE FROM held WHERE kind IN (" kinds ") AND at_ms < ?2 AND NOT stands AND seq "  \
            "NOT IN (SELECT seq FROM outbox WHERE state <> 'dropped') AND seq <= ?1"             \
    }
    [STORE_BAYS] = CLASS("'gateway', 'bay_changed', 'bay_health', 'device_health', 'clock_step', "
                         "'operator', 'loss', 'bay_amended'"),
    [STORE_LANES] = CLASS("'plate_read', 'decision', 'command', 'outcome', 'passage', 'lane', "
                          "'opening', 'occupancy', 'sharing'"),
    [STORE_MONEY] = CLASS(
        "'stay_opened', 'stay_amended', 'stay_closed', 'order', 'payment', "
        "'refund', 'coupon', 'list', 'shift', 'platform', 'day_check', 'report', 'difference', "
        "'retention', "
        "'seal'"),
};

void store_keep(struct store *store, const int64_t days[STORE_CLASSES])
{
    memcpy(store->keep_days, days, sizeof store->keep_days);
}

static bool by_class(struct store *store, const struct prune *prune, bool keeping, struct err *err)
{
    for (int i = 0; i < STORE_CLASSES; i++) {
        int64_t days = store->keep_days[i];
        int64_t oldest = days ? prune->now.ms - days * INT64_C(86400000) : INT64_MAX;
        struct statement *statement =
            sql_prepare(store->sql, keeping ? classes[i].keep : classes[i].let_go, err);

        if (!statement)
            return false;
        sql_bind_int(statement, 1, (int64_t)prune->through.seq);
        sql_bind_int(statement, 2, oldest);
        bool good = sql_do(statement, err);
        sql_finalize(statement);
        if (!good)
            return false;
    }
    return true;
}

/* In each step: a record of which the next one is gone already must not be taken for the latest. */
static bool let_go(struct store *store, const struct prune *prune, struct err *err)
{
    return run_through(store,
                       "UPDATE held SET stands = 0 WHERE stands AND seq NOT IN (SELECT seq FROM "
                       "stood WHERE seq <= ?1)",
                       &prune->through, false, err) &&
           by_class(store, prune, false, err);
}

static bool prune_step(struct store *store, void *arg, struct err *err)
{
    struct prune *prune = arg;
    struct record *record = &prune->record;

    if (!read_newest(store, &prune->newest, err) || !find_end(store, prune, err))
        return false;
    *record = (struct record){.kind = RECORD_RETENTION, .at = prune->now};
    if (!prune->removed)
        return true;
    if (!store_project(store, store->head.seq, err) ||
        !projections_forget(store->sql, prune->through.seq, err) ||
        !by_class(store, prune, true, err) || !move_out(store, &prune->through, err) ||
        !let_go(store, prune, err))
        return false;
    crash_point("in_prune");
    record->retention.through_seq = prune->through.seq;
    record->retention.count = prune->removed;
    record->retention.newest = prune->newest;
    crypto_hex(prune->through.hash.bytes, HASH_SIZE, record->retention.hash);
    prune->head.first = prune->through.seq + 1;
    return store_append_own(store, record, &prune->head, err);
}

bool store_prune(struct store *store, utc_ms before, utc_ms now, size_t limit, struct record *ret,
                 struct err *err)
{
    struct prune prune = {.before = before, .now = now, .limit = limit, .head = store->head};

    if (!store_transact(store, prune_step, &prune, err))
        return false;
    if (prune.removed) {
        store->projected = store->head.seq;
        store->head = prune.head;
    }
    *ret = prune.record;
    return true;
}
