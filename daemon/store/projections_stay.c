/* Lanes, stays and money as tables. See projections_stay.h. */
#include "daemon/store/projections_stay.h"

/* What every statement over a stretch says of its records; lets it use the index by kind. */
#define STRETCH "kind <> 'bay_changed' AND seq BETWEEN ?1 AND ?2 "

/* Of whom or what each of these kinds is the last word. An overstay is its stay's. */
#define SUBJECT                                                                                   \
    "CASE kind WHEN 'list' THEN json_array(body->>'list', body->>'lot', "                         \
    "body->>'plate') WHEN 'shift' THEN body->>'shift' "                                           \
    "WHEN 'lane' THEN body->>'lane' WHEN 'opening' THEN body->>'lane' "                           \
    "WHEN 'command' THEN body->>'command' WHEN 'occupancy' THEN body->>'lot' "                    \
    "WHEN 'passage' THEN body->>'lot' WHEN 'report' THEN body->>'number' WHEN 'difference' THEN " \
    "body->>'difference' WHEN 'clock_step' THEN seq "                                             \
    "WHEN 'sharing' THEN json_array(body->>'lot', body->>'zone', "                                \
    "body->>'event' = 'short') END"

const char projection_latest[] =
    "INSERT INTO latest(kind, subject, seq) SELECT kind, " SUBJECT ", max(seq) FROM grounds "
    "WHERE " STRETCH "AND kind IN ('list', 'shift', 'lane', 'opening', 'command', 'occupancy', "
    "'passage', 'clock_step', 'sharing', 'report', 'difference') AND coalesce(body->>'event', '') "
    "<> 'overstay' "
    "GROUP BY 1, 2 ON CONFLICT DO UPDATE SET seq = excluded.seq";

/* A record is about the stay that it names, the other one of a merger, and the one whose command it
 * tells the outcome of. */
const char projection_stay_fact[] =
    "INSERT OR IGNORE INTO stay_fact(stay, seq) "
    "SELECT body->>'stay', seq FROM grounds WHERE " STRETCH "AND body->>'stay' IS NOT NULL "
    "UNION ALL SELECT body->>'other', seq FROM grounds WHERE " STRETCH
    "AND kind = 'stay_amended' AND body->>'other' IS NOT NULL "
    "UNION ALL SELECT c.body->>'stay', o.seq FROM grounds o "
    "CROSS JOIN latest l ON l.kind = 'command' AND l.subject = o.body->>'command' "
    "CROSS JOIN grounds c ON c.seq = l.seq WHERE o.kind = 'outcome' AND o.kind <> 'bay_changed' "
    "AND o.seq BETWEEN ?1 AND ?2 AND c.body->>'stay' IS NOT NULL";

/* A command that has its outcome, a plate that left a list, a shift that is closed, a difference
 * that is resolved: of these the last word says that there is nothing. */
const char projection_finished[] =
    "DELETE FROM latest WHERE (kind, subject) IN "
    "(SELECT 'command', body->>'command' FROM grounds WHERE kind = 'outcome' AND " STRETCH
    ") OR seq IN (SELECT seq FROM grounds WHERE " STRETCH "AND "
    "(kind = 'list' AND NOT body->>'on' OR kind = 'shift' AND body->>'event' = 'closed' OR kind = "
    "'difference' AND body->>'state' <> 'open'))";

/* The value of the last record of a stay that has one. Twenty digits order as text as they do as
 * numbers. */
#define LAST(when, value) \
    "substr(max(CASE WHEN " when " THEN printf('%020d', seq) || (" value ") END), 21)"
#define LAST_INT(when, value) "CAST(coalesce(" LAST(when, value) ", 0) AS INTEGER)"
#define ABOUT "kind IN ('stay_opened', 'stay_amended', 'stay_closed')"
#define PRICED "kind IN ('order', 'stay_closed')"
#define MOVED "kind IN ('stay_opened', 'stay_closed') OR body->>'change' = 'reverted'"
#define TO_MS(time) "CAST(round((julianday(" time ") - 2440587.5) * 86400000.0) AS INTEGER)"
#define ENTERED_MS "CASE kind WHEN 'stay_opened' THEN at_ms ELSE " TO_MS("body->>'entered'") " END"
#define RELIEF                                                    \
    "(body->>'relief_pass_fen') + (body->>'relief_class_fen') + " \
    "(body->>'relief_coupon_fen') + (body->>'relief_other_fen')"
#define SUM_OF(what) "sum(CASE kind WHEN '" what "' THEN body->>'amount_fen' ELSE 0 END)"

/* Of a stay, a column a line. */
/* clang-format off */
#define FOLD                                                                                       \
    "SELECT stay, "                                                                                \
    LAST("kind = 'stay_opened'", "body->>'lot'") " AS lot, "                                       \
    LAST(ABOUT, "body->>'bay'") " AS bay, "                                                        \
    LAST(ABOUT, "body->>'plate'") " AS plate, "                                                    \
    LAST(ABOUT, "body->>'class'") " AS class, "                                                    \
    LAST(ABOUT, "body->>'kind'") " AS parking, "                                                   \
    LAST(MOVED, "coalesce(body->>'outcome', 'open')") " AS state, "                                \
    LAST_INT(ABOUT, ENTERED_MS) " AS entered_ms, "                                                 \
    LAST_INT("kind = 'stay_closed'", "at_ms") " AS left_ms, "                                      \
    LAST_INT(PRICED, "body->>'receivable_fen'") " AS receivable, "                                 \
    LAST_INT(PRICED, RELIEF) " AS relief, "                                                        \
    LAST_INT(PRICED, "body->>'payable_fen'") " AS payable, "                                       \
    SUM_OF("payment") " AS received, "                                                             \
    SUM_OF("refund") " AS refunded, "                                                              \
    "min(CASE kind WHEN 'stay_opened' THEN seq END) AS first_seq "
/* clang-format on */

/* Journal and held records each on their own: joined with the view over both, SQLite would copy all
 * of it at each stride. */
#define FACTS_IN(table, which)                                                                     \
    "SELECT s.stay, g.seq, g.at_ms, g.kind, g.body FROM touched CROSS JOIN stay_fact s ON s.stay " \
    "= touched.stay CROSS JOIN " table " g ON g.seq = s.seq AND g.body->>'stay' = s.stay WHERE "   \
    "s.seq <= ?2 AND " which " "
#define FACTS FACTS_IN("journal", "TRUE") "UNION ALL " FACTS_IN("held", "g.stands")

const char projection_stay[] =
    "WITH touched AS MATERIALIZED (SELECT DISTINCT stay FROM stay_fact WHERE seq BETWEEN ?1 AND "
    "?2), fact AS (" FACTS "), fold AS (" FOLD "FROM fact GROUP BY stay HAVING first_seq IS NOT "
    "NULL) "
    "INSERT OR REPLACE INTO stay SELECT stay, lot, bay, plate, class, parking, state, entered_ms, "
    "CASE state WHEN 'open' THEN NULL ELSE left_ms END, receivable, relief, payable, received, "
    "refunded, owes, first_seq, seq, state = 'open' OR owes > 0 FROM (SELECT *, "
    "CASE state WHEN 'unpaid' THEN max(0, payable - received + refunded) ELSE 0 END AS owes, "
    "(SELECT max(seq) FROM stay_fact WHERE stay_fact.stay = fold.stay AND seq <= ?2) AS seq "
    "FROM fold)";

/* The last reads tell repetitions, the last decisions who is on the way through a lane, the
 * last commands which openings of a counter were asked for, the
 * last orders of platforms which of them come again (ASKED_MAX of asked.h). Passages
 * count from the last entry of occupancy on: the oldest of all lots, for a passage may
 * lead out of one lot and into another. */
const char projection_standing[] =
    "WITH entry AS (SELECT p.subject AS lot, coalesce((SELECT seq FROM latest o WHERE o.kind = "
    "'occupancy' AND o.subject = p.subject), 0) AS seq FROM latest p WHERE p.kind = 'passage'), "
    "known AS (SELECT seq FROM latest UNION SELECT seq FROM stay_fact WHERE stay IN (SELECT stay "
    "FROM stay WHERE stands = 1 UNION ALL SELECT stay FROM stay WHERE left_ms >= ?1) "
    "UNION SELECT seq FROM journal WHERE kind = 'passage' AND kind <> 'bay_changed' AND seq > "
    "(SELECT min(seq) FROM entry) "
    "UNION SELECT seq FROM (SELECT seq FROM journal WHERE kind = 'plate_read' AND kind <> "
    "'bay_changed' ORDER BY seq DESC LIMIT 8192) "
    "UNION SELECT seq FROM (SELECT seq FROM journal WHERE kind = 'decision' AND kind <> "
    "'bay_changed' ORDER BY seq DESC LIMIT 256) "
    "UNION SELECT seq FROM (SELECT seq FROM journal WHERE kind = 'command' AND kind <> "
    "'bay_changed' ORDER BY seq DESC LIMIT 2048) "
    "UNION SELECT seq FROM (SELECT seq FROM journal WHERE kind = 'outcome' AND kind <> "
    "'bay_changed' ORDER BY seq DESC LIMIT 2048) "
    "UNION SELECT seq FROM (SELECT seq FROM journal WHERE kind = 'platform' AND kind <> "
    "'bay_changed' ORDER BY seq DESC LIMIT 4096)) "
    "SELECT known.seq, coalesce(j.at_ms, h.at_ms), coalesce(j.kind, h.kind), coalesce(j.body, "
    "h.body), coalesce(j.hash, h.hash) FROM known LEFT JOIN journal j ON j.seq = known.seq LEFT "
    "JOIN held h ON h.seq = known.seq ORDER BY known.seq";
