/* Devices and uploads into figures: of the site, for they are no lot's. See fold.h. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
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

/* Of the records of the period that each uplink takes, those that it has delivered, by lot. */
static const char uploads[] =
    "SELECT coalesce(j.body->>'lot', ''), count(*), count(*) FILTER (WHERE j.seq <= u.through AND "
    "NOT EXISTS (SELECT 1 FROM outbox o WHERE o.uplink = u.name AND o.seq = j.seq)) FROM journal j "
    "INDEXED BY journal_at CROSS JOIN uplink u WHERE j.kind <> 'bay_changed' AND j.at_ms >= ?1 AND "
    "j.at_ms < ?2 AND j.seq <= ?3 AND j.seq >= u.since AND " DELIVERY_TAKES " GROUP BY 1";

/* What the store has counted of them as they were accepted. */
static const char taken[] =
    "SELECT lot, sum(accepted), sum(timely) FROM upload WHERE quarter >= ?1 "
    "AND quarter < ?2 GROUP BY 1";

enum { QUARTER_MS = 900000 };

struct upload {
    int64_t due, delivered, accepted, timely;
};

/* Into `ret`, which is beside fold->lots: two columns of each row, of the lot and of the site. */
static bool read_uploads(struct fold *fold, const char *text, struct upload *ret, struct err *err)
{
    struct statement *query = sql_prepare(fold->sql, text, err);
    bool counted = text == taken;
    enum sql_step step;

    if (!query)
        return false;
    sql_bind_int(query, 1, fold->ask->period.from.ms);
    sql_bind_int(query, 2, fold->ask->period.to.ms);
    if (!counted)
        sql_bind_int(query, 3, (int64_t)fold->through);
    while ((step = sql_step(query, err)) == SQL_ROW) {
        struct fold_lot *lot = fold_lot(fold, sql_text(query, 0, NULL));

        for (struct upload *each = &ret[lot - fold->lots];; each = ret) {
            *(counted ? &each->accepted : &each->due) += sql_int(query, 1);
            *(counted ? &each->timely : &each->delivered) += sql_int(query, 2);
            if (each == ret)
                break;
        }
    }
    sql_finalize(query);
    return step == SQL_END;
}

static void put(int64_t *value, bool known, int64_t of, int64_t in)
{
    value[0] = known ? of : REPORT_UNKNOWN;
    value[1] = known ? in : REPORT_UNKNOWN;
}

/* How long each took is known where every delivery was counted: not of days before that was done,
 * nor where a record was sent again. */
bool fold_uploads(struct fold *fold, struct err *err)
{
    const struct report_period *period = &fold->ask->period;
    bool whole = period->from.ms % QUARTER_MS == 0 && period->to.ms % QUARTER_MS == 0;
    struct upload *all = memory_new(FOLD_LOTS_MAX, sizeof *all);
    bool good = read_uploads(fold, uploads, all, err) && read_uploads(fold, taken, all, err);

    for (uint32_t i = 0; good && i < fold->lots_count; i++) {
        int64_t(*v)[FIGURE_WIDTH] = fold->lots[i].figures.values;
        const struct upload *one = &all[i];

        put(v[FIGURE_COMPLETE], one->due, one->delivered, one->due);
        put(v[FIGURE_TIMELY], one->due && whole && one->accepted == one->delivered, one->timely,
            one->due);
    }
    free(all);
    return good;
}
