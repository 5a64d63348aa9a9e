/* Devices and uploads into figures: of the site, for they are no lot's. See fold.h. */
#include <string.h>

#include "daemon/core/device_state.h"
#include "daemon/report/fold.h"
#include "daemon/store/delivery.h"

/* Each device's words of the period, after the last one before it. */
static const char devices[] =
    "WITH word AS (SELECT body->>'device' AS device, body->>'state' AS state, at_ms FROM facts "
    "WHERE kind = 'device_health' AND kind <> 'bay_changed' AND seq <= ?3 AND at_ms < ?2), before "
    "AS (SELECT device, state, max(at_ms) FROM word WHERE at_ms < ?1 GROUP BY device) "
    "SELECT device, state, ?1 AS at_ms FROM before UNION ALL SELECT device, state, at_ms FROM word "
    "WHERE at_ms >= ?1 ORDER BY 1, 3";

/* A device from its first word on; "new" is not yet due. */
struct online {
    char device[FOLD_ID_SIZE];
    enum device_state state;
    int64_t since_ms, online_ms, due_ms;
};

static void book(struct online *online, int64_t until_ms)
{
    int64_t span_ms = until_ms > online->since_ms ? until_ms - online->since_ms : 0;

    if (!*online->device || online->state == DEVICE_NEW)
        return;
    online->due_ms += span_ms;
    online->online_ms += online->state == DEVICE_ONLINE ? span_ms : 0;
}

static void take(struct fold *fold, struct online *online, const struct statement *row)
{
    const char *device = sql_text(row, 0, NULL);
    bool same = !strcmp(device, online->device);

    book(online, same ? sql_int(row, 2) : fold->ask->until.ms);
    text_copy(online->device, sizeof online->device, device);
    online->state = DEVICE_NEW;
    device_state_parse(sql_text(row, 1, NULL), &online->state);
    online->since_ms = sql_int(row, 2);
}

bool fold_devices(struct fold *fold, struct err *err)
{
    int64_t *value = fold->lots->figures.values[FIGURE_ONLINE];
    struct statement *query = sql_prepare(fold->sql, devices, err);
    struct online online = {.device = ""};
    enum sql_step step;

    if (!query)
        return false;
    sql_bind_int(query, 1, fold->ask->period.from.ms);
    sql_bind_int(query, 2, fold->ask->period.to.ms);
    sql_bind_int(query, 3, (int64_t)fold->through);
    while ((step = sql_step(query, err)) == SQL_ROW)
        take(fold, &online, query);
    book(&online, fold->ask->until.ms);
    sql_finalize(query);
    value[0] = online.due_ms ? online.online_ms / 1000 : REPORT_UNKNOWN;
    value[1] = online.due_ms ? online.due_ms / 1000 : REPORT_UNKNOWN;
    for (uint32_t i = 1; i < fold->lots_count; i++)
        for (int part = 0; part < 2; part++)
            fold->lots[i].figures.values[FIGURE_ONLINE][part] = REPORT_UNKNOWN;
    return step == SQL_END;
}

bool fold_founded(struct fold *fold, bool *ret, struct err *err)
{
    struct statement *query =
        sql_prepare(fold->sql,
                    "SELECT 1 FROM facts WHERE kind = 'device_health' AND kind <> 'bay_changed' "
                    "GROUP BY body->>'device' HAVING min(at_ms) >= ?1",
                    err);

    if (!query)
        return false;
    sql_bind_int(query, 1, fold->ask->period.from.ms);
    enum sql_step step = sql_step(query, err);
    sql_finalize(query);
    *ret = step == SQL_END;
    return step != SQL_FAILED;
}

/* Of the records of the period that each uplink takes, those that it has delivered. */
static const char uploads[] =
    "SELECT count(*), count(*) FILTER (WHERE j.seq <= u.through AND NOT EXISTS (SELECT 1 FROM "
    "outbox o WHERE o.uplink = u.name AND o.seq = j.seq)) FROM journal j INDEXED BY journal_at "
    "CROSS JOIN uplink u WHERE j.kind <> 'bay_changed' AND j.at_ms >= ?1 AND j.at_ms < ?2 AND "
    "j.seq <= ?3 AND j.seq >= u.since AND " DELIVERY_TAKES;

bool fold_uploads(struct fold *fold, struct err *err)
{
    int64_t *value = fold->lots->figures.values[FIGURE_COMPLETE];
    struct statement *query = sql_prepare(fold->sql, uploads, err);

    if (!query)
        return false;
    sql_bind_int(query, 1, fold->ask->period.from.ms);
    sql_bind_int(query, 2, fold->ask->period.to.ms);
    sql_bind_int(query, 3, (int64_t)fold->through);
    enum sql_step step = sql_step(query, err);
    int64_t due = step == SQL_ROW ? sql_int(query, 0) : 0;
    value[0] = due ? sql_int(query, 1) : REPORT_UNKNOWN;
    value[1] = due ? due : REPORT_UNKNOWN;
    sql_finalize(query);
    for (uint32_t i = 1; i < fold->lots_count; i++)
        for (int part = 0; part < 2; part++)
            fold->lots[i].figures.values[FIGURE_COMPLETE][part] = REPORT_UNKNOWN;
    return step == SQL_ROW;
}
