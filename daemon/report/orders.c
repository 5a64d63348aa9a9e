/* Orders out of the journal. See orders.h. */
#include "daemon/report/orders.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/store/sql.h"

enum { ORDER, TRANSACTION, CHANNEL, STAY, CASHIER, SHIFT, PAYABLE, PAID, REFUND, PAID_AT, BACK_AT };

/* Money that came for a stay without an order is one by the payment's own number. */
#define NUMBER "coalesce(nullif(body->>'order', ''), body->>'payment')"

/* Records of the days, ?1 to ?2. */
#define IN_DAYS(kind)                                                                  \
    "FROM journal INDEXED BY journal_at WHERE kind <> 'bay_changed' AND kind = '" kind \
    "' AND at_ms >= ?1 AND at_ms < ?2 "
#define PAYMENT "SELECT seq, at_ms, body, " NUMBER " AS number, body->>'stay' AS stay "

/* Payments of before of which something was given back in the days. */
#define OLDER                                                                 \
    "older AS MATERIALIZED (SELECT (SELECT t.seq FROM told t WHERE t.stay = " \
    "journal.body->>'stay' AND t.kind = 'payment' AND t.body->>'payment' = "  \
    "journal.body->>'payment') AS seq " IN_DAYS("refund") ")"
#define PAYMENTS                                                                                 \
    "paid AS (" PAYMENT IN_DAYS("payment") "UNION " PAYMENT "FROM journal WHERE seq IN (SELECT " \
                                           "seq FROM older) UNION " PAYMENT                      \
                                           "FROM held WHERE seq IN (SELECT seq FROM older))"

/* An order with all that was paid for it in the days; what was given back belongs to it, whenever
 * that was. */
static const char query_text[] =
    "WITH " OLDER ", " PAYMENTS ", back AS (SELECT p.seq AS of_seq, (SELECT sum(fen) FROM (SELECT "
    "r.body->>'amount_fen' AS fen FROM told r WHERE r.stay = p.stay AND r.kind = 'refund' AND "
    "r.body->>'payment' = p.body->>'payment' LIMIT -1)) AS fen, (SELECT r.at_ms FROM told r WHERE "
    "r.stay = p.stay AND r.kind = 'refund' AND r.body->>'payment' = p.body->>'payment' ORDER BY "
    "r.seq DESC LIMIT 1) AS at_ms FROM paid p) "
    "SELECT p.number, max(coalesce(p.body->>'transaction', '')), max(p.body->>'channel'), "
    "max(p.stay), max(coalesce((SELECT s.body->>'cashier' FROM facts s WHERE s.kind = 'shift' AND "
    "s.kind <> 'bay_changed' AND s.body->>'shift' = p.body->>'shift' LIMIT 1), '')), "
    "max(coalesce(p.body->>'shift', '')), sum(p.body->>'amount_fen'), sum(p.body->>'amount_fen'), "
    "sum(coalesce(b.fen, 0)), min(p.at_ms), max(coalesce(b.at_ms, 0)) FROM paid p LEFT JOIN back b "
    "ON b.of_seq = p.seq GROUP BY 1 ORDER BY 1";

static int64_t local_s(const struct report_orders *orders, int64_t at_ms)
{
    return civil_local_s(orders->zone, at_ms / 1000);
}

static bool each(void *arg, pay_order_fn *fn, void *fn_arg, struct err *err)
{
    struct report_orders *orders = arg;
    struct statement *query = sql_prepare(report_sql(orders->source), query_text, err);
    enum sql_step step;

    if (!query)
        return false;
    sql_bind_int(query, 1, orders->period.from.ms);
    sql_bind_int(query, 2, orders->period.to.ms);
    while ((step = sql_step(query, err)) == SQL_ROW) {
        int64_t back_ms = sql_int(query, BACK_AT), refund = sql_int(query, REFUND);
        struct pay_order order = {
            .number = sql_text(query, ORDER, NULL),
            .transaction = sql_text(query, TRANSACTION, NULL),
            .channel = sql_text(query, CHANNEL, NULL),
            .stay = sql_text(query, STAY, NULL),
            .operator= sql_text(query, CASHIER, NULL),
            .shift = sql_text(query, SHIFT, NULL),
            .status = refund ? PAY_ORDER_REFUNDED : PAY_ORDER_PAID,
            .payable_fen = sql_int(query, PAYABLE),
            .paid_fen = sql_int(query, PAID),
            .refund_fen = refund,
            .paid_local_s = local_s(orders, sql_int(query, PAID_AT)),
            .refunded_local_s = back_ms ? local_s(orders, back_ms) : PAY_ORDER_NO_TIME,
        };
        if (!fn(fn_arg, &order, err)) {
            step = SQL_FAILED;
            break;
        }
    }
    sql_finalize(query);
    return step == SQL_END;
}

struct pay_order_source report_orders(struct report_orders *orders)
{
    return (struct pay_order_source){each, orders};
}

bool report_shifts(struct report_orders *orders, struct cash_count **ret, uint32_t *ret_count,
                   struct err *err)
{
    struct statement *query =
        sql_prepare(report_sql(orders->source),
                    "SELECT body->>'cashier', body->>'shift', body->>'counted_fen', "
                    "body->>'float_fen', (body->>'expected_fen') - (body->>'float_fen') FROM "
                    "journal INDEXED BY journal_at WHERE kind <> "
                    "'bay_changed' AND kind = 'shift' AND body->>'event' = 'closed' AND at_ms >= "
                    "?1 AND at_ms < ?2 ORDER BY seq",
                    err);
    struct cash_count *counts = NULL;
    uint32_t count = 0;
    enum sql_step step;

    if (!query)
        return false;
    sql_bind_int(query, 1, orders->period.from.ms);
    sql_bind_int(query, 2, orders->period.to.ms);
    while ((step = sql_step(query, err)) == SQL_ROW) {
        counts = memory_grow(counts, count + 1, sizeof *counts);
        counts[count++] = (struct cash_count){.operator= memory_text(sql_text(query, 0, NULL)),
                                              .shift = memory_text(sql_text(query, 1, NULL)),
                                              .counted_fen = sql_int(query, 2),
                                              .float_fen = sql_int(query, 3),
                                              .booked = true,
                                              .system_fen = sql_int(query, 4)};
    }
    sql_finalize(query);
    *ret = counts;
    *ret_count = count;
    return step == SQL_END;
}

void report_shifts_free(struct cash_count *counts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        free((char *)counts[i].operator);
        free((char *)counts[i].shift);
    }
    free(counts);
}
