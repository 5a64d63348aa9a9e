/* Plates as tokens, and back. See plates.h. */
#include "daemon/store/plates.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/store/delivery.h"

enum {
    TOKEN_BYTES = (PLATE_TOKEN_SIZE - 2) / 2,
    ESCAPED_MAX = 6 * PLATE_SIZE, /* a plate as JSON has it */
    SEALED_MAX = ESCAPED_MAX + CRYPTO_SEAL_OVERHEAD
};

struct plates {
    struct sql *sql;
    struct keys *keys;
    struct statement *find, *insert, *moved;
    struct statement *plain; /* NULL: no list has a plate of before there were tokens */
    char body[PLATE_BODY_SIZE + 2 * ESCAPED_MAX];
    char plate[ESCAPED_MAX + 1];
};

/* A plate that came onto a list by its own name has to come off it by that. */
static bool look_for_plain(struct plates *plates, struct err *err)
{
    static const char lists[] = "SELECT EXISTS (SELECT 1 FROM facts WHERE kind = 'list' AND kind "
                                "<> 'bay_changed' AND NOT instr(body, ',\"plate\":\"~'))";
    static const char of_plate[] =
        "SELECT 1 FROM facts WHERE kind = 'list' AND kind <> 'bay_changed' AND instr(body, "
        "',\"plate\":\"' || CAST(?1 AS TEXT) || '\"') LIMIT 1";
    int64_t any;

    if (!sql_number(plates->sql, lists, &any, err))
        return false;
    if (any)
        plates->plain = sql_prepare(plates->sql, of_plate, err);
    return !any || plates->plain;
}

struct plates *plates_create(struct sql *sql, struct keys *keys, bool writes, struct err *err)
{
    struct plates *plates = memory_new(1, sizeof *plates);

    plates->sql = sql;
    plates->keys = keys;
    plates->find = sql_prepare(sql, "SELECT epoch, sealed FROM plate WHERE token = ?1", err);
    if (writes) {
        plates->insert = sql_prepare(
            sql, "INSERT OR IGNORE INTO plate(token, epoch, moved, sealed) VALUES(?1, ?2, 0, ?3)",
            err);
        plates->moved =
            sql_prepare(sql, "SELECT token, epoch, sealed FROM plate WHERE moved = 1", err);
    }
    if (plates->find &&
        (!writes || (plates->insert && plates->moved && look_for_plain(plates, err))))
        return plates;
    plates_destroy(plates);
    return NULL;
}

void plates_destroy(struct plates *plates)
{
    if (!plates)
        return;
    sql_finalize(plates->plain);
    sql_finalize(plates->moved);
    sql_finalize(plates->insert);
    sql_finalize(plates->find);
    crypto_wipe(plates, sizeof *plates);
    free(plates);
}

/* The next value of a plate's key at or behind `from`. Within a text of canonical JSON a quote has
 * a backslash before it, so that `,"plate` stands nowhere but before a key. */
static bool find_value(const char *from, const char *end, const char **ret_value,
                       const char **ret_end)
{
    static const char start[] = ",\"plate", plain[] = "\":\"", was[] = "_was\":\"";
    const char *at;

    while ((at = memmem(from, (size_t)(end - from), start, sizeof start - 1))) {
        from = at + sizeof start - 1;
        if ((size_t)(end - from) > sizeof plain && !memcmp(from, plain, sizeof plain - 1))
            at = from + sizeof plain - 1;
        else if ((size_t)(end - from) > sizeof was && !memcmp(from, was, sizeof was - 1))
            at = from + sizeof was - 1;
        else
            continue;
        *ret_value = at;
        while (at < end && *at != '"')
            at += *at == '\\' ? 2 : 1;
        *ret_end = at < end ? at : end;
        return at < end;
    }
    return false;
}

static void token_of(const struct key_epoch *epoch, const struct crypto_part *plate,
                     char ret[PLATE_TOKEN_SIZE])
{
    struct key key = crypto_derive(&epoch->key, "parkd plate token");
    struct hash hash = crypto_hmac(&key, plate, 1);

    ret[0] = '~';
    crypto_hex(hash.bytes, TOKEN_BYTES, ret + 1);
    crypto_wipe(&key, sizeof key);
}

static bool unseal(const struct plates *plates, const char *token, const struct statement *row,
                   int column, char ret[ESCAPED_MAX + 1])
{
    struct crypto_part sealed, bound = {token, strlen(token)};
    const struct key_epoch *epoch = keys_epoch(plates->keys, (uint64_t)sql_int(row, column));
    size_t size;

    sealed.bytes = sql_blob(row, column + 1, &sealed.size);
    if (!epoch || sealed.size > SEALED_MAX)
        return false;
    struct key key = crypto_derive(&epoch->key, "parkd plate seal");
    bool good = crypto_open(&key, &sealed, &bound, ret, &size);
    crypto_wipe(&key, sizeof key);
    if (good)
        ret[size] = '\0';
    return good;
}

static size_t seal(const struct key_epoch *epoch, const struct crypto_part *plate,
                   const char *token, uint8_t ret[SEALED_MAX])
{
    struct key key = crypto_derive(&epoch->key, "parkd plate seal");
    size_t size = crypto_seal(&key, plate, &(struct crypto_part){token, strlen(token)}, ret);

    crypto_wipe(&key, sizeof key);
    return size;
}

/* Whether the table has it. */
static bool is_known(struct plates *plates, const char *token, bool *ret, struct err *err)
{
    sql_bind_text(plates->find, 1, token, strlen(token));
    enum sql_step step = sql_step(plates->find, err);
    sql_reset(plates->find);
    *ret = step == SQL_ROW;
    return step != SQL_FAILED;
}

static bool is_plain(struct plates *plates, const struct store_row *row, bool *ret, struct err *err)
{
    const char *plate = NULL, *end = NULL;

    *ret = false;
    if (!plates->plain || row->kind != RECORD_LIST)
        return true;
    bool has = find_value(row->body, row->body + row->body_size, &plate, &end);
    assert(has); /* every record of a list has one, be it empty */
    (void)has;
    sql_bind_text(plates->plain, 1, plate, (size_t)(end - plate));
    enum sql_step step = sql_step(plates->plain, err);
    sql_reset(plates->plain);
    *ret = step == SQL_ROW;
    return step != SQL_FAILED;
}

/* Under the key of each epoch that there is, and else among those whose key is gone. */
static bool find_kept(struct plates *plates, const struct crypto_part *plate, char *ret_token,
                      bool *ret_found, struct err *err)
{
    enum sql_step step;
    char text[ESCAPED_MAX + 1];

    *ret_found = false;
    for (uint64_t i = 0; i < plates->keys->epochs_count && !*ret_found; i++) {
        token_of(&plates->keys->epochs[i], plate, ret_token);
        if (!is_known(plates, ret_token, ret_found, err))
            return false;
    }
    if (*ret_found)
        return true;
    while ((step = sql_step(plates->moved, err)) == SQL_ROW && !*ret_found) {
        const char *token = sql_text(plates->moved, 0, NULL);

        if (strlen(token) < PLATE_TOKEN_SIZE && unseal(plates, token, plates->moved, 1, text) &&
            strlen(text) == plate->size && !memcmp(text, plate->bytes, plate->size)) {
            strcpy(ret_token, token);
            *ret_found = true;
        }
    }
    sql_reset(plates->moved);
    return step != SQL_FAILED;
}

static bool insert(struct plates *plates, const struct key_epoch *epoch, const char *token,
                   const struct crypto_part *plate, struct err *err)
{
    uint8_t sealed[SEALED_MAX];
    size_t size = seal(epoch, plate, token, sealed);

    sql_bind_text(plates->insert, 1, token, strlen(token));
    sql_bind_int(plates->insert, 2, (int64_t)epoch->id);
    sql_bind_blob(plates->insert, 3, sealed, size);
    return sql_do(plates->insert, err);
}

static bool hide_one(struct plates *plates, const struct store_row *row,
                     const struct crypto_part *plate, char *ret_token, struct err *err)
{
    const struct key_epoch *epoch;
    bool found = false;

    if (row->kind == RECORD_LIST && !find_kept(plates, plate, ret_token, &found, err))
        return false;
    if (found)
        return true;
    if (!keys_epoch_for(plates->keys, row->at, &epoch, err))
        return false;
    token_of(epoch, plate, ret_token);
    return insert(plates, epoch, ret_token, plate, err);
}

bool plates_hide(struct plates *plates, const struct store_row *row, struct store_row *ret,
                 struct err *err)
{
    const char *from = row->body, *end = row->body + row->body_size, *value, *value_end;
    size_t used = 0;
    bool plain;

    *ret = *row;
    if (!is_plain(plates, row, &plain, err))
        return false;
    while (!plain && find_value(from, end, &value, &value_end)) {
        struct crypto_part plate = {value, (size_t)(value_end - value)};
        char token[PLATE_TOKEN_SIZE] = "";

        assert(plate.size <= ESCAPED_MAX);
        if (plate.size && !hide_one(plates, row, &plate, token, err))
            return false;
        size_t before = (size_t)(value - from);
        assert(used + before + sizeof token < sizeof plates->body);
        memcpy(plates->body + used, from, before);
        memcpy(plates->body + used + before, token, strlen(token));
        used += before + strlen(token);
        from = value_end;
    }
    if (from == row->body)
        return true;
    assert(used + (size_t)(end - from) < sizeof plates->body);
    memcpy(plates->body + used, from, (size_t)(end - from));
    ret->body = plates->body;
    ret->body_size = used + (size_t)(end - from);
    plates->body[ret->body_size] = '\0';
    return true;
}

bool plates_resolve(struct plates *plates, const char *text, const char **ret, struct err *err)
{
    size_t size = strlen(text);

    *ret = text;
    if (*text != '~' || size != PLATE_TOKEN_SIZE - 1)
        return true;
    sql_bind_text(plates->find, 1, text, size);
    enum sql_step step = sql_step(plates->find, err);
    if (step == SQL_ROW && unseal(plates, text, plates->find, 0, plates->plate))
        *ret = plates->plate;
    sql_reset(plates->find);
    return step != SQL_FAILED;
}

bool plates_show(struct plates *plates, struct store_row *row, struct err *err)
{
    const char *from = row->body, *end = row->body + row->body_size, *value, *value_end;
    size_t used = 0;

    if (row->body_size > PLATE_BODY_SIZE) /* no record of ours; told as it is */
        return true;
    while (find_value(from, end, &value, &value_end)) {
        char token[PLATE_TOKEN_SIZE] = "";
        const char *plate = token;
        size_t size = (size_t)(value_end - value), before = (size_t)(value - from);

        if (size == sizeof token - 1) {
            memcpy(token, value, size);
            if (!plates_resolve(plates, token, &plate, err))
                return false;
            size = strlen(plate);
        } else {
            plate = value;
        }
        if (used + before + size + (size_t)(end - value_end) >= sizeof plates->body)
            return true;
        memcpy(plates->body + used, from, before);
        memcpy(plates->body + used + before, plate, size);
        used += before + size;
        from = value_end;
    }
    if (from == row->body)
        return true;
    memcpy(plates->body + used, from, (size_t)(end - from));
    row->body = plates->body;
    row->body_size = used + (size_t)(end - from);
    plates->body[row->body_size] = '\0';
    return true;
}

/* Marks those of the epoch that something still stands on. */
static const char mark_wanted[] =
    "WITH wanting AS (SELECT seq FROM latest WHERE kind = 'list' UNION SELECT stay_fact.seq FROM "
    "stay_fact JOIN stay USING(stay) WHERE stay.stands = 1 UNION SELECT seq FROM outbox WHERE "
    "state <> 'dropped' UNION SELECT seq FROM journal WHERE kind <> 'bay_changed' AND seq > ?2), "
    "fact AS MATERIALIZED (SELECT coalesce(j.body, h.body) AS body FROM wanting LEFT JOIN journal "
    "j ON j.seq = wanting.seq LEFT JOIN held h ON h.seq = wanting.seq) "
    "UPDATE plate SET moved = 2 WHERE epoch = ?1 AND token IN (SELECT body->>'plate' FROM fact "
    "UNION ALL SELECT body->>'plate_was' FROM fact)";

static bool run(struct sql *sql, const char *text, int64_t epoch, const int64_t *second,
                struct err *err)
{
    struct statement *statement = sql_prepare(sql, text, err);

    if (!statement)
        return false;
    sql_bind_int(statement, 1, epoch);
    if (second)
        sql_bind_int(statement, 2, *second);
    bool good = sql_do(statement, err);
    sql_finalize(statement);
    return good;
}

/* One that cannot be opened is lost whatever is done; its mark goes, and it with the epoch. */
static bool move_one(struct plates *plates, const struct statement *row, struct statement *update,
                     const struct key_epoch *newest, struct err *err)
{
    char token[PLATE_TOKEN_SIZE], text[ESCAPED_MAX + 1];
    uint8_t sealed[SEALED_MAX];
    size_t size = 0;

    text_copy(token, sizeof token, sql_text(row, 0, NULL));
    bool good = unseal(plates, token, row, 1, text);
    if (good)
        size = seal(newest, &(struct crypto_part){text, strlen(text)}, token, sealed);
    sql_bind_text(update, 1, token, strlen(token));
    sql_bind_int(update, 2, good ? (int64_t)newest->id : 0);
    sql_bind_blob(update, 3, sealed, size);
    crypto_wipe(text, sizeof text);
    return sql_do(update, err);
}

static bool move_wanted(struct plates *plates, uint64_t epoch, const struct key_epoch *newest,
                        struct err *err)
{
    struct statement *select = sql_prepare(
        plates->sql,
        "SELECT token, epoch, sealed FROM plate WHERE epoch = ?1 AND moved = 2 LIMIT 1", err);
    struct statement *update = sql_prepare(
        plates->sql, "UPDATE plate SET moved = 1, epoch = ?2, sealed = ?3 WHERE token = ?1", err);
    enum sql_step step = select && update ? SQL_ROW : SQL_FAILED;

    while (step == SQL_ROW) {
        sql_bind_int(select, 1, (int64_t)epoch);
        step = sql_step(select, err);
        if (step == SQL_ROW && !move_one(plates, select, update, newest, err))
            step = SQL_FAILED;
        sql_reset(select);
    }
    sql_finalize(update);
    sql_finalize(select);
    return step == SQL_END;
}

bool plates_erase(struct plates *plates, uint64_t epoch, const struct key_epoch *newest,
                  struct err *err)
{
    int64_t floor;

    return delivery_floor(plates->sql, &floor, err) &&
           run(plates->sql, mark_wanted, (int64_t)epoch, &floor, err) &&
           move_wanted(plates, epoch, newest, err) &&
           run(plates->sql, "DELETE FROM plate WHERE epoch IN (0, ?1)", (int64_t)epoch, NULL, err);
}
