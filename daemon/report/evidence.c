/* All about one stay. See evidence.h. */
#include "daemon/report/evidence.h"

#include <string.h>

#include "daemon/store/chain.h"
#include "daemon/store/delivery.h"
#include "daemon/store/plate_reader.h"
#include "daemon/store/sql.h"

#define OF_STAY \
    "WITH own AS MATERIALIZED (SELECT seq, at_ms, kind, body FROM told WHERE stay = ?1) "

static void bind(struct statement *query, const char *stay)
{
    sql_bind_text(query, 1, stay, strlen(stay));
}

bool evidence_records(struct report_source *source, const char *stay, evidence_record_fn *fn,
                      void *arg, struct err *err)
{
    struct statement *query = sql_prepare(
        report_sql(source),
        OF_STAY "SELECT f.seq, f.at_ms, f.kind, f.body, lower(hex(coalesce((SELECT p.hash FROM "
                "journal p WHERE p.seq = f.seq), (SELECT h.hash FROM held h WHERE h.seq = "
                "f.seq)))), coalesce(lower(hex("
                "(SELECT p.hash FROM journal p WHERE p.seq = f.seq - 1))), lower(hex((SELECT "
                "h.before FROM held h WHERE h.seq = f.seq))), lower(hex((SELECT anchor_hash FROM "
                "meta WHERE f.seq = anchor_seq + 1))), '') FROM own f ORDER BY f.seq",
        err);
    enum sql_step step;

    if (!query)
        return false;
    bind(query, stay);
    while ((step = sql_step(query, err)) == SQL_ROW) {
        struct evidence_record record = {.seq = (uint64_t)sql_int(query, 0),
                                         .at = {sql_int(query, 1)},
                                         .kind = sql_text(query, 2, NULL),
                                         .body = sql_text(query, 3, NULL)};

        if (!plate_reader_body(report_plates(source), record.body, &record.shown, err)) {
            step = SQL_FAILED;
            break;
        }
        if (!strcmp(record.shown, record.body))
            record.shown = NULL;
        text_copy(record.hash, sizeof record.hash, sql_text(query, 4, NULL));
        text_copy(record.before, sizeof record.before, sql_text(query, 5, NULL));
        if (!fn(arg, &record))
            break;
    }
    sql_finalize(query);
    return step != SQL_FAILED;
}

bool evidence_pictures(struct report_source *source, const char *stay, evidence_picture_fn *fn,
                       void *arg, struct err *err)
{
    struct statement *query = sql_prepare(
        report_sql(source),
        OF_STAY
        "SELECT DISTINCT r.seq, r.at_ms, r.body->>'lane', r.body->>'event', "
        "r.body->>'images' FROM own o CROSS JOIN journal r WHERE o.kind IN "
        "('stay_opened', 'stay_closed') AND r.kind <> 'bay_changed' AND r.kind = "
        "'plate_read' AND r.at_ms BETWEEN o.at_ms - 3600000 AND o.at_ms + 120000 AND "
        "r.body->>'lane' = o.body->>'lane' AND r.body->>'images' <> '' AND r.body->>'plate' IN "
        "(SELECT body->>'plate' FROM own UNION SELECT body->>'plate_was' FROM own) ORDER BY "
        "1",
        err);
    enum sql_step step;

    if (!query)
        return false;
    bind(query, stay);
    while ((step = sql_step(query, err)) == SQL_ROW) {
        const struct evidence_picture picture = {.seq = (uint64_t)sql_int(query, 0),
                                                 .at = {sql_int(query, 1)},
                                                 .lane = sql_text(query, 2, NULL),
                                                 .event = sql_text(query, 3, NULL),
                                                 .digest = sql_text(query, 4, NULL)};
        fn(arg, &picture);
    }
    sql_finalize(query);
    return step != SQL_FAILED;
}

bool evidence_uploads(struct report_source *source, const char *stay, evidence_upload_fn *fn,
                      void *arg, struct err *err)
{
    struct statement *query = sql_prepare(
        report_sql(source),
        OF_STAY "SELECT f.seq, u.name, coalesce(o.state, CASE WHEN f.seq <= u.through THEN "
                "'delivered' ELSE 'pending' END), coalesce(o.reason, '') FROM own f CROSS JOIN "
                "uplink u LEFT JOIN outbox o ON o.uplink = u.name "
                "AND o.seq = f.seq WHERE f.seq >= u.since AND " DELIVERY_TAKES " ORDER BY 1, 2",
        err);
    enum sql_step step;

    if (!query)
        return false;
    bind(query, stay);
    while ((step = sql_step(query, err)) == SQL_ROW)
        fn(arg, (uint64_t)sql_int(query, 0), sql_text(query, 1, NULL), sql_text(query, 2, NULL),
           sql_text(query, 3, NULL));
    sql_finalize(query);
    return step != SQL_FAILED;
}

bool evidence_holds(struct report_source *source, uint64_t seq, bool *ret, struct err *err)
{
    struct statement *query = sql_prepare(
        report_sql(source),
        "SELECT seq, at_ms, kind, body, hash, coalesce((SELECT j.hash FROM journal j WHERE j.seq = "
        "facts.seq - 1), (SELECT h.before FROM held h WHERE h.seq = facts.seq), (SELECT "
        "anchor_hash FROM meta WHERE anchor_seq = facts.seq - 1)) FROM facts WHERE seq = ?1",
        err);
    struct hash before, stored, hash;

    if (!query)
        return false;
    sql_bind_int(query, 1, (int64_t)seq);
    enum sql_step step = sql_step(query, err);
    *ret = step == SQL_ROW && chain_hash(query, 4, &stored) && chain_hash(query, 5, &before);
    if (*ret) {
        struct store_row row = {.seq = seq, .at = {sql_int(query, 1)}};

        row.body = sql_text(query, 3, &row.body_size);
        hash = chain_next(&before, &row, sql_text(query, 2, NULL));
        *ret = !memcmp(&hash, &stored, sizeof hash);
    }
    sql_finalize(query);
    return step != SQL_FAILED;
}
