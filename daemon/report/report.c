/* A report made: the snapshot, the records of the period, figures and digest. See report.h. */
#include "daemon/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/report/body.h"
#include "daemon/report/fold.h"
#include "daemon/store/plate_reader.h"
#include "daemon/store/schema.h"

struct report_source {
    struct sql *sql;
    struct plate_reader *plates;
    struct report_head head;
};

/* Projections lag behind the head by a stride: the records about stays that they do not know yet
 * stand beside them, in this connection's memory. */
static const char prepare[] =
    "CREATE TEMP TABLE IF NOT EXISTS tail(stay TEXT NOT NULL, seq INTEGER NOT NULL);"
    "DELETE FROM temp.tail;"
    "INSERT INTO temp.tail SELECT body->>'stay', seq FROM main.journal WHERE seq > (SELECT "
    "projected FROM main.meta) AND body->>'stay' IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS temp.tail_stay ON tail(stay, seq);"
    "CREATE TEMP VIEW IF NOT EXISTS about AS SELECT stay, seq FROM main.stay_fact UNION ALL SELECT "
    "stay, seq FROM temp.tail;"
    /* The records about a stay. Asked for alone in its FROM, this is one look-up a record; joined
     * with anything, SQLite would read the whole of it. */
    "CREATE TEMP VIEW IF NOT EXISTS told AS "
    "SELECT s.stay, j.seq, j.at_ms, j.kind, j.body FROM main.stay_fact s CROSS JOIN main.journal j "
    "ON j.seq = s.seq UNION ALL "
    "SELECT s.stay, h.seq, h.at_ms, h.kind, h.body FROM main.stay_fact s CROSS JOIN main.held h ON "
    "h.seq = s.seq UNION ALL "
    "SELECT t.stay, j.seq, j.at_ms, j.kind, j.body FROM temp.tail t CROSS JOIN main.journal j ON "
    "j.seq = t.seq;";

/* What the newest retention record says of the time of what is gone; an older one did not say it,
 * and tells by its own time, which is later. */
static bool read_gone(struct report_source *source, struct err *err)
{
    struct statement *query = sql_prepare(source->sql,
                                          "SELECT at_ms, body FROM journal WHERE kind = "
                                          "'retention' AND kind <> 'bay_changed' ORDER BY seq DESC "
                                          "LIMIT 1",
                                          err);
    enum sql_step step = query ? sql_step(query, err) : SQL_FAILED;

    if (step == SQL_ROW)
        source->head.gone =
            body_time(sql_text(query, 1, NULL), "newest", (utc_ms){sql_int(query, 0)});
    sql_finalize(query);
    return step != SQL_FAILED;
}

static bool read_head(struct report_source *source, struct err *err)
{
    struct statement *query = sql_prepare(
        source->sql,
        "SELECT coalesce(max(seq), 0), coalesce((SELECT at_ms FROM journal ORDER BY seq "
        "DESC LIMIT 1), 0), (SELECT anchor_seq FROM meta), coalesce((SELECT "
        "lower(hex(hash)) FROM journal ORDER BY seq DESC LIMIT 1), '') FROM journal",
        err);

    if (!query)
        return false;
    enum sql_step step = sql_step(query, err);
    if (step == SQL_ROW) {
        source->head = (struct report_head){.seq = (uint64_t)sql_int(query, 0),
                                            .at = {sql_int(query, 1)},
                                            .first = (uint64_t)sql_int(query, 2) + 1};
        text_copy(source->head.hash, sizeof source->head.hash, sql_text(query, 3, NULL));
    }
    sql_finalize(query);
    return step == SQL_ROW && (source->head.first == 1 || read_gone(source, err));
}

struct report_source *report_open(const char *path, struct err *err)
{
    struct report_source *source = memory_new(1, sizeof *source);

    source->sql = sql_open(path, SQL_READ, err);
    if (source->sql && schema_check(source->sql, path, err) && sql_run(source->sql, "BEGIN", err) &&
        sql_run(source->sql, prepare, err) && read_head(source, err) &&
        (source->plates = plate_reader_create(source->sql, path, err)))
        return source;
    report_close(source);
    return NULL;
}

void report_close(struct report_source *source)
{
    if (!source)
        return;
    plate_reader_destroy(source->plates);
    if (source->sql)
        sql_rollback(source->sql);
    sql_close(source->sql);
    free(source);
}

struct sql *report_sql(const struct report_source *source)
{
    return source->sql;
}

struct plate_reader *report_plates(const struct report_source *source)
{
    return source->plates;
}

struct report_head report_head(const struct report_source *source)
{
    return source->head;
}

static bool take_records(struct fold *fold, struct err *err)
{
    struct statement *query = sql_prepare(fold->sql,
                                          "SELECT seq, at_ms, kind, body FROM journal INDEXED BY "
                                          "journal_at WHERE kind <> 'bay_changed' AND at_ms >= ?1 "
                                          "AND at_ms < ?2 AND seq <= ?3 ORDER BY at_ms",
                                          err);
    enum sql_step step = SQL_FAILED;

    if (!query)
        return false;
    sql_bind_int(query, 1, fold->ask->period.from.ms);
    sql_bind_int(query, 2, fold->ask->period.to.ms);
    sql_bind_int(query, 3, (int64_t)fold->through);
    while ((step = sql_step(query, err)) == SQL_ROW) {
        struct fold_record record = {.seq = (uint64_t)sql_int(query, 0),
                                     .at = {sql_int(query, 1)},
                                     .kind = sql_text(query, 2, NULL),
                                     .body = sql_text(query, 3, NULL)};
        fold->lots->figures.records++;
        if (!fold_record(fold, &record, err)) {
            step = SQL_FAILED;
            break;
        }
    }
    sql_finalize(query);
    return step == SQL_END;
}

static int by_name(const void *a, const void *b)
{
    const struct fold_lot *left = a, *right = b;

    return strcmp(left->figures.lot, right->figures.lot);
}

static struct report *collect(struct fold *fold, const struct report_source *source, bool founded)
{
    struct report *report = memory_new(1, sizeof *report);
    uint32_t lots = fold->lots_count - 1;

    qsort(fold->lots + 1, lots, sizeof *fold->lots, by_name);
    report->ask = *fold->ask;
    report->through = fold->through;
    report->whole = source->head.first == 1 || source->head.gone.ms < fold->ask->period.from.ms;
    report->founded = founded;
    report->all = fold->lots->figures;
    report->lots = memory_new(lots + 1, sizeof *report->lots);
    for (uint32_t i = 0; i < lots; i++)
        if (fold->lots[i + 1].touched)
            report->lots[report->lots_count++] = fold->lots[i + 1].figures;
    return report;
}

struct report *report_make(struct report_source *source, const struct report_ask *ask,
                           struct err *err)
{
    bool founded = source->head.first == 1;
    struct report *report = NULL;
    struct fold fold;

    if (fold_init(&fold, source->sql, ask, ask->through ? ask->through : source->head.seq, err) &&
        balances_take(&fold, err) && fold_bays(&fold, err) && take_records(&fold, err) &&
        fold_devices(&fold, err) && fold_uploads(&fold, err) &&
        (founded || fold_founded(&fold, &founded, err))) {
        fold_finish(&fold);
        report = collect(&fold, source, founded);
    }
    fold_fini(&fold);
    return report;
}

void report_destroy(struct report *report)
{
    if (report)
        free(report->lots);
    free(report);
}

void report_digest(const struct report *report, char ret[HASH_HEX_SIZE])
{
    uint32_t count = report->lots_count + 1;
    struct report_figures *each = memory_new(count, sizeof *each);

    each[0] = report->all;
    memcpy(each + 1, report->lots, report->lots_count * sizeof *each);
    struct hash hash = figures_digest(each, count);
    crypto_hex(hash.bytes, HASH_SIZE, ret);
    free(each);
}
