/* Delivery state. See delivery.h. */
#include "daemon/store/delivery.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

static const char *const state_names[] = {
    [OUTBOX_DELIVERED] = "delivered",
    [OUTBOX_RETRY] = "retry",
    [OUTBOX_DEAD] = "dead",
    [OUTBOX_DROPPED] = "dropped",
};

enum { FORGET_DROPPED, SAVE, SET_MARK, CLEAR_MARK, END_MARKS, END, STATEMENTS };

static const char *const texts[STATEMENTS] = {
    /* A new account: what was given up belongs to the one before. */
    [FORGET_DROPPED] = "DELETE FROM outbox WHERE uplink = ?1 AND state = 'dropped' AND seq < ?2",
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

static bool save_mark(struct delivery *delivery, const char *uplink, const struct outbox_mark *mark,
                      struct err *err)
{
    bool clear = mark->state == OUTBOX_DELIVERED;
    struct statement *statement = delivery->statements[clear ? CLEAR_MARK : SET_MARK];

    assert((size_t)mark->state < sizeof state_names / sizeof *state_names);
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

static bool end_account(struct delivery *delivery, const char *uplink, struct err *err)
{
    struct statement *marks = delivery->statements[END_MARKS];
    struct statement *account = delivery->statements[END];

    sql_bind_text(marks, 1, uplink, strlen(uplink));
    sql_bind_text(account, 1, uplink, strlen(uplink));
    return sql_do(marks, err) && sql_do(account, err);
}

bool delivery_save(struct delivery *delivery, const struct outbox_progress *progress,
                   struct err *err)
{
    struct statement *forget = delivery->statements[FORGET_DROPPED];
    struct statement *save = delivery->statements[SAVE];
    size_t name = strlen(progress->uplink);
    char bytes[512];
    struct text kinds;

    if (!progress->since)
        return end_account(delivery, progress->uplink, err);
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
    if (!sql_do(forget, err) || !sql_do(save, err))
        return false;
    for (size_t i = 0; i < progress->marks_count; i++)
        if (!save_mark(delivery, progress->uplink, &progress->marks[i], err))
            return false;
    return true;
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
    return good;
}
