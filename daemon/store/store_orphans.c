/* Ghosts and departures for orphan.h. See store_orphans.h. */
#include "daemon/store/store_orphans.h"

#include <assert.h>
#include <string.h>

#include "daemon/store/inside.h"
#include "daemon/store/projections.h"

/* Who came in through a lane, and is open. Its bay is taken when the bay's newest change says so.
 */
static const char entries[] =
    "SELECT s.stay, s.plate, f.body->>'colour', s.class, s.entered_ms, "
    "coalesce((SELECT state FROM bay b WHERE b.bay = s.bay) = 'occupied', 0) "
    "FROM stay s JOIN facts f ON f.seq = s.first_seq WHERE s.lot = ?1 AND s.state = 'open' "
    "ORDER BY s.entered_ms DESC LIMIT 256";

/* Made at an exit: the stay of a vehicle that nobody saw come in. */
static const char departures[] =
    "SELECT s.stay, s.plate, f.body->>'colour', s.class, s.left_ms, 0 "
    "FROM stay s JOIN facts f ON f.seq = s.first_seq WHERE s.lot = ?1 AND s.left_ms IS NOT NULL "
    "AND s.state <> 'void' AND f.body->>'entry_missing' ORDER BY s.left_ms DESC LIMIT 256";

/* In order of time, of each bay a number. */
static const char changes[] =
    "SELECT dense_rank() OVER (ORDER BY bay), at_ms, state = 'occupied' FROM (SELECT "
    "body->>'bay' AS bay, body->>'to' AS state, at_ms, seq FROM journal WHERE kind = "
    "'bay_changed' AND body->>'lot' = ?1 ORDER BY seq DESC LIMIT 20000) "
    "WHERE state IN ('free', 'occupied') ORDER BY at_ms, seq";

static bool take_orphan(struct store *store, const struct statement *row, struct orphan *ret,
                        struct err *err)
{
    const char *plate;

    if (!plates_resolve(store->plates, sql_text(row, 1, NULL), &plate, err))
        return false;
    *ret = (struct orphan){.at = {sql_int(row, 4)}, .taken = sql_int(row, 5) != 0};
    text_copy(ret->stay, sizeof ret->stay, sql_text(row, 0, NULL));
    text_copy(ret->plate, sizeof ret->plate, plate);
    ret->colour = plate_colour_parse(sql_text(row, 2, NULL));
    if (!vehicle_parse(sql_text(row, 3, NULL), &ret->class))
        ret->class = VEHICLE_SMALL;
    return true;
}

static bool read_orphans(struct store *store, const char *text, const char *lot, struct orphan *ret,
                         uint32_t *ret_count, struct err *err)
{
    struct statement *query = sql_prepare(store->sql, text, err);
    enum sql_step step;
    uint32_t count = 0;

    if (!query)
        return false;
    sql_bind_text(query, 1, lot, strlen(lot));
    while ((step = sql_step(query, err)) == SQL_ROW) {
        assert(count < ORPHANS_MAX); /* the query's own limit */
        if (!take_orphan(store, query, &ret[count++], err)) {
            step = SQL_FAILED;
            break;
        }
    }
    sql_finalize(query);
    *ret_count = count;
    return step != SQL_FAILED;
}

static bool read_changes(struct store *store, const char *lot, struct orphan_witness *ret,
                         uint32_t *ret_count, struct err *err)
{
    struct statement *query = sql_prepare(store->sql, changes, err);
    enum sql_step step;
    uint32_t count = 0;

    if (!query)
        return false;
    sql_bind_text(query, 1, lot, strlen(lot));
    while ((step = sql_step(query, err)) == SQL_ROW) {
        assert(count < STORE_WITNESSES); /* the query's own limit */
        ret[count++] = (struct orphan_witness){.bay = (uint32_t)sql_int(query, 0),
                                               .at = {sql_int(query, 1)},
                                               .occupied = sql_int(query, 2) != 0};
    }
    sql_finalize(query);
    *ret_count = count;
    return step != SQL_FAILED;
}

bool store_orphans(struct store *store, const char *lot, struct orphans *ret,
                   struct orphan_witness *witnesses, struct err *err)
{
    assert(store->mode == STORE_READ);
    *ret = (struct orphans){.witnesses = witnesses};
    bool good = sql_run(store->sql, "BEGIN", err) && projections_follow(store->sql, err) &&
                read_orphans(store, entries, lot, ret->entries, &ret->entries_count, err) &&
                read_orphans(store, departures, lot, ret->exits, &ret->exits_count, err) &&
                read_changes(store, lot, witnesses, &ret->witnesses_count, err);
    sql_rollback(store->sql);
    return good;
}

bool store_stay_lots(struct store *store, store_lot_fn *fn, void *arg, struct err *err)
{
    struct statement *query;
    enum sql_step step = SQL_FAILED;

    if (!sql_run(store->sql, "BEGIN", err))
        return false;
    query = projections_follow(store->sql, err)
                ? sql_prepare(store->sql, "SELECT DISTINCT lot FROM stay ORDER BY lot", err)
                : NULL;
    while (query && (step = sql_step(query, err)) == SQL_ROW)
        fn(arg, sql_text(query, 0, NULL));
    sql_finalize(query);
    sql_rollback(store->sql);
    return step != SQL_FAILED;
}
