/*
 * What was there at the start and at the end of a period: stays that were present with the money
 * already paid for them, and arrears. Each end is asked for on its own, from the records about the
 * stays concerned, so that the flows between the two can be checked. See fold.h.
 */
#include <string.h>

#include "daemon/core/stay_words.h"
#include "daemon/core/vehicle.h"
#include "daemon/report/body.h"
#include "daemon/report/fold.h"

/* Stays that may have been there then: by the projection, which knows the latest only, and those of
 * which anything was said since the period's records end. What they were then, their records say.
 */
static const char candidates[] =
    "SELECT stay FROM stay INDEXED BY stay_left WHERE left_ms >= ?1 AND entered_ms <= ?1 UNION "
    "SELECT stay FROM stay WHERE stands = 1 UNION SELECT stay FROM tail UNION "
    "SELECT body->>'stay' FROM facts WHERE kind = 'stay_amended' AND kind <> 'bay_changed' AND "
    "seq > ?2 UNION SELECT body->>'stay' FROM facts WHERE kind = 'stay_amended' AND kind <> "
    "'bay_changed' AND at_ms >= ?1";

static const char about[] =
    "SELECT kind, body FROM told WHERE stay = ?1 AND seq <= ?2 AND at_ms < ?3 AND kind IN "
    "('stay_opened', 'stay_closed', 'stay_amended', 'payment', 'refund') ORDER BY seq";

/* A stay as it was at a time. */
struct stay_then {
    bool present;
    int class;
    int64_t net_fen;
    char lot[REPORT_LOT_SIZE], id[FOLD_ID_SIZE];
};

static int class_of(const char *body)
{
    enum vehicle_class class = VEHICLE_SMALL;
    char name[FOLD_ID_SIZE];

    body_text(body, "class", name, sizeof name);
    vehicle_parse(name, &class);
    return (int)class;
}

static void take_fact(struct stay_then *stay, const char *kind, const char *body)
{
    char id[FOLD_ID_SIZE];

    body_text(body, "stay", id, sizeof id);
    if (strcmp(id, stay->id)) /* a merger is a fact of both */
        return;
    if (!strcmp(kind, "payment"))
        stay->net_fen += body_int(body, "amount_fen", 0);
    else if (!strcmp(kind, "refund"))
        stay->net_fen -= body_int(body, "amount_fen", 0);
    else if (!strcmp(kind, "stay_closed"))
        stay->present = false;
    else if (!strcmp(kind, "stay_opened") ||
             body_word(body, "change", &stay_change_words) == STAY_REVERTED)
        stay->present = true;
    if (!strcmp(kind, "stay_opened"))
        body_text(body, "lot", stay->lot, sizeof stay->lot);
    if (!strncmp(kind, "stay_", strlen("stay_")))
        stay->class = class_of(body);
}

static bool look(struct fold *fold, struct statement *facts, const char *id, utc_ms at,
                 struct stay_then *ret, struct err *err)
{
    enum sql_step step;

    *ret = (struct stay_then){.present = false};
    text_copy(ret->id, sizeof ret->id, id);
    sql_bind_text(facts, 1, ret->id, strlen(ret->id));
    sql_bind_int(facts, 2, (int64_t)fold->through);
    sql_bind_int(facts, 3, at.ms);
    while ((step = sql_step(facts, err)) == SQL_ROW)
        take_fact(ret, sql_text(facts, 0, NULL), sql_text(facts, 1, NULL));
    return step != SQL_FAILED;
}

/* The end that is being asked for. */
struct end {
    utc_ms at;
    enum figure present, prepaid, arrears;
    bool is_start;
};

static bool take_present(struct fold *fold, const struct end *end, struct err *err)
{
    struct statement *query = sql_prepare(fold->sql, candidates, err);
    struct statement *facts = query ? sql_prepare(fold->sql, about, err) : NULL;
    enum sql_step step = SQL_FAILED;
    struct stay_then stay;

    if (facts) {
        sql_bind_int(query, 1, end->at.ms);
        sql_bind_int(query, 2, (int64_t)fold->through);
    }
    while (facts && (step = sql_step(query, err)) == SQL_ROW) {
        if (!look(fold, facts, sql_text(query, 0, NULL), end->at, &stay, err)) {
            step = SQL_FAILED;
            break;
        }
        if (!stay.present)
            continue;
        struct fold_lot *lot = fold_lot(fold, stay.lot);
        fold_add(fold, lot, end->present, stay.class, 1);
        fold_add(fold, lot, end->prepaid, 0, stay.net_fen);
        if (end->is_start)
            fold_present(fold, lot, end->at, 1);
    }
    sql_finalize(facts);
    sql_finalize(query);
    return step == SQL_END;
}

/* As the indexes say it (schema 3). */
#define OWING(row) row "kind = 'stay_closed' AND instr(" row "body, '\"outcome\":\"unpaid\"')"
#define FOR_ARREARS(row) row "kind = 'payment' AND instr(" row "body, '\"when\":\"arrears\"')"
#define LEFT_OWING                                                                              \
    "EXISTS (SELECT 1 FROM told c WHERE c.stay = f.body->>'stay' AND c.seq < f.seq AND " OWING( \
        "c.") ")"

#define REVERTED \
    "kind = 'stay_amended' AND kind <> 'bay_changed' AND instr(body, '\"change\":\"reverted\"') "

/* Left behind, less what came for it. */
static const char *const arrears[] = {
    "SELECT body->>'lot', sum((body->>'payable_fen') - (body->>'received_fen')) FROM facts "
    "WHERE " OWING("") " AND at_ms < ?1 AND seq <= ?2 GROUP BY 1",
    "SELECT f.body->>'lot', -sum(f.body->>'amount_fen') FROM facts f WHERE " FOR_ARREARS(
        "f.") " AND f.at_ms < ?1 AND f.seq <= ?2 AND " LEFT_OWING " GROUP BY 1",
};

/* Of the period, the money that came for arrears. */
static const char collected[] =
    "SELECT f.body->>'lot', sum(f.body->>'amount_fen') FROM facts f WHERE " FOR_ARREARS(
        "f.") " AND f.at_ms >= ?3 AND f.at_ms < ?1 AND f.seq <= ?2 AND " LEFT_OWING " GROUP BY 1";

static bool add_sums(struct fold *fold, const char *text, utc_ms before, enum figure figure,
                     struct err *err)
{
    struct statement *query = sql_prepare(fold->sql, text, err);
    enum sql_step step;

    if (!query)
        return false;
    sql_bind_int(query, 1, before.ms);
    sql_bind_int(query, 2, (int64_t)fold->through);
    if (strstr(text, "?3"))
        sql_bind_int(query, 3, fold->ask->period.from.ms);
    while ((step = sql_step(query, err)) == SQL_ROW)
        fold_add(fold, fold_lot(fold, sql_text(query, 0, NULL)), figure, 0, sql_int(query, 1));
    sql_finalize(query);
    return step == SQL_END;
}

/* Exits that did not happen after all, up to then. */
static const char reverted[] =
    "SELECT seq, body FROM held WHERE " REVERTED "AND at_ms < ?1 AND seq <= ?2 UNION ALL SELECT "
    "seq, body FROM journal INDEXED BY journal_kind WHERE " REVERTED "AND at_ms < ?1 AND seq <= ?2";

/* What they had left behind is owed no more. */
static bool take_withdrawn(struct fold *fold, const struct end *end, struct err *err)
{
    struct statement *query = sql_prepare(fold->sql, reverted, err);
    enum sql_step step;

    if (!query)
        return false;
    sql_bind_int(query, 1, end->at.ms);
    sql_bind_int(query, 2, (int64_t)fold->through);
    while ((step = sql_step(query, err)) == SQL_ROW) {
        struct fold_record record = {.seq = (uint64_t)sql_int(query, 0),
                                     .body = sql_text(query, 1, NULL)};
        int64_t fen = 0;

        if (!fold_withdrawn(fold, &record, &fen, err)) {
            step = SQL_FAILED;
            break;
        }
        fold_add(fold, fold_lot_of(fold, record.body), end->arrears, 0, -fen);
    }
    sql_finalize(query);
    return step == SQL_END;
}

bool balances_take(struct fold *fold, struct err *err)
{
    const struct end ends[] = {
        {fold->ask->period.from, FIGURE_PRESENT_START, FIGURE_PREPAID_START, FIGURE_ARREARS_START,
         true},
        {fold->ask->period.to, FIGURE_PRESENT_END, FIGURE_PREPAID_END, FIGURE_ARREARS_END, false},
    };

    for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
        if (!take_present(fold, &ends[e], err))
            return false;
        for (size_t a = 0; a < sizeof arrears / sizeof *arrears; a++)
            if (!add_sums(fold, arrears[a], ends[e].at, ends[e].arrears, err))
                return false;
        if (!take_withdrawn(fold, &ends[e], err))
            return false;
    }
    return add_sums(fold, collected, fold->ask->period.to, FIGURE_ARREARS_COLLECTED, err);
}
