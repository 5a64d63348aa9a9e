/* Delivery state. See delivery.h. */
#include "daemon/store/delivery.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"

static const char *const state_names[] = {
    [OUTBOX_DELIVERED] = "delivered",
    [OUTBOX_RETRY] = "retry",
    [OUTBOX_DEAD] = "dead",
    [OUTBOX_DROPPED] = "dropped",
};

enum {
    FORGET_DROPPED,
    COUNT_PASSED,
    COUNT_MARK,
    PASSED,
    SAVE,
    SET_MARK,
    CLEAR_MARK,
    END_MARKS,
    END_UPLOADS,
    END,
    STATEMENTS
};

/* ?1 the uplink, ?2 the present; `f` the records that it accepted just now. Changes of bays, which
 * are nearly all, are no events that a city times. */
#define TALLY(from)                                                                      \
    "INSERT INTO upload(uplink, lot, quarter, accepted, timely) SELECT ?1, "             \
    "coalesce(f.body->>'lot', ''), f.at_ms - f.at_ms % " QUARTER                         \
    ", count(*), count(*) FILTER (WHERE ?2 - f.at_ms <= " TIMELY ") " from               \
    " GROUP BY 2, 3 ON CONFLICT DO UPDATE SET accepted = accepted + excluded.accepted, " \
    "timely = timely + excluded.timely"
#define QUARTER "900000"
#define TIMELY "10000" /* what cities ask: within 10 s of the event */

static const char *const texts[STATEMENTS] = {
    /* A new account: what was given up belongs to the one before. */
    [FORGET_DROPPED] = "DELETE FROM outbox WHERE uplink = ?1 AND state = 'dropped' AND seq < ?2",
    /* Behind ?3 up to ?4: what stands aside is not accepted, and counted when it is. */
    [COUNT_PASSED] =
        TALLY("FROM uplink u CROSS JOIN journal f NOT INDEXED WHERE u.name = ?1 AND f.kind <> "
              "'bay_changed' AND f.seq > ?3 AND "
              "f.seq <= ?4 AND f.seq >= u.since AND instr(',' || u.kinds || ',', ',' "
              "|| f.kind || ',') > 0 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE "
              "o.uplink = ?1 AND o.seq = f.seq)"),
    [COUNT_MARK] = TALLY("FROM outbox o CROSS JOIN facts f ON f.seq = o.seq WHERE o.uplink = ?1 "
                         "AND f.kind <> 'bay_changed' "
                         "AND o.seq = ?3 AND o.seq <= ?4"),
    [PASSED] = "SELECT through FROM uplink WHERE name = ?1 AND since = ?2",
    [SAVE] = "INSERT INTO uplink(name, kinds, since, through, delivered, base_seq, base_due) "
             "VALUES(?1, ?3, ?2, ?4, ?5, ?2 - 1, 0) ON CONFLICT DO UPDATE SET "
             "base_seq = iif(since = excluded.since, base_seq, excluded.base_seq), "
             "base_due = iif(since = excluded.since, base_due, 0), "
             "kinds = excluded.kinds, since = excluded.since, through = excluded.through, "
             "delivered = excluded.delivered",
    [SET_MARK] = "INSERT INTO outbox(uplink, seq, state, attempts, reason) "
                 "VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET state = excluded.state, "
                 "attempts = excluded.attempts, reason = excluded.reason",
    [CLEAR_MARK] = "DELETE FROM outbox WHERE uplink = ?1 AND seq = ?2",
    [END_UPLOADS] = "DELETE FROM upload WHERE uplink = ?1",
    [END_MARKS] = "DELETE FROM outbox WHERE uplink = ?1",
    [END] = "DELETE FROM uplink WHERE name = ?1",
};

struct delivery {
    struct statement *statements[STATEMENTS];
};

struct delivery *delivery_create(struct sql *sql, struct err *err)
{
    struct delivery *delivery = memory_new(1, sizeof *delivery);

    for (int i = 0; i < STATEMENTS; i++) {
        delivery->statements[i] = sql_prepare(sql, texts[i], err);
        if (!delivery->statements[i]) {
            delivery_destroy(delivery);
            return NULL;
        }
    }
    return delivery;
}

void delivery_destroy(struct delivery *delivery)
{
    if (!delivery)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sql_finalize(delivery->statements[i]);
    free(delivery);
}

/* Kinds are written by name: their numbers may differ from version to version. */
static void write_kinds(uint32_t kinds, struct text *out)
{
    for (int kind = 0; kind < RECORD_KINDS; kind++)
        if (kinds >> kind & 1)
            text_add(out, "%s%s", out->used ? "," : "", record_kind_name((enum record_kind)kind));
}

static uint32_t read_kinds(const char *names)
{
    uint32_t kinds = 0;
    char list[512];
    char *rest;

    text_copy(list, sizeof list, names);
    for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        enum record_kind kind;
        if (record_kind_parse(name, &kind))
            kinds |= UINT32_C(1) << kind;
    }
    return kinds;
}

/* A progress while it is saved. */
struct saving {
    struct delivery *delivery;
    const struct outbox_progress *progress;
    int64_t passed; /* its watermark before; -1: a new account */
    utc_ms now;
};

static bool count(const struct saving *saving, int statement, int64_t from, int64_t to,
                  struct err *err)
{
    struct statement *tally = saving->delivery->statements[statement];
    const char *uplink = saving->progress->uplink;

    sql_bind_text(tally, 1, uplink, strlen(uplink));
    sql_bind_int(tally, 2, saving->now.ms);
    sql_bind_int(tally, 3, from);
    sql_bind_int(tally, 4, to);
    return sql_do(tally, err);
}

static bool save_mark(const struct saving *saving, const struct outbox_mark *mark, struct err *err)
{
    bool clear = mark->state == OUTBOX_DELIVERED;
    struct statement *statement = saving->delivery->statements[clear ? CLEAR_MARK : SET_MARK];
    const char *uplink = saving->progress->uplink;

    assert((size_t)mark->state < sizeof state_names / sizeof *state_names);
    if (clear && !count(saving, COUNT_MARK, (int64_t)mark->seq, saving->passed, err))
        return false;
    sql_bind_text(statement, 1, uplink, strlen(uplink));
    sql_bind_int(statement, 2, (int64_t)mark->seq);
    if (!clear) {
        const char *state = state_names[mark->state];
        sql_bind_text(statement, 3, state, strlen(state));
        sql_bind_int(statement, 4, mark->attempts);
        sql_bind_text(statement, 5, mark->reason, strlen(mark->reason));
    }
    return sql_do(statement, err);
}

/* What was accepted since the last time, by the time that it took. */
static bool read_passed(struct saving *saving, struct err *err)
{
    struct statement *passed = saving->delivery->statements[PASSED];
    const char *uplink = saving->progress->uplink;

    sql_bind_text(passed, 1, uplink, strlen(uplink));
    sql_bind_int(passed, 2, (int64_t)saving->progress->since);
    enum sql_step step = sql_step(passed, err);
    saving->passed = step == SQL_ROW ? sql_int(passed, 0) : -1;
    sql_reset(passed);
    return step != SQL_FAILED;
}

static bool end_account(struct delivery *delivery, const char *uplink, struct err *err)
{
    struct statement *marks = delivery->statements[END_MARKS];
    struct statement *uploads = delivery->statements[END_UPLOADS];
    struct statement *account = delivery->statements[END];

    sql_bind_text(marks, 1, uplink, strlen(uplink));
    sql_bind_text(uploads, 1, uplink, strlen(uplink));
    sql_bind_text(account, 1, uplink, strlen(uplink));
    return sql_do(marks, err) && sql_do(uploads, err) && sql_do(account, err);
}

static bool save_account(struct delivery *delivery, const struct outbox_progress *progress,
                         struct err *err)
{
    struct statement *forget = delivery->statements[FORGET_DROPPED];
    struct statement *save = delivery->statements[SAVE];
    size_t name = strlen(progress->uplink);
    char bytes[512];
    struct text kinds;

    text_init(&kinds, bytes, sizeof bytes);
    write_kinds(progress->kinds, &kinds);
    assert(!kinds.overflow);
    sql_bind_text(forget, 1, progress->uplink, name);
    sql_bind_int(forget, 2, (int64_t)progress->since);
    sql_bind_text(save, 1, progress->uplink, name);
    sql_bind_int(save, 2, (int64_t)progress->since);
    sql_bind_text(save, 3, kinds.bytes, kinds.used);
    sql_bind_int(save, 4, (int64_t)progress->through);
    sql_bind_int(save, 5, (int64_t)progress->delivered);
    return sql_do(forget, err) && sql_do(save, err);
}

bool delivery_save(struct delivery *delivery, const struct outbox_progress *progress,
                   struct err *err)
{
    struct saving saving = {.delivery = delivery, .progress = progress, .now = clock_utc()};

    if (!progress->since)
        return end_account(delivery, progress->uplink, err);
    if (!read_passed(&saving, err) || !save_account(delivery, progress, err))
        return false;
    for (size_t i = 0; i < progress->marks_count; i++)
        if (!save_mark(&saving, &progress->marks[i], err))
            return false;
    return saving.passed < 0 ||
           count(&saving, COUNT_PASSED, saving.passed, (int64_t)progress->through, err);
}

static void read_mark(const struct statement *statement, struct outbox_mark *ret)
{
    const char *state = sql_text(statement, 1, NULL);

    *ret = (struct outbox_mark){.seq = (uint64_t)sql_int(statement, 0),
                                .attempts = (uint32_t)sql_int(statement, 2)};
    for (size_t i = 0; i < sizeof state_names / sizeof *state_names; i++)
        if (!strcmp(state, state_names[i]))
            ret->state = (enum outbox_state)i;
    text_copy(ret->reason, sizeof ret->reason, sql_text(statement, 3, NULL));
}

static bool load_marks(struct sql *sql, const char *uplink, struct outbox_progress *ret,
                       struct err *err)
{
    struct statement *select =
        sql_prepare(sql,
                    "SELECT seq, state, attempts, reason FROM outbox WHERE uplink = ?1 "
                    "ORDER BY seq",
                    err);
    enum sql_step step;
    size_t room = 0;

    if (!select)
        return false;
    sql_bind_text(select, 1, uplink, strlen(uplink));
    while ((step = sql_step(select, err)) == SQL_ROW) {
        if (ret->marks_count == room) {
            room = room ? 2 * room : 16;
            ret->marks = memory_grow(ret->marks, room, sizeof *ret->marks);
        }
        read_mark(select, &ret->marks[ret->marks_count++]);
    }
    sql_finalize(select);
    return step == SQL_END;
}

bool delivery_load(struct sql *sql, const char *uplink, struct outbox_progress *ret,
                   bool *ret_known, struct err *err)
{
    struct outbox_progress found = {.kinds = 0};
    struct statement *select = sql_prepare(
        sql, "SELECT kinds, since, through, delivered FROM uplink WHERE name = ?1", err);

    if (!select)
        return false;
    sql_bind_text(select, 1, uplink, strlen(uplink));
    enum sql_step step = sql_step(select, err);
    if (step == SQL_ROW) {
        found.kinds = read_kinds(sql_text(select, 0, NULL));
        found.since = (uint64_t)sql_int(select, 1);
        found.through = (uint64_t)sql_int(select, 2);
        found.delivered = (uint64_t)sql_int(select, 3);
    }
    sql_finalize(select);
    if (step == SQL_FAILED)
        return false;
    if (step == SQL_END) {
        *ret_known = false;
        return true;
    }
    text_copy(found.uplink, sizeof found.uplink, uplink);
    if (!load_marks(sql, uplink, &found, err)) {
        free(found.marks);
        return false;
    }
    *ret = found;
    *ret_known = true;
    return true;
}

bool delivery_each(struct sql *sql, store_uplink_fn *fn, void *arg, struct err *err)
{
    struct statement *select = sql_prepare(sql, "SELECT name FROM uplink ORDER BY name", err);
    enum sql_step step;

    if (!select)
        return false;
    while ((step = sql_step(select, err)) == SQL_ROW)
        fn(arg, sql_text(select, 0, NULL));
    sql_finalize(select);
    return step == SQL_END;
}

bool delivery_undelivered(struct sql *sql, const char *uplink, uint64_t *ret, utc_ms *ret_from,
                          struct err *err)
{
    struct statement *select = sql_prepare(
        sql,
        "SELECT count(*), coalesce(min(at_ms), 0) FROM ("
        "SELECT at_ms FROM uplink JOIN journal ON seq > through AND " DELIVERY_TAKES
        " WHERE name = ?1 AND seq NOT IN (SELECT seq FROM outbox WHERE uplink = ?1) UNION ALL "
        "SELECT at_ms FROM outbox JOIN facts USING(seq) WHERE uplink = ?1 AND state <> 'dropped')",
        err);

    if (!select)
        return false;
    sql_bind_text(select, 1, uplink, strlen(uplink));
    bool good = sql_step(select, err) == SQL_ROW;
    if (good) {
        *ret = (uint64_t)sql_int(select, 0);
        ret_from->ms = sql_int(select, 1);
    }
    sql_finalize(select);
    return good;
}

bool delivery_floor(struct sql *sql, int64_t *ret, struct err *err)
{
    return sql_number(sql, "SELECT coalesce(min(through), 9223372036854775807) FROM uplink", ret,
                      err);
}

bool delivery_count(struct sql *sql, uint64_t through, struct err *err)
{
    struct statement *update =
        sql_prepare(sql,
                    "UPDATE uplink SET base_due = base_due + (SELECT count(*) FROM journal WHERE "
                    "seq > base_seq AND seq <= ?1 AND " DELIVERY_TAKES "), base_seq = ?1 "
                    "WHERE base_seq < ?1",
                    err);

    if (!update)
        return false;
    sql_bind_int(update, 1, (int64_t)through);
    bool good = sql_do(update, err);
    sql_finalize(update);
    struct statement *old =
        good ? sql_prepare(sql,
                           "DELETE FROM upload WHERE quarter < (SELECT at_ms FROM journal WHERE "
                           "seq = ?1) - 86400000",
                           err)
             : NULL;
    if (!old)
        return false;
    sql_bind_int(old, 1, (int64_t)through);
    good = sql_do(old, err);
    sql_finalize(old);
    return good;
}
