/* Lists behind the figures. See lists.h. */
#include "daemon/report/lists.h"

#include <assert.h>
#include <string.h>

#include "daemon/report/check.h"
#include "daemon/store/plate_reader.h"
#include "daemon/store/projections.h"
#include "daemon/store/sql.h"

/* ?1 ≤ time < ?2; ?3 the lot, '' all. */
#define DAY CHECK_DAY
#define OF_LOT "(?3 = '' OR lot = ?3) "
#define TO_MS(time) "CAST(round((julianday(" time ") - 2440587.5) * 86400000.0) AS INTEGER)"
#define NEWEST "(SELECT max(at_ms) FROM journal WHERE seq = (SELECT max(seq) FROM journal))"

static const struct {
    struct list_column columns[LIST_COLUMNS + 1];
    const char *sql; /* rows in the order of the columns */
} lists[REPORT_LISTS] = {
    [LIST_SHIFTS] =
        {{{"Closed", "at", LIST_TIME},
          {"Record", "seq", LIST_NUMBER},
          {"Lot", "lot", LIST_TEXT},
          {"Shift", "shift", LIST_TEXT},
          {"Cashier", "cashier", LIST_TEXT},
          {"Witness", "witness", LIST_TEXT},
          {"Float", "float_fen", LIST_FEN},
          {"Expected", "expected_fen", LIST_FEN},
          {"Counted", "counted_fen", LIST_FEN},
          {"Over or short", "over_fen", LIST_FEN},
          {"Denominations", "denominations", LIST_TEXT}},
         DAY "SELECT at_ms, seq, coalesce(lot, ''), body->>'shift', body->>'cashier', "
             "body->>'witness', body->>'float_fen', body->>'expected_fen', body->>'counted_fen', "
             "(body->>'counted_fen') - (body->>'expected_fen'), body->>'denominations' FROM day "
             "WHERE kind = 'shift' AND body->>'event' = 'closed' AND " OF_LOT "ORDER BY 1, 2"},
    [LIST_ARREARS] =
        {{{"Left", "left", LIST_TIME},
          {"Record", "seq", LIST_NUMBER},
          {"Lot", "lot", LIST_TEXT},
          {"Stay", "stay", LIST_TEXT},
          {"Plate", "plate", LIST_TEXT},
          {"Payable", "payable_fen", LIST_FEN},
          {"Received", "received_fen", LIST_FEN},
          {"Owes", "owes_fen", LIST_FEN},
          {"Days", "age_days", LIST_NUMBER}},
         "SELECT left_ms, seq, lot, stay, plate, payable_fen, received_fen - refunded_fen, "
         "owes_fen, " NEWEST " / 86400000 - "
         "left_ms / 86400000 FROM stay WHERE stands = 1 AND owes_fen > 0 AND left_ms < ?2 AND ?1 = "
         "?1 AND " OF_LOT "ORDER BY 1, 2"},
    [LIST_OPENINGS] =
        {{{"Time", "at", LIST_TIME},
          {"Record", "seq", LIST_NUMBER},
          {"Lot", "lot", LIST_TEXT},
          {"Lane", "lane", LIST_TEXT},
          {"Cause", "cause", LIST_TEXT},
          {"Count", "openings", LIST_NUMBER},
          {"Stay", "stay", LIST_TEXT},
          {"Who", "actor", LIST_TEXT},
          {"Reason", "reason", LIST_TEXT}},
         DAY
         "SELECT at_ms, seq, lot, body->>'lane', body->>'cause', coalesce(body->>'openings', "
         "1), stay, body->>'actor', body->>'reason' FROM day WHERE (kind = 'opening' AND "
         "body->>'openings' > 0 OR kind = 'command' AND body->>'action' IN ('open', 'hold') AND "
         "body->>'cause' NOT IN ('decision', 'payment')) AND " OF_LOT "ORDER BY 1, 2"},
    [LIST_CORRECTIONS] =
        {{{"Time", "at", LIST_TIME},
          {"Record", "seq", LIST_NUMBER},
          {"Lot", "lot", LIST_TEXT},
          {"Stay", "stay", LIST_TEXT},
          {"Change", "change", LIST_TEXT},
          {"Was", "plate_was", LIST_TEXT},
          {"Is", "plate", LIST_TEXT},
          {"Who", "actor", LIST_TEXT},
          {"Reason", "reason", LIST_TEXT}},
         DAY "SELECT at_ms, seq, lot, stay, coalesce(body->>'change', body->>'outcome'), "
             "body->>'plate_was', body->>'plate', body->>'actor', body->>'reason' FROM day WHERE "
             "(kind = 'stay_amended' OR kind = 'stay_closed' AND body->>'actor' IS NOT NULL) "
             "AND " OF_LOT "ORDER BY 1, 2"},
    [LIST_CHECK] = {{{"Time", "at", LIST_TIME},
                     {"Record", "seq", LIST_NUMBER},
                     {"Between", "way", LIST_TEXT},
                     {"Finding", "finding", LIST_TEXT},
                     {"Lot", "lot", LIST_TEXT},
                     {"Lane", "lane", LIST_TEXT},
                     {"Stay", "stay", LIST_TEXT},
                     {"Detail", "detail", LIST_TEXT}},
                    NULL}, /* check_findings() */
    [LIST_LANES] = {{{"Lot", "lot", LIST_TEXT},
                     {"Lane", "lane", LIST_TEXT},
                     {"Payments", "payments", LIST_NUMBER},
                     {"Received", "received_fen", LIST_FEN},
                     {"Refunds", "refunds_fen", LIST_FEN},
                     {"Orders", "orders", LIST_NUMBER},
                     {"Stays begun", "stays_opened", LIST_NUMBER},
                     {"Stays ended", "stays_closed", LIST_NUMBER},
                     {"Entries", "entries", LIST_NUMBER},
                     {"Exits", "exits", LIST_NUMBER},
                     {"Tailgates", "tailgates", LIST_NUMBER},
                     {"Opened by decision", "opened_decided", LIST_NUMBER},
                     {"By a person", "opened_person", LIST_NUMBER},
                     {"By other causes", "opened_other", LIST_NUMBER},
                     {"Unasked", "opened_unasked", LIST_NUMBER},
                     {"Bay stops", "bay_stops", LIST_NUMBER},
                     {"Accepted by platforms", "uploaded", LIST_NUMBER},
                     {"Due to them", "uploads_due", LIST_NUMBER}},
                    check_lanes},
    [LIST_DIFFERENCES] =
        {{{"Difference", "difference", LIST_TEXT},
          {"Record", "seq", LIST_NUMBER},
          {"Day", "day", LIST_TEXT},
          {"Channel", "channel", LIST_TEXT},
          {"Class", "class", LIST_TEXT},
          {"State", "state", LIST_TEXT},
          {"Order", "order", LIST_TEXT},
          {"At channel", "channel_order", LIST_TEXT},
          {"Transaction", "transaction", LIST_TEXT},
          {"Here", "gateway_fen", LIST_FEN},
          {"There", "channel_fen", LIST_FEN},
          {"At risk", "at_risk_fen", LIST_FEN},
          {"Days", "age_days", LIST_NUMBER},
          {"Who", "actor", LIST_TEXT},
          {"Reason", "reason", LIST_TEXT}},
         "WITH newest AS (SELECT max(seq) AS seq, body, " TO_MS(
             "body->>'since'") " AS since_ms FROM facts WHERE kind = 'difference' AND kind <> "
                               "'bay_changed' GROUP BY body->>'difference') SELECT "
                               "body->>'difference', seq, body->>'day', body->>'channel', "
                               "body->>'class', body->>'state', body->>'order', "
                               "body->>'channel_order', body->>'transaction', "
                               "body->>'gateway_fen', body->>'channel_fen', body->>'at_risk_fen', "
                               "max(0, " NEWEST " / 86400000 - since_ms / 86400000), CASE "
                               "body->>'state' WHEN 'open' THEN NULL ELSE body->>'actor' END, "
                               "body->>'reason' FROM newest WHERE since_ms >= ?1 AND since_ms < ?2 "
                               "AND (?3 = '' OR body->>'state' = ?3) ORDER BY 3, 4, 5, 1"},
};

const struct list_column *list_columns(enum report_list list)
{
    return lists[list].columns;
}

/* A row as it is told: the query's texts, but plates in the place of tokens. */
struct line {
    struct list_cell cells[LIST_COLUMNS];
    uint32_t count;
    char plates[LIST_COLUMNS][RECORD_WORD];
};

static bool read_line(struct report_source *source, const struct statement *row,
                      const struct list_column *columns, struct line *ret, struct err *err)
{
    ret->count = 0;
    for (uint32_t i = 0; columns[i].head; i = ++ret->count) {
        const char *text = sql_text(row, (int)i, NULL), *shown;

        if (!plate_reader_text(report_plates(source), text, &shown, err))
            return false;
        text_copy(ret->plates[i], sizeof ret->plates[i], shown);
        ret->cells[i] = (struct list_cell){.known = *text,
                                           .text = shown == text ? text : ret->plates[i],
                                           .number = sql_int(row, (int)i)};
    }
    return true;
}

bool list_run(struct report_source *source, enum report_list list,
              const struct report_period *period, const char *only, list_fn *fn, void *arg,
              struct err *err)
{
    char findings[CHECK_SQL_SIZE];
    struct text text;
    enum sql_step step;
    struct line line;

    text_init(&text, findings, sizeof findings);
    check_findings(&text);
    assert(!text.overflow);
    if (list == LIST_ARREARS && !projections_follow(report_sql(source), err))
        return false;
    struct statement *query =
        sql_prepare(report_sql(source), lists[list].sql ? lists[list].sql : findings, err);
    if (!query)
        return false;
    sql_bind_int(query, 1, period->from.ms);
    sql_bind_int(query, 2, period->to.ms);
    sql_bind_text(query, 3, only ? only : "", only ? strlen(only) : 0);
    while ((step = sql_step(query, err)) == SQL_ROW) {
        if (!read_line(source, query, lists[list].columns, &line, err)) {
            step = SQL_FAILED;
            break;
        }
        if (!fn(arg, line.cells, line.count))
            break;
    }
    sql_finalize(query);
    return step != SQL_FAILED;
}
