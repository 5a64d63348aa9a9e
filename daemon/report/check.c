/* The five-way check. See check.h. */
#include "daemon/report/check.h"

#include "daemon/store/delivery.h"

/* A record of the stay of `d`, of any day. */
#define OTHER(kinds, more) \
    "EXISTS (SELECT 1 FROM told o WHERE o.stay = d.stay AND o.kind IN (" kinds ") " more ")"

/* Changes of bays have no index by time. They are looked for between the records around the period,
 * with a margin for what was told late. */
#define STOPS                                                                                      \
    ", span AS (SELECT coalesce((SELECT seq FROM journal INDEXED BY journal_at WHERE kind <> "     \
    "'bay_changed' AND at_ms < ?1 ORDER BY at_ms DESC LIMIT 1), 0) - 4096 AS low, "                \
    "coalesce((SELECT "                                                                            \
    "seq FROM journal INDEXED BY journal_at WHERE kind <> 'bay_changed' AND at_ms >= ?2 ORDER BY " \
    "at_ms LIMIT 1), 9223372036854771711) + 4096 AS high), stop AS MATERIALIZED (SELECT j.seq, "   \
    "j.at_ms, j.kind, j.body, j.body->>'bay' AS bay, j.body->>'lot' AS lot, j.body->>'from' AS "   \
    "was FROM span CROSS JOIN journal j NOT INDEXED WHERE j.seq BETWEEN span.low AND span.high "   \
    "AND j.kind = 'bay_changed' AND instr(j.body, '\"to\":\"occupied\"') AND j.at_ms >= ?1 AND "   \
    "j.at_ms < ?2), parked AS MATERIALIZED (SELECT seq, at_ms, body, body->>'bay' AS bay, lot, "   \
    "stay FROM day WHERE kind = 'stay_opened' AND body->>'bay' IS NOT NULL AND body->>'lane' IS "  \
    "NULL) "

/* Which of the ways, and which of the day's records do not fit. */
static const struct {
    const char *way, *finding, *detail, *where;
} findings[] = {
    {"payments-orders", "payment without order", "d.body->>'payment'",
     "d.kind = 'payment' AND NOT " OTHER("'order'", "AND o.body->>'order' = d.body->>'order'")},
    {"payments-orders", "order paid twice", "d.body->>'order'",
     "d.kind = 'payment' AND " OTHER("'payment'", "AND o.seq < d.seq AND o.body->>'order' = "
                                                  "d.body->>'order'")},
    {"orders-stays", "money for a stay that nobody opened", "d.kind",
     "d.kind IN ('order', 'payment', 'refund') AND NOT " OTHER("'stay_opened'", "")},
    {"orders-stays", "left without money", "(d.body->>'payable_fen') - (d.body->>'received_fen')",
     "d.kind = 'stay_closed' AND d.body->>'outcome' = 'unpaid'"},
    {"orders-stays", "more received than payable",
     "(d.body->>'received_fen') - (d.body->>'payable_fen')",
     "d.kind = 'stay_closed' AND d.body->>'received_fen' > d.body->>'payable_fen'"},
    {"stays-passages", "passage without a stay", "d.body->>'passage'",
     "d.kind = 'passage' AND (d.stay IS NULL OR NOT " OTHER("'stay_opened', 'stay_closed'",
                                                            "") ")"},
    {"stays-passages", "exit without an entry", "d.body->>'plate'",
     "d.kind = 'stay_opened' AND d.body->>'entry_missing'"},
    {"stays-passages", "stay ended by hand", "d.body->>'actor'",
     "d.kind = 'stay_closed' AND d.body->>'passage' IS NULL AND d.body->>'actor' IS NOT NULL"},
    {"stays-passages", "tailgate", "d.body->>'passage'",
     "d.kind = 'passage' AND d.body->>'kind' = 'tailgate'"},
    {"passages-openings", "opening that nobody asked for", "d.body->>'openings'",
     "d.kind = 'opening' AND d.body->>'openings' > 0"},
    {"passages-openings", "opened, and nobody passed", "d.body->>'command'",
     "d.kind = 'command' AND d.body->>'action' = 'open' AND d.body->>'cause' IN ('decision', "
     "'payment') AND d.stay IS NOT NULL AND NOT " OTHER(
         "'passage'", "AND o.body->>'command' = d.body->>'command'")},
    {"passages-openings", "opened by a person",
     "coalesce(d.body->>'actor', '') || ': ' || coalesce(d.body->>'reason', '')",
     "d.kind = 'command' AND d.body->>'cause' = 'operator' AND d.body->>'action' IN ('open', "
     "'hold')"},
};

/* In lots whose stays come from their bays: a stop is a stay, and a stay a stop. */
static const char bays[] =
    "UNION ALL SELECT s.at_ms, s.seq, 'stays-bays', 'stop on a bay without a stay', s.lot, '', '', "
    "s.bay FROM stop s LEFT JOIN parked p ON p.bay = s.bay AND p.at_ms = s.at_ms WHERE s.was = "
    "'free' AND s.lot IN (SELECT lot FROM parked) AND p.seq IS NULL "
    "UNION ALL SELECT p.at_ms, p.seq, 'stays-bays', 'stay that no sensor saw', p.lot, '', p.stay, "
    "p.bay FROM parked p LEFT JOIN stop s ON s.bay = p.bay AND s.at_ms = p.at_ms LEFT JOIN day a "
    "ON "
    "a.kind = 'bay_amended' AND a.body->>'bay' = p.bay WHERE s.seq IS NULL AND a.seq IS NULL ";

static const char uploads[] =
    "UNION ALL SELECT d.at_ms, d.seq, 'uploads', 'not accepted by ' || o.uplink, coalesce(d.lot, "
    "''), coalesce(d.body->>'lane', ''), coalesce(d.stay, ''), o.state || ': ' || o.reason FROM "
    "day d CROSS JOIN outbox o ON o.seq = d.seq WHERE o.state <> 'retry' "
    "UNION ALL SELECT max(d.at_ms), min(d.seq), 'uploads', 'waits for ' || u.name, "
    "coalesce(d.lot, ''), '', '', count(*) FROM day d CROSS JOIN uplink u WHERE d.seq > u.through "
    "AND d.seq >= u.since AND " DELIVERY_TAKES " GROUP BY u.name, 5 ";

void check_findings(struct text *ret)
{
    text_add(ret, "%s", CHECK_DAY STOPS "SELECT * FROM (");
    for (size_t i = 0; i < sizeof findings / sizeof *findings; i++)
        text_add(ret,
                 "%sSELECT d.at_ms AS at_ms, d.seq AS seq, '%s' AS way, '%s' AS finding, "
                 "coalesce(d.lot, '') AS lot, coalesce(d.body->>'lane', '') AS lane, "
                 "coalesce(d.stay, '') AS stay, %s AS detail FROM day d WHERE %s ",
                 i ? "UNION ALL " : "", findings[i].way, findings[i].finding, findings[i].detail,
                 findings[i].where);
    text_add(ret, "%s%s) WHERE ?3 = '' OR lot = ?3 ORDER BY at_ms, seq", bays, uploads);
}

/* Money goes to the lane by which its stay left. */
const char check_lanes[] = CHECK_DAY STOPS
    ", placed AS (SELECT kind, body, seq, lot, coalesce(body->>'lane', (SELECT o.body->>'lane' "
    "FROM "
    "told o WHERE o.stay = day.stay AND o.kind = 'stay_closed' AND day.kind IN ('order', "
    "'payment', 'refund') ORDER BY o.seq DESC LIMIT 1), '') AS lane FROM day WHERE lot IS NOT NULL "
    "UNION ALL SELECT kind, body, seq, lot, '' FROM stop WHERE was = 'free') "
    "SELECT lot, lane, count(*) FILTER (WHERE kind = 'payment'), coalesce(sum(body->>'amount_fen') "
    "FILTER (WHERE kind = 'payment'), 0), coalesce(sum(body->>'amount_fen') FILTER (WHERE kind = "
    "'refund'), 0), count(*) FILTER (WHERE kind = 'order'), count(*) FILTER (WHERE kind = "
    "'stay_opened'), count(*) FILTER (WHERE kind = 'stay_closed'), coalesce(sum(body->>'vehicles') "
    "FILTER (WHERE kind = 'passage' AND body->>'direction' = 'in'), 0), "
    "coalesce(sum(body->>'vehicles') FILTER (WHERE kind = 'passage' AND body->>'direction' = "
    "'out'), 0), count(*) FILTER (WHERE kind = 'passage' AND body->>'kind' = 'tailgate'), "
    "count(*) FILTER (WHERE kind = 'command' AND body->>'action' IN ('open', 'hold') AND "
    "body->>'cause' IN ('decision', 'payment')), count(*) FILTER (WHERE kind = 'command' AND "
    "body->>'action' IN ('open', 'hold') AND body->>'cause' = 'operator'), count(*) FILTER (WHERE "
    "kind = 'command' AND body->>'action' IN ('open', 'hold') AND body->>'cause' NOT IN "
    "('decision', 'payment', 'operator')), coalesce(sum(body->>'openings') FILTER (WHERE kind = "
    "'opening'), 0), count(*) FILTER (WHERE kind = 'bay_changed'), sum((SELECT count(*) FROM "
    "uplink u WHERE placed.seq >= u.since AND placed.seq <= u.through AND " DELIVERY_TAKES
    " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.uplink = u.name AND o.seq = placed.seq))), "
    "sum((SELECT count(*) FROM uplink u WHERE placed.seq >= u.since AND " DELIVERY_TAKES
    ")) FROM placed WHERE ?3 = '' OR lot = ?3 GROUP BY lot, lane ORDER BY lot, lane";
