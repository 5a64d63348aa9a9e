/* Reading: the journal, the latest of each thing, an uplink's delivery state. See store.h. */
#include "daemon/store/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/inside.h"
#include "daemon/store/projections.h"
#include "daemon/store/projections_stay.h"

bool store_tell(struct store *store, struct statement *query, store_row_fn *fn, void *arg,
                struct err *err)
{
    enum sql_step step;

    while ((step = sql_step(query, err)) == SQL_ROW) {
        struct store_row row;

        if (!chain_row(query, &row, err) || !plates_show(store->plates, &row, err)) {
            sql_reset(query);
            return false;
        }
        if (!fn(arg, &row)) {
            sql_reset(query);
            return true;
        }
    }
    return step == SQL_END;
}

bool store_read(struct store *store, uint64_t from, size_t limit, store_row_fn *fn, void *arg,
                struct err *err)
{
    sql_bind_int(store->read, 1, (int64_t)from);
    sql_bind_int(store->read, 2, (int64_t)limit);
    return store_tell(store, store->read, fn, arg, err);
}

bool store_of_kind(struct store *store, enum record_kind kind, store_row_fn *fn, void *arg,
                   struct err *err)
{
    struct statement *query = sql_prepare(
        store->sql, "SELECT seq, at_ms, kind, body, hash FROM facts WHERE kind = ?1 ORDER BY seq",
        err);

    if (!query)
        return false;
    sql_bind_text(query, 1, record_kind_name(kind), strlen(record_kind_name(kind)));
    bool good = store_tell(store, query, fn, arg, err);
    sql_finalize(query);
    return good;
}

/* What to ask the projections, with ?1 where it says so. */
struct question {
    const char *text;
    const int64_t *first;
};

static bool answer(struct store *store, const struct question *question, store_row_fn *fn,
                   void *arg, struct err *err)
{
    struct statement *query = sql_prepare(store->sql, question->text, err);

    if (!query)
        return false;
    if (question->first)
        sql_bind_int(query, 1, *question->first);
    bool good = store_tell(store, query, fn, arg, err);
    sql_finalize(query);
    return good;
}

static bool ask(struct store *store, const struct question *question, store_row_fn *fn, void *arg,
                struct err *err)
{
    if (store->mode == STORE_WRITE)
        return store_catch_up(store, err) && answer(store, question, fn, arg, err);
    bool good = sql_run(store->sql, "BEGIN", err) && projections_follow(store->sql, err) &&
                answer(store, question, fn, arg, err);
    sql_rollback(store->sql); /* takes the copies away, too */
    return good;
}

bool store_latest(struct store *store, enum record_kind kind, store_row_fn *fn, void *arg,
                  struct err *err)
{
    struct question question = {.text = projections_latest(kind)};

    assert(question.text); /* else there is no such thing as the latest */
    return ask(store, &question, fn, arg, err);
}

bool store_standing(struct store *store, utc_ms since, store_row_fn *fn, void *arg, struct err *err)
{
    struct question question = {.text = projection_standing, .first = &since.ms};

    return ask(store, &question, fn, arg, err);
}

bool store_uplinks(struct store *store, store_uplink_fn *fn, void *arg, struct err *err)
{
    return delivery_each(store->sql, fn, arg, err);
}

bool store_undelivered(struct store *store, const char *uplink, uint64_t *ret, utc_ms *ret_from,
                       struct err *err)
{
    return delivery_undelivered(store->sql, uplink, ret, ret_from, err);
}

static bool enter(struct store *store, void *arg, struct err *err)
{
    return delivery_save(store->delivery, arg, err);
}

bool store_progress(struct store *store, const char *uplink, struct outbox_progress *ret,
                    struct err *err)
{
    bool known;

    if (!delivery_load(store->sql, uplink, ret, &known, err))
        return false;
    if (known)
        return true;
    /* Entered at once: whatever comes from now on is due, also when we stop before it tells us. */
    struct outbox_progress fresh = {.since = store->head.seq + 1, .through = store->head.seq};
    text_copy(fresh.uplink, sizeof fresh.uplink, uplink);
    if (store->mode == STORE_WRITE && !store_transact(store, enter, &fresh, err))
        return false;
    *ret = fresh;
    return true;
}
