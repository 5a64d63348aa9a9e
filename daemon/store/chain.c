/* The hash chain. See chain.h. */
#include "daemon/store/chain.h"

#include <inttypes.h>
#include <string.h>

static void big_endian(uint64_t value, uint8_t ret[8])
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        ret[i] = (uint8_t)value;
}

struct hash chain_genesis(const char *genesis)
{
    return crypto_sha256(&(struct crypto_part){genesis, strlen(genesis)}, 1);
}

struct hash chain_next(const struct hash *before, const struct store_row *row, const char *kind)
{
    uint8_t seq[8], at[8];

    big_endian(row->seq, seq);
    big_endian((uint64_t)row->at.ms, at);
    const struct crypto_part parts[] = {
        {before->bytes, sizeof before->bytes},
        {seq, sizeof seq},
        {at, sizeof at},
        {kind, strlen(kind) + 1}, /* its NUL keeps kind and body apart */
        {row->body, row->body_size},
    };
    return crypto_sha256(parts, sizeof parts / sizeof *parts);
}

void chain_id(const struct hash *hash, char ret[RECORD_ID_SIZE])
{
    crypto_hex(hash->bytes, (RECORD_ID_SIZE - 1) / 2, ret);
}

bool chain_hash(const struct statement *statement, int column, struct hash *ret)
{
    size_t size;
    const void *bytes = sql_blob(statement, column, &size);

    if (size != sizeof ret->bytes)
        return false;
    memcpy(ret->bytes, bytes, size);
    return true;
}

static void get(const struct statement *statement, struct store_row *ret)
{
    ret->seq = (uint64_t)sql_int(statement, 0);
    ret->at.ms = sql_int(statement, 1);
    ret->body = sql_text(statement, 3, &ret->body_size);
}

bool chain_row(const struct statement *statement, struct store_row *ret, struct err *err)
{
    struct hash hash;

    get(statement, ret);
    if (!record_kind_parse(sql_text(statement, 2, NULL), &ret->kind))
        return err_set(err,
                       "record %" PRIu64 ": this version does not know the kind \"%.40s\"; use the "
                       "version that wrote it",
                       ret->seq, sql_text(statement, 2, NULL));
    if (!chain_hash(statement, 4, &hash))
        return err_set(err, "record %" PRIu64 ": its hash is damaged; run parkctl audit", ret->seq);
    chain_id(&hash, ret->id);
    return true;
}

static bool follow_one(const struct statement *statement, struct chain *at, struct err *err)
{
    struct store_row row;
    struct hash stored;

    get(statement, &row);
    if (row.seq != at->seq + 1)
        return err_set(err, "record %" PRIu64 " is missing: after %" PRIu64 " comes %" PRIu64,
                       at->seq + 1, at->seq, row.seq);
    struct hash hash = chain_next(&at->hash, &row, sql_text(statement, 2, NULL));
    if (!chain_hash(statement, 4, &stored) || memcmp(&hash, &stored, sizeof hash))
        return err_set(err, "record %" PRIu64 " is not as it was written", row.seq);
    *at = (struct chain){row.seq, hash};
    return true;
}

static bool held_one(const struct statement *statement, struct err *err)
{
    struct store_row row;
    struct hash before, stored, hash;

    get(statement, &row);
    if (chain_hash(statement, 4, &stored) && chain_hash(statement, 5, &before)) {
        hash = chain_next(&before, &row, sql_text(statement, 2, NULL));
        if (!memcmp(&hash, &stored, sizeof hash))
            return true;
    }
    return err_set(err, "held record %" PRIu64 " is not as it was written", row.seq);
}

bool chain_held(struct sql *sql, uint64_t *ret_count, struct err *err)
{
    struct statement *statement =
        sql_prepare(sql, "SELECT seq, at_ms, kind, body, hash, before FROM held ORDER BY seq", err);
    enum sql_step step;
    uint64_t count = 0;
    bool good = true;

    if (!statement)
        return false;
    while (good && (step = sql_step(statement, err)) != SQL_END) {
        good = step == SQL_ROW && held_one(statement, err);
        count++;
    }
    sql_finalize(statement);
    if (good)
        *ret_count = count;
    return good;
}

bool chain_follow(struct sql *sql, struct chain *at, uint64_t limit, struct err *err)
{
    struct statement *statement = sql_prepare(sql,
                                              "SELECT seq, at_ms, kind, body, hash FROM journal "
                                              "WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                                              err);
    enum sql_step step;
    bool good = true;

    if (!statement)
        return false;
    sql_bind_int(statement, 1, (int64_t)at->seq);
    sql_bind_int(statement, 2, (int64_t)limit);
    while (good && (step = sql_step(statement, err)) != SQL_END)
        good = step == SQL_ROW && follow_one(statement, at, err);
    sql_finalize(statement);
    return good;
}
