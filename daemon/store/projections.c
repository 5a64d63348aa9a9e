/* The projections' table. See projections.h. */
#include "daemon/store/projections.h"

#include <stdio.h>
#include <string.h>

#include "daemon/store/projections_stay.h"

/* What every `apply` ends with and every `latest` begins with and joins. */
#define SPAN "AND seq BETWEEN ?1 AND ?2 ORDER BY seq "
#define LATEST                                                             \
    "SELECT p.seq, coalesce(j.at_ms, h.at_ms), coalesce(j.kind, h.kind), " \
    "coalesce(j.body, h.body), coalesce(j.hash, h.hash) FROM "
#define JOINS " p LEFT JOIN journal j ON j.seq = p.seq LEFT JOIN held h ON h.seq = p.seq ORDER BY "

/* Adding one: its table in a new schema file, its name and statements here, its seq in view
 * `stood` when the record is to be held. The triggers of `bay` fill bay_stood. */
static const char *const tables[] = {"bay",    "bay_stood", "bay_condition", "device",
                                     "latest", "stay",      "stay_fact"};

/* What is done over a stretch of the journal, in this order: ?1 its first record, ?2 its last. */
static const char *const steps[] = {
    "INSERT INTO bay(bay, lot, zone, state, reason, since_ms, seq) "
    "SELECT body->>'bay', body->>'lot', body->>'zone', body->>'to', body->>'reason', at_ms, "
    "seq FROM grounds WHERE kind = 'bay_changed' " SPAN
    "ON CONFLICT DO UPDATE SET lot = excluded.lot, zone = excluded.zone, "
    "state = excluded.state, reason = excluded.reason, since_ms = excluded.since_ms, "
    "seq = excluded.seq",
    "INSERT INTO bay_condition(bay, condition, active, since_ms, seq) "
    "SELECT body->>'bay', body->>'condition', body->>'on', at_ms, seq "
    "FROM grounds WHERE kind = 'bay_health' " SPAN
    "ON CONFLICT DO UPDATE SET active = excluded.active, since_ms = excluded.since_ms, "
    "seq = excluded.seq",
    "INSERT INTO device(device, state, reason, since_ms, seq) "
    "SELECT body->>'device', body->>'state', body->>'reason', at_ms, seq "
    "FROM grounds WHERE kind = 'device_health' " SPAN
    "ON CONFLICT DO UPDATE SET state = excluded.state, reason = excluded.reason, "
    "since_ms = excluded.since_ms, seq = excluded.seq",
    projection_latest,
    projection_stay_fact,
    projection_finished,
    projection_stay,
};

/* What may go once the journal begins behind ?1. */
static const char *const forgets[] = {
    "DELETE FROM stay WHERE stands = 0 AND seq <= ?1",
    "DELETE FROM stay_fact WHERE seq <= ?1 AND NOT EXISTS "
    "(SELECT 1 FROM stay WHERE stay.stay = stay_fact.stay)",
    "DELETE FROM latest WHERE kind = 'clock_step' AND seq <= ?1 AND seq < "
    "coalesce((SELECT min(first_seq) FROM stay), seq + 1)",
    "DELETE FROM bay_stood WHERE seq <= ?1 + 65536",
};

static const struct {
    enum record_kind kind;
    const char *query;
} latest[] = {
    {RECORD_BAY_CHANGED, LATEST "bay" JOINS "p.bay"},
    {RECORD_BAY_HEALTH, LATEST "bay_condition" JOINS "p.bay, p.condition"},
    {RECORD_DEVICE_HEALTH, LATEST "device" JOINS "p.device"},
};

enum {
    TABLES = sizeof tables / sizeof *tables,
    STEPS = sizeof steps / sizeof *steps,
    FORGETS = sizeof forgets / sizeof *forgets,
    LATESTS = sizeof latest / sizeof *latest
};

static bool run(struct sql *sql, const char *text, uint64_t first, const uint64_t *second,
                struct err *err)
{
    struct statement *statement = sql_prepare(sql, text, err);

    if (!statement)
        return false;
    sql_bind_int(statement, 1, (int64_t)first);
    if (second)
        sql_bind_int(statement, 2, (int64_t)*second);
    bool good = sql_do(statement, err);
    sql_finalize(statement);
    return good;
}

bool projections_forget(struct sql *sql, uint64_t through, struct err *err)
{
    for (size_t i = 0; i < FORGETS; i++)
        if (!run(sql, forgets[i], through, NULL, err))
            return false;
    return true;
}

bool projections_advance(struct sql *sql, uint64_t from, uint64_t to, struct err *err)
{
    int64_t anchor;

    for (size_t i = 0; i < STEPS; i++)
        if (!run(sql, steps[i], from, &to, err))
            return false;
    return sql_number(sql, "SELECT anchor_seq FROM meta", &anchor, err) &&
           projections_forget(sql, (uint64_t)anchor, err);
}

/* Runs `format` with each table's name in its (up to four) places. */
static bool each(struct sql *sql, const char *before, const char *between, struct err *err)
{
    char text[128];

    for (size_t i = 0; i < TABLES; i++) {
        snprintf(text, sizeof text, "%s%s%s%s", before, tables[i], between ? between : "",
                 between ? tables[i] : "");
        if (!sql_run(sql, text, err))
            return false;
    }
    return true;
}

bool projections_clear(struct sql *sql, struct err *err)
{
    return each(sql, "DELETE FROM ", NULL, err);
}

/* The table, or the triggers of it. */
static bool shadow(struct sql *sql, const char *name, const char *type, struct err *err)
{
    struct statement *select = sql_prepare(sql,
                                           "SELECT group_concat('CREATE TEMP' || substr(sql, 7), "
                                           "';') FROM main.sqlite_schema WHERE type = ?2 AND "
                                           "tbl_name = ?1",
                                           err);
    char create[2048] = "";

    if (!select)
        return false;
    sql_bind_text(select, 1, name, strlen(name));
    sql_bind_text(select, 2, type, strlen(type));
    enum sql_step step = sql_step(select, err);
    if (step == SQL_ROW)
        snprintf(create, sizeof create, "%s", sql_text(select, 0, NULL));
    sql_finalize(select);
    return step != SQL_FAILED && sql_run(sql, create, err);
}

static bool shadows(struct sql *sql, const char *type, struct err *err)
{
    for (size_t i = 0; i < TABLES; i++)
        if (!shadow(sql, tables[i], type, err))
            return false;
    return true;
}

bool projections_shadow(struct sql *sql, struct err *err)
{
    return shadows(sql, "table", err) && shadows(sql, "trigger", err);
}

/* The file's rows into the shadows. */
static bool copy(struct sql *sql, struct err *err)
{
    return each(sql, "INSERT INTO temp.", " SELECT * FROM main.", err);
}

bool projections_follow(struct sql *sql, struct err *err)
{
    int64_t there = 0, projected = 0;

    return sql_number(sql, "SELECT count(*) FROM temp.sqlite_master WHERE name = 'stay'", &there,
                      err) &&
           (there ||
            (shadows(sql, "table", err) && copy(sql, err) && shadows(sql, "trigger", err) &&
             sql_number(sql, "SELECT projected FROM meta", &projected, err) &&
             projections_advance(sql, (uint64_t)projected + 1, INT64_MAX, err)));
}

static bool differ(struct sql *sql, const char *name, int64_t *ret_rows, int64_t *ret_differ,
                   struct err *err)
{
    char text[512];

    snprintf(text, sizeof text, "SELECT count(*) FROM temp.%s", name);
    if (!sql_number(sql, text, ret_rows, err))
        return false;
    snprintf(text, sizeof text,
             "SELECT (SELECT count(*) FROM (SELECT * FROM temp.%1$s EXCEPT SELECT * FROM "
             "main.%1$s)) + (SELECT count(*) FROM (SELECT * FROM main.%1$s EXCEPT SELECT * FROM "
             "temp.%1$s))",
             name);
    return sql_number(sql, text, ret_differ, err);
}

bool projections_differ(struct sql *sql, int64_t *ret_rows, int64_t *ret_differ, struct err *err)
{
    *ret_rows = *ret_differ = 0;
    for (size_t i = 0; i < TABLES; i++) {
        int64_t rows, differs;

        if (!differ(sql, tables[i], &rows, &differs, err))
            return false;
        *ret_rows += rows;
        *ret_differ += differs;
    }
    return true;
}

const char *projections_latest(enum record_kind kind)
{
    for (size_t i = 0; i < LATESTS; i++)
        if (latest[i].kind == kind)
            return latest[i].query;
    return NULL;
}
