/* The audit. See audit.h. */
#include "daemon/store/audit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/audit_bays.h"
#include "daemon/store/audit_seal.h"
#include "daemon/store/audit_yard.h"
#include "daemon/store/chain.h"
#include "daemon/store/delivery.h"
#include "daemon/store/keys_root.h"
#include "daemon/store/projections.h"
#include "daemon/store/schema.h"

struct audit {
    struct sql *sql;
    audit_finding_fn *fn;
    void *arg;
    size_t breaches;
};

static void tell(struct audit *audit, int rule, const char *name, bool good, const char *format,
                 ...) __attribute__((format(printf, 5, 6)));

static void tell(struct audit *audit, int rule, const char *name, bool good, const char *format,
                 ...)
{
    struct audit_finding finding = {.rule = rule, .name = name, .good = good};
    va_list args;

    va_start(args, format);
    vsnprintf(finding.text, sizeof finding.text, format, args);
    va_end(args);
    audit->breaches += !good;
    audit->fn(audit->arg, &finding);
}

/* Where the chain begins: the hash of the genesis word, or what the newest retention record, itself
 * in the chain, says of the last record that went. */
static bool anchor_holds(struct audit *audit, struct chain *ret, struct err *err)
{
    struct statement *select =
        sql_prepare(audit->sql,
                    "SELECT anchor_seq, anchor_hash, genesis, (SELECT body->>'through_seq' || ' ' "
                    "|| (body->>'hash') FROM journal WHERE kind = 'retention' ORDER BY seq DESC "
                    "LIMIT 1) FROM meta",
                    err);
    char expected[128], hex[HASH_HEX_SIZE];

    if (!select)
        return false;
    enum sql_step step = sql_step(select, err);
    bool good = step == SQL_ROW && chain_hash(select, 1, &ret->hash);
    if (good) {
        ret->seq = (uint64_t)sql_int(select, 0);
        crypto_hex(ret->hash.bytes, HASH_SIZE, hex);
        snprintf(expected, sizeof expected, "%" PRIu64 " %s", ret->seq, hex);
        struct hash genesis = chain_genesis(sql_text(select, 2, NULL));
        good = ret->seq ? !strcmp(expected, sql_text(select, 3, NULL))
                        : !memcmp(&genesis, &ret->hash, sizeof genesis);
    }
    sql_finalize(select);
    if (!good && step != SQL_FAILED)
        err_set(err, "the anchor is not where the chain begins");
    return good;
}

static void check_chain(struct audit *audit)
{
    struct chain at = {0};
    char hex[HASH_HEX_SIZE];
    struct err err;

    if (!anchor_holds(audit, &at, &err)) {
        tell(audit, 13, "chain", false, "%s", err.text);
        return;
    }
    uint64_t first = at.seq;
    if (!chain_follow(audit->sql, &at, INT64_MAX, &err))
        tell(audit, 13, "chain", false, "%s", err.text);
    else
        tell(audit, 13, "chain", true,
             "%" PRIu64 " records from %" PRIu64 " to %" PRIu64 ", head %s", at.seq - first,
             first + 1, at.seq, crypto_hex(at.hash.bytes, HASH_SIZE, hex));
}

static void check_held(struct audit *audit)
{
    uint64_t count = 0;
    struct err err;

    if (!chain_held(audit->sql, &count, &err))
        tell(audit, 13, "held", false, "%s", err.text);
    else
        tell(audit, 13, "held", true,
             "%" PRIu64 " records from before that, each as it was written", count);
}

/* Computes the projections again beside the file's: up to where those are, and then to the head. */
static bool project(struct audit *audit, int64_t *ret_rows, int64_t *ret_differ, struct err *err)
{
    int64_t projected;

    return sql_number(audit->sql, "SELECT projected FROM meta", &projected, err) &&
           projections_shadow(audit->sql, err) &&
           projections_advance(audit->sql, 0, (uint64_t)projected, err) &&
           projections_differ(audit->sql, ret_rows, ret_differ, err) &&
           projections_advance(audit->sql, (uint64_t)projected + 1, INT64_MAX, err);
}

static void check_projections(struct audit *audit)
{
    int64_t rows, differ;
    struct err err;

    if (!project(audit, &rows, &differ, &err))
        tell(audit, 13, "projections", false, "%s", err.text);
    else if (differ)
        tell(audit, 13, "projections", false, "%" PRId64 " rows are not what the journal says",
             differ);
    else
        tell(audit, 13, "projections", true, "%" PRId64 " rows, as the journal says", rows);
}

static void check_bays(struct audit *audit)
{
    struct audit_bays found;
    struct err err;

    if (!audit_bays(audit->sql, &found, &err)) {
        tell(audit, 2, "vacancy", false, "%s", err.text);
        return;
    }
    if (found.uneven)
        tell(audit, 2, "vacancy", false,
             "after %" PRIu64 " records the counts do not add up, first after %" PRIu64,
             found.uneven, found.first_uneven);
    else
        tell(audit, 2, "vacancy", true,
             "%" PRIu64 " bays of %" PRIu64 " zones and %" PRIu64
             " lots add up after each of %" PRIu64 " changes",
             found.bays, found.zones, found.lots, found.changes);
    if (found.broken)
        tell(audit, 4, "changes", false,
             "%" PRIu64 " do not begin where the one before ended, first record %" PRIu64,
             found.broken, found.first_broken);
    else
        tell(audit, 4, "changes", true, "%" PRIu64 ", each begins where the one before ended",
             found.changes);
}

/* Columns of the uplinks' query; up to and beyond `through`. */
enum { NAME, PASSED, AHEAD, DELIVERED, RETRY, DEAD, DROPPED, DEAD_AHEAD, DROPPED_AHEAD };

#define MARKS(state, side)                                                          \
    "(SELECT count(*) FROM outbox WHERE uplink = name AND state = '" state "' AND " \
    "seq >= since AND seq " side " through), "

static void check_uplink(struct audit *audit, const struct statement *row)
{
    int64_t count[DROPPED_AHEAD + 1];
    char name[UPLINK_NAME_SIZE + 16];

    for (int i = PASSED; i <= DROPPED_AHEAD; i++)
        count[i] = sql_int(row, i);
    int64_t dead = count[DEAD] + count[DEAD_AHEAD];
    int64_t dropped = count[DROPPED] + count[DROPPED_AHEAD];
    int64_t pending = count[RETRY] + count[AHEAD] - count[DEAD_AHEAD] - count[DROPPED_AHEAD];
    int64_t due = count[PASSED] + count[AHEAD];
    bool good = due == count[DELIVERED] + pending + dead + dropped;

    snprintf(name, sizeof name, "uplink %s", sql_text(row, NAME, NULL));
    tell(audit, 14, name, good,
         "%" PRId64 " due %s %" PRId64 " delivered + %" PRId64 " pending + %" PRId64
         " set aside + %" PRId64 " declared lost",
         due, good ? "=" : "but", count[DELIVERED], pending, dead, dropped);
}

static void check_delivery(struct audit *audit)
{
    struct err err;
    enum sql_step step;
    struct statement *select = sql_prepare(
        audit->sql,
        "SELECT name, base_due + (SELECT count(*) FROM journal WHERE seq > base_seq AND "
        "seq <= through AND " DELIVERY_TAKES "), "
        "(SELECT count(*) FROM journal WHERE seq > through AND " DELIVERY_TAKES
        "), delivered, " MARKS("retry", "<=") MARKS("dead", "<=") MARKS("dropped", "<=")
            MARKS("dead", ">") MARKS("dropped", ">") "0 FROM uplink ORDER BY name",
        &err);

    if (!select) {
        tell(audit, 14, "uplinks", false, "%s", err.text);
        return;
    }
    while ((step = sql_step(select, &err)) == SQL_ROW)
        check_uplink(audit, select);
    sql_finalize(select);
    if (step == SQL_FAILED)
        tell(audit, 14, "uplinks", false, "%s", err.text);
}

/* Rows that no chain covers, by their sums. */
static void check_sums(struct audit *audit)
{
    static const struct {
        const char *name, *changed;
    } tables[] = {
        {"meta",
         "SELECT count(*) FROM meta WHERE sum IS NOT row_sum(one, genesis, lineage, anchor_seq, "
         "anchor_hash, projected, clean, copied)"},
        {"uplink", "SELECT count(*) FROM uplink WHERE sum IS NOT row_sum(name, kinds, since, "
                   "through, delivered, base_seq, base_due)"},
        {"outbox", "SELECT count(*) FROM outbox WHERE sum IS NOT row_sum(uplink, seq, state, "
                   "attempts, reason)"},
        {"plate", "SELECT count(*) FROM plate WHERE sum IS NOT row_sum(token, epoch, moved, "
                  "sealed)"},
        {"upload", "SELECT count(*) FROM upload WHERE sum IS NOT row_sum(uplink, lot, quarter, "
                   "accepted, timely)"},
    };
    bool good = true;
    struct err err;

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        int64_t changed = 0;

        if (!sql_number(audit->sql, tables[i].changed, &changed, &err))
            tell(audit, 0, "sums", good = false, "%s", err.text);
        else if (changed)
            tell(audit, 0, "sums", good = false,
                 "%" PRId64 " rows of table %s are not as they were written", changed,
                 tables[i].name);
    }
    if (good)
        tell(audit, 0, "sums", true, "rows outside of the chain are as they were written");
}

/* The objects of the schema as a text: a new file of this version has the same. */
static const char objects[] =
    "SELECT group_concat(line, char(10)) FROM (SELECT type || ' ' || name || ' of ' || tbl_name || "
    "': ' || coalesce(sql, '') AS line FROM main.sqlite_schema ORDER BY type, name)";

static bool read_objects(struct sql *sql, struct hash *ret, struct err *err)
{
    struct statement *select = sql_prepare(sql, objects, err);
    size_t size;

    if (!select)
        return false;
    enum sql_step step = sql_step(select, err);
    const char *text = step == SQL_ROW ? sql_text(select, 0, &size) : NULL;
    if (text)
        *ret = crypto_sha256(&(struct crypto_part){text, size}, 1);
    sql_finalize(select);
    return step == SQL_ROW;
}

static void check_schema(struct audit *audit)
{
    struct err err;
    struct hash ours, theirs;
    struct sql *fresh = sql_open(":memory:", SQL_COPY, &err);
    bool read = fresh && schema_migrate(fresh, ":memory:", &err) &&
                read_objects(fresh, &ours, &err) && read_objects(audit->sql, &theirs, &err);
    bool good = read && !memcmp(&ours, &theirs, sizeof ours);

    tell(audit, 0, "schema", good, "%s",
         !read  ? err.text
         : good ? "as this version makes it"
                : "a table, index, view or trigger is not as this version makes it");
    sql_close(fresh);
}

/* SQLite's own checks: one row "ok", or none, or one row a fault. */
static void check_file(struct audit *audit, const char *name, const char *pragma)
{
    struct err err;
    enum sql_step step = SQL_FAILED;
    struct statement *select = sql_prepare(audit->sql, pragma, &err);

    if (select)
        step = sql_step(select, &err);
    bool good = step == SQL_END || (step == SQL_ROW && !strcmp(sql_text(select, 0, NULL), "ok"));
    tell(audit, 0, name, good, "%s",
         good                 ? "no fault"
         : step == SQL_FAILED ? err.text
                              : sql_text(select, 0, NULL));
    sql_finalize(select);
}

static bool run(const char *path, const struct key *root, struct audit audit, size_t *ret_breaches,
                struct err *err)
{
    audit.sql = sql_open(path, SQL_READ, err);
    if (!audit.sql)
        return false;
    /* One snapshot for all rules. */
    bool good = schema_check(audit.sql, path, err) && sql_run(audit.sql, "BEGIN", err);
    if (good) {
        check_file(&audit, "pages", "PRAGMA integrity_check(1)");
        check_file(&audit, "references", "PRAGMA foreign_key_check");
        check_schema(&audit);
        check_sums(&audit);
        check_chain(&audit);
        audit_seal(audit.sql, path, root, audit.fn, audit.arg, &audit.breaches);
        audit_acknowledged(audit.sql, path, audit.fn, audit.arg, &audit.breaches);
        check_held(&audit);
        check_projections(&audit);
        check_bays(&audit);
        audit_yard(audit.sql, audit.fn, audit.arg, &audit.breaches);
        check_delivery(&audit);
        sql_rollback(audit.sql);
        *ret_breaches = audit.breaches;
    }
    sql_close(audit.sql);
    return good;
}

bool audit_run(const char *path, audit_finding_fn *fn, void *arg, size_t *ret_breaches,
               struct err *err)
{
    return run(path, NULL, (struct audit){.fn = fn, .arg = arg}, ret_breaches, err);
}

bool audit_run_rooted(const char *path, const char *root_path, audit_finding_fn *fn, void *arg,
                      size_t *ret_breaches, struct err *err)
{
    struct key root;

    if (!root_path)
        return audit_run(path, fn, arg, ret_breaches, err);
    if (!keys_root_read(root_path, &root, err))
        return false;
    bool good = run(path, &root, (struct audit){.fn = fn, .arg = arg}, ret_breaches, err);
    crypto_wipe(&root, sizeof root);
    return good;
}
