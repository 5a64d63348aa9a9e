/* Stays for people. See store_stays.h. */
#include "daemon/store/store_stays.h"

#include <assert.h>
#include <string.h>

#include "daemon/store/inside.h"
#include "daemon/store/projections.h"

static void bind(struct statement *query, int at, const char *text)
{
    const char *bytes = text ? text : "";

    sql_bind_text(query, at, bytes, strlen(bytes));
}

static struct store_stay read_stay(const struct statement *row)
{
    const char *state = sql_text(row, 6, NULL);

    return (struct store_stay){
        .id = sql_text(row, 0, NULL),
        .lot = sql_text(row, 1, NULL),
        .bay = sql_text(row, 2, NULL),
        .plate = sql_text(row, 3, NULL),
        .class = sql_text(row, 4, NULL),
        .kind = sql_text(row, 5, NULL),
        .state = state,
        .entered = {sql_int(row, 7)},
        .left = {sql_int(row, 8)},
        .open = !strcmp(state, "open"),
        .receivable_fen = sql_int(row, 9),
        .relief_fen = sql_int(row, 10),
        .payable_fen = sql_int(row, 11),
        .received_fen = sql_int(row, 12),
        .refunded_fen = sql_int(row, 13),
        .owes_fen = sql_int(row, 14),
    };
}

static bool tell_stays(struct store *store, const struct store_stay_filter *filter,
                       store_stay_fn *fn, void *arg, struct err *err)
{
    struct statement *query =
        sql_prepare(store->sql,
                    "SELECT stay, lot, bay, plate, class, kind, state, entered_ms, left_ms, "
                    "receivable_fen, relief_fen, payable_fen, received_fen, refunded_fen, owes_fen "
                    "FROM stay WHERE (?1 = '' OR lot = ?1) AND "
                    "(?2 = '' OR state = ?2 OR (?2 = 'owes' AND owes_fen > 0)) "
                    "ORDER BY entered_ms DESC, stay DESC",
                    err);
    enum sql_step step;

    if (!query)
        return false;
    bind(query, 1, filter->lot);
    bind(query, 2, filter->state);
    while ((step = sql_step(query, err)) == SQL_ROW) {
        struct store_stay stay = read_stay(query);

        if (!plates_resolve(store->plates, stay.plate, &stay.plate, err)) {
            step = SQL_FAILED;
            break;
        }
        if (filter->plate && strcmp(filter->plate, stay.plate) != 0)
            continue; /* one plate has many tokens */
        if (!fn(arg, &stay))
            break;
    }
    sql_finalize(query);
    return step != SQL_FAILED;
}

bool store_stays(struct store *store, const struct store_stay_filter *filter, store_stay_fn *fn,
                 void *arg, struct err *err)
{
    assert(store->mode == STORE_READ);
    bool good = sql_run(store->sql, "BEGIN", err) && projections_follow(store->sql, err) &&
                tell_stays(store, filter, fn, arg, err);
    sql_rollback(store->sql);
    return good;
}

static bool tell_records(struct store *store, const char *stay, store_row_fn *fn, void *arg,
                         struct err *err)
{
    struct statement *query =
        sql_prepare(store->sql,
                    "SELECT f.seq, f.at_ms, f.kind, f.body, f.hash FROM stay_fact s "
                    "CROSS JOIN facts f ON f.seq = s.seq WHERE s.stay = ?1 ORDER BY s.seq",
                    err);

    if (!query)
        return false;
    bind(query, 1, stay);
    bool good = store_tell(store, query, fn, arg, err);
    sql_finalize(query);
    return good;
}

bool store_stay_records(struct store *store, const char *stay, store_row_fn *fn, void *arg,
                        struct err *err)
{
    assert(store->mode == STORE_READ);
    bool good = sql_run(store->sql, "BEGIN", err) && projections_follow(store->sql, err) &&
                tell_records(store, stay, fn, arg, err);
    sql_rollback(store->sql);
    return good;
}
