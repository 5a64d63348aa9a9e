/* Lists behind the figures. See lists.h. */
#include "daemon/report/lists.h"

#include <string.h>

#include "daemon/store/plate_reader.h"
#include "daemon/store/sql.h"

/* ?1 ≤ time < ?2; ?3 the lot, '' all. */
#define DAY                                                                                   \
    "WITH day AS MATERIALIZED (SELECT seq, at_ms, kind, body, body->>'stay' AS stay, "        \
    "body->>'lot' AS lot FROM journal INDEXED BY journal_at WHERE kind <> 'bay_changed' AND " \
    "at_ms >= ?1 AND at_ms < ?2) "
#define OF_LOT "(?3 = '' OR lot = ?3) "

/* A record of the day's stay, of any day. */
#define OTHER(kinds, more)                                \
    "EXISTS (SELECT 1 FROM told o WHERE o.stay = d.stay " \
    "AND o.kind IN (" kinds ") " more ")"

/* One class of what does not fit: which of the five ways, and the rows of the day. */
#define FINDING(way, class, detail, where)                                                         \
    "SELECT d.at_ms, d.seq, '" way "', '" class "', d.lot, coalesce(d.stay, ''), " detail " FROM " \
                                                "day d WHERE " where " "

static const char check[] = DAY FINDING(
    "payments-orders", "payment without order", "d.body->>'payment'",
    "d.kind = 'payment' AND NOT " OTHER(
        "'order'", "AND o.body->>'order' = d.body->>'order'")) "UNION ALL " FINDING("payments"
                                                                                    "-orders",
                                                                                    "order "
                                                                                    "paid "
                                                                                    "twice",
                                                                                    "d.body->"
                                                                                    ">'"
                                                                                    "order'",
                                                                                    "d.kind "
                                                                                    "= "
                                                                                    "'payment"
                                                                                    "' "
                                                                                    "AND"
                                                                                    " " OTHER(
                                                                                        "'payment'", "AND o.seq < d.seq AND o.body->>'order' = "
                                                                                                     "d.body->>'order'")) "UNION ALL " FINDING("orders-stays",
                                                                                                                                               "money for a stay that nobody opened", "d.kind", "d.kind IN ('order', 'payment', 'refund') AND NOT " OTHER("'stay_opened'", "")) "UNION ALL " FINDING("orders-stays", "left without money", "(d.body->>'payable_fen') - (d.body->>'received_fen')", "d.kind = 'stay_closed' AND d.body->>'outcome' = 'unpaid'") "UNION ALL " FINDING("orders-stays",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "more received than payable", "(d.body->>'received_fen') - (d.body->>'payable_fen')",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "d.kind = 'stay_closed' AND d.body->>'received_fen' > "
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "d.body->>'payable_fen'") "UNION ALL " FINDING("stays-passages", "passage without a stay", "d.body->>'passage'",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   "d.kind = 'passage' AND (d.stay IS NULL OR NOT " OTHER("'stay_opened', 'stay_closed'", "") ")") "UNION ALL " FINDING("stays-passages",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "exit without an entry",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "d.body->>'plate'", "d.kind = 'stay_opened' AND d.body->>'entry_missing'") "UNION ALL " FINDING("stays-passages",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "stay ended by hand",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "d.body->>'actor'",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "d.kind = 'stay_closed' AND d.body->>'passage' IS NULL AND "
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "d.body->>'actor' IS NOT NULL") "UNION ALL " FINDING("stays-passages",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "tailgate",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "d.body->>'passage'", "d.kind = 'passage' AND d.body->>'kind' = 'tailgate'") "UNION ALL " FINDING("passages-openings",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "opening that nobody asked for",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "d.body->>'openings'",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "d.kind = 'opening' AND d.body->>'openings' > 0") "UNION ALL " FINDING("passages-openings",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "opened, and nobody passed",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "d.body->>'command'",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "d.kind = 'command' AND d.body->>'action' = 'open' AND d.body->>'cause' "
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "IN ('decision', 'payment') AND d.stay IS NOT NULL AND NOT " OTHER(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          "'passage'",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          "AND o.body->>'command' = d.body->>'command'")) "UNION ALL " FINDING("passages-openings",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "opened by a person",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "coalesce(d.body->>'actor', '') || ': ' || coalesce(d.body->>'reason', '')",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "d.kind = 'command' AND d.body->>'cause' = 'operator' AND d.body->>"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "'action' IN ('open', 'hold')") "UNION ALL SELECT d.at_ms, d.seq, 'uploads', 'not accepted by ' || o.uplink, d.lot, "
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "coalesce(d.stay, ''), o.state || ': ' || o.reason FROM day d CROSS JOIN outbox o ON o.seq = "
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "d.seq WHERE o.state <> 'retry' ";

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
         "owes_fen, "
         "(SELECT max(at_ms) FROM journal WHERE seq = (SELECT max(seq) FROM journal)) / 86400000 - "
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
                     {"Stay", "stay", LIST_TEXT},
                     {"Detail", "detail", LIST_TEXT}},
                    NULL},
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

static bool in_lot(const struct statement *row, enum report_list list, const char *lot)
{
    return list != LIST_CHECK || !lot || !strcmp(sql_text(row, 4, NULL), lot);
}

bool list_run(struct report_source *source, enum report_list list,
              const struct report_period *period, const char *lot, list_fn *fn, void *arg,
              struct err *err)
{
    const char *text = list == LIST_CHECK ? check : lists[list].sql;
    struct statement *query = sql_prepare(report_sql(source), text, err);
    enum sql_step step;
    struct line line;

    if (!query)
        return false;
    sql_bind_int(query, 1, period->from.ms);
    sql_bind_int(query, 2, period->to.ms);
    if (list != LIST_CHECK)
        sql_bind_text(query, 3, lot ? lot : "", lot ? strlen(lot) : 0);
    while ((step = sql_step(query, err)) == SQL_ROW) {
        if (!in_lot(query, list, lot))
            continue;
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
